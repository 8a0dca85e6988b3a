"""What a message at `…/set` says: octets go in, words of ours come out, or why it cannot be taken. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from config.values import Misread, parse_duration
from supervisor.core.asking import Refused

LONGEST: Final = 4096
"""Octets of a message: its longest words in JSON's longest spelling, and room besides."""
PRESSED: Final = frozenset({"press", "on", "释放"})
"""What a button says: the release that a message without a time means."""
RELEASED_FOR: Final = 1800.0
"""s of a release that says no time, as at the command line."""
SHOWN: Final = 60
"""Characters of what strangers wrote that are repeated."""
_KEYS: Final = frozenset({"value", "until", "for", "name", "reason", "end", "id"})
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "end": (bool,), "value": (str, int, float, bool), "for": (str, int), "id": (str, int),
}  # fmt: skip
_LONGEST: Final = {"name": 100, "reason": 200}


def said_in(payload: bytes) -> Mapping[str, Any]:
    """What a payload says, as JSON's object has it; a bare word or number is a value. Raises Refused."""
    if len(payload) > LONGEST:
        raise Refused(f"more than {LONGEST} octets", f"超过 {LONGEST} 字节")
    try:
        text = payload.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise Refused("this is no text in UTF-8", "不是 UTF-8 文本") from None
    if not text or "\0" in text:
        raise Refused("nothing is asked for", "没有内容")
    if text[0] not in '{["':
        return _typed({"value": text})
    try:
        document = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused("this is no JSON", "不是有效的 JSON") from None
    if isinstance(document, str):
        return _typed({"value": document})
    if not isinstance(document, dict):
        raise Refused("a value or a JSON object is asked for, no list", "应为一个值或 JSON 对象，而非列表")
    return _typed(document)


def _typed(document: Mapping[str, Any]) -> Mapping[str, Any]:
    if strange := sorted(short(key) for key in document if key not in _KEYS):
        known = ", ".join(sorted(_KEYS))
        raise Refused(f"{strange[0]} is not known; one of {known}", f"不认识 {strange[0]}；可用 {known}")
    for key, value in document.items():
        right = _TYPES.get(key, (str,))
        if len(str(value)) > _LONGEST.get(key, SHOWN) or not str(value).isprintable():
            raise Refused(
                f"{key} is too long, or has signs that are not shown", f"{key} 过长或含不可显示的字符"
            )
        if not isinstance(value, right) or (isinstance(value, bool) and bool not in right):
            raise Refused(f"{key} has the wrong type", f"{key} 的类型不对")
    return document


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def released_for(said: Mapping[str, Any]) -> float:
    """s. Raises Refused."""
    if "until" in said:
        raise Refused("a release takes for, like 30min", "释放用 for 注明时长，如 30min")
    value = said.get("for", said.get("value", ""))
    return RELEASED_FOR if str(value).strip().lower() in PRESSED | {""} else length_of(value)


def length_of(value: object) -> float:
    """s. Raises Refused."""
    try:
        return parse_duration(value)
    except (Misread, OverflowError, ValueError):
        raise Refused(
            f"a length like 90min or 2h, not {short(str(value))}",
            f"时长如 90min、2h，而非 {short(str(value))}",
        ) from None


def short(text: str) -> str:
    """What strangers wrote, as far as it is repeated, without signs that are not shown."""
    shown = "".join(sign if sign.isprintable() else "·" for sign in text[:SHOWN])
    return shown if len(text) <= SHOWN else shown + "…"
