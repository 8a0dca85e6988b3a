"""What a device calls its states, held against the site file: only where it clearly means another one is anything made of it."""

from __future__ import annotations

import pytest

from config.points import Point
from config.roles import Mode, Role
from config.state_texts import StateTexts, contradiction, named, taken_for_alarm
from config.state_words import sense

MODES = {1: Mode.COOL, 2: Mode.HEAT}


def switch(
    role: Role, *, invert: bool = False, states: dict[int, Mode] | None = None, believed: bool = True
) -> Point:
    """A point at a binary object, or where it has states at a multi-state one."""
    kind = "multi-state-value" if states else "binary-value"
    return Point(f"r/{role}", role, "ddc", kind, 1, invert=invert, states=states or {}, state_texts=believed)


def said(*texts: str, number: int | None = None, first: int = 0) -> StateTexts:
    """Texts from a first state on."""
    return StateTexts(tuple(enumerate(texts, first)), number)


def listed(*texts: str) -> StateTexts:
    """The State_Text of a multi-state object."""
    return said(*texts, number=len(texts), first=1)


@pytest.mark.parametrize(
    ("role", "off", "on"),
    [
        (Role.START_STOP, "Off", "On"), (Role.START_STOP, "停止", "运行"), (Role.START_STOP, "已停止", "运行中"),
        (Role.START_STOP, "Unoccupied", "Occupied"), (Role.RUN_STATUS, "STOPPED", "Running"), (Role.START_STOP, "关机", "开机"),
        (Role.OCCUPANCY, "Unoccupied", "Occupied"), (Role.OCCUPANCY, "无人", "有人"), (Role.OCCUPANCY, "No Motion", "Motion"),
        (Role.WINDOW, "Closed", "Open"), (Role.WINDOW, "关", "开"), (Role.FIRE_ALARM, "Normal", "Alarm"),
        (Role.FIRE_ALARM, "正常", "火警"), (Role.FAULT, "正常", "故障"), (Role.HAND_AUTO, "Auto", "Manual"),
        (Role.HAND_AUTO, "远程", "就地"),
    ],
)  # fmt: skip
def test_texts_the_wrong_way_round_are_found_and_the_right_way_round_are_not(
    role: Role, off: str, on: str
) -> None:
    """Also on a normally closed contact, where the file says `invert: true`."""
    straight, inverted = switch(role), switch(role, invert=True)
    assert contradiction(straight, said(off, on)) is None
    assert contradiction(inverted, said(on, off)) is None
    for point, texts in ((straight, said(on, off)), (inverted, said(off, on)), (straight, said("", off))):
        why = contradiction(point, texts)
        assert why is not None
        assert f"“{off}”" in why.en
        assert f"“{off}”" in why.zh
        assert "state_texts: false" in why.en


def test_a_mode_called_otherwise_names_both_words_in_both_languages() -> None:
    """The file heats where the device cools: what each says, and what to do."""
    why = contradiction(switch(Role.MODE, states=MODES), listed("Heat", "制冷模式"))
    assert why is not None
    assert why.en == (
        "the site file says 1 = cool, the device's own text for 1 is “Heat”; "
        "the site file says 2 = heat, the device's own text for 2 is “制冷模式” (cool): "
        "correct `states:` in the site file, or say `state_texts: false` where the device's texts are wrong"
    )
    assert why.zh.startswith("配置文件写 1 = 制冷，而设备对 1 的文字为“Heat”（制热）；配置文件写 2 = 制热，")


@pytest.mark.parametrize(
    "texts",
    [
        listed("Cool", "Heat"), listed("制冷", "制热"), listed("1 Cooling", "2:Heating"), listed("State 1", "State 2"),
        listed("", ""), listed("Cool/Heat", "Heat/Cool"), listed("ÖÆÀä", "ÖÆÈÈ"), listed("Economy", "Emergency Heat"),
        StateTexts(), StateTexts((), 2), listed("Summer", "冬季"), listed("COOL_MODE", "HeatMode"),
    ],
)  # fmt: skip
def test_a_text_that_agrees_is_garbled_or_says_nothing_is_no_contradiction(texts: StateTexts) -> None:
    """Vendors' placeholders, GB 2312 read as Latin-1, two words in one, an array that is not there."""
    assert contradiction(switch(Role.MODE, states=MODES), texts) is None


@pytest.mark.parametrize(
    ("role", "texts"),
    [
        (Role.START_STOP, said("Active", "Inactive")), (Role.START_STOP, said("Off", "Off")), (Role.START_STOP, said("1", "0")),
        (Role.START_STOP, said("关(检修)", "开/关")), (Role.OCCUPANCY, said("On", "Off")), (Role.WINDOW, said("Alarm", "Normal")),
        (Role.FIRE_ALARM, said("On", "Off")), (Role.HEARTBEAT, said("On", "Off")), (Role.WINDOW, said("闭合", "断开")),
    ],
)  # fmt: skip
def test_words_that_are_not_about_the_point_say_nothing(role: Role, texts: StateTexts) -> None:
    """ "Off" says nothing of a window; both states called alike were never filled in; a contact that is made may mean either."""
    assert contradiction(switch(role), texts) is None


def test_a_switch_between_heating_and_cooling_is_off_in_neither() -> None:
    """A changeover at a binary object is called off and on by its controller, and means heating and cooling."""
    point = Point("r/c", Role.CHANGEOVER, "ddc", "binary-value", 1, states={0: Mode.HEAT, 1: Mode.COOL})
    assert contradiction(point, said("Off", "On")) is None
    assert contradiction(point, said("夏季", "冬季")) is not None
    assert contradiction(point, said("Winter", "Summer")) is None


def test_a_unit_that_is_started_by_a_mode_does_not_heat_where_the_file_cools() -> None:
    """A start-stop at a multi-state object: any mode is on, but not any other one."""
    point = switch(Role.START_STOP, states={1: Mode.OFF, 2: Mode.COOL})
    assert contradiction(point, listed("Off", "Cool", "Heat")) is None
    why = contradiction(point, listed("Off", "Heat", "Cool"))
    assert why is not None
    assert "2 = cool, the device's own text for 2 is “Heat”" in why.en
    assert contradiction(point, listed("运行", "停止")) is not None
    occupied = switch(Role.START_STOP, states={1: Mode.AUTO, 2: Mode.OFF})
    assert contradiction(occupied, listed("Occupied", "Unoccupied", "Bypass")) is None


def test_fewer_states_than_the_file_has_were_made_for_another_controller() -> None:
    """Unless its texts confirm all those that are there."""
    point = switch(Role.MODE, states={1: Mode.OFF, 2: Mode.COOL, 3: Mode.HEAT, 4: Mode.AUTO})
    why = contradiction(point, StateTexts((), 3))
    assert why is not None
    assert "has a state 4, the device has 3 (its Number_Of_States)" in why.en
    assert contradiction(point, listed("Off", "Cool", "Heat")) is None
    assert contradiction(point, StateTexts((), 5)) is None
    assert contradiction(point, StateTexts((), 0)) is None, "a device that has none says nothing"
    assert contradiction(point, StateTexts((), 1)) is None, "one state was never set up"


def test_whoever_says_that_the_texts_are_wrong_is_believed() -> None:
    """`state_texts: false` on the point; and a number's or an analog object's states have no texts at all."""
    assert contradiction(switch(Role.START_STOP, believed=False), said("On", "Off")) is None
    assert not named(Point("r/t", Role.TEMPERATURE, "ddc", "analog-input", 1))
    assert not named(
        Point("r/f", Role.START_STOP, "ddc", "analog-output", 1, states={0: Mode.OFF, 60: Mode.FAN})
    )


def test_an_alarm_is_an_alarm_whatever_its_states_are_called() -> None:
    """By the site file: also on a normally closed contact."""
    assert taken_for_alarm(switch(Role.FIRE_ALARM), 1)
    assert not taken_for_alarm(switch(Role.FIRE_ALARM), 0)
    assert taken_for_alarm(switch(Role.FIRE_ALARM, invert=True), 0)
    assert not taken_for_alarm(switch(Role.WINDOW), 1)
    assert not taken_for_alarm(switch(Role.FIRE_ALARM), None)


def test_whole_words_only() -> None:
    """A word within another one, a negation and a remark are not that word."""
    assert sense(Role.OCCUPANCY, "UnOccupied") == "nobody"
    assert sense(Role.OCCUPANCY, "Non-occupied") == "nobody"
    assert sense(Role.FIRE_ALARM, "No Alarm") == "no fire"
    assert sense(Role.FIRE_ALARM, "not normal") is None
    assert sense(Role.MODE, "Heatpump") is None
    assert sense(Role.MODE, "Heat off") is None
    assert sense(Role.MODE, "自动制热") is None
    assert sense(Role.MODE, "ＨＥＡＴ") == "heat"
    assert sense(Role.TEMPERATURE, "Heat") is None
