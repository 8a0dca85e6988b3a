"""Messages of an MQTT broker for a while: what `ledger import --mqtt` reads."""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from config.phrase import Phrase, same
from config.reasons import reason
from supervisor.cli.common import fail, misused
from supervisor.ledger.messages import Message

CONNECT: Final = 10.0
"""s that a broker may take to answer."""
MOST: Final = 1_000_000
"""Messages that are taken at once."""


class Broker(NamedTuple):
    """Where to listen, and for what."""

    host: str
    port: int
    topic: str
    user: str | None
    password: str | None
    tls: bool


def broker(url: str) -> Broker:
    """`mqtt://user:password@host:1883/topic/#`, or mqtts. Ends as misuse where it is none."""
    example = same("mqtt://broker.example:1883/meters/#")
    try:
        parts = urlsplit(url, allow_fragments=False)
        port = parts.port
    except ValueError:
        misused(Phrase("--mqtt: no address", "--mqtt：这不是地址"), example)
    topic = unquote(parts.path.removeprefix("/"))
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or not topic:
        misused(
            Phrase("--mqtt: an address is scheme, host and topic", "--mqtt：地址由协议、主机和主题组成"),
            example,
        )
    tls = parts.scheme == "mqtts"
    user, password = (
        unquote(part) if part is not None else None for part in (parts.username, parts.password)
    )
    return Broker(parts.hostname, port or (8883 if tls else 1883), topic, user, password, tls)


def listen(to: Broker, seconds: float, count: int | None) -> list[Message]:
    """What comes within so many seconds, or the first `count`, retained ones too. Ends with an error where nobody answers."""
    from aiomqtt import MqttError

    try:
        return asyncio.run(_heard(to, seconds, count))
    except (MqttError, OSError, TimeoutError) as error:
        where = f"{to.host}:{to.port}"
        fail(
            Phrase(
                f"the broker at {where} does not let us listen: {error}",
                f"无法订阅 MQTT 服务器 {where}：{reason(error).zh}",
            )
        )


async def _heard(to: Broker, seconds: float, count: int | None) -> list[Message]:
    from aiomqtt import Client

    found: list[Message] = []
    client = Client(
        to.host, to.port, username=to.user, password=to.password, timeout=CONNECT,
        tls_context=ssl.create_default_context() if to.tls else None,
    )  # fmt: skip
    async with client:
        await client.subscribe(to.topic, qos=1)
        try:
            async with asyncio.timeout(seconds):
                async for message in client.messages:
                    found.append(Message(str(message.topic), _octets(message.payload), time.time()))
                    if len(found) >= (count or MOST):
                        break
        except TimeoutError:
            pass
    return found


def _octets(payload: object) -> bytes:
    return payload if isinstance(payload, bytes) else str(payload).encode()
