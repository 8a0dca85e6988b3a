"""Subscriptions that a controller refuses, shortens, or acknowledges and forgets; on a virtual clock."""

from __future__ import annotations

import asyncio

from drivers.care.renewals import LOST_AGAIN, MUTE_AFTER, OWED_WITHIN, REFUSED_AGAIN, Renewals
from drivers.habits import Habits, News
from drivers.protocol import Address, Rejected, Retryable
from tests.fakes import virtual_time

POINTS = [Address("hall", "analog-value", n) for n in range(1, 7)]
LIFETIME = 300


class Table:
    """A controller with room for so many subscriptions; `sends` unless it forgets to; takes lifetimes up to `longest`."""

    def __init__(self, room: int = 99, longest: int = 10_000) -> None:
        self.room, self.longest, self.sends, self.silent = room, longest, True, False
        self.asked: list[tuple[Address, int | None]] = []
        self.kept: dict[Address, int] = {}
        self.told: list[News] = []
        habits = Habits()
        habits.listener = self.told.append
        self.renewals = Renewals(self._subscribe, habits=habits)

    async def _subscribe(self, address: Address, lifetime: int | None) -> None:
        self.asked.append((address, lifetime))
        if self.silent:
            raise Retryable("hall", "no answer")
        if lifetime is None:
            return
        if lifetime > self.longest:
            raise Rejected("hall", "value out of range")
        if address not in self.kept and len(self.kept) >= self.room:
            raise Rejected("hall", "COV subscription failed")
        self.kept[address] = lifetime
        if self.sends:
            self.renewals.heard(address)

    def restart(self) -> None:
        """It lost power: nothing is kept, and it says I-Am."""
        self.kept.clear()
        self.asked.clear()
        self.renewals.restarted("hall")

    def reporting(self) -> int:
        """How many objects' changes are told."""
        return sum(self.renewals.reports(address) for address in POINTS)


@virtual_time
async def test_a_table_that_is_full_after_a_restart_is_told_once_and_tried_again_slowly() -> None:
    """Before the restart all six were kept; afterwards others were quicker, and two are left over: a line that names
    them, a try each ten minutes, and a line when there is room again."""
    table = Table()
    assert len(await table.renewals.add(POINTS, LIFETIME, 5)) == 6
    assert table.reporting() == 6
    table.room = 4
    table.restart()
    await asyncio.sleep(5)
    assert table.reporting() == 4
    (news,) = table.told
    assert "analog-value:5, analog-value:6 (COV subscription failed)" in news.habit.text.en
    assert "analog-value:5、analog-value:6" in news.habit.text.zh
    table.asked.clear()
    await asyncio.sleep(REFUSED_AGAIN * 3 + 1)
    assert [a for a, _ in table.asked].count(POINTS[5]) == 3
    assert len(table.told) == 1
    table.room = 99
    await asyncio.sleep(REFUSED_AGAIN)
    assert table.reporting() == 6
    assert [news.over for news in table.told] == [False, True]
    await table.renewals.stop(1)


@virtual_time
async def test_what_is_refused_at_the_first_time_is_tried_again_too() -> None:
    """No room for anything when the daemon starts; some minutes later there is."""
    table = Table(room=0)
    assert await table.renewals.add(POINTS, LIFETIME, 5) == []
    table.room = 99
    await asyncio.sleep(REFUSED_AGAIN + 5)
    assert table.reporting() == 6
    await table.renewals.stop(1)


@virtual_time
async def test_what_is_acknowledged_and_never_sent_is_told_once() -> None:
    """Two acknowledgements without the notification that each owes; a later one that comes ends it."""
    table = Table()
    table.sends = False
    assert len(await table.renewals.add(POINTS, LIFETIME, 5)) == 6
    assert table.reporting() == 0
    await asyncio.sleep(MUTE_AFTER * OWED_WITHIN + 2)
    (news,) = table.told
    assert "sends none" in news.habit.text.en
    asked = len(table.asked)
    await asyncio.sleep(LIFETIME * 2)
    assert len(table.asked) - asked <= 5 * 6
    assert len(table.told) == 1
    table.sends = True
    await asyncio.sleep(LIFETIME)
    assert table.reporting() == 6
    assert [news.over for news in table.told] == [False, True]
    await table.renewals.stop(1)


@virtual_time
async def test_a_restart_after_which_nothing_is_sent_is_noticed() -> None:
    """It sent changes for a day; its restart's firmware acknowledges and sends none."""
    table = Table()
    await table.renewals.add(POINTS, LIFETIME, 5)
    await asyncio.sleep(4 * LIFETIME)
    assert (table.reporting(), table.told) == (6, [])
    table.sends = False
    table.restart()
    await asyncio.sleep(1)
    assert table.reporting() == 0
    await asyncio.sleep(MUTE_AFTER * OWED_WITHIN + 20)
    assert len(table.told) == 1
    await table.renewals.stop(1)


@virtual_time
async def test_renewals_without_a_notification_are_no_fault_where_none_ever_came() -> None:
    """Many controllers send the first value once, and nothing with a renewal: they are believed."""
    table = Table()
    await table.renewals.add(POINTS, LIFETIME, 5)
    table.sends = False
    await asyncio.sleep(10 * LIFETIME)
    assert (table.reporting(), table.told) == (6, [])
    await table.renewals.stop(1)


@virtual_time
async def test_a_lifetime_that_is_too_long_for_a_controller_is_halved() -> None:
    """It takes two minutes at most, and is asked for five: subscribed for 75 s, renewed in time."""
    table = Table(longest=120)
    assert len(await table.renewals.add(POINTS, LIFETIME, 5)) == 6
    assert set(table.kept.values()) == {75}
    table.asked.clear()
    await asyncio.sleep(75)
    assert {lifetime for _, lifetime in table.asked} == {75}
    assert (table.reporting(), table.told) == (6, [])
    await table.renewals.stop(1)


@virtual_time
async def test_what_was_lost_with_us_is_no_proof_against_a_controller() -> None:
    """Its first notifications came faster than we could take them: it is not said to send none, and they are asked for once
    more, not all at once."""
    table = Table()
    table.sends = False
    await table.renewals.add(POINTS, LIFETIME, 5)
    assert table.reporting() == 0
    table.asked.clear()
    assert table.renewals.lost() == POINTS
    table.sends = True
    await asyncio.sleep(LOST_AGAIN / 2)
    assert 0 < len(table.asked) < len(POINTS)
    await asyncio.sleep(LOST_AGAIN)
    assert (len(table.asked), table.reporting(), table.told) == (len(POINTS), 6, [])
    await table.renewals.stop(1)


@virtual_time
async def test_a_loss_with_us_leaves_subscriptions_alone_that_have_sent_theirs() -> None:
    """What they tell next is taken; nobody subscribes anew to a thousand objects because one change was lost."""
    table = Table()
    await table.renewals.add(POINTS, LIFETIME, 5)
    table.asked.clear()
    assert table.renewals.lost() == POINTS
    await asyncio.sleep(LOST_AGAIN + OWED_WITHIN)
    assert (table.asked, table.reporting(), table.told) == ([], 6, [])
    await table.renewals.stop(1)
