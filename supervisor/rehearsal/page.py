"""A rehearsal as one self-contained page, in Chinese and English: no script, no font, nothing fetched."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from config.phrase import Phrase
from schedules.time import instant_of
from simulator.plant.base import END_USES
from supervisor.core.rules import BY_ID
from supervisor.rehearsal.account import HOT
from supervisor.rehearsal.result import Result
from supervisor.rehearsal.table import GROUPS, USES, Row, figure, peopled, percent, rows
from supervisor.telling import svg

_STYLE = """
:root{color-scheme:light}
body{font:15px/1.5 system-ui,"Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC",sans-serif;
max-width:960px;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff;font-variant-numeric:tabular-nums}
h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:2.2rem 0 .6rem;border-bottom:1px solid #d0d7de}
p{margin:.3rem 0}table{border-collapse:collapse;width:100%}td,th{padding:.2rem .5rem;text-align:right;white-space:nowrap}
td:first-child,th:first-child{text-align:left;white-space:normal}tbody tr:nth-child(odd){background:#f6f8fa}
th{border-bottom:1px solid #57606a;font-weight:600}.less{color:#116329}.more{color:#9a3412}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:.8rem;margin:1.2rem 0}
.card{border:1px solid #d0d7de;border-radius:8px;padding:.7rem .9rem}.card b{display:block;font-size:1.7rem;line-height:1.25}
.card span{color:#57606a;font-size:13px;display:block}@media print{h2{break-after:avoid}svg,table,.card{break-inside:avoid}}
@media(max-width:640px){body{font-size:12px;padding:0 .4rem}td,th{white-space:normal;padding:.15rem .25rem}.card span{font-size:11px}}
svg{width:100%;height:auto;font:12px system-ui,"Noto Sans CJK SC","Source Han Sans SC",sans-serif}.grid{stroke:#d8dee4}
.key{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem .9rem;padding:0;margin:.2rem 0;font-size:13px}
.key i{display:inline-block;width:.8em;height:.8em;margin-right:.3em;border:1px solid #8888}.note{color:#57606a;font-size:13px}
"""
_HEAT = (12.0, 34.0)
"""°C, the ends of the heat map's colours; what lies beyond takes the last colour."""
_WORST = 10
_BY_MONTH = 62
"""Days beyond which the heat map names months in place of days."""


def page(results: Sequence[Result], tz: ZoneInfo, told: Sequence[str] = ()) -> str:
    """The whole page as text; `told` stands above all figures."""
    first = results[0]
    title = f"{first.name} {first.first} – {first.last}"
    body = "".join(_sections(results, tz, told))
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>\n"
    )


def _sections(results: Sequence[Result], tz: ZoneInfo, told: Sequence[str]) -> Iterator[str]:
    first = results[0]
    yield f"<h1>{escape(first.name)} · 演练 Rehearsal</h1>"
    if told:
        yield f'<p class="note">{"<br>".join(map(escape, told))}</p>'
    yield f"<p>{first.first} – {first.last} · {escape(first.weather)} · seed {first.seed}</p>"
    yield f'<p class="note">{escape(peopled(first).zh)}<br>{escape(peopled(first).en)}</p>'
    if len(results) > 1:
        yield f"<p>{escape(first.label)} 对比 against {escape(results[1].label)}</p>"
    for result in results:
        if not result.complete:
            yield f"<p><strong>中断 interrupted: {escape(result.label)}, {result.hours} h</strong></p>"
    yield f'<div class="cards">{"".join(_cards(results))}</div>'
    yield _table(results)
    dates = _dates(first, tz)
    yield "<h2>各月分项能耗 Energy by month and end use</h2>"
    if len(results) > 1:
        yield f'<p class="note">左 left: {escape(first.label)} · 右（浅色）right, pale: {escape(results[1].label)}</p>'
    yield _by_month(results, dates)
    for result in results:
        yield f"<h2>室温（各区域平均）Zone temperature, mean of all zones · {escape(result.label)}</h2>"
        yield _heat(result, dates, tz)
    yield "<h2>用电负荷历时曲线 Load duration curve</h2>"
    loads = [svg.Series(r.label, np.sort(r.uses.sum(axis=1))[::-1].tolist()) for r in results]
    yield svg.curves("load duration", loads, "kW", f"{len(dates):,} h")
    yield "<h2>各规则违反时间 Violations by rule</h2>"
    yield _violations(results)
    yield f"<h2>能耗最高的十天 Ten worst days · {escape(first.label)}</h2>"
    yield _worst(results, dates)


def _cards(results: Sequence[Result]) -> Iterator[str]:
    """The answer at a glance: energy, comfort beside it, and what stood outside the rules."""
    for what, unit, values in (
        (Phrase("HVAC energy", "暖通空调能耗"), "kWh", [r.hvac for r in results]),
        (Phrase("electricity", "总用电"), "kWh", [r.electricity for r in results]),
        (
            Phrase("occupied, too hot", f"有人时高于 {HOT:.0f} °C"),
            "K·h",
            [r.hot_kelvin_hours for r in results],
        ),
        (Phrase("outside the rules", "违反规则"), "h", [sum(r.violation_hours.values()) for r in results]),
    ):
        shown = f"{figure(values[0])} {unit}"
        if len(values) == 1:
            yield f'<div class="card"><span>{what.zh} {what.en}</span><b>{shown}</b></div>'
            continue
        change = 100.0 * (values[0] - values[1]) / values[1] if abs(values[1]) > 1e-9 else math.nan
        big = f"{change:+.0f} %" if math.isfinite(change) and abs(change) < 1000.0 else shown
        below = f"{shown}，{escape(results[1].label)} {figure(values[1])} {unit}"
        yield (
            f'<div class="card"><span>{what.zh} {what.en}</span><b class="{_tone(values[0] - values[1])}">{big}</b>'
            f"<span>{below}</span></div>"
        )


def _tone(difference: float) -> str:
    """Less energy, discomfort and violation is better than more."""
    return "less" if difference < 0.0 else "more" if difference > 0.0 else ""


def _table(results: Sequence[Result]) -> str:
    heads = [r.label for r in results] + (["差值 difference", "%"] if len(results) > 1 else [])
    parts: list[str] = []
    group = ""
    for row in rows(results):
        if row.group != group:
            if group:
                parts.append("</tbody></table>")
            group = row.group
            names = "".join(f"<th>{escape(head)}</th>" for head in heads)
            parts.append(
                f"<h2>{GROUPS[group].zh} {group.capitalize()}</h2><table><thead><tr><th></th>{names}</tr></thead><tbody>"
            )
        parts.append(_row(row))
    return "".join(parts) + "</tbody></table>"


def _row(row: Row) -> str:
    cells = "".join(f"<td>{figure(value)}</td>" for value in row.values)
    if len(row.values) > 1:
        judged = row.group in ("energy", "comfort") or row.what.en.startswith("violated")
        tone = f' class="{_tone(row.difference)}"' if judged and _tone(round(row.difference, 1)) else ""
        cells += f"<td{tone}>{figure(row.difference, sign=True)}</td><td{tone}>{percent(row.percent)}</td>"
    return f"<tr><td>{escape(f'{row.what.zh} {row.what.en}, {row.unit}')}</td>{cells}</tr>"


def _dates(result: Result, tz: ZoneInfo) -> list[dt.datetime]:
    """The local beginning of each hour of the period."""
    start = instant_of(result.first, 0, tz)
    return [dt.datetime.fromtimestamp(start + 3600.0 * n, tz) for n in range(len(result.uses))]


def _by_month(results: Sequence[Result], dates: Sequence[dt.datetime]) -> str:
    months = sorted({(date.year, date.month) for date in dates})
    place = {month: n for n, month in enumerate(months)}
    at = np.array([place[date.year, date.month] for date in dates])
    groups = []
    for result in results:
        kinds = [(f"{USES[use].zh} {use}", result.uses[:, i]) for i, use in enumerate(END_USES)]
        kinds.append(("燃气 gas", result.gas_hours))
        groups.append(
            [svg.Series(name, np.bincount(at, values, len(months)).tolist()) for name, values in kinds]
        )
    return svg.stacked_bars("energy by month and end use", [f"{m}月" for _, m in months], groups, "kWh")


def _heat(result: Result, dates: Sequence[dt.datetime], tz: ZoneInfo) -> str:
    days = sorted({date.date() for date in dates})
    place = {day: n for n, day in enumerate(days)}
    table: NDArray[Any] = np.full((24, len(days)), np.nan)
    mean = _mean(result.air)
    for n, date in enumerate(dates):
        table[date.hour, place[date.date()]] = mean[n]
    if len(days) > _BY_MONTH:
        marks = [(n, f"{day.month}月") for n, day in enumerate(days) if day.day == 1]
    else:
        every = max(1, len(days) // 8)
        marks = [(n, f"{day.month}-{day.day}") for n, day in enumerate(days) if n % every == 0]
    return svg.heat_map("zone temperature by hour and day", table, marks, *_HEAT)


def _mean(air: NDArray[Any]) -> NDArray[np.float64]:
    """Mean over zones; NaN for hours that were not lived."""
    lived = ~np.isnan(air).all(axis=1)
    mean = np.full(len(air), np.nan)
    mean[lived] = air[lived].astype(np.float64).mean(axis=1)
    return mean


def _violations(results: Sequence[Result]) -> str:
    rules = [rule for rule in BY_ID if any(r.violation_hours.get(str(rule), 0.0) > 0.0 for r in results)]
    if not rules:
        return "<p>无 none</p>"
    labels = [f"{BY_ID[rule].title.zh} {rule}" for rule in rules]
    lines = [svg.Series(r.label, [r.violation_hours.get(str(rule), 0.0) for rule in rules]) for r in results]
    return svg.bars("violation hours by rule", labels, lines, "h")


def _worst(results: Sequence[Result], dates: Sequence[dt.datetime]) -> str:
    first = results[0]
    days = sorted({date.date() for date in dates})
    place = {day: n for n, day in enumerate(days)}
    at = np.array([place[date.date()] for date in dates])

    def daily(values: NDArray[Any]) -> NDArray[np.float64]:
        return np.bincount(at, values.astype(np.float64), len(days)).astype(np.float64)

    used = [daily(r.uses.sum(axis=1) + r.gas_hours) for r in results]
    outdoor = daily(np.nan_to_num(first.outdoor)) / np.maximum(np.bincount(at, minlength=len(days)), 1)
    broken = daily(first.violations)
    heads = ["日期 day", "室外 outdoor °C", "违反 violated h", *(f"{escape(r.label)} kWh" for r in results)]
    body = ""
    for n in np.argsort(-used[0], kind="stable")[:_WORST]:
        cells = [f"{days[n]:%Y-%m-%d %a}", f"{outdoor[n]:.1f}", f"{broken[n]:.1f}"]
        cells += [figure(float(values[n])) for values in used]
        body += "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
    names = "".join(f"<th>{head}</th>" for head in heads)
    note = '<p class="note">电与燃气合计 electricity and gas together</p>'
    return f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>{note}"


def hours_csv(results: Sequence[Result], tz: ZoneInfo) -> Iterator[str]:
    """One line an hour: local time, outdoors, then each run's energy by use, gas, violations and zones."""
    several = len(results) > 1
    heads = ["time", "outdoor_celsius"]
    for result in results:
        prefix = f"{result.label}:" if several else ""
        names = [*(f"{use}_kwh" for use in END_USES), "gas_kwh", "violated_zone_hours"]
        heads += [f"{prefix}{name}" for name in (*names, *(f"{zone}_celsius" for zone in result.zones))]
    yield ",".join(_cell(head) for head in heads) + "\n"
    for n, date in enumerate(_dates(results[0], tz)):
        line = [date.isoformat(timespec="seconds"), _number(results[0].outdoor[n])]
        for r in results:
            line += [_number(v) for v in (*r.uses[n], r.gas_hours[n], r.violations[n], *r.air[n])]
        yield ",".join(line) + "\n"


def _number(value: float) -> str:
    """To 0.0001; empty for what was not lived."""
    return f"{float(value):.4f}" if math.isfinite(value) else ""


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text
