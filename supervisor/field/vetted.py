"""A line whose reader and writer know the devices: a stranger's values count as faulty, and it is not written.

And what they count in: a device's number goes up as the file counts, and a command goes down as the device does.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial

import structlog

from config.objects import is_real
from config.site import Site
from drivers.dates import Entry, Span, dated
from drivers.habits import Habits
from drivers.protocol import (
    Address,
    Answer,
    Candid,
    DriverError,
    FieldWriter,
    Identity,
    Line,
    Patient,
    Retryable,
    Sighting,
    Silent,
    Slotted,
    Traits,
    Watchful,
    Write,
    WriteMany,
)
from drivers.readings import PriorityArray, Slot
from supervisor.field.measures import Measures
from supervisor.field.register import Register
from supervisor.field.vetting import Quarantined, Vetting

log = structlog.get_logger()


def vetted(
    site: Site,
    line: Line,
    register: Register,
    measures: Measures | None = None,
    on_suspect: Callable[[str], None] | None = None,
) -> Line:
    """The same line, whose reader and writer know the devices, and what they count in: see VettedReader, VettedWriter.

    `measures` keeps what they count in, for those who tell of it; `on_suspect` is told of each that is quarantined.
    """
    measures = measures if measures is not None else Measures(site)
    vetting = Vetting(site, line.reader, register, measures)
    if on_suspect is not None:
        vetting.on_suspect = on_suspect
    return Line(VettedReader(vetting), VettedWriter(vetting, line.writer))


class VettedReader:
    """A FieldReader over another: another device than was adopted goes into quarantine, its values count as faulty."""

    def __init__(self, vetting: Vetting) -> None:
        self._vetting, self._driver = vetting, vetting.driver
        self._suspects, self._measures = vetting.register.suspects, vetting.measures
        driver = vetting.driver
        self._candid = driver if isinstance(driver, Candid) else None
        self.habits = self._candid.habits if self._candid is not None else Habits()
        self.on_restart: Callable[[str], None] = lambda device: None
        vetting.on_restart = self._restarted

        self.on_sighting: Callable[[str, Sighting | None], None] = lambda device, sighting: None
        """Never called: the register is told."""

    def _restarted(self, device: str) -> None:
        self.on_restart(device)

    def follow(self, device: str, place: str) -> None:
        """Calls go to a place where a person said that the device is."""
        self._driver.follow(device, place)

    async def start(self) -> None:
        """Bind the port. Raises Misconfigured."""
        await self._driver.start()

    async def stop(self) -> None:
        """Close the port."""
        self.rest()
        await self._driver.stop()

    def rest(self) -> None:
        """Ask nobody any more of itself; the line stays open."""
        self._vetting.states.stop()

    async def identify(self, device: str) -> Identity:
        """Who the device is; another one than was adopted goes into quarantine."""
        return await self._vetting.identify(device)

    async def names(self, addresses: Sequence[Address]) -> list[Answer]:
        """Object_Names of objects of one device."""
        return await self._vetting.ask(addresses, self._driver.names)

    async def traits(self, addresses: Sequence[Address], *, limits: bool = False) -> list[Traits]:
        """What the device says of its numbers."""
        if not addresses:
            return []
        with self._vetting.call(addresses[0].device):
            return await self._driver.traits(addresses, limits=limits)

    async def learn_states(self, device: str) -> None:
        """Ask now what the device calls its states, where it was not asked yet; as far as it answers."""
        await self._vetting.states.all_of(device)

    async def read(self, addresses: Sequence[Address]) -> list[Answer]:
        """Present_Values of objects of one device."""
        if not addresses:
            return []
        device = addresses[0].device
        answers = await self._vetting.ask(addresses, self._driver.read)
        self._vetting.states.soon(device)
        await self._vetting.believe(device, self._measures.to_ask(answers))
        if not self._measures.alike(device):
            answers = [_up(self._measures, answer) for answer in answers]
        if device in self._suspects:
            return [answer._replace(fault=True) for answer in answers]
        return answers

    async def read_array(self, address: Address) -> PriorityArray:
        """Priority_Array and Relinquish_Default."""
        with self._vetting.call(address.device):
            array = await self._driver.read_array(address)
        return await _counted(self._vetting, address, array)

    async def subscribe(self, addresses: Sequence[Address], lifetime: int) -> list[Address]:
        """Subscribe to COV of objects of one device."""
        return await self._driver.subscribe(addresses, lifetime)

    def reports(self, address: Address) -> bool:
        """Whether the device tells the changes of an object; taken for so where the driver beneath cannot say."""
        return self._candid is None or self._candid.reports(address)

    async def changes(self) -> AsyncIterator[Answer]:
        """COV notifications as they arrive."""
        async for answer in self._driver.changes():
            device = answer.address.device
            self._vetting.hear(device)
            if self._measures.leapt(answer.address, answer.value):
                # The poll that an unreadable change asks for asks its unit: whoever waits here keeps others' changes waiting.
                self._measures.doubt([answer.address])
            counted = answer if self._measures.alike(device) else _up(self._measures, answer)
            yield counted._replace(fault=True) if device in self._suspects else counted


class VettedWriter:
    """A FieldWriter over another: a device in quarantine is not even read, so that no write of it is prepared."""

    def __init__(self, vetting: Vetting, driver: FieldWriter) -> None:
        self._vetting, self._driver, self._measures = vetting, driver, vetting.measures

    async def read(self, addresses: Sequence[Address]) -> list[Answer]:
        """Present_Values of objects of one device. Raises Quarantined."""
        if addresses:
            await self._vetting.admit(addresses[0].device)
        return [_up(self._measures, a) for a in await self._vetting.ask(addresses, self._driver.read)]

    async def read_array(self, address: Address) -> PriorityArray:
        """Priority_Array and Relinquish_Default. Raises Quarantined."""
        await self._vetting.admit(address.device)
        if address.device in self._vetting.slow or self._vetting.fresh(address.device):
            return await self._array(address)
        # a write may follow: looking meanwhile costs it no time, and a stranger gets no intent written down
        array, _ = await asyncio.gather(self._array(address), self._looked_at(address))
        return array

    async def _array(self, address: Address) -> PriorityArray:
        with self._vetting.call(address.device):
            array = await self._driver.read_array(address)
        return await _counted(self._vetting, address, array)

    async def read_arrays(self, addresses: Sequence[Address]) -> dict[Address, PriorityArray]:
        """The slots of objects of one device that can be had together, where nothing is about to be written. Raises Quarantined."""
        if not addresses or not isinstance(self._driver, Slotted):
            return {}
        device = addresses[0].device
        await self._vetting.admit(device)
        found = await self._driver.read_arrays(addresses)
        if found:
            self._vetting.hear(device)
        counted = {}
        for address, array in found.items():
            with contextlib.suppress(Retryable):  # its unit is not known yet: said where it is read by itself
                counted[address] = await _counted(self._vetting, address, array)
        return counted

    def waits(self, device: str) -> float:
        """Seconds that a call to a device may take now; 0 where its driver does not say."""
        return self._driver.waits(device) if isinstance(self._driver, Patient) else 0.0

    async def look_for_restart(self, device: str) -> None:
        """Whether a device has started and did not say so: then it has to be recognised before it is written. Raises DriverError."""
        if isinstance(self._driver, Watchful):
            with self._vetting.call(device):
                await self._driver.look_for_restart(device)

    async def know_states(self, address: Address) -> None:
        """Before a first write: what the device calls the object's states is asked, unless it was."""
        await self._vetting.states.first(address)

    async def _looked_at(self, address: Address) -> None:
        """Look at the device beside another call; a look that gets lost is made again before the write."""
        try:
            await self._vetting.admit(address.device, [address])
        except Quarantined:
            raise
        except Retryable as error:
            log.debug("not looked at", device=address.device, reason=error.message)

    async def write(self, address: Address, value: float | int | None, priority: int | None) -> None:
        """Write Present_Value of a device that was recognised. Raises Quarantined."""
        await self._vetting.admit(address.device, [address])
        with self._vetting.call(address.device):
            await self._driver.write(address, _down(self._measures, address, value), priority)

    async def date_list(self, address: Address) -> list[Entry]:
        """The days of a Calendar object of a device that was recognised. Raises Quarantined."""
        await self._vetting.admit(address.device)
        with self._vetting.call(address.device):
            return await dated(self._driver, address).date_list(address)

    async def write_date_list(self, address: Address, spans: list[Span]) -> None:
        """Replace them. Raises Quarantined."""
        await self._vetting.admit(address.device)
        dated(self._driver, address)
        with self._vetting.call(address.device):
            await self._driver.write_date_list(address, spans)  # type: ignore[attr-defined] # it is dated

    @property
    def write_many(self) -> WriteMany | None:
        """Several writes to a device that was recognised, where the driver beneath can. Raises Quarantined."""
        write_many = self._driver.write_many
        return None if write_many is None else partial(self._write_many, write_many)

    async def _write_many(self, write_many: WriteMany, writes: Sequence[Write]) -> list[DriverError | None]:
        if not writes:
            return []
        device = writes[0].address.device
        await self._vetting.admit(device, [write.address for write in writes])
        with self._vetting.call(device):
            results = await write_many(
                [w._replace(value=_down(self._measures, w.address, w.value)) for w in writes]
            )
            for result in results:
                if isinstance(result, Silent) and all(isinstance(each, Silent) for each in results):
                    raise result
            return results


def _up(measures: Measures, answer: Answer) -> Answer:
    """An answer as the file counts; no evidence where file and device disagree, none where the unit is not known."""
    if answer.error is not None:
        return answer
    if measures.called.no_evidence(answer.address, answer.value):
        return answer._replace(fault=True)
    if not measures.concerns(answer.address):
        return answer
    try:
        made = measures.read(answer.address)
    except Retryable as error:
        return answer._replace(value=None, error=error)
    if made.plain and made.quarrel is None:
        return answer  # the very same: that nothing is new is seen by it
    raw = answer.value
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        raw = made.read(raw)
    return answer._replace(value=raw, fault=answer.fault or made.quarrel is not None)


async def _counted(vetting: Vetting, address: Address, array: PriorityArray) -> PriorityArray:
    """A priority array as the file counts, of a device that is asked for its unit where what stands there has leapt.
    Raises Retryable where its unit is not known."""
    stands = array.slots[0].value if array.slots else array.relinquish_default
    if vetting.measures.leapt(address, stands, slots=True):
        await vetting.believe(address.device, [address])
    return _array_up(vetting.measures, address, array)


def _array_up(measures: Measures, address: Address, array: PriorityArray) -> PriorityArray:
    """A priority array as the file counts. Raises Retryable where its unit is not known yet."""
    if not measures.concerns(address) or (made := measures.told(address)).plain:
        return array
    slots = tuple(Slot(slot.priority, made.read(slot.value)) for slot in array.slots)
    default = array.relinquish_default
    return array._replace(slots=slots, relinquish_default=None if default is None else made.read(default))


def _down(measures: Measures, address: Address, value: float | int | None) -> float | int | None:
    """A command as the device counts; NULL is NULL everywhere. Raises Retryable where the unit is not known yet."""
    if value is None or not measures.concerns(address):
        return value
    number = measures.told(address).sent(value)
    return number if is_real(address.object_type) else round(number)
