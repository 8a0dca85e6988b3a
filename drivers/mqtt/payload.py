"""What a payload says. Pure: octets go in, a wire value, an age or nothing come out; nothing in it raises."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any, Final

from config.mqtt import INVERTED, Topic
from config.objects import Holds, holds, is_number
from config.points import Raw

LONGEST: Final = 256 * 1024
"""Octets of a payload that are looked at; a sensor's has some hundred."""
SHOWN: Final = 60
"""Characters of what makes no sense that are kept, to be quoted."""
AHEAD: Final = 60.0
"""s that a sensor's clock may be ahead of ours; what is further in the future says nothing of the message's age."""
_MILLISECONDS: Final = 1e11
"""A number of seconds since 1970 is below this until the year 5138, one of milliseconds above it since 1973."""
_ON: Final = frozenset(
    {"on", "true", "1", "yes", "open", "opened", "occupied", "motion", "detected", "active", "alarm"}
)
_OFF: Final = frozenset({"off", "false", "0", "no", "close", "closed", "clear", "unoccupied", "none", "inactive", "normal"})  # fmt: skip
_HERE: Final = frozenset({"online", "true", "1", "connected", "on"})
_AWAY: Final = frozenset({"offline", "false", "0", "disconnected", "off", "lost"})


class Silence:
    """A message that says nothing about a point: the part that the point is read from is not in it."""


SILENCE: Final = Silence()
_ABSENT: Final = Silence()


def parsed(payload: bytes) -> Any:
    """A payload as JSON has it; what is none is its text, and what is too long or no text is told by its beginning."""
    if len(payload) > LONGEST:
        return payload[: SHOWN - 1].decode("utf-8", "replace") + "…"
    text = payload.decode("utf-8", "replace").strip()
    try:
        return json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return text


def said(document: Any, topic: Topic, object_type: str) -> Raw | Silence:
    """What a parsed payload says of the object that a topic plays, as that object would hold it.

    None: it says that there is no value. A text: it makes no sense for the object. SILENCE: it says nothing of it.
    """
    if topic.path:
        if not isinstance(document, dict | list):
            return None if document == "" else _quoted(document)
        document = _at(document, topic.path)
        if document is _ABSENT:
            return SILENCE
    if document is None or document == "":
        return None
    if isinstance(document, dict | list):
        return _quoted(document)
    value = _value(document, topic, object_type)
    if topic.path.split(".")[-1] == INVERTED and value in (0, 1) and holds(object_type) is Holds.SWITCH:
        return 1 - int(value)
    return value


def _at(document: Any, path: str) -> Any:
    """What stands at a path of names and numbers; a name with points in it counts as one where it is there."""
    if isinstance(document, dict):
        if path in document:
            return document[path]
        for end in range(len(path) - 1, 0, -1):
            if path[end] == "." and path[:end] in document:
                return _at(document[path[:end]], path[end + 1 :])
        return _ABSENT
    head, _, rest = path.partition(".")
    if isinstance(document, list) and head.isdecimal() and len(head) < 9 and int(head) < len(document):
        return _at(document[int(head)], rest) if rest else document[int(head)]
    return _ABSENT


def _value(said: Any, topic: Topic, object_type: str) -> Raw:
    word = str(said).strip().lower() if isinstance(said, bool | str) else None
    if topic.values:
        known = {key.strip().lower(): value for key, value in topic.values.items()}
        if (found := known.get(str(said).strip().lower())) is not None:
            return float(found) if is_number(object_type) else found
    if holds(object_type) is Holds.SWITCH and word is not None:
        return 1 if word in _ON else 0 if word in _OFF else _quoted(said)
    if isinstance(said, bool):
        return _quoted(word)
    try:
        number = float(said)
    except (ValueError, OverflowError):
        return _quoted(said)
    if not math.isfinite(number) or (not is_number(object_type) and not number.is_integer()):
        return _quoted(said)
    return number if is_number(object_type) else int(number)


def _quoted(said: Any) -> str:
    try:
        text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    except (ValueError, RecursionError, TypeError):
        text = "…"
    return (text if len(text) <= SHOWN else text[: SHOWN - 1] + "…") or "…"


def time_of(document: Any, path: str, now: float) -> float | None:
    """When the sensor itself says that this was so, POSIX seconds; None where it does not, or not so that it can be.

    A time without an offset says nothing: whose clock it is, is not known.
    """
    stamp = _at(document, path) if path and isinstance(document, dict | list) else None
    at: float | None = None
    if isinstance(stamp, int | float) and not isinstance(stamp, bool):
        try:
            at = float(stamp) / (1000.0 if stamp > _MILLISECONDS else 1.0)
        except OverflowError:
            return None
    elif isinstance(stamp, str) and len(stamp) <= SHOWN:
        try:
            when = dt.datetime.fromisoformat(stamp.strip())
            at = when.timestamp() if when.tzinfo is not None else None
        except (ValueError, OverflowError):
            return None
    return at if at is not None and 0.0 < at <= now + AHEAD else None


def online(document: Any) -> bool | None:
    """What an availability topic says, as plain text or as `{"state": "online"}`; None: neither yes nor no."""
    if isinstance(document, dict):
        document = document.get("state")
    word = str(document).strip().lower()[:SHOWN]
    return True if word in _HERE else False if word in _AWAY else None
