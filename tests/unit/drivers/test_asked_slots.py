"""Slots of many objects out of one answer: the usual as it is, and whatever is odd left to be read by itself."""

from __future__ import annotations

import pytest

from drivers.bacnet.octets import Unreadable
from drivers.bacnet.rusty.slots import AskedSlots
from drivers.protocol import Address
from drivers.readings import PriorityArray, Slot
from tests.contract import wire

PART = [Address("ahu", "analog-value", number) for number in (1, 2)]
NULL = b"\x00"
ERROR = b"\x91\x02\x91\x20"


def _slots(**held: bytes) -> bytes:
    return b"".join(held.get(f"at{number}", NULL) for number in range(1, 17))


def _one(number: int, array: bytes, default: bytes | None = None, *, tag: int = 4) -> bytes:
    """One object's result: its array (or the error in its place), then its default."""
    around = bytes((tag << 4 | 14,)), bytes((tag << 4 | 15,))
    said = b"\x29\x57" + array.join(around)
    if default is not None:
        said += b"\x29\x68\x4e" + default + b"\x4f"
    return wire.context(0, wire.object_id(2, number)) + b"\x1e" + said + b"\x1f"


def _heard(*results: bytes) -> dict[Address, PriorityArray]:
    asked = AskedSlots(PART)
    asked.take(b"".join(results))
    return asked.arrays


def test_two_arrays_in_whichever_order() -> None:
    """Occupied slots, highest first, and what is beneath them."""
    held = _slots(at8=wire.real(21.0), at10=wire.real(26.0))
    found = _heard(_one(2, _slots(), wire.real(18.0)), _one(1, held, wire.real(24.0)))
    assert found == {
        PART[0]: PriorityArray((Slot(8, 21.0), Slot(10, 26.0)), 24.0),
        PART[1]: PriorityArray((), 18.0),
    }


def test_arrays_that_say_the_same_are_one_object() -> None:
    """A building has thousands of empty ones."""
    found = _heard(*[_one(number, _slots(), wire.real(18.0)) for number in (1, 2)])
    assert found[PART[0]] is found[PART[1]]


@pytest.mark.parametrize(
    "odd",
    [
        _one(1, ERROR, wire.real(24.0), tag=5),
        _one(1, _slots()),
        _one(1, NULL * 15, wire.real(24.0)),
        _one(1, b"\x75\x03\x00on" + NULL * 15, wire.real(24.0)),
        _one(1, b"\xa4\x7e\x01\x01\x01" + NULL * 15, wire.real(24.0)),
        b"",
    ],
    ids=["no array", "no default", "15 slots", "text", "a date", "left out"],
)
def test_what_is_odd_is_left_out(odd: bytes) -> None:
    """It is read by itself, with all that may have to be said of it; the other one is there."""
    assert set(_heard(odd, _one(2, _slots(), wire.real(18.0)))) == {PART[1]}


def test_a_default_that_is_no_number_is_not_known() -> None:
    """The slots count all the same."""
    assert _heard(_one(1, _slots(), NULL))[PART[0]] == PriorityArray((), None)


@pytest.mark.parametrize(
    "data",
    [_one(3, _slots(), wire.real(1.0)), _one(1, _slots(), wire.real(1.0))[:-3], b"\x0c\x00"],
    ids=["of another object", "cut off", "cut off at once"],
)
def test_what_is_not_about_them_is_not_taken(data: bytes) -> None:
    """Such an answer is none."""
    with pytest.raises(Unreadable):
        _heard(data)
