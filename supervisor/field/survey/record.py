"""Records one device: every object of its list, every property that it says it has, as it answers. It only reads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from drivers.bacnet import octets
from drivers.bacnet.octets import APPLICATION, Unreadable
from drivers.raw import Item, Raw, RawReader
from drivers.recorded import Asked, Recorded

AT_ONCE: Final = 4
"""Requests under way, as in a survey."""
DEVICE: Final = 8
OBJECT_LIST: Final = 76
PROPERTY_LIST: Final = 371
NAME, PRESENT, ARRAY, STATES = 77, 85, 87, 110
"""Property identifiers (ASHRAE 135-2020 §21)."""
OF_A_DEVICE: Final = (75, 77, 79, 12, 28, 44, 58, 62, 70, 96, 97, 98, 107, 112, 120, 121, 139, 155)
OF_AN_OBJECT: Final = (
    75,
    77,
    79,
    28,
    31,
    36,
    45,
    59,
    65,
    69,
    81,
    84,
    85,
    87,
    103,
    104,
    106,
    111,
    117,
    22,
    4,
    46,
    74,
    110,
    187,
    185,
    188,
    373,
    377,
)
"""Asked of an object that has no Property_List: what a supervisor looks at, and what is usual. What is not there is recorded as not there."""
OTHERS: Final = frozenset({30, 116, 152, 202, 267, 407, 408, 411, 414, 416, 417})
"""Properties that name other machines: address bindings, time servers, COV subscriptions, restart recipients, routing and BBMD tables. They
are nobody's business but the building's, and are never asked for."""
NETWORK_PORT, FILE = 56, 10
_ID: Final = 12
"""Application tag of an object identifier."""


class Recorder:
    """One recording; `done` of `total` objects while it runs."""

    def __init__(self, reader: RawReader, device: str, instance: int) -> None:
        self._reader, self._device = reader, device
        self.found = Recorded(instance)
        self.done, self.total = 0, 0
        self.doing = ""

    async def all(self) -> Recorded:
        """The whole device. A device that says nothing at all has no answers but silence."""
        me = (DEVICE, self.found.instance)
        for number in OF_A_DEVICE:
            await self._ask(Asked(me, number))
            if len(self.found.answers) == 3 and all(
                raw.kind == "silence" for raw in self.found.answers.values()
            ):
                return self.found
        items = await self._list(me)
        self.total = len(items)
        few: list[tuple[Item, Sequence[int]]] = [(item, (NAME, PRESENT)) for item in items if item != me]
        few = few[:5] or [(me, (NAME,))]
        self.found.many = (await self._reader.raw_many(self._device, few))._replace(octets=b"")
        await self._properties(me, skip=set(OF_A_DEVICE))
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(item: Item) -> None:
            async with turns:
                await self._object(item)
                self.done += 1

        others = [item for item in items if item != me]
        self.done = len(items) - len(others)
        await asyncio.gather(*(one(item) for item in others))
        order = {item: n for n, item in enumerate([me, *items])}
        answers = sorted(self.found.answers.items(), key=lambda each: order.get(each[0].item, 0))
        self.found.answers = dict(answers)
        return self.found

    async def _ask(self, asked: Asked) -> Raw:
        raw = await self._reader.raw(self._device, asked.item, asked.number, asked.element)
        self.found.answers[asked] = raw
        if raw.kind not in ("value", "error") and asked.element is None and self.found.many.kind == "value":
            said = await self._reader.raw_many(self._device, [(asked.item, (asked.number,))])
            self.found.together[asked] = _alone(asked, said)
        return raw

    async def _list(self, me: Item) -> list[Item]:
        """The objects, whole or one by one where the list does not fit."""
        raw = await self._ask(Asked(me, OBJECT_LIST))
        if raw.kind == "value":
            await self._ask(Asked(me, OBJECT_LIST, 0))
            return _items(raw.octets)
        count = _number(await self._ask(Asked(me, OBJECT_LIST, 0)))
        found: list[Item] = []
        for index in range(1, (count or 0) + 1):
            self.doing = f"{index}/{count}"
            found += _items((await self._ask(Asked(me, OBJECT_LIST, index))).octets)
        self.doing = ""
        return found

    async def _object(self, item: Item) -> None:
        if item[0] in (NETWORK_PORT, FILE):
            await self._ask(Asked(item, NAME))
            return
        await self._properties(item, skip=set())

    async def _properties(self, item: Item, skip: set[int]) -> None:
        listed = await self._ask(Asked(item, PROPERTY_LIST))
        numbers = _numbers(listed.octets) if listed.kind == "value" else []
        wanted = [75, 77, 79, *numbers] if numbers else [*OF_AN_OBJECT] if item[0] != DEVICE else []
        for number in dict.fromkeys(wanted):
            if number in OTHERS:
                self.found.left_out += 1
            elif number not in skip and number not in (OBJECT_LIST, PROPERTY_LIST):
                raw = await self._ask(Asked(item, number))
                if number in (ARRAY, STATES) and raw.kind not in ("error", "reject"):
                    await self._elements(item, number, raw)

    async def _elements(self, item: Item, number: int, whole: Raw) -> None:
        """An array's length, one element and one too many: whoever plays it knows the others from the whole, if that came."""
        count = _number(await self._ask(Asked(item, number, 0))) or 0
        indexes = range(1, min(count, 16) + 1) if whole.kind != "value" else range(1, min(count, 1) + 1)
        for index in (*indexes, count + 1):
            await self._ask(Asked(item, number, index))


def _alone(asked: Asked, said: Raw) -> Raw:
    """The one property's answer out of a ReadPropertyMultiple-ACK (ASHRAE 135 §15.7); the whole of it where it is about something else."""
    if said.kind != "value":
        return said
    before = octets.object_tag(0, asked.item) + b"\x1e" + octets.context_tag(2, octets.unsigned(asked.number))
    inner = said.octets[len(before) : -1]
    if said.octets.startswith(before) and inner[:1] == b"\x4e":
        return said._replace(octets=inner[1:-1])
    if said.octets.startswith(before) and inner[:1] == b"\x5e":
        numbers = tuple(int.from_bytes(tag.data, "big") for tag in _tags(inner[1:-1]))
        return said._replace(kind="error", octets=b"", numbers=numbers)
    return said._replace(kind="other")


def _tags(data: bytes) -> Sequence[octets.Tag]:
    try:
        return octets.tags(data)
    except Unreadable:
        return ()


def _items(data: bytes) -> list[Item]:
    found = (tag.data for tag in _tags(data) if tag[:2] == (APPLICATION, _ID) and len(tag.data) == 4)
    return [divmod(int.from_bytes(each, "big"), 1 << 22) for each in found]


def _numbers(data: bytes) -> list[int]:
    """What a Property_List lists: enumerated values."""
    return [int.from_bytes(tag.data, "big") for tag in _tags(data) if tag[:2] == (APPLICATION, 9)]


def _number(raw: Raw) -> int | None:
    found = _tags(raw.octets) if raw.kind == "value" else ()
    return (
        int.from_bytes(found[0].data, "big") if len(found) == 1 and found[0][:2] == (APPLICATION, 2) else None
    )


def shown(recorded: Recorded) -> dict[Asked, str]:
    """What values are, for people; none for what is constructed or long."""
    found: dict[Asked, str] = {}
    for asked, raw in recorded.answers.items():
        if raw.kind != "value":
            continue
        try:
            tags = octets.tags(raw.octets)
            if len(tags) == 1:
                found[asked] = str(octets.primitive(tags[0]))
            elif asked.number == STATES:
                found[asked] = ", ".join(str(octets.primitive(tag)) for tag in tags)
        except Unreadable:
            continue
    return found
