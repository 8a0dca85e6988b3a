"""Holidays into a controller's Calendar object over the whole path: both stacks, two kinds of controllers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from config.calendar_objects import CalendarObject
from config.phrase import Phrase
from drivers.dates import Pattern, Span
from drivers.protocol import Address, DriverError
from schedules.closures import closures
from schedules.days import calendars
from supervisor.gateway import Gateway
from supervisor.gateway.date_lists import difference
from supervisor.store import schema
from tests.contract.writing import Building, make_site

HOLIDAYS = CalendarObject(at="ddc/calendar:1")
WHY, WHOSE = Phrase("Li: holidays", "Li：节假日"), "a notice"
CALENDAR, DATE_LIST = 6, 23
MONDAYS, EVERY_FIRST = bytes.fromhex("2bffff01"), bytes.fromhex("0cff0a01ff")
"""Every Monday (a BACnetWeekNDay), and the first of October of any year."""


@pytest.fixture(params=["rusty", "bacpypes"])
def building(stack: str, port: int, request: pytest.FixtureRequest) -> Iterator[Building]:
    """A controller with a Calendar object, and a gateway."""
    site = replace(make_site(port), calendar_objects=(HOLIDAYS,))
    yield Building(site, stack, port, str(request.param))


async def audited(b: Building) -> list[tuple[Any, ...]]:
    """Intents of the calendar with what came of them."""
    i, r = schema.intents, schema.results
    query = sa.select(i.c.point, i.c.rule, i.c.command, r.c.result, r.c.detail).join(
        r, r.c.intent_id == i.c.id
    )
    return [tuple(row) for row in await b.store.read(lambda c: c.execute(query).all())]


async def test_a_years_holidays_go_in_are_read_back_and_audited(building: Building) -> None:
    """What somebody had left there goes, patterns too, and stands in the difference before; a second push finds nothing to do."""
    async with building as b:
        peer = b.driver._asked.peer("ddc")
        await b.driver._put_list(peer, (CALENDAR, 1), DATE_LIST, MONDAYS + EVERY_FIRST)
        before = await b.gateway.date_lists.look(HOLIDAYS)
        assert before == [Pattern("month *, week *, weekday 1"), Pattern("*-10-01")]
        wanted = closures(HOLIDAYS, calendars(b.site), date(2026, 6, 1)).days
        assert {date(2026, 10, 1), date(2026, 2, 17)} <= set(wanted)
        assert difference(before, wanted).patterns == ("month *, week *, weekday 1", "*-10-01")
        done = await b.gateway.date_lists.push(HOLIDAYS, wanted, WHY, WHOSE)
        assert done.result == "ok", done
        after = await b.gateway.date_lists.look(HOLIDAYS)
        assert difference(after, wanted).none
        assert Span(date(2026, 10, 1), date(2026, 10, 7)) in after
        [(point, rule, command, result, _)] = await audited(b)
        assert (point, rule, result) == ("ddc/calendar:1", "calendar", "ok")
        assert "2026-10-01/2026-10-07" in command
        assert (await b.gateway.date_lists.push(HOLIDAYS, (), WHY, WHOSE)).result == "ok"
        assert await b.gateway.date_lists.look(HOLIDAYS) == []


async def test_a_dry_run_and_an_object_that_is_not_there_change_nothing(building: Building) -> None:
    """The one is audited as such; the other is told as the controller tells it; an object on no list is not touched at all."""
    async with building as b:
        dry = Gateway(b.site, b.driver, b.store, b.clock, dry_run=True)
        assert (await dry.date_lists.push(HOLIDAYS, [date(2026, 10, 1)], WHY, WHOSE)).result == "dry_run"
        assert await dry.date_lists.look(HOLIDAYS) == []
        with pytest.raises(DriverError):
            await b.driver.date_list(Address("ddc", "calendar", 99))
        with pytest.raises(ValueError, match="not listed"):
            await b.gateway.date_lists.push(CalendarObject(at="ddc/calendar:99"), [], WHY, WHOSE)


async def test_a_silent_controller_fails_and_the_audit_says_so(building: Building) -> None:
    """The intent has its result; nothing hangs."""
    spec = building.site.devices["ddc"]
    building.site = replace(building.site, devices={"ddc": replace(spec, timeout=1.0)})
    async with building as b:
        await b.front.set_silent("ddc", True)
        done = await asyncio.wait_for(
            b.gateway.date_lists.push(HOLIDAYS, [date(2026, 10, 1)], WHY, WHOSE), 120
        )
        assert done.result == "failed"
        assert [row[3] for row in await audited(b)] == ["failed"]
