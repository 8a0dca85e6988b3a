"""5 % less a year, per area and per head: month by month against plan, and how the year will end."""

from __future__ import annotations

import numpy as np
import pytest

from supervisor.savings.forecast import Forecast, Refused, forecast
from supervisor.savings.targets import Progress, Used, progress, ratio

YEAR = [120, 110, 80, 60, 60, 90, 130, 130, 90, 60, 70, 110]
"""kgce a month of a building of 100 m²."""


def year(
    *ratios: float, over: int | None = None, part: float = 1.0, area: float = 100.0, **more: int
) -> Progress:
    """A year whose months so far used so much of last year's; of the last of them only a part has passed."""
    over = len(ratios) if over is None else over
    parts = [1.0 if n < over else part for n in range(len(ratios))]
    before = [Used(f"2025-{n + 1:02}", e, 100.0, 10.0) for n, e in enumerate(YEAR)]
    compared = [Used(b.name, (b.energy or 0) * p, 100.0, 10.0) for b, p in zip(before, parts, strict=False)]
    now = [
        Used(f"2026-{n + 1:02}", (c.energy or 0) * r, area, 10.0)
        for n, (c, r) in enumerate(zip(compared, ratios, strict=True))
    ]
    return progress("area", 2026, more.get("against", 2025), 0.05, now, before, compared, over)  # fmt: skip


def test_each_month_has_its_plan_and_says_whether_it_kept_to_it() -> None:
    """January used 8 % less, February 2 % less: one met its plan, the other did not, and together they did."""
    found = year(0.92, 0.98)
    assert [m.met for m in found.months[:3]] == [True, False, None]
    assert found.months[0].plan == pytest.approx(1.2 * 0.95)
    assert found.months[0].reduction == pytest.approx(0.08)
    assert found.reduction == pytest.approx((120 * 0.08 + 110 * 0.02) / 230)
    assert found.met is True
    assert found.plan == pytest.approx(sum(YEAR) / 100 * 0.95)


def test_a_month_that_has_begun_is_compared_with_as_many_days() -> None:
    """Half of March against half of March: no reduction is made of days that have not come."""
    found = year(1.0, 1.0, 1.0, over=2, part=0.5)
    assert found.reduction == pytest.approx(0.0)
    assert found.months[2].due == pytest.approx(0.4 * 0.95)
    assert not found.months[2].over


def test_a_larger_building_may_use_more() -> None:
    """A new wing of 25 % with 25 % more energy: nothing changed per m²."""
    assert year(1.25, 1.25, area=125.0).reduction == pytest.approx(0.0)


def test_a_month_that_lacks_readings_is_shown_and_not_counted() -> None:
    """January lacks a tenth of its readings: the reduction is February's."""
    found = year(0.5, 0.9)
    spoilt = found._replace(months=(found.months[0]._replace(marked=True), *found.months[1:]))
    assert spoilt.reduction == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("actual", "less", "compared", "more", "lacks"),
    [
        (-150.0, 90.0, 100.0, 0.0, (90 / 240, 0.0)),
        (-90.0, 90.0, 100.0, 0.0, (0.5, 0.0)),
        (50.0, 0.0, 100.0, 10.0, (0.0, 10 / 110)),
        (50.0, 10.0, 100.0, 0.0, (10 / 60, 0.0)),
    ],
)
def test_who_gives_more_than_he_takes_may_lack_readings(
    actual: float, less: float, compared: float, more: float, lacks: tuple[float, float]
) -> None:
    """A roof of panels: of -150 kgce 90 are not booked, which made the reduction larger; as much as was given divided by nothing."""
    before = [Used(f"2025-{n:02}", compared if n == 1 else None, 100.0, 10.0) for n in range(1, 13)]
    now = [Used("2026-01", actual, 100.0, 10.0, unbooked=less)]
    then = [before[0]._replace(unbooked=more)]
    assert progress("area", 2026, 2025, 0.05, now, before, then, 1).lacks == pytest.approx(lacks)


def test_without_anything_to_compare_nothing_is_told() -> None:
    """No months, no area, no year before."""
    for found in (year(), year(0.9, area=0.0)):
        assert found.reduction is None
        assert found.met is None
    nothing = [Used(f"2025-{n:02}", None, 100.0, 10.0) for n in range(1, 13)]
    found = progress("area", 2026, 2025, 0.05, [Used("2026-01", 5.0, 100.0, 10.0)], nothing, nothing[:1], 1)
    assert (found.reduction, found.plan) == (None, None)


def test_a_fixed_reference_year_has_the_target_compounded() -> None:
    """5 % a year are 5, 9.75, 14.26 %."""
    assert [ratio(0.05, n) for n in (1, 2, 3)] == pytest.approx([0.05, 0.0975, 0.142625])
    assert year(0.9, against=2024).target == pytest.approx(0.0975)


def test_the_year_is_foretold_from_its_months() -> None:
    """Six months each about a tenth under last year's: so will the rest be, give or take; and the interval shrinks with the months."""
    six = forecast(year(0.91, 0.89, 0.9, 0.92, 0.88, 0.9))
    assert isinstance(six, Forecast)
    assert six.reduction == pytest.approx(0.1, abs=0.005)
    assert six.low < 0.1 < six.high
    assert six.met is True
    nine = forecast(year(*[0.91, 0.89, 0.9, 0.92, 0.88, 0.9, 0.9, 0.91, 0.89]))
    assert isinstance(nine, Forecast)
    assert nine.high - nine.low < six.high - six.low


def test_a_year_that_is_over_is_known() -> None:
    """Twelve months: what was forecast is what was, without an interval."""
    found = forecast(year(*[0.93] * 12))
    assert isinstance(found, Forecast)
    assert (found.low, found.reduction, found.high) == pytest.approx((0.07, 0.07, 0.07))


def test_too_early_or_without_a_reference_nothing_is_foretold() -> None:
    """Two months; or a reference year that begins in March."""
    early = forecast(year(0.9, 0.9))
    assert isinstance(early, Refused)
    assert "2 months" in early.refused.en
    late = year(0.9, 0.9, 0.9)
    gap = late._replace(months=(late.months[0]._replace(reference=None, plan=None), *late.months[1:]))
    refused = forecast(gap)
    assert isinstance(refused, Refused)
    assert "2025" in refused.refused.zh


def test_the_interval_has_the_year_in_it_nine_times_in_ten() -> None:
    """Years whose months scatter by 3 to 8 % around a saving of their own, neighbours alike: foretold after 3, 6 and 9 months."""
    draw = np.random.default_rng(1)
    covered = total = 0
    for _ in range(300):
        scatter, rho, level = draw.uniform(0.03, 0.08), draw.uniform(0, 0.3), draw.uniform(0.85, 1.0)
        noise = np.zeros(12)
        for n in range(12):
            noise[n] = rho * noise[n - 1] + scatter * np.sqrt(1 - rho**2) * draw.standard_normal()
        ratios = level * (1 + noise)
        truth = 1 - float(ratios @ np.array(YEAR)) / sum(YEAR)
        for months in (3, 6, 9):
            found = forecast(year(*(float(r) for r in ratios[:months])))
            assert isinstance(found, Forecast)
            covered += found.low <= truth <= found.high
            total += 1
    assert 0.85 <= covered / total <= 0.97, covered / total
