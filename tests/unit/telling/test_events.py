"""What the page and the log are told: everything that is wrong, once, and as grave as it is."""

from __future__ import annotations

import re
from typing import Any

import pytest
import structlog

from config.phrase import Phrase
from config.rules import RuleId
from drivers.readings import Quality, Reading
from drivers.refused import in_both
from supervisor.core.decisions import RELINQUISH, Because, Notice
from supervisor.gateway import events as gw
from supervisor.gateway.context import STORE
from supervisor.telling.events import REPEAT, Events
from supervisor.telling.snapshot import Event
from tests.unit.gateway.gateway_world import make_site

POINT = "o1/ac/start_stop"
FULL = Phrase("the disk is full", "磁盘已满")


@pytest.fixture
def told() -> list[Event]:
    """What was told."""
    return []


@pytest.fixture
def events(told: list[Event]) -> Events:
    """The events of a small office."""
    return Events(make_site(), told.append)


def lines(logged: list[Any]) -> list[tuple[str, str]]:
    """The log: how grave, and which kind."""
    return [(line["log_level"], line["event"]) for line in logged]


def test_a_full_disk_is_one_alert_however_many_points_wait(events: Events, told: list[Event]) -> None:
    """A hundred points every five seconds, and the watch besides: one line on the page, one error in the log."""
    with structlog.testing.capture_logs() as logged:
        for second in range(0, 7200, 5):
            for _ in range(100):
                events.other(gw.Trouble(STORE, FULL.en, FULL.zh, float(second)))
            events.store(FULL, float(second))
        events.store(None, 7205.0)
        events.store(None, 7206.0)
    assert [(e.kind, e.text.en) for e in told] == [
        ("alert", "nothing is recorded, so nothing is written: the disk is full"),
        ("recovered", "the store takes rows again"),
    ]
    assert "磁盘已满" in told[0].text.zh
    assert lines(logged) == [("error", "alert"), ("info", "recovered")]
    events.store(FULL, 7210.0)
    assert told[-1].kind == "alert", "and when it is full again, that is news"


def test_a_disk_whose_last_pages_come_and_go_is_told_once_an_hour(events: Events, told: list[Event]) -> None:
    """A page is freed and taken again each minute: neither the full disk nor its end is told each time."""
    for minute in range(50):
        events.store(FULL, minute * 60.0)
        events.store(None, minute * 60.0 + 30.0)
    assert [event.kind for event in told] == ["alert", "recovered"]
    events.store(FULL, 7200.0)
    assert told[-1].kind == "alert"


def test_what_is_let_go_of_says_for_which_rule(events: Events, told: list[Event]) -> None:
    """Once a lamp is handed back in a fire its decision is another; whoever reads the line sees why all the same."""
    events.wrote(gw.Wrote(POINT, "d1", "fire-alarm", RELINQUISH, "ok", 0.0, 0.0, 0.0), None)
    assert told[0].text == Phrase("relinquish: let go (Fire alarm)", "释放：交还（火警让位）")


def test_alerts_are_warnings_in_the_log(events: Events) -> None:
    """An operator who reads warnings only misses nothing: alerts of rules, of the gateway, of writes."""
    because = Because("corrected too often", "纠正过多")
    with structlog.testing.capture_logs() as logged:
        events.notices([Notice(RuleId.SUMMER_SETPOINT, "alert", "o1", because)], 0.0)
        events.notices([Notice(RuleId.MILD_SEASON_OFF, "exception", "o1", because)], 0.0)
        events.other(gw.Trouble(POINT, "the device refused", "控制器拒绝", 0.0))
        events.other(gw.Lost(POINT, 0.0))
        events.other(gw.Overridden(POINT, None, 0.0))
        events.wrote(gw.Wrote(POINT, "d1", "base", True, "mismatch", 0.0, 0.0, 0.0, "it differs"), None)
        events.wrote(gw.Wrote(POINT, "d1", "base", True, "ok", 0.0, 0.0, 0.0), None)
    assert lines(logged) == [
        ("warning", "alert"), ("info", "exception"), ("warning", "alert"), ("warning", "lost"),
        ("info", "override"), ("warning", "mismatch"),
    ]  # fmt: skip
    assert {line["about"] for line in logged} == {"o1", POINT}


def test_the_same_trouble_is_told_once_an_hour(events: Events, told: list[Event]) -> None:
    """A write that fails again and again in the same way; another reason is news."""
    for second in (0.0, 10.0, 600.0, REPEAT - 1.0):
        events.other(gw.Trouble(POINT, "the device refused", "控制器拒绝", second))
        events.wrote(gw.Wrote(POINT, "d1", "base", True, "failed", second, 0.0, 0.0, "silence"), None)
    assert [e.kind for e in told] == ["alert", "failed"]
    events.other(gw.Trouble(POINT, "unknown object", "对象不存在", 700.0))
    events.other(gw.Trouble(POINT, "the device refused", "控制器拒绝", REPEAT + 1.0))
    assert [e.kind for e in told] == ["alert", "failed", "alert", "alert"]


def test_a_sensor_is_told_when_it_fails_and_when_it_is_back(events: Events, told: list[Event]) -> None:
    """Flagged, with a figure that moves on; silent; flagged; well again."""
    flagged = Phrase("flags 22.1", "标记")

    def hears(quality: Quality, doubt: Phrase | None, at: float) -> None:
        events.sensor(POINT, Reading(22.0, quality, at, at), doubt, at)

    hears(Quality.GOOD, None, 0.0)
    hears(Quality.FAULT, flagged, 10.0)
    hears(Quality.FAULT, Phrase("flags 22.2", "标记"), 20.0)
    hears(Quality.STALE, None, 400.0)
    hears(Quality.FAULT, flagged, 500.0)
    assert [(e.kind, e.zone, e.text.en) for e in told] == [("alert", "o1", "flags 22.1")]
    hears(Quality.GOOD, None, 600.0)
    assert [(e.kind, e.text.en) for e in told[1:]] == [("recovered", "is believed again")]
    hears(Quality.INVALID, Phrase("“---” is no temperature", "无效"), 700.0)
    assert told[-1].text.en == "“---” is no temperature"


@pytest.mark.parametrize(
    "said",
    [
        "bac0: UDP port 47808 on 127.0.0.1 is taken; stop the other program or choose another port",
        "rusty: 10.0.0.9 is not an address of this machine",
        "ddc-3: no answer within 3 s",
        "bac0: a device at 127.0.0.2:47808 has our own UDP port, 47808, on this machine: with `stack: bac0` give "
        "`bacnet: port` another number, or say `stack: rusty`",
        "bac0: 0.0.0.0 has no broadcast address: name the interface's own address",
    ],
)
def test_what_keeps_a_start_from_the_wire_is_told_in_chinese(said: str) -> None:
    """A port that is taken is what a manager meets first: no English sentence behind a Chinese word."""
    zh = in_both(said).zh
    assert "驱动报告" not in zh
    assert not re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", re.sub(r"`[^`]*`", "", zh))


@pytest.mark.parametrize("first", ["read", "written"])
def test_an_object_that_is_gone_is_one_alert_though_it_is_neither_read_nor_written(
    events: Events, told: list[Event], first: str
) -> None:
    """Deleted while it was held: one cause, one line, whichever side finds it first. Another cause is news."""

    def read(at: float) -> None:
        doubt = Phrase("its controller answers: unknown object", "控制器答复：设备中没有该对象")
        events.sensor(POINT, Reading(None, Quality.INVALID, at, at), doubt, at)

    def written(at: float) -> None:
        events.other(
            gw.Trouble(POINT, "cannot be commanded: unknown object", "无法控制：设备中没有该对象", at)
        )

    for each in (read, written) if first == "read" else (written, read):
        each(10.0)
    assert [e.kind for e in told] == ["alert"]
    events.other(gw.Trouble(POINT, "cannot be commanded: write access denied", "无法控制：不允许写入", 20.0))
    assert [e.kind for e in told] == ["alert", "alert"]
