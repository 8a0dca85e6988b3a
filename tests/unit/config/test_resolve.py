"""From the file to the site: templates, offsets, units, defaults."""

from __future__ import annotations

import datetime as dt
import pickle
from pathlib import Path

import pytest

from config.load import load
from config.points import Point
from config.resolve import merged
from config.roles import ROLES, Mode, Role
from config.rules import RuleSettings
from config.site import Site
from tests.site_files import site_of_text


@pytest.fixture
def site(small: str, today: dt.date) -> Site:
    """The small site."""
    return site_of_text(small, today=today)


def _changed(small: str, today: dt.date, *edits: tuple[str, str]) -> Site:
    for old, new in edits:
        assert old in small
        small = small.replace(old, new, 1)
    return site_of_text(small, today=today)


def test_a_template_is_moved_by_its_offset(site: Site) -> None:
    """fcu at ddc-1/20 has its objects 20 further."""
    point = site.points["room-2/fcu/temperature"]
    assert (point.device, point.object_type, point.instance) == ("ddc-1", "analog-input", 20)
    assert (point.zone, point.equipment, point.writable) == ("room-2", "room-2/fcu", False)


def test_a_zone_sees_its_own_sensors_before_those_of_its_equipment(site: Site) -> None:
    """Room 2 has a sensor of its own beside the fan coil's."""
    sensors = site.zones["room-2"].sensors[Role.TEMPERATURE]
    assert [p.id for p in sensors] == ["room-2/temperature", "room-2/fcu/temperature"]


def test_several_sensors_of_one_role_are_numbered(small: str, today: dt.date) -> None:
    """Two window contacts."""
    site = _changed(small, today, ("sensors: {temperature: ddc-2/analog-input:7}",
                                   "sensors: {window: [ddc-2/binary-input:7, ddc-2/binary-input:8]}"))  # fmt: skip
    assert [p.id for p in site.zones["room-2"].sensors[Role.WINDOW]] == ["room-2/window-1", "room-2/window-2"]


def test_shared_equipment_knows_its_zones_and_they_know_it(site: Site) -> None:
    """The air handler serves two rooms."""
    assert site.shared["ahu"].zones == ("room-1", "room-2")
    assert site.shared["ahu"].shared
    assert site.zones["room-1"].served_by == ("ahu",)
    assert site.zones["stair"].served_by == ()
    assert site.points["ahu/start_stop"].zone is None


def test_an_entrys_own_point_stands_where_it_says(small: str, today: dt.date) -> None:
    """Its instance is not moved by the offset; other settings come from the template."""
    site = _changed(small, today, ("{fcu: ddc-1/10,", "{fcu: {at: ddc-1/10, points: {cooling_setpoint: analog-value:77, "
                                   "window: {object: binary-input:8, invert: true}}},"))  # fmt: skip
    point = site.points["room-1/fcu/cooling_setpoint"]
    assert (point.instance, point.writable) == (77, True)
    assert site.points["room-1/fcu/window"].invert
    assert site.zones["room-1"].sensors[Role.WINDOW][0].instance == 8


@pytest.mark.parametrize(
    ("entry", "writable"),
    [
        ("{at: ddc-1/10, writable: false}", set()),
        ("{at: ddc-1/10, writable: true}", {Role.START_STOP, Role.COOLING_SETPOINT, Role.MODE}),
        ("{at: ddc-1/10, points: {start_stop: {writable: false}}}", {Role.COOLING_SETPOINT}),
        ("{at: ddc-1/10, writable: false, points: {start_stop: {writable: true}}}", {Role.START_STOP}),
    ],
)
def test_the_nearest_word_on_writable_counts(
    small: str, today: dt.date, entry: str, writable: set[str]
) -> None:
    """The entry's point, else the entry, else the template."""
    site = _changed(small, today, ("{fcu: ddc-1/10,", f"{{fcu: {entry},"))
    points = site.zones["room-1"].equipment[0].points
    assert {role for role, point in points.items() if point.writable} == writable


def test_new_points_are_read_only_until_the_file_says_otherwise(site: Site) -> None:
    """Commissioning is a decision."""
    assert not site.points["room-1/fcu/mode"].writable
    assert not site.points["building/fire_alarm"].writable


def test_a_new_site_only_pretends(small: str, today: dt.date) -> None:
    """dry_run is true unless the file says otherwise, for the site or for a zone."""
    site = _changed(small, today, ("dry_run: false\n", ""))
    assert site.dry_run
    assert site.is_dry(site.points["room-1/fcu/start_stop"])
    site = _changed(small, today, ("  room-1:\n", "  room-1:\n    dry_run: true\n"))
    assert site.is_dry(site.points["room-1/fcu/start_stop"])
    assert not site.is_dry(site.points["room-2/fcu/start_stop"])


def test_an_air_handler_whose_zones_only_pretend_is_left_alone(small: str, today: dt.date) -> None:
    """Its stop would be felt in rooms where nothing is to be written; one live room needs it switched."""
    dry = [(f"  {room}:\n", f"  {room}:\n    dry_run: true\n") for room in ("room-1", "room-2")]
    one, both = _changed(small, today, dry[0]), _changed(small, today, *dry)
    assert not one.is_dry(one.points["ahu/start_stop"])
    assert both.is_dry(both.points["ahu/start_stop"])
    assert not both.is_dry(both.points["server/fcu/start_stop"])


def test_a_controller_in_fahrenheit(small: str, today: dt.date) -> None:
    """Its numbers and its range become degrees Celsius."""
    site = _changed(small, today, ("cooling_setpoint: {object: analog-value:0, writable: true}",
        "cooling_setpoint: {object: analog-value:0, writable: true, unit: degF, low: 68, high: 86}"))  # fmt: skip
    point = site.points["room-1/fcu/cooling_setpoint"]
    assert 78.8 * point.scale + point.shift == pytest.approx(26.0)
    assert point.low == pytest.approx(20.0)
    assert point.high == pytest.approx(30.0)


def test_a_meter_in_kilowatt_hours_counts_joules(site: Site) -> None:
    """The ledger's base unit."""
    main, water = site.meters["main"].point, site.meters["water"].point
    assert main is not None
    assert water is not None
    assert main.scale == site.meters["main"].scale == 3.6e6
    assert main.role is Role.ENERGY
    assert water.role is Role.WATER


def test_defaults_of_polls_follow_what_hangs_on_them(site: Site) -> None:
    """Fire at once, meters each minute; six lost polls make a point stale, and never under 5 minutes."""
    assert site.points["building/fire_alarm"].poll == 1.0
    assert site.points["meter/main/energy"].poll == 60.0
    assert site.points["meter/main/energy"].stale_after == 360.0
    assert site.points["room-1/fcu/temperature"].stale_after == 300.0


def test_ranges_default_to_what_is_plausible(site: Site) -> None:
    """A setpoint of 1e9 is never written."""
    spec = ROLES[Role.COOLING_SETPOINT]
    point = site.points["room-1/fcu/cooling_setpoint"]
    assert (point.low, point.high) == (spec.low, spec.high)


def test_a_zones_rules_change_only_what_they_name(small: str, today: dt.date) -> None:
    """The rest stays the site's, and the site's stays the default."""
    site = _changed(small, today,
        ("special_days:", "rules: {vacancy-off: {hvac_after: 20min}, summer-setpoint: {minimum: 27}}\nspecial_days:"),
        ("  room-1:\n", "  room-1:\n    rules: {vacancy-off: {lights_after: 5min}}\n"))  # fmt: skip
    rules = site.zones["room-1"].rules
    assert (rules.vacancy_off.hvac_after, rules.vacancy_off.lights_after) == (1200, 300)
    assert rules.summer_setpoint.minimum == 27
    assert site.zones["room-2"].rules.vacancy_off.lights_after == 600
    assert merged(RuleSettings(), None) == RuleSettings()


def test_exemptions_reach_their_zones(site: Site) -> None:
    """The server room, and nobody else."""
    assert site.zones["server"].exemptions[0].approver == "Wang Min"
    assert site.zones["room-1"].exemptions == ()


def test_people_default_by_area_and_kind(small: str, today: dt.date) -> None:
    """Ten square metres a head in offices, nobody in stairs."""
    site = _changed(small, today, ("  room-1:\n", "  room-1:\n    area_m2: 36\n"))
    assert site.zones["room-1"].people == 3.6
    assert site.zones["stair"].people == 0.0


def test_a_heartbeat_is_a_writable_point_of_its_device(small: str, today: dt.date) -> None:
    """Toggled each minute."""
    site = _changed(small, today, ("127.0.0.12:47809}", "127.0.0.12:47809, heartbeat: binary-value:99}"))
    point = site.devices["ddc-2"].heartbeat
    assert point is not None
    assert site.points["device/ddc-2/heartbeat"] is point
    assert point.writable


def test_opening_hours_of_a_group_in_one_word(small: str, today: dt.date) -> None:
    """`office: 09:00-17:30` means its workdays."""
    site = _changed(small, today, ("  office:\n    workday: 09:00-17:30", "  office: 09:00-17:30"))
    assert site.hours["office"].workday == ((540, 1050),)


def test_a_site_travels_between_processes(site: Site) -> None:
    """The fleet rehearses in other processes; points can be keys."""
    assert pickle.loads(pickle.dumps(site)) == site
    assert len(set(site.points.values())) == len(site.points)
    assert isinstance(hash(site.points["room-1/fcu/mode"]), int)


def test_states_become_modes(site: Site) -> None:
    """1 off, 2 cool, 3 heat."""
    point: Point = site.points["room-1/fcu/mode"]
    assert point.states == {1: Mode.OFF, 2: Mode.COOL, 3: Mode.HEAT}


def test_loading_is_the_same_from_disk(tmp_path: Path, small: str, today: dt.date) -> None:
    """Path or text."""
    path = tmp_path / "site.yaml"
    path.write_text(small)
    loaded = load(path, today)
    assert loaded.site is not None
    told = site_of_text(small, today=today)
    assert set(loaded.site.points) == set(told.points)
