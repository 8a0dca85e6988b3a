"""The page, the health checks and the JSON, as those who use them see them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import replace

import httpx
import pytest

from config.phrase import Phrase, same
from config.rules import RuleId
from supervisor.clockwork.turns import parts_in_turns
from supervisor.core.decisions import Because
from supervisor.telling.metrics import Metrics
from supervisor.telling.rows import rows
from supervisor.telling.snapshot import Event, Snapshot, Trouble, Why
from supervisor.telling.view import banners, device_lines
from supervisor.telling.web import build_app, serve
from supervisor.telling.web.app import reasons
from supervisor.telling.web.live import MAX_READERS, Live, Look
from supervisor.telling.web.render import LIVE_PARTS
from supervisor.telling.web.server import listen
from supervisor.telling.words import clauses, rule_title
from tests.ports import free_tcp
from tests.tools.fake_building import fake_building


async def no_metrics() -> AsyncIterator[bytes]:
    """Nothing to scrape."""
    return parts_in_turns(iter(()))


def looking(snapshot: Callable[[], Snapshot] = fake_building) -> Look:
    """As the daemon is asked for it."""

    async def look() -> Snapshot:
        return snapshot()

    return look


def visiting(snapshot: Callable[[], Snapshot] = fake_building, *, alive: bool = True) -> httpx.AsyncClient:
    """A browser on this machine."""
    metrics = Metrics("jiedao-office", snapshot, process=False)
    app = build_app(
        looking(snapshot), metrics.exposition, lambda: alive, lambda: snapshot().ready,
        lacking=lambda: lacking(snapshot()),
    )  # fmt: skip
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


def lacking(snapshot: Snapshot) -> list[str]:
    """Why that building is not ready."""
    silent = (device.id for device in snapshot.devices if device.last_answer is None)
    return reasons(snapshot.store_problem, snapshot.waiting_for, silent)


async def body(path: str, **changes: object) -> str:
    """What the page at `path` says of the building with those changes."""
    async with visiting(lambda: fake_building(**changes)) as client:
        return (await client.get(path)).text


def text_of(html: str) -> str:
    """The words without the markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


async def test_the_page_tells_a_zone_in_full_without_javascript() -> None:
    """Temperature, setpoint, window, the rule with its clause, and what comes next."""
    words = text_of(await body("/?lang=zh&floor=all"))
    for part in (
        "203 办公室",
        "28.7°",
        "26.0°",
        "开空调时不开窗",
        "10:09",
        "（二）开空调时不开窗",
        "17:00 下班前半小时关闭空调",
    ):
        assert part in words


async def test_the_page_speaks_the_readers_language() -> None:
    """`?lang=` first, then what the browser asks for, then Chinese."""
    async with visiting() as client:
        pages = {
            "en": await client.get("/?lang=en", headers={"accept-language": "zh-CN"}),
            "zh-CN": await client.get("/", headers={"accept-language": "fr,zh;q=0.8,en;q=0.5"}),
        }
        asked_nothing = await client.get("/", headers={"accept-language": "de"})
    for lang, page in pages.items():
        assert f'<html lang="{lang}">' in page.text
    assert '<html lang="zh-CN">' in asked_nothing.text


async def test_unknown_none_and_off_look_different() -> None:
    """A silent controller shows `?`, a room without a sensor a dash, and only what is off says off."""
    html = await body("/?lang=en&floor=all")
    silent = html[html.index('id="zone-14"') : html.index('id="zone-15"')]
    assert silent.count('class="state unknown"') == 3
    server_room = html[html.index('id="zone-17"') :]
    assert server_room.count('class="state none"') == 3
    assert "state off" not in silent
    assert "unmonitored" in silent


@pytest.mark.parametrize(
    ("changes", "banner"),
    [
        ({"fire": "active"}, "Fire alarm: life safety owns the building"),
        ({"fire": "unknown"}, "fire-alarm input unknown"),
        ({"dry_run": True}, "Dry run"),
        ({"problem": same("office.yaml:12: unknown key <b>")}, "office.yaml:12: unknown key &lt;b&gt;"),
        ({"announced": False}, "holidays not announced"),
        ({"ready": False, "waiting_for": ("ddc-3 has not answered",)}, "ddc-3 has not answered"),
    ],
)  # fmt: skip
async def test_what_must_be_seen_first_is_a_banner(changes: dict[str, object], banner: str) -> None:
    """Fire, dry run, a wrong configuration, a start that is not over, holidays nobody has announced."""
    assert banner in await body("/?lang=en", **changes)
    assert banner not in await body("/?lang=en")


async def test_names_from_the_site_file_cannot_inject_markup() -> None:
    """A zone called `<script>` is shown, not run."""
    zones = (replace(fake_building().zones[0], name="<script>alert(1)</script>", id='"><img>'),)
    html = await body("/", zones=zones, name="<i>x</i>")
    assert "<script>alert" not in html
    assert '"><img>' not in html
    assert "<i>x" not in html


async def test_the_page_asks_no_other_host_for_anything() -> None:
    """The gateway box may stand in a network without a way out."""
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", await body("/"))


async def test_metrics_are_served_as_prometheus_expects() -> None:
    """Text format 0.0.4, UTF-8."""
    async with visiting() as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'building_zone_hvac_on{building="jiedao-office",zone="f2-office-203"} 0.0' in answer.text


async def test_healthz_follows_the_loop() -> None:
    """200 while it turns, 503 once the heartbeat is old."""
    async with visiting() as turning, visiting(alive=False) as stuck:
        assert (await turning.get("/healthz")).status_code == 200
        assert (await stuck.get("/healthz")).status_code == 503


async def test_readyz_says_what_it_waits_for() -> None:
    """Not ready until the building has been read once; then ready."""
    silent = replace(fake_building().devices[0], last_answer=None, up=False)
    async with (
        visiting(lambda: fake_building(ready=False, devices=(silent,))) as starting,
        visiting() as running,
    ):
        waiting = await starting.get("/readyz")
        assert (waiting.status_code, waiting.text) == (503, "ddc-1 has not answered\n")
        assert (await running.get("/readyz")).status_code == 200


async def test_readyz_takes_no_look_at_the_rooms() -> None:
    """A service manager asks every second while ten thousand points are read for the first time: the start goes before."""

    async def look() -> Snapshot:
        raise AssertionError("a look at everything")

    for ready, status in ((False, 503), (True, 200)):
        app = build_app(look, no_metrics, lambda: True, lambda ready=ready: ready)  # type: ignore[misc] # bound now
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost"
        ) as client:
            answer = await client.get("/readyz")
        assert (answer.status_code, bool(answer.text.strip())) == (status, True)


async def test_the_api_gives_zones_with_reasons_in_both_languages() -> None:
    """For programs: null where unknown, and each reason with its citations."""
    zones = {zone["id"]: zone for zone in json.loads(await body("/api/zones"))["zones"]}
    window = zones["f2-office-203"]
    assert window["why"]["hvac"]["rule"] == "window-off"
    assert window["why"]["hvac"]["reason"]["en"] == "f2-office-203/window open since 10:09"
    assert window["why"]["hvac"]["citations"][0] == "AP （二）开空调时不开窗"
    assert window["next_change"]["at"] == "2026-07-15T17:00:00+08:00"
    assert zones["f3-open-west"]["hvac_on"] is None
    assert zones["f2-office-205"]["compliance"]["summer-setpoint"] is False


async def test_the_api_gives_the_building() -> None:
    """Season, day, weather, fire, devices, meters, overrides, configuration."""
    building = json.loads(await body("/api/building"))
    assert building["now"] == "2026-07-15T10:15:20+08:00"
    assert (building["season"], building["day_type"], building["fire_alarm"]) == (
        "summer",
        "workday",
        "clear",
    )
    assert [d["id"] for d in building["devices"] if not d["up"]] == ["ddc-3"]
    assert building["overrides"][0]["priority"] == 8
    assert building["configuration"] == {
        "successful": True, "loaded": "2026-07-15T08:15:20+08:00", "problem": None, "problem_zh": None,
        "waiting": None, "updated": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "status"), [("2", 200), ("0", 400), ("-1", 400), ("x", 400), ("9" * 5000, 400), ("²", 400)]
)
async def test_the_api_gives_the_last_events(limit: str, status: int) -> None:
    """As many as asked for, the newest last; nonsense is refused in words."""
    async with visiting() as client:
        answer = await client.get("/api/events", params={"limit": limit})
    assert answer.status_code == status
    if status == 200:
        assert [e["kind"] for e in answer.json()["events"]] == ["mismatch", "exception"]


async def test_the_last_events_are_told_without_a_look_at_the_building() -> None:
    """A program that asks each second costs a building of a thousand rooms nothing; what the building is takes the brief look."""
    one = fake_building()

    async def never() -> Snapshot:
        raise AssertionError("looked at every room")

    async def recent() -> tuple[tuple[Event, ...], str]:
        return one.events, one.timezone

    app = build_app(never, no_metrics, lambda: True, lambda: True, brief=looking(), recent=recent)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=("127.0.0.1", 1)), base_url="http://localhost"
    ) as client:
        told = (await client.get("/api/events?limit=2")).json()["events"]
        assert [event["kind"] for event in told] == ["mismatch", "exception"]
        assert (await client.get("/api/building")).json()["building"] == one.building


async def live_events(stream: AsyncIterator[str], count: int) -> list[str]:
    """The names of the next `count` events of a live page."""
    names: list[str] = []
    async for message in stream:
        if message.startswith("event: "):
            names.append(message.split("\n", 1)[0].removeprefix("event: "))
        if len(names) == count:
            return names
    return names


async def test_a_live_page_is_sent_only_what_changed() -> None:
    """First everything; then, when one zone warms up, that zone's line alone; and new tables if zones change."""
    state = {"now": fake_building()}
    live = Live(looking(lambda: state["now"]), period=0.001)
    stream = live.stream("en", floor="all")
    first = await live_events(stream, len(LIVE_PARTS) + 4 + 18)
    assert {*LIVE_PARTS, "fold-1", "zone-0", "zone-17"} <= set(first)
    zones = state["now"].zones
    state["now"] = replace(state["now"], zones=(*zones[:5], replace(zones[5], temperature=26.9), *zones[6:]))
    assert await live_events(stream, 1) == ["zone-5"]
    state["now"] = replace(state["now"], zones=zones[:3])
    assert (await live_events(stream, 1)) == ["zones"]
    await stream.aclose()


async def test_many_open_pages_cost_the_daemon_one_look_a_period() -> None:
    """Ten browsers in the control room: the building is looked at once, not ten times."""
    looks = 0

    def snapshot() -> Snapshot:
        nonlocal looks
        looks += 1
        return fake_building()

    live = Live(looking(snapshot), period=60.0)
    for stream in [live.stream("zh") for _ in range(10)]:
        assert len(await live_events(stream, 3)) == 3
    assert looks == 1


async def test_a_live_page_ends_when_the_server_stops() -> None:
    """An open page holds up no shutdown."""
    live = Live(looking(), period=60.0)
    stream = live.stream("zh")
    await anext(stream)
    live.close()
    async with asyncio.timeout(30):
        async for _ in stream:
            pass


def test_a_wall_of_forgotten_browsers_is_refused_beyond_a_limit() -> None:
    """A place is counted when it is given, not when its first event is sent: none slips in between."""
    live = Live(looking(), period=60.0)
    with ExitStack() as open_pages:
        for _ in range(MAX_READERS):
            assert open_pages.enter_context(live.place())
        assert live.full
        with live.place() as free:
            assert not free
        assert live.full
    assert not live.full


async def test_a_page_that_may_no_longer_read_is_ended() -> None:
    """Its token was taken out of the site file: nothing more of the building is sent to it."""
    live, allowed = Live(looking(), period=0.001), True
    stream = live.stream("zh", lambda: allowed)
    assert len(await live_events(stream, 3)) == 3
    await live_events(stream, len(LIVE_PARTS) + 4 - 3)
    allowed = False
    async with asyncio.timeout(30):
        assert [part async for part in stream if part.startswith("event: ")] == []


async def test_the_real_server_stops_at_once_with_a_page_open() -> None:
    """Cancelled while a browser listens, it is gone without waiting for it, and the port is free again."""
    port = free_tcp()
    app = build_app(looking(), no_metrics, lambda: True, lambda: True, period=0.01)
    serving = asyncio.create_task(serve(app, "127.0.0.1", port))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        await until_up(client)
        async with client.stream("GET", "/live") as stream:
            await anext(stream.aiter_lines())
            serving.cancel()
            with pytest.raises(asyncio.CancelledError):
                async with asyncio.timeout(30):
                    await serving
    listen("127.0.0.1", port).close()


async def until_up(client: httpx.AsyncClient) -> None:
    """Returns once the server answers."""
    async with asyncio.timeout(30):
        while True:
            try:
                assert (await client.get("/healthz")).status_code == 200
            except httpx.ConnectError:
                await asyncio.sleep(0.01)
            else:
                return


async def test_a_taken_port_is_an_error_that_the_daemon_can_explain() -> None:
    """OSError at once, not the end of the process."""
    with listen("127.0.0.1", 0) as taken:
        app = build_app(looking(), no_metrics, lambda: True, lambda: True)
        with pytest.raises(OSError, match="in use"):
            await serve(app, "127.0.0.1", taken.getsockname()[1])


def test_every_rule_has_words_for_the_page() -> None:
    """Title and clause in both languages, for each rule id."""
    for rule in RuleId:
        assert rule_title(rule, "zh")
        assert rule_title(rule, "en")
        assert clauses(rule, "zh")


async def test_beside_a_zone_its_own_points_need_no_id() -> None:
    """203's line says 窗户, or `window`, not `f2-office-203/window`."""
    for lang, said in (("zh", "窗户自 10:09 开启"), ("en", ": window open since 10:09")):
        html = await body(f"/?lang={lang}&floor=2")
        row = text_of(html[html.index('id="zone-7"') : html.index('id="zone-8"')])
        assert said in row


async def test_a_point_that_no_rule_needs_is_left_to_its_controller() -> None:
    """Handing back is no reason worth a line: the row says who decides."""
    handed_back = Why(RuleId.BASE, Because("no rule needs this point", "无规则需要此点"), None)
    zones = (replace(fake_building().zones[5], why_hvac=handed_back, why_lights=handed_back),)
    words = text_of(await body("/?lang=en", zones=zones, events=()))
    assert "left to its controller" in words
    assert "no rule needs this point" not in words


WHY = Phrase(
    "quarantined, another device in its place: vendor 7, was 999",
    "已隔离，该位置为另一设备：厂商 7，原为 999",
)
CLONE = Phrase("something at 10.9.9.9 says that it is this device", "10.9.9.9 处有设备自称是本设备")


async def test_a_quarantine_is_one_truth_on_page_api_and_readyz() -> None:
    """The controller is not up, the rule of its room is not written, in both languages; who looks at readiness sees it."""
    building = fake_building()
    ddc = replace(building.devices[0], up=False, problem=WHY, quarantine=WHY)
    zones = tuple(
        replace(z, why_hvac=replace(z.why_hvac, withheld=WHY)) if z.why_hvac is not None else z
        for z in building.zones
    )
    seen = replace(building, devices=(ddc, *building.devices[1:]), zones=zones)
    for lang, text in (("en", WHY.en), ("zh", WHY.zh)):
        page = "".join(row.whys[0].reason for row in rows(seen, lang) if row.whys)  # type: ignore[arg-type] # both are
        assert text in page
        (_, state, _), *_ = device_lines(seen, lang)  # type: ignore[arg-type] # both are
        assert (state.tone, state.note) == ("bad", text)
        told = [banner.text for banner in banners(seen, lang)]  # type: ignore[arg-type] # both are
        assert sum(ddc.name in text for text in told) == 1, "in quarantine, and not silent"
    async with visiting(lambda: seen) as client:
        devices = json.loads((await client.get("/api/building")).text)["devices"]
        assert (devices[0]["up"], devices[0]["quarantine"]["zh"]) == (False, WHY.zh)
        zones_told = json.loads((await client.get("/api/zones")).text)["zones"]
        assert any(z["why"]["hvac"] and z["why"]["hvac"]["withheld"] for z in zones_told)


async def test_where_else_a_device_answers_is_on_page_and_api() -> None:
    """A clone answers beside the true controller, which is up: told all the same."""
    building = fake_building()
    ddc = replace(building.devices[0], problem=CLONE, elsewhere=CLONE)
    seen = replace(building, devices=(ddc, *building.devices[1:]))
    assert any(CLONE.zh in banner.text for banner in banners(seen, "zh"))
    async with visiting(lambda: seen) as client:
        assert "10.9.9.9" in (await client.get("/")).text
        (first, *_) = json.loads((await client.get("/api/building")).text)["devices"]
        assert (first["up"], first["elsewhere"]["en"]) == (True, CLONE.en)


async def test_readyz_names_who_is_in_quarantine() -> None:
    """Ready, and what is not as it should be beside it."""
    app = build_app(looking(), no_metrics, lambda: True, lambda: True, barred=lambda: {"ddc-1": WHY.en})
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.text) == (200, f"ready\nddc-1: {WHY.en}\n")


async def test_a_full_disk_is_on_the_page_and_the_daemon_is_not_ready() -> None:
    """In the reader's language, with the remedy; programs read the same."""
    full = Phrase("the disk is full. Free some space", "磁盘已满。请腾出空间")
    assert "因此不写入：磁盘已满" in text_of(await body("/?lang=zh", store_problem=full))
    assert "nothing is written: the disk is full" in text_of(await body("/?lang=en", store_problem=full))
    told = json.loads(await body("/api/building", store_problem=full))
    assert told["store"] == {"up": False, "problem": full._asdict()}
    assert told["ready"] is False
    assert json.loads(await body("/api/building"))["store"] == {"up": True, "problem": None}
    assert "the disk is full" in lacking(fake_building(store_problem=full))[0]


async def test_what_is_not_carried_out_and_what_is_not_believed_stands_on_the_row() -> None:
    """A row does not say that a rule holds where nothing was written, nor keep silent about a text in place of a figure."""
    why, text = Phrase("the disk is full", "磁盘已满"), Phrase("its controller says “---”", "控制器的值“---”")
    building = fake_building()
    zone = replace(
        building.zones[0],
        unwritten=(Trouble("f1-hall/fcu/start_stop", why), Trouble("f1-hall/lights/start_stop", why)),
        doubtful=(Trouble("f1-hall/temperature", text),),
    )
    device = replace(building.devices[0], doubtful=zone.doubtful)
    changes = {"zones": (zone,), "devices": (device,)}
    words = text_of(await body("/?lang=en", **changes))
    assert "not carried out fcu/start_stop, lights/start_stop: the disk is full" in words
    assert "not believed temperature: its controller says “---”" in words
    assert "reading not believed its controller says “---”" in words
    assert "f1-hall/temperature: its controller says “---”" in words
    told = json.loads(await body("/api/zones", **changes))["zones"][0]
    assert [t["point"] for t in told["unwritten"]] == ["f1-hall/fcu/start_stop", "f1-hall/lights/start_stop"]
    assert told["doubtful"] == [{"point": "f1-hall/temperature", **text._asdict()}]


async def test_what_was_set_but_off_is_a_figure_of_its_own() -> None:
    """Beside the time outside the rule, on the page and for programs; rules that judge no setting have none."""
    assert "Set but off" in text_of(await body("/?lang=en"))
    rules = {r["rule"]: r for r in json.loads(await body("/api/building"))["rules"]}
    assert rules["summer-setpoint"]["violation_seconds"] == 170.5
    assert rules["summer-setpoint"]["set_but_off_seconds"] == 85.25
    assert "set_but_off_seconds" not in rules["window-off"]
