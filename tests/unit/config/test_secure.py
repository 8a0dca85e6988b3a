"""BACnet/SC in the site file: the documentation's own example, and what an integrator gets wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

import config
from config.load import load_text

PAGE = Path(config.__file__).parent.parent / "docs" / "how-to" / "bacnet-sc.md"
REST = """
version: 1
building: b
timezone: Asia/Shanghai
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
hours: {office: {workday: 09:00-17:00}}
points: {outdoor_temperature: ahu-1/analog-input:2}
zones:
  room: {hours: office, sensors: {temperature: ahu-2/analog-input:1, occupancy: ddc-3/binary-input:1}}
"""
EXAMPLE = REST + PAGE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]


def test_the_pages_example_is_a_sound_site_file() -> None:
    """As it stands; its files are beside the site file."""
    loaded = load_text(EXAMPLE, "/etc/site/office.yaml")
    assert loaded.problems == []
    assert loaded.site is not None
    sc = loaded.site.bacnet.sc
    assert sc is not None
    assert sc.key == "/etc/site/certificates/supervisor.key"
    assert loaded.site.devices["ahu-2"].address == "02:1a:2b:3c:4d:5e"


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ("stack: rusty", "stack: bac0", "bacnet.sc", "does not speak BACnet/SC"),
        ("hub: wss://192.168.1.9:47809", "hub: ws://192.168.1.9:47809", "bacnet.sc.hub", "no URI of a BACnet/SC hub"),
        ("hub: wss://192.168.1.9:47809", "hub: 192.168.1.9:47809", "bacnet.sc.hub", "no URI of a BACnet/SC hub"),
        ("hub: wss://192.168.1.9:47809", "hub: wss://me:secret@host", "bacnet.sc.hub", "no URI of a BACnet/SC hub"),
        ("hub: wss://192.168.1.9:47809", "hub: wss://192.168.1.9:99999", "bacnet.sc.hub", "outside the allowed range"),
        ("wss://192.168.1.10:47809", "wss://192.168.1.9:47809", "bacnet.sc.failover", "is the primary hub"),
        ("    key: certificates/supervisor.key", "    # key", "bacnet.sc.key", "is missing"),
        ("02:1a:2b:3c:4d:5e", "ff:ff:ff:ff:ff:ff", "devices.ahu-2.address", "no node's VMAC"),
        ("02:1a:2b:3c:4d:5e", "02:1a:2b:3c:4d", "devices.ahu-2.address", "no address"),
        ("{instance: 1001} ", '{instance: 1001, address: "02:1A:2B:3C:4D:5E"}', "devices.ahu-2.address", "already the address of ahu-1"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_stands(old: str, new: str, path: str, said: str) -> None:
    """In both languages, with what to do."""
    assert old in EXAMPLE
    problems = load_text(EXAMPLE.replace(old, new)).problems
    found = [p for p in problems if p.path == path and said in p.said.en]
    assert found, problems
    assert len(problems) == 1
    assert found[0].said.zh != found[0].said.en
    assert found[0].remedy.zh


def test_a_vmac_without_a_hub_is_an_address_of_nowhere() -> None:
    """The section is missing."""
    text = EXAMPLE[: EXAMPLE.index("bacnet:")] + EXAMPLE[EXAMPLE.index("devices:") :]
    assert [p.path for p in load_text(text).problems] == ["devices.ahu-2.address"]


def test_a_hub_with_nobody_behind_it_is_doubted() -> None:
    """All devices have addresses of BACnet/IP: that is a warning, the file runs."""
    text = EXAMPLE.replace("{instance: 1001} ", "{instance: 1001, address: 192.168.1.21}")
    loaded = load_text(text.replace("02:1a:2b:3c:4d:5e", "192.168.1.22"))
    assert [(p.path, p.is_error) for p in loaded.problems] == [("bacnet.sc", False)]
