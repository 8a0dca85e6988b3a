"""A mail relay of a test's own: it takes what is sent, and shows who got what."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.header import decode_header, make_header
from typing import NamedTuple


class Mail(NamedTuple):
    """One message: whom it was for, and what it said."""

    to: str
    subject: str
    text: str


class Mailbox:
    """What has come so far, at `port` of loopback."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._mails: list[Mail] = []

    def put(self, to: str, data: bytes) -> None:
        """A message came in."""
        message = message_from_bytes(data)
        texts = [part for part in message.walk() if part.get_content_type() == "text/plain"]
        text = "".join(str(part.get_payload(decode=True), "utf-8") for part in texts)  # type: ignore[arg-type]  # bytes
        self._mails.append(Mail(to, str(make_header(decode_header(message["subject"]))), text))

    def of(self, who: str) -> list[Mail]:
        """What `who`, the part before the @, got."""
        return [mail for mail in list(self._mails) if mail.to.startswith(f"{who}@")]


class _Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a sender needs."""

    def handle(self) -> None:
        """One connection."""
        self._say("220 a test")
        to = ""
        for line in iter(self.rfile.readline, b""):
            verb = line[:4].upper()
            if verb == b"RCPT":
                to = line.split(b"<")[1].split(b">")[0].decode()
            elif verb == b"DATA":
                self._say("354 go on")
                data = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.mailbox.put(to, data)  # type: ignore[attr-defined]  # the server below
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            self._say("250 fine")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A relay that listens while the block lasts."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as server:
        box = server.mailbox = Mailbox(server.server_address[1])  # type: ignore[attr-defined]  # for the handler
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
