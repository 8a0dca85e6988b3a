"""What each number out there is counted in: read when a device is adopted, and kept beside what the file says."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final

import structlog

from config.measure import Fit, fit, measured
from config.phrase import Phrase
from config.points import Point, Raw
from config.roles import ROLES
from config.site import Site
from drivers.protocol import Address, Answer, FieldReader, Retryable, Traits, interned
from supervisor.core.known import LEAP
from supervisor.field.called import CalledStates

log = structlog.get_logger()
AT_ONCE: Final = 32
"""Objects asked about in one call, which has the deadline of any other."""
_ALIKE: Final = Fit()
_UNREAD: Final = Phrase("what it counts in is not read yet", "尚未读取其单位")

TellPoint = Callable[[Point, Phrase], None]
"""Says something of a point."""


class Measures:
    """The numbers of one site: what each is counted in, and where file and device disagree.

    `tell` hears each new disagreement, and that one is settled.
    """

    def __init__(self, site: Site, tell: TellPoint = lambda point, what: None) -> None:
        self._tell = tell
        self.called = CalledStates(site, tell)
        """What is no number, and what its device calls its states."""
        self._points: dict[Address, list[Point]] = {}
        self._of_device: dict[str, list[Address]] = {device: [] for device in site.devices}
        for point in site.points.values():
            if measured(point):
                address = _address(point)
                if address not in self._points:
                    self._of_device[point.device].append(address)
                self._points.setdefault(address, []).append(point)
        self._fits: dict[Address, Fit] = {}
        self._last: dict[Address, float] = {
            address: math.nan
            for address, points in self._points.items()
            if ROLES[points[0].role].unit == "degC"
        }
        self._last_slots = dict(self._last)
        """What each temperature was last, and what stood in its slots, as its device counts."""
        self._polled: dict[str, Sequence[Answer]] = {}
        """The last poll of each device that has said what all of its numbers count in, unless a change was told since."""
        self._open: set[Address] = set()
        """Temperatures that have leapt, and whose device has not said since what they count in."""
        self._alike: dict[str, bool] = {}
        """Whether file and device count each number of a device alike, by what is known of it now."""
        self._due: dict[str, dict[Address, None]] = {device: {} for device in site.devices}
        self.again(site.devices)

    # ------------------------------------------------------------------ what is known

    def of(self, point: Point) -> Fit | None:
        """How a point's number is taken; None: its device has not said yet. What is no number is taken as it comes, unless its
        device calls its states otherwise than the file."""
        if not measured(point):
            return self.called.fit(point) or _ALIKE
        address = _address(point)
        return None if address in self._open else self._fits.get(address)

    def concerns(self, address: Address) -> bool:
        """Whether an object holds a number of which the unit matters."""
        return address in self._points

    def told(self, address: Address) -> Fit:
        """How an object's number is taken by what its device has said. Raises Retryable where that is not read yet."""
        made = self._fits.get(address)
        if made is None or address in self._open:
            raise Retryable(address.device, _UNREAD.en)
        return made

    def read(self, address: Address) -> Fit:
        """The same for reading it: what the file says of its unit will do until the device has spoken. Raises Retryable."""
        spoken = address in self._fits or not self._points[address][0].unit
        return self.told(address) if spoken else _ALIKE

    def alike(self, device: str) -> bool:
        """Whether file and device are known to count each number of a device alike, and to call its states so."""
        if not self.called.agree(device):
            return False
        alike = self._alike.get(device)
        if alike is None:
            fits = [None if a in self._open else self._fits.get(a) for a in self._of_device.get(device, ())]
            alike = all(made is not None and made.plain and made.quarrel is None for made in fits)
            self._alike[device] = alike
        return alike

    def quarrels(self, device: str | None = None) -> dict[str, Phrase]:
        """By point: where file and device disagree, or the unit cannot be known. Nothing is written there."""
        return dict(self._said(lambda made: made.quarrel, device))

    def doubts(self, device: str) -> dict[str, Phrase]:
        """By point of a device: what was taken for granted."""
        return dict(self._said(lambda made: made.doubt, device))

    def unread(self, device: str) -> list[str]:
        """Points of a device that has not yet said what they count in."""
        return [p.id for a in self._of_device.get(device, ()) if a not in self._fits for p in self._points[a]]

    def _said(
        self, what: Callable[[Fit], Phrase | None], device: str | None = None
    ) -> Iterable[tuple[str, Phrase]]:
        for address, made in self._fits.items():
            if (said := what(made)) is not None and device in (None, address.device):
                yield from ((point.id, said) for point in self._points[address])

    # ------------------------------------------------------------------ what is learnt

    def again(self, devices: Iterable[str]) -> None:
        """Ask these devices anew. Until they answer, what they said before holds for reading."""
        for device in devices:
            self._due[device] = dict.fromkeys(self._of_device[device])

    def leapt(self, address: Address, number: Raw, *, slots: bool = False) -> bool:
        """Whether a temperature has moved as none does: by what it says now, as its device counts, and what it said before;
        or what stands in its slots.
        """
        lasts = self._last_slots if slots else self._last
        last = lasts.get(address)
        if last is None or number == last or type(number) not in (float, int):
            return False
        if (made := self._fits.get(address)) is None:
            return False  # what it counts in is to be asked anyway
        self._polled.pop(address.device, None)
        lasts[address] = now = float(number or 0.0)
        return abs(now - last) * abs(made.scale * self._points[address][0].scale) >= LEAP

    def doubt(self, addresses: Sequence[Address]) -> None:
        """These objects of one device are neither believed nor written until it has said what they count in."""
        device = addresses[0].device
        self._open.update(addresses)
        self._alike.pop(device, None)
        self._due[device].update(dict.fromkeys(addresses))

    def to_ask(self, answers: Sequence[Answer]) -> list[Address]:
        """Objects of one device whose unit is to be asked before they are believed: those that have leapt or are in doubt."""
        if not answers:
            return []
        lasts, doubted, found, device = self._last, self._open, [], answers[0].address.device
        for answer in answers if doubted else self._news(device, answers):
            address, number = answer[0], answer[1]
            last = lasts.get(address)
            leapt = last is not None and number != last and self.leapt(address, number)
            if leapt or (doubted and address in doubted):
                found.append(address)
        if not self._due.get(device):
            self._polled[device] = answers
        return found

    def _news(self, device: str, answers: Sequence[Answer]) -> Sequence[Answer]:
        """Those that are not the very ones of its last poll, and so were looked at already: each value of each poll passes here."""
        before = self._polled.get(device, ())
        if len(before) != len(answers):
            return answers
        return [answer for answer, last in zip(answers, before, strict=True) if answer is not last]

    async def ask_again(self, addresses: Sequence[Address], reader: FieldReader) -> None:
        """Ask what these objects of one device count in, and all of its numbers where that is not as it was. Until they have
        answered they are in doubt. Raises DriverError."""
        device, before = addresses[0].device, [self._fits.get(address) for address in addresses]
        self.doubt(addresses)
        await self.learn(device, reader)
        if [self._fits.get(address) for address in addresses] != before:
            self.again([device])
            await self.learn(device, reader)

    async def learn(self, device: str, reader: FieldReader) -> None:
        """Read what is not known yet of a device's numbers. Raises DriverError where it says nothing at all."""
        due = self._due.get(device)
        if not due:
            return
        for limits in (True, False):
            # what may be written is asked for more, and first
            wanted = [a for a in due if self._written(a) is limits]
            for start in range(0, len(wanted), AT_ONCE):
                for traits in await reader.traits(wanted[start : start + AT_ONCE], limits=limits):
                    self._take(traits, due)
        if due:
            still = ", ".join(f"{a.object_type}:{a.instance}" for a in list(due)[:3])
            log.warning("units not read yet", device=device, objects=len(due), such_as=still)

    def _written(self, address: Address) -> bool:
        return any(point.writable for point in self._points[address])

    def _take(self, traits: Traits, due: dict[Address, None]) -> None:
        if traits.error is not None:
            return
        address = traits.address
        before = self._fits.get(address)
        made = self._fits[address] = _once(fit(self._points[address][0], traits.said))
        self._alike.pop(address.device, None)
        due.pop(address, None)
        if not due:
            due.clear()  # gives back the room that it had for all of them
        self._open.discard(address)
        if made.quarrel != (before.quarrel if before is not None else None):
            for point in self._points[address]:
                self._say(point, made.quarrel)

    def _say(self, point: Point, quarrel: Phrase | None) -> None:
        if quarrel is None:
            log.warning("units of a point: file and device agree again", point=point.id)
            self._tell(point, Phrase("site file and device agree again about its unit", "单位与设备已一致"))
            return
        log.warning(
            "units of a point: not believed, not written", point=point.id, device=point.device, why=quarrel.en
        )
        self._tell(point, Phrase("not believed, and not written", "读数不采信、不写入").detailed(quarrel))


@lru_cache(maxsize=256)
def _once(made: Fit) -> Fit:
    """Of equal ones the first: a thousand rooms' temperatures are taken alike."""
    return made


def _address(point: Point) -> Address:
    return interned(Address(point.device, point.object_type, point.instance))
