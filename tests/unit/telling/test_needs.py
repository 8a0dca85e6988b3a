"""What needs somebody, and the one sentence on top: what a facility manager must find in five seconds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.phrase import Phrase, same
from config.rules import RuleId
from drivers.refused import in_both
from supervisor.core.views import Fire
from supervisor.telling.headline import headline
from supervisor.telling.needs import OWNERS, Need, Standing, needs
from supervisor.telling.needs_told import need_lines, timeline
from supervisor.telling.snapshot import Change, Mismatch, Override, Snapshot, Trouble, Waiting
from supervisor.telling.view import tiles
from supervisor.telling.words import DASH
from tests.tools.fake_building import NOW, at, fake_building

WHY = Phrase("its fan has tripped", "风机跳闸")


def quiet(**changes: Any) -> Snapshot:
    """The fake building with nothing wrong in it."""
    whole = fake_building()
    zones = tuple(
        replace(z, compliance=dict.fromkeys(z.compliance, True), unwritten=(), doubtful=(), dry_run=False)
        for z in whole.zones
    )
    devices = tuple(replace(d, up=True, problem=None) for d in whole.devices)
    meters = tuple(replace(m, healthy=True) for m in whole.meters)
    return replace(
        whole, **{"zones": zones, "devices": devices, "meters": meters, "overrides": (), **changes}
    )


def only(snapshot: Snapshot) -> Need:
    """The one thing that needs somebody."""
    (need,) = needs(snapshot)
    return need


def test_a_building_in_order_needs_nobody() -> None:
    """All points are enforced, and the sentence is green."""
    building = quiet()
    assert needs(building) == []
    assert headline(building, []).text == Phrase(
        "Enforcing 13 of 13 points; nothing needs you", "正在管控 13 个点中的 13 个；无待办事项"
    )
    assert headline(building, []).tone == "good"


def _zone(**changes: Any) -> Snapshot:
    building = quiet()
    zones = (replace(building.zones[7], **changes), *building.zones[8:])
    return replace(building, zones=zones)


def _device(**changes: Any) -> Snapshot:
    building = quiet()
    return replace(building, devices=(replace(building.devices[0], **changes),))


ROOM = "f2-office-203"
CASES = {
    "a slot-8 override": (quiet(overrides=(Override(ROOM, "start_stop", f"{ROOM}/fcu/start_stop", 8, True),)), "在其他系统中手动控制"),
    "a unit switched to hand": (quiet(overrides=(Override(ROOM, "hand_auto", f"{ROOM}/fcu/hand_auto", 0, True),)), "拨回自动"),
    "a silent controller": (_device(up=False, last_answer=at("10:02:10")), "无应答"),
    "a replaced controller": (_device(up=False, quarantine=WHY), "更换"),
    "a controller in two places": (_device(elsewhere=WHY), "其他位置"),
    "a unit that contradicts": (quiet(mismatches=(Mismatch("a/b", "d", WHY),)), "单位"),
    "a command not carried out": (_zone(unwritten=(Trouble("x", WHY),)), "未执行"),
    "a reading not believed": (_zone(doubtful=(Trouble("x", WHY),)), "不可采信"),
    "a suspect contact": (_zone(window_open=True, compliance={RuleId.WINDOW_OFF: None}), "窗磁"),
    "a room out of limits": (_zone(compliance={RuleId.SUMMER_SETPOINT: False}), "不合规"),
    "a faulty meter": (quiet(meters=(replace(fake_building().meters[0], healthy=False, troubles=(WHY,)),)), "表计"),
    "an exemption past its end": (quiet(lapsed=((ROOM, RuleId.SUMMER_SETPOINT),)), "豁免"),
    "holidays nobody announced": (quiet(announced=False), "放假"),
    "a broken site file": (quiet(problem=same("office.yaml:3: no")), "未生效"),
    "a full disk": (quiet(store_problem=WHY), "无法记录"),
    "an altered audit": (quiet(audit_valid=False), "审计"),
    "an unknown fire alarm": (quiet(fire="unknown"), "火警"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_trouble_is_one_line_with_its_next_step(case: str) -> None:
    """One thing wrong is one line: what, where, why, what to do and whose it is, in both languages."""
    snapshot, said = CASES[case]
    need = only(snapshot)
    (zh,) = need_lines(snapshot, [need], "zh")
    (en,) = need_lines(snapshot, [need], "en")
    assert said in f"{zh.what} {zh.cause} {zh.step}"
    assert all((en.what, en.where, en.cause, en.step, en.owner, zh.where, zh.cause, zh.step))
    assert zh.owner == OWNERS[need.owner].zh
    assert "1 needs you" in headline(snapshot, [need]).text.en


def test_points_that_are_not_ours_to_enforce_are_not_counted() -> None:
    """Overridden, on a dead controller, not carried out, or in a room of a dry run."""
    point = f"{ROOM}/fcu/start_stop"
    held = quiet(overrides=(Override(ROOM, "start_stop", point, 8, True),))
    dead = _device(up=False, writable=(point,))
    refused = _zone(unwritten=(Trouble(point, WHY),))
    dry = _zone(dry_run=True)
    for building in (held, dead, refused, dry):
        assert headline(building, needs(building)).text.en.startswith("Enforcing 12 of 13 points")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"fire": "active"}, "火警：停止写入"),
        ({"ready": False}, "正在启动"),
        ({"dry_run": True}, "试运行：13 个点只演算"),
        ({"clock_doubt": WHY}, "时钟不可信"),
        ({"holdable": ()}, "只监测"),
    ],
)
def test_the_sentence_says_what_the_building_is_under(changes: dict[str, object], says: str) -> None:
    """Fire, start, dry run, a clock nobody believes, nothing that may be written: never a green figure."""
    building = quiet(**changes)
    assert says in headline(building, []).text.zh
    assert headline(building, []).tone != "good"


def test_how_long_a_thing_has_stood_is_kept_from_look_to_look() -> None:
    """The first look that saw it; once it is over and comes back, it is new."""
    standing, wrong = Standing(), quiet(announced=False)
    assert standing.seen(needs(wrong), NOW) == {"calendar": NOW}
    assert standing.seen(needs(wrong), NOW + 60) == {"calendar": NOW}
    assert standing.seen([], NOW + 120) == {}
    assert standing.seen(needs(wrong), NOW + 180) == {"calendar": NOW + 180}
    shown = replace(wrong, standing={"calendar": NOW - 7200})
    assert need_lines(shown, needs(shown), "en")[0].age == "since 08:15 (2 h 00 min)"


def test_a_line_leads_to_its_room() -> None:
    """The link opens the floor on which the room is, at its line."""
    building = _zone(compliance={RuleId.SUMMER_SETPOINT: False})
    assert need_lines(building, needs(building), "zh")[0].href == "?floor=2&lang=zh#zone-0"


def test_what_is_still_to_come_today_is_told_by_the_clock() -> None:
    """Rooms that change alike are one line; tomorrow's changes are not today's."""
    off, later = Phrase("HVAC off", "空调关"), Phrase("HVAC on", "空调开")
    zones = [replace(z, next_change=Change(at("17:00"), off)) for z in quiet().zones[:3]]
    zones[2] = replace(zones[2], next_change=Change(at("08:30", "2026-07-16"), later))
    lines = timeline(quiet(zones=tuple(zones)), "zh")
    assert [(line.at, line.what, line.zones) for line in lines] == [("17:00", "空调关", 2)]


def test_what_comes_within_a_minute_is_one_line_and_what_has_been_is_none() -> None:
    """Three lines of 16:29 for the same are one; what was due a moment ago is no longer to come."""
    off = Phrase("lights off", "照明关")
    due = [at("16:29:05"), at("16:29:40"), at("10:15:19")]
    zones = tuple(replace(z, next_change=Change(t, off)) for z, t in zip(quiet().zones, due, strict=False))
    lines = timeline(quiet(zones=zones), "en")
    assert [(line.at, line.zones) for line in lines] == [("16:29", 2)]


@pytest.mark.parametrize("fire", [Fire.ACTIVE, Fire.CLEARING])
def test_during_a_fire_nobody_is_sent_to_a_lit_corridor(fire: Fire) -> None:
    """What is out of limits then does not count, is nobody's to mend, and no share of compliance is claimed."""
    assert [need.what.en for need in needs(fake_building())].count("out of limits") == 1
    burning = fake_building(fire=fire.value)
    assert "out of limits" not in {need.what.en for need in needs(burning)}
    share = tiles(burning, "zh")[0]
    assert (share.value, share.rest, share.tone) == (DASH, "火警期间不计", "")


def test_what_nobody_measures_is_not_said_to_be_within_limits() -> None:
    """A hundred per cent of what is known is no praise for a floor whose controller is silent."""
    good = tiles(quiet(), "en")[0]
    assert (good.value, good.rest, good.tone) == ("100 %", "all within limits", "good")
    zones = list(quiet().zones)
    zones[0] = replace(zones[0], compliance=dict.fromkeys(zones[0].compliance, None))
    half = tiles(quiet(zones=tuple(zones)), "en")[0]
    assert half.rest == f"within, as far as known; {len(zones[0].compliance)} unmonitored"
    assert half.tone == ""


def test_one_cause_in_twenty_rooms_is_one_line() -> None:
    """A full disk holds up every room: the line names one, and says how many there are."""
    building = quiet()
    zones = tuple(
        replace(z, unwritten=(Trouble(f"{z.id}/a", WHY), Trouble(f"{z.id}/b", WHY))) for z in building.zones
    )
    need = only(replace(building, zones=zones))
    assert need.where.zh.endswith(f"等 {len(zones)} 处")
    assert need.where.en.endswith(f"and {len(zones) - 1} more")


def test_a_saved_file_that_waits_for_a_word_is_a_thing_to_do() -> None:
    """Why it waits, and the two ways on: take it up with a name, or save the file without it."""
    why = Phrase("the dry run ends: 3 points", "试运行结束：3 个点")
    need = only(quiet(waiting=Waiting((why,), ())))
    assert need.cause == why
    assert "--yes --by" in need.step.en
    assert "确认" in need.what.zh


def test_a_controller_that_answers_otherwise_than_it_should_is_not_said_to_be_silent() -> None:
    """Its cable is in order: what it says is told, and nobody is sent to look at its power."""
    why = in_both("unreadable answer: it is cut off")
    need = only(_device(up=False, answers=True, problem=why))
    assert need.what == Phrase("controller answers, but not as it should", "控制器有应答，但不可采用")
    assert need.cause == why
    assert "power" not in need.step.en
