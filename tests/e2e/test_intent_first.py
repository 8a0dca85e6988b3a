"""No write leaves before its intent is on the disk: strace sees the fsyncs and the datagrams of a daemon at work.

For each WriteProperty the disk is made as a power cut at that very moment would leave it, with nothing but what was fsynced;
the intent must be found there, with the value that is about to go out.
"""

from __future__ import annotations

import re
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import pytest

from config.site import Site
from tests.e2e.conftest import EVENING
from tests.e2e.processes import Building, DaemonProcess
from tests.e2e.sites import office
from tests.e2e.slots import MANY
from tests.meters.disk import Disk, acts, strace
from tests.waiting import eventually

pytestmark = pytest.mark.e2e

SWIFT: Final = {"priority: 10 ": "stagger: 0.05s\npriority: 10 "}
EVENINGS: Final = 2
"""Starts and stops of the daemon: some 35 slots are taken at each start, and let go of at each stop."""
_WRITE: Final = re.compile(rb"\x0c(.{4})\x19\x55\x3e(.+?)\x3f", re.DOTALL)
"""WriteProperty of a Present_Value (ASHRAE 135 clause 15.9): object, property 85, value between its tags."""
_ONE_OF_MANY: Final = re.compile(rb"\x0c(.{4})\x1e\x09\x55\x2e(.+?)\x2f", re.DOTALL)
"""An element of a WritePropertyMultiple (clause 15.10)."""
_KINDS: Final = {1: "analog-output", 2: "analog-value", 4: "binary-output", 5: "binary-value",
                 14: "multi-state-output", 19: "multi-state-value"}  # fmt: skip


class Sent(NamedTuple):
    """A write in a datagram: which object, and what to."""

    kind: str
    instance: int
    value: float | None


def writes(datagram: bytes) -> Iterator[Sent]:
    """The writes that a BACnet/IP datagram asks for: confirmed requests 15 and 16 alone (clause 20.1.2)."""
    if datagram[:1] != b"\x81" or len(datagram) < 12 or datagram[5] & 0x20:
        return
    apdu = datagram[6:]
    pattern = {15: _WRITE, 16: _ONE_OF_MANY}.get(apdu[3]) if apdu[0] & 0xF0 == 0 else None
    for identity, value in pattern.findall(apdu[4:]) if pattern else ():
        (number,) = struct.unpack(">I", identity)
        yield Sent(_KINDS[number >> 22], number & 0x3FFFFF, _value(value))


def _value(data: bytes) -> float | None:
    """NULL, Unsigned, Real and Enumerated (clause 20.2)."""
    tag, body = data[0] >> 4, data[1:]
    if tag == 0:
        return None
    return float(struct.unpack(">f", body)[0]) if tag == 4 else float(int.from_bytes(body, "big"))


def newest(disk: Disk, into: Path, point: str) -> float | None:
    """What the newest durable intent of a point wants, if the power went now."""
    into.mkdir()
    disk.cut(into, Random(1), 0.0)
    with sqlite3.connect(into / "supervisor.sqlite3") as store:
        asked = "SELECT wire FROM intents WHERE point = ? ORDER BY id DESC LIMIT 1"
        found = store.execute(asked, (point,)).fetchone()
    store.close()
    assert found is not None, f"a write of {point} left, and nothing on the disk says why"
    return None if found[0] is None else float(found[0])


def points(site: Site) -> dict[tuple[str, str, int], str]:
    """The point that is written at a host, by kind and number of its object."""
    hosts = {device.id: f"{device.address}".partition(":")[0] for device in site.devices.values()}
    return {(hosts[p.device], p.object_type, p.instance): p.id for p in site.points.values() if p.writable}


@pytest.mark.parametrize("stack", ["bac0", "rusty"])
def test_a_write_leaves_when_its_intent_is_on_the_disk(stack: str, tmp_path: Path) -> None:
    """A hundred and more writes of a daemon that comes and goes in the evening."""
    files = office(tmp_path, changes={**SWIFT, "instance: 3056001}": f"instance: 3056001, stack: {stack}}}"})
    state, log = tmp_path / "state", tmp_path / "strace.log"
    state.mkdir(mode=0o700)
    of, count = points(files.site), 0
    with Building(files, start=EVENING, speed=1.0) as building:
        for evening in range(EVENINGS):
            disk = Disk(state)
            daemon = DaemonProcess(files, state, start=EVENING, before=strace(log, "-D"))
            with daemon:
                daemon.ready()
                eventually(lambda: daemon.owned() > MANY, 90, "the building is supervised")  # noqa: B023
                assert daemon.stop().code == 0
            eventually(lambda: f"{daemon.process.pid} +++" in log.read_text(), 60, "strace is at its end")  # noqa: B023
            for act in acts(log, state):
                disk.does(act)
                for write in writes(act.data) if act.what == "sent" else ():
                    count += 1
                    point = of[act.path, write.kind, write.instance]
                    assert newest(disk, tmp_path / f"cut{count}", point) == write.value, (evening, point)
        assert count >= len(building.all_writes()) > 100
