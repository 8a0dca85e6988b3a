"""整改报告: for whoever misses the target, prefilled with what drove it, so that people write what they will do and not what was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from config.phrase import Lang, Phrase
from config.subitems import SUBITEMS, carrier
from schedules.time import local_date
from supervisor.core.daily import Kind
from supervisor.core.rules import BY_ID
from supervisor.ledger import statistics
from supervisor.ledger.causes import TOLD, Cause
from supervisor.ledger.statistics import CARRIERS, Figure, in_units
from supervisor.savings.written import percent
from supervisor.telling.reports.document import Block, Cell, Part, Row, Signatures, Table, Text
from supervisor.telling.reports.evidence_part import EXEMPTED, exempted, role_name
from supervisor.telling.reports.facts import Facts
from supervisor.telling.reports.measures import gap, measures, nowhere
from supervisor.telling.reports.notice_part import REACHED, by_unit, in_all, share
from supervisor.telling.reports.standing import Standing
from supervisor.telling.reports.zone_sums import ZoneSums
from supervisor.telling.words import rule_title

_TITLE: Final = Phrase("Corrective report", "节能整改报告")
_SHEET: Final = Phrase("Corrective", "整改报告")
_WORST: Final = 3
"""Zones that a rule's line names."""
_LONGEST: Final = 15
"""Lines of a table that only names the worst."""
_SIGN: Final = (
    Phrase("Unit to correct (seal)", "整改单位（盖章）"), Phrase("Responsible", "单位负责人"),
    Phrase("Energy officer", "能源管理员"), Phrase("Date", "填报日期"), Phrase("Accepted by", "验收人"),
    Phrase("Accepted on", "验收日期"),
)  # fmt: skip


def part(facts: Facts, whole: Standing, units: Sequence[Standing], lang: Lang) -> Part:
    """The report of the units that miss, or a sentence that none does."""
    missing = [u for u in [whole, *units] if u.reached is False]
    if not missing:
        blocks: list[Block] = [Text(_none(facts, whole, units).told(lang), "lead")]
        return Part("corrective", _TITLE.told(lang), _SHEET.told(lang), tuple(blocks))
    zones = ZoneSums(facts)
    blocks = [Text(_lead(missing).told(lang), "lead")]
    for head, inner in (
        (Phrase("1. What was missed", "一、未达标情况"), _missed(facts, missing, lang)),
        (Phrase("2. Where the use of the building changed", "二、全楼用能变化"), _changes(facts, lang)),
        (Phrase("3. Rules, hours and zones", "三、规则执行情况"), _rules(facts, zones, lang)),
        (Phrase("4. Held by others or by hand", "四、他人占用与手动控制"), _held(facts, zones, lang)),
        (Phrase("5. Gaps and repairs in the data", "五、数据缺口与修正"), _gaps(facts, lang)),
        (Phrase("6. Exemptions", "六、豁免及批准人"), _exempt(facts, lang)),
        (Phrase("7. Measures", "七、整改措施"), measures(facts, zones, lang)),
    ):  # fmt: skip
        blocks += [Text(head.told(lang), "heading"), *inner]
    blocks.append(Signatures(tuple(s.told(lang) for s in _SIGN)))
    return Part("corrective", _TITLE.told(lang), _SHEET.told(lang), tuple(blocks))


def _none(facts: Facts, whole: Standing, units: Sequence[Standing]) -> Phrase:
    if not facts.known:
        return Phrase(
            "The ledger has no data of this period: whether the target is missed cannot be told.",
            "本期台账无数据，无法判定是否达标。",
        )
    if all(u.reached is None for u in [whole, *units]) and any(u.open for u in [whole, *units]):
        return Phrase(
            "Readings are missing that could turn the verdict: whether the target is missed cannot be told, and nothing is prefilled.",
            "缺读数的用量足以改变结论，无法判定是否达标，本报告不作预填。",
        )
    if all(u.reached is None for u in [whole, *units]):
        return Phrase(
            f"Of the {facts.then.en} nothing whole was booked, or of this period: whether the target is missed cannot be told, and nothing is"
            " prefilled.",
            f"本期或{facts.then.zh}无完整数据，无法判定是否达标，本报告不作预填。",
        )
    return Phrase(
        f"Nobody that can be judged misses the target of {share(facts.target)}: there is nothing to correct in this period.",
        f"本期可判定的各单位均达到 {share(facts.target)} 的目标，无需整改。",
    )


def _lead(missing: Sequence[Standing]) -> Phrase:
    return Phrase(
        f"To correct: {', '.join(u.name for u in missing)}", f"需整改：{'、'.join(u.name for u in missing)}"
    )


def _missed(facts: Facts, missing: Sequence[Standing], lang: Lang) -> Iterator[Block]:
    heads = (
        Phrase("unit", "单位"), Phrase("energy, kgce", "综合能耗 kgce"), Phrase(f"{facts.then.en}, kgce", f"{facts.then.zh} kgce"),
        Phrase("reduction per m²", "单位面积降幅"), Phrase("reduction per head", "人均降幅"), Phrase("reduction", "总量降幅"), Phrase("target", "目标"),
        Phrase("still to save, kgce", "尚需节约 kgce"), Phrase("result", "结论"),
    )  # fmt: skip
    rows = []
    for unit in missing:
        before = unit.before
        assert before is not None
        rows.append((
            Cell(unit.name), Cell(unit.whole.coal, marked=unit.whole.energy_marked), Cell(before.coal, marked=before.energy_marked),
            _share(unit.per_area, unit), _share(unit.per_head, unit),
            _share(in_all(unit), unit), Cell(share(unit.target)),
            Cell(max(0.0, _short(unit)), marked=unit.marked), Cell(REACHED[unit.reached].told(lang), tone="bad"),
        ))  # fmt: skip
    yield by_unit(heads, rows, missing, lang)


def _share(value: float | None, of: Standing) -> Cell:
    return Cell(
        value,
        marked=of.marked and value is not None,
        percent=True,
        tone="bad" if value is not None and value < of.target else "",
    )


def _short(unit: Standing) -> float:
    """kgce too much: of whichever indicator lies furthest from the target."""
    reduction = min(r for r in (unit.per_area, unit.per_head, unit.total) if r is not None)
    if unit.per_area is not None or unit.per_head is not None:
        reduction = min(r for r in (unit.per_area, unit.per_head) if r is not None)
    return unit.whole.coal * (1 - (1 - unit.target) / (1 - reduction)) if reduction < 1 else 0.0


def _changes(facts: Facts, lang: Lang) -> Iterator[Block]:
    """By carrier and part, what rose most first; what lacks readings last, as nobody knows whether it rose."""
    before = facts.whole_before
    assert before is not None
    now, then = (statistics.by_carrier(facts.site, a.figures) for a in (facts.whole, before))
    parts_now, parts_then = (statistics.by_subitem(facts.site, a.figures) for a in (facts.whole, before))
    rows: list[tuple[tuple[bool, float], Row]] = []
    carriers = [(CARRIERS[k][2], k, f, then.get(k, Figure())) for k, f in now.items()]
    parts = [
        (SUBITEMS[k].name, carrier(k), f, parts_then.get(k, Figure()))
        for k, f in parts_now.items()
        if SUBITEMS[k].code[2:] != "000"  # a carrier as a whole
    ]
    for name, kind, figure, was in [*carriers, *parts]:
        if not (figure.rows and was.rows):
            continue
        is_, had = in_units(kind, figure.amount), in_units(kind, was.amount)
        marked = figure.marked or was.marked
        change = is_ / had - 1 if had else None
        more = change is not None and change > 0 and not marked
        rows.append(((marked, -(change or 0.0)), (
            Cell(name.told(lang)), Cell(CARRIERS[kind][0]), Cell(is_, marked=figure.marked), Cell(had, marked=was.marked),
            Cell(is_ - had, marked=marked), Cell(change, marked=marked, percent=True, tone="bad" if more else ""),
        )))  # fmt: skip
    rows.sort(key=lambda r: r[0])
    heads = (
        Phrase("part", "分项"), Phrase("unit", "单位"), Phrase("this period", "本期"), facts.then,
        Phrase("difference", "增减"), Phrase("change", "同比"),
    )  # fmt: skip
    yield Table(tuple(h.told(lang) for h in heads), tuple(r for _, r in rows))


def _rules(facts: Facts, zones: ZoneSums, lang: Lang) -> Iterator[Block]:
    rows = []
    for rule in BY_ID:
        outside = zones.of(Kind.VIOLATION, rule)
        blocked, corrected = zones.total(Kind.BLOCKED, rule), zones.total(Kind.CORRECTION, rule)
        suspended, exceptions = zones.total(Kind.SUSPENDED, rule), zones.total(Kind.EXCEPTION, rule)
        hours = sum(outside.values())
        if not any((hours, blocked, corrected, suspended, exceptions)):
            continue
        worst = sorted((z for z in outside if outside[z] > 0), key=lambda z: -outside[z])
        rows.append((-hours, (
            Cell(rule_title(rule, lang)), Cell(hours / 3600.0, 1, key=f"rule/{rule}/outside", tone="bad" if hours else ""),
            Cell(float(len(worst)), 0), Cell(_worst(facts, outside, worst, lang)), Cell(corrected, 0, key=f"rule/{rule}/corrected"),
            Cell(blocked / 3600.0, 1, key=f"rule/{rule}/blocked"), Cell(suspended / 3600.0, 1), Cell(exceptions, 0),
        )))  # fmt: skip
    if not rows:
        yield Text(Phrase(
            "Nothing was monitored or enforced in this period: what the rules came to is not known.",
            "本期无规则执行与监测记录，规则执行情况未知。",
        ).told(lang))  # fmt: skip
        return
    rows.sort(key=lambda r: r[0])
    heads = (
        Phrase("rule", "规则"), Phrase("outside, h", "不合规 h"), Phrase("zones", "区域数"), Phrase("worst zones", "主要区域"),
        Phrase("corrected", "纠正 次"), Phrase("kept off in hours, h", "限制运行 h"), Phrase("suspended, h", "规则暂停 h"),
        Phrase("exceptions", "例外 次"),
    )  # fmt: skip
    yield Table(tuple(h.told(lang) for h in heads), tuple(r for _, r in rows))


def _worst(facts: Facts, outside: Mapping[str, float], worst: Sequence[str], lang: Lang) -> str:
    comma = Phrase(", ", "、").told(lang)
    return comma.join(f"{_zone(facts, z)} {outside[z] / 3600:.1f}\u00a0h" for z in worst[:_WORST])


def _zone(facts: Facts, zone: str) -> str:
    known = facts.site.zones.get(zone)
    return known.name or zone if known is not None else zone


def _held(facts: Facts, zones: ZoneSums, lang: Lang) -> Iterator[Block]:
    rows = []
    for kind, how in (
        (Kind.OVERRIDE, Phrase("another master", "其他主站或就地手动")),
        (Kind.BY_HAND, Phrase("by hand here", "经本系统手动")),
    ):
        for (of, what), by_zone in zones.values.items():
            if of == kind:
                rows += [(-v, (
                    Cell(_zone(facts, z)), Cell(role_name(what, lang)), Cell(how.told(lang)), Cell(v / 3600.0, 1, key=f"held/{kind}/{z}/{what}"),
                )) for z, v in by_zone.items() if v > 0]  # fmt: skip
    if not rows:
        yield Text(Phrase("Nobody held a point.", "本期无占用与手动记录。").told(lang))
        return
    rows.sort(key=lambda r: r[0])
    heads = (
        Phrase("zone", "区域"),
        Phrase("point", "点"),
        Phrase("by whom", "方式"),
        Phrase("hours", "时长 h"),
    )
    yield Table(tuple(h.told(lang) for h in heads), tuple(r for _, r in rows[:_LONGEST]))
    yield from _left_out(len(rows), lang)


def _left_out(count: int, lang: Lang) -> Iterator[Block]:
    if count > _LONGEST:
        yield Text(Phrase(
            f"the longest {_LONGEST} of {count}; all of them by zone and day in the workbook",
            f"仅列时长最长的 {_LONGEST} 项，共 {count} 项，逐日明细见工作簿",
        ).told(lang), "note")  # fmt: skip


_MISSING: Final = {
    True: Phrase(
        "readings are missing, and what was used then is booked nowhere", "读数缺失，其间用量无记录"
    ),
    False: Phrase("readings are missing", "读数缺失"),
}


def _gaps(facts: Facts, lang: Lang) -> Iterator[Block]:
    """Each cause of each meter with its share, and the meters that lack readings."""
    rows = []
    for id_, figure in facts.whole.figures.items():
        meter = facts.site.meters[id_]
        kind, name = carrier(meter.subitem), meter.name or id_
        if meter.virtual:
            continue
        if gap(facts, id_):
            rows.append((
                Cell(name), Cell(_MISSING[nowhere(facts, id_)].told(lang)),
                Cell(f"{percent(figure.completeness)}{' !' if figure.marked else ''}", tone="bad" if figure.marked else ""), Cell(None), Cell(""),
            ))  # fmt: skip
        for cause, amount in figure.causes:
            if abs(in_units(kind, amount)) < 0.005:
                continue
            said = TOLD[Cause(cause)] if cause in set(Cause) else Phrase("divided by time", "按时间分摊")
            share = f"{100 * amount / figure.amount:.1f} %" if figure.amount else "–"
            rows.append(
                (
                    Cell(name),
                    Cell(said.told(lang)),
                    Cell(share),
                    Cell(in_units(kind, amount)),
                    Cell(CARRIERS[kind][0]),
                )
            )
    rows += [
        (Cell(facts.site.meters[r["meter"]].name or r["meter"]), Cell(TOLD[Cause(r["cause"])].told(lang)), Cell(str(local_date(r["start"], facts.site.tz))), Cell(None), Cell(""))
        for r in facts.whole.findings
        if r["meter"] in facts.site.meters and r["cause"] not in dict(facts.whole.figures[r["meter"]].causes)
    ]  # fmt: skip
    if not rows:
        yield Text(Phrase("None.", "无。").told(lang))
        return
    heads = (
        Phrase("meter", "表计"),
        Phrase("what", "情况"),
        Phrase("share or day", "占比或日期"),
        Phrase("amount", "数量"),
        Phrase("unit", "单位"),
    )
    yield Table(tuple(h.told(lang) for h in heads), tuple(rows[: _LONGEST * 2]))
    if len(rows) > _LONGEST * 2:
        yield Text(
            Phrase(
                f"the first {_LONGEST * 2} of {len(rows)}", f"共 {len(rows)} 项，列出前 {_LONGEST * 2} 项"
            ).told(lang),
            "note",
        )


def _exempt(facts: Facts, lang: Lang) -> Iterator[Block]:
    rows = exempted(facts, lang)
    if rows:
        yield Table(tuple(h.told(lang) for h in EXEMPTED), rows)
    else:
        yield Text(Phrase("None.", "无。").told(lang))
