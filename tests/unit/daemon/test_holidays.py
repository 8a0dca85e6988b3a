"""The building's calendar for controllers: compared, pushed at a person's word, refreshed at night, never over what others wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.calendar_objects import CalendarObject
from config.load import load_text
from drivers.dates import Entry, Pattern, Span
from drivers.protocol import Address, Rejected, Silent
from schedules.days import calendars
from supervisor.core.asking import Refused
from supervisor.core.views import Fire
from supervisor.daemon.holidays import Building, answer, nightly
from supervisor.daemon.widening import widening
from supervisor.gateway import Gateway
from supervisor.store.writer import Store
from tests.fakes import FakeDriver, VirtualClock, virtual_time
from tests.site_files import site_of_text
from tests.unit.schedules.test_closures import TEXT

JUNE = datetime(2026, 6, 1, 5, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
LISTED = "calendar_objects: [{at: ddc/calendar:1, refresh: true}]\ndry_run: false\n"


class Controller(FakeDriver):
    """One that has a Calendar object."""

    def __init__(self) -> None:
        super().__init__({})
        self.entries: list[Entry] = []
        self.written: list[list[Span]] = []
        self.says: Exception | None = None
        self.deaf = False

    async def date_list(self, address: Address) -> list[Entry]:
        """What it holds."""
        if isinstance(self.says, Silent):
            raise self.says
        return list(self.entries)

    async def write_date_list(self, address: Address, spans: list[Span]) -> None:
        """Take it, or refuse it, or say yes and do nothing."""
        if self.says is not None:
            raise self.says
        self.written.append(spans)
        if not self.deaf:
            self.entries = list(spans)


class Night:
    """A building, its controller, and what people were told."""

    def __init__(self, text: str = LISTED, *, dry: bool | None = None) -> None:
        self.site = site_of_text(TEXT + text)
        self.controller = Controller()
        self.store = Store("sqlite://", inline=True)
        self.store.open()
        self.audit: list[str] = []
        self.alerts: list[str] = []
        clock = VirtualClock(JUNE)
        gateway = Gateway(self.site, self.controller, self.store, clock, dry_run=dry)
        self.building = Building(self.site, calendars(self.site), gateway, self.store, JUNE)

    def tell(self, who: str, en: str, zh: str) -> None:
        """A line of the audit."""
        assert zh
        self.audit.append(f"{who}: {en}")

    async def asked(self, fire: Fire = Fire.CLEAR, **request: Any) -> dict[str, Any]:
        """What the verb is answered of the one object."""
        answered = await answer(self.building, request, fire, self.tell)
        told: dict[str, Any]
        [told] = answered["objects"]
        return told

    async def night(self, fire: Fire = Fire.CLEAR) -> None:
        """Ten past five."""
        await nightly(self.building, fire, self.tell, lambda en, zh: self.alerts.append(en))


@virtual_time
async def test_the_difference_is_shown_and_a_person_writes_it() -> None:
    """Without `yes` nothing goes out; with it and a name it does, once; then there is nothing left to do."""
    at = Night()
    at.controller.entries = [Pattern("*-10-01"), Span(date(2026, 5, 1), date(2026, 5, 6))]
    told = await at.asked()
    assert "2026-10-01/2026-10-07" in told["adds"]
    assert told["goes"] == ["2026-05-06"]
    assert told["patterns"] == ["*-10-01"]
    assert at.controller.written == []
    with pytest.raises(Refused, match="name"):
        await at.asked(yes=True)
    with pytest.raises(Refused, match="fire"):
        await at.asked(Fire.ACTIVE, yes=True, name="Li")
    with pytest.raises(Refused, match="not listed"):
        await at.asked(at="ddc/calendar:2")
    told = await at.asked(yes=True, name="Li")
    assert told["result"] == "ok"
    assert len(at.controller.written) == 1
    [line] = at.audit
    assert line.startswith("Li: ddc/calendar:1: public holidays of 2026")
    told = await at.asked(yes=True, name="Li")
    assert "result" not in told
    assert len(at.controller.written) == 1


@virtual_time
async def test_what_a_controller_refuses_or_does_not_do_is_told() -> None:
    """Refused, acknowledged and left as it was, silent: each says so, and none is taken for done."""
    at = Night()
    at.controller.says = Rejected("ddc", "write access denied")
    assert (await at.asked(yes=True, name="Li"))["result"] == "refused"
    at.controller.says, at.controller.deaf = None, True
    told = await at.asked(yes=True, name="Li")
    assert told["result"] == "mismatch"
    assert "days missing" in told["error"]
    at.controller.says = Silent("ddc", "no answer")
    assert "no answer" in (await at.asked())["error"]
    dry = Night(dry=True)
    assert (await dry.asked(yes=True, name="Li"))["result"] == "dry_run"
    assert dry.controller.written == []


@virtual_time
async def test_the_night_writes_what_is_ours_and_never_over_what_others_wrote() -> None:
    """An empty list is filled; a day that we wrote and that is moved goes; a day of somebody else's stays, and is told."""
    at = Night()
    await at.night(Fire.ACTIVE)
    assert at.controller.written == []
    await at.night()
    await at.night()
    assert len(at.controller.written) == 1
    assert "each night: ddc/calendar:1" in at.audit[0]
    at.controller.entries.append(Span(date(2026, 8, 3), date(2026, 8, 3)))
    await at.night()
    assert len(at.controller.written) == 1
    assert "did not write" in at.alerts[0]
    at.controller.entries = [*at.controller.written[0]]
    ours = [span for span in at.controller.written[0] if span.first.month != 6]
    at.controller.entries = list(ours)
    await at.night()
    assert len(at.controller.written) == 2, "a holiday that was lost is put back"
    unknown = at.building._replace(now=JUNE + 5 * 366 * 86400.0)
    await nightly(unknown, Fire.CLEAR, at.tell, lambda en, zh: at.alerts.append(en))
    assert "not known" in at.alerts[-1]
    assert len(at.controller.written) == 2


@virtual_time
async def test_a_list_that_did_not_opt_in_is_left_alone_at_night_and_opting_in_waits_for_a_word() -> None:
    """`refresh` is what writes by itself, so a saved file that says it newly waits for `reload --yes`."""
    at = Night(LISTED.replace(", refresh: true", ""))
    await at.night()
    assert at.controller.written == []
    listed = (CalendarObject(at="ddc/calendar:1", refresh=True),)
    after = replace(at.site, calendar_objects=listed)
    [line] = widening(at.site, after, date(2026, 6, 1))
    assert "calendars written each night: ddc/calendar:1" in line.en
    assert widening(after, after, date(2026, 6, 1)) == []
    assert widening(at.site, replace(after, dry_run=True), date(2026, 6, 1)) == []


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{at: nowhere/calendar:1}", "no device `nowhere`"),
        ("{at: ddc/binary-value:1}", "no Calendar object"),
        ("{at: ddc/calendar:4194303}", "no Calendar object"),
        ("{at: ddc/calendar:1, days: closed}", "whose days?"),
        ("{at: ddc/calendar:1, days: closed, hours: nobody}", "no group of opening hours `nobody`"),
        ("{at: ddc/calendar:1, hours: hall}", "of no group"),
        ("{at: ddc/calendar:1}, {at: ddc/calendar:1, days: makeup_workdays}", "named twice"),
    ],
)
def test_what_is_wrong_in_the_site_file_is_told_at_its_place(entry: str, said: str) -> None:
    """In both languages, with what to do."""
    problems = load_text(f"{TEXT}calendar_objects: [{entry}]\n").problems
    [problem] = [p for p in problems if p.is_error]
    assert said in problem.message
    assert problem.path.startswith("calendar_objects")
    assert problem.hint
    assert problem.message_zh
