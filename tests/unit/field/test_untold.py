"""Changes (COV) that a controller agreed to tell and that only polls find, or that it tells as they are not."""

from __future__ import annotations

import asyncio

import pytest

from config.roles import Role
from drivers.habits import News
from drivers.protocol import Address, Answer, Retryable
from supervisor.field.untold import DISBELIEVED, GRACE, Untold
from supervisor.field.watch import COV_BACKSTOP, address_of
from tests.fakes import virtual_time
from tests.unit.field.test_watch import Watching

WINDOW = Address("ddc-1", "binary-input", 2)
POLL = GRACE / 2


def _says(value: int) -> Answer:
    return Answer(WINDOW, value, False, None)


class Day:
    """Polls of a window's contact, every five seconds, beside what its controller tells."""

    def __init__(self) -> None:
        self.untold, self.now, self.is_ = Untold([WINDOW]), 0.0, 0
        self.subscribed = True
        self.poll()

    def poll(self, times: int = 1) -> list[bool]:
        """Whether each found what was not told."""
        found = []
        for _ in range(times):
            found.append(self.untold.polled(_says(self.is_), self.now, lambda _: self.subscribed))
            self.now += POLL
        return found

    def change(self, *, told: bool) -> None:
        """It opens, or is closed."""
        self.is_ = 1 - self.is_
        if told:
            self.untold.told(_says(self.is_))


def test_what_is_told_before_or_soon_after_a_poll_found_it_is_no_fault() -> None:
    """A day of changes, some of which a poll overtakes: it is polled as rarely as one that reports may be."""
    day = Day()
    for n in range(50):
        day.change(told=n % 2 == 0)
        assert not any(day.poll())
        if n % 2:
            day.untold.told(_says(day.is_))
        assert not any(day.poll(4))
        assert day.untold.steady(WINDOW)


def test_a_subscription_that_died_is_noticed_at_the_first_change() -> None:
    """The controller restarted without a word: it is polled as stated from then on, asked once more, and disbelieved at the
    second; one change that is told before a poll finds it ends that."""
    day = Day()
    day.change(told=False)
    assert day.poll(3) == [False, False, True]
    assert day.untold.believed(WINDOW)
    assert not day.untold.steady(WINDOW)
    day.untold.told(_says(day.is_))  # what a new subscription sends at once proves nothing
    assert not any(day.poll(3))
    assert not day.untold.steady(WINDOW)
    day.change(told=False)
    assert day.poll(3) == [False, False, True]
    assert day.untold.disbelieved("ddc-1") == [WINDOW]
    day.change(told=True)
    assert not any(day.poll())
    assert day.untold.steady(WINDOW)


@pytest.mark.parametrize("now_and_then", [1, 3])
def test_a_gateway_that_tells_an_old_value_again_and_again_is_not_believed(now_and_then: int) -> None:
    """The contact is open, a poll says so, and each notification says that it is closed."""
    day = Day()
    day.untold.told(_says(0))
    day.poll()
    day.is_ = 1
    for n in range(12):
        if n % now_and_then == 0:
            day.untold.told(_says(0))
        day.poll()
    assert not day.untold.believed(WINDOW)
    day.is_ = 0
    for _ in range(12):
        day.untold.told(_says(0))
        day.poll()
    assert not day.untold.believed(WINDOW), "that it is right by chance is no reason"


ROOM = Address("ddc-1", "analog-input", 0)


def _degrees(value: float) -> Answer:
    return Answer(ROOM, value, False, None)


def test_a_temperature_may_move_within_its_increment_untold() -> None:
    """What a COV_Increment hides is nobody's fault, however long it goes on; nor is a meter's count, of which no step is known."""
    meter = Address("ddc-1", "accumulator", 0)
    untold = Untold([ROOM, meter], {ROOM: 1.0})
    untold.told(_degrees(20.0))
    for n in range(20):
        assert not untold.polled(_degrees(20.0 + 0.9 * (n % 2)), n * GRACE, lambda _: True)
        assert not untold.polled(Answer(meter, 20 + n, False, None), n * GRACE, lambda _: True)
    assert untold.steady(ROOM)
    assert untold.steady(meter)


def test_a_room_that_warms_untold_is_polled_as_stated_until_it_tells_again() -> None:
    """The subscription died with the controller, and no switch of it ever moves: asked for once more, and nobody is told, for its
    increment may be 2 K; what it tells counts."""
    untold = Untold([ROOM], {ROOM: 1.0})
    untold.told(_degrees(20.0))
    found = [untold.polled(_degrees(20.0 + 0.3 * n), n * POLL, lambda _: True) for n in range(20)]
    assert found.count(True) == 1
    assert not untold.steady(ROOM)
    assert untold.believed(ROOM)
    untold.told(_degrees(25.9))
    assert not untold.polled(_degrees(25.9), 101 * POLL, lambda _: True)
    assert untold.steady(ROOM)


def test_a_thermostat_whose_gateway_repeats_the_setting_of_yesterday_counts_by_polls_alone() -> None:
    """It was turned to 26; each notification says 22: corrected, and corrected again, it would be in no slot and on no page for long."""
    untold = Untold([ROOM], {ROOM: 1.0})
    for n in range(4):
        untold.told(_degrees(22.0))
        untold.polled(_degrees(26.0 if n else 22.0), n * POLL, lambda _: True)
    assert not untold.believed(ROOM)
    untold.told(_degrees(27.0))
    assert not untold.polled(_degrees(27.0), 9 * POLL, lambda _: True)
    assert untold.believed(ROOM)


def test_what_was_told_illegibly_or_could_not_be_told_is_not_held_against_it() -> None:
    """A notification that we could not read; a subscription that is refused just now, which is told elsewhere."""
    day = Day()
    day.change(told=False)
    day.untold.told(Answer(WINDOW, None, False, Retryable("ddc-1", "unreadable change: it is cut off")))
    assert not any(day.poll(4))
    day.subscribed = False
    day.change(told=False)
    assert not any(day.poll(4))
    day.subscribed = True
    assert not any(day.poll(4))
    assert day.untold.steady(WINDOW)


@virtual_time
async def test_a_window_of_which_nothing_is_told_is_seen_at_the_rate_of_the_site_file() -> None:
    """Through the reader: the first change is found late, as by a point that reports; later ones within a poll. Told once,
    and what is told falsely meanwhile does not count."""
    async with Watching() as watch:
        site, told = watch.site, list[News]()
        watch.wire.habits.listener = told.append
        point = next(p for p in site.points.values() if p.role is Role.WINDOW)
        place, poll = address_of(point), point.poll
        thing = watch.wire.devices[place.device].objects[place.object_type, place.instance]

        async def change() -> float:
            """Seconds until it is known."""
            thing.default = 1 - int(thing.default)
            watch.answers.clear()
            for n in range(round(COV_BACKSTOP * poll) + 5):
                await asyncio.sleep(1.0)
                if any(a.address == place and a.value == thing.default for a in watch.answers):
                    return float(n)
            raise AssertionError("never")

        await asyncio.sleep(COV_BACKSTOP * poll + 5)
        await change()
        await asyncio.sleep(max(GRACE, poll) + 2 * poll)
        for _ in range(DISBELIEVED + 1):
            assert await change() <= poll + 1
            await asyncio.sleep(max(GRACE, poll) + 2 * poll)
        assert [(n.habit.device, n.over) for n in told] == [(place.device, False)]
        assert f"does not tell changes of {place.object_type}:{place.instance}" in told[0].habit.text.en
        watch.answers.clear()
        watch.wire.notify(place)
        await asyncio.sleep(0.5)
        assert not any(a.address == place and a.value == 26.0 for a in watch.answers)
