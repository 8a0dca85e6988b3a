"""Data of an APDU, from octets and to octets (ASHRAE 135 §20.2): the few shapes that a supervisor needs.

bacpypes3 decodes one value of a ReadPropertyMultiple in some 250 µs, drops what it cannot decode, and leaves the
caller waiting; this takes a tenth of the time and says at once what is wrong.
"""

from __future__ import annotations

import contextlib
import struct
from typing import Final, NamedTuple, TypeAlias

from config.points import Raw
from config.visible import visible

APPLICATION: Final = 0
CONTEXT: Final = 1
OPENING: Final = 2
CLOSING: Final = 3

Wire: TypeAlias = tuple[int, int]
"""An object on the wire: type number and instance."""


class Unreadable(Exception):
    """An answer that came but says nothing that we can use."""


class Tag(NamedTuple):
    """One tag: its class, its number, and its content (a Boolean's as one octet)."""

    kind: int
    number: int
    data: bytes


class Refused(NamedTuple):
    """The error that came in place of a property's value."""

    error_class: int
    code: int


Found: TypeAlias = list[Tag] | Refused
"""A property's value, or the error in its place."""


def long_length(data: bytes, at: int) -> tuple[int, int]:
    """The length of a tag that does not hold it itself, and where the contents begin (§20.2.1.3.1). Raises IndexError."""
    length, at = data[at], at + 1
    if length < 254:
        return length, at
    size = 2 if length == 254 else 4
    return int.from_bytes(data[at : at + size], "big"), at + size


def tags(data: bytes) -> list[Tag]:
    """All tags in order (§20.2.1). Raises Unreadable where the octets end too early."""
    found: list[Tag] = []
    at, end = 0, len(data)
    try:
        while at < end:
            first = data[at]
            number, kind, length = first >> 4, first >> 3 & 1, first & 7
            at += 1
            if number == 15:
                number = data[at]
                at += 1
            if kind == CONTEXT and length >= 6:
                found.append(Tag(OPENING if length == 6 else CLOSING, number, b""))
                continue
            if kind == APPLICATION and number == 1:
                found.append(Tag(kind, number, bytes((length,))))
                continue
            if length == 5:
                length, at = long_length(data, at)
            if at + length > end:
                raise Unreadable("it is cut off")
            found.append(Tag(kind, number, data[at : at + length]))
            at += length
    except IndexError:
        raise Unreadable("it is cut off") from None
    return found


def primitive(tag: Tag) -> Raw:
    """The value of an application tag. Raises Unreadable for what no point holds."""
    kind, number, data = tag
    if kind != APPLICATION:
        raise Unreadable("a value of a constructed type")
    try:
        if number == 4:
            return float(struct.unpack(">f", data)[0])
        if number in (2, 3, 9):
            if not data:
                raise Unreadable("a number without octets")
            return int.from_bytes(data, "big", signed=number == 3)
        if number == 0:
            return None
        if number == 1:
            return data != b"\0"
        if number == 5:
            return float(struct.unpack(">d", data)[0])
        if number == 7:
            return text(data)
    except struct.error:
        raise Unreadable("a value of the wrong length") from None
    raise Unreadable(f"a value of datatype {number}")


def text(data: bytes) -> str:
    """A CharacterString (§20.2.9) in whichever character set it says: what a device calls itself is never unreadable, and
    can do nothing to whoever reads it.

    What is said to be UTF-8 and is none is taken for GB 18030, which older controllers in China send, or Latin-1.
    """
    content = data[1:]
    if data[:1] == b"\0":
        encodings: tuple[str, ...] = ("utf-8", "gb18030")
    elif data[:1] == b"\1":
        content = data[3:]
        encodings = (f"cp{int.from_bytes(data[1:3], 'big')}",)
    else:
        encodings = _CHARACTER_SETS.get(data[:1], ())
    for encoding in encodings:
        with contextlib.suppress(LookupError, UnicodeError):
            return legible(content.decode(encoding))
    return legible(content.decode("latin-1"))


def legible(said: str) -> str:
    """A text off the wire as it goes on from here: nothing in it moves a cursor, ends a line or turns the reading around,
    and it ends somewhere. Every text that a device says passes here, on both stacks; a database takes no NUL, with
    which some controllers fill their names up.
    """
    return visible(said.replace("\0", ""))


def text_of(tag: Tag) -> str:
    """One text of a list; empty where it is none."""
    return text(tag.data) if tag[:2] == (APPLICATION, 7) else ""


def name(value: Raw) -> str:
    """A name as a person reads it."""
    return "" if value is None else str(value)


_CHARACTER_SETS: Final = {b"\2": ("iso2022_jp", "shift_jis"), b"\3": ("utf-32-be",), b"\4": ("utf-16-be",)}
"""Character sets of which the name alone tells the encoding; 1 names its code page, 5 is ISO 8859-1."""


def single(found: list[Tag]) -> Raw:
    """The one value of a property."""
    if len(found) != 1:
        raise Unreadable(f"{len(found)} values instead of one")
    return primitive(found[0])


_FAULT: Final = 0x40
_OUT_OF_SERVICE: Final = 0x10
"""Status_Flags is (in-alarm, fault, overridden, out-of-service), the first in the top bit (§20.2.10)."""


def faulty(flags: bytes) -> bool:
    """Whether Status_Flags says fault or out-of-service."""
    return bool(flags and flags[0] & (_FAULT | _OUT_OF_SERVICE))


def bits(found: list[Tag]) -> bytes:
    """The octets of a bit string, its first bit on top."""
    if len(found) != 1 or found[0][:2] != (APPLICATION, 8) or not found[0].data:
        raise Unreadable("not a bit string")
    return found[0].data[1:]


def object_of(tag: Tag, context: int) -> Wire:
    """The object identifier in a context tag."""
    return divmod(_context(tag, context, 4), 1 << 22)


def read_answer(data: bytes) -> tuple[Wire, int, int | None, list[Tag]]:
    """A ReadProperty-ACK (§15.5): object, property, array index, value."""
    found = tags(data)
    if len(found) < 4:
        raise Unreadable("it is cut off")
    item, number = object_of(found[0], 0), _context(found[1], 1)
    index = _context(found[2], 2) if found[2][:2] == (CONTEXT, 2) else None
    at = 2 if index is None else 3
    value, end = _enclosed(found, at, 3)
    if end != len(found):
        raise Unreadable("it has more than a value")
    return item, number, index, value


def read_many_answer(data: bytes) -> dict[Wire, dict[int, Found]]:
    """A ReadPropertyMultiple-ACK (§15.7): what it says, by object and property."""
    found = tags(data)
    answer: dict[Wire, dict[int, Found]] = {}
    at = 0
    try:
        while at < len(found):
            results = answer.setdefault(object_of(found[at], 0), {})
            _expect(found[at + 1], OPENING, 1)
            at += 2
            while found[at] != _END_OF_OBJECT:
                number = _context(found[at], 2)
                at += 1
                if found[at][:2] == (CONTEXT, 3):
                    raise Unreadable("an element of an array that was not asked for")
                if found[at][:2] == (OPENING, 5):
                    value, at = _enclosed(found, at, 5)
                    results[number] = refused(value)
                else:
                    results[number], at = _enclosed(found, at, 4)
            at += 1
    except IndexError:
        raise Unreadable("it is cut off") from None
    return answer


def notification(data: bytes) -> tuple[int, int, Wire, dict[int, Found]]:
    """A COV notification (§13.6, §13.7): the subscriber's number, the device's, the object, what it says by property."""
    found = tags(data)
    values: dict[int, Found] = {}
    try:
        process, device, item = _context(found[0], 0), object_of(found[1], 1), object_of(found[2], 2)
        _context(found[3], 3)  # seconds that are left
        _expect(found[4], OPENING, 4)
        at = 5
        while found[at] != _END_OF_VALUES:
            number, element = _context(found[at], 0), found[at + 1][:2] == (CONTEXT, 1)
            value, at = _enclosed(found, at + 1 + element, 2)
            if not element:
                values[number] = value
            at += found[at][:2] == (CONTEXT, 3)  # a priority
    except IndexError:
        raise Unreadable("it is cut off") from None
    return process, device[1], item, values


def refused(value: list[Tag]) -> Refused:
    """An error class and code."""
    codes = [int.from_bytes(tag.data, "big") for tag in value if tag[:2] == (APPLICATION, 9)]
    if len(codes) < 2:
        raise Unreadable("not an error class and code")
    return Refused(codes[0], codes[1])


_END_OF_OBJECT: Final = Tag(CLOSING, 1, b"")
_END_OF_VALUES: Final = Tag(CLOSING, 4, b"")


def _expect(tag: Tag, kind: int, number: int) -> None:
    if tag[:2] != (kind, number):
        raise Unreadable(f"tag {number} is missing")


def _context(tag: Tag, number: int, length: int | None = None) -> int:
    _expect(tag, CONTEXT, number)
    if length is not None and len(tag.data) != length:
        raise Unreadable(f"tag {number} has the wrong length")
    return int.from_bytes(tag.data, "big")


def _enclosed(found: list[Tag], at: int, number: int) -> tuple[list[Tag], int]:
    """What stands between an opening tag at `at` and its closing tag, and where it goes on after that."""
    _expect(found[at], OPENING, number)
    depth, end = 1, at + 1
    while depth:
        if end >= len(found):
            raise Unreadable("it is cut off")
        depth += {OPENING: 1, CLOSING: -1}.get(found[end].kind, 0)
        end += 1
    _expect(found[end - 1], CLOSING, number)
    return found[at + 1 : end - 1], end


def context_tag(number: int, data: bytes) -> bytes:
    """A context tag around at most four octets."""
    return bytes((number << 4 | 8 | len(data),)) + data


def unsigned(value: int) -> bytes:
    """The fewest octets of an unsigned number (§20.2.4)."""
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")


def signed(value: int) -> bytes:
    """The fewest octets of a signed number (§20.2.5)."""
    length = ((value if value >= 0 else ~value).bit_length() + 8) // 8
    return value.to_bytes(length, "big", signed=True)


def object_tag(number: int, item: Wire) -> bytes:
    """A context tag around an object identifier."""
    return context_tag(number, struct.pack(">I", item[0] << 22 | item[1]))


def around(number: int, data: bytes) -> bytes:
    """Opening and closing tags around `data`."""
    return bytes((number << 4 | 0x0E,)) + data + bytes((number << 4 | 0x0F,))


def power_of_ten(exponent: int) -> float:
    """An integer scale as a factor. Raises Unreadable for one that no number has."""
    try:
        return float(10.0**exponent)
    except OverflowError:
        raise Unreadable(f"a scale of 10^{exponent}") from None
