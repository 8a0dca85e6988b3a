"""What may be asked by MQTT, and what is refused before anybody is asked; how much of it is looked at."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest
from aiomqtt import Message
from hypothesis import given
from hypothesis import strategies as st

from config.mqtt import Publish, Taken
from supervisor.core.asking import Refused
from supervisor.telling.mqtt.asked import Askable
from supervisor.telling.mqtt.gate import BURST, EACH, LINES, ROOM, Gate, Inbox, Lines
from supervisor.telling.mqtt.messages import SETS, retained
from tests.contract.test_mqtt_published import building, zone
from tests.site_files import OFFICE, site_of_file
from tests.unit.core.test_manual import NOON

TAKEN = Taken(name="front end")
SHANGHAI = ZoneInfo("Asia/Shanghai")
SITE = site_of_file(OFFICE)
OFFICE_ASKED = Askable(SITE)
FCU = "f2-office-201/fcu/start_stop"


def asked(place: str, payload: bytes | str) -> list[dict[str, object]]:
    """What the daemon would be asked at noon."""
    return OFFICE_ASKED.asked(place, payload.encode() if isinstance(payload, str) else payload, TAKEN, NOON)


def at(hour: int) -> str:
    """That day's hour."""
    return dt.datetime(2026, 7, 15, hour, tzinfo=SHANGHAI).isoformat()


def test_a_value_is_held_for_as_long_as_the_site_file_says_and_in_its_name() -> None:
    """A bare word, as Home Assistant's switch says it; the end comes from the site file, the name too."""
    [request] = asked("f2-office-201/hvac_on", "ON")
    assert request | {"why": ""} == {
        "do": "manual", "point": FCU, "value": "ON", "until": at(14), "name": "front end", "why": "",
    }  # fmt: skip
    assert request["why"]


def test_json_says_until_when_who_and_why() -> None:
    """The name stands before that of the front end; `for` counts from now; a point goes by its id."""
    said = {"value": 26.5, "for": "90min", "name": " Wang  Min ", "reason": "a visit"}
    [request] = asked("f2-office-201/fcu/cooling_setpoint", json.dumps(said))
    assert (request["value"], request["name"], request["why"]) == (26.5, "Wang Min (front end)", "a visit")
    assert str(request["until"]).startswith("2026-07-15T13:30")
    assert asked("f2-office-201/cooling_setpoint", '"26.5"')[0]["value"] == "26.5"


def test_overtime_release_and_the_end_of_a_hold() -> None:
    """As the command line asks for them; a release is of the zone's points that may be written."""
    assert asked("f2-office-201/overtime", "20:30") == [
        {"do": "overtime", "zone": "f2-office-201", "until": "20:30", "name": "front end"}
    ]
    assert asked("f2-office-201/overtime", '{"for": "1h"}')[0]["until"] == at(13)
    [release] = asked("f2-office-201/release", "PRESS")
    assert release["seconds"] == 1800.0
    assert FCU in release["points"]  # type: ignore[operator]
    assert all(str(point).startswith("f2-office-201/") for point in release["points"])  # type: ignore[attr-defined]
    assert asked("f2-office-201/hvac_on", '{"end": true, "name": "Li"}') == [
        {"do": "manual-end", "point": FCU, "name": "Li (front end)"}
    ]


@pytest.mark.parametrize(
    ("place", "payload", "why"),
    [
        ("f2-office-201/hvac_on", b"\xff\xfe", "no text in UTF-8"),
        ("f2-office-201/hvac_on", b"", "nothing is asked"),
        ("f2-office-201/hvac_on", b"{", "no JSON"),
        ("f2-office-201/hvac_on", b"[1]", "no list"),
        ("f2-office-201/hvac_on", b"[" * 4000, "no JSON"),
        ("f2-office-201/hvac_on", b'{"value": NaN}', "no JSON"),
        ("f2-office-201/hvac_on", b'{"value": null}', "value has the wrong type"),
        ("f2-office-201/hvac_on", b'{"value": {"on": 1}}', "value has the wrong type"),
        ("f2-office-201/hvac_on", b'{"value": "ON", "end": "yes"}', "end has the wrong type"),
        ("f2-office-201/hvac_on", b'{"value": "ON", "for": true}', "for has the wrong type"),
        ("f2-office-201/hvac_on", b'{"value": "ON", "name": 7}', "name has the wrong type"),
        ("f2-office-201/hvac_on", b'{"value": "ON", "do": "reload"}', "do is not known"),
        ("f2-office-201/hvac_on", b'{"value": "ON", "name": "a\\u001b[2J"}', "signs that are not shown"),
        ("f2-office-201/hvac_on", b'{"value": ' + b"9" * 300 + b"}", "too long"),
        ("f2-office-201/hvac_on", b'{"value": "ON", "until": "18:00", "for": "1h"}', "not both"),
        ("f2-office-201/hvac_on", b'{"value": "ON", "for": "soon"}', "a length like"),
        ("f2-office-201/hvac_on", b"x" * 5000, "more than 4096 octets"),
        ("f2-office-201/temperature", b"20", "takes cooling_setpoint"),
        ("f2-office-201/release", b'{"until": "18:00"}', "takes for"),
        ("nowhere/hvac_on", b"ON", "no point is called nowhere/hvac_on"),
        ("nowhere/overtime", b"18:00", "no zone is called nowhere"),
        ("f2-office-201/fcu/valve", b"1", "no point is called"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_in_both_languages(place: str, payload: bytes, why: str) -> None:
    """Nobody is asked; the reason fits on a line."""
    with pytest.raises(Refused) as refused:
        asked(place, payload)
    assert why in refused.value.phrase.en
    assert refused.value.phrase.zh
    assert len(refused.value.phrase.en) < 400


@given(st.binary(max_size=200), st.text(max_size=40))
def test_garbage_is_refused_and_raises_nothing_else(payload: bytes, place: str) -> None:
    """Any octets at any place."""
    for where in (place, f"f2-office-201/{place}", "f2-office-201/hvac_on", "f2-office-201/overtime"):
        try:
            requests = asked(where, payload)
        except Refused:
            continue
        assert all(request["name"] for request in requests)


def test_an_escape_route_has_no_topic_and_home_assistant_is_told_of_none() -> None:
    """Its circuit is in no group, nor is a sensor; a zone with nothing else cannot be released. What there is, is announced."""
    assert OFFICE_ASKED.groups["stair-a"] == {}
    assert OFFICE_ASKED.sets["stair-a"] == {"overtime"}
    assert {"hvac_on", "lights_on", "overtime", "release"} <= OFFICE_ASKED.sets["f2-office-201"]
    to = Publish.model_validate({"broker": "mqtt://192.0.2.5", "requests": {"name": "x"}})
    seen = building(zone("stair-a"), zone("f2-office-201"))
    messages = retained(to, seen, "zh", OFFICE_ASKED.sets)
    devices = {topic: json.loads(said)["cmps"] for topic, said in messages.items() if "/device/" in topic}
    stair, office = (
        devices[f"homeassistant/device/town-hall__{id_}/config"] for id_ in ("stair-a", "f2-office-201")
    )
    assert [name for name, c in stair.items() if "cmd_t" in c] == ["overtime_set"]
    assert office["hvac_on_set"]["cmd_t"] == "building/town-hall/f2-office-201/hvac_on/set"
    assert office["hvac_on_set"]["stat_t"] == "building/town-hall/f2-office-201/hvac_on"
    assert {c["p"] for c in office.values() if "cmd_t" in c} == {"switch", "number", "button"}
    assert not [topic for topic in messages if topic.endswith("/set")]
    for payload in [c["pl_prs"] for c in office.values() if "pl_prs" in c]:
        for place in ("overtime", "release"):
            assert asked(f"f2-office-201/{place}", payload)
    assert set(SETS) >= {name for names in OFFICE_ASKED.sets.values() for name in names} - {
        "setpoint",
        "mode",
    }


def test_a_topic_may_ask_ten_times_and_then_every_other_second() -> None:
    """Another topic is not hindered; topics that name nothing share one bucket."""
    gate = Gate()
    assert sum(gate.lets("a", 0.0) for _ in range(100)) == BURST
    assert gate.lets("b", 0.0)
    assert not gate.lets("a", EACH / 2)
    assert gate.lets("a", 2 * EACH)
    assert sum(gate.lets("", 0.0) for _ in range(100)) == BURST


def test_ten_refusals_a_minute_are_told_and_the_rest_as_a_number() -> None:
    """So that a storm fills neither the audit nor the page."""
    lines = Lines()
    assert sum(lines.lets(1.0) for _ in range(50)) == LINES
    assert lines.more() == 50 - LINES
    assert lines.more() == 0
    assert lines.lets(70.0)


def test_what_waits_is_the_last_word_of_each_topic_and_no_more_than_there_is_room_for() -> None:
    """Whatever is not looked at is counted."""

    async def story() -> None:
        dropped = 0

        def drop() -> None:
            nonlocal dropped
            dropped += 1

        inbox = Inbox(dropped=drop)
        for n in range(ROOM + 50):
            inbox.put_nowait(Message(f"t/{n}", b"1", 1, False, 1, None))
        inbox.put_nowait(Message("t/0", b"2", 1, False, 1, None))
        assert (inbox.qsize(), dropped) == (ROOM, 51)
        assert (await inbox.get()).payload == b"2"

    asyncio.run(story())
