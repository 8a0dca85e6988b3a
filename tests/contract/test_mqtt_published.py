"""The building's state at a real mosquitto: retained, by a last will, as Home Assistant's devices; nothing is taken from there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.mqtt import Publish
from config.phrase import Lang
from config.rules import RuleId
from supervisor.core.tally import Totals
from supervisor.telling.mqtt import publisher
from supervisor.telling.mqtt.messages import retained
from supervisor.telling.mqtt.publisher import publish
from supervisor.telling.snapshot import Snapshot, ZoneStatus
from tests.mosquitto import PATIENCE, Mosquitto

B = "building/town-hall"
LANGS: tuple[Lang, ...] = ("en", "zh")


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mosquitto]:
    """A broker that lets everybody in; the publisher looks four times a second."""
    monkeypatch.setattr(publisher, "EVERY", 0.25)
    made = Mosquitto(tmp_path)
    made.start()
    yield made
    made.stop()


def zone(id_: str, name: str = "", **more: Any) -> ZoneStatus:
    """A room with a thermometer and a presence sensor."""
    fields = {"has_temperature": True, "has_occupancy": True, "temperature": 26.04, "occupied": True, **more}
    return ZoneStatus(id_, name or id_, "office", 1, True, **fields)


def building(*zones: ZoneStatus) -> Snapshot:
    """A picture of a building with these zones."""
    return Snapshot(
        "town-hall", "Town hall", "0.1.0", 0.0, "Asia/Shanghai", False, True, "summer", "workday", True, "clear", None,
        zones, (), (), (), Totals(), (), 0, 0, 0, None, True, 0.0,
    )  # fmt: skip


class Screen:
    """What somebody who subscribes to everything sees, the last of each topic."""

    def __init__(self, broker: Mosquitto) -> None:
        self.broker = broker
        self.shown: dict[str, str] = {}
        self.said: list[tuple[str, str]] = []

    async def run(self) -> None:
        """Watch until cancelled."""
        async with self.broker.client() as client:
            await client.subscribe("#", qos=1)
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                self.shown[str(message.topic)] = message.payload.decode()
                self.said.append((str(message.topic), message.payload.decode()))

    async def until(self, topic: str, payload: str) -> None:
        """Wait until a topic says so."""
        async with asyncio.timeout(PATIENCE):
            while self.shown.get(topic) != payload:
                await asyncio.sleep(0.05)


def to(broker: Mosquitto, **more: Any) -> Publish:
    """Where to publish."""
    return Publish.model_validate({"broker": broker.url, **more})


def test_a_zone_is_published_renamed_and_removed(broker: Mosquitto) -> None:
    """State by role; one device a zone whose ids a renaming keeps; what is gone is emptied, and one left by an earlier run too,
    and Home Assistant is told to forget a sensor that the room had then; who stops says so."""

    async def story() -> None:
        await broker.say((f"{B}/old-room/temperature", "20"), retain=True)
        seen = building(zone("r1", "Room 1"), zone("r2"))
        devices = "homeassistant/device"
        of = {"o": {"name": "x"}, "avty_t": f"{B}/availability", "dev": {"ids": ["x"]}}
        had = {"humidity": {"p": "sensor", "uniq_id": "town-hall__r1__humidity"}}
        await broker.say((f"{devices}/town-hall__r1/config", json.dumps(of | {"cmps": had})), retain=True)
        await broker.say((f"{devices}/town-hall__gone/config", json.dumps(of | {"cmps": {}})), retain=True)
        await broker.say((f"{devices}/lamp/config", '{"avty_t": "lamp/there"}'), retain=True)

        async def look() -> Snapshot:
            return seen

        screen = Screen(broker)
        watching = asyncio.create_task(screen.run())
        await screen.until(f"{B}/old-room/temperature", "20")
        publishing = asyncio.create_task(publish(to(broker), "town-hall", look))
        await screen.until(f"{B}/availability", "online")
        await screen.until(f"{B}/r1/temperature", "26.04")
        await screen.until(f"{B}/r1/occupied", "ON")
        await screen.until(f"{B}/old-room/temperature", "")
        config = "homeassistant/device/town-hall__r1/config"
        before = json.loads(screen.shown[config])
        seen = building(zone("r1", "Reading room", occupied=None))
        await screen.until(f"{B}/r1/occupied", "None")
        await screen.until(f"{B}/r2/temperature", "")
        await screen.until("homeassistant/device/town-hall__r2/config", "")
        after = json.loads(screen.shown[config])
        assert (before["dev"]["name"], after["dev"]["name"]) == ("Room 1", "Reading room")
        assert before["dev"]["ids"] == after["dev"]["ids"]
        assert screen.shown[f"{devices}/town-hall__gone/config"] == ""
        assert screen.shown[f"{devices}/lamp/config"], "another's device is not ours to empty"
        said = [json.loads(text)["cmps"] for topic, text in screen.said if topic == config]
        assert [cmps.get("humidity") for cmps in said[:3]] == [had["humidity"], {"p": "sensor"}, None]
        assert {c["uniq_id"] for c in before["cmps"].values()} == {
            c["uniq_id"] for c in after["cmps"].values()
        }
        publishing.cancel()
        await screen.until(f"{B}/availability", "offline")
        watching.cancel()
        await asyncio.gather(publishing, watching, return_exceptions=True)

    asyncio.run(story())


def test_a_restarted_broker_that_forgot_everything_is_told_everything(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It kept nothing over the restart."""

    async def story() -> None:
        async def look() -> Snapshot:
            return building(zone("r1"))

        publishing = asyncio.create_task(publish(to(broker, discovery="off"), "town-hall", look))
        for _ in range(2):
            screen = Screen(broker)
            watching = asyncio.create_task(screen.run())
            await screen.until(f"{B}/r1/temperature", "26.04")
            await screen.until(f"{B}/availability", "online")
            assert not [topic for topic in screen.shown if topic.startswith("homeassistant")]
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            broker.stop()
            broker.start()
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)

    asyncio.run(story())


def test_no_message_names_a_topic_for_commands() -> None:
    """In either language; what a zone does not have is not told of it."""
    to_ = Publish.model_validate({"broker": "mqtt://192.0.2.5"})
    seen = building(
        zone("会议室", compliance={RuleId.SUMMER_SETPOINT: False}),
        zone("r2", has_occupancy=False, occupied=None),
    )
    seen = replace(seen, pairs=(("会议室", RuleId.SUMMER_SETPOINT),))
    for lang in LANGS:
        messages = retained(to_, seen, lang)
        for topic, payload in messages.items():
            assert "/set" not in topic
            assert "cmd_t" not in payload
            assert "command_topic" not in payload
    assert messages[f"{B}/会议室/violation"] == "ON"
    assert f"{B}/r2/occupied" not in messages
    devices = [topic for topic in messages if topic.startswith("homeassistant/device/")]
    assert len(devices) == 2
    assert all(topic.isascii() for topic in devices)
    assert json.loads(messages[devices[0]])["cmps"]["temperature"]["name"] == "温度"
