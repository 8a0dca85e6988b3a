"""One HTTP connection with the patience of a gateway box: what is not asked for in time, or not read, is cut."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

from supervisor.clockwork.door import Guest, Left, address_of
from supervisor.clockwork.folded import Folded

log = structlog.get_logger()

HEAD_WITHIN: Final = 5.0
"""s in which a request's head is complete, from the connection or the last answer on: each octet more does not
prolong it. A site choice; a browser sends it within a round trip."""
READ_WITHIN: Final = 30.0
"""s in which a reader takes some tens of KB of what is sent to it; a site choice. A page that is open behind a closed
lid is opened again by its browser."""
_REST: Final = 65_536
"""Octets of a body that nobody wanted which are read and thrown away, so that the refusal is heard before the close."""

_malformed = Folded()
logging.getLogger("uvicorn.error").addFilter(
    lambda record: record.msg != "Invalid HTTP request received."  # told below, with the address
)


class _Wire:
    """A transport whose end is ours to decide."""

    def __init__(self, transport: asyncio.Transport, close: Left) -> None:
        self._transport = transport
        self.close = close

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class HttpGuest(H11Protocol, Guest):
    """HTTP/1.1 as uvicorn speaks it, with deadlines for the head of a request and for reading its answer."""

    def __init__(self, left: Left, **given: Any) -> None:
        super().__init__(**given)
        self._left = left
        self._raw: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._rest = -1
        """Octets that are still thrown away before the connection is cut; below 0 while it is in use."""

    @property
    def waiting(self) -> bool:
        """No request is under way, or its answer is not being read."""
        idle = self.cycle is None or self.cycle.response_complete or self._stalled is not None
        return self._raw is not None and idle

    def cut(self) -> None:
        """Close the connection at once."""
        if self._raw is not None:
            self._raw.abort()

    # ------------------------------------------------------------------ asyncio's side

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is at the door."""
        self._raw = transport
        super().connection_made(_Wire(transport, self._close))  # type: ignore[arg-type]  # it behaves like one
        self._due()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        for timer in (self._deadline, self._stalled):
            if timer is not None:
                timer.cancel()
        self._left()
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def data_received(self, data: bytes) -> None:
        """A piece of a request, or of what nobody wants any more."""
        if self._rest < 0:
            super().data_received(data)
            return
        self._rest -= len(data)
        if self._rest <= 0:
            self.cut()

    def pause_writing(self) -> None:
        """What was sent is not being read."""
        super().pause_writing()
        self._stalled = self.loop.call_later(READ_WITHIN, self.cut)

    def resume_writing(self) -> None:
        """It is being read."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    # ------------------------------------------------------------------ uvicorn's side

    def handle_events(self) -> None:
        """Whatever arrived so far; a request whose head is complete is in time."""
        super().handle_events()
        under_way = self.cycle is not None and not self.cycle.response_complete
        if under_way and self._deadline is not None:
            self._deadline.cancel()

    def on_response_complete(self) -> None:
        """The next request is due."""
        self._due()
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY and self._rest < 0:
            self._close()  # the rest of a body that nobody reads might come for hours

    def send_400_response(self, msg: str) -> None:
        """That is no HTTP."""
        address = address_of(self.client)
        if times := _malformed.times(address):
            log.warning("malformed HTTP", address=address, times=times)
        super().send_400_response(msg)

    def _due(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(HEAD_WITHIN, self.cut)

    def _close(self) -> None:
        """Close; while the other side still sends, say so first and read on for a moment: a reset would overtake
        the answer."""
        if self._raw is None or self._raw.is_closing():
            return
        if self._rest < 0 and self.conn.their_state in (h11.SEND_BODY, h11.ERROR):
            self._rest = _REST
            self._raw.write_eof()
            self._raw.resume_reading()
            self._due()
            return
        self._raw.close()
