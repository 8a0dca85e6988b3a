"""Zones' days as a spreadsheet reads them: a line a day, zone, kind and rule or role."""

from __future__ import annotations

import io
from collections.abc import Iterable
from csv import writer
from typing import Final

from config.phrase import Lang, Phrase
from config.roles import ROLES, Role
from config.rules import RuleId
from config.site import Site
from config.visible import in_a_cell
from supervisor.core.daily import COUNTED, Kind
from supervisor.store.days import ZoneDay
from supervisor.telling.words import rule_title

_HEAD: Final = (
    Phrase("day", "日期"), Phrase("zone", "区域"), Phrase("name", "名称"), Phrase("kind", "类别"), Phrase("what", "类别名称"),
    Phrase("rule or role", "规则或点类型"), Phrase("its name", "规则或点类型名称"), Phrase("value", "数值"), Phrase("unit", "单位"),
)  # fmt: skip
KINDS: Final[dict[str, Phrase]] = {
    Kind.WATCHED: Phrase("watched", "监测时长"),
    Kind.VIOLATION: Phrase("outside the rule", "不合规"),
    Kind.SET_BUT_OFF: Phrase("set outside the limit, unit off", "设定超限但停机"),
    Kind.BLOCKED: Phrase("kept off in opening hours", "开放时间内限制运行"),
    Kind.CORRECTION: Phrase("corrected", "已纠正"),
    Kind.EXCEPTION: Phrase("exceptions begun", "例外（起始次数）"),
    Kind.SUSPENDED: Phrase("rule suspended", "规则暂停"),
    Kind.OVERRIDE: Phrase("held by another master", "他人占用"),
    Kind.BY_HAND: Phrase("held by hand", "手动控制"),
}
_MINUTES: Final = Phrase("min", "分钟")
_TIMES: Final = Phrase("times", "次")
_RULES: Final = frozenset(RuleId)


def sheet(site: Site, rows: Iterable[ZoneDay], lang: Lang) -> str:
    """CSV with headings in a language; time in minutes, to the hundredth."""
    file = io.StringIO()
    out = writer(file, lineterminator="\r\n")
    out.writerow([heading.told(lang) for heading in _HEAD])
    for row in rows:
        zone, kind = site.zones.get(row.zone), KINDS.get(row.kind)
        counted = row.kind in COUNTED
        out.writerow([
            row.day, row.zone, in_a_cell(zone.name) if zone is not None else "", row.kind, kind.told(lang) if kind else "",
            row.what, named(row.what, lang), f"{row.value:.0f}" if counted else f"{row.value / 60:.2f}",
            (_TIMES if counted else _MINUTES).told(lang),
        ])  # fmt: skip
    return file.getvalue()


def named(what: str, lang: Lang) -> str:
    """A rule's title, or a role in words; empty for anything else."""
    if what in _RULES:
        return rule_title(RuleId(what), lang)
    if what in ROLES:
        return ROLES[Role(what)].meaning_zh if lang == "zh" else what.replace("_", " ")
    return ""
