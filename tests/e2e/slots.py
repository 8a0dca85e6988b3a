"""What was decided for each slot, and what the witness found in it."""

from __future__ import annotations

import re
from typing import NamedTuple

from drivers.values import encode
from tests.e2e.processes import DaemonProcess, slots
from tests.e2e.sites import SiteFiles
from tests.waiting import last_answer

MANY = 20
"""More slots than this must be owned before anything is said about letting them go."""
_HELD = re.compile(r"(?P<device>\S+) (?P<type>\S+) (?P<instance>\d+) slot \d+ = (?P<value>.+)")


class Place(NamedTuple):
    """One object."""

    device: str
    object_type: str
    instance: int


Held = dict[Place, float]

PATIENCE = 120.0
"""Wall seconds in which slots become as decided. On a busy machine the two looks of one comparison lie seconds apart, minutes
of a fast site clock: it takes some until nobody comes or goes between them."""


def held(files: SiteFiles, device: str | None = None) -> Held:
    """What our slot holds, object by object, as another BACnet stack than the daemon's reads it."""
    found: Held = {}
    for line in slots(files)[1]:
        match = _HELD.fullmatch(line)
        assert match, line
        if device in (None, match["device"]):
            found[Place(match["device"], match["type"], int(match["instance"]))] = float(match["value"])
    return found


def decided(daemon: DaemonProcess, device: str | None = None) -> Held:
    """What our slot should hold, object by object, by the daemon's own explanations."""
    found: Held = {}
    for point in daemon.files.site.points.values():
        if not point.writable or device not in (None, point.device):
            continue
        winner = daemon.explain(point.id)["winner"]
        if winner is not None and isinstance(winner["value"], bool | float):
            place = Place(point.device, point.object_type, point.instance)
            found[place] = float(encode(point, winner["value"]))
    return found


def as_decided(daemon: DaemonProcess, within: float = PATIENCE, device: str | None = None) -> None:
    """Wait until our slots are what was decided, no more and no less, by the witness's reading."""

    def found_and_wanted() -> tuple[Held, Held]:
        return held(daemon.files, device), decided(daemon, device)

    found, wanted = last_answer(found_and_wanted, lambda both: both[0] == both[1], within, 0.5)
    assert found == wanted, f"held {found.items() - wanted.items()}, decided {wanted.items() - found.items()}"
