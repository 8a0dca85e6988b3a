"""Which names belong together, and to which room: by what stands before the words for the point itself."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from config.roles import ZoneKind
from supervisor.field.survey.words import CHINESE, LATIN

_HIDDEN: Final = re.compile(r"(?i)co[\s_-]?2|co₂|pm[\s_-]?2\.?5")
_NUMBER: Final = re.compile(r"\d+")
_FLOOR: Final = re.compile(r"\d+(?:F(?![A-Za-z])|f(?![A-Za-z])|层|楼)")
_TAIL: Final = re.compile(r"(\d+(?:[-_.]\d+)*)$")
_LETTER: Final = re.compile(r"[A-Za-z\u4e00-\u9fff]")
_GAPS: Final = " _-./:,'\""
_ROOM_DIGITS: Final = 3
_KINDS: Final = (
    (ZoneKind.STAIR, re.compile(r"(?i)stair|楼梯|louti")),
    (ZoneKind.CORRIDOR, re.compile(r"(?i)corridor|hallway|aisle|走廊|走道|过道|通道|zoulang|\bcorr?\b")),
    (ZoneKind.LOBBY, re.compile(r"(?i)lobby|foyer|entrance|reception|门厅|大堂|前室|大厅")),
    (ZoneKind.MEETING, re.compile(r"(?i)meeting|conference|会议|huiyi")),
    (ZoneKind.SERVER_ROOM, re.compile(r"(?i)server|data\s?cent|机房|服务器")),
    (ZoneKind.ARCHIVE, re.compile(r"(?i)archive|档案")),
)


class Where(NamedTuple):
    """`stem`: what the points of one machine have in common; `room`: a room number, empty where the name has none."""

    stem: str
    room: str
    kind: ZoneKind


def where(name: str, description: str = "") -> Where:
    """The whereabouts that a name tells; the description where the name is a bare number."""
    spelt = _HIDDEN.sub(lambda found: "x" * len(found[0]), name)
    stem = _stem(spelt)
    kind = next((kind for kind, said in _KINDS if said.search(f"{name} {description}")), ZoneKind.OFFICE)
    if kind is ZoneKind.OFFICE and _FLOOR.fullmatch(stem):
        stem = ""
    return Where(stem, _room(stem), kind)


def _stem(text: str) -> str:
    runs = [run for run in _NUMBER.finditer(text) if _LETTER.search(text[run.end() :])]
    floors = {floor.start() for floor in _FLOOR.finditer(text)}
    rooms = [run for run in runs if run.start() not in floors]
    if rooms:
        return text[: rooms[-1].end()].strip(_GAPS)
    tail = _TAIL.search(text.rstrip(_GAPS))
    if tail is not None and _roomlike(tail[1]):
        return "#" + tail[1]
    if runs:
        return _place(text, runs[-1].end())
    return text.strip(_GAPS) if tail is not None else ""


def _place(text: str, at: int) -> str:
    """`3F走廊` of `3F走廊照明控制`: a floor, and what follows it up to the words for the point."""
    begin = at + 1
    for end in range(begin, len(text)):
        if any(text.startswith(word, end) for word in CHINESE if "room" not in CHINESE[word]):
            return text[:end].strip(_GAPS)
        word = re.match(r"[A-Za-z]+", text[end:])
        if (
            word is not None
            and not text[end - 1].isalpha()
            and LATIN.get(word[0].lower(), frozenset({""})) != {""}
        ):
            return text[:end].strip(_GAPS)
    return text.strip(_GAPS)


def _roomlike(tail: str) -> bool:
    runs = _NUMBER.findall(tail)
    return len(runs) > 1 or len(runs[0]) >= _ROOM_DIGITS


def _room(stem: str) -> str:
    tail = _TAIL.search(stem)
    if tail is None or not _roomlike(tail[1]) or (stem.startswith("#0") and "-" not in tail[1]):
        return ""
    return re.sub(r"[_.]", "-", tail[1])
