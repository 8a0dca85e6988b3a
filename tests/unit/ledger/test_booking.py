"""From what a meter says to what was consumed: every fault by its name, and no energy that was not there."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from supervisor.ledger.booking import Step, booked, heard
from supervisor.ledger.causes import TOLD, Cause
from supervisor.ledger.register import Reading, Register
from tests.meters.hostile import HOSTILE, made
from tests.meters.score import Score, compared, judged, main, off_by
from tests.meters.series import load
from tests.meters.simulated import FOLDER, KINDS, LOADS, WATER, broken, clean

QUARTER = 900.0
METER = Register(QUARTER, rated=100.0)
KEPT = sorted(FOLDER.glob("*.csv"))


def told(*values: float, register: Register = METER, every: float = QUARTER) -> Step:
    """Figures a quarter of an hour apart, after a day of ten each."""
    day = [1000.0 + 10 * n for n in range(96)]
    figures = [*day, *(day[-1] + v for v in values)]
    return booked(register, [Reading(n * every, v) for n, v in enumerate(figures)])


def amount(step: Step) -> float:
    """All that was booked after the first day."""
    return sum(b.amount for b in step.booked) - 950.0


def causes(step: Step) -> list[Cause]:
    """What was found, in order of time."""
    return [f.cause for f in step.found]


@pytest.mark.parametrize("path", KEPT, ids=lambda p: p.stem)
def test_each_series_in_the_tree_is_named_and_booked_within_one_interval(path: Path) -> None:
    """Its fault is found, nothing else is, and energy is right within what one interval can hold."""
    series, score = load(path), Score()
    step, found = judged(series)
    assert score.add(series, found) == []
    if all(
        fault.cause is not Cause.PHASE for fault in series.faults
    ):  # what is not measured cannot be booked
        assert off_by(series, step)[2] <= 1


def test_there_are_forty_of_them_and_more() -> None:
    """Each kind of fault, with a rated power and without."""
    assert len(KEPT) >= 40
    assert {p.stem.rsplit("-", 1)[0] for p in KEPT} >= KINDS.keys() | WATER.keys()


@pytest.mark.parametrize("load_", LOADS)
def test_a_clean_year_raises_no_alarm(load_: str) -> None:
    """Nights, weekends, a chiller's winter: a meter may rest."""
    series = clean(load_, 365, 5, interval=3600.0, step=0.01 if load_ == "water" else 1.0, rated=False)
    series.unit = "m3" if load_ == "water" else "kWh"
    _, found = judged(series)
    assert found == []


@pytest.mark.parametrize(("kind", "rated"), [(kind, n % 2 == 0) for n, kind in enumerate(HOSTILE)])
def test_a_meter_as_the_field_has_it(kind: str, rated: bool) -> None:
    """Two faults at once, odd registers, other units: each named; energy within an interval where a register was read."""
    series, score = made(kind, 1, rated=rated, days=28), Score()
    step, found = judged(series)
    words = score.add(series, found)
    assert words == [] or kind in ("clock-off",)
    allowed = 4.0 if "silent" in kind or kind == "clock-off" else 1.0
    assert off_by(series, step)[2] <= allowed or "phase" in kind


def test_a_gateway_that_answers_zero_for_a_month_fills_no_memory() -> None:
    """What is not believed is bounded, however long it goes on, and what it was is known afterwards."""
    readings = [Reading(n * 10.0, 500.0 + n / 100) for n in range(100)]
    readings += [Reading(n * 10.0, 0.0) for n in range(100, 30_000)]
    step = booked(Register(10.0, 100.0), readings)
    assert len(step.book.doubted) < 200
    after = heard(Register(10.0, 100.0), step.book, Reading(300_000.0, 700.0))
    assert [f.cause for f in after.found] == [Cause.BAD_ZERO]


@pytest.mark.parametrize(("below", "found"), [(0.98, []), (1.3, [Cause.SUB_OVER_MAIN])])
def test_meters_beneath_that_count_more_than_the_one_above(below: float, found: list[Cause]) -> None:
    """A sub-meter whose transformers' ratio is wrong shows by the day; losses do not."""
    main_, sub = clean("office", 14, 1), clean("office", 14, 1)
    sub.readings = [Reading(r.at, r.value * below) for r in sub.readings]
    causes_ = [f.cause for f in compared(judged(main_)[0], [judged(sub)[0]])]
    assert causes_ == found


def test_a_gap_is_one_interval_and_estimated() -> None:
    """Six hours without a word: what was counted meanwhile is not put into the quarter in which it came back."""
    readings = [Reading(n * QUARTER, 10.0 * n) for n in range(200) if not 100 <= n < 124]
    step = booked(METER, readings)
    gap = [b for b in step.booked if b.estimated]
    assert [(b.start, b.end, b.amount, b.cause) for b in gap] == [
        (99 * QUARTER, 124 * QUARTER, 250.0, Cause.SILENT)
    ]
    assert causes(step) == [Cause.SILENT]


def test_zero_from_a_booting_gateway_is_no_energy() -> None:
    """15 MWh in ten seconds is what it would be if the fall were a reset and the return consumption."""
    step = told(10, -1950, -1950, 40, 50)
    assert amount(step) == 50
    assert causes(step) == [Cause.BAD_ZERO]
    step = booked(
        METER, [Reading(n * QUARTER, v) for n, v in enumerate([15_000, 15_010, 0, 0, 15_040, 15_050])]
    )
    assert sum(b.amount for b in step.booked) == 50
    assert causes(step) == [Cause.BAD_ZERO]


def test_zero_since_the_first_word_is_no_energy_either() -> None:
    """The gateway booted together with us: the meter's whole life is not today's consumption."""
    step = booked(
        METER, [Reading(n * QUARTER, v) for n, v in enumerate([0, 0, 15_010, 15_020, 15_030, 15_040])]
    )
    assert sum(b.amount for b in step.booked) == 30
    assert causes(step) == [Cause.BAD_ZERO]


def test_999984_to_20_is_thirty_six() -> None:
    """Six digits, told or not."""
    figures = [999_884 + 10 * n for n in range(11)] + [20, 30, 40]
    for end in (1e6, None):
        step = booked(Register(QUARTER, 200.0, end), [Reading(n * QUARTER, v) for n, v in enumerate(figures)])
        assert sum(b.amount for b in step.booked) == 100 + 36 + 20
        assert causes(step) == [Cause.ROLLOVER]


def test_a_register_that_is_not_read_to_a_number_says_nothing() -> None:
    """Not a number, infinite, negative: as if nothing had come."""
    step = told(math.nan, -math.inf, math.inf, 40)
    assert amount(step) == 40
    assert all(b.amount >= 0 for b in step.booked)


@pytest.mark.parametrize("seed", range(5))
def test_late_and_shuffled_readings_land_where_they_belong(seed: int) -> None:
    """Ten thousand readings in any order, some twice: the same bookings as in order."""
    series = clean("office", 10_000 * QUARTER / 86_400, seed)
    in_order = booked(series.register, series.readings)
    rows = series.readings + series.readings[:500]
    random.Random(seed).shuffle(rows)
    assert booked(series.register, rows) == in_order


def test_a_restart_changes_nothing() -> None:
    """The book as it stood, told the rest: the same to the last bit."""
    series = broken("used-meter", 3)
    whole = booked(series.register, series.readings)
    first = booked(series.register, series.readings[:700])
    second = booked(series.register, series.readings[700:], first.book)
    assert first.booked + second.booked == whole.booked
    assert second.book == whole.book


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_negative_and_nothing_more_than_can_be(seed: int) -> None:
    """Whatever a register says: no interval below zero, and all of them together no more than its rated power allows."""
    dice = random.Random(seed)
    figure, book, total = 5000.0, None, 0.0
    register, readings = Register(QUARTER, 100.0), []
    for n in range(600):
        figure += dice.choice([0, 5, 10, 20])
        said = dice.choice(
            [figure] * 30 + [0.0, figure * 1000, figure - 700, figure + 1e6, math.nan, 2**16 - 1]
        )
        readings.append(Reading(n * QUARTER, said))
    step = booked(register, readings)
    for each in step.booked:
        assert each.amount >= 0
        total += each.amount
    assert total <= 100 / 4 * 600 * 1.1
    assert book is None


def test_a_meter_set_to_watt_hours_goes_on_in_kilowatt_hours() -> None:
    """A thousand times the figure from one quarter to the next is the unit, not the energy."""
    step = told(10, 20)
    figures = [(1950 + 10 * n) * 1000.0 for n in range(3, 9)]
    book, total = step.book, 0.0
    for n, value in enumerate(figures):
        after = heard(METER, book, Reading((98 + n) * QUARTER, value))
        book, total = after.book, total + sum(b.amount for b in after.booked)
    assert total == pytest.approx(60)
    assert book.factor == 1000


def test_every_cause_is_told_in_both_languages() -> None:
    """A finding is read by people."""
    assert set(TOLD) == set(Cause)
    assert all(phrase.en and phrase.zh for phrase in TOLD.values())


def test_the_score_of_files_that_are_none_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """File and line, exit 1."""
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("# interval_s: 900\ntime,value\n1,2\nnoon,3\n", encoding="utf-8")
    assert main([str(wrong)]) == 1
    assert "wrong.csv, line 4: noon is no time" in capsys.readouterr().err


def test_a_new_meter_that_is_read_by_hand_before_it_is_polled_counts_from_nought() -> None:
    """Two readings a month apart, of a meter that will be polled each minute: the zero is no gateway that boots."""
    step = booked(Register(60.0), [Reading(0.0, 0.0), Reading(31 * 86_400.0, 250.0)])
    assert [each.amount for each in step.booked] == [250.0]
    assert [
        each.amount for each in booked(Register(60.0), [Reading(0.0, 0.0), Reading(60.0, 250.0)]).booked
    ] == []


def test_another_meter_weeks_after_a_reset_is_no_return_of_what_was_before_it() -> None:
    """Rated power would allow the leap within those weeks; nobody ever consumed a tenth of that: 5 kWh an hour, not 100."""
    hour, register, figures = 3600.0, 2400.0, []
    for n in range(40 * 24):
        register = {10 * 24: 5.0, 26 * 24: 40_000.0}.get(n, register + 5.0)
        figures.append(Reading(n * hour, register))
    step = booked(Register(hour, rated=100.0), figures)
    assert causes(step) == [Cause.RESET, Cause.REPLACED]
    assert sum(b.amount for b in step.booked) == pytest.approx(5.0 * (40 * 24 - 1), abs=5.0)
