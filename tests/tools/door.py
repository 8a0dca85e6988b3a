"""A TCP port before another one, that can be shut and opened again: a line to elsewhere, and its cut."""

from __future__ import annotations

import contextlib
import socket
import threading

from tests.ports import free_tcp


class Door:
    """What comes in at `port` of 127.0.0.1 goes on to `to`, another port there, while the door is open."""

    def __init__(self, to: int) -> None:
        self.port = free_tcp()
        self._to = to
        self._listening: socket.socket | None = None
        self._through: set[socket.socket] = set()
        self.open()

    def open(self) -> None:
        """Let whoever comes through."""
        self._listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._welcome, args=(self._listening,), daemon=True).start()

    def shut(self) -> None:
        """Refuse whoever comes, and cut who is within."""
        assert self._listening
        # shutdown wakes the thread that waits in accept; close alone would not
        for end in (self._listening, *self._through):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._through.clear()

    def _welcome(self, listening: socket.socket) -> None:
        while True:
            try:
                here, _ = listening.accept()
            except OSError:
                return
            there = socket.create_connection(("127.0.0.1", self._to))
            self._through |= {here, there}
            for source, sink in ((here, there), (there, here)):
                threading.Thread(target=_carry, args=(source, sink), daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
