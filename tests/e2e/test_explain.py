"""`explain` tells whoever asks why a point is as it is, and what will change it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from supervisor.field.watch import stale_floor
from tests.e2e.conftest import SPEED, Office
from tests.e2e.processes import verb
from tests.waiting import SOON, eventually

pytestmark = pytest.mark.e2e
FAN = "f1-hall/fcu-east/start_stop"


@pytest.fixture(scope="module")
def aired(working: Office) -> Iterator[Office]:
    """The hall with its window open, and its fans off for that reason."""
    working.building.window("f1-hall", True)
    eventually(lambda: working.daemon.explain(FAN)["ours"] is False, SOON, "the window rule holds the fan")
    yield working
    working.building.window("f1-hall", False)


def _explain(working: Office, point: str, *options: str) -> tuple[int, str, str]:
    state = str(working.daemon.state)
    ran = verb("explain", str(working.files.daemon), point, "--state-dir", state, *options)
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stdout, ran.stderr


@pytest.fixture(scope="module")
def answer(aired: Office) -> dict[str, Any]:
    """The explanation as a program reads it."""
    code, out, _ = _explain(aired, FAN, "--format", "json")
    assert code == 0
    told: dict[str, Any] = json.loads(out)
    return told


def test_the_winner_is_named_with_its_reason_and_its_clause(answer: dict[str, Any]) -> None:
    """Rule, value, priority, why, in Chinese too, and the document that says so."""
    winner = answer["winner"]
    assert (winner["rule"], winner["value"], winner["priority"]) == ("window-off", False, 10)
    assert "open since" in winner["reason"]
    assert "开启" in winner["reason_zh"]
    assert "开空调时不开窗" in winner["citation"]
    assert winner["document"]


def test_inputs_come_with_their_ages(aired: Office, answer: dict[str, Any]) -> None:
    """The contact that the decision rests on: open, good, and read not long ago."""
    contact = next(i for i in answer["winner"]["inputs"] if i["point"] == "f1-hall/fcu-east/window")
    assert contact["value"] is True
    assert contact["quality"] == "good"
    stale_after = aired.files.site.points[contact["point"]].stale_after
    assert 0 <= contact["age_s"] < 2 * max(stale_after, stale_floor(aired.files.site, SPEED))
    assert datetime.fromisoformat(contact["since"]) <= datetime.fromisoformat(answer["now"])


def test_losers_are_kept_with_why_they_lost(answer: dict[str, Any]) -> None:
    """The hall is open, so that the base would run the fan."""
    loser = next(each for each in answer["losers"] if each["rule"] == "base")
    assert (loser["value"], loser["lost_to"]) == (True, "window-off")
    assert "open since" in loser["reason"]


def test_slots_and_the_fallback_are_shown(answer: dict[str, Any]) -> None:
    """Which slot holds the point, whose it is, and what the point becomes without it."""
    assert {"priority": 10, "value": False, "ours": True} in answer["slots"]
    assert answer["fallback"] is True, "the fan coil runs when nobody commands it"
    assert answer["override"] is None


def test_the_next_change_is_said(answer: dict[str, Any]) -> None:
    """When and to what, if nothing but the clock moves."""
    change = answer["next_change"]
    moment = datetime.fromisoformat(change["at"])
    assert moment > datetime.fromisoformat(answer["now"])
    assert moment.utcoffset() == timedelta(hours=8)
    assert change["rule"]
    assert change["value"] in (True, False, None)


def test_a_person_reads_the_same_as_a_program(aired: Office) -> None:
    """One line each for what is, what was decided, why, by which clause, from what, against whom, and then."""
    code, out, _ = _explain(aired, FAN)
    assert code == 0
    for words in (
        "decided   off  by window-off", "because ", "clause ", "input     f1-hall/fcu-east/window",
        "lost      base wanted on", "slot 10   off  ← ours", "fallback  on", "next ",
    ):  # fmt: skip
        assert words in out


def test_an_escape_light_is_explained_as_never_written(aired: Office) -> None:
    """Not 'nothing to say': by construction."""
    code, out, _ = _explain(aired, "stair-a/lights/start_stop")
    assert code == 0
    assert "on an escape route: never written, by construction" in out


def test_an_unknown_point_gets_the_nearest_name(aired: Office) -> None:
    """A slip of the finger is answered with what was probably meant."""
    code, _, err = _explain(aired, "f1-hal/fcu-east/start_stop")
    assert code == 1
    assert "did you mean f1-hall/fcu-east/start_stop" in err


def test_without_a_daemon_the_question_is_answered_by_what_to_do(aired: Office, tmp_path: Path) -> None:
    """Exit 1 and a hint, no traceback."""
    ran = verb("explain", str(aired.files.daemon), FAN, "--state-dir", str(tmp_path))
    assert ran.returncode == 1
    assert "no daemon answers" in ran.stderr
    assert "building-supervisor run" in ran.stderr
