"""One connection to a centre, as a machine: what came goes in, what it means and what is to be sent comes out. It knows no
socket and no clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from config.phrase import Phrase
from schedules.time import Instant
from supervisor.ledger.upload.ciphers import Cipher, digest, wrong_key
from supervisor.ledger.upload.frames import Frames
from supervisor.ledger.upload.messages import Messages
from supervisor.ledger.upload.model import ACKNOWLEDGED, CentreProblem, Heard, Report
from supervisor.ledger.upload.profile import CipherMode, Collector, Operation

_YES: Final = frozenset({"", "1", "ok", "pass", "success", "true", "yes"})


class State(StrEnum):
    """How far the login is."""

    NEW = "new"
    ASKED = "asked"
    ANSWERED = "answered"
    IN = "in"


@dataclass(frozen=True)
class Send:
    """Octets that are to be sent."""

    data: bytes


@dataclass(frozen=True)
class LoggedIn:
    """The centre lets us in."""


@dataclass(frozen=True)
class Acked:
    """The centre has a report: of which sequence, and of what time, where it says so. `good`: it took it."""

    sequence: str
    time: str
    good: bool


@dataclass(frozen=True)
class Alive:
    """The centre answered a heart beat: `time` is its clock."""

    time: str


@dataclass(frozen=True)
class Asked:
    """The centre asks for the figures of now."""


@dataclass(frozen=True)
class Period:
    """The centre wants a report so often: minutes, as it wrote them."""

    minutes: str


Event = Send | LoggedIn | Acked | Alive | Asked | Period


class Session:
    """The protocol of one connection."""

    def __init__(self, profile: Collector, tz: ZoneInfo) -> None:
        self._profile = profile
        self._messages = Messages(profile, tz)
        self._frames = Frames(profile.framing, profile.spelling.get("root", "root"))
        self._cipher = Cipher(profile.cipher)
        self.state = State.NEW

    def begin(self) -> bytes:
        """The first message: who we are."""
        self.state = State.ASKED
        return self._packed("request", self._messages.request())

    def beat(self, now: Instant) -> bytes:
        """A heart beat."""
        return self._packed("notify", self._messages.notify(now))

    def tells(self, report: Report, operation: Operation) -> bytes:
        """A report, or a reply."""
        return self._packed(operation, self._messages.readings(report, operation), data=True)

    def answers(self, event: Acked, report: Report) -> bool:
        """Whether an acknowledgement is this report's: one without sequence and time is of the last that was sent."""
        if event.sequence:
            return event.sequence == str(report.sequence)
        return not event.time or event.time == self._messages.time(report.at)

    def agreed(self) -> bytes:
        """The centre's interval is kept to from now on."""
        return self._packed("period_ack", self._messages.period_ack())

    def heard(self, data: bytes) -> list[Event]:
        """What came. Raises CentreProblem: then nothing more can be said on this connection."""
        return [event for message in self._frames.feed(data) for event in self._means(self._read(message))]

    def _read(self, message: bytes) -> Heard:
        plain = self._cipher.decrypted(message)
        if self._profile.cipher.mode is not CipherMode.NONE and not plain.lstrip(
            b"\xef\xbb\xbf \r\n\t"
        ).startswith(b"<"):
            raise wrong_key()
        return self._messages.heard(plain)

    def _means(self, heard: Heard) -> list[Event]:
        says = heard.says
        if heard.kind == "sequence" and self.state is State.ASKED:
            self.state = State.ANSWERED
            answer = self._messages.md5(digest(self._profile.login, says.get("sequence", "")))
            return [Send(self._packed("md5", answer))]
        if heard.kind == "result" and self.state in (State.ASKED, State.ANSWERED):
            if says.get("result", "").lower() not in _YES - {""}:
                raise CentreProblem(Phrase(
                    "it does not let us in: are building_id, gateway_id, login key and order those that were agreed?",
                    "身份验证未通过：请核对 building_id、gateway_id、login 的 key 与 order",
                ))  # fmt: skip
            self.state = State.IN
            return [LoggedIn()]
        return self._once_in(heard.kind, heard) if self.state is State.IN else []

    def _once_in(self, kind: str, heard: Heard) -> list[Event]:
        says = heard.says
        if kind in ACKNOWLEDGED:
            word = says.get("ack", says.get("result", ""))
            return [Acked(says.get("sequence", ""), says.get("time", ""), word.lower() in _YES)]
        if kind == "time":
            return [Alive(says.get("time", ""))]
        if kind == "query":
            return [Asked()]
        return [Period(says.get("period", ""))] if kind == "period" else []

    def _packed(self, operation: Operation, message: bytes, *, data: bool = False) -> bytes:
        return self._frames.pack(operation, self._cipher.encrypted(message, data=data))
