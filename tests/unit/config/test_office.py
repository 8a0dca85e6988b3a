"""The example office: what the README and the demo promise of it."""

from __future__ import annotations

import datetime as dt

from config.load import load, load_text
from config.roles import CIRCULATION, EquipmentKind, Role, ZoneKind
from config.rules import RuleId
from config.site import Site
from tests.site_files import OFFICE

DAY = dt.date(2026, 7, 15)


def _office() -> Site:
    loaded = load(OFFICE, DAY)
    assert loaded.problems == []
    assert loaded.site is not None
    return loaded.site


def test_the_example_has_no_problem_and_warns_of_nothing() -> None:
    """It is what everybody copies."""
    assert _office().building == "jiedao-office"


def test_the_office_has_what_an_office_has() -> None:
    """Sixteen zones at least, four floors, a hall with other hours, a server room, two stairs."""
    site = _office()
    kinds = [zone.kind for zone in site.zones.values()]
    assert len(kinds) >= 16
    assert {zone.floor for zone in site.zones.values()} >= {1, 2, 3, 4}
    assert {ZoneKind.OFFICE, ZoneKind.MEETING, ZoneKind.HALL, ZoneKind.LOBBY} <= set(kinds)
    assert (kinds.count(ZoneKind.STAIR), kinds.count(ZoneKind.CORRIDOR)) == (2, 4)
    assert site.zones["f1-hall"].hours != site.zones["f2-office-201"].hours
    assert len(site.devices) >= 6
    assert len({device.address for device in site.devices.values()}) == len(site.devices)
    assert len(site.shared["ahu"].zones) == 3
    assert sum(meter.subitem != "water" for meter in site.meters.values()) == 3
    assert sum(meter.subitem == "water" for meter in site.meters.values()) == 1
    assert {Role.OUTDOOR_TEMPERATURE, Role.FIRE_ALARM} <= site.building_points.keys()


def test_one_stair_is_an_escape_route_and_nothing_of_it_is_writable() -> None:
    """Stair A is never written; stair B is a stair like any corridor."""
    site = _office()
    assert site.zones["stair-a"].equipment[0].escape_route
    assert not site.zones["stair-b"].equipment[0].escape_route
    assert not any(p.writable for p in site.points.values() if p.zone == "stair-a")


def test_the_server_room_is_exempt_with_reason_approver_and_end() -> None:
    """And read only besides."""
    site = _office()
    exemption = site.zones["f4-server"].exemption(RuleId.SUMMER_SETPOINT)
    assert exemption is not None
    assert exemption.reason
    assert exemption.approver
    assert exemption.until > DAY
    assert not any(p.writable for p in site.points.values() if p.zone == "f4-server")


def test_more_than_twenty_slots_can_be_ours_at_closing_time() -> None:
    """Fan coils, boxes and room lights, without corridors and the exempt."""
    site = _office()
    owned = [
        equipment.points[Role.START_STOP].id
        for zone in site.zones.values()
        for equipment in zone.equipment
        if equipment.points[Role.START_STOP].writable
        and not (equipment.kind is EquipmentKind.LIGHTS and zone.kind in CIRCULATION)
        and zone.hours != "always"
    ]
    assert len(owned) > 20


def test_somewhere_we_decide_ourselves_when_to_start() -> None:
    """Both bases are shown."""
    bases = {e.base for zone in _office().zones.values() for e in zone.equipment}
    assert bases == {"controller", "supervisor"}


def test_one_more_room_costs_three_lines() -> None:
    """Its id, its hours, its equipment."""
    room = "  f4-office-405:\n    hours: office\n    equipment: {fcu: ddc-4/70, lights: ddc-4/70}\n"
    text = OFFICE.read_text(encoding="utf-8")
    place = text.index("  f4-meeting:\n")
    loaded = load_text(text[:place] + room + text[place:], str(OFFICE), DAY)
    assert loaded.problems == []
    assert loaded.site is not None
    assert len(loaded.site.points) == len(_office().points) + 10


def test_the_daemon_and_the_devices_do_not_share_a_port() -> None:
    """On loopback the stack would talk to itself."""
    site = _office()
    assert site.bacnet.bind == "127.0.0.1"
    assert all(d.address and not d.address.endswith(f":{site.bacnet.port}") for d in site.devices.values())
