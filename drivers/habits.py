"""What a device keeps doing otherwise than it should: found out once, told once, and told again when it is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import structlog

from config.phrase import Phrase

_log = structlog.get_logger(__name__)

SPARED: Final = "object spared"
SINGLY: Final = "single reads"
REFUSED: Final = "changes refused"
MUTE: Final = "changes not sent"
CROWDED: Final = "requests at once"
SLOW: Final = "late answers"
"""Kinds of habit: an object that spoils requests for many, a device that takes none; one that will not report changes, one
that agrees to and does not; one that takes fewer requests at once than it is sent; one that
answers later than its time-out."""


class Habit(NamedTuple):
    """A habit of a device: its kind, the object that it is about (empty: the whole device), and what people read."""

    device: str
    kind: str
    about: str
    text: Phrase


class News(NamedTuple):
    """A habit that was found, or is over."""

    habit: Habit
    over: bool


class Habits:
    """The habits of a network's devices. `listener` hears of each once when it is found, and once when it is over."""

    def __init__(self) -> None:
        self.listener: Callable[[News], None] = lambda news: None
        self._known: dict[tuple[str, str, str], Habit] = {}

    def of(self, device: str) -> tuple[Habit, ...]:
        """A device's habits as they are now, in the order in which they were found."""
        return tuple(habit for habit in self._known.values() if habit.device == device)

    def found(self, device: str, kind: str, about: str, text: Phrase) -> None:
        """A device does so: news unless it is known; a known one's text is kept up to date."""
        key = (device, kind, about)
        news = key not in self._known
        self._known[key] = habit = Habit(device, kind, about, text)
        if news:
            _log.warning("device " + text.en, what_zh=f"控制器{text.zh}", device=device)
            self.listener(News(habit, over=False))

    def over(self, device: str, kind: str, about: str, text: Phrase) -> None:
        """A device does so no longer, which is news where it was known. `text` says what is so now."""
        if self._known.pop((device, kind, about), None) is not None:
            _log.info("device " + text.en, what_zh=f"控制器{text.zh}", device=device)
            self.listener(News(Habit(device, kind, about, text), over=True))
