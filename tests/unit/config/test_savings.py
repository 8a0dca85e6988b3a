"""What a baseline lacks is told by `check`, with line and remedy, and not by a night without a figure."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load

SITE = """version: 1
building: hall
timezone: Asia/Shanghai
hours: {office: {workday: 09:00-17:00}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
zones: {room: {hours: office, sensors: {temperature: ddc/analog-input:50}}}
meters:
  main: {subitem: total, point: {at: ddc/analog-input:70, unit: kWh}}
  water: {subitem: water, point: {at: ddc/analog-input:71, unit: m3}}
devices: {ddc: {instance: 1001, address: 192.0.2.1}}
savings:
  baseline: {from: 2024-01-01, to: 2024-12-31}
  weather: days.csv
"""


def told(folder: Path, text: str) -> list[tuple[str, str, str]]:
    """Where, what, and what in Chinese."""
    (folder / "days.csv").touch()
    path = folder / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return [(p.path, p.message, p.message_zh) for p in load(path).problems if "savings" in p.path]


def test_a_sound_baseline_is_no_problem(tmp_path: Path) -> None:
    """A year, and its weather in a file."""
    assert told(tmp_path, SITE) == []


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        ("to: 2024-12-31", "to: 2023-12-31", "savings.baseline.to", "ends before it begins"),
        ("  weather", "  since: 2024-06-01\n  weather", "savings.since", "before the baseline is over"),
        ("  weather", "  meters: [mian]\n  weather", "savings.meters[0]", "there is no meter `mian`"),
        ("  weather", "  meters: [main, water]\n  weather", "savings.meters", "count different things"),
        ("days.csv", "none.csv", "savings.weather", "there is no file"),
        ("  weather: days.csv\n", "", "savings", "neither an outdoor sensor nor a file"),
        ("  weather", "  events: [{from: 2025-05-02, to: 2025-05-01, note: a fair}]\n  weather", "savings.events[0].to",
         "ends before it begins"),
    ],
)  # fmt: skip
def test_each_slip_has_its_place(tmp_path: Path, old: str, new: str, path: str, said: str) -> None:
    """One problem each, where it is written."""
    (problem,) = told(tmp_path, SITE.replace(old, new))
    assert problem[0] == path
    assert said in problem[1]
