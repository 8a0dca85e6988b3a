"""What savings are reckoned against: a baseline, and the days that do not count."""

from __future__ import annotations

from pydantic import Field

from config.section import Section
from config.values import Day, Name


class DateRange(Section):
    """Days from the first to the last, both included."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")


class NonRoutine(DateRange):
    """Days that neither the baseline nor the reporting period counts, and why: a fair, a closed wing, a broken chiller."""

    note: str = Field(min_length=1)


class Savings(Section):
    """What savings are reckoned against."""

    baseline: DateRange
    since: Day | None = None
    meters: tuple[Name, ...] = ()
    weather: str | None = Field(None, min_length=1)
    events: tuple[NonRoutine, ...] = ()
