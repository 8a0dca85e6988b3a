"""Every device asked for its objects, many at a time, each at the pace that it bears; what was read before is not read again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from config.objects import OBJECTS
from drivers.protocol import Address, DriverError, Met, Silent, SurveyReader, Told
from supervisor.field.survey.objects import Found, Survey, Thing, unit_by_number

DEVICES_AT_ONCE: Final = 16
CHUNK: Final = 16
"""Objects that are read before what was read is kept: a slow device takes minutes for more."""
LISTED_AT_ONCE: Final = 4
"""Elements of a list that are asked for at the same time."""
_NAMES: Final = {kind.number: name for name, kind in OBJECTS.items()}


class Walk:
    """A survey under way. `survey` grows; `left` tells how many devices are not done."""

    def __init__(self, surveyor: SurveyReader, survey: Survey) -> None:
        self.surveyor, self.survey = surveyor, survey
        self.doing: dict[int, str] = {}
        self.left = 0
        self.changed = False

    async def all(self, met: Sequence[Met]) -> None:
        """Read what every device has. What fails is said at the device; nothing is raised for it."""
        turns = asyncio.Semaphore(DEVICES_AT_ONCE)
        self.left = len(met)

        async def one(each: Met) -> None:
            async with turns:
                await self._device(each)
                self.left -= 1
                self.changed = True

        async with asyncio.TaskGroup() as group:
            for each in met:
                group.create_task(one(each))

    async def _device(self, met: Met) -> None:
        found = self.survey.devices.setdefault(met.instance, Found(met.instance))
        found.address = met.address
        if found.whole:
            return
        found.said = ""
        try:
            who = await self.surveyor.identify(str(met.instance))
            found.name, found.vendor = who.name, who.model
            await self._listed(found)
            await self._objects(found)
            found.whole = not found.said
        except DriverError as error:
            found.said = error.message
        self.doing.pop(met.instance, None)

    async def _listed(self, found: Found) -> None:
        """The object list: whole where it fits one answer, else element by element, from where it was left."""
        device = str(found.instance)
        if found.count < 0:
            try:
                every = await self.surveyor.object_list(device)
            except DriverError:
                found.count = await self.surveyor.object_count(device)
            else:
                found.listed = [list(item) for item in every]
                found.count = len(every)
            self.changed = True
        while len(found.listed) < found.count:
            first = len(found.listed) + 1
            last = min(found.count, first + LISTED_AT_ONCE - 1)
            items = await asyncio.gather(*(self._patiently(device, n) for n in range(first, last + 1)))
            found.listed += [list(item) for each in items for item in each[:1]]
            self.doing[found.instance] = f"{len(found.listed)}/{found.count}"
            self.changed = True
            if any(not each for each in items):
                found.count = len(found.listed)

    async def _patiently(self, device: str, index: int) -> list[tuple[int, int]]:
        """One element; once more where a busy trunk lost it."""
        try:
            return await self.surveyor.object_list(device, index)
        except Silent:
            return await self.surveyor.object_list(device, index)

    async def _objects(self, found: Found) -> None:
        places = [
            Address(str(found.instance), _NAMES[kind], instance)
            for kind, instance in found.listed
            if kind in _NAMES
        ]
        left = [
            a for a in places if f"{found.instance}/{a.object_type}:{a.instance}" not in self.survey.things
        ]
        for at in range(0, len(left), CHUNK):
            part = left[at : at + CHUNK]
            for told in await self._asked(part):
                if told.error is not None:
                    found.said = told.error.message
                    continue
                self.survey.add(
                    Thing(
                        found.instance, told.address.object_type, told.address.instance, told.name, told.description,
                        unit_by_number(told.unit), list(told.states),
                    )
                )  # fmt: skip
            self.doing[found.instance] = f"{len(places) - len(left) + at + len(part)}/{len(places)}"
            self.changed = True

    async def _asked(self, part: Sequence[Address]) -> Sequence[Told]:
        try:
            return await self.surveyor.told(part)
        except Silent:
            return await self.surveyor.told(part)


async def telling(
    walk: Walk, tell: Callable[[Walk], None], keep: Callable[[Walk], None], every: float = 2.0
) -> None:
    """Say how far it is, and keep what was read, every so many seconds, until cancelled."""
    while True:
        await asyncio.sleep(every)
        tell(walk)
        if walk.changed:
            walk.changed = False
            keep(walk)
