"""Messages in a centre's own spelling and encoding: written with ElementTree, read without DTD and without entities."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from config.phrase import Phrase
from schedules.time import Instant
from supervisor.ledger.upload.model import KINDS, CentreProblem, Heard, Report
from supervisor.ledger.upload.profile import Collector

_DECLARED: Final = re.compile(r"^\s*<\?xml[^>]*\?>")
_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold."""
_READ_AS: Final = {"utf-8": "utf-8", "gbk": "gb18030"}
_DECLARES: Final = {"utf-8": "utf-8", "gbk": "GB2312"}


class Messages:
    """Writes and reads the messages of one centre."""

    def __init__(self, profile: Collector, tz: ZoneInfo) -> None:
        self._profile, self._tz = profile, tz
        self._spelling = {str(ours): theirs for ours, theirs in profile.spelling.items()}
        self._neutral: dict[str, str] = {theirs: ours for ours, theirs in profile.spelling.items()}
        self._types = {str(ours): theirs for ours, theirs in profile.types.items()}
        self._operations: dict[str, str] = {theirs: ours for ours, theirs in profile.types.items()}

    # ------------------------------------------------------------------ written

    def request(self) -> bytes:
        """Who we are."""
        return self._written("request", self._element("id_validate", operation="request"))

    def md5(self, digest: str) -> bytes:
        """The answer to the centre's sequence."""
        return self._written("md5", self._with("id_validate", "md5", [("md5", digest)]))

    def notify(self, now: Instant) -> bytes:
        """A heart beat."""
        return self._written("notify", self._with("heart_beat", "notify", [("time", self.time(now))]))

    def period_ack(self) -> bytes:
        """The centre's interval is kept to."""
        return self._written("period_ack", self._element("config", operation="period_ack"))

    def readings(self, report: Report, operation: str) -> bytes:
        """All meters at one instant: `report`, `continuous` after an outage, or `reply` to a query."""
        data = self._with("data", operation, [
            ("sequence", str(report.sequence)), ("parser", self._profile.reports.parser), ("time", self.time(report.at)),
            ("total", str(report.total)), ("current", str(report.current)),
        ])  # fmt: skip
        meters: dict[str, ET.Element] = {}
        for row in report.rows:
            if row.meter not in meters:
                named = {"name": row.name} if self._profile.reports.names and row.name else {}
                meters[row.meter] = self._element("meter", id=row.meter, **named)
                data.append(meters[row.meter])
            code = self._profile.reports.good if row.value is not None else self._profile.reports.bad
            if code is None:
                continue
            function = self._element("function", id=row.function, coding=row.coding, error=code)
            function.text = (
                f"{row.value:.{self._profile.reports.decimals}f}" if row.value is not None else None
            )
            meters[row.meter].append(function)
        for empty in [meter for meter in meters.values() if not len(meter)]:
            data.remove(empty)
        return self._written(operation, data)

    def time(self, at: Instant) -> str:
        """An instant by the building's clock: yyyyMMddHHmmss."""
        return f"{datetime.fromtimestamp(at, self._tz):%Y%m%d%H%M%S}"

    def _written(self, operation: str, body: ET.Element) -> bytes:
        root = ET.Element(self._spelt("root"))
        common = ET.SubElement(root, self._spelt("common"))
        said = (("building_id", self._profile.building_id), ("gateway_id", self._profile.gateway_id),
                ("type", self._types.get(operation, operation)))  # fmt: skip
        for tag, text in said:
            ET.SubElement(common, self._spelt(tag)).text = text
        root.append(body)
        declared = _DECLARES[self._profile.encoding]
        text = f'<?xml version="1.0" encoding="{declared}" ?>' + ET.tostring(root, encoding="unicode")
        return text.encode(self._profile.encoding, "xmlcharrefreplace")

    def _with(self, tag: str, operation: str, children: list[tuple[str, str]]) -> ET.Element:
        found = self._element(tag, operation=operation)
        for name, text in children:
            ET.SubElement(found, self._spelt(name)).text = text
        return found

    def _element(self, tag: str, **attributes: str) -> ET.Element:
        said = {self._spelt(name): _UNPRINTABLE.sub("", text) for name, text in attributes.items()}
        return ET.Element(self._spelt(tag), said)

    def _spelt(self, tag: str) -> str:
        return self._spelling.get(tag, tag)

    # ------------------------------------------------------------------ read

    def heard(self, message: bytes) -> Heard:
        """What a centre said; a kind that nobody knows is empty. Raises CentreProblem."""
        try:
            text = message.decode(_READ_AS[self._profile.encoding]).lstrip("\ufeff \r\n\t")
            root = fromstring(
                _DECLARED.sub("", text), forbid_dtd=True, forbid_entities=True, forbid_external=True
            )
        except DefusedXmlException:
            raise CentreProblem(Phrase(
                "its message brings a DTD or entities, which are never read", "报文含 DTD 或实体定义，一律拒绝"
            )) from None  # fmt: skip
        except (UnicodeDecodeError, ET.ParseError, ValueError):
            raise CentreProblem(Phrase(
                "what it says is no XML: are encoding, framing and cipher those of the centre?",
                "报文不是 XML：请核对 encoding、framing、cipher",
            )) from None  # fmt: skip
        return Heard(self._kind(root), dict(self._leaves(root)))

    def _kind(self, root: ET.Element) -> str:
        """By the operation where it is a plain one, else by the type: some centres write all operations into one."""
        operations = [body.get(self._spelt("operation"), "") for body in root]
        types = [each.text or "" for each in root.iter(self._spelt("type"))]
        for said in (*operations, *types):
            kind = self._operations.get(said.strip(), said.strip())
            if kind in KINDS:
                return kind
        return ""

    def _leaves(self, root: ET.Element) -> Iterator[tuple[str, str]]:
        common = self._spelt("common")
        for body in (child for child in root if child.tag != common):
            for each in body.iter():
                if not len(each) and (text := (each.text or "").strip()):
                    yield self._neutral.get(str(each.tag), str(each.tag)), text
