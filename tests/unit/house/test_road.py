"""The road of a reading is counted as it is: our functions, each once, those that ask nobody else apart."""

from __future__ import annotations

import pytest

from config.load import load
from supervisor.core.decisions import Because
from supervisor.core.wording import because
from tests.e2e.sites import OFFICE
from tests.tools.road import TO_PAGE, TO_WRITE, Road, Step, Travelled, common, told

HEARD, DECIDE, SAVE, PAGE = (Step(f"{name}.py", name) for name in ("heard", "decide", "save", "page"))


def test_a_comprehension_is_its_functions_and_a_function_that_asks_nobody_only_answers() -> None:
    """`because` puts an argument into words within a comprehension: two functions, and one of them asks the other."""
    site = load(OFFICE).site
    assert site is not None
    with Road() as road:
        because(Because("closed", "关闭", (True,)), site)
        road.open = True
        because(Because("{0} open", "{0} 开启", (True,)), site)
        road.open = False
    asks, answers = (Step("supervisor/core/wording.py", name) for name in ("because", "_shown"))
    assert list(road.steps) == [asks, answers]
    assert road.callers == {asks}


def test_what_the_daemon_did_by_its_clock_in_one_round_is_not_on_the_road() -> None:
    """A save falls into the first round and a poll into none; each function counts in the stretch that it is sure to be in."""
    callers = frozenset({HEARD, SAVE})
    first = Travelled({HEARD: TO_WRITE, SAVE: TO_WRITE, DECIDE: TO_WRITE, PAGE: TO_PAGE}, callers)
    second = Travelled({HEARD: TO_WRITE, DECIDE: TO_PAGE, PAGE: TO_PAGE}, callers)
    found = common([first, second])
    assert found.steps == {HEARD: TO_WRITE, DECIDE: TO_PAGE, PAGE: TO_PAGE}


def test_the_road_is_told_stretch_by_stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who hands on is counted; who only answers is listed with a dot."""
    monkeypatch.setattr("tests.tools.road.passing_on", lambda found: [])
    page = told(Travelled({HEARD: TO_WRITE, DECIDE: TO_WRITE, PAGE: TO_PAGE}, frozenset({DECIDE, PAGE})))
    assert (
        "to the write: 1 functions in 1 files; with what they ask on the way 2 functions in 2 files" in page
    )
    assert "  · heard:heard\n  decide:decide\n" in page
