"""Changes that a controller agreed to tell, and a poll found: a subscription that is no more, or one that tells what is not so.

Pure: instants are an argument, seconds of one clock. Switches and states have no COV_Increment beneath which a change need not be
told (ASHRAE 135 §13.1); a number is held to a step (`STEPS`) that no increment of use hides, and is polled as stated where it moves by that
untold. An increment may be larger all the same: nobody is told, and what it tells counts, unless polls contradict it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from config.objects import is_number
from config.phrase import Phrase
from config.points import Point, Raw
from config.roles import ROLES
from drivers.protocol import Address, Answer

GRACE: Final = 10.0
"""Seconds for which a notification may still be under way when a poll has found its change; a site choice."""
DISBELIEVED: Final = 2
"""Changes of an object in a row that polls found and nobody told, after which polls alone count: one gets lost."""
CONTRADICTED: Final = 3
"""Polls in a row by which a number is another than was just told, after which polls alone count: one may have moved in between."""
UNTOLD: Final = "changes not told"
"""The kind of this habit."""
AGAIN: Final = Phrase("tells its changes as they are again", "恢复如实上报变化（COV）")
STEPS: Final = {"degC": 1.0, "%RH": 5.0, "ppm": 100.0}
"""By unit of a role: by how much a number moves that is told of where changes are told at all. Site choices, some times the increments that
controllers come with."""
_SHOWN: Final = 3
"""Objects that a line names; more are counted."""


@dataclass(slots=True)
class _Number:
    """What is known of a number."""

    step: float
    stood: float | None = None
    """The last notification, or else the first poll after it could be told."""
    found: float | None = None
    since: float = 0.0
    """When a poll found a number that nobody had told."""
    untold: int = 0
    spoke: bool = False
    """There was a notification since the last poll."""
    news: bool = False
    """It told another number than had stood."""
    lied: int = 0
    """Polls in a row that contradicted what was told since the one before."""

    def told(self, answer: Answer) -> None:
        """A notification has come."""
        value = answer.value
        if answer.error is not None or not isinstance(value, int | float):
            self.stood = self.found = None
            return
        if self.found is not None and abs(value - self.found) < self.step:
            self.found = None  # it was under way
        self.spoke, self.news = True, self.news or (self.stood is not None and value != self.stood)
        self.stood = value

    def rests(self, value: float) -> bool:
        """Whether a poll of this value tells nothing: nothing was told since the last one, nothing is owed, and it has not moved."""
        return (
            self.found is None
            and not self.spoke
            and self.stood is not None
            and abs(value - self.stood) < self.step
        )

    def polled(self, value: float, now: float) -> bool:
        """A poll has come. True: it has moved, which nobody told, for the first time."""
        if self.stood is None:
            self.stood = value
        near, spoke, news = abs(value - self.stood) < self.step, self.spoke, self.news
        self.spoke = self.news = False
        if spoke:
            self.lied = 0 if near else self.lied + 1
        if near:
            self.found, self.untold = None, 0 if news else self.untold
        elif self.found is None:
            self.found, self.since = value, now
        elif now - self.since >= GRACE:
            self.stood, self.found = value, None
            self.untold += 1
            return self.untold == 1
        return False


@dataclass(slots=True)
class _Object:
    """What is known of one object."""

    polled: Raw = None
    """By the last poll; None: nothing can be held against it."""
    told: Raw = None
    """The last notification."""
    spoke: bool = False
    """There was one since the last poll."""
    lied: bool = False
    """The last one that a poll could be held against was contradicted by it."""
    found: Raw = None
    since: float | None = None
    """When a poll found what nobody had told; None: nothing is owed."""
    untold: int = 0


class Untold:
    """Holds what polls find against what is told."""

    def __init__(self, addresses: Iterable[Address], steps: Mapping[Address, float] = {}) -> None:
        """`steps`: by how much a number moves that is told of; what is no number and has none is a switch or a state."""
        self._numbers = {a: _Number(step) for a, step in steps.items() if is_number(a.object_type)}
        self._objects = {a: _Object() for a in addresses if not is_number(a.object_type)}
        self._disbelieved: dict[Address, None] = {}

    def told(self, answer: Answer) -> None:
        """A notification has come."""
        if (number := self._numbers.get(answer.address)) is not None:
            number.told(answer)
            return
        if (known := self._objects.get(answer.address)) is None:
            return
        if answer.error is not None:
            known.polled = known.since = None  # it told, and nobody could read what
            return
        known.told, known.spoke = answer.value, True
        if known.since is not None and answer.value == known.found:
            known.since, known.lied = None, False  # it was under way

    def polled(self, answer: Answer, now: float, reports: Callable[[Address], bool]) -> bool:
        """A poll has come of an object; `reports` says whether its changes are told at all. True: one was not."""
        address, value = answer.address, answer.value
        if (number := self._numbers.get(address)) is not None:
            if type(value) is float and number.rests(value):
                return False  # most polls by far, of ten thousand a second
            return self._number(number, answer, now, reports(address))
        if (known := self._objects.get(address)) is None:
            return False
        if not isinstance(value, int) or answer.error is not None or not reports(address):
            # Whoever subscribes knows, and tells, that nothing is told.
            known.polled = known.since = None
            return False
        before, spoke, lied = known.polled, known.spoke, known.lied
        known.polled, known.spoke = value, False
        if before is None:
            return False
        if spoke:
            known.lied = known.told != value
        if known.since is not None:
            return self._still_owed(address, known, now)
        if spoke and not known.lied:
            if value != before and not lied:
                known.untold = 0  # told before it was found
                self._disbelieved.pop(address, None)
        elif value != before or spoke:
            known.since, known.found = now, value
        return False

    def _number(self, known: _Number, answer: Answer, now: float, reports: bool) -> bool:
        """A poll has come of a number."""
        if answer.error is not None or not reports or not isinstance(answer.value, int | float):
            known.stood = known.found = None
            return False
        owed = known.polled(answer.value, now)
        if known.lied >= CONTRADICTED:
            self._disbelieved[answer.address] = None
        elif not known.lied and not known.untold:
            self._disbelieved.pop(answer.address, None)
        return owed

    def _still_owed(self, address: Address, known: _Object, now: float) -> bool:
        if known.polled != known.found and known.told == known.polled:
            known.since = None  # one notification was lost, and the next one came
        elif now - (known.since or now) >= GRACE:
            known.since = None
            known.untold += 1
            if known.untold >= DISBELIEVED:
                self._disbelieved[address] = None
            return True
        return False

    def steady(self, address: Address) -> bool:
        """Whether what it tells may stand for polls."""
        if (number := self._numbers.get(address)) is not None:
            return number.found is None and not number.untold and not number.lied
        known = self._objects.get(address)
        return known is None or (known.since is None and not known.untold)

    def believed(self, address: Address) -> bool:
        """Whether what it tells counts at all."""
        return address not in self._disbelieved

    def disbelieved(self, device: str) -> list[Address]:
        """The objects of a device of which polls alone count."""
        return [address for address in self._disbelieved if address.device == device]


def step_of(point: Point) -> float | None:
    """By how much a number of a point moves that is told of, as the file counts; None where that is not known."""
    step = STEPS.get(ROLES[point.role].unit)
    return None if step is None else abs(step / point.scale)


def text(objects: Sequence[Address]) -> Phrase:
    """The line about them."""
    names = [f"{a.object_type}:{a.instance}" for a in objects[:_SHOWN]]
    more = len(objects) - _SHOWN
    en, zh = ", ".join(names), "、".join(names)
    if more > 0:
        en = f"{en} and {more} more"
        zh = f"{zh} 等 {len(objects)} 个对象"
    return Phrase(
        f"does not tell changes of {en} that polls find, or tells otherwise: polled at the rate of the site file, and only "
        "polls count",
        f"未上报 {zh} 的变化，或上报与轮询不符：按站点文件的周期轮询，且只采信轮询结果",
    )
