"""What happens on a working day reaches the controllers within seconds, and is told to whoever watches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from drivers.values import encode
from tests.e2e.conftest import Office
from tests.e2e.slots import Place, held
from tests.waiting import SOON, eventually

pytestmark = pytest.mark.e2e
FANS = ("f1-hall/fcu-east/start_stop", "f1-hall/fcu-west/start_stop")
KNOB = "f4-office-403/fcu/cooling_setpoint"


def _running(working: Office, *fans: str) -> bool:
    return all(working.building.on(fan) for fan in fans or FANS)


@pytest.fixture
def cooled_hall(working: Office) -> Iterator[Office]:
    """The service hall with people in it, windows shut, both fan coils running; and left like that."""
    working.building.window("f1-hall", False)
    eventually(lambda: _running(working), SOON, "the hall is cooled")
    yield working
    working.building.window("f1-hall", False)


def test_an_open_window_stops_both_fans_and_a_shut_one_starts_them_again(cooled_hall: Office) -> None:
    """开空调时不开窗, from the contact on the wire to the fan's present value and back."""
    building, daemon = cooled_hall.building, cooled_hall.daemon
    building.window("f1-hall", True)
    eventually(lambda: not any(building.on(fan) for fan in FANS), SOON, "both fans stop")
    assert daemon.metric("building_zone_window_open", zone="f1-hall") == 1
    eventually(lambda: daemon.metric("building_zone_hvac_on", zone="f1-hall") == 0, SOON, "told as off")
    enforced = "building_rule_enforcements_total"
    eventually(
        lambda: (daemon.metric(enforced, zone="f1-hall", rule="window-off") or 0) >= 2,
        SOON,
        "both are counted, once their run status has followed",
    )
    building.window("f1-hall", False)
    eventually(lambda: _running(cooled_hall), SOON, "both fans run again")
    blocked = "building_rule_blocked_seconds_total"
    eventually(
        lambda: (daemon.metric(blocked, zone="f1-hall", rule="window-off") or 0) > 0,
        SOON,
        "the time of the window is counted",
    )


def test_a_knob_turned_to_22_is_held_at_26_until_it_complies(working: Office) -> None:
    """The knob's own slot stays as it is: beneath ours it goes on saying what the occupant wants."""
    building = working.building
    building.command(KNOB, 22.0, 13)
    eventually(lambda: building.present(KNOB) == 26.0, SOON, "the setpoint is 26")
    answer = eventually(lambda: _held_at_ten(working, KNOB), SOON, "explained as ours")
    assert {"priority": 13, "value": 22.0, "ours": False} in answer["slots"]
    assert answer["fallback"] == 22.0
    building.command(KNOB, 27.0, 13)
    eventually(lambda: building.present(KNOB) == 27.0, SOON, "above 26 is the occupant's own choice")
    assert building.writes(KNOB)[-1][4:6] == [10, None], "let go by NULL"
    building.command(KNOB, None, 13)


def _held_at_ten(working: Office, point: str) -> dict[str, Any]:
    """The explanation once our slot holds the point; empty before."""
    answer = working.daemon.explain(point)
    return answer if answer["ours"] is not None else {}


def test_another_masters_manual_override_is_respected_shown_and_counted(cooled_hall: Office) -> None:
    """Priority 8 starts a fan that the open window keeps off: we do not fight it, and do not hide it."""
    building, daemon = cooled_hall.building, cooled_hall.daemon
    fan = FANS[0]
    building.window("f1-hall", True)
    eventually(lambda: not any(building.on(f) for f in FANS), SOON, "both fans stop")
    building.command(fan, 1, 8)
    try:
        eventually(
            lambda: daemon.metric("building_foreign_override", zone="f1-hall", role="start_stop") == 1,
            SOON,
            "the override is exported",
        )
        written = len(building.writes(fan))
        assert daemon.explain(fan)["override"] == {"priority": 8, "value": True}
        eventually(
            lambda: daemon.metric("building_zone_compliant", zone="f1-hall", rule="window-off") == 0,
            SOON,
            "the zone counts as outside the rule",
        )
        before = _violation(cooled_hall)
        eventually(lambda: _violation(cooled_hall) > before + 60, SOON, "for as long as it holds")
        assert building.on(fan)
        assert len(building.writes(fan)) == written, "nobody fights the manual operator"
    finally:
        building.command(fan, None, 8)
    eventually(lambda: not building.on(fan), SOON, "our slot rules again")
    eventually(
        lambda: daemon.metric("building_foreign_override", zone="f1-hall", role="start_stop") is None,
        SOON,
        "the override is gone",
    )


def _violation(working: Office) -> float:
    name = "building_rule_violation_seconds_total"
    return working.daemon.metric(name, zone="f1-hall", rule="window-off") or 0.0


def test_a_fire_alarm_lights_the_ways_out_and_silences_us_until_it_is_over(cooled_hall: Office) -> None:
    """Corridors that we darkened are lit, fans that we started are let go, and then nothing is written."""
    building, daemon = cooled_hall.building, cooled_hall.daemon
    darkened = eventually(lambda: _darkened(cooled_hall), SOON, "an empty corridor is dark")
    building.order("fire", active=True)
    try:
        eventually(lambda: all(building.on(light) for light in darkened), SOON, "the corridors are lit")
        eventually(lambda: _let_go(cooled_hall), SOON, "the fans that we started are let go")
        eventually(
            lambda: _handed_back(cooled_hall), SOON, "and all that is like them, in the whole building"
        )
        assert daemon.metric("building_fire_alarm", state="active") == 1
        written = len(building.all_writes())
        building.window("f1-hall", True)
        building.command(KNOB, 22.0, 13)
        eventually(lambda: daemon.metric("building_zone_window_open", zone="f1-hall") == 1, SOON, "seen")
        eventually(
            lambda: (
                daemon.metric("building_zone_setpoint_celsius", zone="f4-office-403", mode="cooling") == 22
            ),
            SOON,
            "the knob is seen too",
        )
        assert len(building.all_writes()) == written, "nothing is written while the alarm stands"
        assert _running(cooled_hall), "not even for an open window"
    finally:
        building.order("fire", active=False)
    eventually(lambda: not any(building.on(fan) for fan in FANS), SOON, "the window rule is back")
    eventually(lambda: building.present(KNOB) == 26.0, SOON, "the setpoint rule is back")
    building.command(KNOB, None, 13)


def _darkened(working: Office) -> list[str]:
    """Lights of circulation zones that our slot holds off."""
    lights = [
        f"{zone}/lights/start_stop" for zone in ("f1-corridor", "f2-corridor", "f3-corridor", "stair-b")
    ]
    return [light for light in lights if working.daemon.explain(light)["ours"] is False]


def _let_go(working: Office) -> bool:
    return all(working.daemon.explain(fan)["ours"] is None for fan in FANS)


def _handed_back(working: Office) -> bool:
    """By the witness: our slots hold no light off and nothing else on. What the alarm has to write is written."""
    found = held(working.files)
    switches = (p for p in working.files.site.points.values() if p.id.endswith("/start_stop"))
    return all(
        found.get(Place(p.device, p.object_type, p.instance)) != float(encode(p, "/lights/" not in p.id))
        for p in switches
    )


def test_the_page_the_checks_and_the_metrics_answer(working: Office) -> None:
    """What a browser, a load balancer and Prometheus ask."""
    daemon = working.daemon
    assert daemon.get("/healthz").status_code == daemon.get("/readyz").status_code == 200
    assert "政务服务大厅" in daemon.get("/").text
    assert daemon.metric("building_info") == 1
    assert daemon.metric("building_season", season="summer") == 1
    assert daemon.metric("building_supervisor_points") == len(working.building.site.points)
    assert daemon.metric("building_zone_temperature_celsius", zone="stair-a") is None, "no sensor, no metric"


def test_every_write_of_the_day_was_at_priority_10_and_none_to_an_escape_route(working: Office) -> None:
    """By the log of the controllers themselves."""
    assert {write[4] for write in working.building.all_writes()} == {10}
    for point in working.building.site.zones["stair-a"].equipment[0].points.values():
        assert working.building.writes(point.id) == []
    assert working.building.on("stair-a/lights/start_stop")
