"""A broker in the site file: the documentation's own example, and what an integrator gets wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

import config
from config.load import load_text

PAGE = Path(config.__file__).parent.parent / "docs" / "how-to" / "mqtt.md"
REST = """
version: 1
building: b
timezone: Asia/Shanghai
points: {outdoor_temperature: sensors/analog-input:2}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
hours: {office: {workday: 09:00-17:00}}
templates:
  fcu: {kind: fcu, points: {start_stop: {object: binary-output:0, writable: true}}}
"""
EXAMPLE = REST + PAGE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]


def test_the_pages_example_is_a_sound_site_file() -> None:
    """As it stands; one zone mixes wires, and a point counts for as long as its topic says."""
    loaded = load_text(EXAMPLE)
    assert loaded.problems == []
    assert loaded.site is not None
    zone = loaded.site.zones["room-101"]
    assert {p.device for points in zone.sensors.values() for p in points} == {"sensors"}
    assert [e.points["start_stop"].device for e in zone.equipment] == ["ddc-1"]  # type: ignore[index]
    assert loaded.site.points["room-101/occupancy"].stale_after == 900
    assert loaded.site.points["room-101/window"].stale_after == 6 * 3600


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ("mqtts://192.168.1.5:8883", "mqtt://192.168.1.5:1883", "devices.sensors.mqtt.ca", "certificates are for TLS only"),
        ("mqtts://192.168.1.5:8883", "mqtts://u:p@192.168.1.5", "devices.sensors.mqtt.broker", "no address of a broker"),
        ("mqtts://192.168.1.5:8883", "mqtts://192.168.1.5:99999", "devices.sensors.mqtt.broker", "port"),
        ("user: supervisor", "", "devices.sensors.", "needs a user"),
        ("ca: ca.pem", "certificate: c.pem", "devices.sensors.mqtt.certificate", "goes with its key"),
        ("topic: tele/room-101/SENSOR", "topic: tele/+/SENSOR", "topics.analog-input:1.topic", "without + and #"),
        ("binary-input:1:", "binary-output:1:", "topics.binary-output:1", "only read"),
        ("binary-input:1:", "presence:", "topics.presence", "is no object"),
        ("analog-input:1:", "AI2:", "topics.analog-input:2", "the same object as"),
        ("occupancy: sensors/binary-input:1", "occupancy: sensors/binary-input:9", "zones.room-101.sensors.occupancy", "has no topic for binary-input:9"),
        ("window: sensors/binary-input:2", "window: {at: sensors/binary-input:2, invert: true}", "zones.room-101.sensors.window", "must not be inverted again"),
        ("refresh: 12h, ", "", "topics.binary-input:3", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_place_in_both_languages(
    old: str, new: str, path: str, said: str
) -> None:
    """With what to do; a password within the address is not quoted."""
    assert old in EXAMPLE
    problems = load_text(EXAMPLE.replace(old, new)).problems
    errors = [p for p in problems if p.is_error]
    [problem] = [p for p in errors if path in p.path and said in p.message]
    assert problem.hint
    assert not said or "port" in said or problem.message_zh
    assert not [p for p in errors if "u:p@" in f"{p.message}{p.hint}"]


def test_a_password_without_tls_is_warned_of() -> None:
    """It works, and anybody on the network can read it."""
    text = EXAMPLE.replace("mqtts://192.168.1.5:8883", "mqtt://192.168.1.5").replace(
        "      ca: ca.pem", "      #"
    )
    [problem] = load_text(text).problems
    assert not problem.is_error
    assert "can be read on the way" in problem.message
