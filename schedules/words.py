"""What people call a season and a kind of day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from config.phrase import Phrase
from schedules.types import DayType, Season

SEASONS: Final[Mapping[Season, Phrase]] = {
    Season.SPRING: Phrase("spring", "春季"),
    Season.SUMMER: Phrase("summer", "夏季"),
    Season.AUTUMN: Phrase("autumn", "秋季"),
    Season.WINTER: Phrase("winter", "冬季"),
}
DAY_TYPES: Final[Mapping[DayType, Phrase]] = {
    DayType.WORKDAY: Phrase("working day", "工作日"),
    DayType.MAKEUP_WORKDAY: Phrase("make-up working day", "调休上班"),
    DayType.WEEKEND: Phrase("weekend", "周末"),
    DayType.HOLIDAY: Phrase("public holiday", "节假日"),
    DayType.SPECIAL: Phrase("special day", "特殊日"),
}
