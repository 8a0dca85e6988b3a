"""Lists of days in controllers: what a Calendar object holds, and what a wire can do with it besides reading and writing values."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

from drivers.protocol import Address, Misconfigured


class Span(NamedTuple):
    """Days from the first to the last, both in it."""

    first: date
    last: date


class Pattern(NamedTuple):
    """An entry that names no certain days, like every Monday, as people read it: nothing that we would write."""

    said: str


Entry: TypeAlias = Span | Pattern
"""One entry of a list."""

CALENDAR = "calendar"
"""The object type, in an Address."""


@runtime_checkable
class DateLists(Protocol):
    """What a wire can besides: read and replace the list of days of a Calendar object (ASHRAE 135 §12.9)."""

    async def date_list(self, address: Address) -> list[Entry]:
        """The object's Date_List. Raises DriverError."""

    async def write_date_list(self, address: Address, spans: list[Span]) -> None:
        """Replace the object's Date_List. Raises DriverError; a Retryable leaves it unknown whether it landed."""


def dated(wire: object, address: Address) -> DateLists:
    """A wire that knows of lists of days. Raises Misconfigured for one that does not."""
    if not isinstance(wire, DateLists):
        raise Misconfigured(address.device, "its wire knows no Calendar objects")
    return wire
