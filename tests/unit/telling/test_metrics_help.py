"""What HELP says of a metric is so: each has a building in which its claim is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import pytest

from config.phrase import Phrase
from config.rules import RuleId
from supervisor.core.rules import BY_ID
from supervisor.core.tally import Totals
from supervisor.telling.metrics import Metrics
from supervisor.telling.metrics.definitions import DEFINITIONS
from supervisor.telling.metrics.samples import WRITE_RESULTS
from supervisor.telling.snapshot import (
    ByHand,
    CertificateStatus,
    DeviceStatus,
    FrontEnd,
    HubStatus,
    MeterStatus,
    Mismatch,
    Override,
    SavingStatus,
    Snapshot,
    Trouble,
    Waiting,
    YearStatus,
    ZoneStatus,
)
from tests.tools.fake_building import fake_building

ROOM = "f2-office-201"
RULE = RuleId.WINDOW_OFF


def scraped(snapshot: Snapshot) -> dict[str, float]:
    """Every sample of one scrape without the building's label: `name{zone="…"}` → value."""
    metrics = Metrics(snapshot.building, lambda: snapshot, process=False)
    metrics.observe_reaction(0.3)
    metrics.observe_scan("ddc-1", 0.02)
    found = {}
    for line in metrics.text().decode().splitlines():
        if not line.startswith("#"):
            series, value = line.rsplit(" ", 1)
            found[
                series.replace('building="jiedao-office",', "").replace('{building="jiedao-office"}', "")
            ] = float(value)
    return found


def of(name: str, snapshot: Snapshot) -> dict[str, float]:
    """The samples of one metric."""
    return {
        s.removeprefix(name): v for s, v in scraped(snapshot).items() if s == name or s.startswith(name + "{")
    }


def room(**changes: object) -> Snapshot:
    """A building of one zone that is as given."""
    zone = ZoneStatus(ROOM, "", "office", 2, changes.pop("open", False) is True)
    return fake_building(zones=(replace(zone, **changes),), pairs=((ROOM, RULE),))  # type: ignore[arg-type]


def flag(field: str) -> Callable[[str], None]:
    """1 while it is so, 0 while not, absent while it is not known."""

    def claim(name: str) -> None:
        label = f'{{zone="{ROOM}"}}'
        assert of(name, room(**{field: True})) == {label: 1.0}
        assert of(name, room(**{field: False})) == {label: 0.0}
        assert field == "open" or of(name, room(**{field: None})) == {}

    return claim


def figure(field: str) -> Callable[[str], None]:
    """The figure of the building, absent while it is not known."""

    def claim(name: str) -> None:
        assert of(name, fake_building(**{field: 17.0})) == {"": 17.0}
        assert of(name, fake_building(**{field: None})) == {}

    return claim


def total(field: str) -> Callable[[str], None]:
    """A total by zone and rule, from 0 on, and for pairs that apply alone."""

    def claim(name: str) -> None:
        label = f'{{rule="{RULE}",zone="{ROOM}"}}'
        pairs = ((ROOM, RULE),)
        totals: dict[str, Any] = {field: {(ROOM, RULE): 7, ("elsewhere", RULE): 9}}
        counted = Totals(**totals)
        assert of(name, fake_building(pairs=pairs, totals=counted)) == {label: 7.0}
        assert of(name, fake_building(pairs=pairs, totals=Totals())) == {label: 0.0}

    return claim


def _info(name: str) -> None:
    assert of(name, fake_building(name="Hall", version="9")) == {'{name="Hall",version="9"}': 1.0}


def _zone_info(name: str) -> None:
    """The floor is empty where the site file says none; a zone without a name goes by its id."""
    there = room(name="201", kind="office", floor=None)
    assert of(name, there) == {f'{{floor="",kind="office",name="201",zone="{ROOM}"}}': 1.0}
    assert of(name, room(name="", floor=-1)) == {
        f'{{floor="-1",kind="office",name="{ROOM}",zone="{ROOM}"}}': 1.0
    }


def _device_info(name: str) -> None:
    named, bare = DeviceStatus("a", "一楼 DDC", True, 0.0, 1, 0), DeviceStatus("b", "", True, 0.0, 1, 0)
    assert of(name, fake_building(devices=(named, bare))) == {
        '{device="a",name="一楼 DDC"}': 1.0, '{device="b",name="b"}': 1.0,
    }  # fmt: skip


def _meter_info(name: str) -> None:
    assert of(name, _meters(MeterStatus("m", "总电表", "total", False, 1.0, True))) == {
        '{meter="m",name="总电表"}': 1.0
    }


def _rule_info(name: str) -> None:
    title = BY_ID[RULE].title
    assert of(name, fake_building(pairs=((ROOM, RULE), ("elsewhere", RULE)))) == {
        f'{{rule="{RULE}",title="{title.en}",title_zh="{title.zh}"}}': 1.0
    }


def _overtime(name: str) -> None:
    label = f'{{zone="{ROOM}"}}'
    assert of(name, replace(room(), overtime={ROOM: 1_784_000_000.0})) == {label: 1.0}
    assert of(name, room()) == {label: 0.0}


def _dry_zone(name: str) -> None:
    label = f'{{zone="{ROOM}"}}'
    assert of(name, room(dry_run=True)) == {label: 1.0}
    assert of(name, replace(room(dry_run=False), dry_run=True)) == {label: 1.0}
    assert of(name, room(dry_run=False)) == {label: 0.0}


def _contact(name: str) -> None:
    """An open window that is not judged is a contact that is not believed; a silent one says nothing."""
    label = f'{{zone="{ROOM}"}}'
    seen = room(has_window=True, window_open=True, compliance={RULE: None})
    assert of(name, seen) == {label: 1.0}
    assert of(name, room(has_window=True, window_open=True, compliance={RULE: False})) == {label: 0.0}
    assert of(name, room(has_window=True, window_open=None, compliance={RULE: None})) == {}
    assert of(name, room(has_window=False)) == {}


def _protection(name: str) -> None:
    """The most urgent of several; nothing where none is held. That slot 8 is none of them: `test_above.py`."""
    freeze = Override(ROOM, "start_stop", f"{ROOM}/fcu/start_stop", 5, True)
    assert of(name, fake_building(protected=(freeze, replace(freeze, priority=2)))) == {
        f'{{role="start_stop",zone="{ROOM}"}}': 2.0
    }
    assert of(name, fake_building()) == {}


def _manual(name: str) -> None:
    held = ByHand(ROOM, "start_stop", f"{ROOM}/fcu/start_stop", True, 9.0, "王", "")
    assert of(name, fake_building(by_hand=(held, held))) == {f'{{role="start_stop",zone="{ROOM}"}}': 1.0}
    assert of(name, fake_building()) == {}


def _release(name: str) -> None:
    assert of(name, fake_building(released=((ROOM, "start_stop"),))) == {
        f'{{role="start_stop",zone="{ROOM}"}}': 1.0
    }
    assert of(name, fake_building()) == {}


def _front_end(name: str) -> None:
    assert of(name, fake_building(front_end=FrontEnd(True))) == {"": 1.0}
    assert of(name, fake_building(front_end=FrontEnd(False, 1.0, "BACnet 10.0.0.9:47808"))) == {"": 0.0}
    assert of(name, fake_building()) == {}


def _lapsed(name: str) -> None:
    assert of(name, fake_building(lapsed=((ROOM, RULE),))) == {f'{{rule="{RULE}",zone="{ROOM}"}}': 1.0}
    assert of(name, fake_building()) == {}


def _hub(name: str) -> None:
    lost = Phrase("the hub does not answer", "集线器无应答")
    assert of(name, fake_building()) == {}
    assert of(name, fake_building(hub=HubStatus(None, lost))) == {'{hub="primary"}': 0.0}
    both = fake_building(hub=HubStatus("failover", None, failover=True))
    assert of(name, both) == {'{hub="primary"}': 0.0, '{hub="failover"}': 1.0}


def _certificates(name: str) -> None:
    assert of(name, fake_building()) == {}
    ends = fake_building(certificates=(CertificateStatus("bacnet-sc", "ca", 1.9e9),))
    assert of(name, ends) == {'{file="ca",use="bacnet-sc"}': 1.9e9}


def yes(field: str) -> Callable[[str], None]:
    """1 while it is so of the building, else 0."""

    def claim(name: str) -> None:
        assert of(name, fake_building(**{field: True})) == {"": 1.0}
        assert of(name, fake_building(**{field: False})) == {"": 0.0}

    return claim


def _season(name: str) -> None:
    seasons = of(name, fake_building(season="summer"))
    assert {label for label, value in seasons.items() if value == 1.0} == {'{season="summer"}'}
    assert len(seasons) == 4
    assert of(name, fake_building(season=None)) == {}


def _fire(name: str) -> None:
    states = of(name, fake_building(fire="active"))
    assert {label for label, value in states.items() if value} == {'{state="active"}'}
    assert of(name, fake_building(fire="not wired")) == {}


def _temperature(name: str) -> None:
    assert of(name, room(temperature=21.5)) == {f'{{zone="{ROOM}"}}': 21.5}
    assert of(name, room(temperature=None)) == {}


def _setpoint(name: str) -> None:
    in_force = room(cooling_setpoint=26.0, heating_setpoint=20.0)
    assert of(name, in_force) == {
        f'{{mode="cooling",zone="{ROOM}"}}': 26.0, f'{{mode="heating",zone="{ROOM}"}}': 20.0,
    }  # fmt: skip


def _compliant(name: str) -> None:
    label = f'{{rule="{RULE}",zone="{ROOM}"}}'
    assert of(name, room(compliance={RULE: True})) == {label: 1.0}
    assert of(name, room(compliance={RULE: False})) == {label: 0.0}
    assert of(name, room(compliance={RULE: None})) == {}


def _set_but_off(name: str) -> None:
    """For rules that judge a setting alone. That it is no time outside is borne out by `test_setpoints.py`."""
    rule = RuleId.SUMMER_SETPOINT
    counted = Totals(set_but_off_seconds={(ROOM, rule): 5.0}, violation_seconds={(ROOM, rule): 9.0})
    building = fake_building(pairs=((ROOM, rule), (ROOM, RULE)), totals=counted)
    assert of(name, building) == {f'{{rule="{rule}",zone="{ROOM}"}}': 5.0}


def _occupied_seconds(name: str) -> None:
    there = replace(room(has_occupancy=True), totals=Totals(occupied_seconds={ROOM: 60.0}))
    assert of(name, there) == {f'{{zone="{ROOM}"}}': 60.0}


def _discomfort(name: str) -> None:
    sensed = room(has_occupancy=True, temperature=28.0)
    uneasy = replace(sensed, totals=Totals(discomfort_kelvin_seconds={(ROOM, "hot"): 12.5}))
    assert of(name, uneasy) == {
        f'{{direction="hot",zone="{ROOM}"}}': 12.5, f'{{direction="cold",zone="{ROOM}"}}': 0.0,
    }  # fmt: skip


def _meters(*meters: MeterStatus) -> Snapshot:
    return fake_building(meters=meters)


def _energy(name: str) -> None:
    """That a falling reading is held back is borne out by `test_meters.py`, from the reading on."""
    energy = MeterStatus("m", "", "hvac", False, 3.6e6, True)
    water = MeterStatus("w", "", "water", True, 5.0, True)
    assert of(name, _meters(energy, water)) == {'{meter="m",subitem="hvac"}': 3.6e6}


def _water(name: str) -> None:
    energy = MeterStatus("m", "", "hvac", False, 3.6e6, True)
    water = MeterStatus("w", "", "water", True, 5.0, True)
    assert of(name, _meters(energy, water)) == {'{meter="w"}': 5.0}


def _healthy(name: str) -> None:
    silent = MeterStatus("s", "", "hvac", False, None, False)
    fell = MeterStatus("f", "", "hvac", False, 3.6e6, False)
    fine = MeterStatus("m", "", "hvac", False, 3.6e6, True)
    assert of(name, _meters(silent, fell, fine)) == {
        '{meter="s"}': 0.0,
        '{meter="f"}': 0.0,
        '{meter="m"}': 1.0,
    }


def _verified(name: str) -> None:
    due = MeterStatus("m", "", "hvac", False, 3.6e6, True, verify_by=date(2027, 5, 1))
    never = MeterStatus("n", "", "hvac", False, 3.6e6, True)
    midnight = datetime(2027, 5, 2, tzinfo=ZoneInfo(fake_building().timezone)).timestamp()
    assert of(name, _meters(due, never)) == {'{meter="m"}': midnight}


def _doubtful(name: str) -> None:
    """Which readings are no evidence is borne out by `test_doubts.py`, from the wire on."""
    why = Phrase("“---” is no temperature", "")
    bad = DeviceStatus("d", "", True, 0.0, 5, 2, doubtful=(Trouble("a", why), Trouble("b", why)))
    fine = DeviceStatus("e", "", True, 0.0, 5, 0)
    assert of(name, fake_building(devices=(bad, fine))) == {'{device="d"}': 2.0, '{device="e"}': 0.0}


def _store(name: str) -> None:
    assert of(name, fake_building()) == {"": 1.0}
    assert of(name, fake_building(store_problem=Phrase("full", "满"))) == {"": 0.0}


def _audit(name: str) -> None:
    assert of(name, fake_building(audit_valid=True)) == {"": 1.0}
    assert of(name, fake_building(audit_valid=False)) == {"": 0.0}
    assert of(name, fake_building(audit_valid=None)) == {}


def _audit_head(name: str) -> None:
    assert of("building_audit_rows", fake_building(audit_rows=1204)) == {"": 1204.0}
    assert of(name, fake_building(audit_head=2**48 - 1)) == {"": float(2**48 - 1)}
    assert of(name, fake_building(audit_head=None)) == {}


def _override(name: str) -> None:
    held = Override(ROOM, "start_stop", f"{ROOM}/fcu/start_stop", 8, True)
    assert of(name, fake_building(overrides=(held,))) == {f'{{role="start_stop",zone="{ROOM}"}}': 1.0}
    assert of(name, fake_building(overrides=())) == {}


def _device_up(name: str) -> None:
    up, down = DeviceStatus("a", "", True, 0.0, 1, 0), DeviceStatus("b", "", False, None, 1, 1)
    assert of(name, fake_building(devices=(up, down))) == {'{device="a"}': 1.0, '{device="b"}': 0.0}


def _writes(name: str) -> None:
    counted = of(name, fake_building(totals=Totals(writes={"ok": 3, "mismatch": 1})))
    assert counted['{result="ok"}'] == 3.0
    assert counted['{result="mismatch"}'] == 1.0
    assert len(counted) == len(WRITE_RESULTS)


def _reload_successful(name: str) -> None:
    assert of(name, fake_building(reload_successful=True)) == {"": 1.0}
    assert of(name, fake_building(reload_successful=False)) == {"": 0.0}


def _waiting(name: str) -> None:
    waiting = Waiting((Phrase("another priority", "优先级改变"),), ())
    assert of(name, fake_building(waiting=waiting)) == {"": 1.0}
    assert of(name, fake_building(waiting=None)) == {"": 0.0}


def _reaction(name: str) -> None:
    assert scraped(fake_building())[f"{name}_sum"] == pytest.approx(0.3)


def _scan(name: str) -> None:
    assert scraped(fake_building())[f'{name}_sum{{device="ddc-1"}}'] == pytest.approx(0.02)


Claim: TypeAlias = Callable[[str], None]


def _clock(name: str) -> None:
    """0 while the clock is not believed, for whatever reason."""
    assert of(name, fake_building()) == {"": 1.0}
    assert of(name, replace(fake_building(), clock_doubt=Phrase("1970", "1970"))) == {"": 0.0}


def _unit_mismatch(name: str) -> None:
    """1 for each point that is not believed, no sample for others."""
    odd = Mismatch("main/energy", "ddc-1", Phrase("kWh here, Wh there", "单位不符"))
    assert of(name, replace(fake_building(), mismatches=(odd,))) == {
        '{device="ddc-1",point="main/energy"}': 1.0
    }
    assert of(name, fake_building()) == {}


def _state_mismatch(name: str) -> None:
    """1 for each point whose device calls its states otherwise, no sample for others, nor for units."""
    odd = Mismatch("205/fcu/mode", "ddc-1", Phrase("cool here, heat there", "状态不符"), states=True)
    unit = Mismatch("main/energy", "ddc-1", Phrase("kWh here, Wh there", "单位不符"))
    assert of(name, replace(fake_building(), mismatches=(odd, unit))) == {
        '{device="ddc-1",point="205/fcu/mode"}': 1.0
    }
    assert of(name, replace(fake_building(), mismatches=(unit,))) == {}


def _helper(name: str) -> None:
    """0 for what waits to be started again, and for what tells itself that it cannot work."""
    seen = of(name, replace(fake_building(), helpers={"http": "address already in use", "reload": ""}))
    assert seen == {'{helper="http"}': 0.0, '{helper="reload"}': 1.0}


def year(field: str) -> Claim:
    """Per area and per head; absent while it is not known. How it is reckoned is borne out by `test_year.py`."""

    def claim(name: str) -> None:
        found = {"area": YearStatus(0.05, 0.04, 0.03, 0.02), "head": YearStatus(0.05, None, None)}
        expected = {f'{{per="{per}"}}': getattr(y, field) for per, y in found.items()}
        assert of(name, fake_building(targets=found)) == {k: v for k, v in expected.items() if v is not None}
        assert of(name, fake_building()) == {}

    return claim


def _arm(name: str) -> None:
    """One of three where a trial runs, nothing where none does."""
    assert of(name, fake_building(arm="today")) == {
        '{arm="today",building="jiedao-office"}': 1.0,
        '{arm="policy",building="jiedao-office"}': 0.0,
        '{arm="draft",building="jiedao-office"}': 0.0,
    }
    assert of(name, fake_building()) == {}


def saving(field: str) -> Claim:
    """By method; absent while there is no figure. How it is reckoned is borne out by `test_saved.py`."""

    def claim(name: str) -> None:
        found = {"baseline": SavingStatus(9.0, 3.0, 1.0, 5.0), "model": SavingStatus(8.0, 2.0, 1.5, 2.5)}
        assert of(name, fake_building(savings=found)) == {
            f'{{method="{method}"}}': getattr(saving, field) for method, saving in found.items()
        }
        assert of(name, fake_building()) == {}

    return claim


def _mqtt_requests(name: str) -> None:
    """By result where requests are taken, absent where none are; `test_mqtt_asked.py` counts them at a broker."""
    assert of(name, fake_building(mqtt_requests={"accepted": 2, "limited": 7})) == {
        '{result="accepted"}': 2.0,
        '{result="limited"}': 7.0,
    }
    assert of(name, fake_building()) == {}


def _refused(name: str) -> None:
    assert of(name, fake_building(turned_away={"token": 3, "host": 0})) == {
        '{why="token"}': 3.0, '{why="host"}': 0.0,
    }  # fmt: skip


CLAIMS: dict[str, Claim] = {
    "building_info": _info,
    "building_zone_info": _zone_info,
    "building_device_info": _device_info,
    "building_meter_info": _meter_info,
    "building_rule_info": _rule_info,
    "building_season": _season,
    "building_outdoor_temperature_celsius": figure("outdoor_temperature"),
    "building_fire_alarm": _fire,
    "building_zone_temperature_celsius": _temperature,
    "building_zone_setpoint_celsius": _setpoint,
    "building_zone_occupied": flag("occupied"),
    "building_zone_window_open": flag("window_open"),
    "building_zone_hvac_on": flag("hvac_on"),
    "building_zone_lights_on": flag("lights_on"),
    "building_zone_open": flag("open"),
    "building_zone_overtime": _overtime,
    "building_zone_dry_run": _dry_zone,
    "building_zone_contact_suspect": _contact,
    "building_zone_compliant": _compliant,
    "building_rule_violation_seconds_total": total("violation_seconds"),
    "building_rule_set_but_off_seconds_total": _set_but_off,
    "building_rule_enforcements_total": total("enforcements"),
    "building_rule_blocked_seconds_total": total("blocked_seconds"),
    "building_zone_occupied_seconds_total": _occupied_seconds,
    "building_zone_discomfort_kelvin_seconds_total": _discomfort,
    "building_meter_energy_joules_total": _energy,
    "building_meter_water_cubic_meters_total": _water,
    "building_meter_healthy": _healthy,
    "building_meter_verified_until_timestamp_seconds": _verified,
    "building_energy_baseline_joules": saving("baseline"),
    "building_energy_saved_joules": saving("saved"),
    "building_energy_saved_low_joules": saving("low"),
    "building_energy_saved_high_joules": saving("high"),
    "building_energy_target_ratio": year("target"),
    "building_energy_reduction_ratio": year("reduction"),
    "building_energy_unbooked_ratio": year("unbooked"),
    "building_energy_forecast_reduction_ratio": year("forecast"),
    "building_trial_arm": _arm,
    "building_calendar_valid_until_timestamp_seconds": figure("calendar_valid_until"),
    "building_calendar_announced": yes("announced"),
    "building_audit_chain_valid": _audit,
    "building_audit_rows": lambda _: _audit_head("building_audit_head"),
    "building_audit_head": _audit_head,
    "building_foreign_override": _override,
    "building_protection_slot": _protection,
    "building_manual": _manual,
    "building_release": _release,
    "building_front_end_enabled": _front_end,
    "building_exemption_lapsed": _lapsed,
    "building_supervisor_device_up": _device_up,
    "building_supervisor_writes_total": _writes,
    "building_supervisor_requests_refused_total": _refused,
    "building_supervisor_reaction_seconds": _reaction,
    "building_supervisor_scan_seconds": _scan,
    "building_supervisor_dry_run": yes("dry_run"),
    "building_supervisor_ready": yes("ready"),
    "building_supervisor_owned_slots": figure("owned_slots"),
    "building_supervisor_clock_timestamp_seconds": figure("wall"),
    "building_supervisor_clock_trusted": _clock,
    "building_supervisor_helper_up": _helper,
    "building_supervisor_hub_up": _hub,
    "building_supervisor_certificate_expiry_timestamp_seconds": _certificates,
    "building_supervisor_mqtt_requests_total": _mqtt_requests,
    "building_supervisor_points": figure("points"),
    "building_supervisor_stale_points": figure("stale_points"),
    "building_supervisor_point_unit_mismatch": _unit_mismatch,
    "building_supervisor_point_state_mismatch": _state_mismatch,
    "building_supervisor_doubtful_points": _doubtful,
    "building_supervisor_store_up": _store,
    "building_supervisor_config_last_reload_successful": _reload_successful,
    "building_supervisor_config_waiting": _waiting,
    "building_supervisor_config_last_reload_timestamp_seconds": figure("reload_time"),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_help_is_so(name: str) -> None:
    """The claim is seen in the scrape of a building that is as HELP says."""
    CLAIMS[name](name)


def test_no_metric_is_without_its_claim() -> None:
    """A new metric brings the building that bears out its HELP."""
    assert [definition.name for definition in DEFINITIONS] == list(CLAIMS)
