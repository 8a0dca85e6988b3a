"""Controllers that a survey meets: with an object list, names, descriptions, units; quick, or slow and one property at a time."""

from __future__ import annotations

import asyncio

from tests.contract import wire
from tests.contract.router import Station
from tests.contract.scripted import Key, ScriptedDevice, Thing, Where

_LIST, _DESCRIPTION, _UNITS, _STATES = 76, 28, 117, 110
_NO_SEGMENTS = 4
"""Abort reason segmentation-not-supported."""


def fan_coils(count: int, floor: int = 3) -> dict[Key, Thing]:
    """Five objects each, ten numbers apart."""
    made: dict[Key, Thing] = {}
    for n in range(count):
        name, base = f"FCU-{floor}-{n + 1:02d}", 10 * n
        celsius = wire.enumerated(62)
        made[0, base] = Thing(
            wire.real(21.5),
            name=f"{name}_RoomTemp",
            says={_UNITS: celsius, _DESCRIPTION: wire.text("室内温度")},
        )
        made[4, base] = Thing(wire.enumerated(0), default=wire.enumerated(0), name=f"{name}_Start")
        made[3, base] = Thing(wire.enumerated(0), name=f"{name}_Run")
        made[2, base] = Thing(
            wire.real(26.0), default=wire.real(26.0), name=f"{name}_CoolSp", says={_UNITS: celsius}
        )
        modes = b"".join(wire.text(each) for each in ("Off", "Cool", "Heat"))
        made[19, base] = Thing(
            wire.unsigned(1), default=wire.unsigned(1), name=f"{name}_Mode", says={_STATES: modes}
        )
    return made


class _Listing(ScriptedDevice):
    """`slow`: seconds before each answer, and then no ReadPropertyMultiple, and no list in one answer. `deaf_after`: answers so
    many requests and no more. `asked` keeps object and property of each ReadProperty."""

    slow: float = 0.0
    deaf_after: int | None = None

    def begin(self, slow: float = 0.0) -> None:
        """Set its manners."""
        self.asked: list[tuple[Key, int, int | None]] = []
        self.slow = slow
        if slow:
            self.services = frozenset((12, 15))

    def _property(self, key: Key, number: int, index: int | None = None) -> bytes | tuple[int, int]:
        if key == (8, self.instance) and number == _LIST:
            every = [(8, self.instance), *self.things]
            if index == 0:
                return wire.unsigned(len(every))
            chosen = every if index is None else every[index - 1 : index]
            return b"".join(b"\xc4" + wire.object_id(*each) for each in chosen)
        return super()._property(key, number, index)

    def _read(self, frame: wire.Frame) -> bytes:
        tags = wire.tags(frame.data)
        key, number = divmod(tags[0].integer(), 1 << 22), tags[1].integer()
        index = tags[2].integer() if len(tags) > 2 else None
        self.asked.append((key, number, index))
        if self.slow and number == _LIST and index is None:
            return wire.abort(frame.invoke, _NO_SEGMENTS)
        return super()._read(frame)

    def _send(self, data: bytes, addr: Where) -> None:
        if self.deaf_after is not None and len(self.asked) > self.deaf_after:
            return
        if self.slow:
            asyncio.get_running_loop().call_later(self.slow, super()._send, data, addr)
        else:
            super()._send(data, addr)


class Surveyed(_Listing):
    """At an address of its own."""


class SurveyedStation(_Listing, Station):
    """On a trunk behind a router."""
