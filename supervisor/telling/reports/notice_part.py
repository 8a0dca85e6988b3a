"""公示: what the building used, how the units rank, and whether the target is reached; one page for the wall."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from config.phrase import Lang, Phrase
from supervisor.ledger.indicators import Whole
from supervisor.ledger.statistics import CARRIERS, ENOUGH, Figure, in_units
from supervisor.savings.written import percent
from supervisor.telling import svg
from supervisor.telling.reports import standing
from supervisor.telling.reports.document import Block, Cell, Part, Plot, Row, Signatures, Table, Text, Tiles
from supervisor.telling.reports.facts import Facts
from supervisor.telling.reports.progress import blocks as progress_blocks
from supervisor.telling.reports.standing import Standing
from supervisor.telling.statement import COAL

_TITLE: Final = Phrase("Energy notice", "能源资源消费公示")
_SHEET: Final = Phrase("Notice", "公示")
_RANKING: Final = Phrase("Ranking of units", "单位排名")
_HEADS: Final = (
    Phrase("rank", "排名"), Phrase("unit", "单位"), Phrase("electricity, kWh", "用电量 kWh"), Phrase("energy, kgce", "综合能耗 kgce"),
    Phrase("kgce/m²", "单位面积能耗 kgce/m²"), Phrase("kgce/head", "人均能耗 kgce/人"), Phrase("reduction per m²", "单位面积降幅"),
    Phrase("reduction per head", "人均降幅"), Phrase("reduction", "总量降幅"), Phrase("target", "目标"), Phrase("result", "结论"),
)  # fmt: skip
REACHED: Final[dict[bool | None, Phrase]] = {
    True: Phrase("reached", "达标"), False: Phrase("missed", "未达标"), None: Phrase("not judged", "无法判定"),
}  # fmt: skip
_TONES: Final = {True: "good", False: "bad", None: "faint"}
SIGN: Final = (
    Phrase("Unit (seal)", "公示单位（盖章）"), Phrase("Date of notice", "公示日期"), Phrase("Prepared by", "编制人"),
    Phrase("Checked by", "审核人"), Phrase("Responsible", "单位负责人"), Phrase("Telephone for questions", "监督电话"),
)  # fmt: skip
_NO_DATA: Final = Phrase(
    "The ledger has no data of this period: nothing was booked, and no figure is told.",
    "本期台账无数据：没有任何用量记录，各项数值均不列出。",
)
_SHARED: Final = Phrase(
    "A unit's figures are those of its own meters: what all use together is not divided among them, so that units may add up to less than the building.",
    "各单位数值仅计归属该单位的表计，公用部分未分摊，故各单位之和可能小于全楼。",
)
_NOT_YET: Final = Phrase("The period is not over: figures are up to {}.", "统计期尚未结束，数据截至 {}。")


def part(facts: Facts, units: Sequence[Standing], whole: Standing, lang: Lang) -> Part:
    """The page. `units`: organisations as they rank; none: the building is the only one."""
    blocks: list[Block] = []
    if not facts.known:
        blocks.append(Text(_NO_DATA.told(lang), "lead"))
    else:
        blocks.append(Tiles(tuple(_tiles(facts, whole, lang))))
        blocks.append(Text(_sentence(facts, whole, lang), "lead"))
        blocks += [Text(said, "warning") for said in incomplete(facts, lang)]
        blocks += [Text(unsure(u, facts.then).told(lang), "warning") for u in units if u.open]
        rows = tuple(_rows(units, whole, lang))
        blocks += [
            Text(_RANKING.told(lang), "heading"),
            by_unit(_HEADS, rows, [*units, whole], lang, ranks=len(rows) <= 12),
        ]
        blocks += _plots(facts, units, whole, lang)
        blocks += progress_blocks(facts, whole, lang)
        blocks.append(Text(_how(facts, [*units, whole]).told(lang), "note"))
        if units:
            blocks.append(Text(_SHARED.told(lang), "note"))
    blocks.append(Signatures(tuple(s.told(lang) for s in SIGN)))
    return Part("notice", _TITLE.told(lang), _SHEET.told(lang), tuple(blocks))


def by_unit(
    heads: Sequence[Phrase], rows: Sequence[Row], units: Sequence[Standing], lang: Lang, ranks: bool = False
) -> Table:  # fmt: skip
    """A table of units without the columns that none of them can fill: per area where no area is told, and the reduction in all
    where each is judged per area or per head."""
    left: set[str] = set()
    if all(u.whole.area is None for u in units):
        left |= {"kgce/m²", "reduction per m²"}
    if all(u.whole.people is None for u in units):
        left |= {"kgce/head", "reduction per head"}
    if all(in_all(u) is None for u in units):
        left.add("reduction")
    kept = [n for n, head in enumerate(heads) if head.en not in left]
    return Table(
        tuple(heads[n].told(lang) for n in kept),
        tuple(tuple(row[n] for n in kept) for row in rows),
        ranks=ranks,
    )


def in_all(unit: Standing) -> float | None:
    """The reduction in all, where neither area nor heads let it be judged otherwise."""
    return unit.total if unit.per_area is None and unit.per_head is None else None


def _how(facts: Facts, units: Sequence[Standing]) -> Phrase:
    target = share(facts.target)
    told = any(u.whole.area is not None or u.whole.people is not None for u in units)
    compared = [u for u in units if u.told is not None]
    if not told or (compared and all(in_all(u) is not None for u in compared)):
        when = Phrase(" of that time", "当时的") if told else Phrase("", "")
        return Phrase(
            f"Reduction: standard coal in all against the {facts.then.en}, as neither area nor heads{when.en} are told; the target is {target}. “!” marks"
            f" what has fewer than 90 % of its readings: it is not judged, {_OPEN.en}. Not corrected for weather.",
            f"降幅为综合能耗总量（折标煤）较{facts.then.zh}的下降比例（未填报{when.zh}面积与人数），目标为下降 {target}。"
            f"“!”表示数据完整率低于 90 %，不作达标判定；{_OPEN.zh}。未作气象修正。",
        )
    return Phrase(
        f"Reduction: standard coal per area and per head against the {facts.then.en}; the target is {target} of each. “!” marks what"
        f" has fewer than 90 % of its readings: it is not judged, {_OPEN.en}. Not corrected for weather.",
        f"降幅为单位面积、人均综合能耗（折标煤）较{facts.then.zh}的下降比例，目标为各下降 {target}。"
        f"“!”表示数据完整率低于 90 %，不作达标判定；{_OPEN.zh}。未作气象修正。",
    )


_OPEN: Final = Phrase(
    "nor is what time without any booking could turn", "无用量记录的时段足以改变结论的，也不作判定"
)


def unsure(unit: Standing, then: Phrase) -> Phrase:
    """Why a unit is not judged whose readings came but for a few: what is booked nowhere could turn it."""
    worst = min(unit.known)
    lacks, when = unit.less, Phrase("the period", "本期")
    if worst < unit.target:
        lacks, when = unit.more, then
    moved = Phrase("fell", "下降") if worst >= 0 else Phrase("rose", "上升")
    by, gap = percent(abs(worst)), percent(lacks)
    return Phrase(
        f"{unit.name}: energy {moved.en} by {by}, but of {when.en} {gap} is booked nowhere, as readings are missing: whether the target of"
        f" {share(unit.target)} is reached cannot be told.",
        f"{unit.name}：能耗{moved.zh} {by}，但{when.zh}缺读数，{gap} 的用量无记录，足以改变结论，能否达到 {share(unit.target)} 的目标无法判定。",
    )


def share(value: float) -> str:
    """A target as a share: 5 %, 9.75 %."""
    return f"{100 * value:.4g} %"


def _tiles(facts: Facts, whole: Standing, lang: Lang) -> Iterator[tuple[str, str, str, str]]:
    now, before = whole.whole, whole.before
    for kind in ("electricity", "water"):
        figure = now.carriers.get(kind, Figure())
        if figure.rows:
            then = before.carriers.get(kind, Figure()) if before is not None else Figure()
            name, unit = CARRIERS[kind][2], CARRIERS[kind][0]
            was = in_units(kind, then.amount) if then.rows else None
            marked, either = figure.marked, figure.marked or then.marked
            value = _marked(in_units(kind, figure.amount), unit, marked)
            yield (
                _capital(name.told(lang)),
                value,
                *_compared(
                    facts, in_units(kind, figure.amount), was, either, figure.lacks + then.lacks, lang
                ),
            )
    if now.energy_known:
        marked = now.energy_marked
        coal = before.coal if before is not None else None
        lacks = whole.less + whole.more
        said = _compared(facts, now.coal, coal, whole.marked, lacks, lang)
        yield (_capital(COAL.told(lang)), _marked(now.coal, "kgce", marked), *said)
        if now.area:
            per = before.coal / before.area if before is not None and before.area else None
            name = Phrase("Energy per area", "单位面积能耗")
            said = _compared(facts, now.coal / now.area, per, whole.marked, lacks, lang)
            yield (name.told(lang), _marked(now.coal / now.area, "kgce/m²", marked), *said)


def _marked(value: float, unit: str, marked: bool) -> str:
    return f"{value:,.{0 if abs(value) >= 1000 else 2}f} {unit}{' !' if marked else ''}"


def _compared(
    facts: Facts, value: float, then: float | None, marked: bool, lacks: float, lang: Lang
) -> tuple[str, str]:  # fmt: skip
    """The change in words, and its tone; none where readings are missing, or where as much is booked nowhere (`lacks`): what
    was not read is no saving."""
    if not then:
        return Phrase("nothing to compare with", f"无{facts.then.zh}数据").told(lang), ""
    if marked:
        return Phrase("not enough data to compare", "数据不足，不作比较").told(lang), ""
    change = value / then - 1
    said = percent(change, sign="+")
    told = Phrase(f"{said} on the {facts.then.en}", f"较{facts.then.zh} {said}").told(lang)
    return told, _TONES[change <= 0] if abs(change) >= max(_SAME, lacks) else ""


_SAME: Final = 0.0005
"""A change that is printed as none."""


def _sentence(facts: Facts, whole: Standing, lang: Lang) -> str:
    """How the building stands by whichever indicator lies furthest from the target."""
    each = (
        (whole.per_area, Phrase("Energy per area", "单位面积综合能耗")), (whole.per_head, Phrase("Energy per head", "人均综合能耗")),
    )  # fmt: skip
    known = [(value, name) for value, name in each if value is not None]
    if not known and whole.total is not None:
        known = [(whole.total, Phrase("Energy", "综合能耗"))]
    if not known:
        return Phrase(
            f"Of the {facts.then.en} nothing was booked: whether the target is reached cannot be judged.",
            f"{facts.then.zh}无数据，无法判定是否达到目标。",
        ).told(lang)
    if whole.marked:
        return _too_little(facts, whole).told(lang) + _so_far(facts, lang)
    if whole.open:
        return unsure(whole, facts.then).told(lang) + _so_far(facts, lang)
    value, per = min(known)
    said = percent(abs(value))
    moved = (
        Phrase(f"fell by {said}", f"下降 {said}") if value > 0 else Phrase(f"rose by {said}", f"上升 {said}")
    )
    if abs(value) < _SAME:
        moved = Phrase("stayed the same", "持平")
    target = share(facts.target)
    end = Phrase(f"the target of {target} is missed.", f"未达到 {target} 的目标。")
    if whole.reached:
        end = Phrase(f"the target of {target} is reached.", f"达到 {target} 的目标。")
    sentence = Phrase(
        f"{per.en} {moved.en} against the {facts.then.en}: {end.en}",
        f"{per.zh}较{facts.then.zh}{moved.zh}，{end.zh}",
    ).told(lang)
    return sentence + _so_far(facts, lang)


def _so_far(facts: Facts, lang: Lang) -> str:
    """Up to when the figures are, of a period that is not over."""
    return " " + _NOT_YET.told(lang).format(facts.read) if facts.of.end > facts.now else ""


def _too_little(facts: Facts, whole: Standing) -> Phrase:
    """That no fall or rise can be told, and of how many days readings are missing: a figure of a part of the days is no claim."""
    first, last = facts.dates[0], facts.read
    length = (last - first).days + 1
    share, time = _completeness(whole.whole), Phrase("the period", "本期")
    if whole.before is not None and (then := _completeness(whole.before)) < share:
        share, time = then, facts.then
    missing = max(1, round((1 - share) * length))
    came = percent(share)
    return Phrase(
        f"Not enough data to say whether energy fell or rose: of {time.en} about {missing} of {length} days are missing"
        f" ({came} of the readings came).",
        f"数据不足，无法判断能耗升降：{time.zh} {length} 天中约缺 {missing} 天（数据完整率 {came}）。",
    )


def _completeness(whole: Whole) -> float:
    """Of the least complete carrier of energy; 1 where no readings were expected."""
    shares = [f.completeness for name, f in whole.carriers.items() if name != "water"]
    return min((s for s in shares if not math.isnan(s)), default=1.0)


def incomplete(facts: Facts, lang: Lang) -> Iterator[str]:
    """The meters that lack readings, and how many: none of their figures stands without its mark."""
    short = [
        (facts.site.meters[id_].name or id_, figure.completeness)
        for id_, figure in facts.whole.figures.items()
        if figure.marked and not facts.site.meters[id_].virtual
    ]
    if short:
        names = Phrase(", ", "、").told(lang).join(f"{name} {100 * share:.1f} %" for name, share in short[:6])
        more = (
            Phrase(f" and {len(short) - 6} more", f"等 {len(short)} 块表").told(lang)
            if len(short) > 6
            else ""
        )
        yield Phrase(
            f"! Fewer than {100 * ENOUGH:.0f} % of the readings came: {names}{more}",
            f"！数据完整率低于 {100 * ENOUGH:.0f} %：{names}{more}",
        ).told(lang)


def _rows(units: Sequence[Standing], whole: Standing, lang: Lang) -> Iterator[Row]:
    place = 0
    for each in units or [whole]:
        place += each.reached is not None
        yield _row(each, str(place) if each.reached is not None else "–", lang)
    if units:
        yield _row(whole, "", lang, "total")


def _row(each: Standing, place: str, lang: Lang, tone: str = "") -> Row:
    now = each.whole
    power = now.carriers.get("electricity", Figure())
    coal = now.coal if now.energy_known else None
    key = f"unit/{each.id}"
    return (
        Cell(place, tone=tone), Cell(each.name, tone=tone),
        Cell(in_units("electricity", power.amount) if power.rows else None, marked=power.marked and power.rows > 0, tone=tone, key=f"{key}/electricity"),
        Cell(coal, marked=now.energy_marked and coal is not None, tone=tone, key=f"{key}/coal"),
        _per(coal, now.area, now.energy_marked, tone, f"{key}/per_area"), _per(coal, now.people, now.energy_marked, tone, f"{key}/per_head"),
        _reduction(each.per_area, each, f"{key}/reduction_area"), _reduction(each.per_head, each, f"{key}/reduction_head"),
        _reduction(in_all(each), each, f"{key}/reduction"),
        Cell(share(each.target), tone=tone), Cell(REACHED[each.reached].told(lang), tone=_TONES[each.reached]),
    )  # fmt: skip


def _per(coal: float | None, by: float | None, marked: bool, tone: str, key: str) -> Cell:
    value = coal / by if coal is not None and by else None
    return Cell(value, 2, marked and value is not None, key, tone=tone)


def _reduction(value: float | None, of: Standing, key: str) -> Cell:
    tone = "" if value is None or of.marked or of.open else "good" if value >= of.target - 1e-12 else "bad"
    return Cell(value, marked=of.marked and value is not None, tone=tone, percent=True, key=key)


def _plots(facts: Facts, units: Sequence[Standing], whole: Standing, lang: Lang) -> Iterator[Block]:
    shown = [u for u in units or [whole] if u.told is not None and u.reached is not None][:20]
    if shown:
        said = Phrase(f"reduction against the {facts.then.en}, %", f"较{facts.then.zh}降幅，%").told(lang)
        target = Phrase(f"target {share(facts.target)}", f"目标 {share(facts.target)}").told(lang)
        values = [100 * u.told if u.told is not None else None for u in shown]
        yield Plot(
            svg.signed_bars(
                said,
                [u.name for u in shown],
                values,
                100 * facts.target,
                target,
                [u.reached is None for u in shown],
            ),
            said,
        )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def standings(facts: Facts) -> tuple[Standing, list[Standing]]:
    """The building, and its organisations as they rank."""
    table = facts.terms.table
    whole = standing.building(facts.site, facts.whole, facts.whole_before, table, facts.target)
    if len(facts.of.name) == len("2026"):
        years = [s.progress for s in facts.stands.values()]
        whole = whole._replace(enough=all(y.enough for y in years if y.comparable))
    units = standing.organisations(facts.site, facts.whole, facts.whole_before, table, facts.target)
    return whole, standing.ranked(units)
