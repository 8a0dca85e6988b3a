"""Where a message begins and ends on the wire: a head, a length, a check and a tail, as each centre has them; or nothing
but the message's own end. Pure: octets in, messages out."""

from __future__ import annotations

import binascii
from typing import Final

from config.phrase import Phrase
from supervisor.ledger.upload.model import CentreProblem
from supervisor.ledger.upload.profile import Check, Framing, Operation

LARGEST: Final = 1_000_000
"""Octets of the largest message that is taken: what a centre says has a few hundred."""
_LENGTH, _SERIAL, _CHECK = 4, 4, 2


class Frames:
    """Packs messages and takes them out of a stream. Whatever cannot be one ends the connection: CentreProblem."""

    def __init__(self, framing: Framing | None, root: str = "root") -> None:
        self._framing = framing
        self._end = f"</{root}>".encode("ascii", "replace")
        self._waiting = bytearray()
        self._serial = 0

    def pack(self, kind: Operation, message: bytes) -> bytes:
        """The message as it goes onto the wire."""
        f = self._framing
        if f is None:
            return message
        self._serial += 1
        body = (self._serial.to_bytes(_SERIAL, f.length) if f.serial else b"") + message
        kind_ = bytes([f.types[kind]]) if f.types else b""
        length = len(body).to_bytes(_LENGTH, f.length)
        return bytes.fromhex(f.head) + kind_ + length + body + _check(f, body) + bytes.fromhex(f.tail)

    def feed(self, data: bytes) -> list[bytes]:
        """Messages that are whole now. Raises CentreProblem."""
        self._waiting += data
        found = []
        while (message := self._next()) is not None:
            found.append(message)
        return found

    def _next(self) -> bytes | None:
        return self._to_its_end() if self._framing is None else self._framed(self._framing)

    def _to_its_end(self) -> bytes | None:
        at = self._waiting.find(self._end)
        if at < 0:
            if len(self._waiting) > LARGEST:
                raise _too_large(len(self._waiting))
            return None
        end = at + len(self._end)
        return self._take(0, end, end)

    def _framed(self, f: Framing) -> bytes | None:
        head, tail = bytes.fromhex(f.head), bytes.fromhex(f.tail)
        came = bytes(self._waiting[: len(head)])
        if not head.startswith(came):
            raise CentreProblem(Phrase(
                f"it sent {came.hex().upper()} where a message begins with {f.head.upper()}: is the framing right?",
                f"收到 {came.hex().upper()}，报文应以 {f.head.upper()} 开头：请核对 framing 配置",
            ))  # fmt: skip
        begin = len(head) + (1 if f.types else 0)
        if len(self._waiting) < begin + _LENGTH:
            return None
        length = int.from_bytes(self._waiting[begin : begin + _LENGTH], f.length)
        if length > LARGEST:
            raise _too_large(length)
        begin += _LENGTH
        after = begin + length
        end = after + (_CHECK if f.check is not Check.NONE else 0) + len(tail)
        if len(self._waiting) < end:
            return None
        body = bytes(self._waiting[begin:after])
        if bytes(self._waiting[after:end]) != _check(f, body) + tail:
            raise CentreProblem(Phrase(
                "a message does not end as it should: its checksum or its tail is wrong",
                "报文校验码或包尾错误",
            ))  # fmt: skip
        return self._take(begin + (_SERIAL if f.serial else 0), after, end)

    def _take(self, begin: int, after: int, end: int) -> bytes:
        message = bytes(self._waiting[begin:after])
        del self._waiting[:end]
        return message


def _too_large(size: int) -> CentreProblem:
    return CentreProblem(Phrase(
        f"it sent a message of {size} octets: more than {LARGEST}, none has so many",
        f"报文长度 {size} 字节，超过上限 {LARGEST}",
    ))  # fmt: skip


def _check(f: Framing, body: bytes) -> bytes:
    if f.check is Check.NONE:
        return b""
    sum_ = binascii.crc_hqx(body, 0) if f.check is Check.XMODEM else _modbus(body)
    return sum_.to_bytes(_CHECK, f.length)


def _modbus(body: bytes) -> int:
    found = 0xFFFF
    for octet in body:
        found ^= octet
        for _ in range(8):
            found = found >> 1 ^ (0xA001 if found & 1 else 0)
    return found
