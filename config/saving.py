"""What savings are reckoned against: a baseline, and the days that do not count."""

from __future__ import annotations

from config.declared import field
from config.section import Section
from config.values import Day, Name


class DateRange(Section):
    """Days from the first to the last, both included."""

    first: Day = field(alias="from")
    last: Day = field(alias="to")


class NonRoutine(DateRange):
    """Days that were out of the ordinary, and why: a fair, a closed wing, a broken chiller.

    They do not count, in the baseline and in the reporting period; or, with `adds`, they count less so many kWh a day (of gas and water: m³; of petrol and diesel: L): what a
    submeter or an engineer says that the event took (negative: what it spared).
    """

    note: str = field(min_length=1)
    adds: float | None = None


class Targets(Section):
    """By how much less a year, per area and per head; against the year before, or against one fixed year."""

    a_year: float = field(0.05, gt=0, lt=0.5)
    against: int | None = field(None, ge=2000, le=2100)


class Savings(Section):
    """What savings are reckoned against."""

    baseline: DateRange
    since: Day | None = None
    meters: tuple[Name, ...] = ()
    weather: str | None = field(None, min_length=1)
    events: tuple[NonRoutine, ...] = ()
