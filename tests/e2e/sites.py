"""The example office at addresses of a test's own, so that several buildings run side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.site import Site
from tests.networks import subnet
from tests.ports import free_everywhere, free_tcp
from tests.site_files import OFFICE, site_of_file

NETWORK = subnet(1)
DEVICES = tuple(range(11, 18))
"""Last octets of the controllers' addresses in the office."""
FORBIDDEN = {"priority: 10 ": "priority: 8 "}
"""A slip of an integrator's: the manual operator's slot."""


@dataclass(frozen=True)
class SiteFiles:
    """One building's file as the daemon has it, and as the building itself has it.

    They differ where a test stands in between one controller and the daemon.
    """

    daemon: Path
    building: Path
    http: int
    wire: int
    """UDP port of the controllers; the daemon's own is one higher."""

    @property
    def site(self) -> Site:
        """The file, loaded."""
        return site_of_file(self.daemon)


def office(
    folder: Path,
    *,
    changes: Mapping[str, str] | None = None,
    detour: Mapping[str, str] | None = None,
) -> SiteFiles:
    """The example office in `folder` with `changes` (text → text) at free ports.

    `detour` gives the daemon other hosts for some controllers (`127.2.1.14` → `127.2.1.24`).
    """
    wire, http = free_udp(), free_tcp()
    text = OFFICE.read_text(encoding="utf-8")
    moved = {f"127.0.0.{octet}:47809": f"{NETWORK}.{octet}:{wire}" for octet in DEVICES}
    own = {
        "{bind: 127.0.0.1, port: 47808,": f"{{bind: {NETWORK}.1, port: {wire + 1},",
        "{bind: 127.0.0.1, port: 8026}": f"{{bind: 127.0.0.1, port: {http}}}",
    }
    building = replaced(text, {**(changes or {}), **moved, **own})
    seen = replaced(building, {f"{a}:{wire}": f"{b}:{wire}" for a, b in (detour or {}).items()})
    files = SiteFiles(folder / "office.yaml", folder / "building.yaml", http, wire)
    files.daemon.write_text(seen, encoding="utf-8")
    files.building.write_text(building, encoding="utf-8")
    return files


def replaced(text: str, changes: Mapping[str, str]) -> str:
    """`text` with every change made; each must find something to change."""
    for old, new in changes.items():
        assert old in text, f"the office no longer says {old!r}"
        text = text.replace(old, new)
    return text


def spoil(files: SiteFiles) -> str:
    """Make the site file invalid; what it was."""
    text = files.daemon.read_text(encoding="utf-8")
    files.daemon.write_text(replaced(text, FORBIDDEN), encoding="utf-8")
    return text


def free_udp() -> int:
    """A UDP port free on each of the office's addresses and their detours, and the next one on ours."""
    return free_everywhere((f"{NETWORK}.{octet}" for octet in (*DEVICES, 24)), f"{NETWORK}.1")
