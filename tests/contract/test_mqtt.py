"""The driver of MQTT against a real mosquitto: restarts, passwords, TLS, garbage, and far more messages than anybody needs."""

from __future__ import annotations

import asyncio
import json
import resource
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from config.mqtt import Mqtt
from drivers.mqtt import broker as broker_room
from drivers.mqtt.driver import MqttDriver
from drivers.protocol import Address, Answer, Line, Rejected, Silent
from tests.mosquitto import PATIENCE, Mosquitto, certify

PRESENCE, DOOR, WARM = (
    Address("zb", "binary-input", 1),
    Address("zb", "binary-input", 2),
    Address("zb", "analog-input", 1),
)
TOPICS = {
    "binary-input:1": {"topic": "zigbee2mqtt/101", "path": "occupancy", "refresh": "15min", "availability": "zigbee2mqtt/101/availability"},
    "binary-input:2": {"topic": "shellies/door/sensor/state", "refresh": "6h"},
    "analog-input:1": {"topic": "tele/101/SENSOR", "path": "AM2301.Temperature", "refresh": "15min"},
}  # fmt: skip


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that lets everybody in."""
    made = Mosquitto(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow one another within seconds."""
    monkeypatch.setattr(broker_room, "LAST", 2.0)


class Heard:
    """What the driver told, the last of each object."""

    def __init__(self, driver: MqttDriver) -> None:
        self.driver = driver
        self.last: dict[Address, Answer] = {}
        self.count = 0

    async def run(self) -> None:
        """Take what comes."""
        async for answer in self.driver.changes():
            self.last[answer.address] = answer
            self.count += 1

    async def until(self, address: Address, value: object) -> Answer:
        """Wait until an object has a value."""
        await until(lambda: address in self.last and self.last[address].value == value)
        return self.last[address]


async def until(true: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait, with a loaded machine's patience."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = true()
            if found is True or (not isinstance(found, bool) and await found):
                return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def reading(url: str, **more: Any) -> AsyncIterator[Heard]:
    """A driver of one broker that is read."""
    driver = MqttDriver({"zb": (9001, Mqtt.model_validate({"broker": url, "topics": TOPICS, **more}))})
    await driver.start()
    heard = Heard(driver)
    task = asyncio.create_task(heard.run())
    try:
        yield heard
    finally:
        await driver.stop()
        await task


async def connected(heard: Heard) -> bool:
    """Whether the broker lets us in."""
    try:
        await heard.driver.identify("zb")
    except Silent:
        return False
    return True


def test_three_kinds_of_sensors_are_heard_and_nothing_is_written(broker: Mosquitto) -> None:
    """zigbee2mqtt, Tasmota and Shelly on one broker; a write is refused before the wire."""

    async def story() -> None:
        async with reading(broker.url) as heard:
            await until(lambda: connected(heard))
            await broker.say(
                ("zigbee2mqtt/101", '{"occupancy": true}'),
                ("shellies/door/sensor/state", "open"),
                ("tele/101/SENSOR", '{"AM2301":{"Temperature":26.5}}'),
            )
            await heard.until(PRESENCE, 1)
            await heard.until(DOOR, 1)
            await heard.until(WARM, 26.5)
            driver = heard.driver
            values = [answer.value for answer in await driver.read([PRESENCE, DOOR, WARM])]
            assert values == [1, 1, 26.5]
            with pytest.raises(Rejected):
                await driver.write(DOOR, 1, 10)

    asyncio.run(story())


def test_a_restarted_broker_is_found_again_and_its_memory_is_not_fresh(tmp_path: Path) -> None:
    """What it kept comes again: presence is as old as it was; a live word after the restart is heard."""
    broker = Mosquitto(tmp_path, keep=True)
    broker.start()

    async def story() -> None:
        async with reading(broker.url) as heard:
            await until(lambda: connected(heard))
            await broker.say(("zigbee2mqtt/101", '{"occupancy": true}'), retain=True)
            await heard.until(PRESENCE, 1)
            await asyncio.sleep(1.0)
            broker.stop()
            await until(lambda: _lost(heard))
            broker.start()
            await until(lambda: connected(heard))
            await asyncio.sleep(1.0)
            [answer] = await heard.driver.read([PRESENCE])
            assert answer.value == 1
            assert answer.age >= 2.0
            await broker.say(("zigbee2mqtt/101", '{"occupancy": false}'))
            assert (await heard.until(PRESENCE, 0)).age < PATIENCE

    try:
        asyncio.run(story())
    finally:
        broker.stop()


async def _lost(heard: Heard) -> bool:
    return not await connected(heard)


def test_old_retained_messages_at_the_start_are_no_evidence(broker: Mosquitto) -> None:
    """Nobody knows for how long the broker has kept them; garbage among them harms nobody."""

    async def story() -> None:
        await broker.say(
            ("zigbee2mqtt/101", '{"occupancy": true}'), ("shellies/door/sensor/state", "\udcff".encode("utf-8", "surrogatepass")),
            ("tele/101/SENSOR", '{"AM2301":'), ("zigbee2mqtt/101/availability", '{"state":"online"}'), retain=True,
        )  # fmt: skip
        async with reading(broker.url) as heard:
            await until(lambda: connected(heard))
            await until(lambda: PRESENCE in heard.last)
            answers = await heard.driver.read([PRESENCE, DOOR, WARM])
            assert [answer.value for answer in answers] == [None, None, None]

    asyncio.run(story())


def test_a_wrong_password_says_so_and_a_right_one_later_is_taken(tmp_path: Path) -> None:
    """The password's file is read at each try; neither password nor user is in what is said."""
    broker = Mosquitto(tmp_path, user="supervisor", password="right horse")
    broker.start()
    file = tmp_path / "mqtt.password"
    file.write_text("wrong staple\n", encoding="utf-8")

    async def story() -> None:
        async with reading(broker.url, user="supervisor", password_file=str(file)) as heard:
            said = ""

            async def refused() -> bool:
                nonlocal said
                try:
                    await heard.driver.identify("zb")
                except Silent as error:
                    said = error.message
                return "uthori" in said

            await until(refused)
            assert "staple" not in said
            file.write_text("right horse\n", encoding="utf-8")
            await until(lambda: connected(heard))

    try:
        asyncio.run(story())
    finally:
        broker.stop()


def test_tls_with_our_authority_and_not_with_another(tmp_path: Path) -> None:
    """A broker whose certificate another authority signed is not talked to; nor is one without a file that can be read."""
    broker = Mosquitto(tmp_path, tls=True)
    broker.start()
    other = tmp_path / "other"
    other.mkdir()
    certify(other)

    async def story() -> None:
        async with reading(broker.url, ca=str(tmp_path / "ca.pem")) as heard:
            await until(lambda: connected(heard))
            await broker.say(("zigbee2mqtt/101", '{"occupancy": true}'))
            await heard.until(PRESENCE, 1)
        for ca, why in ((other / "ca.pem", "certificate"), (tmp_path / "none.pem", "No such file")):
            async with reading(broker.url, ca=str(ca)) as heard:
                problem = heard.driver._devices["zb"].connection
                await until(lambda: why.lower() in problem.problem.lower())  # noqa: B023 - awaited within the turn
                assert not await connected(heard)

    try:
        asyncio.run(story())
    finally:
        broker.stop()


@pytest.mark.thorough
def test_ten_thousand_messages_a_second_leave_memory_level_and_the_last_word_counts(
    broker: Mosquitto,
) -> None:
    """A storm of repeats on subscribed topics: what waits is never more than the topics; the last value is the one known."""

    async def story() -> None:
        async with reading(broker.url) as heard:
            await until(lambda: connected(heard))
            await _storm(broker, 5_000)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            tracemalloc.start()
            await _storm(broker, 30_000)
            await broker.say(("zigbee2mqtt/101", '{"occupancy": false, "n": -1}'))
            await heard.until(PRESENCE, 0)
            held, _peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            assert held < 8_000_000, held
            assert after - before < 200_000, (before, after)

    asyncio.run(story())


async def _storm(broker: Mosquitto, count: int) -> None:
    """As fast as a sensor gone mad can: QoS 0."""
    async with broker.client() as client:
        for n in range(count):
            await client.publish("zigbee2mqtt/101", json.dumps({"occupancy": n % 2 == 0, "n": n}), qos=0)


def test_the_driver_keeps_both_protocols() -> None:
    """By types: a reader for who looks, a writer for the gateway."""
    driver = MqttDriver({})
    assert Line(driver, driver).reader.changes() is not None
