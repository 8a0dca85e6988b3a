"""Overtime and a release from a zone's page: an hour, a name, a token, a tick; and the page of a zone is live."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest

from config.load import load_text
from schedules.time import from_iso
from supervisor.telling.limits import limits
from supervisor.telling.web.live import Live, event
from supervisor.telling.week import Week
from supervisor.telling.week_plot import plot
from tests.tools.fake_building import fake_building
from tests.unit.daemon.test_every_key import SITE
from tests.unit.telling.web.test_app import body, looking, text_of
from tests.unit.telling.web.test_change import TOKEN, Page

ZONE = "f2-office-203"
FORM = {"zone": ZONE, "until": "20:30", "name": "张三", "token": TOKEN, "confirm": "yes"}


@pytest.mark.parametrize(
    ("what", "asked"),
    [
        ("overtime", {"do": "overtime", "zone": ZONE, "until": "20:30", "name": "张三"}),
        ("release", {"do": "release", "zone": ZONE, "until": "20:30", "name": "张三"}),
    ],
)
async def test_a_zone_is_asked_for_in_the_command_lines_own_words(what: str, asked: dict[str, str]) -> None:
    """With an hour, a name, a token and a tick; the answer is one line in the reader's language."""
    page = Page(answer={"zone": ZONE, "until": "2026-07-15T20:30:00+08:00", "failed": []})
    done = await page.client.post(f"/api/{what}?lang=en", data=FORM)
    assert done.status_code == 200
    assert "20:30" in text_of(done.text)
    assert page.asked == [asked]
    for missing, status in (("token", 401), ("confirm", 400)):
        refused = await page.client.post(f"/api/{what}", data={**FORM, missing: ""})
        assert refused.status_code == status
    assert len(page.asked) == 1


@pytest.mark.parametrize(("missing", "said"), [("name", "姓名"), ("until", "结束时间"), ("zone", "区域")])
async def test_a_release_without_a_name_an_end_or_a_place_is_refused(missing: str, said: str) -> None:
    """The whole building is not let go of by a page."""
    page = Page()
    refused = await page.client.post("/api/release?lang=zh", data={**FORM, missing: " "})
    assert refused.status_code == 400
    assert said in refused.text
    assert page.asked == []


async def test_the_page_of_a_zone_has_both_forms_and_a_stream_of_its_own() -> None:
    """Each field is labelled; the stream is the zone's."""
    html = await body(f"/zone/{ZONE}?lang=en")
    for what in ("overtime", "release"):
        assert f'hx-post="../api/{what}?lang=en"' in html
    assert f'sse-connect="../live?lang=en&amp;zone={ZONE}"' in html


async def test_the_page_of_a_zone_is_told_what_changes_and_nothing_else() -> None:
    """Its line, the clock, the banners, its events: no other zone's."""
    now = [fake_building()]
    live = Live(looking(lambda: now[0]), 0.01)
    stream = live.stream("en", zone=ZONE)
    first: list[str] = []
    async with asyncio.timeout(30):
        while not any(part.startswith("event: events") for part in first):
            first.append(await anext(stream))
        names = [part.split("\n")[0] for part in first if part.startswith("event")]
        assert names == ["event: asof", "event: banners", "event: row", "event: events"]
        assert not any("zone/" in part for part in first), "its line does not lead to itself"
        zones = tuple(replace(z, temperature=31.4) if z.id == ZONE else z for z in now[0].zones)
        now[0] = replace(now[0], zones=zones)
        part = await anext(stream)
        assert part.startswith("event: row")
        assert "31.4°" in part
        now[0] = replace(now[0], zones=())
        live.close()
        await stream.aclose()


def test_what_became_empty_is_told_as_well() -> None:
    """An event without data is none to a browser: the last banner would never go."""
    assert event("banners", " \n") == "event: banners\ndata: <!-- -->\n\n"


def test_the_limit_of_a_day_is_that_of_its_own_season() -> None:
    """A week over the turn of spring to summer: none before, 26 °C from the first of June."""
    text = re.sub(r"\n  override: .*", "", SITE)
    site = load_text(text).site
    assert site is not None
    zone = next(iter(site.zones))
    end = from_iso("2026-06-03T12:00:00+08:00")
    june = from_iso("2026-06-01T00:00:00+08:00")
    (found,) = limits(site, zone, end - 7 * 86400.0, end, None)
    assert found == (june, end, 26.0)
    (whole,) = limits(site, zone, june + 86400.0 * 2, june + 86400.0 * 5, None)
    assert whole.end - whole.start == 86400.0 * 3


def test_the_weathers_own_seasons_have_their_limits_and_what_is_not_on_record_says_so() -> None:
    """A cold October week: hatched before the record, the cooling limit in summer, the heating limit from the day winter holds."""
    site = load_text(re.sub(r"\nseason:(\n .*)*", "\nseason: {method: temperature}", SITE)).site
    assert site is not None
    zone = next(iter(site.zones))
    state: dict[str, object] = {
        "season": "winter",
        "since": "2026-10-25",
        "last": "2026-10-26",
        "means": [],
        "band": None,
        "run": 0,
    }
    memory = {"state": state, "turns": [["2026-10-22", "summer"], ["2026-10-26", "winter"]]}
    start, end = from_iso("2026-10-20T12:00:00+08:00"), from_iso("2026-10-27T12:00:00+08:00")
    told = limits(site, zone, start, end, memory)
    days = [from_iso(f"2026-10-{day}T00:00:00+08:00") for day in (22, 26)]
    rules = site.zones[zone].rules
    assert told == [
        (start, days[0], None),
        (days[0], days[1], rules.summer_setpoint.minimum),
        (days[1], end, rules.winter_setpoint.maximum),
    ]
    assert limits(site, zone, start, end, None) == [(start, end, None)]
    older = limits(site, zone, start, end, {"state": state})
    assert [limit.value for limit in older] == [None, rules.winter_setpoint.maximum]
    unread = (None,) * 2016
    week = Week(start, end, unread, unread, unread, unread, (), ())
    drawn = plot(week, told, site.tz, "en", "room")
    assert [line.label for line in drawn.limits] == ["26 °C", "20 °C"]
    (strip,) = drawn.unknown
    assert "not on record" in strip.label
    assert strip.end == drawn.limits[0].x
