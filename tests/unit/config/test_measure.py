"""What one count is worth: by the file, by the device, and where the two speak against one another."""

from __future__ import annotations

import dataclasses
import math

import pytest

from config.measure import Fit, Said, fit, measured
from config.objects import OBJECTS, meant
from config.points import Point
from config.roles import Mode, Role
from config.units import UNITS, Unit
from drivers.values import decode, encode

_BASE = Unit("")


def point(
    role: Role,
    unit: str = "",
    object_type: str = "analog-value",
    counts: float | None = None,
    factor: float = 1.0,
) -> Point:
    """A point as the file makes it."""
    known = UNITS.get(unit, _BASE)
    scale = known.scale * factor * (counts or 1.0)
    return Point(
        "room/x",
        role,
        "ddc",
        object_type,
        1,
        scale=scale,
        shift=known.shift,
        unit=unit,
        counts=counts,
        factor=factor,
    )


def value(of: Point, said: Said, raw: float) -> float:
    """What a number of the device comes to in the role's unit."""
    found = decode(of, fit(of, said).read(raw))
    assert isinstance(found, float | int), found
    return float(found)


@pytest.mark.parametrize(
    ("role", "unit", "units", "raw", "means"),
    [
        (Role.TEMPERATURE, "", 64, 38.0, 3.333),
        (Role.TEMPERATURE, "", 63, 293.15, 20.0),
        (Role.TEMPERATURE, "", 62, 20.0, 20.0),
        (Role.TEMPERATURE, "°C", 62, 20.0, 20.0),
        (Role.TEMPERATURE, "degF", None, 50.0, 10.0),
        (Role.TEMPERATURE, "degF", 95, 50.0, 10.0),
        (Role.TEMPERATURE, "degF", 512, 50.0, 10.0),
        (Role.TEMPERATURE, "", None, 20.0, 20.0),
        (Role.HUMIDITY, "%", 29, 55.0, 55.0),
        (Role.HUMIDITY, "fraction", 95, 0.55, 55.0),
        (Role.HUMIDITY, "", 207, 550.0, 55.0),
        (Role.ENERGY, "", 18, 1000.0, 3.6e6),
        (Role.ENERGY, "", 19, 1.0, 3.6e6),
        (Role.ENERGY, "", 146, 1.0, 3.6e9),
        (Role.ENERGY, "", 147, 1.0, 1_055_055.85262),
        (Role.ENERGY, "kWh", 95, 2.0, 7.2e6),
        (Role.WATER, "", 82, 250.0, 0.25),
        (Role.WATER, "", 79, 1.0, 0.028316846592),
        (Role.CO2, "", 97, 800_000.0, 800.0),
        (Role.LUX, "", 38, 1.0, 10.76391),
    ],
)
def test_the_unit_is_the_devices_where_the_file_says_none(
    role: Role, unit: str, units: int | None, raw: float, means: float
) -> None:
    """Kelvin, BTU, per mille, cubic feet; the file's where the device says nothing that is known."""
    made = fit(point(role, unit), Said(units=units))
    assert made.quarrel is None
    assert value(point(role, unit), Said(units=units), raw) == pytest.approx(means, rel=1e-5)


@pytest.mark.parametrize(
    ("role", "unit", "said", "words"),
    [
        (Role.TEMPERATURE, "degC", Said(units=64), "the site file says degC, the device says degF"),
        (Role.ENERGY, "kWh", Said(units=18), "the site file says kWh, the device says Wh"),
        (Role.HUMIDITY, "fraction", Said(units=98), "the site file says fraction, the device says %"),
        (Role.ENERGY, "kWh", Said(units=48), "the device counts in kW"),
        (Role.ENERGY, "", Said(units=47), "the device counts in W"),
        (Role.TEMPERATURE, "", Said(units=5), "the device counts in V"),
        (Role.TEMPERATURE, "", Said(units=121), "K of difference"),
        (Role.TEMPERATURE, "", Said(units=512), "unit number 512"),
        (Role.TEMPERATURE, "", Said(odd=("Units",)), "cannot be read"),
        (Role.ENERGY, "", Said(), "does not say its unit"),
        (Role.ENERGY, "", Said(units=95), "does not say its unit"),
    ],
)
def test_where_they_disagree_or_nobody_knows_neither_is_believed(
    role: Role, unit: str, said: Said, words: str
) -> None:
    """Told in both languages, with what each says."""
    quarrel = fit(point(role, unit), said).quarrel
    assert quarrel is not None
    assert words in quarrel.en
    assert quarrel.zh != quarrel.en


def test_what_is_taken_for_granted_is_told() -> None:
    """A controller that does not say its unit, or says one that the file does not need to repeat."""
    for unit, units, words in (
        ("", None, "taken for degC"),
        ("", 64, "counts in degF"),
        ("degF", 600, "degF"),
    ):
        doubt = fit(point(Role.TEMPERATURE, unit), Said(units=units)).doubt
        assert doubt is not None
        assert words in doubt.en
    assert fit(point(Role.TEMPERATURE), Said(units=62)).doubt is None


@pytest.mark.parametrize(
    ("counts", "factor", "said", "raw", "kwh"),
    [
        (None, 1.0, Said(units=19, scale=0.1), 123_456, 12_345.6),
        (None, 1.0, Said(units=19, scale=10.0, prescale=(1, 10)), 500, 5_000.0),
        (None, 40.0, Said(units=19, scale=0.1), 1_000, 4_000.0),
        (0.1, 1.0, Said(units=19), 1_000, 100.0),
        (0.1, 1.0, Said(units=19, scale=0.100000001), 1_000, 100.0),
        (None, 1.0, Said(units=18, scale=1000.0), 7, 7.0),
        (None, 1.0, Said(units=19), 7, 7.0),
    ],
)
def test_an_accumulators_count_is_worth_its_scale(
    counts: float | None, factor: float, said: Said, raw: int, kwh: float
) -> None:
    """By the device, by the file where it is silent, times the transformer's ratio; Prescale is the device's own affair."""
    meter = point(Role.ENERGY, "", "accumulator", counts, factor)
    assert fit(meter, said).quarrel is None
    assert value(meter, said, raw) == pytest.approx(kwh * 3.6e6)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (0.1, Said(units=19, scale=0.01)),
        (None, Said(units=19, odd=("Scale",))),
        (None, Said(units=19, scale=0.0)),
        (None, Said(units=19, scale=math.nan)),
    ],
)
def test_a_scale_that_differs_or_says_nothing_is_a_quarrel(counts: float | None, said: Said) -> None:
    """Ten times too much is worse than nothing."""
    quarrel = fit(point(Role.ENERGY, "", "accumulator", counts), said).quarrel
    assert quarrel is not None
    assert "cale" in quarrel.en


def test_a_pulse_converter_has_worked_its_factor_in() -> None:
    """Present_Value is in Units already (§12.23)."""
    meter = point(Role.WATER, "", "pulse-converter")
    assert value(meter, Said(units=82, scale_factor=0.25), 40.0) == pytest.approx(0.04)


def test_what_the_controller_takes_is_said_in_the_files_unit() -> None:
    """60 to 86 °F in steps of a whole degree, for a file that counts in °C."""
    setpoint = point(Role.COOLING_SETPOINT)
    made = fit(setpoint, Said(units=64, resolution=1.0, low=60.8, high=86.0))
    assert [made.low, made.high, made.step, made.origin] == pytest.approx([16.0, 30.0, 5 / 9, -160 / 9])
    assert made.sent(26.0) == pytest.approx(78.8)


@pytest.mark.parametrize(
    "said",
    [
        Said(low=0.0, high=0.0), Said(low=30.0, high=16.0), Said(low=math.nan, high=math.inf), Said(resolution=0.0),
        Said(resolution=math.nan), Said(resolution=1e-6),
    ],
)  # fmt: skip
def test_a_range_or_a_step_that_is_none_bounds_nothing(said: Said) -> None:
    """Filled with noughts by its maker, or turned round."""
    made = fit(point(Role.COOLING_SETPOINT, "degC"), said)
    assert (made.low, made.high, made.step) == (-math.inf, math.inf, 0.0)


def test_whole_numbers_are_a_grid_whatever_the_resolution_says() -> None:
    """A Positive Integer Value in °F holds whole degrees and nothing else."""
    made = fit(point(Role.COOLING_SETPOINT, "", "positive-integer-value"), Said(units=64))
    assert made.step == pytest.approx(5 / 9)


def test_every_unit_of_bacnet_has_one_name_here() -> None:
    """Two names with one number are one unit."""
    by_number: dict[int, Unit] = {}
    for unit in UNITS.values():
        if unit.number is not None:
            assert by_number.setdefault(unit.number, unit) == unit
    assert Fit().plain


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("analogue-value", "analog-value"), ("analog-imput", "analog-input"), ("bianry-value", "binary-value"),
        ("integer-input", "integer-value"), ("large-analog-output", "large-analog-value"),
        ("positive-integer-input", "positive-integer-value"), ("lighting-value", "lighting-output"),
        ("accumulater", "accumulator"), ("pulse-convertor", "pulse-converter"), ("schedule", None), ("trend-log", None),
    ],
)  # fmt: skip
def test_a_hint_never_crosses_from_numbers_to_switches(word: str, hint: str | None) -> None:
    """An integer is no binary: whoever follows the hint must not end up with another kind of point."""
    assert meant(word) == hint


def test_a_dimmable_lamp_is_on_at_any_level() -> None:
    """A Lighting Output holds per cent: on is 100, off is 0; what it fades through is on."""
    lamp = Point("room/lights/start_stop", Role.START_STOP, "ddc", "lighting-output", 1, writable=True)
    assert [decode(lamp, level) for level in (0.0, 0.4, 100.0, -1.0, 101.0)] == [
        False,
        True,
        True,
        None,
        None,
    ]
    assert [encode(lamp, on) for on in (True, False)] == [100.0, 0.0]
    closed = dataclasses.replace(lamp, invert=True)
    assert decode(closed, 100.0) is False


def test_all_types_of_the_list_are_numbered_once() -> None:
    """One list for the file and the wire."""
    numbers = [type_.number for type_ in OBJECTS.values()]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(
    ("said", "on"),
    [
        (Said(), 1.0),
        (Said(units=95), 1.0),
        (Said(units=95, high=1.0), 1.0),
        (Said(units=600), 1.0),
        (Said(units=98), 100.0),
        (Said(units=98, low=0.0, high=80.0), 80.0),
    ],
)
def test_on_is_all_that_an_analog_object_takes_where_it_counts_in_per_cent(said: Said, on: float) -> None:
    """A fan's speed and a dimmer: on was written as 1 %. A window that stands open by 37 % is open, and a lamp at rest is off."""
    switch = point(Role.START_STOP, object_type="analog-output")
    made = fit(switch, said)
    assert made.quarrel is None
    assert made.sent(encode(switch, True)) == on
    assert made.sent(encode(switch, False)) == 0.0
    seen = [decode(switch, made.read(part * on)) for part in (0.0, 0.005, 0.37, 1.0, 1.2)]
    assert seen == [False, False, True, True, None]
    inverted = dataclasses.replace(switch, invert=True)
    assert decode(inverted, made.read(on)) is False


@pytest.mark.parametrize("said", [Said(units=27), Said(units=62), Said(units=95, low=0.0, high=100.0)])
def test_on_is_not_guessed_where_an_analog_object_counts_in_something_else(said: Said) -> None:
    """A drive in Hz at 1 Hz, a temperature, and a range of 100 of nobody knows what: not written, and it is told what to say."""
    made = fit(point(Role.START_STOP, object_type="analog-output"), said)
    assert made.quarrel is not None
    told = dataclasses.replace(
        point(Role.START_STOP, object_type="analog-output"), states={0: Mode.OFF, 60: Mode.FAN}
    )
    assert not measured(told)
    assert encode(told, True) == 60.0
