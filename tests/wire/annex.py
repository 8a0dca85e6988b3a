"""The annex at addresses of a test's own, with a relay in front of each of its controllers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from simulator.bacnet.relay import Endpoint, Fate
from tests.e2e.sites import SiteFiles, replaced
from tests.ports import free_everywhere, free_tcp
from tests.wire.relay import Relays

ANNEX: Final = Path(__file__).with_name("annex.yaml")
DEVICES: Final = {"ddc-1": 11, "ddc-2": 12, "ddc-3": 13, "lighting": 16, "gateway": 17}
"""Last octets of the controllers' addresses."""
BEHIND: Final = 20
"""Added to a controller's last octet: where it really is. The daemon looks for it at the relay."""


def annex(
    folder: Path, network: str, stack: str, lifetime: float, changes: Mapping[str, str] | None = None
) -> SiteFiles:
    """The annex's file in `folder`, as the daemon has it and as the building has it, at free ports.

    `network` is the first three octets of all its addresses, a test's own: `127.2.5`. `changes` are of the
    text as it stands in `annex.yaml`.
    """
    wire, http = _free(network), free_tcp()
    text = replaced(
        replaced(ANNEX.read_text(encoding="utf-8"), changes or {}),
        {
            "own.host, port: 47808": f"{network}.1, port: {wire + 1}",
            "own.stack": stack,
            "own.lifetime": f"{lifetime:g}s",
            "port: 8026": f"port: {http}",
        },
    )
    files = SiteFiles(folder / "annex.yaml", folder / "building.yaml", http, wire)
    for file, shift in ((files.daemon, 0), (files.building, BEHIND)):
        hosts = {f"{d}.host:47809": f"{network}.{octet + shift}:{wire}" for d, octet in DEVICES.items()}
        file.write_text(replaced(text, hosts), encoding="utf-8")
    return files


def own_address(files: SiteFiles, network: str) -> Endpoint:
    """Where the daemon's BACnet port is."""
    return f"{network}.1", files.wire + 1


def relays(files: SiteFiles, network: str, fates: Mapping[str, Fate]) -> Relays:
    """A relay in front of every controller."""
    ways = {
        device: ((f"{network}.{octet}", files.wire), (f"{network}.{octet + BEHIND}", files.wire))
        for device, octet in DEVICES.items()
    }
    return Relays(ways, fates)


def _free(network: str) -> int:
    """A UDP port free on each of the annex's addresses, and the next one on the daemon's."""
    hosts = (f"{network}.{octet + shift}" for octet in DEVICES.values() for shift in (0, BEHIND))
    return free_everywhere(hosts, f"{network}.1")
