"""A value that a person holds by hand: what goes before it, what it goes before, and what is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.site import Site
from schedules.days import calendars
from schedules.seasons import Season
from supervisor.core.asking import Refused
from supervisor.core.decider import Decider
from supervisor.core.known import Known
from supervisor.core.manual import admit, end, still_fits
from supervisor.core.plan import plan_day
from supervisor.core.views import Manual
from tests.site_files import OFFICE, site_of_file, site_of_text
from tests.unit.core import parts
from tests.unit.core.story import Day
from tests.unit.core.test_limits import SITE as ANNEX

SHANGHAI = ZoneInfo("Asia/Shanghai")
FCU = "f2-office-201/fcu/start_stop"
COOLING = "f2-office-201/fcu/cooling_setpoint"
NOON = dt.datetime(2026, 7, 15, 12, tzinfo=SHANGHAI).timestamp()


def test_a_visit_keeps_the_office_cool_until_its_hour_and_the_rule_is_still_counted() -> None:
    """Held on at ten past five, off by itself at six; meanwhile the zone stands outside the rule, and says so."""
    day = Day(parts.zone(parts.fan_coil(), parts.lamps()))
    day.at("17:05").expect(hvac="off", rule="pre-close-off")
    day.at("17:10", by_hand=("hvac", True, "18:00")).expect(hvac="on", rule="manual").complies(
        pre_close_off=False
    )
    assert day.why("hvac") == ("by hand until 18:00 (Wang: a visit)", "手动至 18:00（Wang：a visit）")
    assert [loser.rule for loser in day.outcome("hvac").losers] == ["pre-close-off"]
    day.at("17:59:59").expect(hvac="on")
    day.at("18:00").expect(hvac="off", rule="pre-close-off").complies(pre_close_off=True)


def test_held_off_is_off_and_then_the_controllers_own_again() -> None:
    """Somebody works at the unit: off in the opening hours, NULL when it is over."""
    day = Day(parts.zone(parts.fan_coil(), parts.lamps()))
    day.at("10:00", by_hand=("hvac", False, "11:00")).expect(hvac="off", rule="manual", slot=False)
    day.at("11:00").expect(hvac="on", slot=None)


def test_fire_and_frost_go_before_it_and_it_stands_again_after_them() -> None:
    """The alarm hands back what was started; a freezing room is heated, whoever wants it off."""
    day = Day(parts.zone(parts.fan_coil(), parts.lamps()))
    day.at("17:10", by_hand=("hvac", True, "18:30"))
    day.at("17:20", fire=True).expect(hvac="on", rule="fire-alarm", slot=None)
    day.at("17:30", fire=False)
    day.at("17:32").expect(hvac="on", rule="manual", slot=True)
    cold = Day(parts.zone(parts.fan_coil(), parts.lamps()), on="2026-01-14", season=Season.WINTER)
    cold.at("10:00", by_hand=("hvac", False, "12:00")).expect(hvac="off", rule="manual")
    cold.at("10:30", temperature=7.0)
    cold.at("10:31").expect(hvac="on", rule="freeze-protect")
    cold.at("10:50", temperature=12.0)
    cold.at("10:51").expect(hvac="off", rule="manual")


def test_a_single_setpoint_that_begins_to_break_a_limit_is_let_go_and_people_are_told() -> None:
    """20 °C is fine while the unit heats in spring; when it cools, the plan's 26 °C goes before a person's word."""
    day = Day(
        parts.zone(parts.fan_coil(parts.THERMOSTAT), parts.lamps()), on="2026-04-15", season=Season.SPRING
    )
    day.at("10:00", by_hand=("setpoint", 20.0, "12:00"), mode_knob="heat", outdoor=20.0)
    day.expect(setpoint=20.0, rule="manual")
    day.at("10:30", mode_knob="cool")
    assert day.outcome("setpoint").decision.rule != "manual"
    assert "outside 26.0 to" in str(day.told("alert", "manual")[0].because)


# ---------------------------------------------------------------------- asked for


@pytest.fixture
def decider() -> Decider:
    """The office, at noon in July."""
    site = site_of_file(OFFICE)
    return of(site)


def of(site: Site) -> Decider:
    """A decider that has been asked once."""
    made = Decider(site, Known(site), calendars(site).tables, lambda at: (Season.SUMMER, float("inf")))
    made.step(NOON)
    return made


def annex() -> Site:
    """Two rooms, a stricter limit in one, an exemption in the other, and an air handler for both."""
    modes = "states: {1: off, 2: cool, 3: heat}"
    return site_of_text(ANNEX.replace(modes, f"{modes}, writable: true"))


def ask(decider: Decider, point: str, value: object, until: str = "18:00", **more: Any) -> Manual:
    """Somebody asks at noon."""
    words = {"point": point, "value": value, "until": until, "name": "李工", "why": "接待", **more}
    return admit(decider, words, NOON)[1]


@pytest.mark.parametrize(
    ("point", "value", "held"),
    [
        (FCU, "on", True),
        (FCU, "关", False),
        (FCU, True, True),
        ("201 办公室/fcu/start_stop", "off", False),
        ("f2-office-201/cooling_setpoint", "26.5", 26.5),
        (COOLING, "27 °C", 27.0),
        (COOLING, 28, 28.0),
    ],
)
def test_a_point_goes_by_id_or_zone_and_role_and_a_value_as_people_write_it(
    decider: Decider, point: str, value: object, held: object
) -> None:
    """On and off in two languages, degrees with and without a unit, the zone by its name."""
    assert ask(decider, point, value).value == held


@pytest.mark.parametrize(
    ("point", "value", "more", "said", "said_zh"),
    [
        ("f2-office-201/fcu/start", "on", {}, "no point is called", "没有名为"),
        ("f2-office-201/fcu/temperature", "24", {}, "may not be written", "不可写"),
        ("meter/main/energy", "24", {}, "no point is called", "没有名为"),
        (FCU, "maybe", {}, "takes on or off, not maybe", "的值应为开 或 关"),
        (COOLING, "cold", {}, "takes a temperature", "的值应为温度"),
        (COOLING, "nan", {}, "takes a temperature", "的值应为温度"),
        (COOLING, "25.0", {}, "26.0 to", "超出限值"),
        (COOLING, "44", {}, "outside the limits", "超出限值"),
        (FCU, "on", {"until": "11:00"}, "in the future", "晚于现在"),
        (FCU, "on", {"until": "12:00"}, "in the future", "晚于现在"),
        (FCU, "on", {"until": "2026-07-16T00:01:00+08:00"}, "at most 12 h", "最长 12 小时"),
        (FCU, "on", {"until": "soon"}, "HH:MM", "HH:MM"),
        (FCU, "on", {"until": ""}, "HH:MM", "HH:MM"),
        (FCU, "on", {"name": " "}, "needs a name", "姓名"),
        (FCU, "on", {"why": ""}, "needs a reason", "原因"),
        (FCU, "on", {"why": "x" * 201}, "at most 200 characters", "200"),
    ],
)
def test_what_makes_no_sense_is_refused_in_both_languages(
    decider: Decider, point: str, value: str, more: dict[str, Any], said: str, said_zh: str
) -> None:
    """Unknown, read only, no such value, outside the plan's limits, past, too long, nameless, without a reason."""
    with pytest.raises(Refused) as refused:
        ask(decider, point, value, **more)
    assert said in refused.value.phrase.en
    assert said_zh in refused.value.phrase.zh
    assert not decider.manual


def test_a_light_of_an_escape_route_is_never_held(decider: Decider) -> None:
    """By construction: it is refused, and told why."""
    escape = next(e for e in decider.site.all_equipment if e.escape_route)
    for point in escape.points.values():
        with pytest.raises(Refused, match="escape route"):
            ask(decider, point.id, "off")


def test_limits_are_the_zones_own_and_an_exempt_zone_has_none() -> None:
    """East keeps 27 °C; shared equipment the strictest; a mode must be one that the point has."""
    decider = of(annex())
    with pytest.raises(Refused, match=r"27\.0 to"):
        ask(decider, "east/fcu/cooling_setpoint", "26.5")
    assert ask(decider, "west/fcu/cooling_setpoint", "22").value == 22.0
    with pytest.raises(Refused, match=r"27\.0 to"):
        ask(decider, "ahu/cooling_setpoint", "26.5")
    assert ask(decider, "ahu/start_stop", "on").value is True
    with pytest.raises(Refused, match="one of cool, heat, off"):
        ask(decider, "east/thermostat/mode", "dry")
    assert ask(decider, "east/thermostat/mode", "cool").value == "cool"
    step = decider.step(NOON + 1)
    assert {p: o.decision.value for p, o in step.outcomes.items() if o.decision.rule == "manual"} == {
        "west/fcu/cooling_setpoint": 22.0, "ahu/start_stop": True, "east/thermostat/mode": "cool",
    }  # fmt: skip


def test_a_unit_held_on_asks_for_its_air_handler() -> None:
    """A terminal blows nothing without it."""
    decider = of(annex())
    ask(decider, "east/fcu/start_stop", "on")
    outcome = decider.step(NOON + 1).outcomes["ahu/start_stop"]
    assert (outcome.decision.value, outcome.decision.rule) == (True, "manual")
    assert "east" in str(outcome.decision.reason)


def test_it_ends_at_a_persons_word_and_the_last_word_counts(decider: Decider) -> None:
    """Held anew, the new value and hour stand; ended, nothing does; ended twice is refused."""
    ask(decider, FCU, "off", "13:00")
    ask(decider, FCU, "on", "14:00")
    assert decider.manual[FCU].value is True
    assert decider.step(NOON + 1).outcomes[FCU].decision.rule == "manual"
    end(decider, "201 办公室/fcu/start_stop")
    assert decider.step(NOON + 2).outcomes[FCU].decision.rule != "manual"
    with pytest.raises(Refused, match="is not held by hand"):
        end(decider, FCU)


def test_an_hour_that_is_over_today_is_tomorrows_within_the_longest(decider: Decider) -> None:
    """00:00 asked for at noon is midnight."""
    assert ask(decider, FCU, "on", "00:00").until == NOON + 12 * 3600


def test_the_decider_wakes_up_when_it_is_over(decider: Decider) -> None:
    """Nothing polls: the end is the next moment at which the answer changes."""
    ask(decider, FCU, "off", "12:07")
    decider.step(NOON + 1)
    assert decider.wake_at <= NOON + 7 * 60


def test_what_is_held_fits_another_site_file_only_if_the_point_is_the_same_kind(decider: Decider) -> None:
    """A point that is gone, read only, or takes other values is held no more."""
    assert still_fits(decider, FCU, Manual(True, NOON, NOON + 60, "a", "b"))
    assert not still_fits(decider, FCU, Manual("cool", NOON, NOON + 60, "a", "b"))
    assert not still_fits(decider, "gone/fcu/start_stop", Manual(True, NOON, NOON + 60, "a", "b"))
    assert not still_fits(decider, "f2-office-201/fcu/temperature", Manual(20.0, NOON, NOON + 60, "a", "b"))


def test_the_plan_of_the_day_has_it(decider: Decider) -> None:
    """From when it was asked for until its end."""
    site, word = decider.site, Manual(True, NOON + 5.5 * 3600, NOON + 7 * 3600, "李工", "接待")
    made = plan_day(site, calendars(site), dt.date(2026, 7, 15), "f2-office-201", manual={FCU: word})
    events = [(e.time, e.value) for e in made.events if e.rule == "manual"]
    assert events == [(word.since, True)]
    after = next(e for e in made.events if e.time == word.until)
    assert (after.value, after.rule) == (False, "pre-close-off")
