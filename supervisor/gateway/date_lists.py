"""The one writer of Calendar objects: those that the site file lists, whole lists, each an intent with its read-back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from config.calendar_objects import CalendarObject
from config.phrase import Phrase
from drivers.dates import CALENDAR, Entry, Pattern, Span, dated
from drivers.protocol import Address, DriverError, Rejected, Retryable
from schedules.closures import days_of, spans
from supervisor.gateway.context import Context
from supervisor.store.rows import IntentRow, Result, ResultRow

RULE: Final = "calendar"
"""What the audit names in a rule's place."""
GOOD_FOR: Final = 60.0
"""s of site time that a person's word, or the night's, stands."""


class Difference(NamedTuple):
    """What a write would put into a list, and take out of it: days, and entries that name no certain ones."""

    adds: tuple[date, ...]
    goes: tuple[date, ...]
    patterns: tuple[str, ...]

    @property
    def none(self) -> bool:
        """The list says what it should."""
        return not (self.adds or self.goes or self.patterns)


class Pushed(NamedTuple):
    """What came of a write."""

    result: Result
    detail: str = ""


def difference(entries: Sequence[Entry], wanted: Sequence[date]) -> Difference:
    """Between what a list says and what it should."""
    there = days_of(entry for entry in entries if isinstance(entry, Span))
    want = set(wanted)
    patterns = tuple(entry.said for entry in entries if isinstance(entry, Pattern))
    return Difference(tuple(sorted(want - there)), tuple(sorted(there - want)), patterns)


class DateLists:
    """Reads and writes the listed Calendar objects. `dry`: nothing is written, all is audited."""

    def __init__(self, context: Context, *, dry: bool) -> None:
        self._context, self.dry = context, dry

    async def look(self, object_: CalendarObject) -> list[Entry]:
        """What the object says now. Raises DriverError."""
        address, context = self._address(object_), self._context
        async with context.within(object_.device):
            return await dated(context.driver, address).date_list(address)

    async def push(
        self, object_: CalendarObject, wanted: Sequence[date], why: Phrase, citation: str
    ) -> Pushed:
        """Replace the list by these days, read it back, audit both. Raises StoreProblem where no intent can be kept."""
        context, address = self._context, self._address(object_)
        row = self._row(object_, wanted, why, citation)
        if self.dry:
            await context.store.commit_unsent(row, "dry_run")
            return Pushed("dry_run")
        if (wait := context.rate.wait()) > 0:
            await context.sleep(wait)
        intent = await context.store.commit_intent(row)
        done = await self._written(object_, address, wanted)
        result = ResultRow(intent, context.clock.now(), done.result, None, done.detail)
        await context.record(context.store.commit_result(result), object_.at)
        return done

    async def _written(self, object_: CalendarObject, address: Address, wanted: Sequence[date]) -> Pushed:
        context, said = self._context, ""
        try:
            async with context.within(object_.device):
                dated(context.driver, address)
                await context.driver.write_date_list(address, [Span(*span) for span in spans(wanted)])  # type: ignore[attr-defined] # it is dated
        except Retryable as error:
            said = error.message  # it may have landed all the same
        except Rejected as error:
            return Pushed("refused", error.message)
        except DriverError as error:
            return Pushed("failed", error.message)
        try:
            left = difference(await self.look(object_), wanted)
        except DriverError as error:
            return Pushed("failed", said or error.message)
        if left.none:
            return Pushed("ok")
        return Pushed("failed", said) if said else Pushed("mismatch", _told(left))

    def _address(self, object_: CalendarObject) -> Address:
        """Raises ValueError for an object that is on no list."""
        if object_ not in self._context.site.calendar_objects:
            raise ValueError(f"{object_.at} is not listed in the site file")
        return Address(object_.device, CALENDAR, object_.instance)

    def _row(self, object_: CalendarObject, wanted: Sequence[date], why: Phrase, citation: str) -> IntentRow:
        context = self._context
        now = context.clock.now()
        listed = " ".join(str(a) if a == b else f"{a}/{b}" for a, b in spans(wanted))
        return IntentRow(
            now, context.stamp(), object_.at, listed, None, None, RULE, citation, why.en, why.zh, [], [], now + GOOD_FOR,
            context.site.config_hash, self.dry,
        )  # fmt: skip


def _told(left: Difference) -> str:
    parts = [
        f"{len(left.adds)} days missing" if left.adds else "",
        f"{len(left.goes)} too many" if left.goes else "",
    ]
    parts.append(f"{len(left.patterns)} patterns left" if left.patterns else "")
    return ", ".join(part for part in parts if part)
