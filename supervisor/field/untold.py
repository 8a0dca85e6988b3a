"""Changes that a controller agreed to tell, and a poll found: a subscription that is no more, or one that tells what is not so.

Pure: instants are an argument, seconds of one clock. Only of switches and states, which have no COV_Increment beneath which a
change need not be told (ASHRAE 135 §13.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from config.objects import is_number
from config.phrase import Phrase
from config.points import Raw
from drivers.protocol import Address, Answer

GRACE: Final = 10.0
"""Seconds for which a notification may still be under way when a poll has found its change; a site choice."""
DISBELIEVED: Final = 2
"""Changes of an object in a row that polls found and nobody told, after which polls alone count: one gets lost."""
UNTOLD: Final = "changes not told"
"""The kind of this habit."""
AGAIN: Final = Phrase("tells its changes as they are again", "恢复如实上报变化（COV）")
_SHOWN: Final = 3
"""Objects that a line names; more are counted."""


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
    """Holds what polls find against what is told, of the switches and states among objects."""

    def __init__(self, addresses: Iterable[Address]) -> None:
        self._objects = {a: _Object() for a in addresses if not is_number(a.object_type)}
        self._disbelieved: dict[Address, None] = {}

    def told(self, answer: Answer) -> None:
        """A notification has come."""
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
        known = self._objects.get(address)
        return known is None or (known.since is None and not known.untold)

    def believed(self, address: Address) -> bool:
        """Whether what it tells counts at all."""
        return address not in self._disbelieved

    def disbelieved(self, device: str) -> list[Address]:
        """The objects of a device of which polls alone count."""
        return [address for address in self._disbelieved if address.device == device]


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
