"""A connection to a centre: octets to a session and back, and why it ended."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from config.phrase import Phrase
from config.site import Site
from supervisor.ledger.upload.model import CentreProblem
from supervisor.ledger.upload.profile import Collector
from supervisor.ledger.upload.session import Event, Session

MOST_WAITING: Final = 1_000
"""Messages of a centre that wait to be attended to: one that says more at a time is not listened to."""


class Link:
    """A connection, what came over it, and why it ended."""

    def __init__(
        self, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience: float
    ) -> None:
        self.session = session
        self._patience = patience
        self.arrived = asyncio.Event()
        self.beat = -math.inf
        """When the next heart beat is due."""
        self.unanswered = 0
        """Heart beats that the centre has not answered yet."""
        self._reader, self._writer = reader, writer
        self._came: deque[Event] = deque()
        self._over: Exception | None = None

    async def listen(self) -> None:
        """Take what comes until it ends."""
        try:
            while data := await self._reader.read(65536):
                self._came += self.session.heard(data)
                if len(self._came) > MOST_WAITING:
                    raise CentreProblem(Phrase("it says more than can be heard", "中心发送的报文过多"))
                self.arrived.set()
            raise CentreProblem(Phrase("it closed the connection", "中心断开了连接"))
        except (CentreProblem, OSError) as error:
            self._over = error
            self.arrived.set()

    def next(self) -> Event | None:
        """The next that came; None where there is nothing yet. Raises what ended the connection."""
        if self._came:
            return self._came.popleft()
        if self._over is not None:
            raise self._over
        self.arrived.clear()
        return None

    async def send(self, data: bytes) -> None:
        """Send octets. Raises OSError, and within the patience with a centre that takes none."""
        self._writer.write(data)
        async with asyncio.timeout(self._patience):
            await self._writer.drain()


@contextlib.asynccontextmanager
async def connected(profile: Collector, site: Site) -> AsyncIterator[Link]:
    """A connection to a centre, which is let go of at the end. Raises CentreProblem, OSError."""
    session = Session(profile, site.tz)
    try:
        async with asyncio.timeout(profile.timeout):
            reader, writer = await asyncio.open_connection(profile.host, profile.port)
    except TimeoutError:
        raise CentreProblem(Phrase("it cannot be reached: no answer", "无法连接：无应答")) from None
    link = Link(session, reader, writer, profile.timeout)
    listening = asyncio.create_task(link.listen())
    try:
        yield link
    finally:
        listening.cancel()
        writer.close()
        await asyncio.gather(listening, return_exceptions=True)
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(1.0):
                await writer.wait_closed()
