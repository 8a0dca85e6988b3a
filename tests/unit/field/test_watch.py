"""What the reader makes of silence, of nonsense, and of one object that fails among many; on a virtual clock."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from config.site import Site
from drivers.protocol import Address, Answer, Identity, Misconfigured, Retryable
from supervisor.field.watch import COV_BACKSTOP, Watch, address_of, poll_seconds, stale_after, stale_floor
from tests.fakes import FakeDevice, FakeDriver, FakeObject, VirtualClock, virtual_time
from tests.site_files import OFFICE, site_of_file

DEVICE, OTHER = "ddc-2", "ddc-4"
ROOM = "f2-office-201/fcu/temperature"
AGAIN = 4.1
"""s in which a device is asked again that speaks while a request is under way to it, or just was: that request's three, a
second's pause, and the answers."""


@functools.cache
def _site() -> Site:
    return site_of_file(OFFICE)


class Wire(FakeDriver):
    """The office's controllers; `spoil` changes what one of them answers, `dumb` are those that say nonsense."""

    def __init__(self, site: Site) -> None:
        objects: dict[str, dict[tuple[str, int], FakeObject]] = {device: {} for device in site.devices}
        for point in site.points.values():
            objects[point.device][point.object_type, point.instance] = FakeObject(1)
        super().__init__({device: FakeDevice(found) for device, found in objects.items()})
        self.asking: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        """Set as soon as a device is asked who it is."""
        self.spoil: Callable[[Answer], Answer] = lambda answer: answer
        self.dumb: set[str] = set()

    async def read(self, addresses: Sequence[Address]) -> list[Answer]:
        """As the controller answers, unless spoilt."""
        return [self.spoil(answer) for answer in await super().read(addresses)]

    async def identify(self, device: str) -> Identity:
        """Who it is, where it can say anything."""
        self.asking[device].set()
        if device in self.dumb:
            raise Retryable(device, "unreadable answer")
        return await super().identify(device)

    def notify(self, address: Address, error: Retryable | None = None) -> None:
        """The controller reports a change by itself, or what it reports is lost."""
        self._changes.put_nowait(Answer(address, None if error else 26.0, False, error))


class Ticking(VirtualClock):
    """A site clock as the daemon's."""

    async def wait(self, until: float, interrupt: asyncio.Event) -> None:
        """Return when `until` is reached or `interrupt` is set."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, until - self.now()) / self.speed):
                await interrupt.wait()


class Watching:
    """A reader at work: the answers that it delivered, and what it said of devices."""

    def __init__(self) -> None:
        self.site = _site()
        self.wire = Wire(self.site)
        self.answers: list[Answer] = []
        self.told: list[tuple[str, bool]] = []
        self.watch = Watch(
            self.site,
            self.wire,
            Ticking(),
            self.answers.append,
            lambda device, up: self.told.append((device, up)),
        )

    async def __aenter__(self) -> Watching:
        self._task = asyncio.create_task(self.watch.run())
        await asyncio.sleep(5)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def up(self, device: str) -> bool:
        """Whether a device counts as answering."""
        return self.watch.health[device].up

    async def asked(self, device: str) -> None:
        """Return at the moment at which a device is next asked who it is."""
        self.wire.asking[device].clear()
        await self.wire.asking[device].wait()

    def nonsense(self, device: str) -> None:
        """From now on nothing that the device says can be read."""
        self.wire.dumb.add(device)
        self.wire.spoil = lambda answer: _failed(answer, Retryable(device, "unreadable answer"), device)


def _failed(answer: Answer, error: Retryable | Misconfigured, device: str) -> Answer:
    if answer.address.device != device:
        return answer
    return Answer(answer.address, None, False, error)


@virtual_time
async def test_a_device_that_talks_nonsense_counts_as_down_and_the_others_go_on() -> None:
    """Answers come, in time, and none can be read: no better than silence."""
    async with Watching() as watch:
        assert watch.up(DEVICE)
        watch.nonsense(DEVICE)
        await asyncio.sleep(120)
        assert not watch.up(DEVICE)
        assert watch.watch.health[DEVICE].problem == "unreadable answer"
        assert watch.up(OTHER)
        assert watch.told == [(DEVICE, False)], "told once"
        watch.wire.spoil, watch.wire.dumb = lambda answer: answer, set()
        await asyncio.sleep(80)
        assert watch.up(DEVICE)
        assert watch.told == [(DEVICE, False), (DEVICE, True)]


@virtual_time
async def test_objects_that_fail_do_not_take_their_device_down_with_them() -> None:
    """Every object of a gateway says 'operational problem', but the gateway itself answers: it is up."""
    async with Watching() as watch:
        watch.wire.spoil = lambda answer: _failed(answer, Retryable(DEVICE, "operational problem"), DEVICE)
        await asyncio.sleep(120)
        assert watch.up(DEVICE)
        assert watch.told == []


@virtual_time
async def test_an_object_that_is_not_there_is_delivered_as_an_error_among_good_answers() -> None:
    """The site file names an object that the controller does not have: its neighbours are read as ever."""
    watch = Watching()
    place = address_of(watch.site.points[ROOM])
    del watch.wire.devices[DEVICE].objects[place.object_type, place.instance]
    async with watch:
        mine = [answer for answer in watch.answers if answer.address.device == DEVICE]
        errors = {answer.address for answer in mine if answer.error is not None}
        assert errors == {place}
        assert len({answer.address for answer in mine}) > 20
        assert watch.up(DEVICE)


@virtual_time
async def test_a_silent_device_is_asked_again_ever_less_often_but_at_least_each_minute() -> None:
    """Silence is told once; a cable put back is noticed within a little more than a minute."""
    async with Watching() as watch:
        watch.wire.devices[DEVICE].silent = True
        await asyncio.sleep(3600)
        assert not watch.up(DEVICE)
        watch.wire.devices[DEVICE].silent = False
        await asyncio.sleep(80)
        assert watch.up(DEVICE)
        assert watch.told == [(DEVICE, False), (DEVICE, True)]


@pytest.mark.parametrize(
    ("into", "within"),
    [
        (0.1, AGAIN),
        (1.5, AGAIN),
        (2.9, AGAIN),
        (3.1, AGAIN),
        (3.9, AGAIN),
        (4.1, 0.1),
        (15.0, 0.1),
        (48.0, 0.1),
    ],
)
@virtual_time
async def test_a_device_that_reports_a_change_after_a_silence_is_asked_again_at_once(
    into: float, within: float
) -> None:
    """The cable is back and the first notification comes, `into` a cycle of request and pause: nobody waits out a minute."""
    async with Watching() as watch:
        watch.wire.devices[DEVICE].silent = True
        await asyncio.sleep(600)
        await watch.asked(DEVICE)
        await asyncio.sleep(into)
        assert not watch.up(DEVICE)
        watch.wire.devices[DEVICE].silent = False
        watch.wire.notify(address_of(watch.site.points[ROOM]))
        await asyncio.sleep(within)
        assert watch.up(DEVICE)
        assert watch.told[-1] == (DEVICE, True)


def test_no_reading_is_called_stale_that_the_wire_was_not_asked_for_again() -> None:
    """However fast the site clock runs, the wire is asked once a second; ages are judged by that."""
    site = _site()
    point = site.points[ROOM]
    assert poll_seconds(point, 1.0, cov=False) == point.poll
    assert poll_seconds(point, 1.0, cov=True) > point.poll
    assert poll_seconds(point, 600.0, cov=True) == 1.0
    assert stale_floor(site, 600.0) >= 2 * 600.0


def test_what_somebody_wrote_is_how_long_a_reading_counts() -> None:
    """Whatever else of the building is polled once an hour; and what reports its changes is asked thrice within it."""
    site = _site()
    told = replace(site.points[ROOM], poll=10.0, stale_after=45.0, stale_told=True)
    slow = replace(site.points[ROOM], id="slow", instance=99, poll=3600.0, stale_after=6 * 3600.0)
    site = replace(site, points={**site.points, ROOM: told, "slow": slow})
    counts = stale_after(site, 1.0)
    assert counts(told) == 45.0
    assert counts(replace(told, stale_after=300.0, stale_told=False)) == 300.0
    assert counts(slow) == 3 * 6 * 3600.0
    assert poll_seconds(told, 1.0, cov=True) == 15.0
    assert poll_seconds(replace(told, stale_after=15.0), 1.0, cov=True) == 10.0
    assert poll_seconds(replace(told, stale_after=3600.0), 1.0, cov=True) == 60.0
    assert stale_after(site, 600.0)(told) == stale_floor(site, 600.0)


@virtual_time
async def test_devices_are_asked_in_turn_not_all_at_the_same_instant() -> None:
    """A hundred controllers that answer at once would hold up whoever waits at a thermostat."""
    asked: Counter[float] = Counter()
    async with Watching() as watch:
        read = watch.wire.read

        async def noted(addresses: Sequence[Address]) -> list[Answer]:
            asked[round(asyncio.get_running_loop().time(), 1)] += 1
            return await read(addresses)

        watch.wire.read = noted  # type: ignore[method-assign] # listened in on
        await asyncio.sleep(600)
    assert asked.total() > 10 * len(watch.site.devices)
    assert max(asked.values()) <= 2, "of seven"


@virtual_time
async def test_what_is_reported_while_a_poll_is_under_way_is_newer_than_its_answer() -> None:
    """Somebody leaves as the poll is answered; the report overtakes the answer, which says that he is there."""
    async with Watching() as watch:
        place, read = address_of(watch.site.points[ROOM]), watch.wire.read

        async def overtaken(addresses: Sequence[Address]) -> list[Answer]:
            answers = await read(addresses)
            if place in addresses:
                watch.wire.notify(place)
                await asyncio.sleep(0.01)
            return answers

        watch.wire.read = overtaken  # type: ignore[method-assign]
        watch.answers.clear()
        await asyncio.sleep(COV_BACKSTOP * watch.site.points[ROOM].poll + 1)
        heard = [answer.value for answer in watch.answers if answer.address == place]
        assert heard and set(heard) == {26.0}, "what the poll said is older"


@virtual_time
async def test_what_is_acknowledged_and_never_sent_is_polled_at_the_rate_of_the_site_file() -> None:
    """A subscription that works spares polls; from the moment when it does not, the point is polled as it is stated."""
    async with Watching() as watch:
        place = address_of(watch.site.points[ROOM])
        poll = watch.site.points[ROOM].poll

        async def polls(seconds: float) -> int:
            watch.answers.clear()
            await asyncio.sleep(seconds)
            return sum(answer.address == place for answer in watch.answers)

        await asyncio.sleep(COV_BACKSTOP * poll)
        assert await polls(12 * poll) in (1, 2, 3)
        watch.wire.mute.add(place)
        assert await polls(12 * poll) in (11, 12, 13)
        watch.wire.mute.clear()
        await asyncio.sleep(poll)
        assert await polls(12 * poll) in (1, 2, 3)


@virtual_time
async def test_a_change_that_was_lost_is_asked_for_at_once_and_at_most_once_a_second() -> None:
    """Somebody turned a thermostat whose changes are told, and the one that told it was lost: nobody waits for its next poll,
    minutes away; nor is a controller asked again and again of which no change can be read."""
    async with Watching() as watch:
        place = address_of(watch.site.points[ROOM])
        poll = watch.site.points[ROOM].poll
        await asyncio.sleep((COV_BACKSTOP + 1) * poll)
        watch.answers.clear()
        watch.wire.notify(place, Retryable(DEVICE, "a change was lost"))
        await asyncio.sleep(0.5)
        assert sum(a.error is None and a.address == place for a in watch.answers) == 1
        watch.answers.clear()
        for _ in range(100):
            watch.wire.notify(place, Retryable(DEVICE, "unreadable change"))
            await asyncio.sleep(0.1)
        assert 9 <= sum(a.error is None and a.address == place for a in watch.answers) <= 12
