"""What sensors of the usual kinds say by MQTT, and how long that counts. Payloads as zigbee2mqtt, Tasmota and Shelly send them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.mqtt import Topic
from config.points import Raw
from config.values import ObjectRef, parse_object
from drivers.mqtt.board import Board
from drivers.mqtt.payload import SILENCE, parsed, said

DAY = 1_790_000_000.0
"""The calendar's instant at which the loop's clock was 0."""
BINARY, ANALOG = "binary-input", "analog-input"
PRESENCE, WARM = ObjectRef(BINARY, 1), ObjectRef(ANALOG, 1)


def topic(name: str, path: str = "", refresh: float = 900.0, **more: Any) -> Topic:
    """A topic of the site file."""
    return Topic(topic=name, path=path, refresh=refresh, **more)


class Building:
    """A board, and a clock that the test turns."""

    def __init__(self, **plays: Topic) -> None:
        self.board = Board(
            {parse_object(name.replace("_", "-") + ":1"): each for name, each in plays.items()}
        )
        self.now = 0.0

    def says(self, topic: str, payload: object, *, retained: bool = False) -> list[ObjectRef]:
        """A message; JSON unless it is text."""
        octets = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
        return list(self.board.take(topic, octets, retained=retained, now=self.now, wall=DAY + self.now))

    def at(self, place: ObjectRef) -> Raw:
        """What counts now."""
        return self.board.at(place, self.now).value

    def age(self, place: ObjectRef) -> float:
        """How old that is, s."""
        return self.now - self.board.at(place, self.now).at


@pytest.mark.parametrize(
    ("payload", "each", "kind", "value"),
    [
        # zigbee2mqtt: one JSON object a sensor
        ('{"occupancy": true, "battery": 97}', topic("t", "occupancy"), BINARY, 1),
        ('{"occupancy": false}', topic("t", "occupancy"), BINARY, 0),
        ('{"contact": true}', topic("t", "contact"), BINARY, 0),
        ('{"contact": false}', topic("t", "contact"), BINARY, 1),
        ('{"temperature": 26.31}', topic("t", "temperature"), ANALOG, 26.31),
        ('{"state": "ON"}', topic("t", "state"), BINARY, 1),
        # Tasmota: telemetry beneath the sensor's name, results as words
        ('{"Time":"2026-11-28T10:00:00","AM2301":{"Temperature":21.5},"TempUnit":"C"}', topic("t", "AM2301.Temperature"), ANALOG, 21.5),
        ("ON", topic("stat/pir/POWER"), BINARY, 1),
        ('{"Switch1":"OFF"}', topic("t", "Switch1"), BINARY, 0),
        ('{"Switch1":{"Action":"ON"}}', topic("t", "Switch1.Action"), BINARY, 1),
        # Shelly, first generation: a topic a value; second: JSON, notifications beneath params
        ("open", topic("shellies/door/sensor/state"), BINARY, 1),
        ("close", topic("shellies/door/sensor/state"), BINARY, 0),
        ("true", topic("shellies/motion/sensor/motion"), BINARY, 1),
        ("22.4", topic("shellies/ht/sensor/temperature"), ANALOG, 22.4),
        ('{"id":0,"tC":23.1,"tF":73.6}', topic("t", "tC"), ANALOG, 23.1),
        ('{"params":{"switch:0":{"output":true}}}', topic("t", "params.switch:0.output"), BINARY, 1),
        ('{"params":{"events":[{"state":"open"}]}}', topic("t", "params.events.0.state"), BINARY, 1),
        # words of somebody's own, names with points, numbers as text
        ("belegt", topic("t", values={"belegt": 1, "frei": 0}), BINARY, 1),
        ("有人", topic("t", values={"有人": 1, "无人": 0}), BINARY, 1),
        ("cooling", topic("t", values={"cooling": 2}), "multi-state-input", 2),
        ('{"a.b": {"c": "7"}}', topic("t", "a.b.c"), ANALOG, 7.0),
        # said to be nothing
        ('{"temperature": null}', topic("t", "temperature"), ANALOG, None),
        ("", topic("t"), BINARY, None),
        # of something else
        ('{"battery": 97}', topic("t", "occupancy"), BINARY, SILENCE),
        ("[]", topic("t", "0.occupancy"), BINARY, SILENCE),
    ],
)  # fmt: skip
def test_what_usual_sensors_say(payload: str, each: Topic, kind: str, value: object) -> None:
    """zigbee2mqtt, Tasmota and Shelly: JSON beneath a path, or a word; `contact: true` means closed."""
    assert said(parsed(payload.encode()), each, kind) == value


@pytest.mark.parametrize(
    ("payload", "path", "kind"),
    [
        ("garbage", "occupancy", BINARY), ("garbage", "", BINARY), ('{"occupancy": "perhaps"}', "occupancy", BINARY),
        ('{"occupancy": {"a": 1}}', "occupancy", BINARY), ('{"t": true}', "t", ANALOG), ('{"t": NaN}', "t", ANALOG),
        ('{"t": Infinity}', "t", ANALOG), ('{"t": 1e999}', "t", ANALOG), ("[" * 5_000, "t", ANALOG), ("9" * 5_000, "", ANALOG),
        ('{"t": 1.5}', "t", "multi-state-input"), ("{}", "", ANALOG), ("0x10", "", ANALOG), ("7" * 300_000, "", ANALOG),
    ],
)  # fmt: skip
def test_garbage_is_told_as_it_is_and_is_no_value(payload: str, path: str, kind: str) -> None:
    """A text in place of a value: the reading is invalid, and people are shown what came."""
    found = said(parsed(payload.encode()), topic("t", path), kind)
    assert isinstance(found, str)
    assert 0 < len(found) <= 60


@given(
    st.binary(max_size=200), st.sampled_from(["", "a", "a.0.b", "contact"]), st.sampled_from([BINARY, ANALOG])
)
def test_no_payload_raises(payload: bytes, path: str, kind: str) -> None:
    """Whatever octets come."""
    board = Board({ObjectRef(kind, 1): topic("t", path, availability="a")})
    for name in ("t", "a", "elsewhere"):
        board.take(name, payload, retained=False, now=1.0, wall=DAY)
    assert not isinstance(board.at(ObjectRef(kind, 1), 1.0).value, bool)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["a", "b", "last_seen"]), inner),
        max_leaves=6,
    )
)
def test_no_json_raises(document: object) -> None:
    """Whatever JSON comes, in it a time, too."""
    board = Board({WARM: topic("t", "a.b")})
    board.take("t", json.dumps(document).encode(), retained=True, now=1.0, wall=DAY)


def test_presence_that_is_not_repeated_is_unknown_and_never_occupied() -> None:
    """The clear got lost: after `refresh` nobody knows, and that is told at the time, without anybody asking."""
    room = Building(binary_input=topic("z/room", "occupancy", 900))
    assert room.says("z/room", {"occupancy": True}) == [PRESENCE]
    room.now = 899
    assert room.at(PRESENCE) == 1
    room.now = 901
    assert room.at(PRESENCE) is None
    assert list(room.board.expired(899, 901)) == [PRESENCE]
    assert list(room.board.expired(901, 1_000)) == []


def test_reading_again_makes_nothing_younger() -> None:
    """A poll is answered with what was said, and how long ago."""
    room = Building(analog_input=topic("z/room", "temperature", 3_600))
    room.says("z/room", {"temperature": 26})
    room.now = 1_000
    assert (room.at(WARM), room.age(WARM)) == (26.0, 1_000)


@pytest.mark.parametrize("up", ["online", "Online", '{"state":"online"}', "true"])
@pytest.mark.parametrize("down", ["offline", "Offline", '{"state":"offline"}', "false"])
def test_availability_takes_away_and_never_renews(up: str, down: str) -> None:
    """Both forms of payload. Offline: unknown at once. Online: what was said is as old as it was."""
    room = Building(binary_input=topic("z/room", "occupancy", 900, availability="z/room/availability"))
    room.says("z/room", {"occupancy": True})
    room.now = 600
    assert room.says("z/room/availability", down) == [PRESENCE]
    assert room.at(PRESENCE) is None
    assert room.says("z/room/availability", up) == [PRESENCE]
    assert (room.at(PRESENCE), room.age(PRESENCE)) == (1, 600)
    room.now = 901
    room.says("z/room/availability", up)
    assert room.at(PRESENCE) is None


def test_a_device_that_is_online_and_said_nothing_is_unknown() -> None:
    """Being there is no value."""
    room = Building(binary_input=topic("z/room", "occupancy", availability="z/room/availability"))
    room.says("z/room/availability", {"state": "online"}, retained=True)
    assert room.at(PRESENCE) is None


@pytest.mark.parametrize(
    "seen", ["2026-09-21T13:23:20Z", "2026-09-21T21:23:20+08:00", DAY - 3_000, (DAY - 3_000) * 1000]
)
def test_a_retained_message_is_as_old_as_it_says(seen: object) -> None:
    """By zigbee2mqtt's `last_seen`, in each of the forms it can be set to: within `refresh` it counts, later not."""
    for refresh, value in ((3_600, 1), (2_000, None)):
        room = Building(binary_input=topic("z/room", "occupancy", refresh))
        room.says("z/room", {"occupancy": True, "last_seen": seen}, retained=True)
        assert room.at(PRESENCE) == value


@pytest.mark.parametrize("seen", [None, "yesterday", "2026-09-21T13:23:20", DAY + 86_400, -5, "9" * 400])
def test_a_retained_message_of_no_known_age_is_no_evidence(seen: object) -> None:
    """The broker may have kept it for a year; a time without an offset or from the future says nothing."""
    room = Building(binary_input=topic("z/room", "occupancy", 900))
    assert room.says("z/room", {"occupancy": True, "last_seen": seen}, retained=True) == []
    assert room.at(PRESENCE) is None


def test_what_the_broker_repeats_after_a_restart_is_no_fresh_reading() -> None:
    """The same presence, retained, comes again at each reconnect: it goes on ageing from when it was heard live."""
    room = Building(binary_input=topic("z/room", "occupancy", 900))
    room.says("z/room", {"occupancy": True})
    for room.now in (300, 600, 899):
        room.says("z/room", {"occupancy": True}, retained=True)
        assert (room.at(PRESENCE), room.age(PRESENCE)) == (1, room.now)
    room.now = 901
    room.says("z/room", {"occupancy": True}, retained=True)
    assert room.at(PRESENCE) is None


def test_what_changed_while_the_broker_was_away_is_known_but_not_fresh() -> None:
    """A retained clear ends a presence that was heard live."""
    room = Building(binary_input=topic("z/room", "occupancy", 900))
    room.says("z/room", {"occupancy": True})
    room.now = 300
    room.says("z/room", {"occupancy": False}, retained=True)
    assert (room.at(PRESENCE), room.age(PRESENCE)) == (0, 300)


def test_a_bridge_that_repeats_its_memory_renews_nothing() -> None:
    """zigbee2mqtt publishes what it remembers when it starts, not retained, with each sensor's own last_seen."""
    room = Building(binary_input=topic("z/room", "occupancy", 900))
    room.says("z/room", {"occupancy": True, "last_seen": (DAY - 800) * 1000})
    assert room.age(PRESENCE) == pytest.approx(800, abs=1)
    room.now = 101
    room.says("z/room", {"occupancy": True, "last_seen": (DAY - 800) * 1000})
    assert room.at(PRESENCE) is None


def test_one_message_plays_several_objects() -> None:
    """Presence and temperature of one sensor; each subscribed topic is named once."""
    room = Building(
        binary_input=topic("z/room", "occupancy", availability="z/on"),
        analog_input=topic("z/room", "temperature", availability="z/on"),
    )
    assert room.says("z/room", {"occupancy": False, "temperature": 25}) == [PRESENCE, WARM]
    assert room.board.topics == ("z/room", "z/on")
