"""A draft is rehearsed again: what nothing has changed of is not lived again, and what has is."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from schedules.hours import Timetable
from schedules.types import Day, OpenDay, Spans
from simulator.people.character import Failing, People
from supervisor.rehearsal.board import KNOWN, NEVER, NOT_BEGUN, level
from supervisor.rehearsal.fleet import run_here
from supervisor.rehearsal.inputs import MARGIN, Unknown, told
from supervisor.rehearsal.job import Job, inputs, rehearse
from supervisor.rehearsal.known import Known, look_up
from supervisor.rehearsal.result import Result, unlived
from supervisor.rehearsal.shelf import Shelf, default_folder
from tests.unit.rehearsal import small
from tests.unit.simulator.test_weather_epw import record, text, year

TEXT = small.text(small.ZONES[3:4])
DAY = dt.date(2026, 7, 9)
JOB = Job(TEXT, "small.yaml", "small.yaml", True, DAY, DAY, None, 1, warm_up=3600.0)


def special(day: str) -> str:
    """The site file with a day on which it is closed."""
    return TEXT + f"special_days:\n  - {{date: {day}, hours: closed, name: works}}\n"


def digest(job: Job) -> str:
    """What a part goes by."""
    return inputs(job, {}, {})


def alike(one: Result, other: Result) -> bool:
    """Whether all figures of two results are the same to the last bit."""
    pairs = [(getattr(one, f.name), getattr(other, f.name)) for f in fields(Result)]
    return all(a.tobytes() == b.tobytes() if isinstance(a, np.ndarray) else a == b for a, b in pairs)


@pytest.fixture(scope="module")
def lived() -> Result:
    """A day of a room."""
    return rehearse(JOB)


@pytest.mark.parametrize(
    "draft",
    [
        "# a remark\n" + TEXT,
        TEXT + "http: {port: 8123}\n",
        TEXT + "language: zh\n",
        special("2026-09-01"),
        special("2026-05-01"),
    ],
)
def test_what_a_day_does_not_go_by_leaves_it_known(draft: str) -> None:
    """A remark, the page's port, a day off in another season."""
    assert digest(replace(JOB, text=draft, source="elsewhere/draft.yaml", label="draft")) == digest(JOB)


@pytest.mark.parametrize(
    "job",
    [
        replace(JOB, text=TEXT.replace('"09:00-17:30"', '"09:00-17:31"')),
        replace(JOB, text=special("2026-07-09")),
        replace(JOB, text=special("2026-07-13")),
        replace(JOB, text=TEXT.replace("people: 20", "people: 20\nstagger: 9s")),
        replace(JOB, text=TEXT + "rules: {summer-setpoint: {minimum: 27}}\n"),
        replace(JOB, controlled=False),
        replace(JOB, seed=2),
        replace(JOB, people=People.CARELESS),
        replace(JOB, failing=Failing.OFTEN),
        replace(JOB, empty=0.1),
        replace(JOB, last=DAY + dt.timedelta(days=1)),
        replace(JOB, warm_up=7200.0),
    ],
)
def test_what_a_day_goes_by_has_it_lived_again(job: Job) -> None:
    """Hours by a minute, a day off on it or soon after, a rule's number, chance, people, faults."""
    assert digest(job) != digest(JOB)


def test_another_weather_in_the_same_file_is_another_day(tmp_path: Path) -> None:
    """The name of a weather file says nothing of what is in it today."""
    file = tmp_path / "w.epw"
    file.write_bytes(text(year()))
    before = digest(replace(JOB, weather=file))
    file.write_bytes(text([*year()[:-1], record(12, 31, 24, 7)]))
    assert digest(replace(JOB, weather=file)) != before


def test_a_day_that_is_known_is_told_to_the_last_bit(tmp_path: Path, lived: Result) -> None:
    """Under the name that it has in this question."""
    shelf = Shelf(tmp_path / "kept")
    Known({}, {0: digest(JOB)}).keep([lived], shelf)
    found = look_up([replace(JOB, text="# remark\n" + TEXT, label="draft"), replace(JOB, seed=2)], shelf)
    assert list(found.results) == [0] and shelf.found == 1
    assert alike(found.results[0], replace(lived, label="draft"))


def test_days_that_are_known_are_not_lived_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five days, asked twice."""
    shelf, days = Shelf(tmp_path), replace(JOB, last=DAY + dt.timedelta(days=4))
    first = run_here([days], lambda _: None, shelf=shelf)
    monkeypatch.setattr("supervisor.rehearsal.fleet.rehearse", lambda *_: pytest.fail("lived again"))
    assert alike(run_here([days], lambda _: None, shelf=shelf)[0], first[0])


@pytest.mark.parametrize("spoil", ["cut", "flipped", "empty", "foreign"])
def test_a_spoilt_file_is_as_if_it_were_not_there(tmp_path: Path, lived: Result, spoil: str) -> None:
    """The disk was full, a bit fell over, or somebody put something else there."""
    shelf = Shelf(tmp_path)
    shelf.keep("a", lived)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    foreign = b"something else"
    spoilt = {
        "cut": whole[:-9],
        "flipped": whole[:500] + bytes([whole[500] ^ 1]) + whole[501:],
        "empty": b"",
        "foreign": hashlib.sha256(foreign).hexdigest().encode() + foreign,
    }
    file.write_bytes(spoilt[spoil])
    assert shelf.find("a", "x") is None
    shelf.keep("a", lived)
    assert shelf.find("a", "x") is not None


def test_a_folder_that_cannot_be_is_none(tmp_path: Path, lived: Result) -> None:
    """All is lived, and nobody is troubled."""
    (tmp_path / "file").touch()
    shelf = Shelf(tmp_path / "file" / "kept")
    shelf.keep("a", lived)
    assert shelf.find("a", "x") is None


def test_it_lies_where_the_user_s_caches_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """What systemd gives goes before what the desktop gives."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/home/li/cache")
    assert default_folder() == Path("/dev/null/building-supervisor/rehearsals")
    monkeypatch.delenv("CACHE_DIRECTORY")
    assert default_folder() == Path("/home/li/cache/building-supervisor/rehearsals")


def test_what_nobody_has_asked_for_the_longest_goes_first(tmp_path: Path, lived: Result) -> None:
    """The folder keeps to its size."""
    shelf = Shelf(tmp_path)
    shelf.keep("a", lived)
    size = (tmp_path / "a.part").stat().st_size
    shelf = Shelf(tmp_path, 2 * size + size // 2)
    shelf.keep("b", lived)
    for age, name in ((200.0, "b"), (100.0, "a")):
        path = tmp_path / f"{name}.part"
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    assert shelf.find("b", "x") is not None  # and is thereby asked for last
    shelf.keep("c", lived)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.part", "c.part"]


def test_an_interrupted_run_is_not_kept(tmp_path: Path, lived: Result) -> None:
    """Half a day is nobody's answer."""
    Shelf(tmp_path / "kept").keep("a", replace(lived, complete=False))
    assert not (tmp_path / "kept").exists()


def test_both_sides_have_the_same_days_where_one_is_known(lived: Result) -> None:
    """Ctrl-C: who has begun lives to the end of the known one's days; of what nobody came to neither side counts."""
    assert level([KNOWN, 3.0]) == NEVER and level([KNOWN, NOT_BEGUN]) == 0.0 and level([2.0, 3.0]) == 3.5
    known = Known({0: lived, 1: lived, 2: lived}, {})
    found = known.beside([lived, unlived(lived)], [[0, 3], [1, 4], [2]])
    assert [result.hours for result in found] == [24, 0, 24, 24, 0]
    assert not found[1].complete


def test_not_lived_is_what_a_run_says_that_was_ended_before_it_began(lived: Result) -> None:
    """No hour, no energy, and no temperature that could be taken for one."""

    def ended(_share: float) -> None:
        raise KeyboardInterrupt

    really, made = rehearse(replace(JOB, warm_up=86_400.0), ended), unlived(lived)
    assert (made.hours, made.complete, made.electricity, made.gas) == (0, False, 0.0, 0.0)
    for name in (
        "hours",
        "complete",
        "electricity",
        "occupied_hours",
        "open_hours",
        "asked",
        "exception_hours",
    ):
        assert getattr(really, name) == getattr(made, name), name
    for name in ("uses", "gas_hours", "violations", "air", "outdoor"):
        assert np.array_equal(getattr(really, name), getattr(made, name), equal_nan=True), name


def test_no_day_is_asked_for_beyond_those_that_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hours that pass midnight and close at noon of the next day: whatever a run asks of its calendar is among its inputs."""
    asked: set[date] = set()
    inside: list[str] = []
    day, spans = Timetable.day, Timetable.spans

    def day_(self: Timetable, on: date) -> OpenDay:
        if not inside:
            asked.add(on)
        return day(self, on)

    def spans_(self: Timetable, around: float) -> Spans:
        inside.append("spans")
        try:
            found = spans(self, around)
        finally:
            inside.pop()
        asked.add(found.day(around).date)
        return found

    monkeypatch.setattr(Timetable, "day", day_)
    monkeypatch.setattr(Timetable, "spans", spans_)
    rehearse(replace(JOB, text=TEXT.replace('"09:00-17:30"', '"20:00-12:00"')))
    margin = dt.timedelta(days=MARGIN)
    assert asked and DAY - margin <= min(asked) and max(asked) <= DAY + margin


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((1, 2), (12,)),
        (("a", "b"), ("ab",)),
        (("a", ("b",)), (("a",), "b")),
        ((True,), (1,)),
        ((1,), (1.0,)),
        ((0.0,), (-0.0,)),
        (({1: 2},), (((1, 2),),)),
        ((np.zeros(2),), (np.zeros((1, 2)),)),
        (({"a": 1, "b": 2},), ({"b": 2, "a": 1},)),
    ],
)
def test_different_data_are_told_differently(one: Sequence[Any], other: Sequence[Any]) -> None:
    """Also where they look alike when written one after another."""
    assert told(*one) != told(*other)


def test_equal_sets_are_told_alike_and_what_is_not_known_is_refused() -> None:
    """A set has no order; of a function nobody can say what it goes by."""
    assert told(frozenset("abcdefgh")) == told(frozenset("hgfedcba"))
    with pytest.raises(Unknown):
        told(Day, lambda: None)
