"""`release --end`: what was released is taken up again before its time, at a person's word."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from supervisor.cli import release
from supervisor.cli.main import app

OFFICE = Path(__file__).resolve().parents[3] / "config" / "examples" / "small-office.yaml"


@pytest.fixture(name="asked")
def _asked(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """What the daemon is asked: 41 points are released by the front end, one by 李工."""
    requests: list[Mapping[str, Any]] = []

    def daemon(site: Any, folder: Any, request: Mapping[str, Any]) -> dict[str, Any]:
        requests.append(request)
        counts = {"BACnet": 41, "李工": 1, "": 42}
        still = (
            [] if not request["of"] else ["李工"] if request["of"] == "BACnet" else ["BACnet 10.0.0.9:47808"]
        )
        return {"ended": counts.get(request["of"], 0), "still": still}

    monkeypatch.setattr(release, "ask_daemon", daemon)
    return requests


def does(*words: str, lang: str = "en") -> Result:
    """`release SITE WORDS…`."""
    return CliRunner().invoke(app, ["release", str(OFFICE), *words, "--lang", lang])


def test_what_anybody_released_is_ended_in_both_languages(asked: list[Mapping[str, Any]]) -> None:
    """By everybody, with who ended it."""
    done = does("--end", "--name", "王工")
    assert (done.exit_code, done.output) == (0, "release of 42 points ended: the rules apply again\n")
    assert asked == [{"do": "release-end", "of": "", "everyone": True, "name": "王工"}]
    assert does("--end", lang="zh").output == "已结束 42 个点的释放：规则恢复执行\n"


def test_what_the_front_end_released_is_ended_alone(asked: list[Mapping[str, Any]]) -> None:
    """What a person asked for stays, and is named."""
    done = does("--end", "--of", "BACnet", "--name", "王工")
    assert done.output.splitlines()[1] == "still released by 李工"
    assert asked == [{"do": "release-end", "of": "BACnet", "everyone": False, "name": "王工"}]


def test_a_name_that_released_nothing_is_an_error_that_says_who_did(asked: list[Mapping[str, Any]]) -> None:
    """Exit 1: a slip in the name is noticed."""
    done = does("--end", "--of", "Wang")
    assert done.exit_code == 1
    assert "nothing is released by Wang" in done.output
    assert "released by: BACnet 10.0.0.9:47808" in done.output
    assert "没有处于释放中的点（申请人 Wang）" in does("--end", "--of", "Wang", lang="zh").output


@pytest.mark.parametrize("words", [("--of", "BACnet"), ("--end", "--offline")])
def test_what_does_not_go_together_is_misuse(words: tuple[str, ...]) -> None:
    """Exit 2, before anything is asked."""
    done = does(*words)
    assert done.exit_code == 2
    assert "--end" in done.output
