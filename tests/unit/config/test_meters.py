"""Meters in a site file: read, by hand, computed from others, or a vehicle's card; each slip with its line and a remedy."""

from __future__ import annotations

import pytest

from config.load import load_text
from config.problems import Problem

HEAD = """version: 1
building: b
timezone: Asia/Shanghai
hours: {office: {workday: 09:00-17:00}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
devices: {ddc: {instance: 1}}
zones: {r: {kind: office, hours: office, sensors: {temperature: ddc/analog-input:1}}}
meters:
  main: {subitem: total, point: {at: ddc/analog-input:7, unit: kWh}}
  ac: {subitem: hvac, point: {at: ddc/analog-input:8, unit: kWh}, parent: main}
  water: {subitem: water, unit: m3}
"""
FIRST = HEAD.count("\n") + 1


def problems(*lines: str) -> list[Problem]:
    """What is wrong with a site file that has these meters, too."""
    return load_text(HEAD + "".join(f"  {line}\n" for line in lines), "b.yaml").problems


def test_a_computed_meter_and_a_vehicle_are_accepted() -> None:
    """Signs or none, one computed from another computed one, a card with no more than its fuel."""
    assert problems(
        "rest: {subitem: lighting_socket, of: [+main, -ac], parent: main}",
        "half: {subitem: special, of: [rest, -ac]}",
        "car: {subitem: petrol, vehicle: {}}",
        "van: {subitem: diesel, vehicle: {model: V80, standard: 9.5, tank: 80}}",
    ) == []  # fmt: skip


@pytest.mark.parametrize(
    ("line", "said", "hint"),
    [
        ("x: {subitem: total, of: [mian, -ac]}", "no meter", "main"),
        ("x: {subitem: total, of: [main, -x]}", "computed from itself", "other meters"),
        ("x: {subitem: total, of: [main, main]}", "is in it twice", "delete"),
        ("x: {subitem: total, of: [main, water]}", "counts water", "flows through"),
        ("x: {subitem: total, of: []}", "computed from nothing", "name its parts"),
        ("x: {subitem: total, of: [main], digits: 6}", "no `digits` of its own", "follows from its parts"),
        ("x: {subitem: total, of: [main], unit: kWh}", "no `unit` of its own", "follows from its parts"),
        ("x: {subitem: total, of: [main], point: {at: ddc/analog-input:9, unit: kWh}}", "is read and has `of`", "delete"),
        ("x: {subitem: hvac, vehicle: {}}", "takes petrol or diesel", "subitem: petrol"),
        ("x: {subitem: petrol, vehicle: {}, unit: m3}", "counted in litres", "delete"),
        ("x: {subitem: petrol, vehicle: {standard: -1}}", "outside the allowed range", "100"),
        ("x: {subitem: petrol, vehicle: {tnak: 60}}", "unknown key", "tank"),
    ],
)  # fmt: skip
def test_each_slip_is_told_with_its_line_and_a_remedy(line: str, said: str, hint: str) -> None:
    """One problem, at the line that was written."""
    found = problems(line)
    assert any(said in p.message and hint in (p.hint or "") and p.line == FIRST for p in found), found


def test_a_circle_of_computed_meters_is_told_at_each_of_them() -> None:
    """a needs b, b needs c, c needs a; whoever only needs them is not in it."""
    found = problems(
        "a: {subitem: total, of: [b]}", "b: {subitem: total, of: [c]}", "c: {subitem: total, of: [a, main]}",
        "d: {subitem: total, of: [a]}",
    )  # fmt: skip
    assert [p.line for p in found if "computed from itself" in p.message] == [FIRST, FIRST + 1, FIRST + 2]
