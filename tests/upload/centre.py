"""A data centre of our own: it speaks the other side over real TCP, and counts what it was told."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self
from xml.etree import ElementTree as ET

from supervisor.ledger.upload.ciphers import Cipher
from supervisor.ledger.upload.frames import Frames
from supervisor.ledger.upload.profile import Collector, Order
from tests.ports import free_tcp

SEQUENCE = "F8C7F276475510AFC09BA5E84F0E7674"


@dataclass
class Told:
    """What a centre keeps of a report, and how it came."""

    time: str
    sequence: int
    operation: str
    values: dict[tuple[str, str], str]
    codes: dict[tuple[str, str], str]
    total: int
    current: int


@dataclass
class TestCentre:
    """Takes what a collector says, by the collector's own profile; what is said twice is kept once, by time and sequence,
    as it was said last."""

    __test__ = False

    profile: Collector
    key: str | None = None
    """What it thinks that was agreed upon; None: the profile's."""
    lose_acks: int = 0
    """So many acknowledgements are lost on their way, with the connection, after the report was stored."""
    drops: int = 0
    """So many reports are lost on their way, with the connection: they never were stored."""
    refuses: int = 0
    """So many reports it does not take, and says so."""
    slow: float = 0.0
    """s before a heart beat is answered."""
    mute: bool = False
    """It takes reports and says nothing."""
    told: dict[tuple[str, int], Told] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    again: Counter[int] = field(default_factory=Counter)
    logins: int = 0
    beats: int = 0
    messages: list[bytes] = field(default_factory=list)
    """Everything that it was told, decrypted."""
    agreed: int = 0
    replies: list[Told] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    _server: asyncio.Server | None = None
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _deaf: set[asyncio.StreamWriter] = field(default_factory=set)

    async def opens(self) -> Self:
        """From now on it can be reached, at the port that it has, or had."""
        self.port = self.port or free_tcp()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        return self

    async def goes_away(self) -> None:
        """From now on it cannot be reached."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        self._server = None

    async def said(self, operation: str, body: str) -> None:
        """Tell the collector something that it has not asked for."""
        await self._say(self._writers[-1], operation, body)

    def score(self, ends: range) -> str:
        """What a day's reports should be (POSIX seconds), against what is kept; `order` is that of their first arrival."""
        minutes = [end // 60 for end in ends]
        missing = len(set(minutes) - set(self.order))
        doubles = len(self.order) - len(set(self.order))
        return f"missing={missing} doubles={doubles} ordered={self.order == sorted(self.order)}"

    # ------------------------------------------------------------------ the wire

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames, cipher = Frames(self.profile.framing), Cipher(self.profile.cipher)
        self._writers.append(writer)
        try:
            while data := await reader.read(65536):
                for message in frames.feed(data):
                    await self._take(cipher.decrypted(message), writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _take(self, message: bytes, writer: asyncio.StreamWriter) -> None:
        if writer in self._deaf:
            return
        self.messages.append(message)
        root = self._parsed(message)
        common, body = root[0], root[1]
        assert [e.text for e in common[:2]] == [self.profile.building_id, self.profile.gateway_id]
        match operation := body.get("operation"):
            case "request":
                await self._say(writer, "sequence", f"<sequence>{SEQUENCE}</sequence>", "id_validate")
            case "md5":
                await self._judge(body[0].text, writer)
            case "notify":
                self.beats += 1
                if self.slow:
                    asyncio.get_running_loop().call_later(
                        self.slow, lambda: asyncio.ensure_future(self._tick(writer))
                    )
                elif not self.mute:
                    await self._tick(writer)
            case "period_ack":
                self.agreed += 1
            case "reply":
                self.replies.append(self._kept(body))
            case _:
                assert operation in ("report", "continuous")
                await self._store(self._kept(body), writer)
        self.changed.set()

    async def _tick(self, writer: asyncio.StreamWriter) -> None:
        if not writer.is_closing():
            await self._say(writer, "time", "<time>20260301000000</time>", "heart_beat")

    def _parsed(self, message: bytes) -> ET.Element:
        text = message.decode("gb18030" if self.profile.encoding == "gbk" else "utf-8")
        return ET.fromstring(text.partition("?>")[2])

    async def _judge(self, md5: str | None, writer: asyncio.StreamWriter) -> None:
        login = self.profile.login
        key = login.key if self.key is None else self.key
        said = key + SEQUENCE if login.order is Order.KEY_FIRST else SEQUENCE + key
        good = md5 == hashlib.md5(said.encode()).hexdigest()
        self.logins += good
        await self._say(writer, "result", f"<result>{'pass' if good else 'fail'}</result>", "id_validate")

    async def _store(self, told: Told, writer: asyncio.StreamWriter) -> None:
        if self.drops:
            self.drops -= 1
            self._deaf.add(writer)
            asyncio.get_running_loop().call_later(3 * self.slow, writer.transport.abort)
            return
        if self.refuses:
            self.refuses -= 1
            await self._say(writer, f"{told.operation}_ack", f"<sequence>{told.sequence}</sequence><result>0</result>", None)  # fmt: skip
            return
        key = (told.time, told.sequence)
        if key in self.told:
            self.again[told.sequence] += 1
            self.told[key].values = told.values
        else:
            self.told[key] = told
            self.order.append(told.sequence)
        if self.lose_acks:
            self.lose_acks -= 1
            writer.transport.abort()
        elif not self.mute:
            await self._say(writer, f"{told.operation}_ack", f"<sequence>{told.sequence}</sequence><result>1</result>", None)  # fmt: skip

    def _kept(self, data: ET.Element) -> Told:
        spelt = self.profile.spelling.get("parser", "parser")
        assert data.findtext(spelt) == "yes"
        functions = [(m, f) for m in data.iter("meter") for f in m.iter("function")]
        where = [(m.attrib["id"], f.attrib["id"]) for m, f in functions]
        return Told(
            data.findtext("time", ""), int(data.findtext("sequence", "")), data.attrib["operation"],
            dict(zip(where, [f.text or "" for _, f in functions], strict=True)),
            dict(zip(where, [f.attrib["coding"] for _, f in functions], strict=True)),
            int(data.findtext("total", "")), int(data.findtext("current", "")),
        )  # fmt: skip

    async def _say(
        self, writer: asyncio.StreamWriter, operation: str, body: str, element: str | None = ""
    ) -> None:
        element = {"query": "data", "period": "config"}.get(operation, "data") if element == "" else element
        inner = f'<{element} operation="{operation}">{body}</{element}>' if element else body
        p = self.profile
        text = (
            f'\n<?xml version="1.0" encoding="utf-8" ?><root><common><building_id>{p.building_id}</building_id>'
            f"<gateway_id>{p.gateway_id}</gateway_id><type>{operation}</type></common>{inner}</root>"
        )
        cipher = Cipher(p.cipher)
        message = cipher.encrypted(
            text.encode("gbk" if p.encoding == "gbk" else "utf-8"), data=operation.endswith("_ack")
        )
        kind: Any = operation
        writer.write(Frames(p.framing).pack(kind, message))
        await writer.drain()
