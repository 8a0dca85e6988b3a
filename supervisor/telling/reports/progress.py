"""The year against its targets, month by month, how it will end, and the quota of its kind; what energy cost by the tariff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from config.phrase import Lang, Phrase
from supervisor.ledger import indicators
from supervisor.ledger.statistics import CARRIERS
from supervisor.savings.plan import Stand
from supervisor.savings.quotas import judged, quota_of
from supervisor.savings.targets import NAMES, UNITS
from supervisor.savings.tariff import Bill
from supervisor.telling import svg
from supervisor.telling.reports.document import Block, Cell, Plot, Row, Table, Text
from supervisor.telling.reports.facts import Facts
from supervisor.telling.reports.standing import Standing

_TITLE: Final = Phrase("The year against its target", "年度目标进度")
_HEADS: Final = (
    Phrase("indicator", "指标"), Phrase("target", "年度目标"), Phrase("reduced so far", "累计降幅"), Phrase("plan of the year", "全年计划"),
    Phrase("unit", "单位"), Phrase("forecast of the year", "全年预测降幅"), Phrase("90 %", "90 % 区间"), Phrase("result so far", "目前结论"),
)  # fmt: skip
_MET: Final[dict[bool | None, Phrase]] = {
    True: Phrase("keeps to plan", "符合进度"), False: Phrase("behind plan", "落后进度"), None: Phrase("not judged", "无法判定"),
}  # fmt: skip
_TONES: Final = {True: "good", False: "bad", None: "faint"}


def blocks(facts: Facts, whole: Standing, lang: Lang) -> Iterator[Block]:
    """A table, and sentences. `whole`: how the building stands in the period, as the notice judges it."""
    if any(any(m.actual is not None for m in s.progress.months) for s in facts.stands.values()):
        yield Text(_TITLE.told(lang), "heading")
        yield Table(
            tuple(h.told(lang) for h in _HEADS),
            tuple(_row(s, judges(facts, whole), lang) for s in facts.stands.values()),
        )
        if (short := _months(facts)) is not None:
            yield Text(short.told(lang), "note")
        refused = [s.forecast.refused for s in facts.stands.values() if s.forecast.refused is not None]
        if refused:
            yield Text(refused[0].told(lang), "note")
    if len(facts.of.name) == len("2026"):
        yield Text(_quota(facts).told(lang), "note")
    if facts.bills:
        yield Text(_cost(facts.bills, lang), "note")


def _months(facts: Facts) -> Phrase | None:
    """How many of the year's months the figures are of, where others that are over cannot be compared."""
    year = next(iter(facts.stands.values())).progress
    over, known = sum(m.over for m in year.months), sum(m.over for m in year.known)
    if known == over:
        less, more = year.lacks
        if year.met is not None or not year.enough or max(less, more) == 0.0:
            return None
        return Phrase(
            f"Of the months counted {100 * max(less, more):.1f} % is booked nowhere, as readings are missing: it could turn the result.",
            f"所计月份缺读数，{100 * max(less, more):.1f} % 的用量无记录，足以改变结论。",
        )
    return Phrase(
        f"Of the {over} months that are over {known} are counted: of the others too few readings came, in {year.year} or in {year.against}.",
        f"已结束的 {over} 个月中只计 {known} 个月：其余月份 {year.year} 年或 {year.against} 年读数不足。",
    )


def judges(facts: Facts, whole: Standing) -> bool:
    """Whether the year is judged at all: in its own report where the notice judges it, as both tell of the same days."""
    return len(facts.of.name) > len("2026") or whole.reached is not None


def _row(stand: Stand, judges: bool, lang: Lang) -> Row:
    year, coming = stand.progress, stand.forecast
    marked = len(year.known) < sum(m.over for m in year.months)
    cells = [
        Cell(NAMES[year.per].told(lang)), Cell(year.target, percent=True), Cell(year.reduction, percent=True, marked=marked and year.reduction is not None, key=f"progress/{year.per}"),
        Cell(year.plan, 2), Cell(UNITS[year.per].told(lang)),
    ]  # fmt: skip
    if coming.refused is None:
        ends = " … ".join(f"{100 * v:+.1f}".replace("-", "−") for v in (coming.low, coming.high))
        cells += [Cell(coming.reduction, percent=True), Cell(f"{ends} %")]
    else:
        cells += [Cell(None), Cell("–")]
    met = year.met if judges else None
    return (*cells, Cell(_MET[met].told(lang), tone=_TONES[met]))


def plot(stand: Stand, lang: Lang) -> Plot:
    """The months of the year beside what the plan gives each."""
    year = stand.progress
    labels = [f"{n + 1}{'月' if lang == 'zh' else ''}" for n in range(12)]
    unit = UNITS[year.per].told(lang)
    name = NAMES[year.per].told(lang)
    groups = [[svg.Series(name, [getattr(m, of) or 0.0 for m in year.months])] for of in ("actual", "plan")]
    caption = Phrase(
        f"energy {name} by month, {unit}: used (dark), plan (pale)",
        f"各月{name}综合能耗，{unit}：实际（深色）与计划（浅色）",
    ).told(lang)
    return Plot(svg.stacked_bars(caption, labels, groups, ""), caption)


def _quota(facts: Facts) -> Phrase:
    """The constraint and guidance values of the building's kind, where the site tells them. Raises OSError, BadTable."""
    quota = quota_of(facts.site)
    if isinstance(quota, Phrase):
        return quota
    if facts.of.end > facts.now:
        return Phrase(
            "the quota is of a whole year: this one is not over", "能耗指标按全年判定，本年尚未结束"
        )
    whole = indicators.whole(facts.site, facts.whole.figures, facts.of, facts.whole.until, facts.terms.table)
    found = judged(quota, whole)
    if found is None:
        return Phrase(
            "no quota can be judged: area or energy is not known", "面积或能耗未知，无法按能耗指标判定"
        )
    return found.said if not found.marked else Phrase(f"! {found.said.en}", f"！{found.said.zh}")


def _cost(bills: Mapping[str, Bill], lang: Lang) -> str:
    said = []
    for name, bill in bills.items():
        short = (
            ""
            if bill.whole
            else Phrase(" (in part: some hours have no price)", "（部分时段无电价）").told(lang)
        )
        said.append(f"{CARRIERS[name][2].told(lang)} {bill.cny:,.2f} {Phrase('CNY', '元').told(lang)}{short}")
    lead = Phrase("Cost by the tariff: ", "按电价表计费：").told(lang)
    return lead + Phrase(", ", "，").told(lang).join(said)
