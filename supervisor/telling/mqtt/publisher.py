"""Keeps a broker's retained messages as the building is: what changed is said again, what is gone is emptied."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TYPE_CHECKING, Final

from config.mqtt import Publish
from config.phrase import Lang
from drivers.mqtt.broker import Connection
from supervisor.telling.mqtt.messages import (
    OFFLINE,
    ONLINE,
    availability,
    left,
    mine,
    ours,
    parted,
    retained,
)
from supervisor.telling.snapshot import Snapshot

if TYPE_CHECKING:
    from aiomqtt import Client

EVERY: Final = 2.0
"""s between two looks."""
QUIET: Final = 2.0
"""s without a retained message of ours after which the broker has no more."""
Look = Callable[[], Awaitable[Snapshot]]


def _none() -> Mapping[str, Collection[str]]:
    return {}


async def publish(
    to: Publish,
    building: str,
    look: Look,
    lang: Lang = "en",
    sets: Callable[[], Mapping[str, Collection[str]]] = _none,
    trouble: Callable[[str], None] = lambda why: None,
) -> None:
    """Publish until cancelled; a broker that is away is tried again, and is told everything anew. `sets`: what can be asked of
    each zone. `trouble` hears why the broker is not reached, and an empty text once it is."""
    from aiomqtt import Will

    will = Will(availability(to, building), OFFLINE, qos=1, retain=True)
    connection = Connection("publish", to, will, trouble)

    async def serve(connected: Client) -> None:
        held = await _held(connected, to, building)
        await connected.publish(availability(to, building), ONLINE, qos=1, retain=True)
        connection.ready()
        said: dict[str, str] = {}
        broken = asyncio.create_task(_broken(connected), name="mqtt broken")
        try:
            while True:
                now = retained(to, await look(), lang, sets())
                before = held | said
                for topic in left(to, building, before, now):
                    await connected.publish(topic, b"", qos=1, retain=True)
                for topic, payload in now.items():
                    if said.get(topic) == payload:
                        continue
                    if without := parted(before.get(topic, ""), payload):
                        await connected.publish(topic, without, qos=1, retain=True)
                    await connected.publish(topic, payload, qos=1, retain=True)
                held, said = {}, now
                await asyncio.wait({broken}, timeout=EVERY)
                if broken.done():
                    return broken.result()
        except asyncio.CancelledError:
            # whoever disconnects in good order leaves no last will behind
            with contextlib.suppress(Exception):
                await connected.publish(availability(to, building), OFFLINE, qos=1, retain=True, timeout=1.0)
            raise
        finally:
            broken.cancel()

    await connection.run(serve)


async def _broken(connected: Client) -> None:
    """Ends with the connection, also while nothing is to be said. Raises MqttError."""
    async for _ in connected.messages:
        pass


async def _held(connected: Client, to: Publish, building: str) -> dict[str, str]:
    """Messages of ours that the broker keeps, by topic, from whichever run of ours."""
    topics = ours(to, building)
    await connected.subscribe([(topic, 1) for topic in topics])
    found: dict[str, str] = {}
    messages = aiter(connected.messages)
    with contextlib.suppress(TimeoutError):
        while True:
            message = await asyncio.wait_for(anext(messages), QUIET)
            if message.retain and isinstance(message.payload, bytes) and message.payload:
                topic, payload = str(message.topic), message.payload.decode("utf-8", "replace")
                if mine(to, building, topic, payload):
                    found[topic] = payload
    await connected.unsubscribe(topics)
    return found
