"""Objects that the standard does not allow are refused before anything is served."""

from __future__ import annotations

from typing import Any

import pytest
from bacpypes3.basetypes import EngineeringUnits

from simulator.bacnet.front import UNITS, DeviceSpec, ObjectSpec
from simulator.bacnet.rusty_front import RustyFront

SETPOINT: dict[str, Any] = {
    "object_type": "analog-value",
    "instance": 1,
    "name": "SETPOINT",
    "units": "degrees-celsius",
    "initial": 26.0,
    "relinquish_default": 26.0,
    "cov_increment": 0.1,
    "states": (),
}
MODE = SETPOINT | {
    "object_type": "multi-state-value",
    "units": None,
    "initial": 1,
    "relinquish_default": 1,
    "cov_increment": None,
    "states": ("off", "cool"),
}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"object_type": "analog-thing"}, "unknown object type"),
        ({"object_type": "accumulator"}, "unknown object type"),
        ({"object_type": "analog-input"}, "an input has no relinquish default"),
        ({"object_type": "analog-output", "relinquish_default": None}, "an output needs"),
        ({"units": "furlongs"}, "unit 'furlongs'"),
        ({"object_type": "binary-value", "initial": 1, "relinquish_default": 1}, "unit 'degrees-celsius'"),
        (MODE | {"cov_increment": 1.0}, "only analog objects"),
        (MODE | {"states": ()}, "names its states"),
        (MODE | {"initial": 3}, "numbered 1 to 2"),
        (MODE | {"relinquish_default": 0}, "numbered 1 to 2"),
        (MODE | {"object_type": "binary-value", "states": ("off",)}, "two states"),
        (MODE | {"object_type": "binary-value", "initial": 2}, "0 or 1"),
    ],
)
def test_an_impossible_object_is_refused_by_name(change: dict[str, Any], problem: str) -> None:
    """Whoever describes a controller wrongly reads which object it was and why."""
    with pytest.raises(ValueError, match=rf"SETPOINT .*{problem}"):
        ObjectSpec(**SETPOINT | change)


def test_units_have_the_numbers_of_the_standard() -> None:
    """Each unit's name and number agree with bacpypes3's table of BACnetEngineeringUnits."""
    assert {name: int(EngineeringUnits(name)) for name in UNITS} == UNITS


def test_two_controllers_of_one_name_are_refused() -> None:
    """Names tell controllers apart in the log of writes."""
    spec = DeviceSpec("fcu", 2001, "127.0.44.12", 47809, (ObjectSpec(**SETPOINT),))
    with pytest.raises(ValueError, match="one name"):
        RustyFront([spec, spec])
