"""What both stacks do where a device does not take many objects in one request, tried without a wire."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from config.points import Raw
from drivers.bacnet.arrays import read_array
from drivers.bacnet.kinds import PRIORITY_ARRAY, RELINQUISH_DEFAULT
from drivers.bacnet.one_by_one import Reading, in_order, readable, within_deadline
from drivers.bacnet.peer import NO_LIMIT, Calls, Dialect, IAm, Peer, Place
from drivers.habits import SINGLY
from drivers.protocol import Address, Answer, DriverError, Misconfigured, Rejected, Retryable, Silent, Target
from tests.fakes import virtual_time

DEVICE = Target("hall", 7, "10.0.0.7:47808", 16, 1.0)
POINTS = [Address("hall", "analog-value", n) for n in range(1, 9)]


class No(Exception):
    """A device's refusal: why."""


class Wire:
    """A wire on which nothing ever stands in the way; the device is found at once where it moved to."""

    in_flight = 0
    up = True

    async def open(self, devices: Sequence[str | None]) -> None:
        """Nothing to bind."""

    async def close(self) -> None:
        """Nothing to let go of."""

    def adrift(self, devices: Sequence[str | None]) -> None:
        """Our address stays ours."""

    def doubt(self, station: str | None, seconds: float) -> None:
        """Nobody leads anywhere."""

    async def who_is(self, station: str | None, instance: int | None, wait: float) -> IAm[str]:
        """It is elsewhere, and takes more there."""
        return IAm(7, Place("10.0.0.9:47808", 1476))


def problem(device: str, error: Exception) -> DriverError:
    """Busy passes; what could not be sent is silence; whatever else is refused, is."""
    if str(error) == "no way":
        return Silent(device, "cannot be reached: Network is unreachable")
    return (Retryable if str(error) in ("busy", "no room") else Rejected)(device, str(error))


class Device(Calls[str]):
    """One device that takes at most `most` objects at once, and refuses what `refuses` names."""

    dialect = Dialect(
        wire=lambda address: address, refusal=No, problem=problem, answered=lambda said: True,
        in_error=lambda said: False, lacks_property=lambda said: False,
        crowded=lambda said: str(said) == "no room",
        lacks_service=lambda said: str(said) == "no such service", may_shrink=lambda said: str(said) in ("too long", "no room"),
    )  # fmt: skip

    def __init__(
        self, most: int = 100, rpm: str = "", refuses: Sequence[tuple[int, int | None]] = ()
    ) -> None:
        super().__init__(Wire(), [DEVICE], {}, lambda target: target.address)
        self.most, self.rpm, self.refuses = most, rpm, refuses
        self.asked: list[str] = []
        self.way = True
        self.no_room: set[float] = set()

    async def value(self, peer: Peer[str], address: Address, number: int, index: int | None = None) -> Raw:
        """Its instance, or the slot asked for."""
        self.asked.append(f"{address.instance}.{number}")
        if not self.way:
            raise No("no way")
        if (number, index) in self.refuses:
            raise No("no")
        return float(address.instance) if index is None else None

    async def values(self, peer: Peer[str], address: Address, number: int) -> list[Raw]:
        """Sixteen empty slots."""
        if (number, None) in self.refuses:
            raise No("no")
        return [None] * 16

    async def names(self, peer: Peer[str], addresses: Sequence[Address]) -> dict[Address, Answer]:
        """Every object is called after its instance."""
        return {a: Answer(a, f"no. {a.instance}", False, None) for a in addresses}

    async def faulty(self, peer: Peer[str], address: Address) -> bool:
        """It has no flags."""
        raise No("no")

    async def read(self, addresses: Sequence[Address]) -> list[Answer]:
        """Read as both stacks do."""
        peer = self.peer("hall")
        good, answers = readable(self, peer, addresses)
        await within_deadline(self, peer, good, answers, lambda more: Many(self, peer, answers, more))
        return in_order(peer, addresses, answers)


class Many(Reading[str]):
    """Together until it is too much."""

    _calls: Device

    async def together(self, addresses: Sequence[Address]) -> None:
        """In parts as long as the peer is known to take."""
        size = self._peer.at_most
        for start in range(0, len(addresses), size):
            part = addresses[start : start + size]
            self._calls.asked.append(f"{len(part)} at once")
            why = self._calls.rpm or ("too long" if len(part) > self._calls.most else "")
            if not self._calls.no_room.isdisjoint(a.instance for a in part):
                why = "no room"
            if why:
                await self.refused(part, No(why))
            else:
                self._answers.update({a: Answer(a, float(a.instance), False, None) for a in part})


def told(answers: list[Answer]) -> list[Raw]:
    """What was heard, in order."""
    return [answer.value for answer in answers]


async def test_a_device_without_the_service_is_asked_one_by_one_from_then_on() -> None:
    """Once is enough to learn that it knows no ReadPropertyMultiple; flags that it lacks are no fault."""
    device = Device(rpm="no such service")
    for _ in range(2):
        assert told(await device.read(POINTS)) == [float(a.instance) for a in POINTS]
    assert device.asked.count("8 at once") == 1
    assert len(device.asked) == 1 + 2 * 8


async def test_a_request_that_is_too_long_is_halved_until_it_fits_and_that_is_kept() -> None:
    """Eight are too many, so are four; two go, this time and the next."""
    device = Device(most=2)
    assert told(await device.read(POINTS)) == [float(a.instance) for a in POINTS]
    assert device.peer("hall").at_most == 2
    device.asked.clear()
    await device.read(POINTS)
    assert device.asked == ["2 at once"] * 4


async def test_a_busy_device_is_not_asked_eight_times_more() -> None:
    """It would be as busy for each: all say so."""
    device = Device(rpm="busy")
    answers = await device.read(POINTS)
    assert {type(answer.error) for answer in answers} == {Retryable}
    assert device.asked == ["8 at once"]


async def test_a_point_of_another_device_is_a_mistake_of_ours_and_stops_nobody() -> None:
    """Its answer says so, in its place; an object that is asked for twice is answered twice."""
    stranger = Address("attic", "analog-value", 1)
    answers = await Device().read([POINTS[0], stranger, POINTS[0]])
    assert told(answers) == [1.0, None, 1.0]
    assert isinstance(answers[1].error, Misconfigured)


async def test_an_array_is_read_slot_by_slot_where_it_is_refused_whole() -> None:
    """And its default is not known where the device does not tell it."""
    device = Device(refuses=[(PRIORITY_ARRAY, None), (RELINQUISH_DEFAULT, None)])
    array = await read_array(device, device.peer("hall"), POINTS[0])
    assert (array.slots, array.relinquish_default) == ((), None)
    assert device.asked.count(f"1.{PRIORITY_ARRAY}") == 16
    assert device.peer("hall").slots_singly


async def test_a_device_that_is_in_doubt_is_looked_for_before_it_is_asked() -> None:
    """Where its I-Am came from is where the next call goes, and how long an APDU it takes there."""
    device = Device()
    peer = device.peer("hall")
    assert await device.locate(peer) == DEVICE.address
    peer.sure = False
    assert await device.locate(peer) == "10.0.0.9:47808"
    assert (peer.sure, peer.max_apdu, peer.asked_who) == (True, 1476, 0)


def test_a_device_that_is_not_in_the_site_file_is_said_to_be_none() -> None:
    """A point may name a device that was taken out."""
    with pytest.raises(Misconfigured, match="no such device"):
        Device().peer("attic")


async def test_an_object_that_another_round_took_off_the_list_meanwhile_is_asked() -> None:
    """Two rounds at once: what the one has just found to be fit again, the other was about to spare."""
    device = Device()
    many = device.peer("hall").many
    many.spare(POINTS[0], Rejected("hall", "no"), asyncio.get_running_loop().time())

    class Meanwhile(Many):
        """The other round ends while this one begins."""

        async def together(self, addresses: Sequence[Address]) -> None:
            """As ever, and the first object is back."""
            many.back(POINTS[0])
            await super().together(addresses)

        async def _spared(self, addresses: Sequence[Address], *, alone: bool) -> None:
            await asyncio.sleep(0)
            await super()._spared(addresses, alone=alone)

    answers: dict[Address, Answer] = {}
    await within_deadline(
        device,
        device.peer("hall"),
        POINTS,
        answers,
        lambda more: Meanwhile(device, device.peer("hall"), answers, more),
    )
    assert told([answers[a] for a in POINTS]) == [float(a.instance) for a in POINTS]


@pytest.mark.parametrize("rpm", ["no way", "no such service"])
async def test_a_cable_that_is_out_is_silence_and_no_answer(rpm: str) -> None:
    """The machine says at once that there is no way to the network, for each request: the device has not said so."""
    device = Device(rpm=rpm)
    device.way = False
    with pytest.raises(Silent, match="Network is unreachable"):
        await device.read(POINTS)


async def test_a_device_that_others_keep_busy_is_not_said_to_be_spoilt_by_its_objects() -> None:
    """Another client takes its room while half of a poll is read: those objects would have been named, and left out of the others'
    requests for a minute. They are read by themselves, this time."""
    device = Device()
    device.no_room = {3.0, 5.0}
    for _ in range(2):
        assert told(await device.read(POINTS)) == [float(a.instance) for a in POINTS]
    assert device.habits.of("hall") == ()
    assert device.peer("hall").many.spared == {}
    for _ in range(2):  # so it is each time: it is the objects
        await device.read(POINTS)
    assert len(device.peer("hall").many.spared) == 2


class Lossy(Many):
    """A line on which the answer about more than four objects never arrives, nor, where it `takes` none, that about many at all."""

    most = 4

    async def together(self, addresses: Sequence[Address]) -> None:
        """In parts as long as the peer is known to take; each that is lost takes its time."""
        size = self._peer.at_most
        for start in range(0, len(addresses), size):
            part = addresses[start : start + size]
            self._calls.asked.append(f"{len(part)} at once")
            if len(part) > self.most:
                await asyncio.sleep(0.7 * DEVICE.timeout)
                await self.ignored(part)
            else:
                self._answers.update({a: Answer(a, float(a.instance), False, None) for a in part})


class Deaf(Lossy):
    """A device that says nothing to any request for many."""

    most = 0


async def _read(device: Device, how: type[Lossy]) -> list[Raw]:
    answers: dict[Address, Answer] = {}
    peer = device.peer("hall")
    await within_deadline(device, peer, POINTS, answers, lambda more: how(device, peer, answers, more))
    return told([answers[a] for a in POINTS])


@virtual_time
async def test_where_long_answers_get_lost_fewer_objects_are_asked_for() -> None:
    """A router without room for a full frame: the device counted as one that takes no request for many, and each of its hundred
    objects took two. Asked for two, it answers; after three polls it is asked for as many as come through."""
    device = Device()
    for _ in range(3):
        assert await _read(device, Lossy) == [float(a.instance) for a in POINTS]
    assert device.peer("hall").at_most == 2
    assert device.peer("hall").rpm
    assert device.habits.of("hall") == ()
    device.asked.clear()
    await _read(device, Lossy)
    assert device.asked == ["2 at once"] * 4


@virtual_time
async def test_a_device_that_says_nothing_to_any_request_for_many_is_read_singly_after_three_polls() -> None:
    """What is lost whatever its length is not asked for in shorter and shorter requests."""
    device = Device()
    for _ in range(3):
        assert await _read(device, Deaf) == [float(a.instance) for a in POINTS]
    peer = device.peer("hall")
    assert (peer.rpm, peer.at_most) == (False, NO_LIMIT)
    assert [habit.kind for habit in device.habits.of("hall")] == [SINGLY]
