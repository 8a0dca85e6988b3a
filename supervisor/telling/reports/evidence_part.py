"""合规证据: by zone and rule, and by zone and day, what stood outside the rules; 未监测 where nothing measured it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from config.phrase import Lang, Phrase
from config.roles import ROLES, EquipmentKind, Role
from config.rules import RuleId
from config.site import Zone
from schedules.time import instant_of
from supervisor.core.daily import Kind
from supervisor.core.rules import BY_ID
from supervisor.store.days import ZoneDay
from supervisor.telling.reports.document import Block, Cell, Part, Row, Table, Text
from supervisor.telling.reports.facts import Facts, dates_of
from supervisor.telling.words import rule_title

JUDGED: Final = (
    RuleId.WINDOW_OFF, RuleId.PRE_CLOSE_OFF, RuleId.LIGHTS_CLOSE, RuleId.VACANCY_OFF, RuleId.CORRIDOR_DELAY,
    RuleId.MILD_SEASON_OFF, RuleId.SUMMER_SETPOINT, RuleId.WINTER_SETPOINT, RuleId.PLUG_CLOSE,
)  # fmt: skip
"""The rules of the plan; the others protect equipment and people."""
_LIGHTS: Final = {RuleId.LIGHTS_CLOSE, RuleId.CORRIDOR_DELAY}
WHOLE: Final = 0.9
"""Share of a day that must have been watched for it to be told without a bracket."""
LEAST: Final = 60.0
"""s: a day watched for less was not monitored."""
_TITLE: Final = Phrase("Compliance evidence", "合规证据")
_BY_RULE: Final = Phrase("By zone and rule", "按区域与规则")
_BY_DAY: Final = Phrase("By zone and day", "按区域与日期")
_DAYS_SHEET: Final = Phrase("Days", "逐日合规")
_LINES_SHEET: Final = Phrase("Events by day", "逐日明细")
_ZONE: Final = Phrase("zone", "区域")
UNMONITORED: Final = Phrase("unmonitored", "未监测")
_SHORT: Final = Phrase("n/m", "未")
_EXEMPT: Final = Phrase("exempt", "豁免")
_LEGEND: Final = Phrase(
    "✓ within the rule all the time · a figure: hours outside it · unmonitored: nothing measured it · exempt: with reason and approver"
    " below · –: the zone has nothing that the rule is about",
    "✓ 全部合规 · 数字为不合规小时数 · 未监测：无传感器或未采集，不作合规论 · 豁免：理由与批准人见下表 · –：该区域无此类设备",
)
_LEGEND_DAY: Final = Phrase(
    "✓ within all rules · a figure: minutes outside a rule (of two rules at once both count) · (✓) watched for less than nine tenths"
    " of the day · n/m: not monitored",
    "✓ 当日全部合规 · 数字为不合规分钟数（同时违反两条规则时分别计）· （✓）监测不足全天九成 · “未”：当日未监测，不作合规论",
)


class Day(NamedTuple):
    """A zone's day: seconds by kind and what."""

    watched: float
    values: Mapping[tuple[str, str], float]

    def of(self, kind: Kind) -> float:
        """All of a kind together, s or times."""
        return sum(v for (k, _), v in self.values.items() if k == kind)

    def outside(self) -> list[tuple[str, float]]:
        """Rules that it stood outside, and s."""
        return [(what, v) for (k, what), v in self.values.items() if k == Kind.VIOLATION and v > 0]


NOTHING: Final = Day(0.0, {})


def days(rows: Sequence[ZoneDay]) -> dict[tuple[str, str], Day]:
    """By (zone, day)."""
    found: defaultdict[tuple[str, str], dict[tuple[str, str], float]] = defaultdict(dict)
    for row in rows:
        found[row.zone, row.day][row.kind, row.what] = row.value
    return {key: Day(values.get((Kind.WATCHED, ""), 0.0), values) for key, values in found.items()}


def measured(zone: Zone, rule: RuleId) -> bool | None:
    """Whether a rule can be judged in a zone, by what the zone has; None: it has nothing that the rule is about."""
    if rule is RuleId.CORRIDOR_DELAY and not zone.circulation:
        return None
    if rule is RuleId.LIGHTS_CLOSE and zone.circulation:
        return None
    if rule is RuleId.PLUG_CLOSE:
        there = any(e.kind is EquipmentKind.PLUGS for e in zone.units)
    elif rule in _LIGHTS:
        there = any(e.lights and not e.escape_route for e in zone.units)
    else:
        there = any(e.hvac for e in zone.equipment)
    return BY_ID[rule].applies(zone) if there else None


def parts(facts: Facts, lang: Lang) -> Iterator[Part]:
    """The matrix of zones and rules, the calendar of zones and days, and for the workbook a line a zone and day."""
    by_day = days(facts.zone_days)
    dates = dates_of(facts)
    matrix = _matrix(facts, by_day, dates, lang)
    exempted = _exemptions(facts, lang)
    blocks: list[Block] = [_said(facts, by_day, dates, lang), Text(_BY_RULE.told(lang), "heading"), matrix]
    blocks.append(Text(_LEGEND.told(lang), "note"))
    if exempted is not None:
        blocks.append(exempted)
    yield Part("evidence", _TITLE.told(lang), _TITLE.told(lang), tuple(blocks), wide=True)
    calendar = [_month(facts, by_day, month, lang) for month in _months(dates)]
    yield Part(
        "evidence-days", _BY_DAY.told(lang), _DAYS_SHEET.told(lang), (Text(_LEGEND_DAY.told(lang), "note"), *calendar), wide=True
    )  # fmt: skip


def lines(facts: Facts, lang: Lang) -> Part:
    """For the workbook: a line for each zone and day on which anything happened, with everything that was counted."""
    by_day = days(facts.zone_days)
    heads = tuple(h.told(lang) for h in _LINES)
    rows = tuple(
        _line(zone, day, by_day.get((zone.id, day), NOTHING), lang)
        for zone in facts.site.zones.values() for day in dates_of(facts)
        if any(by_day.get((zone.id, day), NOTHING).of(kind) for kind in _EVENTS)
    )  # fmt: skip
    name = _LINES_SHEET.told(lang)
    return Part("evidence-lines", name, name, (Table(heads, rows),), long=True, wide=True, paper=False)


_EVENTS: Final = (
    Kind.VIOLATION, Kind.CORRECTION, Kind.EXCEPTION, Kind.SUSPENDED, Kind.OVERRIDE, Kind.BY_HAND, Kind.SET_BUT_OFF,
    Kind.BLOCKED,
)  # fmt: skip
_LINES: Final = (
    Phrase("day", "日期"), Phrase("zone", "区域"), Phrase("name", "名称"), Phrase("state", "状态"), Phrase("watched, h", "监测 h"),
    Phrase("outside, min", "不合规 min"), Phrase("rules", "规则"), Phrase("corrected", "纠正 次"), Phrase("exceptions", "例外 次"),
    Phrase("suspended, min", "规则暂停 min"), Phrase("held by others, min", "他人占用 min"), Phrase("by hand, min", "手动 min"),
    Phrase("kept off, min", "限制运行 min"), Phrase("set but off, min", "超限停机 min"),
)  # fmt: skip
_STATES: Final = {
    "ok": Phrase("within", "合规"), "out": Phrase("outside", "不合规"), "none": UNMONITORED,
}  # fmt: skip


def _line(zone: Zone, day: str, of: Day, lang: Lang) -> Row:
    if of.watched < LEAST:
        blank = Cell("")
        return (
            Cell(day), Cell(zone.id), Cell(zone.name), Cell(UNMONITORED.told(lang), tone="faint"), Cell(of.watched / 3600.0, 1),
            Cell(UNMONITORED.told(lang), tone="faint"), *([blank] * 8),
        )  # fmt: skip
    outside = of.outside()
    seconds = sum(v for _, v in outside)
    said = "；".join(f"{_rule(r, lang)} {v / 60:.0f}" for r, v in outside)
    return (
        Cell(day), Cell(zone.id), Cell(zone.name),
        Cell(_STATES["out" if seconds else "ok"].told(lang), tone="bad" if seconds else "good"), Cell(of.watched / 3600.0, 1),
        Cell(seconds / 60.0, 1, key=f"outside/{zone.id}/{day}"), Cell(said), Cell(of.of(Kind.CORRECTION), 0), Cell(of.of(Kind.EXCEPTION), 0),
        Cell(of.of(Kind.SUSPENDED) / 60.0, 1), Cell(of.of(Kind.OVERRIDE) / 60.0, 1), Cell(of.of(Kind.BY_HAND) / 60.0, 1),
        Cell(of.of(Kind.BLOCKED) / 60.0, 1), Cell(of.of(Kind.SET_BUT_OFF) / 60.0, 1),
    )  # fmt: skip


def _rule(what: str, lang: Lang) -> str:
    return rule_title(RuleId(what), lang) if what in BY_ID else what


def role_name(what: str, lang: Lang) -> str:
    """A point's role in words."""
    if what in ROLES:
        return ROLES[Role(what)].meaning_zh if lang == "zh" else what.replace("_", " ")
    return what


# ------------------------------------------------------------------ zones and rules


def _said(facts: Facts, by_day: Mapping[tuple[str, str], Day], dates: Sequence[str], lang: Lang) -> Text:
    zones, count = len(facts.site.zones), len(facts.site.zones) * len(dates)
    known = [by_day[z, d] for z in facts.site.zones for d in dates if (z, d) in by_day]
    watched = [d for d in known if d.watched >= LEAST]
    clean = sum(not d.outside() for d in watched)
    if not watched:
        return Text(Phrase(
            f"{zones} zones: nothing was monitored in this period, and nothing is called compliant.",
            f"共 {zones} 个区域：本期无监测数据，均记为未监测，不作合规论。",
        ).told(lang), "lead")  # fmt: skip
    return Text(Phrase(
        f"{zones} zones, {count:,} zone-days: {clean:,} within all rules, {len(watched) - clean:,} outside one for some time,"
        f" {count - len(watched):,} unmonitored.",
        f"共 {zones} 个区域、{count:,} 个区域日：{clean:,} 个全部合规，{len(watched) - clean:,} 个有不合规，{count - len(watched):,} 个未监测。",
    ).told(lang), "lead")  # fmt: skip


def _matrix(facts: Facts, by_day: Mapping[tuple[str, str], Day], dates: Sequence[str], lang: Lang) -> Table:
    rules = [r for r in JUDGED if any(measured(z, r) is not None for z in facts.site.zones.values())]
    heads = [
        _ZONE.told(lang),
        *(rule_title(r, lang) for r in rules),
        Phrase("watched, h", "监测 h").told(lang),
    ]
    heads += [Phrase("corrected", "纠正 次").told(lang), Phrase("held by others, h", "他人占用 h").told(lang)]
    rows = []
    for zone in facts.site.zones.values():
        its = [by_day[zone.id, d] for d in dates if (zone.id, d) in by_day]
        watched = sum(d.watched for d in its)
        cells = [_of_rule(facts, zone, rule, its, watched, lang) for rule in rules]
        rows.append((
            Cell(named(zone)), *cells, Cell(watched / 3600.0, 1, key=f"watched/{zone.id}"),
            Cell(sum(d.of(Kind.CORRECTION) for d in its), 0, key=f"corrected/{zone.id}"),
            Cell(sum(d.of(Kind.OVERRIDE) for d in its) / 3600.0, 1, key=f"override/{zone.id}"),
        ))  # fmt: skip
    return Table(tuple(heads), tuple(rows), signs=True)


def named(zone: Zone) -> str:
    """A zone by its name, and its id where that is another."""
    return f"{zone.name}（{zone.id}）" if zone.name and zone.name != zone.id else zone.id


def _of_rule(facts: Facts, zone: Zone, rule: RuleId, its: Sequence[Day], watched: float, lang: Lang) -> Cell:
    can = measured(zone, rule)
    if can is None:
        return Cell("–", tone="faint")
    key = f"outside/{zone.id}/{rule.value}"
    seconds = sum(d.values.get((Kind.VIOLATION, rule), 0.0) for d in its)
    if seconds > 0:
        return Cell(seconds / 3600.0, 1 if seconds >= 180 else 2, key=key, tone="bad")
    exemption = zone.exemption(rule)
    if exemption is not None and exemption.until >= facts.dates[1]:
        return Cell(_EXEMPT.told(lang), tone="faint")
    if not can or watched < LEAST:
        return Cell(UNMONITORED.told(lang), tone="faint")
    return Cell("✓", tone="good")


def _exemptions(facts: Facts, lang: Lang) -> Table | None:
    """Every exemption of the site file, who approved it, and whether it held."""
    rows = exempted(facts, lang)
    return (
        Table(tuple(h.told(lang) for h in EXEMPTED), rows, title=Phrase("Exemptions", "豁免清单").told(lang))
        if rows
        else None
    )


EXEMPTED: Final = (
    Phrase("zones", "区域"), Phrase("rules", "规则"), Phrase("reason", "理由"), Phrase("approver", "批准人"), Phrase("until", "有效期至"),
    Phrase("state", "状态"),
)  # fmt: skip


def exempted(facts: Facts, lang: Lang) -> tuple[Row, ...]:
    """A row an exemption."""
    first, last = facts.dates
    comma = Phrase(", ", "、").told(lang)
    rows = []
    for each in facts.site.exemptions:
        zones = comma.join(facts.site.zones[z].name or z if z in facts.site.zones else z for z in each.zones)
        state = Phrase("in force", "有效")
        if each.until < first:
            state = Phrase("lapsed before", "已失效")
        elif each.until < last:
            state = Phrase("lapsed in this period", "期内失效")
        rows.append((
            Cell(zones), Cell(comma.join(rule_title(r, lang) for r in each.rules)), Cell(each.reason), Cell(each.approver),
            Cell(str(each.until)), Cell(state.told(lang), tone="" if each.until >= last else "bad"),
        ))  # fmt: skip
    return tuple(rows)


# ------------------------------------------------------------------ zones and days


def _months(dates: Sequence[str]) -> list[list[str]]:
    found: dict[str, list[str]] = {}
    for day in dates:
        found.setdefault(day[:7], []).append(day)
    return list(found.values())


def _month(facts: Facts, by_day: Mapping[tuple[str, str], Day], dates: Sequence[str], lang: Lang) -> Table:
    lengths = {day: _length(facts, day) for day in dates}
    rows = tuple(
        (Cell(zone.name or zone.id), *(_of_day(by_day.get((zone.id, day), NOTHING), lengths[day], lang) for day in dates))
        for zone in facts.site.zones.values()
    )  # fmt: skip
    heads = (_ZONE.told(lang), *(day[8:].lstrip("0") for day in dates))
    return Table(heads, rows, title=dates[0][:7], dense=True)


def _length(facts: Facts, day: str) -> float:
    """s of a day that have passed: 23 or 25 hours where the clocks change."""
    at = date.fromisoformat(day)
    start, end = (instant_of(d, 0, facts.site.tz) for d in (at, date.fromordinal(at.toordinal() + 1)))
    return max(1.0, min(end, facts.now) - start)


def _of_day(day: Day, length: float, lang: Lang) -> Cell:
    if day.watched < LEAST:
        return Cell(_SHORT.told(lang), tone="faint")
    outside = sum(v for _, v in day.outside())
    if outside > 0:
        return Cell(f"{max(1, round(outside / 60)):d}", tone="bad")
    return Cell("✓", tone="good") if day.watched >= WHOLE * length else Cell("(✓)", tone="good")
