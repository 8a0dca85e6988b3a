"""What people should know, said once in each place where they look: on the page, in the log, and in the store."""

from __future__ import annotations

from config.phrase import Phrase
from config.points import Point
from config.rules import RuleId
from supervisor.clockwork.clock import Clock
from supervisor.store.rows import NoticeRow
from supervisor.store.writer import Store
from supervisor.telling.events import Events
from supervisor.telling.snapshot import Event
from supervisor.telling.words import duration


class Voice:
    """Of one daemon."""

    def __init__(self, events: Events, store: Store, clock: Clock) -> None:
        self._events, self._store, self._clock = events, store, clock

    def tell(self, topic: str, kind: str, en: str, zh: str, level: str | None = None) -> None:
        """Something about the whole building that a person should know: on the page, in the log and in the store."""
        now = self._clock.now()
        self._events.tell(Event(now, kind, "", "", "", Phrase(en, zh)), level)
        self._store.notice(NoticeRow(now, topic, kind, self._events.site.building, en, zh))

    def clock_set(self, by: float) -> None:
        """The computer's clock was set while we ran."""
        en, zh = duration(abs(by), "en"), duration(abs(by), "zh")
        what = (
            Phrase(
                f"went forward by {en} at once: it was set, or the machine slept",
                f"突然前进 {zh}：被调整，或计算机休眠过",
            )
            if by > 0
            else Phrase(f"was put back by {en}", f"被往回调 {zh}")
        )
        self.tell("clock", "alert", f"the computer's clock {what.en}", f"计算机时钟{what.zh}", "warning")

    def asked(self, zone: str, who: str, en: str, zh: str) -> None:
        """A person's request goes into the audit and onto the page."""
        now = self._clock.now()
        event = Event(now, "request", zone, zone, "", Phrase(f"{who}: {en}", f"{who}：{zh}"))
        self._events.tell(event)
        self._store.notice(
            NoticeRow(now, "operator", "request", zone or self._events.site.building, *event.text)
        )

    def held(self, point: Point, who: str, text: Phrase) -> None:
        """How it goes with what a person holds, likewise."""
        now, told = self._clock.now(), Phrase(f"{who}: {text.en}", f"{who}：{text.zh}")
        self._events.tell(Event(now, "request", point.zone or "", point.id, RuleId.MANUAL, told))
        self._store.notice(NoticeRow(now, "operator", "request", point.id, *told))

    def recognised(self, device: str, what: Phrase) -> None:
        """A device is not the one that was adopted, or is again."""
        now = self._clock.now()
        self._events.keep(Event(now, "alert", "", device, "", what))
        self._store.notice(NoticeRow(now, "gateway", "alert", device, *what))

    def counted(self, point: Point, what: Phrase) -> None:
        """Site file and device disagree about what a point counts in, or agree again."""
        now = self._clock.now()
        self._events.tell(Event(now, "alert", point.zone or "", point.id, "", what))
        self._store.notice(NoticeRow(now, "gateway", "alert", point.id, *what))

    def stored(self, problem: Phrase | None) -> None:
        """The store takes no rows, and why; None: it takes them again."""
        self._events.store(problem, self._clock.now())
