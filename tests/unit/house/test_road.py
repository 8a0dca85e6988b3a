"""The road of a reading is counted as it is: what it passes, what is only asked on the way, and what only listens."""

from __future__ import annotations

import importlib
import subprocess
from pathlib import Path

import pytest

from supervisor.core.decisions import Because
from supervisor.core.wording import because
from tests.site_files import OFFICE, site_of_file
from tests.tools.road import (
    LISTENERS,
    STACKS,
    STATIONS,
    TO_PAGE,
    TO_WRITE,
    Road,
    Step,
    Travelled,
    common,
    told,
)

HEARD, DECIDE, SAVE, PAGE, SEASON, LEDGER = (
    Step(f"{name}.py", name) for name in ("heard", "decide", "save", "page", "season", "ledger")
)


def test_a_comprehension_is_its_functions_and_a_function_that_asks_nobody_only_answers() -> None:
    """`because` puts an argument into words within a comprehension: two functions, and one of them asks the other."""
    site = site_of_file(OFFICE)
    with Road() as road:
        because(Because("closed", "关闭", (True,)), site)
        road.open = True
        because(Because("{0} open", "{0} 开启", (True,)), site)
        road.open = False
    asks, answers = (Step("supervisor/core/wording.py", name) for name in ("because", "_shown"))
    assert list(road.steps) == [asks, answers]
    assert road.callers == {asks}


def test_the_reading_passes_what_makes_the_next_thing_of_it_and_whoever_called_that() -> None:
    """With `_shown` for a station, `because` is passed as well; and a station that nothing came by is missed."""
    site = site_of_file(OFFICE)
    asks, answers = (Step("supervisor/core/wording.py", name) for name in ("because", "_shown"))
    with Road([f"{answers} < {asks}", "drivers.values:decode"]) as road:
        road.open = True
        because(Because("{0} open", "{0} 开启", (True,)), site)
        road.open = False
    assert list(road.passed) == [asks, answers]
    assert road.untold == {asks, answers}
    assert road.missed == ["drivers.values:decode"]


def test_every_station_is_a_function_that_is_there() -> None:
    """Whoever renames one, or puts it elsewhere, is told so at once and not by the next `make road`."""
    for stack in STACKS.values():
        for station in (*STATIONS, LISTENERS):
            for name in station.format(**stack).split(" < "):
                module, _, path = name.partition(":")
                found: object = importlib.import_module(module)
                for part in path.split("."):
                    found = getattr(found, part)
                assert callable(found)


def test_what_the_daemon_did_by_its_clock_in_one_round_is_not_on_the_road() -> None:
    """A save falls into the first round and a poll into none; each function counts in the stretch that it is sure to be in."""
    ran = frozenset({HEARD, SAVE})
    first = Travelled({HEARD: TO_WRITE, SAVE: TO_WRITE, DECIDE: TO_WRITE, PAGE: TO_PAGE}, ran, ran, ran)
    second = Travelled({HEARD: TO_WRITE, DECIDE: TO_PAGE, PAGE: TO_PAGE}, ran, ran, ran)
    found = common([first, second])
    assert found.steps == {HEARD: TO_WRITE, DECIDE: TO_PAGE, PAGE: TO_PAGE}


def test_the_road_is_told_stretch_by_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is passed is counted; who answers or listens is listed with a mark, and those that ask others are counted apart."""
    monkeypatch.setattr("tests.tools.road.passing_on", lambda found: [])
    steps = {HEARD: TO_WRITE, SEASON: TO_WRITE, LEDGER: TO_WRITE, DECIDE: TO_WRITE, PAGE: TO_PAGE}
    found = Travelled(
        steps,
        callers=frozenset({HEARD, SEASON, LEDGER}),
        passed=frozenset({HEARD, PAGE}),
        untold=frozenset({HEARD, SEASON, DECIDE, PAGE}),
    )
    page = told(found)
    assert "to the write: 1 functions in 1 files; 4 functions in 4 files ran" in page
    assert "  heard:heard\n  ? season:season\n  < ledger:ledger\n  · decide:decide\n" in page
    assert found.on_the_road(TO_PAGE) == [HEARD, PAGE]
    assert found.asked(TO_WRITE) == [SEASON]
    assert found.told(TO_WRITE) == [LEDGER]


@pytest.mark.thorough
@pytest.mark.parametrize("stack", STACKS)
def test_the_road_is_no_longer_than_its_aim(stack: str) -> None:
    """A whole daemon, a reading on a real wire: 70 functions in 22 files to the write. Whoever adds a hop is told here."""
    road = Path(__file__).parents[3] / "scripts" / "road"
    done = subprocess.run([road, "--stack", stack], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-1500:]
