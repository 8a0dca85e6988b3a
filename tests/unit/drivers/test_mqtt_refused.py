"""A broker that lets us in and not read everything: its answer to SUBSCRIBE says so, and nobody had looked at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from config.mqtt import Mqtt
from drivers.mqtt.broker import heard
from drivers.mqtt.driver import MqttDriver
from drivers.protocol import Address, Misconfigured
from drivers.refused import in_both

TOPICS = ["z/room", "z/window", "z/door"]


class _Broker:
    """Answers SUBSCRIBE with these codes, and has nothing to say."""

    def __init__(self, codes: list[Any]) -> None:
        self.codes = codes

    async def subscribe(self, topics: list[tuple[str, int]]) -> list[Any]:
        assert len(topics) == len(self.codes)
        return self.codes

    @property
    async def messages(self) -> AsyncIterator[Any]:
        nothing: tuple[Any, ...] = ()
        for message in nothing:
            yield message


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([1, 0, 1], []),
        ([1, 128, 1], ["z/window"]),
        ([SimpleNamespace(value=v) for v in (0x01, 0x87, 0x8F)], ["z/window", "z/door"]),
        ([SimpleNamespace(value=v) for v in (0x97, 0x01, 0x01)], ["z/room"]),
    ],
)
def test_what_the_broker_refuses_is_told_by_topic(codes: list[Any], expected: list[str]) -> None:
    """MQTT 3.1.1 has one code for it, MQTT 5 many: not authorised, not a valid filter, quota exceeded."""
    told: list[str] = []

    def ready(refused: Iterable[str]) -> None:
        told.extend(refused)

    asyncio.run(heard(_Broker(codes), tuple(TOPICS), ready, lambda message: None))  # type: ignore[arg-type]
    assert told == expected


def test_a_window_whose_topic_is_refused_says_why_it_is_not_known() -> None:
    """The broker was connected, said the log, and the window's rule never held for want of a first word."""
    topics = {
        "binary-input:1": {"topic": "z/window", "refresh": "2h"},
        "binary-input:2": {"topic": "z/door", "refresh": "2h"},
    }
    mqtt = Mqtt.model_validate({"broker": "mqtt://127.0.0.1:1883", "topics": topics})
    driver = MqttDriver({"zb": (9001, mqtt)})
    connection = driver._devices["zb"].connection
    connection.ready(["z/window"])
    window, door = asyncio.run(
        driver.read([Address("zb", "binary-input", 1), Address("zb", "binary-input", 2)])
    )
    assert isinstance(window.error, Misconfigured)
    assert in_both(window.error.message).zh == "MQTT 服务器不允许本程序读取 z/window"
    assert door.error is None
    connection.ready()
    (again,) = asyncio.run(driver.read([Address("zb", "binary-input", 1)]))
    assert again.error is None
