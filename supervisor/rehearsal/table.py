"""Rehearsals side by side, and the difference: the same rows for a terminal, for JSON and for the page."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from config.phrase import Lang, Phrase, columns, filled
from simulator.comfort import CLO, CLO_MILD, MET
from supervisor.core.rules import BY_ID
from supervisor.rehearsal.account import COLD, HOT
from supervisor.rehearsal.result import SEEN, Result, as_json
from supervisor.rehearsal.scenario import TODAY

USES = {
    "cooling": Phrase("cooling", "制冷"),
    "heating": Phrase("heating", "制热"),
    "fans": Phrase("fans", "风机"),
    "pumps": Phrase("pumps", "水泵"),
    "lights": Phrase("lights", "照明"),
    "equipment": Phrase("equipment", "设备"),
    "power": Phrase("power", "动力"),
}
GROUPS = {
    "energy": Phrase("energy", "能耗"),
    "comfort": Phrase("comfort", "舒适"),
    "faults": Phrase("faults", "故障"),
    "compliance": Phrase("compliance", "合规"),
}


class Row(NamedTuple):
    """One figure of each run. `group` is what it belongs to, `unit` may be empty."""

    group: str
    what: Phrase
    unit: str
    values: tuple[float, ...]

    @property
    def difference(self) -> float:
        """The first run less the second; NaN for one run."""
        return self.values[0] - self.values[1] if len(self.values) > 1 else math.nan

    @property
    def percent(self) -> float:
        """The difference in per cent of the second run; NaN where that is nothing."""
        if len(self.values) < 2 or abs(self.values[1]) < 1e-9:
            return math.nan
        return 100.0 * self.difference / self.values[1]


def rows(results: Sequence[Result]) -> Iterator[Row]:
    """Every figure, in groups: energy, comfort, compliance."""

    def row(group: str, what: Phrase, unit: str, values: Iterable[float]) -> Row:
        return Row(group, what, unit, tuple(float(value) for value in values))

    for use, words in USES.items():
        yield row("energy", words, "kWh", (r.energy[use] for r in results))
    yield row("energy", Phrase("electricity", "电量合计"), "kWh", (r.electricity for r in results))
    yield row("energy", Phrase("gas", "燃气"), "kWh", (r.gas for r in results))
    yield row("energy", Phrase("HVAC, gas included", "暖通空调（含燃气）"), "kWh", (r.hvac for r in results))
    yield row("energy", Phrase("water", "水"), "m³", (r.water for r in results))
    hot = Phrase(f"occupied above {HOT:.0f} °C", f"有人时高于 {HOT:.0f} °C")
    cold = Phrase(f"occupied below {COLD:.0f} °C", f"有人时低于 {COLD:.0f} °C")
    yield row("comfort", hot, "K·h", (r.hot_kelvin_hours for r in results))
    yield row("comfort", cold, "K·h", (r.cold_kelvin_hours for r in results))
    yield row("comfort", Phrase("dissatisfied (PPD)", "预计不满意率"), "%", (r.ppd for r in results))
    yield row("comfort", Phrase("occupied", "有人时间"), "h", (r.occupied_hours for r in results))
    yield row("comfort", Phrase("open", "开放时间"), "h", (r.open_hours for r in results))
    yield row("comfort", Phrase("exceptions", "例外（暂停执行）"), "h", (r.exception_hours for r in results))
    if any(r.stuck_hours or r.silent_hours for r in results):
        yield row("faults", Phrase("sensors stuck", "传感器卡死"), "h", (r.stuck_hours for r in results))
        yield row("faults", Phrase("devices silent", "设备失联"), "h", (r.silent_hours for r in results))
    for what, unit, table in (
        (Phrase("violated", "违反"), "h", [r.violation_hours for r in results]),
        (Phrase("set but off", "设定超限但停机"), "h", [r.set_but_off_hours for r in results]),
        (Phrase("enforced", "纠正"), "×", [r.enforcements for r in results]),
    ):
        for rule in (rule for rule in BY_ID if any(str(rule) in t for t in table)):
            said = Phrase(f"{what.en}: {rule}", f"{what.zh} {BY_ID[rule].title.zh}")
            yield row("compliance", said, unit, (t.get(str(rule), 0.0) for t in table))


def peopled(result: Result) -> Phrase:
    """What was assumed of the people: what is saved in empty rooms hangs on it more than on anything else."""
    if result.people == SEEN:
        return Phrase(
            f"people: as presence sensors saw them; rooms stood empty as a whole {result.empty:.0%} of their opening hours",
            f"人员：按人体传感器记录；房间在开放时间内有 {result.empty:.0%} 整间无人",
        )
    kind = Phrase(result.people, _KINDS_ZH[result.people])
    if result.empty:
        return Phrase(
            f"people: {kind.en}; offices stand empty as a whole {result.empty:.0%} of their opening hours (--empty)",
            f"人员：{kind.zh}；办公室在开放时间内有 {result.empty:.0%} 整间无人（--empty）",
        )
    return Phrase(
        f"people: {kind.en}; offices seldom stand empty as a whole: --empty says how much, from your sensors",
        f"人员：{kind.zh}；办公室很少整间无人：可按现场传感器记录用 --empty 指定比例",
    )


_KINDS_ZH = {"tidy": "细心", "usual": "一般", "careless": "粗心"}


WIDTH: Final = 80
"""Columns that a terminal has at least: no line of the table is wider."""
_NAMES, _UNITS = 34, 5
_TIMES: Final = Phrase("×", "次")
_LABELS: Final = 13
"""Columns of a file's name above its figures: of a longer one the end is shown, where two differ."""
_TODAY: Final = Phrase(TODAY, "现状")
_DIFFERENCE: Final = Phrase("change", "差值")
_UNEQUAL: Final = Phrase(
    "the two have not lived as many hours: what differs is not only the change",
    "两者演练的小时数不同：差异不全来自改动",
)
_FOOTER: Final = Phrase(
    f"PPD by ISO 7730:2005 with {MET} met, {CLO['summer']} clo in summer, {CLO['winter']} in winter, "
    f"{CLO_MILD} between. Comfort is that of rooms in which people stay: no corridor, no stair. "
    f"Hours of violation, exception and occupation are zone-hours.",
    f"预计不满意率按 ISO 7730:2005 计：代谢率 {MET} met，服装夏季 {CLO['summer']} clo、冬季 {CLO['winter']} clo、"
    f"过渡季 {CLO_MILD} clo。舒适指有人停留的房间，不含走廊、楼梯。违反、例外与有人时间均为区域小时。",
)


def text(results: Sequence[Result], lang: Lang = "en") -> str:
    """The table for a terminal, in one language."""
    first = results[0]
    head = Phrase(
        f"{first.name}  {first.first} to {first.last}  seed {first.seed}",
        f"{first.name}  {first.first} 至 {first.last}  种子 {first.seed}",
    )
    said = [head, Phrase(f"weather: {first.weather}", f"气象：{_weather(first.weather)}"), peopled(first)]
    said += [_interrupted(r) for r in results if not r.complete]
    said += [_UNEQUAL] if len({r.hours for r in results}) > 1 else []
    lines = [filled(each.told(lang), WIDTH, hang=2) for each in said]
    heads = [_shortened(called(r.label, lang)) for r in results]
    widths = [max(11, columns(head) + 1) for head in heads]
    if len(results) > 1:
        heads += [_DIFFERENCE.told(lang), "%"]
        widths += [10, 7]
    group = ""
    for entry in rows(results):
        if entry.group != group:
            group = entry.group
            lines += ["", _columned(GROUPS[group].told(lang), "", heads, widths)]
        counted = entry.unit == _TIMES.en
        cells = [figure(value, whole=counted) for value in entry.values]
        if len(results) > 1:
            cells += [figure(entry.difference, sign=True, whole=counted), percent(entry.percent)]
        lines.append(
            _columned(
                f"  {entry.what.told(lang)}",
                _TIMES.told(lang) if entry.unit == _TIMES.en else entry.unit,
                cells,
                widths,
            )
        )
    lines += ["", filled(_FOOTER.told(lang), WIDTH)]
    return "\n".join(lines)


def _weather(label: str) -> str:
    """What the weather is called, in Chinese; a place keeps its name."""
    found = re.fullmatch(r"synthetic Shanghai year \(normals (\S+), seed (\d+)\)(.*)", label)
    said = f"合成的上海年（{found[1]} 年气候平均，种子 {found[2]}）{found[3]}" if found is not None else label
    return said.replace(", by a clock of ", "，时钟按 ")


def _columned(name: str, unit: str, cells: Sequence[str], widths: Sequence[int]) -> str:
    figures = "".join(_right(cell, wide) for cell, wide in zip(cells, widths, strict=True))
    return (_left(name, _NAMES) + _left(unit, _UNITS) + figures).rstrip()


def called(label: str, lang: Lang) -> str:
    """What stands above a run's figures: its file, or the building as people run it today."""
    return _TODAY.told(lang) if label == TODAY else label


def _shortened(label: str) -> str:
    return label if columns(label) < _LABELS else f"…{label[-(_LABELS - 2) :]}"


def document(results: Sequence[Result]) -> dict[str, Any]:
    """The same as JSON."""
    first = results[0]
    answer: dict[str, Any] = {
        "building": first.building,
        "from": first.first.isoformat(),
        "to": first.last.isoformat(),
        "weather": first.weather,
        "seed": first.seed,
        "runs": [as_json(result) for result in results],
    }
    if len(results) > 1:
        answer["difference"] = {
            f"{row.group}.{row.what.en}": {
                "value": _or_none(row.difference, 3),
                "percent": _or_none(row.percent, 2),
            }
            for row in rows(results)
        }
    return answer


def _interrupted(result: Result) -> Phrase:
    label, hours, days = result.label, result.hours, result.hours // 24
    return Phrase(
        f"interrupted: {label} counts {hours} hours, {days} days",
        f"已中断：{label} 只计 {hours} 小时，{days} 天",
    )


def _or_none(value: float, digits: int) -> float | None:
    return round(value, digits) if math.isfinite(value) else None


def figure(value: float, *, sign: bool = False, whole: bool = False) -> str:
    """A figure for people: three digits or more, and a count (`whole`), without decimals, a dash for what is not known."""
    if not math.isfinite(value):
        return "—"
    places = 0 if abs(value) >= 100 or (whole and float(value).is_integer()) else 1
    rounded = round(value, places)
    return f"{rounded or 0.0:{'+' if sign and rounded else ''},.{places}f}"


def percent(value: float) -> str:
    """Per cent with its sign; beyond ten times as much no more than that."""
    if not math.isfinite(value):
        return "—"
    return f"{round(value, 1) or 0.0:{'+' if round(value, 1) else ''}.1f}" if value < 1000.0 else "> +999"


def _left(text_: str, width: int) -> str:
    return text_ + " " * max(1, width - columns(text_))


def _right(text_: str, width: int) -> str:
    return " " * max(1, width - columns(text_)) + text_


_ELECTRICITY, _GAS = Phrase("electricity kWh", "电量 kWh"), Phrase("gas kWh", "燃气 kWh")
_HOT, _COLD = Phrase("above K·h", "过热 K·h"), Phrase("below K·h", "过冷 K·h")
_VIOLATED = Phrase("violated h", "违反 h")
_HVAC, _ENERGY = Phrase("HVAC %", "空调 %"), Phrase("energy %", "能耗 %")


def fleet(groups: Sequence[Sequence[Result]], lang: Lang = "en") -> str:
    """One line a building: electricity, gas, and with a second run the difference; comfort; violations."""
    titles = [_ELECTRICITY, _GAS, _HOT, _COLD, _VIOLATED]
    if any(len(group) > 1 for group in groups):
        titles += [_HVAC, _ENERGY]
    heads = [title.told(lang) for title in titles]
    lines = [f"{r.name}: {_interrupted(r).told(lang)}" for group in groups for r in group if not r.complete]
    names = [group[0].name for group in groups]
    names = [
        name if names.count(name) == 1 else f"{name} ({group[0].label})"
        for name, group in zip(names, groups, strict=True)
    ]
    wide = max(28, *(columns(name) + 1 for name in names))
    building = Phrase("building", "建筑").told(lang)
    lines.append(_left(building, wide) + "".join(_right(head, 17) for head in heads))
    for name, group in zip(names, groups, strict=True):
        first = group[0]
        cells = [
            figure(value)
            for value in (
                first.electricity, first.gas, first.hot_kelvin_hours, first.cold_kelvin_hours,
                sum(first.violation_hours.values()),
            )
        ]  # fmt: skip
        if len(group) > 1:
            cells += [percent(_change(r(first), r(group[1]))) for r in (_hvac, _all)]
        lines.append(_left(name, wide) + "".join(_right(cell, 17) for cell in cells))
    return "\n".join(lines)


def _hvac(result: Result) -> float:
    return result.hvac


def _all(result: Result) -> float:
    return result.electricity + result.gas


def _change(new: float, old: float) -> float:
    return 100.0 * (new - old) / old if old else math.nan
