"""Answers held against the last: the same octets mean the same answer, and what differs is decoded as it stands."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.points import Raw
from drivers.bacnet import octets, results
from drivers.bacnet.asked import HEADER, INVOKE, Asked
from drivers.bacnet.octets import Unreadable
from drivers.protocol import Address, Misconfigured
from tests.contract import wire

PART = [Address("ahu", "analog-input", number) for number in range(1, 5)]
VALUES = {
    "real": (wire.real(21.5), 21.5),
    "enumerated": (wire.enumerated(1), 1),
    "unsigned of three octets": (wire.unsigned(70_000), 70_000),
    "signed": (b"\x31\xff", -1),
    "double": (b"\x55\x08" + struct.pack(">d", 2.5), 2.5),
    "null": (b"\x00", None),
    "boolean": (b"\x11", True),
    "text": (b"\x75\x03\x00on", "on"),
}


def _one(number: int, value: bytes, flags: int = 0, *, error: bool = False) -> bytes:
    """One object's result, as nearly every controller encodes it."""
    said = b"\x5e" + value + b"\x5f" if error else b"\x4e" + value + b"\x4f"
    return (
        wire.context(0, wire.object_id(0, number)) + b"\x1e\x29\x55" + said
        + b"\x29\x6f\x4e\x82\x04" + bytes((flags,)) + b"\x4f\x1f"
    )  # fmt: skip


def _all(*values: bytes) -> bytes:
    return b"".join(_one(number, value) for number, value in enumerate(values, 1))


USUAL = _all(*[wire.real(20.0)] * 4)


def test_the_request_is_ready_to_be_sent() -> None:
    """A datagram with its length, for one answer in one piece, with room for an invoke id."""
    datagram = Asked(PART).datagram
    assert int.from_bytes(datagram[2:4], "big") == len(datagram)
    assert (datagram[6], datagram[7], datagram[INVOKE], datagram[9]) == (0, 5, 0, 14)
    assert bytes(datagram[HEADER:]).startswith(wire.context(0, wire.object_id(0, 1)))


@pytest.mark.parametrize(("encoded", "value"), VALUES.values(), ids=VALUES)
def test_every_datatype_is_read(encoded: bytes, value: Raw) -> None:
    """In its usual shape at once, else with care; with its flags."""
    asked = Asked(PART)
    asked.take(_all(*[wire.real(20.0)] * 3) + _one(4, encoded, 0x40))
    assert [answer.value for answer in asked.answers] == [20.0, 20.0, 20.0, value]
    assert [answer.fault for answer in asked.answers] == [False, False, False, True]


def test_what_has_not_changed_is_the_same_object() -> None:
    """Also beside one that has."""
    asked = Asked(PART)
    asked.take(USUAL)
    before = list(asked.answers)
    asked.take(_all(wire.real(20.0), wire.real(25.0), wire.enumerated(1), wire.real(20.0)))
    assert [answer.value for answer in asked.answers] == [20.0, 25.0, 1, 20.0]
    assert [one is other for one, other in zip(before, asked.answers, strict=True)] == [
        True,
        False,
        False,
        True,
    ]


def test_an_error_in_place_is_one_objects_matter() -> None:
    """An object that was deleted says so each time; the others are read."""
    asked = Asked(PART)
    gone = b"\x91\x01\x91\x1f"
    for value in (20.0, 21.0):
        asked.take(
            _one(1, wire.real(value)) + _one(2, gone, error=True) + _one(3, b"\x00") + _one(4, b"\x00")
        )
        assert asked.answers[0].value == value
        assert isinstance(asked.answers[1].error, Misconfigured)


def test_an_answer_about_nothing_is_none_whatever_was_said_before() -> None:
    """A controller that sends back an empty list: not even as the first answer does it tell four values, nor after one that was cut off."""
    asked = Asked(PART)
    with pytest.raises(Unreadable):
        asked.take(b"")
    asked.take(USUAL)
    for data in (b"", USUAL[:-1], b""):
        with pytest.raises(Unreadable):
            asked.take(data)


@pytest.mark.parametrize(
    "data",
    [
        USUAL[:-1],
        USUAL + b"\x00",
        b"",
        _one(2, b"\x00") + _one(1, b"\x00") + _one(3, b"\x00") + _one(4, b"\x00"),
        _all(*[b"\x00"] * 3) + _one(9, b"\x00"),
    ],
    ids=["cut off", "too much", "nothing", "in another order", "of another object"],
)
def test_what_is_not_about_what_was_asked_is_not_taken(data: bytes) -> None:
    """The stack is asked then, which sorts it out; what comes next is read as ever."""
    asked = Asked(PART)
    asked.take(USUAL)
    with pytest.raises(Unreadable):
        asked.take(data)
    asked.take(USUAL)
    assert [answer.value for answer in asked.answers] == [20.0] * 4


@pytest.mark.hypothesis
@given(st.lists(st.tuples(st.sampled_from(list(VALUES)), st.integers(0, 15)), min_size=4, max_size=4),
       st.integers(0, 200), st.integers(0, 255))  # fmt: skip
def test_whatever_comes_is_read_as_octets_are(said: list[tuple[str, int]], place: int, octet: int) -> None:
    """With one octet of it falsified too: what is taken at all is what taking it all apart says."""
    asked = Asked(PART)
    asked.take(USUAL)
    data = bytearray(b"".join(_one(n, VALUES[v][0], f << 4) for n, (v, f) in enumerate(said, 1)))
    for _ in range(2):
        try:
            asked.take(bytes(data))
        except Unreadable:
            pass
        else:
            apart = octets.read_many_answer(bytes(data))
            expected = [results.answer(address, apart.get((0, n))) for n, address in enumerate(PART, 1)]
            assert repr(asked.answers) == repr(expected)
        data[place % len(data)] = octet
