"""Names of many objects out of one answer: the usual as they are, and whatever is odd left to the stack."""

from __future__ import annotations

import pytest

from drivers.bacnet.octets import Unreadable
from drivers.bacnet.rusty.named import AskedNames
from drivers.protocol import Address
from tests.contract import wire

PART = [Address("ahu", "analog-value", number) for number in (1, 2)]


def _one(number: int, name: bytes, *, tag: int = 4) -> bytes:
    """One object's result: its name, or the error in its place."""
    said = b"\x29\x4d" + bytes((tag << 4 | 14,)) + name + bytes((tag << 4 | 15,))
    return wire.context(0, wire.object_id(2, number)) + b"\x1e" + said + b"\x1f"


def _text(said: bytes, charset: int = 0) -> bytes:
    length = len(said) + 1
    return (bytes((0x70 | length,)) if length < 5 else bytes((0x75, length))) + bytes((charset,)) + said


def _heard(*results: bytes) -> list[str]:
    asked = AskedNames(PART)
    asked.take(b"".join(results))
    return asked.names


def test_names_short_and_long_and_chinese() -> None:
    """As the controllers of a building call their objects; what would move a cursor is made visible, as everywhere."""
    assert _heard(_one(1, _text(b"AV1")), _one(2, _text("二层 201 设定温度".encode()))) == [
        "AV1",
        "二层 201 设定温度",
    ]
    assert _heard(_one(1, _text(b"x" * 200)), _one(2, _text(b"pad\0\0"))) == ["x" * 200, "pad"]
    assert "\x1b" not in _heard(_one(1, _text(b"\x1b[2J")), _one(2, _text(b"b")))[0]


@pytest.mark.parametrize(
    "odd",
    [
        _one(1, b"\x91\x02\x91\x20", tag=5),
        _one(1, _text("设定".encode("gb18030"))),
        _one(1, _text("设定".encode("utf-16-be"), 4)),
        _one(1, b"\x70"),
        _one(1, b"\x44\x41\xac\x00\x00"),
        _one(1, _text(b"a") + _text(b"b")),
        _one(1, b"\x75\x7f\x00cut off"),
        _one(3, _text(b"another object")),
        _one(1, _text(b"a")) + _one(2, _text(b"b")),
        b"",
    ],
    ids=["error", "gb18030", "utf-16", "empty", "number", "two", "long", "other", "more", "less"],
)
def test_what_is_no_plain_name_is_left_to_the_stack(odd: bytes) -> None:
    """An error in place, another character set, no text, another object, one too many, one too few."""
    with pytest.raises(Unreadable):
        _heard(odd, _one(2, _text(b"b")))


def test_an_answer_that_is_cut_off_is_none() -> None:
    """At whichever octet."""
    whole = _one(1, _text(b"setpoint")) + _one(2, _text(b"mode"))
    for end in range(len(whole)):
        with pytest.raises(Unreadable):
            _heard(whole[:end])
