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
from tests.e2e.sites import office, replaced
from tests.e2e.slots import MANY
from tests.meters.disk import Disk, acts, strace
from tests.waiting import SOON, eventually

pytestmark = pytest.mark.e2e

SWIFT: Final = {"priority: 10 ": "stagger: 0.05s\npriority: 10 "}
WRITES: Final = 100
"""So many at the least: some 35 slots are taken at each start of the daemon, and let go of at each stop."""
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


def ended(log: Path, daemon: DaemonProcess) -> bool:
    """Whether strace has told the daemon's end; it pads short numbers of processes."""
    told = re.compile(rf"^{daemon.process.pid} +\+\+\+ ", re.MULTILINE)
    return told.search(log.read_text(encoding="ascii")) is not None


@pytest.fixture(scope="module")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Building]:
    """An office after hours, whose equipment may start and stop twenty times a second."""
    files = office(tmp_path_factory.mktemp("swift"), changes=SWIFT)
    with Building(files, start=EVENING, speed=1.0) as building:
        yield building


@pytest.mark.parametrize("stack", ["bac0", "rusty"])
def test_a_write_leaves_when_its_intent_is_on_the_disk(swift: Building, stack: str, tmp_path: Path) -> None:
    """A hundred and more writes of a daemon that comes and goes in the evening."""
    files, state, log = swift.files, tmp_path / "state", tmp_path / "strace.log"
    state.mkdir(mode=0o700)
    site = tmp_path / "site.yaml"
    text = files.daemon.read_text(encoding="utf-8")
    site.write_text(replaced(text, {"instance: 3056001}": f"instance: 3056001, stack: {stack}}}"}), "utf-8")
    of, count, before = points(files.site), 0, len(swift.all_writes())
    while count <= WRITES:
        disk = Disk(state)
        with DaemonProcess(files, state, start=EVENING, site=site, before=strace(log, "-D")) as daemon:
            daemon.ready()
            eventually(lambda: daemon.owned() > MANY, SOON, "the building is supervised")
            assert daemon.stop().code == 0
        eventually(lambda: ended(log, daemon), SOON, "strace is at its end")
        for act in acts(log, state):
            disk.does(act)
            for write in writes(act.data) if act.what == "sent" else ():
                count += 1
                point = of[act.path, write.kind, write.instance]
                assert newest(disk, tmp_path / f"cut{count}", point) == write.value, point
    assert count >= len(swift.all_writes()) - before > WRITES
