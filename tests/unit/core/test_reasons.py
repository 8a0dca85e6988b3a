"""Every decision says why, in English and in Chinese, with the figures and times it rests on."""

from __future__ import annotations

import pytest

from config.roles import EquipmentKind, Role, ZoneKind
from config.rules import RuleId, RuleSettings
from drivers.readings import Quality, Reading
from schedules.seasons import Season
from schedules.types import ALL_DAY, WeekHours
from supervisor.core.citations import ACTION_PLAN, Citation
from supervisor.core.decisions import RELINQUISH, Input
from supervisor.core.engine import evaluate
from supervisor.core.views import EquipmentView, Facts, PointView
from tests.unit.core import parts
from tests.unit.core.story import UNKNOWN, Day


def inputs(day: Day, what: str) -> dict[str, Input]:
    """What a decision rests on, by point."""
    return {i.point: i for i in day.outcome(what).decision.inputs}


def test_window(day: Day) -> None:
    """Which contact, since when; and the contact's reading as evidence."""
    day.at("10:00", window="open")
    day.at("10:01")
    assert day.why("hvac") == ("office-201/window-1 open since 10:00", "office-201/window-1自 10:00 开启")
    seen = inputs(day, "hvac")["office-201/window-1"]
    assert (seen.value, seen.quality, seen.since) == (True, 0, day.when("10:01") - 60)
    assert "office-201/fcu/start_stop" in inputs(day, "hvac")
    day.at("10:10", window="closed")
    assert day.why("hvac") == ("windows closed only at 10:10", "窗户 10:10 才关闭")
    assert inputs(day, "hvac")["office-201/window-1"].value is False


def test_a_request_that_is_not_made_says_why() -> None:
    """The air handler's page shows the window, not just that nobody asks."""
    day = Day(parts.zone(served_by=("ahu",)))
    day.at("10:00", window="open")
    day.at("10:01")
    assert day.why("request")[0] == "office-201/window-1 open since 10:00"
    assert set(inputs(day, "request")) == {"office-201/window-1"}


def test_a_window_left_open(day: Day) -> None:
    """Since when it stands open; about the window, not the room."""
    day.at("10:00", window="open")
    day.at("14:00")
    (alert,) = day.told("alert", "window-off")
    assert alert.about == "office-201/window-1"
    assert day.words(alert.because) == (
        "open for 4 h, since 10:00: please close it",
        "已开启 4 小时（自 10:00）：请关窗",
    )


def test_closing(day: Day) -> None:
    """Before the close, and after it."""
    day.at("17:00")
    assert day.why("hvac") == ("closes at 17:30: off 30 min before", "17:30 关门，提前 30 分钟关闭空调")
    day.at("17:30", people=0)
    assert day.why("hvac") == ("closed since 17:30", "17:30 已关门")
    day.at("17:40")
    assert day.why("lights") == ("closed since 17:30", "17:30 已关门")
    assert set(inputs(day, "lights")) == {"office-201/occupancy-1", "office-201/lights/start_stop"}


def test_a_holiday_is_closed_since_its_eve_however_long_it_lasts() -> None:
    """One night in the middle of it nothing changed, and nobody was asked: the reason must not have changed either."""
    for on in ("2026-10-01", "2026-10-04", "2026-10-06", "2026-10-07"):
        day = Day(on=on)
        day.at("12:00")
        assert day.why("hvac") == ("closed since 17:30", "17:30 已关门"), on
        last = day.timetable.spans(day.building.now).previous(day.building.now)
        assert last is not None
        assert last.date.isoformat() == "2026-09-30"


def test_where_nothing_has_opened_for_a_year_there_is_no_close_to_tell() -> None:
    """A room that never opens."""
    day = Day(timetable=parts.timetable(()))
    day.at("12:00")
    assert day.why("hvac") == ("closed", "未开放")


def test_the_warning() -> None:
    """When the light will go off."""
    day = Day(parts.zone(parts.lamps(warn="blink")))
    day.at("17:32", people=0)
    day.at("17:35")
    assert day.why("lights") == ("lights go off at 17:40: warning", "17:40 将关灯：提醒")


def test_sockets() -> None:
    """Since when it is closed, and who says that nobody is there."""
    day = Day(parts.zone(parts.equipment("sockets", EquipmentKind.PLUGS)))
    day.at("17:30", people=0)
    day.at("18:00")
    assert day.why("sockets") == ("closed since 17:30", "17:30 已关门")
    assert set(inputs(day, "sockets")) == {"office-201/occupancy-1", "office-201/sockets/start_stop"}


def test_vacancy(day: Day) -> None:
    """Since when nobody is there, by which sensor."""
    day.at("14:00", people=0)
    day.at("14:15")
    assert day.why("hvac") == day.why("lights") == ("nobody since 14:00", "14:00 起无人")
    assert inputs(day, "hvac")["office-201/occupancy-1"].value is False
    assert inputs(day, "lights")["office-201/occupancy-1"].value is False
    day.at("15:00", people=UNKNOWN, exempt=("pre-close-off", day.when("05:59")))
    day.at("18:15")
    assert day.why("hvac") == ("closed, occupancy not known", "已关门，人员未知")


def test_corridor() -> None:
    """Nobody, or daylight."""
    sensors = (Role.OCCUPANCY, Role.LUX)
    day = Day(parts.zone(parts.lamps(), kind=ZoneKind.CORRIDOR, sensors=sensors))
    day.at("10:00", people=0, lux=320)
    day.at("10:02")
    assert day.why("lights") == ("nobody since 10:00", "10:00 起无人")
    assert "office-201/occupancy-1" in inputs(day, "lights")
    day.at("10:05", people=1)
    assert day.why("lights") == ("daylight 320 lx suffices", "自然采光 320 lx 已足够")
    assert inputs(day, "lights")["office-201/lux-1"].value == 320.0


def test_mild_season() -> None:
    """The season and the figure outdoors."""
    day = Day(on="2026-04-15", season=Season.SPRING)
    day.at("10:00", outdoor=19.0)
    assert day.why("hvac") == (
        "spring and the weather is normal (19.0 °C outdoors)",
        "春季，天气正常（室外 19.0 °C）",
    )
    day.at("11:00", season="autumn", temperature=28.4)
    (exception,) = day.told("exception", "mild-season-off")
    assert exception.about == "office-201"
    assert day.words(exception.because) == (
        "mild-season lock-out suspended: temperature 28.4 °C",
        "暂停春秋季停用：室温 28.4 °C",
    )
    day.at("11:30")
    for sensor in day.building.zone.sensors[Role.TEMPERATURE]:
        day.building.put(sensor.id, 20.0)
    first = day.building.ask().outcomes[day._point("hvac")].decision.reason
    assert day.words(first)[1] == "秋季，天气正常（室外 19.0 °C）"
    day.at("12:00", temperature=20.0)
    assert day.why("hvac")[1] == "秋季，天气正常（室外 19.0 °C）"


def test_mild_season_names_what_became_unfit() -> None:
    """Humidity and CO2 with their units."""
    zone = parts.zone(parts.fan_coil(), sensors=(Role.HUMIDITY, Role.CO2))
    day = Day(zone, on="2026-04-15", season=Season.SPRING)
    day.at("10:00", outdoor=19.0, humidity=71, co2=1600)
    assert [day.words(e.because) for e in day.told("exception", "mild-season-off")] == [
        ("mild-season lock-out suspended: humidity 71.0 %RH", "暂停春秋季停用：相对湿度 71.0 %RH"),
        ("mild-season lock-out suspended: CO2 1600.0 ppm", "暂停春秋季停用：二氧化碳 1600.0 ppm"),
    ]


def test_setpoints(day: Day) -> None:
    """What was set and what the limit is."""
    day.at("10:00", cooling_knob=22.0)
    assert day.why("cooling") == (
        "setpoint 22.0 °C, limit 26.0 °C: no lower",
        "设定 22.0 °C，限值 26.0 °C：不得低于",
    )
    assert set(inputs(day, "cooling")) == {"office-201/fcu/cooling_setpoint"}
    day = Day(on="2026-01-14", season=Season.WINTER)
    day.at("10:00", heating_knob=24.0)
    assert day.why("heating") == (
        "setpoint 24.0 °C, limit 20.0 °C: no higher",
        "设定 24.0 °C，限值 20.0 °C：不得高于",
    )


def test_a_setpoint_whose_array_is_not_known_says_so(day: Day) -> None:
    """Nothing beneath to show: what stands is our own 26, and no reason for anything."""
    day.at("10:00", cooling_knob=22.0)
    day.building.outputs[day._point("cooling")].known = False
    day.at("10:01")
    assert day.why("cooling")[0] == "the setpoint beneath our slot is not known: the limit of 26.0 °C stays"


def test_the_inputs_are_those_of_the_reason(day: Day) -> None:
    """While our 26 stands, what is judged is the 22 beneath it, and that is what is shown."""
    day.at("10:00", cooling_knob=22.0)
    day.at("10:01")
    assert day.why("cooling")[0].startswith("setpoint 22.0 °C")
    (shown,) = day.outcome("cooling").decision.inputs
    assert (shown.value, shown.beneath) == (22.0, True)


def test_a_setpoint_that_waits_for_its_grace_says_until_when() -> None:
    """No slots: two minutes are the occupant's, and nobody says that no rule needs the point."""
    day = Day(parts.zone(parts.fan_coil(priority_array=False)))
    day.at("10:00", hvac_switch=True, cooling_knob=22.0)
    assert day.outcome("cooling").decision.rule == "summer-setpoint"
    assert day.why("cooling") == (
        "setpoint 22.0 °C, limit 26.0 °C: left until 10:02, then corrected",
        "设定 22.0 °C，限值 26.0 °C：10:02 前不动，之后纠正",
    )
    (shown,) = day.outcome("cooling").decision.inputs
    assert (shown.value, shown.beneath) == (22.0, False)
    day.at("10:02").expect(cooling=26.0)


def test_a_setpoint_that_was_corrected_too_often_says_that_it_is_left() -> None:
    """The eighth turn of the knob is no business of nobody's."""
    day = Day(parts.zone(parts.fan_coil(priority_array=False)))
    day.at("08:59", hvac_switch=True)
    for n in range(8):
        day.at(f"{9 + n // 4:02}:{15 * (n % 4):02}", cooling_knob=22.0)
        day.at(f"{9 + n // 4:02}:{15 * (n % 4) + 5:02}")
    assert "corrected too often today, left as it is" in day.why("cooling")[0]
    assert "纠正次数过多" in day.why("cooling")[1]


@pytest.mark.parametrize(
    ("quality", "said"),
    [
        (Quality.FAULT, "flags the setpoint as faulty or out of service: not judged"),
        (Quality.INVALID, "makes no sense: not judged"),
        (Quality.STALE, "nothing was heard of the setpoint for too long: not judged"),
        (Quality.MISSING, "the setpoint is not known: not judged"),
    ],
)
def test_a_setpoint_that_cannot_be_believed_decides_nothing(day: Day, quality: Quality, said: str) -> None:
    """22 °C, and the controller says that it is not to be trusted: no write, and the reason says why."""
    fan_coil = day.building.zone.equipment[0]
    point = fan_coil.points[Role.COOLING_SETPOINT]
    seen = Reading(22.0, quality, 0.0, 0.0)
    setpoint = PointView(point, seen, seen)
    view = day.building.view()
    view = view._replace(equipment=(EquipmentView(fan_coil, cooling_setpoint=setpoint),))
    answer = evaluate(view, Facts(season=Season.SUMMER), {}, day.building.now)
    decision = answer.outcomes[point.id].decision
    assert (decision.value, decision.rule) == (RELINQUISH, RuleId.SUMMER_SETPOINT)
    assert str(decision.reason).endswith(said)
    assert decision.reason.in_chinese().endswith("不作判断")
    assert answer.compliance[RuleId.SUMMER_SETPOINT] is None


def test_a_mode_written_first() -> None:
    """Why the thermostat's mode is ours."""
    day = Day(parts.zone(parts.fan_coil(parts.THERMOSTAT)))
    day.at("10:00", mode_knob="auto")
    assert day.why("mode") == ("action not known: the season's mode first", "运行方式未知：先写入季节模式")
    assert set(inputs(day, "mode")) == {"office-201/fcu/mode"}


def test_somebody_insists() -> None:
    """How many corrections a day are enough."""
    rules = RuleSettings.model_validate({"summer-setpoint": {"corrections_a_day": 1}})
    day = Day(parts.zone(parts.fan_coil(), rules=rules))
    for clock, value in (("09:30", 22.0), ("09:40", 27.0), ("09:50", 22.0)):
        day.at(clock, cooling_knob=value)
    (alert,) = day.told("alert", "summer-setpoint")
    assert alert.about == "office-201"
    assert day.words(alert.because) == (
        "corrected more than 1 times in a day: somebody insists",
        "一天内纠正超过 1 次：有人反复调整",
    )


def test_frost() -> None:
    """The figure and the limit; and what it was when heating began."""
    day = Day(on="2026-01-14", season=Season.WINTER)
    day.at("20:00", temperature=7.5)
    day.at("20:01")
    for what in ("hvac", "mode", "heating"):
        assert day.why(what) == ("room at 7.5 °C, frost limit 8.0 °C", "室温 7.5 °C，防冻限值 8.0 °C")
        assert inputs(day, what)["office-201/temperature-1"].value == 7.5
    served = Day(parts.zone(served_by=("ahu",)), on="2026-01-14", season=Season.WINTER)
    served.at("20:00", temperature=7.5)
    served.at("20:01")
    assert served.why("request") == ("room at 7.5 °C, frost limit 8.0 °C", "室温 7.5 °C，防冻限值 8.0 °C")
    assert set(inputs(served, "request")) == {"office-201/temperature-1"}
    day.at("20:31")
    (alert,) = day.told("alert", "freeze-protect")
    assert alert.about == "office-201"
    assert day.words(alert.because) == (
        "no rise in 30 min of heating from 7.5 °C",
        "由 7.5 °C 加热 30 分钟未升温",
    )


def test_minutes_of_other_lengths_are_told_as_they_are() -> None:
    """Two hours of heating without a rise, two hours of rest: 120 min each."""
    rules = RuleSettings.model_validate(
        {
            "freeze-protect": {"rise_within": "2h"},
            "min-off": {"off_for": "2h"},
            "pre-close-off": {"lead": "2h", "prestart": "2h"},
        }
    )
    zone = parts.zone(parts.equipment("split", EquipmentKind.SPLIT, parts.FAN_COIL), rules=rules)
    day = Day(zone, on="2026-01-14", season=Season.WINTER)
    day.at("10:00", window="open")
    day.at("10:02", window="closed")
    day.at("10:05")
    assert "rests 120 min" in day.why("hvac")[0]
    day.at("20:00", temperature=7.5)
    day.at("22:01")
    assert "in 120 min of heating" in str(day.told("alert", "freeze-protect")[0].because)
    day = Day(parts.zone(parts.fan_coil(base="supervisor"), rules=rules))
    day.at("07:00")
    assert "120 min" in day.why("hvac")[0]
    day.at("15:30")
    assert "off 120 min before" in day.why("hvac")[0]


def test_fire() -> None:
    """Handed back so that people can see, handed back because we started it, or nothing at all."""
    day = Day(parts.zone(parts.fan_coil(base="supervisor"), parts.lamps()))
    day.at("17:10", people=0)
    day.at("17:40", fire=True)
    assert day.why("hvac") == ("fire alarm: nothing is written", "火警：不写任何点")
    assert set(inputs(day, "hvac")) == {"office-201/fcu/start_stop"}
    day = Day(parts.zone(parts.fan_coil(base="supervisor"), parts.lamps()))
    day.at("10:00", people=0)
    day.at("10:12")
    day.building.put_fact("fire", True)
    outcomes = day.building.ask().outcomes
    assert day.words(outcomes[day._point("lights")].decision.reason) == (
        "fire alarm: the light is handed back, so that people can see",
        "火警：交还照明，便于疏散",
    )
    assert day.words(outcomes[day._point("hvac")].decision.reason) == (
        "fire alarm: equipment that we started is handed back",
        "火警：交还由我方启动的设备",
    )


def test_a_fire_input_that_is_not_known(day: Day) -> None:
    """About the input."""
    day.at("10:00", fire=UNKNOWN)
    (alert,) = day.told("alert", "fire-alarm")
    assert (alert.about, day.words(alert.because)) == (
        "fire",
        ("fire-alarm input is not known", "火警输入未知"),
    )


def test_a_rest() -> None:
    """Since when, and for how long."""
    day = Day(parts.zone(parts.equipment("split", EquipmentKind.SPLIT, parts.FAN_COIL)))
    day.at("10:00", window="open")
    day.at("10:02", window="closed")
    day.at("10:05")
    assert day.why("hvac") == ("compressor stopped at 10:01, rests 10 min", "压缩机 10:01 停机，需停 10 分钟")
    assert set(inputs(day, "hvac")) == {"office-201/split/start_stop"}


def test_base(day: Day) -> None:
    """Handed back; or ours, and then why on and why off."""
    day.at("10:00")
    assert day.why("hvac") == ("no rule needs this point: handed back", "无规则需要此点：交还")
    sockets = parts.equipment("sockets", EquipmentKind.PLUGS, base="supervisor")
    fresh = parts.equipment("fresh", EquipmentKind.FRESH_AIR, base="supervisor")
    day = Day(parts.zone(parts.fan_coil(base="supervisor"), fresh, parts.lamps(base="supervisor"), sockets))
    day.at("07:00")
    assert day.why("fresh_air") == ("closed since 17:30", "17:30 已关门")
    assert day.why("lights") == ("closed, but somebody is there", "已关门，但仍有人")
    assert day.why("sockets") == ("closed, but somebody is there", "已关门，但仍有人")
    assert "office-201/occupancy-1" in inputs(day, "lights")
    day.at("08:30")
    assert day.why("hvac") == ("prepared 30 min before opening", "开门前 30 分钟预启动")
    assert day.why("sockets") == ("open", "开放期间")
    day.at("10:00")
    assert day.why("hvac") == ("open since 09:00", "09:00 起开放")
    assert day.why("lights") == ("open", "开放期间")
    day.at("11:00", people=0)
    day.at("11:15")
    assert day.why("fresh_air") == ("nobody since 11:00", "11:00 起无人")
    day.at("17:30", people=1)
    day.at("17:36", people=0)
    assert day.why("lights") == day.why("sockets") == ("closed since 17:30", "17:30 已关门")


def test_base_around_the_clock() -> None:
    """Open for ever has no opening to name."""
    week = WeekHours(ALL_DAY, weekend=ALL_DAY, holiday=ALL_DAY)
    zone = parts.zone(parts.fan_coil(base="supervisor"), parts.lamps(base="supervisor"))
    day = Day(zone, timetable=parts.timetable(week=week))
    day.at("10:00")
    assert day.why("hvac") == day.why("lights") == ("open", "开放期间")


def test_a_passage_of_ours() -> None:
    """Lit until `corridor-delay` says otherwise."""
    day = Day(parts.zone(parts.lamps(base="supervisor"), kind=ZoneKind.STAIR, sensors=(Role.OCCUPANCY,)))
    day.at("10:00")
    assert day.why("lights") == ("lit for passers-by", "为通行照明")


def test_overtime_release_and_exemption(day: Day) -> None:
    """Who, and until when."""
    day = Day(parts.zone(parts.fan_coil(), served_by=("ahu",)))
    day.at("17:00", overtime=("20:00", "Li"))
    assert day.why("request") == ("overtime until 20:00 for Li", "加班至 20:00（Li）")
    day.at("18:00", release="18:30")
    assert day.why("hvac") == ("released by Wang until 18:30", "Wang 释放至 18:30")
    day.at("18:31", exempt=("window-off", day.when("18:40")))
    day.at("18:41")
    (alert,) = day.told("alert", "window-off")
    assert (alert.about, day.words(alert.because)) == (
        "office-201",
        ("exemption ended at 18:40", "豁免已于 18:40 到期"),
    )


def test_a_citation_names_document_and_clause_and_owns_up_to_site_choices() -> None:
    """For explain and the audit."""
    assert str(Citation(ACTION_PLAN, "（二）")) == "AP （二）"
    assert str(Citation(ACTION_PLAN, "120 s", site_choice=True)) == "AP 120 s (site choice)"
