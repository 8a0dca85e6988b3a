"""Requests at `…/set` of a real mosquitto: carried out and answered, refused and told, old ones left alone, storms outlived."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from config.load import load
from config.mqtt import Publish
from drivers.mqtt import broker as broker_room
from supervisor.core.asking import Refused
from supervisor.telling.mqtt.asked import Current
from supervisor.telling.mqtt.requests import take
from tests.contract.test_mqtt import until
from tests.mosquitto import Mosquitto
from tests.site_files import OFFICE
from tests.unit.core.test_manual import NOON

B = "building/jiedao-office"
HVAC, STAIR = f"{B}/f2-office-201/hvac_on/set", f"{B}/stair-a/lights_on/set"


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mosquitto]:
    """A broker that lets everybody in, and is tried again within seconds."""
    monkeypatch.setattr(broker_room, "LAST", 2.0)
    made = Mosquitto(tmp_path, keep=True)
    made.start()
    yield made
    made.stop()


class Desk:
    """A daemon's ears: what it was asked, what went into the audit, what was answered at the broker."""

    def __init__(self) -> None:
        self.asked: list[Mapping[str, Any]] = []
        self.audit: list[tuple[str, str, str, str]] = []
        self.counts: Counter[str] = Counter()
        self.answers: list[tuple[str, dict[str, Any]]] = []

    async def answer(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """As the daemon answers: an escape route is refused."""
        if "stair-a" in str(request):
            raise Refused("never written, by construction", "从不写入")
        self.asked.append(request)
        return {"point": request.get("point"), "until": request.get("until"), "name": request.get("name")}

    def tell(self, zone: str, who: str, en: str, zh: str) -> None:
        """A line of the audit."""
        self.audit.append((zone, who, en, zh))


@asynccontextmanager
async def taking(broker: Mosquitto) -> AsyncIterator[Desk]:
    """Requests are taken for the example office, and somebody listens for answers."""
    site = load(OFFICE).site
    assert site is not None
    desk = Desk()
    to = Publish.model_validate({"broker": broker.url, "requests": {"name": "front end"}})
    current = Current(lambda: site)
    tasks = [
        asyncio.create_task(take(to, current, lambda: NOON, desk.answer, desk.tell, desk.counts)),
        asyncio.create_task(_listen(broker, desk)),
    ]
    try:
        await heard(broker, desk)
        yield desk
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def heard(broker: Mosquitto, desk: Desk) -> None:
    """Somebody takes requests, and somebody hears the answers."""
    for n in range(1000):
        await broker.say((f"{B}/nobody/overtime/set", json.dumps({"value": "18:00", "id": n})))
        await asyncio.sleep(0.2)
        if desk.answers:
            break
    desk.answers.clear()
    desk.audit.clear()
    desk.counts.clear()


async def _listen(broker: Mosquitto, desk: Desk) -> None:
    while True:
        try:
            async with broker.client() as client:
                await client.subscribe(f"{B}/#", qos=1)
                async for message in client.messages:
                    if str(message.topic).endswith("/set/result"):
                        assert not message.retain
                        desk.answers.append((str(message.topic), json.loads(message.payload)))
        except aiomqtt.MqttError:  # the broker is stopped and started under us
            await asyncio.sleep(0.1)


async def answered(desk: Desk, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The answer that is meant, once it is there."""
    await until(lambda: any(true(said) for _, said in desk.answers))
    return next(said for _, said in desk.answers if true(said))


def test_a_request_is_carried_out_and_answered_and_a_wrong_one_is_told_why(broker: Mosquitto) -> None:
    """With the name from the site file, its own id in the answer; the refusal stands in the audit, in both languages."""

    async def story() -> None:
        async with taking(broker) as desk:
            await broker.say((HVAC, json.dumps({"value": "on", "for": "1h", "id": "a1"})))
            said = await answered(desk, lambda said: said.get("id") == "a1")
            assert said["ok"] is True
            assert [r["name"] for r in desk.asked] == ["front end"]
            await broker.say(
                (STAIR, "OFF"), (HVAC, "{"), (HVAC, b"\xff"), (f"{B}/f2-office-201/hvac_on/set", "x" * 5000)
            )
            await answered(desk, lambda said: "by construction" in said.get("error", ""))
            await answered(desk, lambda said: "octets" in said.get("error", ""))
            await until(lambda: desk.counts["refused"] + desk.counts["limited"] == 4)
            assert ("stair-a", "front end", "stair-a/lights_on: refused: never written, by construction",
                    "stair-a/lights_on：拒绝：从不写入") in desk.audit  # fmt: skip
            assert len(desk.asked) == desk.counts["accepted"] == 1

    asyncio.run(story())


def test_what_the_broker_kept_is_an_old_command(broker: Mosquitto) -> None:
    """Retained before we came, retained while we listen, retained over a restart: never carried out, and told so. After the
    restart a live request is taken as before; one that was sent while we were away is not made up for."""

    async def story() -> None:
        await broker.say((HVAC, "ON"), retain=True)
        async with taking(broker) as desk:
            await broker.say((HVAC, "OFF"), retain=True)
            await until(lambda: desk.counts["retained"] >= 1)
            await answered(desk, lambda said: "old one" in said.get("error", ""))
            broker.stop()
            broker.start()
            await until(lambda: desk.counts["retained"] >= 2)
            await broker.say((HVAC, b""), retain=True)
            await broker.say((HVAC, '{"value": "on", "id": 7}'))
            await answered(desk, lambda said: said.get("id") == 7)
            assert [r["value"] for r in desk.asked] == ["on"]

    asyncio.run(story())


@pytest.mark.thorough
def test_ten_thousand_messages_a_second_of_garbage_leave_memory_level_and_a_person_is_heard(
    broker: Mosquitto,
) -> None:
    """Garbage at one topic, at a thousand made-up ones, and of a megabyte: nobody is asked, a dozen lines are told, all else is
    counted; another zone's request is carried out in the midst of it."""

    async def story() -> None:
        async with taking(broker) as desk:
            await _storm(broker, 2_000)
            tracemalloc.start()
            before, _ = tracemalloc.get_traced_memory()
            storm = asyncio.create_task(_storm(broker, 30_000))
            await asyncio.sleep(0.5)
            await broker.say((f"{B}/f2-office-202/hvac_on/set", '{"value": "on", "id": "person"}'))
            await answered(desk, lambda said: said.get("id") == "person")
            await storm
            await until(lambda: desk.counts["refused"] + desk.counts["limited"] >= 30_000)
            held, _peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert held - before < 4_000_000, held - before
            assert len(desk.asked) == 1
            assert len(desk.audit) < 60
            assert len(desk.answers) < 2_000

    asyncio.run(story())


async def _storm(broker: Mosquitto, count: int) -> None:
    """As fast as a program gone mad can, QoS 0, and now and then something huge."""
    async with broker.client() as client:
        for n in range(count):
            topic = HVAC if n % 2 else f"{B}/made-up-{n % 1000}/hvac_on/set"
            await client.publish(topic, b"{" * (n % 50), qos=0)
            if n % 10_000 == 0:
                await client.publish(HVAC, b"x" * 1_000_000, qos=0)
