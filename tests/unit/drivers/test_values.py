"""Raw present values and the values of roles, both ways."""

from __future__ import annotations

import math
import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.points import Point, Raw, Value
from config.roles import ROLES, Mode, Role, Shape
from drivers.readings import Quality
from drivers.values import encode, judged

ROOM = Point("z/temperature", Role.TEMPERATURE, "d", "analog-input", 1)
FAHRENHEIT = Point(
    "z/f/cooling_setpoint", Role.COOLING_SETPOINT, "d", "analog-value", 1, scale=5 / 9, shift=-160 / 9
)
WINDOW = Point("z/window", Role.WINDOW, "d", "binary-input", 1)
MODE = Point(
    "z/f/mode", Role.MODE, "d", "multi-state-value", 1, states={1: Mode.OFF, 2: Mode.COOL, 3: Mode.HEAT}
)
VAV = Point(
    "z/v/start_stop", Role.START_STOP, "d", "multi-state-value", 1, states={1: Mode.AUTO, 2: Mode.OFF}
)
RAW = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))


def _real(value: float) -> float:
    """What a BACnet REAL (32 bits) makes of a number."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


@pytest.mark.parametrize(
    "raw", [math.nan, math.inf, -math.inf, -273, -273.15, 1e9, 10**400, True, "21", "nan"]
)
def test_a_reading_that_cannot_be_true_is_never_good(raw: Raw) -> None:
    """Not a number, infinite, absurd, or of the wrong type."""
    assert judged(ROOM, raw) == (None, Quality.INVALID)


@pytest.mark.parametrize("raw", [85.0, -40.0, 127.0, 327.67, 3276.7, 850.0, 65535, -3276.8, 215.0])
def test_what_a_thermometer_says_that_has_come_off_is_no_temperature(raw: float) -> None:
    """One on a 1-wire bus that has just started says 85, a loop with a broken wire -40: frost protection heats for neither, and
    no mild season is suspended for a room of 85 °C. Tenths of a degree are none either."""
    assert judged(ROOM, raw) == (None, Quality.INVALID)
    assert judged(ROOM, 45.0) == (45.0, Quality.GOOD)


def test_no_value_is_missing() -> None:
    """The device answered, but not with a value."""
    assert judged(ROOM, None) == (None, Quality.MISSING)


def test_a_room_temperature_loses_what_32_bits_added() -> None:
    """A setpoint of 26.3 is not corrected for being 26.299999."""
    assert judged(ROOM, _real(26.3)) == (26.3, Quality.GOOD)
    assert judged(ROOM, 26) == (26.0, Quality.GOOD)


def test_a_value_that_the_controller_itself_distrusts_is_a_fault() -> None:
    """Status_Flags: fault."""
    assert judged(ROOM, 21.0, fault=True) == (21.0, Quality.FAULT)
    assert judged(ROOM, math.nan, fault=True) == (None, Quality.INVALID)


def test_a_controller_in_fahrenheit_is_read_and_written_in_its_own_unit() -> None:
    """26 degC is 78.8 degF, there and back through 32 bits."""
    wire = encode(FAHRENHEIT, 26.0)
    assert wire == pytest.approx(78.8)
    assert judged(FAHRENHEIT, _real(wire)) == (26.0, Quality.GOOD)


def test_a_meter_in_kilowatt_hours_gives_joules() -> None:
    """Ledgers count in base units."""
    meter = Point("meter/m/energy", Role.ENERGY, "d", "analog-input", 1, scale=3.6e6)
    assert judged(meter, 2.5) == (9e6, Quality.GOOD)
    assert judged(meter, -1.0) == (None, Quality.INVALID)


@pytest.mark.parametrize(("raw", "is_open"), [(0, False), (1, True), (True, True), (1.0, True)])
def test_a_normally_closed_contact_is_inverted(raw: float, is_open: bool) -> None:
    """invert: true, both ways."""
    assert judged(WINDOW, raw) == (is_open, Quality.GOOD)
    inverted = replace(WINDOW, invert=True)
    assert judged(inverted, raw) == (not is_open, Quality.GOOD)
    assert encode(inverted, not is_open) == int(raw)


@pytest.mark.parametrize("raw", [2, -1, 0.5, math.nan, math.inf, "active"])
def test_a_contact_is_open_or_closed_and_nothing_else(raw: Raw) -> None:
    """Two of a binary is no value."""
    assert judged(WINDOW, raw) == (None, Quality.INVALID)


def test_modes_are_read_and_written_by_the_states_of_the_controller() -> None:
    """A state that nobody mapped is unknown, not off."""
    assert judged(MODE, 2) == (Mode.COOL, Quality.GOOD)
    assert judged(MODE, 4) == (None, Quality.INVALID)
    assert judged(MODE, True) == (None, Quality.INVALID)
    assert encode(MODE, Mode.HEAT) == 3
    with pytest.raises(ValueError, match="dry"):
        encode(MODE, Mode.DRY)


def test_an_occupancy_mode_is_a_start_stop_of_two_states() -> None:
    """A VAV box: 1 occupied, 2 unoccupied."""
    assert judged(VAV, 1) == (True, Quality.GOOD)
    assert judged(VAV, 2) == (False, Quality.GOOD)
    assert judged(VAV, 3) == (None, Quality.INVALID)
    assert (encode(VAV, True), encode(VAV, False)) == (1, 2)


@pytest.mark.parametrize(
    ("point", "value"),
    [
        (FAHRENHEIT, math.nan),
        (FAHRENHEIT, math.inf),
        (FAHRENHEIT, True),
        (FAHRENHEIT, None),
        (FAHRENHEIT, "26"),
        (WINDOW, 1),
        (WINDOW, None),
        (MODE, None),
        (MODE, 2),
    ],
)
def test_what_has_no_form_on_the_wire_is_not_written(point: Point, value: Value) -> None:
    """Refused before a driver sees it."""
    with pytest.raises(ValueError, match=point.id):
        encode(point, value)


def test_a_flag_at_an_analog_value_is_written_as_a_real() -> None:
    """The object's type decides the wire's."""
    wire = encode(replace(WINDOW, object_type="analog-value"), True)
    assert (wire, type(wire)) == (1.0, float)


@given(role=st.sampled_from(Role), raw=RAW, fault=st.booleans())
def test_whatever_arrives_a_good_value_is_of_its_role(role: Role, raw: Raw, fault: bool) -> None:
    """Never an exception; good means plausible, finite and of the right type."""
    value, quality = judged(Point("p", role, "d", "analog-value", 1, states={1: Mode.OFF}), raw, fault)
    if quality not in (Quality.GOOD, Quality.FAULT):
        assert value is None
        return
    spec = ROLES[role]
    if spec.shape is Shape.NUMBER:
        assert isinstance(value, float | int)
        assert spec.low <= value <= spec.high
    else:
        assert isinstance(value, bool if spec.shape is Shape.FLAG else Mode)


@given(st.floats(5, 45))
def test_a_setpoint_survives_the_way_to_the_wire_and_back(value: float) -> None:
    """Within the resolution of a REAL."""
    decoded, quality = judged(FAHRENHEIT, _real(encode(FAHRENHEIT, value)))
    assert quality is Quality.GOOD or value in (5.0, 45.0)
    if decoded is not None:
        assert decoded == pytest.approx(value, abs=1e-3)
