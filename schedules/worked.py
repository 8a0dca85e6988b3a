"""Which days a building works, for whoever compares one day's energy with another's: the state's calendar, and what the site says otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from config.site import Site
from schedules.hours import Timetable
from schedules.types import WORKED, DayType


def working_days(site: Site, tables: Mapping[str, Timetable]) -> Callable[[date], bool]:
    """Whether a day is worked. A special day counts where it holds for most zones: a school's summer is no working day, an open day in it is.

    A day on which one group of many is closed, or open, is what it would be by the calendar.
    """
    zones = Counter(zone.hours for zone in site.zones.values())
    most = zones.total() / 2
    table = next(iter(tables.values()))

    def worked(on: date) -> bool:
        ordinarily = table.day(on).ordinary.type in WORKED
        other = 0
        for group, count in zones.items():
            day = tables[group].day(on)
            if day.day.type is DayType.SPECIAL and bool(day.intervals) is not ordinarily:
                other += count
        return ordinarily is not (other > most)

    return worked


def days_worked(site: Site, tables: Mapping[str, Timetable]) -> Callable[[date], bool]:
    """Whether a day is worked, by the site's own week: most zones open for at least half as long as on their longest day.

    A shop that is open on Saturdays works on them, and a museum rests on Mondays; a Saturday until noon is no day of work. Zones that are alike on all
    days of the week, or never open, go by the state's calendar, which those who come to them keep. Special days hold as in `working_days`.
    """
    zones = Counter(zone.hours for zone in site.zones.values()) or Counter([next(iter(tables))])
    longest = {group: max(tables[group].week()) for group in zones}
    rests = {group: min(tables[group].week()) * 2 < longest[group] for group in zones}

    def works(group: str, on: date) -> bool:
        day = tables[group].day(on)
        if day.day.type is DayType.SPECIAL:
            return bool(day.intervals)
        if rests[group]:
            return tables[group].minutes_ordinarily(on) * 2 >= longest[group]
        return day.ordinary.type in WORKED

    def worked(on: date) -> bool:
        return sum(count for group, count in zones.items() if works(group, on)) * 2 > zones.total()

    return worked


def otherwise(site: Site, tables: Mapping[str, Timetable], first: date, end: date) -> dict[date, bool]:
    """Days from `first` until before `end` that the site's special days make worked, or not, against the state's calendar."""
    worked, table = working_days(site, tables), next(iter(tables.values()))
    days = (first + timedelta(n) for n in range((end - first).days))
    return {day: now for day in days if (now := worked(day)) is not (table.day(day).ordinary.type in WORKED)}
