"""A building on a July morning, for whatever shows it: 18 zones with everything in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from config.phrase import Phrase
from config.rules import RuleId
from drivers.refused import in_both
from supervisor.core.decisions import Because
from supervisor.core.rules.common import At
from supervisor.core.tally import Totals
from supervisor.telling.snapshot import (
    Change,
    DeviceStatus,
    Event,
    MeterStatus,
    Override,
    Snapshot,
    Why,
    ZoneStatus,
)

SITE_ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str, day: str = "2026-07-15") -> float:
    """An instant of that July day, site time."""
    return datetime.fromisoformat(f"{day}T{text}").replace(tzinfo=SITE_ZONE).timestamp()


NOW = at("10:15:20")
_OPEN_OFFICE = Why(RuleId.BASE, Because("open since {}", "{} 起开放", (At(at("09:00")),)), True)
_SUMMER = Why(
    RuleId.SUMMER_SETPOINT,
    Because("{:.1f} wanted, {:.1f} is the limit", "现设 {:.1f}，限值 {:.1f}", (22.0, 26.0)),
    None,
)
_WINDOW = Why(
    RuleId.WINDOW_OFF,
    Because("{} open since {}", "{}自 {} 开启", ("f2-office-203/window", At(at("10:09")))),
    False,
)
_NOBODY = Why(RuleId.VACANCY_OFF, Because("nobody since {}", "{} 起无人", (At(at("09:41")),)), False)
_DARK = Why(
    RuleId.CORRIDOR_DELAY, Because("no presence since {}", "{} 起无人经过", (At(at("10:12")),)), False
)
_ESCAPE = Why(RuleId.ESCAPE_ROUTE, Because("never written", "从不写入"), None)
_CLOSING = Change(
    at("17:00"), Phrase("air conditioning off, half an hour before closing", "下班前半小时关闭空调")
)
_HALL_CLOSING = Change(
    at("19:30"), Phrase("air conditioning off, half an hour before closing", "下班前半小时关闭空调")
)
_COMFORT = dict.fromkeys(
    (
        RuleId.WINDOW_OFF,
        RuleId.PRE_CLOSE_OFF,
        RuleId.LIGHTS_CLOSE,
        RuleId.VACANCY_OFF,
        RuleId.SUMMER_SETPOINT,
    ),
    True,
)


def _office(id_: str, name: str, floor: int, temperature: float | None, **more: object) -> ZoneStatus:
    """An open, occupied office with its fan coil and lights on, unless said otherwise."""
    office = ZoneStatus(
        id=id_,
        name=name,
        kind="office",
        floor=floor,
        open=True,
        temperature=temperature,
        humidity=58.0,
        cooling_setpoint=26.0,
        heating_setpoint=18.0,
        occupied=True,
        window_open=False,
        hvac_on=True,
        lights_on=True,
        has_temperature=True,
        has_occupancy=True,
        has_window=True,
        has_hvac=True,
        has_lights=True,
        compliance=_COMFORT,
        next_change=_CLOSING,
    )
    return replace(office, **more)  # type: ignore[arg-type]  # the fields are ZoneStatus's own


def _passage(id_: str, name: str, kind: str, floor: int, lit: bool | None, **more: object) -> ZoneStatus:
    """A corridor, stair or lobby with lights only."""
    passage = ZoneStatus(
        id=id_,
        name=name,
        kind=kind,
        floor=floor,
        open=True,
        occupied=lit,
        lights_on=lit,
        has_occupancy=True,
        has_lights=True,
        compliance={RuleId.CORRIDOR_DELAY: True, RuleId.LIGHTS_CLOSE: True},
        why_lights=None if lit else _DARK,
    )
    return replace(passage, **more)  # type: ignore[arg-type]  # the fields are ZoneStatus's own


def _stair(id_: str, name: str, floor: int) -> ZoneStatus:
    """The escape stair: always lit, never written."""
    return _passage(
        id_,
        name,
        "stair",
        floor,
        True,
        has_occupancy=False,
        occupied=None,
        has_lights=False,
        escape_route=True,
        compliance={RuleId.ESCAPE_ROUTE: True},
        why_lights=_ESCAPE,
    )


def _zones() -> tuple[ZoneStatus, ...]:
    wrong = {**_COMFORT, RuleId.SUMMER_SETPOINT: False}
    unknown = {**_COMFORT, RuleId.WINDOW_OFF: None, RuleId.VACANCY_OFF: None}
    server_exempt = dict.fromkeys((RuleId.WINDOW_OFF, RuleId.SUMMER_SETPOINT), "机房设备全年需要制冷")
    return (
        _office(
            "f1-hall",
            "政务服务大厅",
            1,
            26.4,
            kind="hall",
            co2=912.0,
            why_hvac=_OPEN_OFFICE,
            why_lights=_OPEN_OFFICE,
            next_change=_HALL_CLOSING,
        ),
        _passage("f1-lobby", "门厅", "lobby", 1, True),
        _passage("f1-corridor", "一楼走廊", "corridor", 1, False),
        _stair("f1-stair-east", "东疏散楼梯", 1),
        _office("f1-duty", "值班室", 1, 25.8, kind="duty", cooling_setpoint=27.0, next_change=None),
        _office("f2-office-201", "201 办公室", 2, 26.1),
        _office("f2-office-202", "202 办公室", 2, 26.3, why_setpoint=_SUMMER),
        _office("f2-office-203", "203 办公室", 2, 28.7, window_open=True, hvac_on=False, why_hvac=_WINDOW),
        _office(
            "f2-office-204",
            "204 办公室",
            2,
            27.2,
            occupied=False,
            hvac_on=False,
            lights_on=False,
            why_hvac=_NOBODY,
            why_lights=_NOBODY,
        ),
        _office("f2-office-205", "205 办公室", 2, 25.1, cooling_setpoint=24.0, compliance=wrong),
        _office(
            "f2-meeting",
            "二楼会议室",
            2,
            26.0,
            kind="meeting",
            occupied=False,
            hvac_on=False,
            lights_on=False,
            why_hvac=_NOBODY,
            why_lights=_NOBODY,
        ),
        _passage("f2-corridor", "二楼走廊", "corridor", 2, True),
        _office("f3-open-east", "三楼东区", 3, 26.6),
        _office("f3-open-south", "三楼南区", 3, 27.0),
        _office(
            "f3-open-west",
            "三楼西区",
            3,
            None,
            occupied=None,
            window_open=None,
            hvac_on=None,
            humidity=None,
            cooling_setpoint=None,
            compliance=unknown,
        ),
        _passage("f3-corridor", "三楼走廊", "corridor", 3, False),
        _office("f4-office-401", "401 办公室", 4, 26.9, dry_run=True),
        _office(
            "f4-server",
            "机房",
            4,
            22.4,
            kind="server_room",
            cooling_setpoint=22.0,
            heating_setpoint=None,
            occupied=None,
            window_open=None,
            lights_on=None,
            has_occupancy=False,
            has_window=False,
            has_lights=False,
            compliance={},
            exempt=server_exempt,
            next_change=None,
        ),
    )


def _devices() -> tuple[DeviceStatus, ...]:
    names = (
        ("ddc-1", "一楼 DDC", 42),
        ("ddc-2", "二楼 DDC", 68),
        ("ddc-4", "四楼 DDC", 51),
        ("lighting", "公共照明控制器", 24),
        ("gateway", "计量与消防网关", 9),
    )
    up = [DeviceStatus(id_, name, True, NOW - 3, points, 0) for id_, name, points in names]
    down = DeviceStatus("ddc-3", "三楼 DDC", False, at("10:02:10"), 47, 12, in_both("no answer within 3 s"))
    return (*up[:2], down, *up[2:])


def _meters() -> tuple[MeterStatus, ...]:
    kwh = 3.6e6
    return (
        MeterStatus("m-total", "总电表", "total", False, 812_345.6 * kwh, True),
        MeterStatus("m-hvac", "空调电表", "hvac", False, 301_220.1 * kwh, True),
        MeterStatus("m-light", "照明插座电表", "lighting_socket", False, None, False),
        MeterStatus("m-water", "总水表", "water", True, 9_120.4, True),
    )


def _events() -> tuple[Event, ...]:
    return (
        Event(at("10:02:41"), "device", "", "", "", Phrase("ddc-3 does not answer", "三楼 DDC 无应答")),
        Event(
            at("10:08:05"),
            "enforced",
            "f2-office-202",
            "f2-office-202/fcu/cooling_setpoint",
            "summer-setpoint",
            Phrase("cooling setpoint 22.0 → 26.0", "制冷设定 22.0 → 26.0"),
        ),
        Event(
            at("10:10:00"),
            "enforced",
            "f2-office-203",
            "f2-office-203/fcu/start_stop",
            "window-off",
            Phrase("fan coil off: window open since 10:09", "风机盘管关：窗户 10:09 起开启"),
        ),
        Event(
            at("10:11:02"),
            "enforced",
            "f2-office-204",
            "f2-office-204/fcu/start_stop",
            "vacancy-off",
            Phrase("fan coil off: nobody since 09:41", "风机盘管关：09:41 起无人"),
        ),
        Event(
            at("10:12:30"),
            "override",
            "f2-office-205",
            "f2-office-205/fcu/cooling_setpoint",
            "summer-setpoint",
            Phrase("slot 8 holds 24.0, above ours", "8 级手动占用 24.0，高于本系统"),
        ),
        Event(
            at("10:13:00"),
            "released",
            "f2-office-201",
            "f2-office-201/fcu/start_stop",
            "window-off",
            Phrase("windows closed: handed back", "窗户已关：交还控制器"),
        ),
        Event(
            at("10:14:10"),
            "mismatch",
            "f4-office-401",
            "f4-office-401/lights/start_stop",
            "lights-close",
            Phrase("read back on, wrote off", "写入关，回读为开"),
        ),
        Event(
            at("10:15:00"),
            "exception",
            "f3-open-south",
            "",
            "mild-season-off",
            Phrase("zone at 29.1 °C: rule suspended", "室温 29.1 ℃：规则暂停"),
        ),
    )


def fake_building(**changes: object) -> Snapshot:
    """The building, with the given fields of the snapshot changed."""
    zones = _zones()
    pairs = tuple((zone.id, rule) for zone in zones for rule in zone.compliance)
    totals = Totals(
        violation_seconds={
            ("f2-office-205", RuleId.SUMMER_SETPOINT): 170.5,
            ("f2-office-203", RuleId.WINDOW_OFF): 61.0,
        },
        enforcements={
            ("f2-office-202", RuleId.SUMMER_SETPOINT): 2,
            ("f2-office-203", RuleId.WINDOW_OFF): 1,
            ("f2-office-204", RuleId.VACANCY_OFF): 2,
        },
        blocked_seconds={
            ("f2-office-203", RuleId.WINDOW_OFF): 320.0,
            ("f2-office-204", RuleId.VACANCY_OFF): 258.0,
        },
        occupied_seconds={"f1-hall": 5400.0, "f2-office-201": 4210.0},
        discomfort_kelvin_seconds={("f2-office-203", "hot"): 512.5},
        writes={"ok": 57, "refused": 1, "mismatch": 1},
        set_but_off_seconds={("f2-office-205", RuleId.SUMMER_SETPOINT): 85.25},
    )
    snapshot = Snapshot(
        building="jiedao-office",
        name="街道办公楼",
        version="0.1.0",
        now=NOW,
        timezone="Asia/Shanghai",
        dry_run=False,
        ready=True,
        season="summer",
        day_type="workday",
        announced=True,
        fire="clear",
        outdoor_temperature=33.8,
        zones=zones,
        devices=_devices(),
        meters=_meters(),
        overrides=(
            Override("f2-office-205", "cooling_setpoint", "f2-office-205/fcu/cooling_setpoint", 8, 24.0),
        ),
        totals=totals,
        events=_events(),
        points=241,
        stale_points=12,
        owned_slots=9,
        calendar_valid_until=at("00:00", "2027-01-01"),
        reload_successful=True,
        reload_time=NOW - 7200.0,
        pairs=pairs,
        audit_valid=True,
        audit_rows=1204,
        audit_head=0x88C2F1A09B3D,
        speed=60.0,
        wall=NOW,
        holdable=tuple(f"{zone.id}/fcu/start_stop" for zone in zones if zone.has_hvac),
        standing={"override/f2-office-205/fcu/cooling_setpoint": at("10:12:30")},
    )
    return replace(snapshot, **changes)  # type: ignore[arg-type]  # the fields are Snapshot's own
