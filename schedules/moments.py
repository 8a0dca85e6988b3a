"""Instants as people, spreadsheets and gateways write them, by a building's clock. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from config import spoken
from config.phrase import Phrase
from schedules.time import from_iso

NARROW: Final = str.maketrans("０１２３４５６７８９．，－：／　", "0123456789.,-:/ ")
"""Signs of a Chinese keyboard as those of an English one."""
_DAY: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?[T ]?\s*(.*)")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.((?:19|20)\d\d)(?!\d)[,T ]*(.*)")
"""1.3.2026: with dots the day comes first wherever days are written so."""
_EITHER_FIRST: Final = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2((?:19|20)\d\d)(?!\d)[,T ]*(.*)")
"""1/3/2026: the day or the month."""
_MONTH: Final = re.compile(r"(?:(?:19|20)\d\d\s*(?:[-/.年]|(?=\d\d$))\s*)?(?:0?[1-9]|1[0-2])\s*(?:月份?)?")
_COMPACT: Final = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?")
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d*)?)?")
_WORDS: Final = re.compile(r"(\d{1,2})[时点](?:(\d{1,2})分?)?(?:(\d{1,2})秒?)?")
_HALF: Final = re.compile(r"(上午|下午|AM|PM)?\s*(\d{1,2}:\d{1,2}(?::\d{1,2})?)\s*(AM|PM)?", re.IGNORECASE)
_MIDNIGHT: Final = re.compile(r"0?0:00(?::00(?:\.0+)?)?|12:00(?::00)?\s*AM", re.IGNORECASE)
_WEEKDAY: Final = re.compile(r"[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?")
_OFFSET: Final = re.compile(r"\s*([+-]\d{2})(\d{2})$")
_SERIAL: Final = re.compile(r"\d{5}(?:\.\d+)?")
_SECONDS: Final = (9, 10)
_MILLISECONDS: Final = 13
_EPOCH: Final = datetime(1899, 12, 30, tzinfo=UTC)
"""What a spreadsheet counts its days from (the 1900 system; a Mac's of 1904 counts otherwise, so that none is taken)."""


def instant(text: str, tz: tzinfo, after: float | None = None) -> float:
    """A time as people and programs write it, POSIX seconds: ISO 8601, 2026/3/1 8:00, 2026年3月1日 下午 2:00, 20260301080000,
    a day's end as 24:00, or POSIX seconds or milliseconds. Without an offset it is the building's clock. Raises ValueError.

    `after`: the time before it. In the hour that a clock shows twice, it is the second time where the first was had.
    """
    text = text.translate(NARROW).strip().lstrip("'")
    whole = len(text.partition(".")[0])
    if text.replace(".", "", 1).isdigit() and whole in (*_SECONDS, _MILLISECONDS):
        return float(text) / (1000 if whole == _MILLISECONDS else 1)
    local = _local(text, tz)
    if local is None:
        return from_iso(_OFFSET.sub(r"\1:\2", text.replace("/", "-")), tz)
    found = from_iso(local.isoformat())
    if after is not None and found <= after:
        again = local.replace(fold=1).astimezone(UTC).timestamp()
        return again if again > after else found
    return found


def _local(text: str, tz: tzinfo) -> datetime | None:
    """A day and a time of the building's clock; None where it is written in another way. Raises ValueError."""
    if (first := _DAY_FIRST.fullmatch(text)) is not None:
        text = f"{first[3]}-{first[2]}-{first[1]} {first[4]}"
    compact = _COMPACT.fullmatch(text)
    parts = compact or _DAY.fullmatch(_WEEKDAY.sub(" ", text))
    if parts is None:
        return None
    if compact is not None:
        hour, minute, second = (int(part or 0) for part in parts.groups()[3:])
    elif (said := _of_day(parts[4].strip())) is None:
        return None
    else:
        hour, minute, second = said
    late = hour == 24 and minute == second == 0  # a day's end, as meters and their centres write it
    try:
        day = datetime(
            int(parts[1]), int(parts[2]), int(parts[3]), 0 if late else hour, minute, second, tzinfo=tz
        )
    except ValueError:
        raise ValueError(f"{text} is no time") from None
    return day + timedelta(days=1) if late else day


def _of_day(text: str) -> tuple[int, int, int] | None:
    """Hour, minute and second of 8:00, 8时, 下午 2:00:00, 2:00 PM, or of nothing at all: midnight."""
    if not text:
        return 0, 0, 0
    if (parts := _CLOCK.fullmatch(text) or _WORDS.fullmatch(text)) is not None:
        return int(parts[1]), int(parts[2] or 0), int(parts[3] or 0)
    if (half := _HALF.fullmatch(text)) is not None:
        hour, *rest = (int(part) for part in half[2].split(":"))
        second = rest[1] if len(rest) > 1 else 0
        morning = (half[1] or half[3]).upper() in {"上午", "AM"}
        if not 1 <= hour <= 12:
            return (hour, rest[0], second) if not morning and hour < 24 else None
        return hour % 12 + (0 if morning else 12), rest[0], second
    said = spoken.clock(text)
    return (*said, 0) if said is not None else None


def begins_a_day(text: str) -> bool:
    """Whether a cell begins as a time does."""
    plain = text.translate(NARROW).strip().lstrip("'")
    return any(form.match(plain) is not None for form in (_DAY, _DAY_FIRST, _EITHER_FIRST)) or (
        plain.replace(".", "", 1).isdigit() and len(plain) >= _SECONDS[0]
    )


def day_alone(text: str) -> str | None:
    """A day without the midnight that a spreadsheet writes behind it, and without its weekday; None where it has a time of day or an
    offset. What is no day is as it was."""
    plain = _WEEKDAY.sub(" ", text.translate(NARROW)).strip().lstrip("'")
    for form in (_DAY, _DAY_FIRST, _EITHER_FIRST):
        if (found := form.fullmatch(plain)) is not None:
            rest = found[found.re.groups].strip()
            return (
                plain[: found.start(found.re.groups)].rstrip(" ,T")
                if not rest or _MIDNIGHT.fullmatch(rest)
                else None
            )
    if (found := _COMPACT.fullmatch(plain)) is not None:
        return plain[:8] if not plain[8:].strip("0") else None
    return text


def days_first(texts: Iterable[str]) -> bool | None:
    """Whether the day comes first in times like 1/3/2026, as one of them shows that has a day after the 12th; None: none shows it, or
    they contradict one another, and nobody can tell."""
    firsts, seconds = list[int](), list[int]()
    for text in texts:
        if (found := _EITHER_FIRST.fullmatch(text.translate(NARROW).strip())) is not None:
            firsts.append(int(found[1]))
            seconds.append(int(found[3]))
    day, month = any(n > 12 for n in firsts), any(n > 12 for n in seconds)
    return day if day is not month else None


def year_first(text: str, days: bool) -> str:
    """1/3/2026 as 2026-3-1, where the day comes first; anything else as it is."""
    found = _EITHER_FIRST.fullmatch(text.translate(NARROW).strip())
    if found is None:
        return text
    day, month = (found[1], found[3]) if days else (found[3], found[1])
    return f"{found[4]}-{month}-{day} {found[5]}".strip()


def is_month(text: str) -> bool:
    """Whether a cell names a month and no day: 3月, 2026年3月, 2026-03, 202603."""
    plain = text.translate(NARROW).strip()
    return _MONTH.fullmatch(plain) is not None and not (plain.isdigit() and len(plain) < 6)


def no_time(text: str) -> Phrase:
    """What to do about a cell that is no time."""
    plain = text.translate(NARROW).strip()
    if _SERIAL.fullmatch(plain) is not None:
        shown = f"{_EPOCH + timedelta(seconds=round(float(plain) * 86_400)):%Y-%m-%d %H:%M}"
        return Phrase(
            f"`{text}` is a spreadsheet's number of a day ({shown}?): give the column a format of dates and save it again",
            f"`{text}` 是电子表格的日期序号（{shown}？）：请将该列设为日期格式后重新保存",
        )
    if is_month(text):
        return Phrase(
            f"`{text}` names no day: write when the meter was read, 2026-03-31T24:00",
            f"`{text}` 没有写明哪一天：请写抄表时刻，如 2026-03-31 24:00",
        )
    if _EITHER_FIRST.fullmatch(plain) is not None:
        return Phrase(
            f"in `{text}` the day or the month may come first: write 2026-03-01",
            f"`{text}` 中先写的可能是日也可能是月：请写成 2026-03-01",
        )
    return Phrase(
        f"`{text}` is no time: 2026-03-01T00:00 is one", f"`{text}` 不是时间，应写作 2026-03-01T00:00"
    )
