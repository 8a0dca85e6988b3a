"""Objects, units and states that do not fit; points and devices that collide."""

from __future__ import annotations

import datetime as dt

import pytest

from config.load import load_text
from tests.unit.config.conftest import Broken

COOLING = "cooling_setpoint: {object: analog-value:0, writable: true}"


@pytest.mark.parametrize("role", ["temperature", "run_status", "occupancy", "window"])
def test_an_input_cannot_be_writable(broken: Broken, role: str) -> None:
    """Nobody writes a sensor."""
    kind = "analog" if role == "temperature" else "binary"
    point = f"{role}: {{object: {kind}-value:3, writable: §true}}"
    problem = broken(("temperature: analog-input:0", point))
    assert problem.message == f"{role} is an input and cannot be writable"


@pytest.mark.parametrize(
    ("old", "object_type"),
    [
        (COOLING, "analog-input"),
        ("start_stop: {object: binary-output:5, writable: true}", "binary-input"),
    ],
)
def test_an_object_that_cannot_be_commanded(broken: Broken, old: str, object_type: str) -> None:
    """A setpoint at an analog input would never take a value."""
    role = old.partition(":")[0]
    problem = broken((old, f"{role}: {{object: {object_type}:9, writable: §true}}"))
    assert problem.message == f"an object of type {object_type} cannot be written"
    assert "output" in problem.hint


def test_a_number_cannot_come_from_a_binary_object(broken: Broken) -> None:
    """A swapped line of the point list."""
    problem = broken(("temperature: analog-input:0", "temperature: §binary-input:0"))
    assert problem.message == "temperature is a number, but binary-input has none"


@pytest.mark.parametrize("written", ["analog-imput:0", "AJ:0", "analog-input", "analog-input:x"])
def test_an_object_that_is_misspelt(broken: Broken, written: str) -> None:
    """Type and instance, as the standard writes them."""
    problem = broken(("temperature: analog-input:0", f"temperature: §{written}"))
    assert "analog-input" in problem.hint


def test_an_instance_beyond_the_last(broken: Broken) -> None:
    """22 bits, the last of them reserved."""
    problem = broken(("temperature: analog-input:0", "temperature: §analog-input:4194303"))
    assert problem.hint == "from 0 to 4194302"


def test_an_offset_that_leads_beyond_the_last_instance(broken: Broken) -> None:
    """Placed too far: said once for each object at the entry."""
    text = ("equipment: {fcu: ddc-1/30}", "equipment: {fcu: {at: §ddc-1/4194302}}")
    problem = broken(text, ("      mode: {object: multi-state-value:0, states: {1: off, 2: cool, 3: heat}}\n", ""),
                     ("      temperature: analog-input:0", "      temperature: analog-input:1"))  # fmt: skip
    assert "beyond the last instance" in problem.message


@pytest.mark.parametrize(
    ("point", "unit", "hint"),
    [
        ("main: {subitem: total, point: {at: ddc-2/analog-input:2, unit: ", "kWH", "did you mean `kWh`?"),
        ("main: {subitem: total, point: {at: ddc-2/analog-input:2, unit: ", "hp", "J, kJ, MJ, GJ, Wh, kWh"),
        ("main: {subitem: total, point: {at: ddc-2/analog-input:2, unit: ", "m3", "J, kJ, MJ, GJ, Wh, kWh"),
    ],
)
def test_a_unit_that_is_not_known_or_measures_something_else(
    broken: Broken, point: str, unit: str, hint: str
) -> None:
    """Energy in cubic metres."""
    problem = broken((point + "kWh", f"{point}§{unit}"))
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ("kWh, scale: §0.1", "only an accumulator has a scale"),
        ("kWh, scale: §0", "more than 0"),
        ("kWh, factor: §0", "more than 0"),
    ],
)
def test_a_scale_is_an_accumulators_and_no_factor_is_nought(broken: Broken, edit: str, words: str) -> None:
    """Anything else holds its value in its unit already."""
    problem = broken(("ddc-2/analog-input:2, unit: kWh", f"ddc-2/analog-input:2, unit: {edit}"))
    assert words in problem.message


def test_a_lamp_has_no_factor(broken: Broken) -> None:
    """On is on."""
    problem = broken(
        ("start_stop: {object: binary-output:5,", "start_stop: {object: binary-output:5, factor: §2,")
    )
    assert "has no factor" in problem.message


def test_the_digits_of_a_meter_are_those_of_a_display_with_a_unit(broken: Broken) -> None:
    """It begins again at 10^6 of what?"""
    problem = broken(
        (
            "main: {subitem: total, point: {at: ddc-2/analog-input:2, unit: kWh}}",
            "main: {subitem: total, digits: §6, point: {at: ddc-2/analog-input:2}}",
        )
    )
    assert "in which unit" in problem.message


def test_one_object_counts_in_one_unit(broken: Broken) -> None:
    """Two rooms read one sensor: not in °C here and in °F there."""
    server = "    kind: server_room\n    hours: office\n"
    sensors = "    sensors: {temperature: §{at: ddc-2/analog-input:7, unit: degF}}\n"
    assert "another unit" in broken((server, server + sensors)).message


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ("§mode: multi-state-value:0", "does not say what its states mean"),
        ("§window: multi-state-input:0", "which state is off"),
        ("humidity: {object: analog-input:9, stale_after: §20s}", "next poll, 30 s later"),
        ("window: {object: binary-input:9, stale_after: §2s}", "next poll, 2 s later"),
        ("window: {object: multi-state-input:0, states: §{1: cool, 2: heat}}", "one state must be off"),
        ("window: {object: multi-state-input:0, states: §{0: off, 1: auto}}", "never in state 0"),
        ("window: {object: binary-input:0, states: §{0: off, 5: auto}}", "never in state 5"),
        ("humidity: {object: analog-input:9, states: §{1: off}}", "has no states"),
        ("humidity: {object: analog-input:9, invert: §true}", "cannot be inverted"),
        ("humidity: {object: analog-input:9, low: §60, high: 40}", "must be below"),
        ("window: {object: binary-input:9, low: §0}", "no low and high"),
        ("window: {object: binary-input:9, unit: §degC}", "has no unit"),
        ("humidity: {object: analog-input:9, poll: 60s, stale_after: §30s}", "stale before its next poll"),
        ("window: {object: multi-state-input:0, states: {1: off, 2: §opened}}", "no mode known"),
    ],
)
def test_a_point_whose_settings_do_not_fit_its_role(broken: Broken, point: str, words: str) -> None:
    """States for modes, inversion for flags, ranges for numbers."""
    line = "      mode: {object: multi-state-value:0, states: {1: off, 2: cool, 3: heat}}"
    assert words in broken((line, f"      {point}")).message


def test_a_point_mapped_twice_by_equipment_of_two_rooms(broken: Broken) -> None:
    """The second room copied the first one's offset: one problem, not one a point."""
    problem = broken(("fcu: ddc-1/20", "fcu: §ddc-1/10"))
    assert problem.message == (
        "ddc-1/binary-output:10 is mapped twice: here as `room-2/fcu/start_stop`, and 3 more like it"
    )
    assert "line 29 has it as `room-1/fcu/start_stop`" in problem.hint


def test_a_shared_setpoint_must_be_allowed_to_take_the_limit_of_the_zones_it_serves(broken: Broken) -> None:
    """An air handler that may only be set from 14 to 20 °C cannot be held at 26; it is said once, not for each zone."""
    problem = broken(
        ("  ahu:\n    kind: ahu\n    points:\n", "  ahu:\n    kind: ahu\n    points:\n      §cooling_setpoint: "
         "{object: analog-value:9, writable: true, low: 14, high: 20}\n"))  # fmt: skip
    assert "leaves out the limit 26" in problem.message


def test_a_point_mapped_twice_within_one_controller_by_templates_that_overlap(broken: Broken) -> None:
    """Lights five objects further meet the next fan coil."""
    problem = broken(("fcu: ddc-1/30", "fcu: §ddc-1/15"))
    assert "ddc-1/binary-output:15" in problem.message


def test_two_rooms_may_read_one_sensor(small: str, today: dt.date) -> None:
    """A thermostat between two desks, mapped by both rooms themselves."""
    text = small.replace(
        "equipment: {fcu: ddc-1/10, lights: ddc-1/10}\n",
        "equipment: {fcu: ddc-1/10, lights: ddc-1/10}\n    sensors: {temperature: ddc-2/analog-input:7}\n",
    )
    assert load_text(text, today=today).problems == []


def test_two_devices_with_one_instance(broken: Broken) -> None:
    """The second one never answers."""
    problem = broken(("instance: 12", "instance: §11"))
    assert problem.message == "instance 11 is taken by ddc-1"


def test_a_device_with_our_own_instance(broken: Broken) -> None:
    """We are a device, too."""
    assert "this program itself" in broken(("instance: 12", "instance: §3056001")).message


def test_two_devices_at_one_address(broken: Broken) -> None:
    """Only one of them would answer."""
    problem = broken(("127.0.0.12:47809", "§127.0.0.11:47809"))
    assert "already the address of ddc-1" in problem.message


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("§127.0.0.300:47809", "no IP address"),
        ("§ddc-2.local:47809", "no IP address"),
        ("§ddc-2", "no IP address"),
        ("§127.0.0.12:70000", "outside the allowed range"),
        ("§not an address", "no address"),
    ],
)
def test_an_address_that_is_none(broken: Broken, written: str, words: str) -> None:
    """Host and port."""
    assert words in broken(("127.0.0.12:47809", written)).message


@pytest.mark.parametrize(
    ("written", "bind"),
    [
        ("255.255.255.255", "127.0.0.1"), ("224.0.0.1:47808", "127.0.0.1"), ("0.0.0.0:47809", "127.0.0.1"),
        ("240.0.0.7", "127.0.0.1"), ("10.1.2.255", "10.1.2.5"), ("10.1.2.0:47809", "10.1.2.5/24"),
        ("10.1.255.255", "10.1.2.5/16"), ("10.1.2.63", "10.1.2.5/26"),
    ],
)  # fmt: skip
def test_an_address_of_many_is_no_controllers(broken: Broken, written: str, bind: str) -> None:
    """A broadcast or a group: whoever hears it would be written, or nobody."""
    problem = broken(("bind: 127.0.0.1", f"bind: {bind}"), ("127.0.0.12:47809", f"§{written}"))
    assert problem.message.startswith(f"`{written.partition(':')[0]}` is no controller's own address")


@pytest.mark.parametrize(
    ("written", "bind"),
    [("10.1.2.255", "10.1.2.5/16"), ("10.1.3.255", "10.1.2.5/24"), ("10.1.2.0", "10.1.0.5/16")],
)
def test_a_host_whose_number_only_looks_like_it_is_one(
    small: str, today: dt.date, written: str, bind: str
) -> None:
    """In a wider network .255 and .0 are hosts as any other, and of networks elsewhere nobody here knows the mask."""
    text = small.replace("bind: 127.0.0.1", f"bind: {bind}").replace("127.0.0.12:47809", written)
    assert not [p for p in load_text(text, today=today).problems if p.is_error]


def test_on_loopback_a_device_needs_an_address(broken: Broken) -> None:
    """No broadcast is heard there."""
    problem = broken(("  ddc-2: {instance: 12, address: 127.0.0.12:47809}", "  §ddc-2: {instance: 12}"))
    assert "needs an address" in problem.message


def test_on_loopback_our_port_and_the_devices_differ(broken: Broken) -> None:
    """The stack would deliver the datagram to itself."""
    problem = broken(("127.0.0.12:47809", "§127.0.0.12"))
    assert "is also ours" in problem.message
    assert "47809" in problem.hint


def test_we_bind_to_an_address(broken: Broken) -> None:
    """A name of a network card is none."""
    assert "no IP address" in broken(("bind: 127.0.0.1", "bind: §eth0")).message


def test_a_writable_setpoint_must_be_able_to_take_the_limit(broken: Broken) -> None:
    """A range up to 25 would make 26 unenforceable."""
    problem = broken(
        ("      " + COOLING, "      §cooling_setpoint: {object: analog-value:0, writable: true, high: 25}")
    )
    assert "leaves out the limit 26" in problem.message
