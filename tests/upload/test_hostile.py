"""A centre that says what no centre says: a clear word, a growing pause, never a traceback, and nothing lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.ledger.upload.ciphers import Cipher
from supervisor.ledger.upload.frames import LARGEST, Frames
from supervisor.ledger.upload.model import CentreProblem
from supervisor.ledger.upload.profile import CipherSpec, Framing
from supervisor.ledger.upload.session import Session
from tests.ports import free_tcp
from tests.upload.building import MIDNIGHT, QUARTER, MakeHall, until
from tests.upload.test_centre import opened, profile, running

PLAIN: dict[str, Any] = {"framing": None, "cipher": {"mode": "none"}}
COMMON = (
    "<common><building_id>330302D110</building_id><gateway_id>01</gateway_id><type>sequence</type></common>"
)
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE root [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {n} "{("&" + p + ";") * 10}">' for p, n in zip("abcdefgh", "bcdefghi", strict=True))
    + f"]><root>{COMMON}<id_validate operation='sequence'><sequence>&i;</sequence></id_validate></root>"
)
OUTSIDE = f'<!DOCTYPE root SYSTEM "file:///etc/passwd"><root>{COMMON}</root>'
INSIDE = f'<!DOCTYPE root [<!ENTITY x SYSTEM "file:///etc/passwd">]><root>{COMMON}<a>&x;</a></root>'
DEEP = "<root>" + "<a>" * 20_000 + "</root>"
FLOOD = f"<root>{COMMON}<heart_beat operation='time'><time>1</time></heart_beat></root>"


@asynccontextmanager
async def saying(data: bytes, *, stays: bool = True) -> AsyncIterator[str]:
    """Somebody who says that to whoever comes, and keeps the connection, or not; where it is."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read(10)
            writer.write(data)
            await writer.drain()
            if stays:
                await reader.read()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port := free_tcp())
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.close()


def framed(body: bytes, **changed: Any) -> bytes:
    """A message of the shipped profile, with what is wrong with it."""
    right = profile().framing
    assert right is not None
    return Frames(right.model_copy(update=changed)).pack("request", body)


CASES: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "a bomb of entities": (BOMB.encode(), PLAIN, "a DTD or entities, which are never read"),
    "a DTD from elsewhere": (OUTSIDE.encode(), PLAIN, "a DTD or entities"),
    "an entity from elsewhere": (INSIDE.encode(), PLAIN, "a DTD or entities"),
    "elements without end": (DEEP.encode(), PLAIN, "is no XML"),
    "elements within elements": (b"<root>" + b"<a>" * 20_000 + b"</a>" * 20_000 + b"</root>", {**PLAIN, "timeout": 0.2}, "no answer to login"),
    "a message without end": (b"<root>" + b"x" * (LARGEST + 10), PLAIN, "more than 1000000"),
    "text in no encoding": (b"<root>\xff\xfe\xc3</root>", PLAIN, "is no XML"),
    "a web server": (b"HTTP/1.1 400 Bad Request\r\n\r\n", {}, "it sent 48545450 where a message begins with 55AA55AA"),
    "a length beyond all": (bytes.fromhex("55AA55AA") + b"\xff\xff\xff\x7f", {}, "2147483647 octets"),
    "a wrong checksum": (framed(b"x" * 16, check="modbus"), {}, "its checksum or its tail is wrong"),
    "a wrong tail": (framed(b"x" * 16, tail="00000000"), {}, "its checksum or its tail is wrong"),
    "half a block": (framed(b"x" * 15), {}, "cannot be decrypted"),
    "another key": (framed(Cipher(CipherSpec(mode="cbc", key="k" * 16)).encrypted(BOMB.encode(), data=True)), {}, "cannot be decrypted"),
    "half a frame, and silence": (framed(b"x" * 16)[:-3], {"timeout": 0.2}, "no answer to login within 0.2 s"),
    "nothing at all": (b"", {"timeout": 0.2}, "no answer to login within 0.2 s"),
    "a time again and again": (FLOOD.encode() * 200, {**PLAIN, "timeout": 0.3}, "no answer to login within 0.3 s"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
async def test_whatever_it_says_is_told_in_a_sentence_and_tried_again(
    hall_at: MakeHall, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It does not end the collector, and the loop has nothing to complain of."""
    data, changed, expected = CASES[case]
    hall = hall_at(MIDNIGHT + QUARTER + 20)
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + QUARTER + 1)
    with caplog.at_level(logging.WARNING, "asyncio"):
        async with saying(data) as where, running(hall.centre(profile(centre=where, **changed))):
            await until(lambda: len(hall.pauses) >= 2)
    assert expected in hall.said[0]
    assert hall.pauses[:2] == [1.0, 2.0]
    assert not caplog.records


async def test_after_a_hostile_one_the_true_centre_gets_everything(hall_at: MakeHall) -> None:
    """Somebody sat on its address for a while: nothing was given away as sent."""
    hall, centre = hall_at(MIDNIGHT + 4 * QUARTER + 20), await opened("8bae9b")
    hall.reads(MIDNIGHT + QUARTER, MIDNIGHT + 4 * QUARTER + 1)
    async with saying(b"\x8b\xae\x9b\x02garbage", stays=False) as where:
        collector = hall.centre(profile("8bae9b", centre=where))
        with pytest.raises(CentreProblem):
            await collector.once()
        collector.close()
    await hall.centre(centre.profile).once()
    assert len(centre.order) == 4
    await centre.goes_away()


async def test_what_is_acknowledged_before_the_login_counts_for_nothing(hall_at: MakeHall) -> None:
    """Only who let us in can say that a report arrived."""
    session = Session(profile("8bae9b", **PLAIN), hall_at().site.tz)
    session.begin()
    forged = (
        f"<root>{COMMON.replace('sequence', 'report_ack')}<sequence>1</sequence><result>1</result></root>"
    )
    assert session.heard(forged.encode()) == []


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["55aa", "8bae9b", "plain"]))
def test_any_octets_are_a_message_or_a_problem(data: bytes, kind: str) -> None:
    """Nothing else comes of what a socket may bring."""
    of = profile("55aa", **PLAIN) if kind == "plain" else profile(kind)
    head = bytes.fromhex(of.framing.head) if of.framing is not None else b"<root>"
    for start in (data, head + data, head + len(data).to_bytes(4, "little") + data):
        try:
            session = Session(of, ZoneInfo("Asia/Shanghai"))
            session.begin()
            assert isinstance(session.heard(start), list)
        except CentreProblem as problem:
            assert problem.what.zh


@settings(max_examples=40, deadline=None)
@given(
    st.binary(min_size=1, max_size=200).filter(lambda body: body.strip(b"\0 ") == body),
    st.sampled_from(["none", "xmodem", "modbus"]),
    st.sampled_from(["little", "big"]),
    st.booleans(),
    st.sampled_from(["ecb", "cbc"]),
    st.sampled_from(["pkcs7", "zero", "space"]),
    st.integers(1, 50),
)
def test_what_is_packed_comes_out_in_whatever_pieces(
    body: bytes, check: Any, length: Any, serial: bool, mode: Any, padding: Any, piece: int
) -> None:
    """Every framing and cipher, cut anywhere."""
    framing = Framing(head="55AA55AA", tail="68681616", check=check, length=length, serial=serial)
    cipher = Cipher(CipherSpec(mode=mode, key="0123456789abcdef", padding=padding))
    wire = b"".join(Frames(framing).pack("request", cipher.encrypted(body, data=True)) for _ in range(2))
    frames, found = Frames(framing), []
    for start in range(0, len(wire), piece):
        found += frames.feed(wire[start : start + piece])
    assert [cipher.decrypted(message) for message in found] == [body, body]


def test_checksum_cipher_and_digest_are_those_of_others() -> None:
    """Against published vectors: CRC-16 of 123456789, AES-128 of FIPS 197 and SP 800-38A."""
    from supervisor.ledger.upload.frames import _check

    assert _check(Framing(check="xmodem", length="big"), b"123456789") == bytes.fromhex("31C3")
    assert _check(Framing(check="modbus", length="big"), b"123456789") == bytes.fromhex("4B37")
    key, block = "hex:2b7e151628aed2a6abf7158809cf4f3c", bytes.fromhex("6bc1bee22e409f96e93d7e117393172a")
    ecb = Cipher(CipherSpec(mode="ecb", key=key, padding="zero")).encrypted(block, data=True)
    assert ecb.hex() == "3ad77bb40d7a3660a89ecaf32466ef97"
    cbc = Cipher(CipherSpec(mode="cbc", key=key, iv="hex:000102030405060708090a0b0c0d0e0f", padding="zero"))
    assert cbc.encrypted(block, data=True).hex() == "7649abac8119b246cee98e9b12e9197d"
