"""Plots as SVG text: stacked bars, a heat map, curves, bars. Everything is drawn in a box of fixed size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from config.phrase import columns

WIDTH, HEIGHT = 920.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 84.0, 12.0, 12.0, 34.0
COLOURS = ("#0072b2", "#d55e00", "#56b4e9", "#009e73", "#f0c000", "#999999", "#cc79a7", "#444444")
"""Okabe and Ito's palette: told apart by colour-blind readers too. Grey last."""
_HEAT = (
    "#313695", "#4575b4", "#74add1", "#abd9e9", "#e0f3f8", "#ffffbf", "#fee090", "#fdae61", "#f46d43", "#d73027",
    "#a50026",
)  # fmt: skip


class Series(NamedTuple):
    """A named row of figures."""

    name: str
    values: Sequence[float]


def stacked_bars(title: str, labels: Sequence[str], groups: Sequence[Sequence[Series]], unit: str) -> str:
    """For each label one bar a group side by side, each a stack of its series; all groups have the same series."""
    count = len(labels)
    tops = [sum(s.values[n] for s in group) for group in groups for n in range(count)]
    axis = _Axis(max([*tops, 0.0]))
    step = (WIDTH - LEFT - RIGHT) / max(count, 1)
    wide = step * 0.8 / len(groups)
    parts = [axis.grid(unit)]
    for n, label in enumerate(labels):
        for g, group in enumerate(groups):
            x, level = LEFT + n * step + step * 0.1 + g * wide, 0.0
            for k, series in enumerate(group):
                value = series.values[n]
                if value > 0.0:
                    y0, y1 = axis.y(level), axis.y(level + value)
                    shade = "" if g == 0 else ' fill-opacity="0.55"'
                    parts.append(
                        f'<rect x="{x:.1f}" y="{y1:.1f}" width="{wide * 0.94:.1f}" height="{y0 - y1:.1f}"'
                        f' fill="{COLOURS[k % len(COLOURS)]}"{shade}/>'
                    )
                level += value
        parts.append(_text(LEFT + (n + 0.5) * step, HEIGHT - 16, label, "middle"))
    return _svg(title, parts, HEIGHT) + legend([s.name for s in groups[0]])


def curves(title: str, lines: Sequence[Series], unit: str, across: str) -> str:
    """One line a series over equal steps; `across` names what runs from left to right."""
    axis = _Axis(max([max(s.values, default=0.0) for s in lines] + [0.0]))
    parts = [axis.grid(unit)]
    for k, series in enumerate(lines):
        count = max(len(series.values) - 1, 1)
        every = max(1, count // 600)
        points = " ".join(
            f"{LEFT + (WIDTH - LEFT - RIGHT) * n / count:.1f},{axis.y(series.values[n]):.1f}"
            for n in range(0, len(series.values), every)
        )
        parts.append(f'<polyline fill="none" stroke="{COLOURS[k]}" stroke-width="1.8" points="{points}"/>')
    parts.append(_text(WIDTH - RIGHT, HEIGHT - 16, across, "end"))
    return _svg(title, parts, HEIGHT) + legend([s.name for s in lines])


def bars(title: str, labels: Sequence[str], lines: Sequence[Series], unit: str) -> str:
    """For each label one horizontal bar a series, with its figure."""
    left, row = 250.0, 16.0
    height = TOP + len(labels) * (row * len(lines) + 8.0) + 8.0
    most = max([*(v for s in lines for v in s.values), 1e-9])
    parts = []
    for n, label in enumerate(labels):
        top = TOP + n * (row * len(lines) + 8.0)
        parts.append(_text(left - 8, top + row * len(lines) / 2 + 4, label, "end"))
        for k, series in enumerate(lines):
            wide = (WIDTH - left - 110.0) * series.values[n] / most
            y = top + k * row
            parts.append(
                f'<rect x="{left:.0f}" y="{y:.1f}" width="{wide:.1f}" height="{row - 3:.0f}" fill="{COLOURS[k]}"/>'
            )
            parts.append(_text(left + wide + 5, y + row - 5, f"{series.values[n]:,.0f} {unit}", "start"))
    return _svg(title, parts, height) + legend([s.name for s in lines])


def heat_map(
    title: str, values: NDArray[Any], marks: Sequence[tuple[int, str]], low: float, high: float
) -> str:
    """(24, days) figures as colour, hour up and day across; NaN is left white. `marks` are (day, label)."""
    hours, days = values.shape
    wide, tall = (WIDTH - LEFT - RIGHT) / max(days, 1), (HEIGHT - TOP - BOTTOM) / max(hours, 1)
    share = (values - low) / (high - low) * len(_HEAT)
    level = np.where(np.isnan(share), -1, np.clip(np.nan_to_num(share), 0, len(_HEAT) - 1)).astype(int)
    parts = []
    for k, colour in enumerate(_HEAT):
        runs = [run for day in range(days) for run in _runs(level[:, day] == k, day)]
        if runs:
            drawn = "".join(f"M{day} {24 - start - n}h1v{n}h-1z" for day, start, n in runs)
            parts.append(f'<path fill="{colour}" d="{drawn}"/>')
    box = f'<g transform="translate({LEFT} {TOP}) scale({wide:.5f} {tall:.5f})" shape-rendering="crispEdges">'
    parts = [box, *parts, "</g>"]
    parts += [_text(LEFT - 6, TOP + tall * (24 - h) + 4, f"{h}:00", "end") for h in (0, 6, 12, 18, 24)]
    parts += [_text(LEFT + wide * day, HEIGHT - 16, label, "start") for day, label in marks]
    step = (high - low) / len(_HEAT)
    names = [f"{low + step * k:.0f}–{low + step * (k + 1):.0f}" for k in range(len(_HEAT))]
    names[0], names[-1] = f"&lt; {low + step:.0f}", f"&gt; {high - step:.0f} °C"
    keys = "".join(f'<li><i style="background:{c}"></i>{n}</li>' for c, n in zip(_HEAT, names, strict=True))
    return _svg(title, parts, HEIGHT) + f'<ul class="key">{keys}</ul>'


def legend(names: Sequence[str]) -> str:
    """Which colour is what; nothing for a single series."""
    if len(names) < 2:
        return ""
    keys = "".join(
        f'<li><i style="background:{COLOURS[k % len(COLOURS)]}"></i>{escape(name)}</li>'
        for k, name in enumerate(names)
    )
    return f'<ul class="key">{keys}</ul>'


class _Axis:
    """An upright axis from 0 to a round figure."""

    def __init__(self, most: float) -> None:
        size = 10.0 ** math.floor(math.log10(most)) if most > 0.0 else 1.0
        self.top = next((size * m for m in (1, 2, 2.5, 5, 10) if size * m >= most), size * 10)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.top

    def grid(self, unit: str) -> str:
        parts = []
        for n in range(5):
            value = self.top * n / 4
            y = self.y(value)
            parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>')
            figure = f"{value:,.0f}" if value == round(value) else f"{value:g}"
            parts.append(_text(LEFT - 6, y + 4, f"{figure} {unit}" if n == 4 else figure, "end"))
        return "".join(parts)


def _runs(mask: NDArray[np.bool_], day: int) -> list[tuple[int, int, int]]:
    """(day, first, how many) of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(day, int(a), int(b - a)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _text(x: float, y: float, what: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(what)}</text>'


def _svg(title: str, parts: Sequence[str], height: float) -> str:
    label = escape(title, quote=True)
    return (
        f'<svg viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


def cut(text: str, width: int) -> str:
    """A text in so many columns: of a longer one both ends, as names of one house begin alike."""
    if columns(text) <= width:
        return text
    head, tail = text, text
    while columns(head) > width // 2:
        head = head[:-1]
    while columns(tail) > width - width // 2 - 1:
        tail = tail[1:]
    return f"{head}…{tail}"


_LABEL: Final = 36
"""Columns of a name to the left of its bar: 6 px each of 12 px type."""


def signed_bars(
    title: str,
    labels: Sequence[str],
    values: Sequence[float | None],
    target: float,
    name: str,
    faint: Sequence[bool] = (),
) -> str:
    """For each label a bar of per cent, to the right of nought or to its left, and where the target is; None: no bar, a dash. `faint`: those that are shown, and
    not judged."""
    left, row = 230.0, 26.0
    height = TOP + len(labels) * row + 30.0
    known = [v for v in values if v is not None]
    low, high = min([*known, 0.0]), max([*known, target * 1.4])
    wide = (WIDTH - left - 150.0) / (high - low or 1.0)

    def x(value: float) -> float:
        return left + 65.0 + (value - low) * wide

    parts = [f'<line x1="{x(0):.1f}" x2="{x(0):.1f}" y1="{TOP}" y2="{height - 24:.1f}" stroke="#57606a"/>']
    parts.append(
        f'<line x1="{x(target):.1f}" x2="{x(target):.1f}" y1="{TOP}" y2="{height - 24:.1f}" stroke="#0b4f6c"'
        ' stroke-width="2" stroke-dasharray="5 4"/>'
    )
    for n, (label, value) in enumerate(zip(labels, values, strict=True)):
        y = TOP + n * row
        parts.append(_text(left - 8, y + row / 2 + 3, cut(label, _LABEL), "end"))
        if value is None:
            parts.append(_text(x(0) + 6, y + row / 2 + 3, "–", "start"))
            continue
        colour = "#1a7f37" if value >= target else "#d55e00"
        colour = "#b0b8bf" if n < len(faint) and faint[n] else colour
        begin, end = sorted((x(0), x(value)))
        parts.append(
            f'<rect x="{begin:.1f}" y="{y + 4:.1f}" width="{end - begin:.1f}" height="{row - 9:.0f}" fill="{colour}"/>'
        )
        beside = (x(value) + 5, "start") if value >= 0 else (x(value) - 5, "end")
        parts.append(_text(beside[0], y + row / 2 + 3, f"{value:+.1f} %".replace("-", "−"), beside[1]))
    parts.append(_text(x(target), height - 8, name, "middle"))
    return _svg(title, parts, height)
