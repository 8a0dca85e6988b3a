"""Points hour by hour as a spreadsheet reads them: a line an hour, in the unit of the point's role."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from csv import writer
from typing import Final, NamedTuple

from config.phrase import Lang, Phrase
from config.points import Point
from config.roles import ROLES, Shape
from config.site import Site
from schedules.time import iso
from supervisor.store.hours import Hour

_HEAD: Final = (
    Phrase("point", "点"), Phrase("what", "点类型"), Phrase("hour", "小时（起）"), Phrase("min", "最小"), Phrase("mean", "平均"),
    Phrase("max", "最大"), Phrase("last", "末值"), Phrase("known", "已知占比"), Phrase("unit", "单位"),
)  # fmt: skip
_UNITS: Final = {"degC": "°C", "percent": "%", "ratio": ""}


class Rows(NamedTuple):
    """The hours of a point by its id."""

    point: str
    hours: Iterable[Hour]


def lines(site: Site, points: Iterable[Rows], lang: Lang) -> Iterator[str]:
    """CSV with headings in a language, a piece at a time. Numbers in the role's unit; a flag is 1 while it is so, its mean the
    share of the time; a mode is the state's number at the device. `last` is empty where nothing was known at the hour's end.
    """
    yield _line([heading.told(lang) for heading in _HEAD])
    for each in points:
        point = site.points.get(each.point)
        what, unit = "", ""
        if point is not None:
            spec = ROLES[point.role]
            what = spec.meaning_zh if lang == "zh" else point.role.replace("_", " ")
            unit = _UNITS.get(spec.unit, spec.unit)
        for hour in each.hours:
            least, mean, most, last = _in_unit(point, hour)
            yield _line([
                each.point, what, iso(hour.start, site.tz), _figure(least), _figure(mean), _figure(most),
                "" if last is None else _figure(last), f"{hour.known:.4f}", unit,
            ])  # fmt: skip


def _in_unit(point: Point | None, hour: Hour) -> tuple[float, float, float, float | None]:
    """Least, mean, most and last as people count: kept is what the device said."""
    kept = (hour.min, hour.mean, hour.max, hour.last)
    if point is None:
        return kept
    shape = ROLES[point.role].shape
    if shape is Shape.NUMBER:
        scale, shift = point.scale, point.shift
    elif shape is Shape.FLAG and point.invert and not point.states:
        scale, shift = -1.0, 1.0
    else:
        return kept
    least, mean, most, last = (None if value is None else value * scale + shift for value in kept)
    assert least is not None
    assert mean is not None
    assert most is not None
    return min(least, most), mean, max(least, most), last


def _figure(value: float) -> str:
    return f"{round(value, 4):.10g}"


def _line(cells: list[str]) -> str:
    file = io.StringIO()
    writer(file, lineterminator="\r\n").writerow(cells)
    return file.getvalue()
