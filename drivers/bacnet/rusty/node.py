"""Who we are on BACnet/SC: a VMAC and a device UUID that are ours for good (ASHRAE 135 §AB.1.5)."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import uuid
from pathlib import Path
from typing import IO, Final, NamedTuple

import structlog

from drivers.protocol import Misconfigured

FILE: Final = "bacnet-sc.json"
"""In the state folder: others know us by it, and a VMAC that changes with each start leaves them asking the old one."""
_VMAC: Final = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_log = structlog.get_logger(__name__)


class Node(NamedTuple):
    """Where a device is on BACnet/SC."""

    vmac: bytes

    def __str__(self) -> str:
        return self.vmac.hex(":")

    @classmethod
    def of(cls, address: str) -> Node | None:
        """`02:1a:2b:3c:4d:5e`, or None where it is not that."""
        text = address.lower()
        return cls(bytes.fromhex(text.replace(":", ""))) if _VMAC.fullmatch(text) else None


class Self:
    """Our VMAC and UUID, made at the first start and kept in `folder`; without one they last for this run.

    Two programs under one UUID would throw each other off the hub for ever: whoever is second is refused.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._held: IO[str] | None = None
        self.vmac, self.uuid = _random_vmac(), uuid.uuid4().bytes

    def take(self) -> None:
        """Be it, until `leave`. Raises Misconfigured while another program is, or where the folder cannot be used."""
        if self._folder is None:
            return
        file = self._folder / FILE
        try:
            held = os.fdopen(
                os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+", encoding="utf-8"
            )
        except OSError as error:
            raise Misconfigured("rusty", f"cannot open {file}: {error.strerror}") from None
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.close()
            raise Misconfigured(
                "rusty", "another program of this building is on BACnet/SC: stop it first"
            ) from None
        self._held = held
        text = held.read()
        known = _read(text)
        if known is not None:
            self.vmac, self.uuid = known
            return
        if text.strip():
            _log.warning("bacnet/sc identity unreadable", file=str(file))
        self._write()

    def leave(self) -> None:
        """Let others be it."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def renew_vmac(self) -> None:
        """Another VMAC: the hub says that a node with another UUID has ours (§AB.6.2.2)."""
        self.vmac = _random_vmac()
        self._write()

    def _write(self) -> None:
        if self._held is None:
            return
        self._held.seek(0)
        self._held.write(
            json.dumps({"vmac": self.vmac.hex(":"), "uuid": str(uuid.UUID(bytes=self.uuid))}) + "\n"
        )
        self._held.truncate()
        self._held.flush()
        os.fsync(self._held.fileno())


def _random_vmac() -> bytes:
    """A Random-48 VMAC (§AB.1.5.2): 46 random bits, and the low four bits of the first octet are X'2'."""
    octets = bytearray(secrets.token_bytes(6))
    octets[0] = octets[0] & 0xF0 | 0x02
    return bytes(octets)


def _read(text: str) -> tuple[bytes, bytes] | None:
    try:
        said = json.loads(text)
        node, number = Node.of(said["vmac"]), uuid.UUID(said["uuid"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return (node.vmac, number.bytes) if node is not None and number.int and any(node.vmac) else None
