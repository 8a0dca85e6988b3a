"""Tables that are wider than a reading a line: a column a meter, an hour or a day, a bill with two figures. They become a reading a line.

Pure. What such a table says in more than one way is refused, with the line and the column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from config.phrase import Phrase
from config.site import Site
from schedules.moments import begins_a_day, day_alone
from supervisor.ledger import columns as named
from supervisor.ledger import file_units, tariffs
from supervisor.ledger.figures import nothing, number, written
from supervisor.ledger.lines import Line
from supervisor.ledger.naming import named as meter_of
from supervisor.ledger.sheets import Table, marked

Problem = tuple[int, Phrase]
"""What is wrong with a table, and in which line."""
_LONG: Final = {"time": 0, "meter": 1, "value": 2, "unit": 3, "ratio": 4}
_SLACK: Final = 0.1
"""Share by which a bill's consumption may differ from what its figures rose by: losses of transformer and line are added to some."""


def long(of: Table, site: Site, meter: str | None) -> Table | Problem:
    """A table with a reading a line. `meter`: whose all of it is."""
    for shape in (_called, _whose, _totals, _hours, _days, _bills, _meters):
        made = shape(of, site, meter)
        if not isinstance(made, Table):
            return made
        of = made
    return of


def _called(of: Table, site: Site, meter: str | None) -> Table | Problem:
    """A column that is called as a meter of the site file is that meter's, whatever else its name means (`export`, `index`), in a table that
    has not its meters and readings each in one column."""
    if meter is not None or "time" not in of.columns or {"meter", "value"} <= of.columns.keys():
        return of
    its = {
        name
        for name, n in of.columns.items()
        if name not in ("time", "clock") and meter_of(named.bare(of.heading[n]), site) in site.meters
    }
    if not its:
        return of
    doubt = of.doubt if "value" not in its else None
    return replace(of, columns={name: n for name, n in of.columns.items() if name not in its}, doubt=doubt,
                   open=of.open if "value" not in its else None)  # fmt: skip


def _whose(of: Table, site: Site, meter: str | None) -> Table | Problem:
    """Of several columns that may name the meter, the one that names most of the site's."""
    places = [n for n, cell in enumerate(of.heading) if named.name_of(cell) == "meter"]
    if meter is not None or len(places) < 2:
        return of
    known = [
        sum(n < len(line.cells) and meter_of(line.cells[n], site) in site.meters for line in of.lines)
        for n in places
    ]
    best = places[known.index(max(known))] if any(known) else of.columns["meter"]
    return replace(of, columns={**of.columns, "meter": best})


def _totals(of: Table, site: Site, meter: str | None) -> Table | Problem:
    """Where each tariff (尖, 峰, 平, 谷) has a line: that of all hours; where there is a register of what is fed in: that is another meter's."""
    back = of.columns.get("back")
    if (
        back is not None
        and len(
            {
                line.cells[back]
                for line in of.lines
                if back < len(line.cells) and not nothing(line.cells[back])
            }
        )
        > 1
    ):
        of = _noted(of, Phrase(
            f"the column `{of.heading[back]}` was left out: what is fed in is a meter of its own, of: [+in, -out] makes the difference",
            f"列“{of.heading[back]}”未导入：上网（反向）电量应作为单独的表导入，净用量用 of: [+in, -out] 计算",
        ))  # fmt: skip
    where = of.columns.get("rate")
    if where is None:
        return of

    def whose(line: Line) -> str:
        return meter if meter is not None else meter_of(_cell(line, of, "meter"), site)

    return tariffs.totals(of, where, whose)


def _hours(of: Table, site: Site, meter: str | None) -> Table | Problem:
    """A line a day, and a column an hour."""
    if "time" not in of.columns or "value" in of.columns:
        return of
    if stretches := named.stretches(of.heading):
        return of.at, Phrase(
            f"column `{of.heading[stretches[0]]}` says what was consumed from one time to another: give the register's figures at each hour",
            f"列“{of.heading[stretches[0]]}”是时段用量：请提供各整点的表底读数",
        )
    found = named.hours(of.heading)
    if not found:
        return of

    for line in of.lines:
        if day_alone(day := _cell(line, of, "time")) is None:
            return line.number, Phrase(
                f"`{day}` has a time of its own, and the columns have the hours: write the day alone, 2026-03-01, by the building's clock",
                f"`{day}` 自带时刻，而各列又是整点：请只写日期，如 2026-03-01（当地时间）",
            )

    def readings(line: Line) -> Iterator[tuple[int, str, str]]:
        day = day_alone(_cell(line, of, "time"))
        for n, hour in found.items():
            yield n, f"{day} {hour}", _cell(line, of, "meter")

    return _melted(of, readings, list(found))


def _days(of: Table, site: Site, meter: str | None) -> Table | Problem:
    """A line a meter, and a column a day."""
    if "time" in of.columns or "value" in of.columns or not of.heading:
        return of
    if vague := [n for n, cell in enumerate(of.heading) if named.no_day(cell)]:
        cell = of.heading[vague[0]]
        return of.at, Phrase(
            f"column `{cell}` names no instant: a register's figure has one, 2026-03-31T24:00; what was consumed in it is none",
            f"列“{cell}”没有写明抄表时刻：表底读数应写明时刻，如 2026-03-31 24:00；若为当期用量，则不是读数",
        )
    found = [n for n, cell in enumerate(of.heading) if begins_a_day(cell)]
    if not found or ("meter" not in of.columns and meter is None):
        return of

    def readings(line: Line) -> Iterator[tuple[int, str, str]]:
        for n in found:
            yield n, of.heading[n], _cell(line, of, "meter")

    return _melted(of, readings, found)


def _bills(of: Table, site: Site, meter: str | None) -> Table | Problem:
    """Bills: the figure of the last time (上月示数) beside this time's, the multiplier, and what was consumed, which must agree."""
    if "last" not in of.columns or "value" not in of.columns or "time" not in of.columns:
        return of
    last, value, since = of.columns["last"], of.columns["value"], of.columns.get("since")
    places = [last, value] if since is not None else [value]

    def readings(line: Line) -> Iterator[tuple[int, str, str]]:
        for n in places:
            at = _cell(line, of, "since") if n == last else of.cell(line, "time") or ""
            yield n, at, _cell(line, of, "meter")

    made = _melted(of, readings, [last, value])
    if not isinstance(made, Table) or made.doubt is not None:
        return made
    for line in of.lines:
        if (wrong := _billed(of, line, comma=made.comma)) is not None:
            return line.number, wrong
    if since is None:
        made = replace(made, lines=tuple(line for line in made.lines if line.column != of.heading[last]))
        return _noted(made, Phrase(
            f"`{of.heading[last]}` was left out, since no column says when that was read: the figures of the bill before have it",
            f"“{of.heading[last]}”未导入：没有列写明上次抄表日期（起始日期）；上一期账单中应已有该读数",
        ))  # fmt: skip
    return made


def _billed(of: Table, line: Line, *, comma: bool) -> Phrase | None:
    """Why what a bill says was consumed is not what its figures rose by: the multiplier of another meter, or none."""
    last, value, used = (_figure(_cell(line, of, name), comma=comma) for name in ("last", "value", "used"))
    times = file_units.multiplier(_cell(line, of, "ratio"))
    if last is None or value is None or isinstance(times, Phrase):
        return None
    if used is None or value < last:
        return None  # its register began anew, or nobody says what was consumed
    rise = (value - last) * (times or 1.0)
    if abs(used - rise) <= max(_SLACK * rise, 1.0):
        return None
    return Phrase(
        f"from {last:.12g} to {value:.12g} it counted {rise:.12g}, and the file says {used:.12g} consumed: is there a multiplier or a unit that it does not tell?",
        f"{last:.12g} 到 {value:.12g} 应为 {rise:.12g}，文件中用量为 {used:.12g}：是否缺少倍率或单位？",
    )


def _meters(of: Table, site: Site, meter: str | None) -> Table | Problem:
    """A column a meter."""
    if "time" not in of.columns or "value" in of.columns or "meter" in of.columns or meter is not None:
        return of
    taken = set(of.columns.values())
    whose = {n: _named(cell, site)[0] for n, cell in enumerate(of.heading) if n not in taken and cell}
    found = {n: name for n, name in whose.items() if name in site.meters}
    if not found:
        return of
    if len(set(found.values())) < len(found):
        twice = next(name for name in found.values() if list(found.values()).count(name) > 1)
        return of.at, Phrase(f"two columns are of `{twice}`: keep one", f"有两列都是 `{twice}`：请只保留一列")
    for n in whose.keys() - found.keys():
        if _asides(of.heading[n]) or not any(
            _figure(line.cells[n]) is not None for line in of.lines if n < len(line.cells)
        ):
            continue
        return of.at, Phrase(
            f"column {n + 1}, `{of.heading[n]}`, is no meter of the site file: call it as its meter, or take it out; there are {', '.join(site.meters)}",
            f"第 {n + 1} 列“{of.heading[n]}”不是站点文件中的计量表：请改为表名或删除该列；现有 {'、'.join(site.meters)}",
        )

    def readings(line: Line) -> Iterator[tuple[int, str, str]]:
        for n, name in found.items():
            yield n, of.cell(line, "time") or "", name

    return _melted(of, readings, list(found), {n: _named(of.heading[n], site)[1] for n in found})


def _named(heading: str, site: Site) -> tuple[str, list[str]]:
    """Whose a column is, and what may be its unit. Where its name is a meter's as it stands, none is behind it: the meter `line-kwh`."""
    for text in (heading, named.bare(heading)):
        if (name := meter_of(text, site)) in site.meters:
            return name, named.bracketed(heading)
    return meter_of(named.plain(heading), site), named.brackets(heading)


_ASIDES: Final = frozenset({
    "序号", "编号", "no", "no.", "#", "温度", "气温", "室外温度", "最高气温", "最低气温", "湿度", "星期", "周", "备注", "天气", "temperature", "outdoor temperature",
    "humidity", "weekday", "week", "day", "month", "year", "年", "月", "日",
})  # fmt: skip
"""Columns beside those of meters that are none."""


def _asides(heading: str) -> bool:
    return any(cell in _ASIDES | named.SUMS for cell in (named.bare(heading), named.plain(heading)))


def _melted(
    of: Table,
    readings: Callable[[Line], Iterable[tuple[int, str, str]]],
    places: Sequence[int],
    behind: Mapping[int, Sequence[str]] = MappingProxyType({}),
) -> Table | Problem:
    """A table of a reading a line, of (column, time, meter) of each line; empty cells are none. `behind`: what may be a column's unit,
    where that is not simply what its heading has in brackets and behind its name."""
    units = {
        n: next(
            (
                unit
                for unit in behind.get(n, named.brackets(of.heading[n]))
                if file_units.unit_of(unit, water=True) is not None
            ),
            "",
        )
        for n in places
    }
    lines: list[Line] = []
    runs: dict[tuple[int, str], list[tuple[int, str]]] = {}
    across = len(set(places)) > 1 and "last" not in of.columns
    for line in of.lines:
        if any(line.cells[len(of.heading) :]):
            return line.number, Phrase(
                "more cells than the heading: is there a comma in a figure? put the figure in quotes",
                "单元格多于表头：数字里是否有逗号？请给该数字加引号",
            )
        for n, at, whose in readings(line):
            cell = line.cells[n] if n < len(line.cells) else ""
            if not cell:
                continue
            unit = units[n]
            made = (at, whose, cell, unit or _cell(line, of, "unit"), _cell(line, of, "ratio"))
            lines.append(Line(line.number, made, of.heading[n]))
            runs.setdefault((0 if across else n, whose), []).append((line.number, cell))
    columns = {
        name: n for name, n in _LONG.items() if name != "meter" or any(line.cells[1] for line in lines)
    }
    flat = replace(of, columns=columns, width=len(_LONG))
    return marked(flat, lines, runs.values())


def _cell(line: Line, of: Table, name: str) -> str:
    return of.cell(line, name) or ""


def _figure(text: str, *, comma: bool = False) -> float | None:
    return number(written(text, comma=comma)[0], comma=comma)


def _noted(of: Table, note: Phrase) -> Table:
    return replace(of, notes=(*of.notes, note))
