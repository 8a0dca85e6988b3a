"""Staying connected to one broker: TLS, a password, a backlog that cannot grow, and another try after every failure."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import structlog

from config.mqtt import Broker
from config.secrets import covered

if TYPE_CHECKING:
    from aiomqtt import Client, Message, Will

_log = structlog.get_logger(__name__)
CONNECT: Final = 10.0
"""s that a broker may take to answer."""
FIRST: Final = 1.0
"""s before the first try after a failure; doubled after each."""
LAST: Final = 60.0
"""s between two tries at most."""
AT_ONCE: Final = 100
"""Topics of one SUBSCRIBE packet."""
FAILURE: Final = 128
BREATH: Final = 200
"""Messages after which the rest of the program has its turn, however many wait."""


class Backlog(asyncio.Queue[Any]):
    """Messages that wait, the latest of each topic: with 10,000 a second it is no longer than the list of topics."""

    def _init(self, maxsize: int) -> None:
        self._queue: dict[str, Message] = {}

    def _put(self, item: Message) -> None:
        topic = str(item.topic)
        waiting = self._queue.get(topic)
        if waiting is not None and waiting.retain and not item.retain:
            self._queue.pop(topic)
        self._queue[topic] = item

    def _get(self) -> Message:
        return self._queue.pop(next(iter(self._queue)))


def client(to: Broker, will: Will | None = None, **more: Any) -> Client:
    """A client for a broker; its files are read now. `more` is aiomqtt's. Raises OSError, ssl.SSLError, ValueError where they cannot be."""
    from aiomqtt import Client

    parts = urlsplit(to.broker)
    tls = None
    if parts.scheme == "mqtts":
        tls = ssl.create_default_context(cafile=to.ca)
        if to.certificate is not None:
            tls.load_cert_chain(to.certificate, to.key)
    password = None
    if to.password_file is not None:
        password = Path(to.password_file).read_text(encoding="utf-8").rstrip("\r\n")
    return Client(
        parts.hostname or "", parts.port or (8883 if tls is not None else 1883), username=to.user, password=password,
        timeout=CONNECT, tls_context=tls, will=will, **{"queue_type": Backlog, **more},
    )  # fmt: skip


class Connection:
    """One broker, connected for as long as `run` runs. `problem` is why it is not; empty: it is. `told` hears each."""

    def __init__(
        self,
        name: str,
        to: Broker,
        will: Will | None = None,
        told: Callable[[str], None] = lambda why: None,
        **more: Any,
    ) -> None:
        self.name, self.to, self._will, self._told, self._more = name, to, will, told, more
        self.problem = "not connected yet"
        self.refused: frozenset[str] = frozenset()
        """Topics that the broker does not let us subscribe to."""
        self.changed = asyncio.Event()
        """Set whenever a try succeeded or failed."""

    async def run(self, serve: Callable[[Client], Awaitable[None]]) -> None:
        """Connect, let `serve` use the connection until it breaks, and again, until cancelled."""
        from aiomqtt import MqttError

        retry = FIRST
        while True:
            try:
                async with client(self.to, self._will, **self._more) as connected:
                    retry = FIRST
                    await serve(connected)
                self._now("the connection ended")
            except (MqttError, OSError, ValueError) as error:
                self._now(covered(str(error) or type(error).__name__))
            except Exception as error:
                # A defect in what is done with one message must not end all that follow it.
                _log.exception("broker given up for now", broker=self.name)
                self._now(repr(error))
            await asyncio.sleep(retry * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret
            retry = min(retry * 2, LAST)

    def ready(self, refused: Iterable[str] = ()) -> None:
        """Called by `serve` once the connection does what it is for, but for the topics that were refused."""
        before, self.refused = self.refused, frozenset(refused)
        if self.refused - before:
            _log.warning("broker refuses topics", broker=self.name, topics=sorted(self.refused))
        self._now("")
        _log.info("broker connected", broker=self.name)

    def _now(self, problem: str) -> None:
        if problem and problem != self.problem:
            _log.warning("broker not connected", broker=self.name, reason=problem)
        self.problem = problem
        self._told(problem)
        self.changed.set()
        self.changed.clear()


def denied(topics: Iterable[str], codes: Iterable[Any]) -> Iterator[str]:
    """Those of the topics of a SUBSCRIBE that its answer refuses: 128 and above (MQTT 3.1.1 and 5, §3.9.3)."""
    for topic, code in zip(topics, codes, strict=False):
        if getattr(code, "value", code) >= FAILURE:
            yield topic


async def heard(
    connected: Client,
    topics: tuple[str, ...],
    ready: Callable[[Iterable[str]], None],
    take: Callable[[Message], None],
) -> None:
    """Subscribe, say so with what was refused, and hand over each message, until the connection breaks. Raises MqttError."""
    refused: list[str] = []
    for first in range(0, len(topics), AT_ONCE):
        some = topics[first : first + AT_ONCE]
        refused += denied(some, await connected.subscribe([(topic, 1) for topic in some]))
    ready(refused)
    count = 0
    async for message in connected.messages:
        take(message)
        count += 1
        if count % BREATH == 0:
            await asyncio.sleep(0)
