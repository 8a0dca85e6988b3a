"""The section `bacnet_device:`: the documentation's own example, and what an integrator gets wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

import config
from config.load import load_text

PAGE = Path(config.__file__).parent.parent / "docs" / "how-to" / "bacnet-device.md"
REST = """
version: 1
building: b
timezone: Asia/Shanghai
points: {outdoor_temperature: ddc/analog-input:2}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
hours: {office: {workday: 09:00-17:00}}
zones: {room: {hours: office, sensors: {temperature: ddc/analog-input:1}}}
devices: {ddc: {instance: 1001, address: 192.168.1.20}}
"""
EXAMPLE = REST + PAGE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]


def test_the_pages_example_is_a_sound_site_file() -> None:
    """As it stands; nobody may write anything unless the site opts in, and then for four hours."""
    loaded = load_text(EXAMPLE)
    assert loaded.problems == []
    assert loaded.site is not None
    section = loaded.site.bacnet_device
    assert section is not None
    assert (section.name, section.enabled_point, section.expires) == ("Energy supervisor", False, 4 * 3600)


@pytest.mark.parametrize(
    ("more", "path", "said"),
    [
        ("{port: 47809}", "bacnet_device.port", "shares the port"),
        (f"{{name: {'楼' * 22}}}", "bacnet_device.name", "no name of a device"),
        ("{enabled_point: true, expires: 13h}", "bacnet_device.expires", ""),
        ("{enabled_point: true, expires: 30s}", "bacnet_device.expires", ""),
        ("{expires: 2h}", "bacnet_device.expires", "nothing expires"),
        ("{enabled: true}", "bacnet_device.enabled", "enabled_point"),
        ("{instance: 7}", "bacnet_device.instance", ""),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(more: str, path: str, said: str) -> None:
    """With the key, in both languages."""
    problems = load_text(REST + f"bacnet_device: {more}\n").problems
    assert [p.path for p in problems] == [path]
    assert said in problems[0].message + (problems[0].hint or "")


@pytest.mark.parametrize(
    ("bacnet", "device", "path", "said"),
    [
        ("{stack: rusty}", "{}", "", ""),
        ("{stack: rusty, port: 47809}", "{}", "bacnet_device", "is that of `bacnet:` already"),
        (
            "{stack: rusty, port: 47810}",
            "{port: 47810}",
            "bacnet_device.port",
            "is that of `bacnet:` already",
        ),
        ("{stack: rusty, foreign: {bbmd: 10.0.0.2}}", "{}", "bacnet_device", "broadcasts are not heard"),
        ("{instance: 1001}", "{}", "devices.ddc.instance", "taken by this program itself"),
    ],
)
def test_its_port_and_number_are_its_own(bacnet: str, device: str, path: str, said: str) -> None:
    """Beside the other stack it needs a port, and nobody else in the file has its number."""
    problems = load_text(REST + f"bacnet: {bacnet}\nbacnet_device: {device}\n").problems
    assert [p.path for p in problems] == ([path] if path else [])
    assert all(said in p.message for p in problems)
