"""What the columns of a table of readings are called, and what stands in their headings beside the name: units, brackets, hours. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from schedules.moments import NARROW, begins_a_day, is_month
from supervisor.ledger.file_units import unit_of

NAMES: Final = {
    "time": ("time", "at", "date", "datetime", "timestamp", "ts", "read at", "时间", "日期", "日期时间", "抄表时间", "抄表日期",
             "采集时间", "读取时间", "时刻", "数据时间", "冻结时间", "记录时间", "本次抄表日期", "本次抄表时间", "本期抄表日期", "抄表日", "截止日期",
             "结束日期", "终止日期", "截止时间", "结束时间", "小时", "整点", "hour"),
    "meter": ("meter", "meter_id", "id", "表号", "表", "表计", "计量表", "仪表", "电表", "水表", "设备", "车辆", "车牌", "表计编号", "电表编号", "水表编号",
              "电能表编号", "电表号", "水表号", "电表名称", "水表名称", "表计名称", "仪表名称", "表名", "表名称", "设备名称", "回路", "回路名称", "支路",
              "支路名称", "计量点", "计量点名称", "计量点编号", "资产编号", "局编号", "户号", "用户编号", "户名"),
    "value": ("value", "reading", "register", "index", "meter reading", "current reading", "读数", "示数", "表码", "表底", "表底数", "累计", "累计值",
              "累计读数", "数值", "值", "止码", "当前读数", "当前示数", "抄表读数", "表读数", "表底读数", "表示数", "总示数", "总读数", "总有功", "有功总", "正向有功总",
              "正向有功", "正向有功电能", "正向有功总电能", "正向有功总示数", "有功总电能", "总有功电能", "总电能", "本月示数", "本期示数", "本次示数",
              "本月读数", "本期读数", "本次读数", "本月止码", "本期止码", "本月表底", "本期表底", "本次表底", "本月表码", "期末读数", "期末示数", "终码", "止度", "止数"),
    "last": ("previous reading", "last reading", "上月示数", "上期示数", "上次示数", "上月读数", "上期读数", "上次读数", "上月止码", "上期止码", "上月表底",
             "上期表底", "上次表底", "上月表码", "期初读数", "期初示数", "起码", "起度", "起始读数", "起始示数", "起数"),
    "since": ("上次抄表日期", "上次抄表时间", "上期抄表日期", "起始日期", "开始日期", "起始时间", "开始时间"),
    "used": ("consumption", "usage", "用电量", "电量", "用量", "用水量", "用气量", "本月用量", "本月电量", "本期电量", "本月用电量", "实用电量", "计费电量", "结算电量",
             "抄见电量", "抄见量"),
    "back": ("反向有功总", "反向有功", "反向有功电能", "反向有功总电能", "反向有功总示数", "上网电量", "export"),
    "rate": ("tariff", "费率", "费率类型", "费率时段", "时段", "时段类型", "示数类型", "读数类型", "电量类型"),
    "litres": ("litres", "liters", "l", "fuel", "升", "加油量", "油量", "加油量(l)", "加油升数"),
    "km": ("km", "odometer", "mileage", "里程", "里程表", "里程数", "公里", "公里数", "行驶里程"),
    "unit": ("unit", "units", "单位", "计量单位"),
    "ratio": ("ratio", "multiplier", "ct ratio", "ct", "倍率", "综合倍率", "倍数", "变比", "ct变比", "互感器倍率", "电表倍率", "计量倍率"),
    "true": ("true", "truth", "consumed", "真值", "真实用量"),
}  # fmt: skip
"""What the columns of a table are called, in small letters and without their unit."""
SUMS: Final = frozenset({
    "合计", "小计", "总计", "共计", "本页合计", "本页小计", "总合计", "平均", "平均值", "最大值", "最小值", "total", "totals", "grand total", "subtotal", "sum",
    "average", "mean", "max", "min",
})  # fmt: skip
MONTHS: Final = frozenset({"month", "月份", "年月", "抄表月份", "账期", "电费年月"})
"""Columns that name no day: they are the time where there is no other, and are asked about."""
DAYS: Final = frozenset({
    "date", "日期", "抄表日期", "抄表日", "本次抄表日期", "本期抄表日期", "截止日期", "结束日期", "终止日期",
})  # fmt: skip
"""Columns of time that may have the day alone, where another one has the time of day."""
HOURS: Final = frozenset({"小时", "整点", "hour"})
"""Columns of time that have no day."""
ENDS: Final = frozenset({"截止时间", "结束时间"})
"""Columns of when an interval ends: 0:00 behind a day's other hours is that day's end."""
WHEN_READ: Final = frozenset({
    "read at", "抄表时间", "采集时间", "读取时间", "冻结时间", "数据时间", "本次抄表时间", "本期抄表时间",
})  # fmt: skip
"""Columns of when the meter was read, whatever day stands beside them."""
ENTERED: Final = frozenset({"记录时间"})
"""Columns of when somebody wrote it down, if there is another one."""
_SPACED: Final = re.compile(r"(?<=[一-鿿]) (?=[一-鿿])")
"""What a line within a cell, or 日　期, puts between two Chinese signs."""
_BRACKETS: Final = re.compile(r"[\(（\[【](.*?)[\)）\]】]")
_BEHIND: Final = re.compile(
    r"(.*?[^\s/_:：,，\-])[\s/_:：,，\-]*([a-z³㎥·]{2,}(?:/[hs])?|㎥|(?<=/)[a-z]|[万千兆吉百]?[瓦度吨方焦升]|千瓦时|千瓦小时|兆瓦时|立方米?|吉焦|兆焦|千焦)"
)
"""A name, and a unit behind it without brackets: 读数kWh, 用水量/吨, 用水量/t. Another single letter is a building's: block-j."""
_CLOCK: Final = re.compile(r"(\d{1,2})(?:(?::|时|点)(\d{2})?(?::00)?分?|)")
_NUMBERED: Final = re.compile(r"h(\d{1,2})")
_STRETCH: Final = re.compile(r"\d{1,2}(?::\d{2}|时|点)\s*[-~至到—–]\s*\d{1,2}(?::\d{2}|时|点)?")
_OF_MONTH: Final = re.compile(r"\d{1,2}[日号]|\d{1,2}月\d{1,2}[日号]?")
_LATIN_MONTHS: Final = frozenset(
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
)
_FEWEST: Final = 3
"""Columns of hours that make a day of hours."""


def brackets(heading: str) -> list[str]:
    """What stands in each pair of brackets of a heading, and behind its name where that is a unit."""
    behind = _behind(bare(heading))
    return [*bracketed(heading), behind[1]] if behind is not None else bracketed(heading)


def bracketed(heading: str) -> list[str]:
    """What stands in each pair of brackets of a heading."""
    return [said.strip() for said in _BRACKETS.findall(heading)]


def plain(heading: str) -> str:
    """A heading's name, in small letters, without what stands in brackets, and without a unit behind it."""
    name = bare(heading)
    behind = _behind(name)
    return behind[0] if behind is not None else name


def bare(heading: str) -> str:
    """A heading in small letters, without what stands in brackets."""
    spaced = re.sub(r"\s+", " ", _BRACKETS.sub("", heading.translate(NARROW))).strip().lower()
    return _SPACED.sub("", spaced)


def _behind(name: str) -> tuple[str, str] | None:
    found = _BEHIND.fullmatch(name)
    if (
        found is None
        or any(name in names for names in NAMES.values())
        or unit_of(found[2], water=True) is None
    ):
        return None
    return found[1], found[2]


def name_of(heading: str) -> str | None:
    """What a column is, by its heading; None where nobody asks for it."""
    cell = plain(heading)
    return next((key for key, names in NAMES.items() if cell in names), None)


def chinese(name: str) -> str:
    """What a column is called in Chinese."""
    return next(each for each in NAMES[name] if not each.isascii())


def is_heading(cells: Sequence[str]) -> dict[str, int]:
    """Which cell is what, if it is a heading: one has a name of time, or days, months or hours across, or two names at least."""
    found: dict[str, int] = {}
    plains = [plain(cell) for cell in cells]
    for n, cell in enumerate(cells):
        if (name := name_of(cell)) is not None:
            found.setdefault(name, n)
    found |= _times({n: plains[n] for n, cell in enumerate(cells) if name_of(cell) == "time"})
    across = sum(begins_a_day(cell) or no_day(cell) for cell in cells) >= 2
    if across and "time" not in found and cells and not cells[0]:
        found.setdefault("meter", 0)
    if (
        "time" not in found
        and not across
        and (months := [n for n, cell in enumerate(plains) if cell in MONTHS])
    ):
        found["time"] = months[0]
    if "time" in found:
        return found
    return found if ("meter" in found and across) or ("value" in found and len(found) > 2) else {}


def _times(said: dict[int, str]) -> dict[str, int]:
    """Which columns of time have the reading's, and which its time of day alone."""
    some = [n for n, name in said.items() if name not in ENTERED] or list(said)
    days = [n for n in some if said[n] in DAYS] or [n for n in some if said[n] not in HOURS] or some
    clocks = [
        n
        for n in some
        if said[n] not in DAYS and (said[days[0]] in DAYS or said[n] in HOURS) and n != days[0]
    ]
    found = {"time": days[0]} if days else {}
    return found | {"clock": clocks[0]} if clocks else found


def no_day(heading: str) -> bool:
    """Whether a heading is a month, or a day of one of which nobody says the year: 3月, 2026年3月, 31日, Mar."""
    name = bare(heading)
    return (
        is_month(name)
        or _OF_MONTH.fullmatch(name) is not None
        or (name[:3] in _LATIN_MONTHS and len(name) < 10)
    )


def hours(heading: Sequence[str]) -> dict[int, str]:
    """Columns that are times of a day, and which: 0:15 … 24:00, 0时 … 23时, H1 … H24, 0 … 23. The last one, where it is 0:00, ends the day."""
    found: dict[int, tuple[int, int]] = {}
    for n, cell in enumerate(heading):
        said = _NUMBERED.fullmatch(bare(cell)) or _CLOCK.fullmatch(bare(cell))
        if said is not None:
            hour, minute = int(said[1]), int((said[2] if said.re is _CLOCK else None) or 0)
            if (hour, minute) <= (24, 0) and minute < 60:
                found[n] = (hour, minute)
    digits = [n for n in found if bare(heading[n]).isdigit()]
    if len(found) < _FEWEST or (digits and len(digits) != len(found)) or (digits and len(digits) != 24):
        return {}
    order = list(found.values())
    if order[-1] == (0, 0):
        found[list(found)[-1]] = (24, 0)
    told = list(found.values())
    return {n: f"{h:02d}:{m:02d}" for n, (h, m) in found.items()} if told == sorted(set(told)) else {}


def stretches(heading: Sequence[str]) -> list[int]:
    """Columns that are hours from one time to another: what was consumed in each."""
    found = [n for n, cell in enumerate(heading) if _STRETCH.fullmatch(bare(cell))]
    return found if len(found) >= _FEWEST else []
