"""Readings that are imported into what a centre has already: it gets them, and nothing else twice."""

from __future__ import annotations

import itertools

import sqlalchemy as sa

from supervisor.store import imports
from supervisor.store.imports import MOST, Import
from tests.upload.building import DAY, MIDNIGHT, QUARTER, Hall, MakeHall, until
from tests.upload.centre import TestCentre
from tests.upload.test_centre import ends, opened, running

AC = ("2", "1")


def told(centre: TestCentre, quarter: int) -> str | None:
    """What a centre has of the air conditioning's meter in a quarter of an hour."""
    (found,) = [t for t in centre.told.values() if t.sequence == (MIDNIGHT + quarter * QUARTER) // 60]
    return found.values.get(AC)


def read(hall: Hall, quarters: int, *, silent: range) -> None:
    """All meters, but for one that was silent for a while."""
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + quarters * QUARTER + 1, meters=["main", "water"])
    for n in (n for n in range(1, quarters + 1) if n not in silent):
        hall.reads(MIDNIGHT + n * QUARTER, MIDNIGHT + n * QUARTER + 1, meters=["ac"])
    hall.clock.shows(MIDNIGHT + quarters * QUARTER + 70)


async def test_what_comes_late_is_sent_again_in_its_own_interval(hall_at: MakeHall) -> None:
    """A gateway lay in a drawer for an hour and a half: its file is imported the next day, six reports come again, marked
    `continuous`, with the sequence and the time that they had."""
    hall, centre = hall_at(), await opened("8bae9b")
    read(hall, 96, silent=range(10, 16))
    await once(hall, centre)
    assert (told(centre, 9), told(centre, 10), told(centre, 15)) == ("1135.0000", None, None)
    hall.imports("ac", *((MIDNIGHT + n * QUARTER, 1000.0 + 15 * n) for n in range(10, 16)))
    hall.clock.shows(MIDNIGHT + DAY + 6 * QUARTER)
    await once(hall, centre)
    assert [told(centre, n) for n in range(9, 17)] == [f"{1000 + 15 * n:.4f}" for n in range(9, 17)]
    assert dict(centre.again) == {(MIDNIGHT + n * QUARTER) // 60: 1 for n in range(10, 16)}
    assert centre.score(ends(MIDNIGHT, 1)) == "missing=0 doubles=0 ordered=True"
    again = [m for m in centre.messages if b'operation="continuous"' in m][-6:]
    assert b"<total>6</total><current>1</current>" in again[0]
    count = len(centre.messages)
    await once(hall, centre)
    assert not [m for m in centre.messages[count:] if b"<meter" in m]
    await centre.goes_away()


async def once(hall: Hall, centre: TestCentre) -> None:
    """One round, by a process of its own."""
    collector = hall.centre(centre.profile)
    await collector.once()
    collector.close()


async def test_an_interval_in_which_nothing_was_read_comes_with_what_was_imported(hall_at: MakeHall) -> None:
    """It was passed over; now the centre has it, once."""
    hall, centre = hall_at(MIDNIGHT + 8 * QUARTER + 70), await opened("55aa")
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + 3 * QUARTER + 1)
    hall.reads(MIDNIGHT + 6 * QUARTER, MIDNIGHT + 8 * QUARTER + 1)
    await once(hall, centre)
    hall.imports("main", (MIDNIGHT + 4.5 * QUARTER, 1067.5))
    await once(hall, centre)
    assert sorted(centre.order) == [(MIDNIGHT + n * QUARTER) // 60 for n in (1, 2, 3, 5, 6, 7, 8)]
    assert not centre.again
    await centre.goes_away()


async def test_two_centres_get_it_each_by_its_own_cursor_also_the_one_that_was_away(
    hall_at: MakeHall,
) -> None:
    """One is connected, one away, and a third is new: it gets all of it once."""
    hall, here, away = hall_at(), await opened("55aa"), await opened("8bae9b")
    read(hall, 8, silent=range(4, 6))
    await once(hall, away)
    await away.goes_away()
    async with running(hall.centre(here.profile)):
        await until(lambda: len(here.order) == 8, here.changed)
        hall.imports("ac", (MIDNIGHT + 4 * QUARTER, 1060.0), (MIDNIGHT + 5 * QUARTER, 1075.0))
        hall.clock.shows(MIDNIGHT + 8 * QUARTER + 120)
        await until(lambda: here.again.total() == 2, here.changed)
    await away.opens()
    await once(hall, away)
    new = await opened("55aa", name="province")
    await once(hall, new)
    for centre in (here, away, new):
        assert [told(centre, n) for n in (3, 4, 5, 6)] == ["1045.0000", "1060.0000", "1075.0000", "1090.0000"]
        assert centre.score(ends(MIDNIGHT, 8 / 96)) == "missing=0 doubles=0 ordered=True"
        assert centre.again.total() == (0 if centre is new else 2)
        await centre.goes_away()


async def test_what_waits_on_the_disk_for_the_database_is_waited_for(hall_at: MakeHall) -> None:
    """A database that was away for a day is told some rows at a time: no interval is sent with half of its readings, however
    late it is."""
    hall, centre = hall_at(MIDNIGHT + DAY + 20), await opened("8bae9b")
    hall.behind = True
    hall.reads(MIDNIGHT + 60, MIDNIGHT + QUARTER - 60, 60)  # the first quarter, but for its last minute
    await once(hall, centre)
    assert not centre.order
    hall.reads(MIDNIGHT + QUARTER - 60, MIDNIGHT + DAY + 1, 60)
    hall.behind = False
    await once(hall, centre)
    assert told(centre, 1) == "1015.0000"
    assert centre.score(ends(MIDNIGHT, 1)) == "missing=0 doubles=0 ordered=True"
    assert not centre.again
    await centre.goes_away()


async def test_what_lies_further_back_than_the_buffer_is_not_sent(hall_at: MakeHall) -> None:
    """A year of an old meter is imported: the centre gets the last `buffer_days` of it."""
    hall, centre = hall_at(MIDNIGHT + 40 * DAY), await opened("8bae9b")
    hall.reads(MIDNIGHT + 9 * DAY, MIDNIGHT + 40 * DAY, DAY)
    await once(hall, centre)
    before = len(centre.order)
    hall.imports("ac", *((MIDNIGHT + n * DAY + 3600.0, 10.0 * n) for n in range(-300, 40)))
    await once(hall, centre)
    assert len(centre.order) - before == 30
    await centre.goes_away()


async def test_a_line_that_breaks_amid_it_goes_on_and_the_centre_has_each_once(hall_at: MakeHall) -> None:
    """The acknowledgement of one is lost: it comes again, and is known."""
    hall, centre = hall_at(), await opened("8bae9b")
    read(hall, 12, silent=range(3, 9))
    async with running(hall.centre(centre.profile)):
        await until(lambda: len(centre.order) == 12, centre.changed)
        centre.lose_acks = 2
        hall.imports("ac", *((MIDNIGHT + n * QUARTER, 1000.0 + 15 * n) for n in range(3, 9)))
        hall.clock.shows(MIDNIGHT + 12 * QUARTER + 120)
        await until(lambda: told(centre, 8) == "1120.0000", centre.changed)
    assert [told(centre, n) for n in range(2, 10)] == [f"{1000 + 15 * n:.4f}" for n in range(2, 10)]
    assert centre.score(ends(MIDNIGHT, 12 / 96)) == "missing=0 doubles=0 ordered=True"
    await centre.goes_away()


def test_of_thousands_of_imports_none_is_forgotten(hall_at: MakeHall) -> None:
    """Older ones are told together: of any meter, from the first to the last."""
    hall = hall_at()

    def noted(connection: sa.Connection) -> list[Import]:
        for n in range(30):
            at = n * 1e6
            imports.note(connection, f"meter/{n % 2}", [at + 10_000.0 * k for k in range(100)])
        return imports.since(connection, 0)

    found = hall.store.read_now(noted)
    assert len(found) <= MOST + 1
    assert found[0].start == 0.0
    assert found[-1] == Import(3000, "meter/1", 29e6 + 990_000.0, 29e6 + 990_000.0)
    for one, other in itertools.pairwise(found):
        assert one.number < other.number
        assert one.end <= other.end
    assert [each for each in found if each.number > 2997] == hall.store.read_now(
        lambda c: imports.since(c, 2997)
    )
