"""A facility manager's evening: hours changed while it runs, overtime, hands off, a file with a mistake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.processes import Building, DaemonProcess, slots, verb
from tests.e2e.sites import SiteFiles, office
from tests.waiting import SOON, eventually

pytestmark = pytest.mark.e2e
EVENING = "2026-07-15T17:45:00+08:00"
SPEED = 20.0
HALL = "workday: 08:30-20:00"
OFFICE_201 = "f2-office-201/fcu/start_stop"
ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//office//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:{first}
DTEND;VALUE=DATE:{end}
SUMMARY:搬迁，关闭
END:VEVENT
END:VCALENDAR
"""


class Desk:
    """The site file on the manager's desk, and the daemon that reads it."""

    def __init__(self, files: SiteFiles, state: Path, building: Building, daemon: DaemonProcess) -> None:
        self.files, self.state, self.building, self.daemon = files, state, building, daemon

    def edit(self, old: str, new: str) -> None:
        """Change the file and save it, as an editor does."""
        text = self.files.daemon.read_text(encoding="utf-8")
        assert old in text
        self.files.daemon.write_text(text.replace(old, new), encoding="utf-8")

    def say(self, *words: str) -> tuple[int, str, str]:
        """A verb with the site and its state folder; exit code, output, errors."""
        name, *rest = words
        done = verb(name, str(self.files.daemon), *rest, "--state-dir", str(self.state))
        return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An office a quarter of an hour after closing, supervised."""
    folder = tmp_path_factory.mktemp("desk")
    files = office(folder, changes={"priority: 10 ": "stagger: 0.1s\nsettle: 0.3s\npriority: 10 "})
    with (
        Building(files, start=EVENING, speed=SPEED) as building,
        DaemonProcess(files, folder / "state", start=EVENING, speed=SPEED) as daemon,
    ):
        daemon.ready()
        yield Desk(files, folder / "state", building, daemon)


def test_the_hall_closes_earlier_and_the_daemon_says_so(desk: Desk) -> None:
    """A new closing hour is in force seconds after the file is saved; nothing that was held is lost."""
    eventually(lambda: desk.daemon.owned() > 20, SOON, "the evening's slots are held")
    before = desk.daemon.metric("building_supervisor_config_last_reload_timestamp_seconds")
    desk.edit(HALL, "workday: 08:30-18:00")
    eventually(
        lambda: "hall closes 20:00 → 18:00; affects 1 zone" in desk.daemon.log(), SOON, "the change is told"
    )
    eventually(
        lambda: desk.daemon.metric("building_supervisor_config_last_reload_timestamp_seconds") != before,
        20, "the metric tells the time of the reload",
    )  # fmt: skip
    eventually(
        lambda: not desk.building.on("f1-hall/fcu-east/start_stop"), SOON, "the hall's air conditioning stops"
    )
    assert desk.daemon.owned() > 20
    assert desk.daemon.metric("building_supervisor_config_last_reload_successful") == 1
    code, out, _ = desk.say("reload")
    assert code == 0
    assert "nothing changed\nin force already" in out, "a saved file was taken up before anybody asked"
    assert "hall closes 20:00 → 18:00; affects 1 zone" in out


def test_a_slip_of_the_pen_changes_nothing_and_is_shown(desk: Desk) -> None:
    """The old file stays in force; log, metric and page name line and column."""
    desk.edit(
        "  office:                        # 办公室 · offices\n    workday: 09:00-17:30",
        "  office:\n    workday: 09:00-1730",
    )
    eventually(
        lambda: desk.daemon.metric("building_supervisor_config_last_reload_successful") == 0, SOON, "refused"
    )
    eventually(lambda: "1730" in desk.daemon.get("/").text, SOON, "the page says why")
    assert "office.yaml:" in desk.daemon.log()
    code, _, err = desk.say("reload")
    assert code == 1
    assert "Traceback" not in err
    desk.edit("    workday: 09:00-1730", "    workday: 09:00-17:30")
    eventually(
        lambda: desk.daemon.metric("building_supervisor_config_last_reload_successful") == 1, SOON, "mended"
    )


def test_overtime_hands_the_office_back_until_its_hour(desk: Desk) -> None:
    """A name and an hour keep 201 running after closing; plan and explain know of it."""
    eventually(lambda: not desk.building.on(OFFICE_201), SOON, "201 is off after closing")
    code, out, err = desk.say("overtime", "f2-office-201", "--until", "20:30", "--name", "张三")
    assert (code, err) == (0, "")
    assert "张三" in out
    eventually(lambda: desk.building.on(OFFICE_201), SOON, "201 runs again")
    code, out, _ = desk.say("plan", "--date", "2026-07-15", "--zone", "f2-office-201", "--format", "json")
    ends = [e["time"] for e in json.loads(out)["events"] if e["rule"] == "pre-close-off"]
    assert "2026-07-15T20:00:00+08:00" in ends


def test_a_value_is_held_by_hand_until_its_hour_or_a_word(desk: Desk) -> None:
    """A visitor in 203 after closing: on by hand; explain, plan, status and page know of it; then it is ended."""
    point = "f2-office-203/fcu/start_stop"
    eventually(lambda: not desk.building.on(point), SOON, "203 is off after closing")
    held = (
        "manual",
        "203 办公室/fcu/start_stop",
        "on",
        "--until",
        "23:30",
        "--name",
        "张三",
        "--reason",
        "接待来访",
    )
    code, out, err = desk.say(*held)
    assert (code, err) == (0, ""), err
    assert all(part in out for part in (point, "23:30", "张三", "接待来访"))
    eventually(lambda: desk.building.on(point), SOON, "203 runs again")
    winner = desk.daemon.explain(point)["winner"]
    assert (winner["rule"], winner["value"]) == ("manual", True)
    assert "张三" in winner["reason_zh"]
    code, out, _ = desk.say("plan", "--date", "2026-07-15", "--zone", "f2-office-203", "--format", "json")
    assert [e["value"] for e in json.loads(out)["events"] if e["rule"] == "manual"] == [True]
    assert point in desk.say("manual")[1]
    assert desk.daemon.get("/api/building").json()["manual"][0]["why"] == "接待来访"
    assert "手动 · 至 23:30" in desk.daemon.get("/?lang=zh&floor=all").text
    code, out, err = desk.say("manual", point, "--end", "--name", "李四")
    assert (code, err) == (0, ""), err
    eventually(lambda: not desk.building.on(point), SOON, "the rules decide again")
    assert desk.daemon.get("/api/building").json()["manual"] == []
    page = desk.daemon.get("/?lang=zh").text
    assert "李四：提前结束手动" in page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("f2-office-202/fcu/cooling_setpoint", "22", "--until", "20:00", "--reason", "热"), "超出限值"),
        (("f2-office-202/fcu/start_stop", "on", "--until", "2026-07-01T06:00", "--reason", "热"), "晚于现在"),
        (("f2-office-202/fcu/start_stop", "on", "--until", "20:00"), "a reason"),
        (("f2-office-202/fcu/temperature", "22", "--until", "20:00", "--reason", "热"), "不可写"),
        (("f2-office-202/fcu/start_stop", "--end"), "is not held by hand"),
    ],
)
def test_what_cannot_be_held_is_refused_in_both_languages(
    desk: Desk, words: tuple[str, ...], said: str
) -> None:
    """Outside the limits, past, without a reason, read only, not held."""
    code, _, err = desk.say("manual", *words)
    assert code == 1
    assert said in err
    assert "error: " in err
    assert "错误：" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("f2-office-202", "--until", "23:50", "--name", "李四"), "at most 4 h"),
        (("f2-office-202", "--until", "20:00", "--name", " "), "a name"),
        (("f2-office-299", "--until", "20:00", "--name", "李四"), "no zone is called f2-office-299"),
        (("f2-office-202", "--until", "soon", "--name", "李四"), "HH:MM"),
        (("f2-office-202", "--until", "06:00", "--name", "李四"), "in the future"),
    ],
)
def test_overtime_that_cannot_be_is_refused_in_plain_words(
    desk: Desk, words: tuple[str, ...], said: str
) -> None:
    """Too long, nameless, nowhere, at no time, in the past."""
    code, _, err = desk.say("overtime", *words)
    assert code == 1
    assert said in err


def test_hands_off_for_a_while(desk: Desk) -> None:
    """Every slot is NULL at a person's word, explain says whose, and the rules come back when it is over."""
    code, out, err = desk.say("release", "--for", "8min", "--name", "王工")
    assert code == 0, out + err
    assert slots(desk.files)[0] == 0
    assert "王工" in desk.daemon.explain("f2-office-202/fcu/start_stop")["winner"]["reason"]
    eventually(lambda: desk.daemon.owned() > 20, SOON, "eight minutes of site time are over")


def test_a_saved_calendar_file_is_taken_up(desk: Desk) -> None:
    """The office's own .ics closes a day next month: the saved file is in force without touching the YAML."""
    ics = desk.files.daemon.with_name("moves.ics")
    ics.write_text(ICS.format(first="20260810", end="20260811"), encoding="utf-8")
    desk.edit("  country: CN ", "  ics: [moves.ics]\n  country: CN ")
    eventually(lambda: "office is closed from 08-10" in desk.daemon.log(), SOON, "the day is closed")
    ics.write_text(ICS.format(first="20260807", end="20260811"), encoding="utf-8")
    eventually(lambda: "office is closed from 08-07" in desk.daemon.log(), SOON, "and now the Friday before")
    ics.write_text("BEGIN:VCALENDAR", encoding="utf-8")
    eventually(
        lambda: desk.daemon.metric("building_supervisor_config_last_reload_successful") == 0, SOON, "refused"
    )
    eventually(lambda: "moves.ics" in desk.daemon.get("/").text, SOON, "the page says why")
    ics.write_text(ICS.format(first="20260810", end="20260811"), encoding="utf-8")
    eventually(
        lambda: desk.daemon.metric("building_supervisor_config_last_reload_successful") == 1, SOON, "mended"
    )


def test_what_a_reload_removes_is_handed_back(desk: Desk) -> None:
    """A circuit that the file no longer lists is not left switched off by a ghost."""
    light = "f1-duty/lights/start_stop"
    eventually(lambda: slots(desk.files)[0] > 20, SOON, "slots are held")
    desk.edit("equipment: {fcu: ddc-1/40, lights: ddc-1/40}", "equipment: {fcu: ddc-1/40}")
    eventually(lambda: "1 removed" in desk.daemon.log() or "removed" in desk.daemon.log(), SOON, "told")
    eventually(lambda: light not in desk.daemon.get("/api/zones").text, SOON, "gone")
    assert all(w[5] is None or w[4] == 10 for w in desk.building.writes(light))


def test_strict_exits_instead(desk: Desk, tmp_path: Path) -> None:
    """A service manager that wants a failure gets one, with the line and the column."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\nbuilding: x\n", encoding="utf-8")
    done = verb("run", str(broken), "--strict", "--state-dir", str(tmp_path / "s"))
    assert done.returncode == 1
    assert "broken.yaml:" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_evening_ends(desk: Desk) -> None:
    """SIGTERM: every slot is NULL, exit 0."""
    assert desk.daemon.stop().code == 0
    assert slots(desk.files)[0] == 0


def test_commissioning_walks_point_by_point_and_signs(desk: Desk, tmp_path: Path) -> None:
    """Each point is written, its status watched, released; the record bears a name and its own digest."""
    done = verb(
        "doctor", str(desk.files.daemon), "--commission", "--by", "李工", "--yes", "--only", "f2-office-201",
        "--state-dir", str(tmp_path),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    record = json.loads(next(tmp_path.glob("commissioning-*.json")).read_text(encoding="utf-8"))
    assert record["signed_by"] == "李工"
    assert record["failed"] == 0 < record["passed"]
    assert all(t["released"] for t in record["trials"])
    assert len(record["sha256"]) == 64
    assert slots(desk.files)[0] == 0
