"""Templates, escape routes, smoke fans, and what may be written at all."""

from __future__ import annotations

import datetime as dt

import pytest

from config.load import load_text
from tests.site_files import site_of_text
from tests.unit.config.conftest import Broken

STAIR = "      lights: {at: ddc-2/10, escape_route: true}"


def test_a_template_without_start_stop(broken: Broken) -> None:
    """Nothing could switch it."""
    problem = broken(
        ("  lights:\n    kind: lights\n", "  §lights:\n    kind: lights\n"),
        ("      start_stop: {object: binary-output:5, writable: true}", "      run_status: binary-input:5"),
    )
    assert problem.message.startswith("template `lights` has no start_stop")
    assert "start_stop: {object: binary-output:0" in problem.hint


def test_a_template_may_leave_its_points_to_what_is_placed_from_it(small: str, today: dt.date) -> None:
    """A points list without a pattern: each place has the instance by itself. Where one place lacks it, it is the template's
    fault still."""
    text = small.replace("{object: binary-output:5, writable: true}", "{object: binary-output:5}")
    text = text.replace("      start_stop: {object: binary-output:5}", "      run_status: binary-input:5")
    assert "has no start_stop" in load_text(text, today=today).problems[0].message
    for number, place in enumerate(("lights: ddc-1/10", "lights: ddc-1/20", STAIR.strip())):
        assert "has no start_stop" in load_text(text, today=today).problems[0].message
        at = place.removeprefix("lights: ").removeprefix("{at: ").removesuffix("}")
        own = f"points: {{start_stop: {{object: binary-output:{77 + number}}}}}"
        assert place in text
        text = text.replace(place, f"lights: {{at: {at}, {own}}}")
    loaded = load_text(text, today=today)
    assert [p.message for p in loaded.problems if "start_stop" in p.message] == []
    assert loaded.site is not None


def test_a_template_whose_start_stop_is_misspelt_is_not_doubly_blamed_for_its_object(
    small: str, today: dt.date
) -> None:
    """A start_stop with a broken object is there, only broken."""
    text = small.replace("{object: binary-output:5, writable: true}", "{object: binary-outptu:5}")
    problems = load_text(text, today=today).problems
    assert [p.hint for p in problems] == ["did you mean `binary-output:5`?"]


@pytest.mark.parametrize("both", ["cooling_setpoint", "heating_setpoint"])
def test_a_template_has_one_setpoint_or_two_but_not_three(broken: Broken, both: str) -> None:
    """The controller obeys one of them."""
    text = "      §setpoint: analog-value:9\n      mode:"
    edits = [("      mode:", text)]
    if both == "heating_setpoint":
        edits.append(("      cooling_setpoint:", "      heating_setpoint:"))
    assert both in broken(*edits).message


def test_a_single_setpoint_without_mode_is_unmeasurable(broken: Broken) -> None:
    """Nobody knows whether it heats or cools."""
    problem = broken(
        ("      cooling_setpoint: {object", "      §setpoint: {object"),
        ("      mode: {object: multi-state-value:0, states: {1: off, 2: cool, 3: heat}}\n", ""),
        warning=True,
    )
    assert "unmeasurable" in problem.message


@pytest.mark.parametrize("kind", ["stair", "corridor", "lobby"])
def test_every_circuit_of_a_corridor_stair_or_lobby_says_whether_it_is_an_escape_route(
    broken: Broken, kind: str
) -> None:
    """Missing is refused, never guessed."""
    problem = broken(("kind: stair", f"kind: {kind}"), (STAIR, "      §lights: ddc-2/10"))
    assert f"`lights` of {kind} `stair` does not say escape_route" in problem.message
    assert "escape_route: true" in problem.hint
    assert problem.path == "zones.stair.equipment.lights"


def test_a_shared_circuit_of_a_stair_says_so_too(broken: Broken) -> None:
    """Shared equipment is no way around it."""
    shared = "equipment:\n  §hall-lights: {template: lights, at: ddc-2/50, serves: [stair]}\n  ahu:"
    assert "does not say escape_route" in broken(("equipment:\n  ahu:", shared)).message


@pytest.mark.parametrize(
    "written",
    [
        "{at: ddc-2/10, escape_route: true, writable: §true}",
        "{at: ddc-2/10, escape_route: true, points: {start_stop: {writable: §yes}}}",
    ],
)
def test_an_escape_route_light_cannot_be_writable(broken: Broken, written: str) -> None:
    """Refused where it is written, on the entry or on one of its points."""
    problem = broken((STAIR, f"      lights: {written}"))
    assert "never written" in problem.message
    assert problem.path.endswith("writable")


def test_an_escape_route_light_of_a_writable_template_is_read_only(small: str, today: dt.date) -> None:
    """The template serves other rooms; here nothing is writable."""
    site = site_of_text(small, today=today)
    assert [p.writable for p in site.points.values() if p.zone == "stair"] == [False]
    assert site.points["room-1/lights/start_stop"].writable


def test_a_point_that_another_circuit_maps_cannot_be_smuggled_past_the_escape_route(broken: Broken) -> None:
    """The same output under a second name is mapped twice."""
    problem = broken(
        ("lights: ddc-1/20}", "lights: ddc-2/10}"), ("{at: ddc-2/10, esc", "§{at: ddc-2/10, esc")
    )
    assert "mapped twice" in problem.message


@pytest.mark.parametrize("extra", ["", ", writable: true", ", points: {start_stop: {writable: true}}"])
def test_a_smoke_or_dual_use_fan_is_refused_where_anything_is_writable(broken: Broken, extra: str) -> None:
    """It belongs to the fire system."""
    problem = broken(
        ("ahu: {at: ddc-2/100,", f"ahu: {{at: ddc-2/100{extra}, smoke_control: §true,"),
    )
    assert "belongs to the fire system" in problem.message
    assert "writable: false" in problem.hint


def test_a_smoke_fan_may_be_watched(small: str, today: dt.date) -> None:
    """Read only, it harms nobody."""
    text = small.replace("ahu: {at: ddc-2/100,", "ahu: {at: ddc-2/100, smoke_control: true, writable: false,")
    loaded = load_text(text, today=today)
    assert loaded.problems == []
    assert loaded.site is not None
    assert not loaded.site.points["ahu/start_stop"].writable


def test_equipment_that_we_decide_over_should_be_startable(broken: Broken) -> None:
    """base: supervisor with a read-only start_stop."""
    entry = "{§fcu: {at: ddc-1/10, base: supervisor, writable: false}"
    problem = broken(("{fcu: ddc-1/10", entry), warning=True)
    assert "read-only" in problem.message


def test_hold_on_exit_needs_a_heartbeat(small: str, today: dt.date) -> None:
    """Without one the controller never notices that we are gone."""
    text = small.replace("    kind: ahu\n", "    kind: ahu\n    on_exit: hold\n")
    (problem,) = load_text(text, today=today).problems
    assert "heartbeat" in problem.message
    text = text.replace("127.0.0.12:47809}", "127.0.0.12:47809, heartbeat: binary-value:99}")
    assert load_text(text, today=today).problems == []


def test_only_lights_warn_by_blinking(broken: Broken) -> None:
    """A fan coil cannot blink."""
    problem = broken(("    kind: fcu\n", "    kind: fcu\n    warn: §blink\n"))
    assert "blinking" in problem.message


_BLINKING = ("    kind: lights\n", "    kind: lights\n    warn: blink\n")


def test_lamps_that_nobody_would_put_on_again_do_not_blink(broken: Broken) -> None:
    """Without a priority array an off stays off: five minutes of dark for a warning."""
    plain = ("binary-output:5, writable: true", "binary-output:5, writable: true, priority_array: false")
    one = ("{fcu: ddc-1/10, lights: ddc-1/10}", "{fcu: ddc-1/10, lights: {at: ddc-1/10, warn: §blink}}")
    problem = broken(plain, one)
    assert "puts the lamps on again" in problem.message


def test_an_escape_route_does_not_blink(broken: Broken) -> None:
    """It is never written."""
    problem = broken(("escape_route: true", "escape_route: true, warn: §blink"))
    assert "cannot blink" in problem.message


def test_a_template_that_blinks_may_also_light_an_escape_route(small: str, today: dt.date) -> None:
    """The stair takes the template of the rooms: it is left alone, and that is no fault of the file."""
    assert load_text(small.replace(*_BLINKING), today=today).problems == []


def test_lamps_that_are_only_read_do_not_blink(broken: Broken) -> None:
    """As long as the integrator has not allowed the write, there is no warning either."""
    problem = broken(
        ("lights: ddc-1/10}", "lights: {at: ddc-1/10, warn: §blink, writable: false}}"), warning=True
    )
    assert "only read" in problem.message


def test_a_point_that_neither_template_nor_entry_places(broken: Broken) -> None:
    """A window contact without an object."""
    entry = "{fcu: {at: ddc-1/10, points: {§window: {poll: 1s}}}"
    problem = broken(("{fcu: ddc-1/10", entry))
    assert problem.message == "window has no object"


@pytest.mark.parametrize("role", ["fire_alarm", "energy", "heartbeat", "outdoor_temperature"])
def test_a_role_that_does_not_belong_to_equipment(broken: Broken, role: str) -> None:
    """The fire alarm is the building's."""
    problem = broken(("      temperature: analog", f"      §{role}: analog"))
    assert "does not belong to equipment" in problem.message


def test_a_role_that_is_no_sensor_of_a_zone(broken: Broken) -> None:
    """A setpoint belongs to equipment."""
    problem = broken(("{temperature: ddc-2/analog-input:7}", "{§setpoint: ddc-2/analog-value:7}"))
    assert "no sensor of a zone" in problem.message
