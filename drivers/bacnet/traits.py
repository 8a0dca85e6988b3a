"""What both stacks share of asking what an object counts in: Units, Scale, Resolution, the range of Present_Value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeAlias, TypeVar

from config.measure import Said
from config.objects import ACCUMULATOR, OBJECTS
from drivers.bacnet.kinds import (
    MAX_PRES_VALUE,
    MIN_PRES_VALUE,
    PRESCALE,
    RESOLUTION,
    SCALE,
    SCALE_FACTOR,
    UNITS,
)
from drivers.bacnet.octets import Unreadable
from drivers.bacnet.peer import Calls, Peer
from drivers.bacnet.several import Way, several
from drivers.protocol import Address, DriverError, Misconfigured, Retryable, Traits

OCTETS: Final = 60
"""Octets of an answer set aside for one object: 7 of frame, and four properties of 4 and up to 9."""

Value: TypeAlias = object
"""A property's value, decoded: a number; a Scale as its factor, a Prescale as two numbers."""
Values: TypeAlias = Mapping[int, "Value | DriverError | Unreadable"]
"""What came of each property of one object; one that is left out was not answered."""

S = TypeVar("S")
Together = Callable[[list[Address], Callable[[Address], tuple[int, ...]]], Awaitable[dict[Address, Values]]]
Single = Callable[[Address, int], Awaitable[Value]]
"""A stack's own ways: several objects in one request, one property. Raise its refusal, and Unreadable."""

_NAMES: Final = {
    UNITS: "Units", SCALE: "Scale", PRESCALE: "Prescale", SCALE_FACTOR: "Scale_Factor", RESOLUTION: "Resolution",
    MIN_PRES_VALUE: "Min_Pres_Value", MAX_PRES_VALUE: "Max_Pres_Value",
}  # fmt: skip
_OWN: Final = {
    ACCUMULATOR: (UNITS, SCALE, PRESCALE),
    "pulse-converter": (UNITS, SCALE_FACTOR),
    "loop": (),
    "lighting-output": (),
}
"""Of those that differ from the rest (§12.1, §12.23, §12.17: a loop's is Output_Units, §12.54: always per cent)."""


async def traits(
    calls: Calls[S],
    peer: Peer[S],
    addresses: Sequence[Address],
    together: Together,
    single: Single,
    *,
    limits: bool,
) -> list[Traits]:
    """What the device says of the numbers in objects, in order; with Resolution and range where `limits` are asked for.

    Raises Silent when nothing was answered at all: see `drivers.bacnet.several.several`.
    """

    def wanted(address: Address) -> tuple[int, ...]:
        return _OWN.get(address.object_type) or (
            (UNITS, RESOLUTION, MIN_PRES_VALUE, MAX_PRES_VALUE) if limits else (UNITS,)
        )

    async def many(part: list[Address]) -> dict[Address, Traits]:
        found = await together(part, wanted)
        return {address: _made(address, wanted(address), found.get(address, {})) for address in part}

    async def one(address: Address) -> Traits:
        values: dict[int, Value | DriverError | Unreadable] = {}
        for number in wanted(address):
            try:
                values[number] = await single(address, number)
            except Unreadable as error:
                values[number] = error
            except calls.dialect.refusal as refusal:
                answered = calls.dialect.answered(refusal)
                problem = calls.dialect.problem(address.device, refusal)
                # the stack's own word on an answer that came is the answer's fault
                values[number] = problem if answered else Unreadable(problem.message)
        return _made(address, wanted(address), values)

    asked = [a for a in addresses if a.object_type in OBJECTS and _OWN.get(a.object_type) != ()]
    way = Way(many, one, _failed, OCTETS, 4)
    found = dict(zip(asked, await several(calls, peer, asked, way), strict=True)) if asked else {}
    return [found.get(address) or Traits(address, Said(), None) for address in addresses]


def _made(address: Address, wanted: Sequence[int], values: Values) -> Traits:
    """One object's traits. A refusal that may pass, or none at all, is no answer; any other says that there is none."""
    odd: list[str] = []
    kept: dict[int, Value] = {}
    for number in wanted:
        value = values.get(number)
        if value is None:
            return _failed(address, Retryable(address.device, f"it left its {_NAMES[number]} out"))
        if isinstance(value, Retryable):
            return _failed(address, value)
        if isinstance(value, Misconfigured):
            continue
        if isinstance(value, DriverError | Unreadable):
            odd.append(_NAMES[number])
        else:
            kept[number] = value
    said = Said(
        _whole(kept, UNITS, odd), _number(kept, SCALE, odd), _pair(kept, PRESCALE, odd),
        _number(kept, SCALE_FACTOR, odd), _number(kept, RESOLUTION, odd), _number(kept, MIN_PRES_VALUE, odd),
        _number(kept, MAX_PRES_VALUE, odd),
    )  # fmt: skip
    return Traits(address, said._replace(odd=tuple(odd)), None)


def _failed(address: Address, error: DriverError) -> Traits:
    return Traits(address, Said(), error)


def _whole(kept: Mapping[int, Value], number: int, odd: list[str]) -> int | None:
    value = kept.get(number)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    odd.append(_NAMES[number])
    return None


def _number(kept: Mapping[int, Value], number: int, odd: list[str]) -> float | None:
    value = kept.get(number)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return None if value is None else float(value)
    odd.append(_NAMES[number])
    return None


def _pair(kept: Mapping[int, Value], number: int, odd: list[str]) -> tuple[int, int] | None:
    value = kept.get(number)
    if value is None or (isinstance(value, tuple) and len(value) == 2):
        return value
    odd.append(_NAMES[number])
    return None
