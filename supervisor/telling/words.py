"""Words that the page and the console show, in Chinese and in English, and instants in the site's time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from config.phrase import Lang
from config.roles import ROLES, Role
from config.rules import RuleId
from schedules.time import Instant, clock
from supervisor.core.decisions import Because
from supervisor.core.rules import BY_ID
from supervisor.core.rules.common import At
from supervisor.telling.dictionary import WORDS

DASH = "—"
"""There is none; what is there but not known is shown as `?`."""


def word(key: str, lang: Lang) -> str:
    """The word for `key`; a key without an entry is shown as it is (ids and kinds of a newer daemon)."""
    known = WORDS.get(key)
    return key if known is None else known.told(lang)


def phrase(because: Because, zone: ZoneInfo, lang: Lang, now: Instant | None = None, own: str = "") -> str:
    """A reason in words: instants among its arguments as local time.

    Beside the zone `own`, that zone's points go without its id: `fcu/window`, 窗户.
    """
    args = tuple(_shown(arg, zone, lang, now, own) for arg in because.args)
    return because.form.told(lang).format(*args)


def _shown(arg: object, zone: ZoneInfo, lang: Lang, now: Instant | None, own: str) -> object:
    if isinstance(arg, At):
        return clock(float(arg), zone, now, never=DASH)
    if isinstance(arg, Because):
        return phrase(arg, zone, lang, now, own)
    if isinstance(arg, str) and own and arg.startswith(f"{own}/"):
        return _own_point(arg.removeprefix(f"{own}/"), lang)
    return arg


def _own_point(rest: str, lang: Lang) -> str:
    role = rest.rpartition("/")[2]
    if lang == "en" or role not in ROLES:
        return rest
    return word("window", lang) if role == Role.WINDOW else ROLES[Role(role)].meaning_zh


def duration(seconds: float, lang: Lang) -> str:
    """A length of time in its two largest units: `2 h 05 min`, `2 时 05 分`."""
    whole = max(0, round(seconds))
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    h, m, s = (" 时", " 分", " 秒") if lang == "zh" else (" h", " min", " s")
    if hours:
        return f"{hours:,}{h} {minute:02d}{m}"
    if minute:
        return f"{minute}{m} {second:02d}{s}"
    return f"{second}{s}"


def rule_title(rule: RuleId, lang: Lang) -> str:
    """The rule's title."""
    return BY_ID[rule].title.told(lang)


def rule_short(rule: str, lang: Lang) -> str:
    """A rule in a column: its id, in Chinese a few signs. What is no rule of ours stays as it is."""
    return _SHORT.get(rule, rule) if lang == "zh" else rule


_SHORT: Final[Mapping[str, str]] = {
    RuleId.FIRE_ALARM: "火警让位", RuleId.ESCAPE_ROUTE: "消防通道", RuleId.FREEZE_PROTECT: "防冻保护", RuleId.MIN_OFF: "停机保护",
    RuleId.MANUAL: "手动", RuleId.WINDOW_OFF: "开窗停机", RuleId.PRE_CLOSE_OFF: "下班停机", RuleId.LIGHTS_CLOSE: "下班关灯",
    RuleId.VACANCY_OFF: "无人关闭", RuleId.CORRIDOR_DELAY: "走廊延时", RuleId.MILD_SEASON_OFF: "春秋停用",
    RuleId.SUMMER_SETPOINT: "夏季限温", RuleId.WINTER_SETPOINT: "冬季限温", RuleId.PLUG_CLOSE: "插座断电", RuleId.BASE: "基本运行",
}  # fmt: skip
"""Rules as a narrow table names them."""


def point_short(point: str, lang: Lang) -> str:
    """What of a zone a point is, beside the zone's name: `lights`, 照明; a setpoint by its role."""
    unit, slash, role = point.rpartition("/")
    if not slash or role == Role.START_STOP:
        unit = unit or role
        return word("w_lights" if "light" in unit else "w_hvac", lang) if slash else point
    return _own_point(point, lang) if lang == "zh" else role.replace("_", " ")


def clauses(rule: RuleId, lang: Lang) -> str:
    """Document and clause of each citation, site choices marked with °."""
    cites = BY_ID[rule].cites
    texts = [c for c in cites if not c.site_choice] or list(cites)
    mark = {True: "°", False: ""}
    apart = "；" if lang == "zh" else "; "
    return apart.join(f"{c.document.called(lang)} {c.told(lang)}{mark[c.site_choice]}" for c in texts)


def clause(citation: str, lang: Lang) -> str:
    """A clause as the audit keeps it, for people: document and words in their language, a site choice marked with °."""
    found = _BY_TEXT.get(citation)
    if found is None:
        return citation
    return f"{found.document.called(lang)} {found.told(lang)}{'°' if found.site_choice else ''}"


_BY_TEXT: Final = {str(cite): cite for rule in BY_ID.values() for cite in rule.cites}
"""Citations by how the audit keeps them."""
