"""What happened, one line each, for the console, the page and the log."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import structlog

from config.phrase import Phrase
from config.site import Site
from drivers.readings import Quality, Reading
from drivers.refused import in_both
from schedules.time import Instant
from supervisor.core.decisions import RELINQUISH, Because, Notice
from supervisor.core.rules import BY_ID
from supervisor.core.views import Fire
from supervisor.core.wording import because, command
from supervisor.gateway import events as gw
from supervisor.gateway.context import STORE
from supervisor.telling.snapshot import Event

log = structlog.get_logger()
KEPT = 200
_LET_GO = Phrase("let go", "交还")
_GONE = Phrase("override gone", "人工占用已解除")
_NOT_OURS_GONE = Phrase("foreign value gone", "他人占位已消失")
_LOST = Phrase("our slot was lost", "我方占位丢失")
REPEAT = 3600.0
"""s of site time in which the same alert is not told again."""
_LEVELS: Final[Mapping[str, str]] = {
    "alert": "warning", "mismatch": "warning", "failed": "warning", "refused": "warning", "expired": "warning",
    "lost": "warning", "override": "info", "exception": "info", "recovered": "info",
}  # fmt: skip
"""Kinds of event that are lines of the log, and how grave each is."""
_BELIEVED = Phrase("is believed again", "读数恢复可信")
_RECORDED = Phrase("the store takes rows again", "数据库恢复写入")


_SIDES = frozenset({"its controller answers", "cannot be commanded"})
"""How reading and writing begin what a controller says of a point."""


def unusable(problem: Phrase) -> Phrase:
    """What is told of a controller that says something, and nothing that can be used."""
    return Phrase("answers, but not as it should", "有应答，但不可采用").detailed(problem)


class Events:
    """Turns decisions and gateway events into lines; the same alert is told once an hour."""

    def __init__(self, site: Site, listener: Callable[[Event], None]) -> None:
        self.site = site
        self._listener = listener
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._told: dict[tuple[str, str, str], Instant] = {}
        self._failures: dict[str, str] = {}
        self._doubted: dict[str, Quality] = {}
        """How each point stands whose reading was told to be no evidence."""
        self._storeless = ""
        """What was told of a store that takes no rows."""
        self._fire = Fire.NOT_WIRED

    def recent(self) -> tuple[Event, ...]:
        """The newest last."""
        return tuple(self._events)

    def keep(self, event: Event) -> None:
        """Keep an event and pass it on; whoever tells it has a line of their own in the log."""
        self._events.append(event)
        self._listener(event)

    def tell(self, event: Event, level: str | None = None) -> None:
        """Keep an event, pass it on, and put it into the log: as grave as its kind is, or as `level` says."""
        grave = level if level is not None else _LEVELS.get(event.kind)
        if grave is not None:
            about = {"rule": event.rule} if event.rule else {}
            text = event.text
            getattr(log, grave)(
                event.kind, about=event.point or event.zone, what=text.en, what_zh=text.zh, **about
            )
        self.keep(event)

    def _folded(self, key: tuple[str, str, str], at: Instant) -> bool:
        """Whether the same was told within the hour; if not, it is told now."""
        told = self._told.get(key)
        if told is not None and 0 <= at - told < REPEAT:
            return True
        self._told[key] = at
        return False

    def wrote(self, event: gw.Wrote, reason: Because | None) -> None:
        """A write ended."""
        point = self.site.points.get(event.point)
        kind: str = event.result
        if event.result == "ok":
            kind = "released" if event.command is RELINQUISH else "enforced"
        role = point.role if point is not None else None
        why = because(reason, self.site, event.at) if reason is not None else _why(event)
        text = Phrase(
            f"{command(event.command, role)}: {why.en}", f"{command(event.command, role, zh=True)}：{why.zh}"
        )
        zone = (point.zone if point is not None else None) or ""
        if _LEVELS.get(kind) == "warning" and self._folded(
            (kind, str(event.rule), f"{event.point}: {event.detail}"), event.at
        ):
            return
        self.tell(Event(event.at, kind, zone, event.point, str(event.rule), text))

    def notices(self, notices: Iterable[Notice], at: Instant) -> list[Notice]:
        """Alerts and exceptions from the rules; those that were news."""
        news = []
        for notice in notices:
            key = (notice.kind, str(notice.rule), notice.about)
            if self._folded(key, at) and notice.kind != "exception":
                continue
            self._told[key] = at
            news.append(notice)
            zone = self._zone(notice.about)
            text = because(notice.because, self.site, at)
            self.tell(Event(at, notice.kind, zone, notice.about, str(notice.rule), text))
        return news

    def health(self, device: str, up: bool, at: Instant) -> None:
        """A device answers again, or no more."""
        text = Phrase("answers", "恢复应答") if up else Phrase("does not answer", "无应答")
        self.tell(Event(at, "device", "", device, "", text))

    def habit(self, device: str, text: Phrase, at: Instant) -> None:
        """A device was found to do something lasting otherwise than it should, or no more."""
        self.tell(Event(at, "device", "", device, "", text))

    def failed(self, what: str, error: Exception, at: Instant) -> None:
        """A defect in a rule silences that zone alone, and says so once."""
        if self._failures.get(what) != repr(error):
            self._failures[what] = repr(error)
            log.error("rules failed", zone=what, error=repr(error), exc_info=error)
            text = Phrase(f"rules failed: {error!r}", f"规则执行出错：{error!r}")
            self.keep(Event(at, "alert", what, what, "", text))

    def store(self, problem: Phrase | None, at: Instant) -> None:
        """The store takes no rows, so nothing is written; None: it takes them again."""
        if problem is not None:
            self._store(problem, at)
        elif self._storeless:
            self._storeless = ""
            if self._folded(("recovered", STORE, ""), at):
                return
            self.tell(Event(at, "recovered", "", "", "", _RECORDED))

    def _store(self, problem: Phrase, at: Instant) -> None:
        """Told once for the whole building, whoever found out; and once an hour where the last free pages end it again and
        again for a moment."""
        if self._storeless != problem.en:
            self._storeless = problem.en
            if self._folded(("alert", STORE, problem.en), at):
                return
            text = Phrase(
                f"nothing is recorded, so nothing is written: {problem.en}",
                f"无法记录，因此不写入：{problem.zh}",
            )
            self.tell(Event(at, "alert", "", "", "", text), "error")

    def sensor(self, point: str, reading: Reading, doubt: Phrase | None, at: Instant) -> None:
        """A point's reading is news: `doubt` why its controller's answer is no evidence, None where nothing is wrong
        with the answer. Told when it begins and when it is over, not at each figure."""
        was = self._doubted.get(point)
        if doubt is not None and was is not reading.quality:
            self._doubted[point] = reading.quality
            if not self._folded(("sensor", reading.quality.name, point), at) and not self._same(
                point, doubt, at
            ):
                self.tell(Event(at, "alert", self._zone(point), point, "", doubt))
        elif reading.good and was is not None:
            del self._doubted[point]
            if not self._folded(("sensor", "GOOD", point), at):
                self.tell(Event(at, "recovered", self._zone(point), point, "", _BELIEVED))

    def fire(self, fire: Fire) -> None:
        """How the fire alarm stands: a line in the log when that changes."""
        if fire is not self._fire:
            self._fire = fire
            log.info("fire alarm", input=str(fire))

    def _zone(self, about: str) -> str:
        if about in self.site.zones:
            return about
        point = self.site.points.get(about)
        return (point.zone or "") if point is not None else ""

    def other(self, event: gw.Event) -> None:
        """Overrides, foreign values, lost slots, trouble."""
        if isinstance(event, gw.Overridden):
            held = event.held
            text = (
                _GONE
                if held is None
                else Phrase(
                    f"slot {held.priority} holds {command(held.value)}",
                    f"优先级 {held.priority} 被占用：{command(held.value, zh=True)}",
                )
            )
            self._point("override", event.point, event.at, text)
        elif isinstance(event, gw.Foreign):
            text = (
                _NOT_OURS_GONE
                if event.value is None
                else Phrase(
                    f"our slot holds {event.value}, which we did not write",
                    f"我方占位中有非本系统写入的值 {event.value}",
                )
            )
            self._point("override", event.point, event.at, text)
        elif isinstance(event, gw.Lost):
            self._point("lost", event.point, event.at, _LOST)
        elif isinstance(event, gw.Trouble):
            self._trouble(event)

    def _trouble(self, event: gw.Trouble) -> None:
        if event.about == STORE:
            self._store(Phrase(event.en, event.zh), event.at)
            return
        text = Phrase(event.en, event.zh)
        if not self._folded(("alert", event.about, event.en), event.at) and not self._same(
            event.about, text, event.at
        ):
            self._point("alert", event.about, event.at, text)

    def _same(self, point: str, text: Phrase, at: Instant) -> bool:
        """Whether what its controller says of a point was told of its other side within the hour: an object that is gone is
        neither read nor written, for one cause."""
        side, _, cause = text.en.partition(": ")
        if side not in _SIDES:
            return False
        return self._folded(("cause", point, cause), at)

    def _point(self, kind: str, point: str, at: Instant, text: Phrase) -> None:
        self.tell(Event(at, kind, self._zone(point), point, "", text))


def _why(event: gw.Wrote) -> Phrase:
    """The reason of a write whose rule has nothing more to say of it: what came of it, or at whose word it was let go of."""
    if event.detail:
        return in_both(event.detail)
    rule = next((rule for rule in BY_ID.values() if rule.id == event.rule), None)
    return (
        _LET_GO
        if rule is None
        else Phrase(f"{_LET_GO.en} ({rule.title.en})", f"{_LET_GO.zh}（{rule.title.zh}）")
    )
