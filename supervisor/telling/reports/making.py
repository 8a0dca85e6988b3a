"""A report of a building: its facts as a document, and that as a page and a workbook."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from config.phrase import Lang, Phrase
from schedules.time import iso
from supervisor import __version__
from supervisor.ledger.indicators import mean
from supervisor.ledger.statistics import ENOUGH
from supervisor.savings.written import percent
from supervisor.telling.reports import (
    corrective_part,
    diagnosis_part,
    evidence_part,
    ledger_part,
    notice_part,
    rows_part,
)
from supervisor.telling.reports.document import Document, Part
from supervisor.telling.reports.facts import Facts
from supervisor.telling.reports.files import name_of
from supervisor.telling.reports.page import page
from supervisor.telling.reports.xlsx import workbook

STEPS: Final = 12
"""How often `files` tells that something is done."""


def files(facts: Facts, lang: Lang, done: Callable[[], None] = lambda: None) -> dict[str, bytes]:
    """The report's files by name: a page and a workbook."""
    whole = document(facts, lang, done)
    return rendered(whole, facts.site.building, facts.of.name, done)


def rendered(
    whole: Document, building: str, period: str, done: Callable[[], None] = lambda: None
) -> dict[str, bytes]:
    """A document as a page and as a workbook, by their files' names."""
    paper = replace(whole, parts=tuple(p for p in whole.parts if p.paper))
    html = page(paper).encode()
    done()
    return {
        name_of(building, period, whole.lang, "html"): html,
        name_of(building, period, whole.lang, "xlsx"): workbook(whole, done),
    }


def document(facts: Facts, lang: Lang, done: Callable[[], None] = lambda: None) -> Document:
    """Everything that is told of a period, in one language. `done` is told now and then."""
    whole, units = notice_part.standings(facts)
    makers: tuple[Callable[[], Iterable[Part]], ...] = (
        lambda: [notice_part.part(facts, units, whole, lang)],
        lambda: ledger_part.parts(facts, lang),
        lambda: [corrective_part.part(facts, whole, units, lang)],
        lambda: [diagnosis_part.part(facts, lang)],
        lambda: [*evidence_part.parts(facts, lang), evidence_part.lines(facts, lang)],
        lambda: [rows_part.part(facts, lang)],
    )
    parts: list[Part] = []
    for make in makers:
        parts += make()
        done()
    site = facts.site
    title = f"{site.name or site.building} · {period_name(facts.of.name, lang)}"
    made = iso(facts.now, site.tz)[:16].replace("T", " ")
    foot = Phrase(
        f"building-supervisor {__version__} · made {made} · site file sha256 {site.config_hash[:12]} · energy in standard coal by GB/T 2589",
        f"building-supervisor {__version__} · 编制于 {made} · 站点文件 sha256 {site.config_hash[:12]} · 折标煤按 GB/T 2589",
    ).told(lang)
    return Document(site.building, title, lang, _basics(facts, lang), tuple(parts), foot)


def period_name(name: str, lang: Lang) -> str:
    """2026-03 as people say it."""
    if lang == "zh":
        return f"{name[:4]} 年" + (f" {int(name[5:7])} 月" if len(name) > 4 else "")
    return name


def _basics(facts: Facts, lang: Lang) -> tuple[tuple[str, str], ...]:
    site, (first, last) = facts.site, facts.dates
    area = mean(site.area_m2, facts.of, facts.whole.until, site.tz)
    people = mean(site.people, facts.of, facts.whole.until, site.tz)
    untold = Phrase("not told", "未填报").told(lang)
    share = facts.completeness
    complete = Phrase("no reading was due", "无应采数据").told(lang)
    if not math.isnan(share):
        complete = percent(share) + (" !" if share < ENOUGH else "")
    found = [
        (Phrase("Building", "单位（楼宇）"), f"{site.name or site.building}"),
        (Phrase("Period", "统计期"), f"{period_name(facts.of.name, lang)}（{first} – {last}）" if lang == "zh" else f"{facts.of.name} ({first} – {last})"),
        (Phrase("Floor area", "建筑面积"), f"{area:,.0f} m²" if area is not None else untold),
        (Phrase("Heads", "用能人数"), f"{people:,.0f}{' 人' if lang == 'zh' else ''}" if people is not None else untold),
        (Phrase("Completeness of the least complete meter", "数据完整率（最低表计）"), complete),
        (Phrase("Data until", "数据截至"), str(facts.read) if facts.known else Phrase("no data", "无数据").told(lang)),
    ]  # fmt: skip
    return tuple((name.told(lang), value) for name, value in found)
