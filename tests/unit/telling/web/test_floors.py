"""Floors are one line each, opened on demand: a building of a thousand rooms stays a page."""

from __future__ import annotations

import re
from dataclasses import replace

from supervisor.telling.snapshot import Snapshot
from supervisor.telling.web.render import page
from tests.tools.fake_building import fake_building
from tests.unit.telling.web.test_app import body, text_of, visiting


def drawn(snapshot: Snapshot, floor: str = "", lang: str = "zh") -> str:
    """The page as HTML."""
    work = page(snapshot, lang, floor)  # type: ignore[arg-type]  # one of the two languages
    while True:
        try:
            next(work)
        except StopIteration as end:
            return str(end.value)


async def test_a_floor_is_one_line_until_it_is_opened() -> None:
    """How many rooms, who is in, what runs, what is not known, what is out of limits."""
    html = await body("/?lang=zh")
    assert '<table class="zones">' not in html
    assert "3 楼 4 个区域 有人 2–3/4 空调 2–3/3 照明 3/4 ? 1 个状态未知" in text_of(html)
    opened = await body("/?lang=zh&floor=3")
    assert opened.count('<table class="zones">') == 1
    assert 'aria-expanded="true"' in opened


async def test_during_a_fire_alarm_nothing_is_counted_as_out_of_limits() -> None:
    """Neither on a floor's line nor in the table of rules, where it says why."""
    zones = tuple(
        replace(z, compliance=dict.fromkeys(z.compliance), judged=False) for z in fake_building().zones
    )
    text = text_of(await body("/?lang=zh&floor=all", zones=zones, fire="active"))
    assert "火警期间不计" in text[text.index("各规则合规情况") :]
    assert "不合规" not in text
    assert "未监测" not in text


async def test_an_address_that_names_no_floor_opens_none() -> None:
    """What a browser may send: another building's floor, markup, a thousand characters."""
    for asked in ("99", "<script>alert(1)</script>", "x" * 1000, "2;1", ""):
        async with visiting() as client:
            answer = await client.get("/", params={"floor": asked, "lang": "en"})
        assert answer.status_code == 200
        assert '<table class="zones">' not in answer.text
        assert "alert(1)" not in answer.text


async def test_a_small_building_needs_no_folding() -> None:
    """A dozen rooms fit the screen: all floors are open."""
    assert (await body("/", zones=fake_building().zones[:6])).count('<table class="zones">') == 2


def test_a_thousand_rooms_are_fewer_than_three_thousand_elements() -> None:
    """On first paint, in less than 100 kB with all that the page fetches, as it is sent uncompressed."""
    one = fake_building()
    zones = tuple(
        replace(one.zones[number % 18], id=f"z{number}", name=f"房间 {number}", floor=number // 50)
        for number in range(1000)
    )
    html = drawn(replace(one, zones=zones))
    assert len(re.findall(r"<[a-z]", html)) < 3000
    assert len(html.encode()) < 60_000


async def test_links_lead_on_from_any_folder() -> None:
    """Behind nginx the page may stand in `/energy/`: no address begins at the root."""
    html = await body("/?lang=zh&floor=all")
    addresses = re.findall(r'(?:href|src|hx-post|sse-connect)="([^"]*)"', html)
    assert len(addresses) > 10
    assert [address for address in addresses if address.startswith("/")] == []


async def test_a_proxy_is_told_not_to_hold_back_the_stream() -> None:
    """nginx passes events on at once only when it is told to."""
    async with visiting() as client:
        answer = await client.head("/live")
        assert answer.headers["x-accel-buffering"] == "no"
        assert answer.headers["cache-control"] == "no-store"
