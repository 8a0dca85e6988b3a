"""Calendar objects of controllers that are kept as the building's own calendar is."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, TypeAlias

from config.codes import Coded
from config.declared import After
from config.phrase import Phrase
from config.section import Section
from config.values import Misread

_AT: Final = re.compile(r"([^/\s]+)/calendar:(\d{1,7})")
_LARGEST: Final = 4_194_302
"""The largest instance that an object may have (ASHRAE 135 §12.1)."""
Days: TypeAlias = Literal["holidays", "makeup_workdays", "closed", "opened"]
"""Which days a list names. The state's holidays, or the days worked in lieu of them; or, for a group of opening hours, every
day that it is closed or open though its weekday alone would have it otherwise."""


def _at(value: str) -> str:
    """Raises Misread."""
    found = _AT.fullmatch(value)
    if found and int(found[2]) <= _LARGEST:
        return value
    raise Misread(
        Coded("no-object", "this names no Calendar object", "这不是日历对象"),
        Phrase("write it like ddc-1/calendar:1", "写成 ddc-1/calendar:1"),
    )


class CalendarObject(Section):
    """One Calendar object, which is ours as a whole: `at` is the controller and the object."""

    at: Annotated[str, After(_at)]
    days: Days = "holidays"
    hours: str | None = None
    """The group of opening hours, for `closed` and `opened`."""
    refresh: bool = False
    """It is written each night where the calendar has changed; else only at a person's word."""

    @property
    def device(self) -> str:
        """The controller's name."""
        return self.at.partition("/")[0]

    @property
    def instance(self) -> int:
        """The object's instance."""
        return int(self.at.rpartition(":")[2])
