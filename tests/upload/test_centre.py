"""A collector and a data centre over real TCP: every quarter of an hour arrives once and in order, whatever breaks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from supervisor.ledger.upload.model import CentreProblem
from supervisor.ledger.upload.profile import Collector
from supervisor.ledger.upload.profile_file import load
from supervisor.ledger.upload.sending import Centre
from tests.upload.building import DAY, MIDNIGHT, QUARTER, Hall, MakeHall, until
from tests.upload.centre import TestCentre

SCHEMAS = {
    shipped: xmlschema.XMLSchema(str(Path(__file__).parent / f"{shipped}.xsd"))
    for shipped in ("55aa", "8bae9b")
}
"""Written by hand, a spelling each."""
SHIPPED = Path(__file__).parents[2] / "config" / "centres"


def profile(shipped: str = "55aa", **changed: Any) -> Collector:
    """A profile that ships, with what a test changes."""
    found = load(SHIPPED / f"{shipped}.yaml").profile
    assert isinstance(found, Collector)
    return Collector.model_validate({**found.model_dump(exclude_none=True), **_merged(found, changed)})


def _merged(found: Collector, changed: dict[str, Any]) -> dict[str, Any]:
    """A key of `reports` alone is changed in those that ship."""
    if "reports" not in changed:
        return changed
    return {**changed, "reports": {**found.reports.model_dump(exclude_none=True), **changed["reports"]}}


async def opened(shipped: str = "55aa", **changed: Any) -> TestCentre:
    """A centre that can be reached, and expects what its profile says."""
    centre = await TestCentre(profile(shipped)).opens()
    centre.profile = profile(shipped, centre=f"127.0.0.1:{centre.port}", **changed)
    return centre


@contextlib.asynccontextmanager
async def running(*collectors: Centre) -> AsyncIterator[None]:
    """Collectors at work, until the test is over."""
    tasks = [asyncio.create_task(each.run()) for each in collectors]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(each, asyncio.CancelledError) for each in done), done


def ends(start: int, days: float) -> range:
    """When each quarter of an hour ends, from a midnight on."""
    return range(start + QUARTER, start + int(days * DAY) + QUARTER, QUARTER)


async def a_day(hall: Hall, centre: TestCentre, start: int, quarters: int = 96) -> None:
    """Each quarter is read, and told before the next one begins."""
    for end in ends(start, quarters / 96):
        hall.reads(end, end + 1)
        hall.clock.shows(end + 20)
        await until(lambda end=end: end // 60 in centre.order, centre.changed)  # type: ignore[misc]


@pytest.mark.parametrize(("shipped", "away"), [("55aa", 7), ("8bae9b", 1)])
async def test_a_day_is_96_reports_and_a_week_away_is_made_up_for(
    hall_at: MakeHall, shipped: str, away: int
) -> None:
    """The centre is there for a day, away for seven, and back: nothing is missing, nothing twice, all in order."""
    hall, centre = hall_at(), await opened(shipped)
    async with running(hall.centre(centre.profile)):
        await a_day(hall, centre, MIDNIGHT)
        assert len(centre.told) == 96
        assert {told.operation for told in centre.told.values()} == {"report"}
        assert centre.beats >= 96
        await centre.goes_away()
        back = MIDNIGHT + (1 + away) * DAY
        hall.reads(MIDNIGHT + DAY + QUARTER, back + 1)
        hall.clock.shows(back + 20)
        await until(lambda: hall.pauses)
        await centre.opens()
        await until(lambda: back // 60 in centre.order, centre.changed)
        await a_day(hall, centre, back, 4)
    print(f"{shipped}: reports={len(centre.order)} {centre.score(ends(MIDNIGHT, 1 + away + 4 / 96))}")
    assert centre.score(ends(MIDNIGHT, 1 + away + 4 / 96)) == "missing=0 doubles=0 ordered=True"
    assert not centre.again
    resent = [told for told in centre.told.values() if told.operation == "continuous"]
    assert len(resent) >= away * 96 - 2
    assert [told.current for told in resent] == list(range(1, len(resent) + 1))
    assert {told.total for told in resent[:-1]} <= {away * 96 - 1, away * 96, away * 96 + 1}


async def test_a_report_says_what_each_register_said(hall_at: MakeHall) -> None:
    """Meter, function and code stand in it, its time is the building's, its sequence is that of its minute."""
    hall, centre = hall_at(), await opened()
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + QUARTER + 1)
    hall.clock.shows(MIDNIGHT + QUARTER + 20)
    await hall.centre(centre.profile).once()
    (told,) = centre.told.values()
    assert (told.time, told.sequence) == ("20260301001500", (MIDNIGHT + QUARTER) // 60)
    assert told.codes == {("1", "1"): "01000", ("2", "1"): "01B00", ("3", "1"): "02000"}
    assert set(told.values.values()) == {"1015.0000"}
    await centre.goes_away()


VARIANTS: dict[str, dict[str, Any]] = {
    "GBK, and ECB with a key of 32": {"encoding": "gbk", "cipher": {"mode": "ecb", "key": "k" * 32, "padding": "zero"}},
    "readings alone are encrypted": {"cipher": {"mode": "cbc", "key": "k" * 16, "iv": "zero", "covers": "data"}},
    "no framing, and keys in the other order": {"framing": None, "cipher": {"mode": "none"},
                                                "login": {"key": "密", "order": "key-sequence"}},
    "numbers from the other end": {"framing": {"head": "68681616", "tail": "55AA55AA", "length": "big", "check": "modbus"}},
    "every report is acknowledged": {"confirms": {"report": "ack"}},
}  # fmt: skip


@pytest.mark.parametrize("variant", VARIANTS)
async def test_centres_differ_and_each_gets_what_it_expects(hall_at: MakeHall, variant: str) -> None:
    """Framing, cipher, encoding, order: a key of the profile each. Every message is valid against its schema."""
    hall, centre = (
        hall_at(MIDNIGHT + 3 * QUARTER + 20),
        await opened("55aa", **VARIANTS[variant], reports={"names": True}),
    )
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + 3 * QUARTER + 1)
    async with running(hall.centre(centre.profile)):
        await until(lambda: len(centre.order) == 3, centre.changed)
        await centre.said("period", "<period>15</period>")
        await centre.said("query", "")
        await until(lambda: centre.replies, centre.changed)
    text = [m.decode("gb18030" if centre.profile.encoding == "gbk" else "utf-8") for m in centre.messages]
    kinds = [valid(each) for each in text]
    assert set(kinds) == {"request", "md5", "notify", "report", "continuous", "period_ack", "reply"}
    assert any("空调 &amp; 冷站" in each for each in text)
    await centre.goes_away()


def valid(message: str, shipped: str = "55aa") -> str:
    """The type of a message, which is as the schema of its spelling wants it."""
    root = ET.fromstring(message.partition("?>")[2])
    SCHEMAS[shipped].validate(root)
    return root.findtext("common/type", "")


@pytest.mark.parametrize(("shipped", "other"), [("55aa", "8bae9b"), ("8bae9b", "55aa")])
async def test_each_profile_that_ships_speaks_the_spelling_of_its_centre(
    hall_at: MakeHall, shipped: str, other: str
) -> None:
    """Login, heart beat, reports, what an outage left, answers: valid against the schema of its own spelling, and not of the other."""
    hall, centre = hall_at(MIDNIGHT + 12 * QUARTER + 20), await opened(shipped, reports={"names": True})
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + 12 * QUARTER + 1)
    async with running(hall.centre(centre.profile)):
        await until(lambda: len(centre.order) == 12, centre.changed)
        await centre.said("period", "<period>15</period>")
        await centre.said("query", "")
        await until(lambda: centre.replies, centre.changed)
    text = [m.decode("gb18030" if centre.profile.encoding == "gbk" else "utf-8") for m in centre.messages]
    assert {valid(each, shipped) for each in text} == {
        "request", "md5", "notify", "report", "continuous", "period_ack", "reply",
    }  # fmt: skip
    data = next(each for each in text if "<meter" in each)
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        valid(data, other)
    await centre.goes_away()


async def test_an_acknowledgement_that_is_lost_makes_no_double(hall_at: MakeHall) -> None:
    """The centre stored it and the connection broke: it comes again with the same sequence and time, and is known."""
    hall, centre = hall_at(), await opened("8bae9b")
    centre.lose_acks = 2
    async with running(hall.centre(centre.profile)):
        await a_day(hall, centre, MIDNIGHT, 8)
        await until(lambda: sum(centre.again.values()) >= 2, centre.changed)
    assert centre.score(ends(MIDNIGHT, 8 / 96)) == "missing=0 doubles=0 ordered=True"
    assert sum(centre.again.values()) == 2
    assert any("closed" in said or "reset" in said for said in hall.said)
    await centre.goes_away()


async def test_two_centres_at_once_and_one_of_them_is_away(hall_at: MakeHall) -> None:
    """The one that is there never waits for the other, which later gets all."""
    hall = hall_at()
    here, away = await opened("55aa"), await opened("8bae9b")
    await away.goes_away()
    async with running(hall.centre(here.profile), hall.centre(away.profile)):
        await a_day(hall, here, MIDNIGHT, 12)
        assert not away.order
        await away.opens()
        await until(lambda: len(away.order) == 12, away.changed)
    for centre in (here, away):
        assert centre.score(ends(MIDNIGHT, 12 / 96)) == "missing=0 doubles=0 ordered=True"
        await centre.goes_away()


async def test_a_collector_that_dies_amid_a_resend_goes_on_where_it_was(hall_at: MakeHall) -> None:
    """Each of its lives sends some of two days; only what was on the wire as it died may come again, and is known."""
    hall, centre = hall_at(MIDNIGHT + 2 * DAY + 20), await opened("8bae9b")
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + 2 * DAY + 1)
    for life in range(1, 6):
        collector = hall.centre(centre.profile)
        dying = asyncio.create_task(collector.run())
        await until(lambda life=life: len(centre.order) >= 30 * life, centre.changed)  # type: ignore[misc]
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        collector.close()
    await hall.centre(centre.profile).once()
    assert centre.score(ends(MIDNIGHT, 2)) == "missing=0 doubles=0 ordered=True"
    assert sum(centre.again.values()) <= 5
    await centre.goes_away()


async def test_a_wrong_key_is_told_and_tried_again_later_and_later(hall_at: MakeHall) -> None:
    """Nothing is sent to a centre that does not let us in; pauses grow, and it says what to compare."""
    hall, centre = hall_at(MIDNIGHT + QUARTER + 20), await opened()
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + QUARTER + 1)
    centre.key = "another"
    async with running(hall.centre(centre.profile)):
        await until(lambda: len(hall.pauses) >= 12)
        assert hall.pauses[:12] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
        assert "does not let us in" in hall.said[0]
        assert "login key" in hall.said[0]
        assert not centre.order
        centre.key = None
        await until(lambda: centre.order, centre.changed)
    await centre.goes_away()


async def test_once_ends_with_an_error_where_the_centre_is_away(hall_at: MakeHall) -> None:
    """Whoever starts it by a timer sees that nothing was sent."""
    hall, centre = hall_at(MIDNIGHT + QUARTER + 20), await opened()
    await centre.goes_away()
    with pytest.raises(OSError, match=r"refused|Connect"):
        await hall.centre(centre.profile).once()


async def test_a_centre_that_takes_and_never_answers_is_left_and_nothing_is_lost(hall_at: MakeHall) -> None:
    """Without an answer nobody knows that a report arrived: it is sent again on the next connection."""
    hall, centre = hall_at(MIDNIGHT + QUARTER + 20), await opened("8bae9b", timeout=0.3)
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + QUARTER + 1)
    centre.mute = True
    with pytest.raises(
        CentreProblem, match=r"no answer to the report of 2026-03-01T00:15:00\+08:00 within 0.3 s"
    ):
        collector = hall.centre(centre.profile)
        await collector.once()
    collector.close()
    centre.mute = False
    await hall.centre(centre.profile).once()
    assert len(centre.order) == 1
    assert centre.again.total() == 1
    await centre.goes_away()


async def test_the_centre_asks_for_figures_and_sets_the_period(hall_at: MakeHall) -> None:
    """A query is answered with what every meter said last, a period is agreed to and outlives a restart."""
    hall, centre = hall_at(), await opened()
    collector = hall.centre(centre.profile)
    async with running(collector):
        await a_day(hall, centre, MIDNIGHT, 1)
        await centre.said("query", "")
        await until(lambda: centre.replies, centre.changed)
        assert set(centre.replies[0].values.values()) == {"1015.0000"}
        for nonsense in ("7", "-5", "x", "", "0", "1e2", "9" * 5000, "²"):
            await centre.said("period", f"<period>{nonsense}</period>")
        await centre.said("period", "<period>30</period>")
        await until(lambda: centre.agreed, centre.changed)
        assert centre.agreed == 1
    collector.close()
    hall.reads(MIDNIGHT + 2 * QUARTER, MIDNIGHT + 4 * QUARTER + 1)
    hall.clock.shows(MIDNIGHT + 4 * QUARTER + 20)
    again = hall.centre(centre.profile)
    assert again.minutes == 30
    await again.once()
    assert centre.order == [(MIDNIGHT + n * QUARTER) // 60 for n in (1, 2, 4)]
    await centre.goes_away()


async def test_what_is_older_than_the_buffer_is_told_and_not_sent(hall_at: MakeHall) -> None:
    """A centre that was away for forty days gets thirty of them."""
    hall, centre = hall_at(), await opened("8bae9b")
    first = hall.centre(centre.profile)
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + QUARTER + 1)
    hall.clock.shows(MIDNIGHT + QUARTER + 20)
    await first.once()
    first.close()
    hall.reads(MIDNIGHT + 9 * DAY, MIDNIGHT + 12 * DAY, 6 * 3600)
    hall.clock.shows(MIDNIGHT + 40 * DAY + QUARTER)
    await hall.centre(centre.profile).once()
    assert any("longer than buffer_days" in said for said in hall.said)
    assert centre.order[1] == (MIDNIGHT + 10 * DAY + 6 * 3600) // 60
    assert len(centre.order) == 1 + 7
    await centre.goes_away()


async def test_a_clock_that_was_a_year_ahead_costs_no_centre_a_year(hall_at: MakeHall) -> None:
    """A minute of next year, and it was said to have been away for longer than the buffer. An hour after the clock was put right
    all goes on, from the buffer's first day: the centre knows each report by its sequence."""
    hall, centre = hall_at(MIDNIGHT + 3 * QUARTER + 20), await opened("8bae9b")
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + 3 * QUARTER + 1)
    collector = hall.centre(centre.profile)
    await collector.once()
    hall.clock.shows(MIDNIGHT + 366 * DAY)
    await collector.once()
    assert len(centre.order) == 3
    hall.reads(MIDNIGHT + 4 * QUARTER, MIDNIGHT + 8 * QUARTER + 1)
    hall.clock.shows(MIDNIGHT + 4 * QUARTER + 20)
    await collector.once()
    assert len(centre.order) == 3
    hall.clock.shows(MIDNIGHT + 8 * QUARTER + 20)
    await collector.once()
    assert any("the clock was put back" in said for said in hall.said)
    assert centre.score(ends(MIDNIGHT, 8 / 96)) == "missing=0 doubles=0 ordered=True"
    await centre.goes_away()


async def test_nothing_is_told_of_an_interval_before_all_of_it_is_kept(hall_at: MakeHall) -> None:
    """What still waits for the database is in before its interval is told: else it would be missing for ever."""
    hall, centre = hall_at(), await opened()
    hall.reads(MIDNIGHT + 60, MIDNIGHT + QUARTER, 60, meters=["main", "ac", "water"])
    hall.clock.shows(MIDNIGHT + 3600)
    collector = hall.centre(centre.profile)
    await collector.once()
    assert not centre.order
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + 3600, 60)
    await collector.once()
    assert centre.order == [(MIDNIGHT + n * QUARTER) // 60 for n in (1, 2, 3)]
    assert {told.values["1", "1"] for told in centre.told.values()} == {"1015.0000", "1030.0000", "1045.0000"}
    await centre.goes_away()


async def test_a_meter_that_is_silent_holds_up_none_of_the_others(hall_at: MakeHall) -> None:
    """It is left out, or has the code that the centre has for it; and it is no zero."""
    hall, centre = hall_at(), await opened("8bae9b", reports={"bad": "1"})
    plain = await opened("55aa")
    hall.reads(MIDNIGHT + 60, MIDNIGHT + 2 * QUARTER + 120, 60, meters=["main", "water"])
    hall.reads(MIDNIGHT + 60, MIDNIGHT + QUARTER, 60, meters=["ac"])
    hall.clock.shows(MIDNIGHT + 2 * QUARTER + 120)
    for each in (centre, plain):
        await hall.centre(each.profile).once()
    assert [told.values.get(("2", "1")) for told in plain.told.values()] == ["1014.0000", None]
    assert [told.values.get(("2", "1")) for told in centre.told.values()] == ["1014.0000", ""]
    assert b'error="1"' in centre.messages[-1]
    for each in (centre, plain):
        await each.goes_away()


async def test_an_hour_in_which_the_supervisor_was_off_is_passed_over(hall_at: MakeHall) -> None:
    """Nothing was read: there is nothing to say, and what follows goes on."""
    hall, centre = hall_at(MIDNIGHT + 8 * QUARTER + 20), await opened("8bae9b")
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + 2 * QUARTER + 1)
    hall.reads(MIDNIGHT + 7 * QUARTER, MIDNIGHT + 8 * QUARTER + 1)
    await hall.centre(centre.profile).once()
    assert centre.order == [(MIDNIGHT + n * QUARTER) // 60 for n in (1, 2, 7, 8)]
    await centre.goes_away()


async def test_where_the_cursor_cannot_be_written_reports_go_on_and_a_restart_sends_again(
    tmp_path: Path, hall_at: MakeHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk keeps no report back, and a damaged cursor begins with the buffer: the centre knows each by its sequence."""
    hall, centre = hall_at(MIDNIGHT + 3 * QUARTER + 20), await opened("8bae9b")
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + 3 * QUARTER + 1)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    collector = hall.centre(centre.profile)
    with monkeypatch.context() as disk:
        disk.setattr("supervisor.ledger.upload.cursor.os.write", full)
        await collector.once()
    collector.close()
    assert len(centre.order) == 3
    assert any("cannot be written down: No space left" in said for said in hall.said)
    (tmp_path / "upload" / "city.json").write_text("{")
    await hall.centre(centre.profile).once()
    assert any("how far it is cannot be read" in said for said in hall.said)
    assert centre.score(ends(MIDNIGHT, 3 / 96)) == "missing=0 doubles=0 ordered=True"
    assert sum(centre.again.values()) == 3
    await centre.goes_away()


async def test_a_centre_whose_clock_is_another_is_told_once_and_sets_nothing(hall_at: MakeHall) -> None:
    """Its time is compared, and no more."""
    hall, centre = hall_at(), await opened("55aa")
    async with running(hall.centre(centre.profile)):
        await a_day(hall, centre, MIDNIGHT, 4)
    (said,) = [said for said in hall.said if "its clock is" in said]
    assert said.endswith("s from ours, which is left as it is: compare both with an NTP server")
    await centre.goes_away()


async def test_the_answer_to_an_earlier_heart_beat_confirms_nothing(hall_at: MakeHall) -> None:
    """The centre answers slowly, and the report that was sent meanwhile is lost: it is sent again."""
    hall, centre = hall_at(MIDNIGHT + 2 * QUARTER + 20), await opened("55aa")
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + 2 * QUARTER + 1)
    centre.slow, centre.drops = 0.1, 1
    async with running(hall.centre(centre.profile)):
        await until(lambda: centre.drops == 0 and len(centre.order) >= 2, centre.changed)
    assert centre.score(ends(MIDNIGHT, 2 / 96)) == "missing=0 doubles=0 ordered=True"
    await centre.goes_away()


async def test_a_report_that_is_refused_is_told_and_comes_again_before_the_next(hall_at: MakeHall) -> None:
    """Nothing is passed over: what comes later would be out of order."""
    hall, centre = hall_at(MIDNIGHT + 3 * QUARTER + 20), await opened("8bae9b")
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + 3 * QUARTER + 1)
    centre.refuses = 2
    async with running(hall.centre(centre.profile)):
        await until(lambda: len(centre.order) == 3, centre.changed)
    assert centre.score(ends(MIDNIGHT, 3 / 96)) == "missing=0 doubles=0 ordered=True"
    refused = [said for said in hall.said if "it refuses the report of 2026-03-01T00:15:00+08:00" in said]
    assert len(refused) == 2
    await centre.goes_away()
