"""Words that are keys: those of the file, kinds of days in Chinese, and keys whose text is anybody's own."""

from __future__ import annotations

import re
from typing import Final

from config.signs.alike import folded

FREE: Final = frozenset(
    {
        "name", "reason", "approver", "note", "model", "accuracy", "file", "weather", "coefficients", "costs",
        "holiday_cn", "ics", "means", "database", "tokens",
    }
)  # fmt: skip
"""Keys whose value is a text of its own, a file's name or a secret: signs in it are what they are."""

SECRET: Final = frozenset({"database", "tokens"})
"""Keys that open a door: nothing is guessed at there, each sign is named."""

_WEEK: Final = ("周", "星期", "礼拜")
_DAYS: Final = {
    "monday": "一1", "tuesday": "二2", "wednesday": "三3", "thursday": "四4", "friday": "五5", "saturday": "六6",
    "sunday": "日天7",
}  # fmt: skip
DAYS: Final[dict[str, str]] = {
    **{f"{week}{sign}": day for day, signs in _DAYS.items() for sign in signs for week in _WEEK},
    **dict.fromkeys(("工作日", "上班日", "平日"), "workday"),
    **dict.fromkeys(("周末", "双休日"), "weekend"),
    **dict.fromkeys(("节假日", "法定节假日", "节日", "假日", "公休日"), "holiday"),
    **dict.fromkeys(("调休", "调休上班", "调休上班日", "补班", "补班日", "调休工作日"), "makeup_workday"),
    **{day[:3]: day for day in _DAYS},
}
"""What a kind of day is called, beside its key."""
_RANGE: Final = re.compile(r"\s*(?:-|~|至|到|to|,|和|及|/|&)\s*")
NAME: Final = re.compile(r"[A-Za-z0-9][\w-]{0,62}", re.ASCII)


def day_key(word: str) -> str | None:
    """The key of a kind of day: 周一 → monday, 工作日 → workday. None for what is no such word."""
    said = folded(word).strip().lower()
    return DAYS.get(said)


def several_days(word: str) -> list[str]:
    """The keys at both ends of 周一至周五, or of 周六、周日; empty where a word is not several days."""
    parts = _RANGE.split(folded(word).strip().lower())
    keys = [DAYS.get(part) or (part if part in _DAYS else None) for part in parts]
    return [key for key in keys if key] if len(parts) > 1 and all(keys) else []


class Keys:
    """The keys of a kind of file, by which a word is known for one."""

    def __init__(self, known: frozenset[str] = frozenset()) -> None:
        self._known = known
        self._found: dict[str, bool] = {}

    def __contains__(self, word: str) -> bool:
        """Whether a word is a key, in whatever width its letters are, or a kind of day."""
        found = self._found.get(word)
        if found is None:
            said = folded(word).strip()
            found = said in self._known or day_key(said) is not None or bool(several_days(said))
            self._found[word] = found
        return found
