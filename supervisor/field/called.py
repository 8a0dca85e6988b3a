"""What devices call the states of their objects, held against the site file: read when a device was taken on, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

import structlog

from config.measure import Fit
from config.phrase import Phrase
from config.points import Point, Raw
from config.roles import Role
from config.site import Site
from config.state_texts import StateTexts, asked_states, contradiction, named, taken_for_alarm
from drivers.protocol import Address, Called, Calling, interned

log = structlog.get_logger()
AT_ONCE: Final = 16
"""Objects asked about in one call."""

TellPoint = Callable[[Point, Phrase], None]
"""Says something of a point."""


class CalledStates:
    """The switches and modes of one site: where a device's own texts contradict the file. `tell` hears each new
    contradiction, and that one is settled."""

    def __init__(self, site: Site, tell: TellPoint = lambda point, what: None) -> None:
        self._tell = tell
        self._points: dict[Address, list[Point]] = {}
        for point in site.points.values():
            if named(point):
                address = interned(Address(point.device, point.object_type, point.instance))
                self._points.setdefault(address, []).append(point)
        self._of_device: dict[str, list[Address]] = {}
        for address in sorted(self._points, key=lambda a: not any(p.writable for p in self._points[a])):
            self._of_device.setdefault(address.device, []).append(address)
        self._due: dict[str, dict[Address, None]] = {}
        self._tried: set[Address] = set()
        """Of those, what was asked once and did not answer: no write waits for it a second time."""
        self._contradicted: dict[str, Phrase] = {}
        """By point."""
        self._addresses: set[Address] = set()
        """Of those points."""
        self.on_contradiction: Callable[[Point], None] = lambda point: None
        """Told of a point whose texts were found to contradict, or no longer do."""
        self.again(self._of_device)

    # ------------------------------------------------------------------ what is known

    def why(self, point: Point) -> Phrase | None:
        """Where the device means other states than the file, and what to do; None: nowhere, or it has not said."""
        return self._contradicted.get(point.id) if self._contradicted else None

    def fit(self, point: Point) -> Fit | None:
        """The same as what bars a point; None where nothing does."""
        why = self.why(point)
        return _barring(why) if why is not None else None

    def of(self, device: str) -> dict[str, Phrase]:
        """By point of a device."""
        return {p.id: why for p in self._all(device) if (why := self.why(p)) is not None}

    @property
    def all(self) -> dict[str, Phrase]:
        """By point."""
        return dict(self._contradicted)

    def agree(self, device: str) -> bool:
        """Whether nothing that a device says has to be put aside."""
        return not self._addresses or not any(a.device == device for a in self._addresses)

    def no_evidence(self, address: Address, raw: Raw) -> bool:
        """Whether what an object says is no evidence. An alarm of fire always is: its all-clear is not."""
        if address not in self._addresses:
            return False
        contradicted = [p for p in self._points[address] if p.id in self._contradicted]
        return not any(taken_for_alarm(point, raw) for point in contradicted)

    def carry_over(self, other: CalledStates) -> None:
        """Take what another version of the site file found of points that it had alike, until it is asked anew: a latched alarm
        would take a contradicted all-clear meanwhile."""
        for address in other._addresses:
            if (points := self._points.get(address)) and points == other._points[address]:
                found = {p.id: other._contradicted[p.id] for p in points if p.id in other._contradicted}
                self._contradicted.update(found)
                self._addresses.add(address)

    # ------------------------------------------------------------------ what is asked

    def again(self, devices: Iterable[str]) -> None:
        """Ask these devices anew. Until they answer, what they said before holds."""
        for device in devices:
            if addresses := self._of_device.get(device):
                self._due[device] = dict.fromkeys(addresses)
                self._tried.difference_update(addresses)

    def due(self, device: str) -> bool:
        """Whether a device is to be asked for something."""
        return device in self._due

    def left(self, device: str) -> int:
        """How much of a device is still to be asked: what was tried in vain counts half."""
        due = self._due.get(device, ())
        return 2 * len(due) - sum(address in self._tried for address in due)

    def awaited(self, address: Address) -> bool:
        """Whether a write of an object has to wait until its device was asked once."""
        return address in self._due.get(address.device, ()) and address not in self._tried

    async def learn(
        self, device: str, reader: Calling, first: Address | None = None, most: int = AT_ONCE
    ) -> None:
        """Ask for up to so many objects of a device that are due, `first` among them. Raises DriverError where it says nothing
        at all."""
        due = self._due.get(device, {})
        wanted = [a for a in due if a not in self._tried] or list(due)
        if first is not None:
            wanted = [first, *(a for a in wanted if a != first)]
        wanted = wanted[:most]
        try:
            said = await reader.state_texts({a: _states(self._points[a]) for a in wanted})
        finally:
            self._tried.update(wanted)  # not before: a write waits for a question that is under way
        for called in said:
            self._take(called)

    def _take(self, called: Called) -> None:
        if called.error is not None:
            return
        address = called.address
        if (due := self._due.get(address.device)) is not None:
            due.pop(address, None)
            if not due:
                del self._due[address.device]
        self._tried.discard(address)
        if address in self._addresses and not called.said.texts and called.said.number is None:
            return  # an object that is not there for the moment takes nothing back
        for point in self._points[address]:
            self._hold(point, called.said)
        if any(p.id in self._contradicted for p in self._points[address]):
            self._addresses.add(address)
        else:
            self._addresses.discard(address)

    def _hold(self, point: Point, said: StateTexts) -> None:
        why, before = contradiction(point, said), self._contradicted.get(point.id)
        if why == before:
            return
        if why is None:
            del self._contradicted[point.id]
            log.warning("states of a point: file and device agree again", point=point.id)
            self._tell(point, _AGREE)
        else:
            self._contradicted[point.id] = why
            log.error("states of a point contradict", point=point.id, device=point.device, why=why.en)
            self._tell(point, put_aside(point).detailed(why))
        self.on_contradiction(point)

    def _all(self, device: str) -> Iterable[Point]:
        return (point for address in self._of_device.get(device, ()) for point in self._points[address])


def put_aside(point: Point) -> Phrase:
    """What a contradiction means for a point."""
    if point.role is Role.FIRE_ALARM:
        return Phrase("an alarm is believed, its all-clear is not", "报警照常采信，解除不采信")
    if point.writable:
        return Phrase("not written, not believed, and let go of", "不写入、读数不采信，并已释放")
    return Phrase("not believed", "读数不采信")


_AGREE: Final = Phrase("site file and device agree again about its states", "状态含义与设备已一致")


def _states(points: Iterable[Point]) -> tuple[int, ...]:
    return tuple(sorted({state for point in points for state in asked_states(point)}))


@lru_cache(maxsize=256)
def _barring(why: Phrase) -> Fit:
    """One and the same each time: that nothing is new is seen by it."""
    return Fit(quarrel=why, barred=True)
