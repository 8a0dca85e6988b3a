"""The records that a manager would really bring: gaps, stuck sensors, inverted statuses, meters in other units, a clock change."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from config.phrase import Phrase
from config.site import Site
from schedules.days import calendars
from simulator.weather import SyntheticShanghai
from supervisor.rehearsal.model import sound
from supervisor.rehearsal.model.calibrate import Period, recorded
from supervisor.rehearsal.model.numbers import Unrecorded
from supervisor.rehearsal.model.people import seen
from supervisor.rehearsal.model.record import PER_HOUR, Record
from supervisor.rehearsal.scenario import Scenario
from supervisor.store.writer import Store
from tests.savings.calibrate_truth import source_of
from tests.savings.recorded import record
from tests.site_files import site_of_text
from tests.unit.rehearsal import small

ROOMS = (small.ZONES[0], small.ZONES[2])
_ALONE = small.HEAD.replace("equipment:\n  air: {template: ahu, at: d2/0, serves: [open]}\n", "")
TEXT = small.text(ROOMS, _ALONE).replace(
    "meters:\n",
    'meters:\n  hvac: {subitem: hvac, parent: total, point: {at: "d1/analog-input:902", unit: kWh}}\n',
)
FIRST, DAYS = dt.date(2026, 7, 6), 9
Break = Callable[[sqlite3.Connection], object]


def site(text: str = TEXT) -> Site:
    """Two rooms with units of their own, and a sub-meter."""
    return site_of_text(text, "odd.yaml")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine days of July in shadow mode."""
    path = tmp_path_factory.mktemp("odd") / "store.sqlite3"
    record(small.scenario(str(FIRST), DAYS, of=site(), controlled=False), f"sqlite:///{path}")
    return path


@pytest.fixture
def read(store: Path, tmp_path: Path) -> Callable[[Break], Record]:
    """The record after somebody has broken it."""

    def broken(how: Break) -> Record:
        path = tmp_path / "broken.sqlite3"
        shutil.copy(store, path)
        with sqlite3.connect(path) as connection:
            how(connection)
        connection.close()
        return read_(path, site(), FIRST, DAYS)

    return broken


def read_(path: Path, of: Site, first: dt.date, days: int) -> Record:
    """What `calibrate` reads of a store."""
    opened = Store(f"sqlite:///{path}", inline=True)
    opened.open()
    try:
        source = source_of(of)
        return opened.read_now(lambda c: recorded(c, source, Period(first, first + dt.timedelta(days - 1))))
    finally:
        opened.close()


def at(day: float) -> int:
    """Milliseconds of an instant so many days after the record's begin."""
    begin = dt.datetime.combine(FIRST, dt.time(), site().tz)
    return round((begin.timestamp() + day * 86_400.0) * 1000.0)


def of_(point: str) -> str:
    """The series of points whose name has this in it."""
    return f"series in (select id from series where name like '%{point}%')"


def away(connection: sqlite3.Connection, first: float, last: float) -> None:
    """The box is off: nothing is read, and meters are booked as a whole afterwards, which is an estimate by the hour."""
    connection.execute(f"delete from readings where at > {at(first)} and at < {at(last)}")
    connection.execute(f"delete from bookings where start >= {at(first) / 1e3} and start < {at(last) / 1e3}")


def said(of: Record) -> str:
    """All doubts, in both languages: none may be without Chinese."""
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in each.zh) for each in of.doubts)
    return "\n".join(each.en for each in of.doubts)


def test_a_sound_record_has_no_doubts_but_that_nothing_heated(read: Callable[[Break], Record]) -> None:
    """July: what is said is that heating stays as it was."""
    found = read(lambda c: None)
    assert said(found).startswith("heating never ran") and len(found.doubts) == 1
    assert found.silences == () and set(found.meters) == {"hvac"}


def test_days_without_any_recording_are_left_out(read: Callable[[Break], Record]) -> None:
    """The box was off for 1.5 days: what stood before it says nothing of those, neither of rooms nor of people."""
    found = read(lambda c: away(c, 3.5, 5.0))
    assert "nothing was recorded for 36 hours in 1 gaps" in said(found)
    unknown = found.unknown()
    assert unknown.sum() == pytest.approx(36 * PER_HOUR, abs=PER_HOUR)
    assert np.isnan(found.air[unknown]).all()
    people = seen(source_of(site()), found)
    assert people is not None and len(people.days) == DAYS - 2


def test_gaps_that_leave_too_few_days_are_refused(read: Callable[[Break], Record]) -> None:
    """Nine days of which five are silent are four."""
    with pytest.raises(Unrecorded) as why:
        read(lambda c: away(c, 2.0, 7.0))
    assert "of 9 days only 4 are recorded" in why.value.said.en and "至少需要 7 天" in why.value.said.zh


def test_a_gap_is_lived_from_rooms_as_they_were_after_it() -> None:
    """Nobody knows what ran in between: rooms begin anew, and their part of the record keeps its gap."""
    from dataclasses import replace

    from supervisor.rehearsal.model.drive import lived
    from tests.unit.rehearsal.made import office, schedule

    building = office(1)
    whole = schedule(building, 4, 7)
    air = np.full_like(whole.air, 24.0)
    air[2 * 288 :] = 31.0
    gap = replace(whole, air=air, silences=((288, 2 * 288),))
    assert lived([building], gap).air[0, 2 * 288, 0] == 31.0
    assert gap.part(12, 96).silences == ((144, 432),) and gap.heard().sum() == 72


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("value = 23.4", "stood still"),
        ("value = value * 10", "tenths of a degree"),
        ("value = value / 10", "is no room's usual temperature"),
        ("value = null", "was silent"),
    ],
)
def test_a_thermometer_that_cannot_be_believed_is_left_out(
    read: Callable[[Break], Record], change: str, told: str
) -> None:
    """Stuck, in tenths, in tens, or dead: the other room still counts."""
    found = read(lambda c: c.execute(f"update readings set {change} where {of_('north/%/temperature')}"))
    assert told in said(found) and "north: " in said(found)
    place = found.zones.index("north")
    assert np.isnan(found.air[:, place]).all() and np.isfinite(found.air[:, 1 - place]).any()


def test_all_thermometers_in_tenths_are_refused_with_the_reason(read: Callable[[Break], Record]) -> None:
    """It is not enough to say that nothing is recorded."""
    with pytest.raises(Unrecorded) as why:
        read(lambda c: c.execute(f"update readings set value = value * 10 where {of_('%/temperature')}"))
    assert "tenths of a degree" in why.value.said.en and "0.1 °C" in why.value.said.zh


def test_an_inverted_run_status_is_refused(read: Callable[[Break], Record]) -> None:
    """On where it was told off: which point, and what to write, is said."""
    with pytest.raises(Unrecorded) as why:
        read(
            lambda c: c.execute(f"update readings set value = 1 - value where {of_('north/vrf/run_status')}")
        )
    assert "north/vrf/run_status" in why.value.said.en and "invert: true" in why.value.said.zh


@pytest.mark.parametrize("factor", [1000.0, 0.001])
def test_a_meter_in_other_units_is_not_used(read: Callable[[Break], Record], factor: float) -> None:
    """Wh that are read as kWh, and kWh as Wh; the main meter is taken in its place."""
    found = read(lambda c: c.execute(f"update bookings set amount = amount * {factor} where meter = 'meter/hvac' or meter = 'hvac'"))  # fmt: skip
    assert "meter hvac: " in said(found) and set(found.meters) == {"total"}


def test_a_part_that_counts_more_than_the_whole_is_not_used(read: Callable[[Break], Record]) -> None:
    """Air conditioning three times of what it took is more than all electricity: one of the two is wrong, and nobody knows which."""
    found = read(lambda c: c.execute("update bookings set amount = amount * 3 where meter like '%hvac'"))
    assert "times what the main meter does" in said(found) and found.meters == {}


def test_a_day_without_outdoor_temperature_gets_a_usual_course(read: Callable[[Break], Record]) -> None:
    """A straight line would have no noon, and a day without a range has no sun."""
    found = read(
        lambda c: c.execute(
            f"delete from readings where at > {at(4.2)} and at < {at(4.95)} and {of_('outdoor_temperature')}"
        )
    )
    assert "the outdoor temperature is missing for 18 hours" in said(found)
    day = found.weather.series(found.start + 4 * 86_400.0 + np.arange(0.0, 86_400.0, 900.0)).dry_bulb
    assert np.ptp(day) > 2.0


@pytest.mark.parametrize("change", ["value = 1", "value = null"])
def test_a_room_whose_people_nobody_sees_has_its_hours(read: Callable[[Break], Record], change: str) -> None:
    """A sensor that sees somebody day and night is no better than none."""
    found = read(lambda c: c.execute(f"update readings set {change} where {of_('north/%/occupancy')}"))
    assert "no presence sensor that tells anything in north" in said(found)
    here = found.people[:, found.zones.index("north")] > 0.0
    assert 0.1 < here.mean() < 0.4


def test_the_day_that_the_clock_changes_is_a_day(tmp_path: Path) -> None:
    """Nine days of March in Berlin are 215 hours, and nobody heats by the wrong clock afterwards."""
    of = site(TEXT.replace("Asia/Shanghai", "Europe/Berlin"))
    first, path = dt.date(2026, 3, 24), tmp_path / "berlin.sqlite3"
    record(
        Scenario(of, calendars(of), SyntheticShanghai(1), 1, first, first + dt.timedelta(8), "odd", False),
        f"sqlite:///{path}",
    )
    found = read_(path, of, first, 9)
    assert found.hours == 215 and found.heard().all()
    people = seen(source_of(of), found)
    assert people is not None and len(people.days) == 9


def test_exchanged_thermometers_are_told() -> None:
    """Each room follows what the other's unit does: both are named once, and a third that is met is not."""
    times = np.arange(2000.0)
    model = np.column_stack(
        [24 + 3 * np.sin(times / 40), 24 + 3 * np.cos(times / 70), 24 + np.sin(times / 90)]
    )
    found = sound.odd(("a", "b", "c"), model, model[:, [1, 0, 2]])
    assert [each.en.split(":")[0] for each in found] == ["a and b"] and "接反" in found[0].zh
    alone = sound.odd(
        ("a", "b", "c"), model, np.column_stack([model[:, 0], 2 * model[:, 1] - 24, model[:, 2]])
    )
    assert [each.en.split(":")[0] for each in alone] == ["b"]


def test_a_meter_of_two_groups_is_hardly_believed() -> None:
    """Twice the electricity for a unit of cold is 2.3 spreads from what is usual."""
    what = Phrase("electricity for a unit of cooling", "单位冷量耗电")
    assert sound.extreme([(what, 2.3, 2.0)])[0].en.startswith(
        "electricity for a unit of cooling × 2.00: hardly"
    )
    assert sound.extreme([(what, 0.9, 1.3)]) == []
