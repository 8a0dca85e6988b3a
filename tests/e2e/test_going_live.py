"""Saving is not going live: what writes more waits for a name, what writes no more can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.processes import Building, DaemonProcess, slots, verb
from tests.e2e.sites import SiteFiles, office, replaced
from tests.waiting import SOON, eventually

pytestmark = pytest.mark.e2e
EVENING = "2026-07-15T17:45:00+08:00"
SPEED = 20.0
NOBODY = "building_supervisor_config_waiting"


class Site:
    """An office after hours with its daemon, in a dry run when it starts."""

    def __init__(self, files: SiteFiles, state: Path, building: Building, daemon: DaemonProcess) -> None:
        self.files, self.state, self.building, self.daemon = files, state, building, daemon

    def edit(self, old: str, new: str) -> None:
        """Change the file and save it."""
        text = self.files.daemon.read_text(encoding="utf-8")
        self.files.daemon.write_text(replaced(text, {old: new}), encoding="utf-8")

    def reload(self, *words: str) -> tuple[int, str]:
        """`reload` with these options: its code, and all it said."""
        done = verb("reload", str(self.files.daemon), *words, "--state-dir", str(self.state))
        return done.returncode, done.stdout + done.stderr

    def waits(self) -> bool:
        """Something waits, and page, metric and health check say so."""
        return self.daemon.metric(NOBODY) == 1


@pytest.fixture(scope="module", params=["bac0", pytest.param("rusty", marks=pytest.mark.thorough)])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same on both stacks."""
    folder = tmp_path_factory.mktemp("live")
    files = office(
        folder,
        changes={
            "priority: 10 ": "stagger: 0.1s\nsettle: 0.3s\npriority: 10 ",
            "dry_run: false": "dry_run: true",
            "instance: 3056001}": f"instance: 3056001, stack: {request.param}}}",
        },
    )
    server = "rusty" if request.param == "bac0" else "bacpypes"
    with (
        Building(files, start=EVENING, speed=SPEED, stack=server) as building,
        DaemonProcess(files, folder / "state", start=EVENING, speed=SPEED) as daemon,
    ):
        daemon.ready()
        yield Site(files, folder / "state", building, daemon)


def test_a_dry_run_that_is_ended_by_a_save_waits(site: Site) -> None:
    """`dry_run: false` is saved: nothing is written; page, metric, health check and `reload` say that it waits."""
    site.edit("dry_run: true", "dry_run: false")
    eventually(site.waits, SOON, "the saved file waits")
    assert "the dry run ends" in site.daemon.get("/?lang=en").text
    assert "试运行结束" in site.daemon.get("/?lang=zh").text
    assert "waits for `reload --yes --by NAME`" in site.daemon.get("/readyz").text
    code, said = site.reload()
    assert code == 1
    assert "the dry run ends" in said
    assert "reload" in said
    assert site.daemon.owned() == 0
    assert site.building.all_writes() == []


def test_nor_does_a_restart_make_it_live(site: Site) -> None:
    """The service manager starts it again: the accepted file runs, the saved one waits still."""
    site.daemon.stop()
    site.daemon = DaemonProcess(site.files, site.state, start=EVENING, speed=SPEED)
    site.daemon.ready()
    eventually(site.waits, SOON, "it waits after the restart, too")
    assert site.daemon.owned() == 0
    assert site.building.all_writes() == []


def test_nor_does_a_yes_without_a_name(site: Site) -> None:
    """Whoever makes a building live signs for it."""
    code, said = site.reload("--yes")
    assert code == 2
    assert "--by" in said
    assert site.waits()


def test_a_name_makes_it_live(site: Site) -> None:
    """`reload --yes --by`: slots are held, nothing waits, and the audit knows who."""
    code, said = site.reload("--yes", "--by", "王敏")
    assert code == 0, said
    eventually(lambda: site.daemon.owned() > 20, SOON, "the evening's slots are held")
    assert not site.waits()
    eventually(lambda: "确认人 王敏" in site.daemon.get("/?lang=zh").text, SOON, "the page names her")


def test_the_points_list_says_who_holds_what(site: Site) -> None:
    """`points` beside a running daemon: value, age and the rule that holds each point, in both languages."""
    words = ("points", str(site.files.daemon), "--zone", "f2-office-201", "--state-dir", str(site.state))
    said = verb(*words, "--lang", "en")
    assert said.returncode == 0, said.stderr
    heading, *lines = said.stdout.splitlines()
    assert heading.split()[-3:] == ["value", "age", "holder"]
    (line,) = [line for line in lines if " fcu " in line and " start_stop " in line]
    assert line.split()[-1] == "pre-close-off"
    assert " off " in line
    assert verb(*words, "--lang", "zh").stdout.splitlines()[0].split()[-1] == "占用者"


def test_hours_go_into_force_by_a_save_and_are_told(site: Site) -> None:
    """A bad hour, `17:30` mistyped: in force after a rest, told on the page with an undo."""
    site.edit("workday: 08:30-20:00", "workday: 08:30-18:00")
    eventually(lambda: not site.building.on("f1-hall/fcu-east/start_stop"), SOON, "the hall stops")
    page = site.daemon.get("/?lang=zh").text
    assert "配置已更新" in page
    assert "关门 20:00 → 18:00" in page
    assert "撤销" in page


def test_back_restores_the_plan_of_the_day(site: Site) -> None:
    """`reload --back`: the hall runs again by the hours of the morning; the bad file waits where it lies, over a restart."""
    code, said = site.reload("--back", "--by", "李工")
    assert code == 0, said
    assert "18:00 → 20:00" in said
    eventually(site.waits, SOON, "the file on disk waits")
    answer = site.daemon.get("/api/building").json()["configuration"]
    assert "taken back" in answer["waiting"]["why"][0]["en"]
    eventually(
        lambda: site.daemon.explain("f1-hall/fcu-east/start_stop")["winner"] is None
        or site.daemon.explain("f1-hall/fcu-east/start_stop")["winner"]["rule"] != "pre-close-off",
        SOON, "pre-close-off lets go of the hall",
    )  # fmt: skip
    assert "李工" in site.daemon.get("/?lang=zh").text


def test_a_mended_file_is_taken_up_again(site: Site) -> None:
    """The hour is put right and saved: nothing waits any more, without anybody's word."""
    site.edit("workday: 08:30-18:00", "workday: 08:30-20:00")
    eventually(lambda: not site.waits(), SOON, "the mended file is in force")
    assert site.reload()[0] == 0


def test_it_stops(site: Site) -> None:
    """SIGTERM: every slot is NULL."""
    assert site.daemon.stop().code == 0
    assert slots(site.files)[0] == 0
