"""The daemon under fire: the annex at night behind relays, nothing due, every slot held that should be."""

from __future__ import annotations

import operator
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from config.roles import Role
from config.site import Site
from drivers.bacnet.kinds import PRESENT_VALUE
from simulator.bacnet.relay import Endpoint
from tests.contract import wire
from tests.e2e.processes import Building, DaemonProcess
from tests.e2e.sites import SiteFiles
from tests.e2e.slots import Held, Place, decided, held
from tests.fuzz.corpus import Corpus, made_up, mutated
from tests.networks import subnet
from tests.waiting import eventually, last_answer, lives_for
from tests.wire import day
from tests.wire.annex import annex, own_address, relays
from tests.wire.relay import Relays

NETWORK: Final = subnet(6)
EVENING: Final = "2026-07-15T22:30:00+08:00"
"""A Wednesday in summer, four hours after the last closing: all is decided, and nothing changes until morning."""
LIFETIME: Final = 20.0
SETTLED: Final = 60.0
"""Wall seconds in which all slots are as decided, at the start and after the storm."""
LISTEN: Final = 8.0
"""Wall seconds in which the daemon and its controllers are overheard before the storm."""
POISONED: Final = 0.5
"""Share of a controller's true acknowledgements that a false one with the same invoke id precedes."""
_BUSY: Final = {
    ":47809}": ":47809, poll: 0.5s}",
    "ddc-1.host:47809, poll: 0.5s}": "ddc-1.host:47809, poll: 0.2s, cov: false}",
    "lighting.host:47809, poll: 0.5s}": "lighting.host:47809, poll: 0.2s, cov: false}",
}
"""Two controllers are only polled, five times a second: requests are open all the time."""
_ACKNOWLEDGED: Final = (wire.SIMPLE_ACK, wire.COMPLEX_ACK)


class Poison:
    """Puts false acknowledgements before true ones: the daemon's request is still open when they come."""

    def __init__(self, seed: int) -> None:
        self.put = 0
        self.material: Sequence[bytes] = ()
        self._dice = random.Random(seed)

    def __call__(self, _device: str, datagram: bytes, to_controller: bool) -> Sequence[bytes]:
        """What passes in a datagram's stead."""
        if to_controller or not self.material or self._dice.random() >= POISONED:
            return (datagram,)
        frame = wire.parse(datagram)
        if frame is None or frame.type not in _ACKNOWLEDGED:
            return (datagram,)
        self.put += 1
        return mutated(self._dice, datagram, self.material), datagram


@dataclass
class Target:
    """What is fired at, and what must still hold afterwards."""

    building: Building
    daemon: DaemonProcess
    wires: Relays
    files: SiteFiles
    site: Site
    corpus: Corpus
    poison: Poison
    address: Endpoint
    held: Held
    began: float = field(default_factory=time.time)

    @property
    def devices(self) -> tuple[str, ...]:
        """Those whose own addresses datagrams can come from."""
        return tuple(self.site.devices)

    def writes(self) -> list[day.Sent]:
        """Every write that a controller has logged since the storm began."""
        ahead = time.time() - time.monotonic()
        return [
            day.Sent(at + ahead, (device, kind, instance), priority, _number(value), number)
            for at, device, kind, instance, priority, value, number in self.building.all_writes()
            if at + ahead >= self.began
        ]

    def uncalled_for(self) -> list[day.Sent]:
        """Those of them that no decision asked for, or that are not Present_Value at our priority."""
        places = {p.id: (p.device, p.object_type, p.instance) for p in self.site.points.values()}
        asked = day.intents(self.daemon.state / "supervisor.sqlite3", places, 1.0)
        ours = self.site.priority
        strange = {w for w in self.writes() if w.priority != ours or w.property_id != PRESENT_VALUE}
        return [*strange, *(w for w in day.unasked(self.writes(), asked) if w not in strange)]

    def silences(self) -> float:
        """Seconds for which a controller was not asked anything at the longest, since the storm began."""
        last = dict.fromkeys(self.devices, self.began)
        longest = 0.0
        for each in list(self.wires.log):
            if each.to_controller and each.at >= self.began:
                longest = max(longest, each.at - last[each.device])
                last[each.device] = each.at
        return max([longest, *(time.time() - at for at in last.values())])

    def recovers(self) -> tuple[float, list[str]]:
        """Wall seconds until every slot is as decided and as before the storm, and what never was."""
        began = time.monotonic()
        wrong = last_answer(self._wrong, operator.not_, SETTLED, 1.0)
        return time.monotonic() - began, wrong

    def _wrong(self) -> list[str]:
        wanted, found = decided(self.daemon), held(self.files)
        return [
            *(f"decided: {each}" for each in wanted.items() - found.items()),
            *(f"held: {each}" for each in found.items() - wanted.items()),
            *(f"before: {each}" for each in self._by_the_clock(self.held) - self._by_the_clock(found)),
            *(f"since: {each}" for each in self._by_the_clock(found) - self._by_the_clock(self.held)),
        ]

    def _by_the_clock(self, slots: Held) -> set[tuple[Place, float]]:
        """What nothing that is heard changes in the night.

        Corridor lights are switched off once nobody was sensed for two minutes; a setpoint that false answers made us
        correct seven times stays held for a day.
        """
        walked = {
            p.id
            for z in self.site.zones.values()
            if z.circulation
            for e in z.equipment
            for p in e.points.values()
        }
        places = {
            Place(p.device, p.object_type, p.instance)
            for p in self.site.points.values()
            if p.role is Role.START_STOP and p.id not in walked
        }
        return {(place, value) for place, value in slots.items() if place in places}


def _number(value: object) -> float | None:
    return None if value is None else float(value) if isinstance(value, int | float) else float("nan")


@contextmanager
def target(folder: Path, stack: str, seed: int) -> Iterator[Target]:
    """The annex at 22:30, settled, its wires overheard for a while."""
    files = annex(folder, NETWORK, stack, LIFETIME, _BUSY)
    poison = Poison(seed)
    with (
        Building(files, start=EVENING, speed=1.0) as building,
        relays(files, NETWORK, {}) as wires,
        DaemonProcess(files, folder / "state", start=EVENING) as daemon,
    ):
        daemon.ready()
        eventually(lambda: held(files) == decided(daemon), SETTLED, "all slots are as decided")
        lives_for(daemon.process, LISTEN)
        site = files.site
        overheard = {passed.datagram for passed in list(wires.log)}
        material = [
            *sorted(overheard),
            *made_up(site.bacnet.instance, [d.instance for d in site.devices.values()]),
        ]
        poison.material = material
        wires.tamper = poison
        yield Target(
            building,
            daemon,
            wires,
            files,
            site,
            Corpus(seed, material),
            poison,
            own_address(files, NETWORK),
            held(files),
        )
