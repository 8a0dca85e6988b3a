"""At a terminal the log speaks to a person, in one language; JSON elsewhere keeps its words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from config.phrase import Lang, Phrase
from supervisor.daemon.logs import coloured
from supervisor.daemon.spoken_log import CHINESE, renderer, without_chinese

_ROOT = Path(__file__).parents[3]
_LEVELS = {"info", "warning", "error", "exception"}
DOWN = {
    "event": "device down",
    "level": "warning",
    "timestamp": "2026-07-15T09:00:00Z",
    "device": "ddc-3",
    "owned": 4,
}


@pytest.mark.parametrize(("lang", "said"), [("zh", "警告：控制器无应答"), ("en", "warning: device down")])
def test_a_line_is_told_in_one_language(lang: Lang, said: str) -> None:
    """The clock's time, what it is, and of which device: no key, no date, no braces."""
    line = renderer(lambda: lang, coloured=False)(None, "warning", DOWN)
    assert line[8:] == f"  {said}  ddc-3, owned=4"
    slow = renderer(lambda: lang, coloured=False)(
        None, "warning", DOWN | {"reason": "no answer within 3 s", "why": ["x"]}
    )
    assert ("no answer within 3 s" in slow) is (lang == "en") and "x" not in slow


def test_a_start_is_not_told_twice() -> None:
    """The introduction had its figures; an error has its traceback beneath."""
    told = renderer(lambda: "zh", coloured=False)
    assert told(None, "info", {"event": "started", "level": "info", "points": 209})[8:] == "  已启动"
    assert told(None, "error", {"event": "rules failed", "level": "error", "exception": "Trace"}).endswith(
        "\nTrace"
    )


def test_an_event_has_its_own_sentence() -> None:
    """What the page tells of it, in the terminal's language."""
    event = {
        "event": "alert",
        "level": "warning",
        "about": "f1",
        "what": "no sensor",
        "what_zh": "没有传感器",
    }
    assert renderer(lambda: "zh", coloured=False)(None, "warning", event)[8:] == "  警告：没有传感器  f1"
    assert renderer(lambda: "en", coloured=False)(None, "warning", event)[8:] == "  warning: no sensor  f1"


@pytest.mark.parametrize(("lang", "said"), [("zh", "控制器拒绝 COV"), ("en", "device refuses COV")])
def test_what_a_device_does_is_told_in_the_reader_s_language(lang: Lang, said: str) -> None:
    """A habit has its sentence in both, and JSON its English."""
    event = {"event": "device refuses COV", "what_zh": "控制器拒绝 COV", "level": "info", "device": "ddc-3"}
    assert renderer(lambda: lang, coloured=False)(None, "info", dict(event))[8:] == f"  {said}  ddc-3"
    assert without_chinese(None, "info", dict(event)) == {
        "event": "device refuses COV",
        "level": "info",
        "device": "ddc-3",
    }


def test_what_is_said_in_both_is_told_in_one(lang: Lang = "zh") -> None:
    """A phrase, and a line that has its Chinese beside; JSON has the English."""
    event = {"event": "changed", "level": "info", "what": Phrase("closes 18:00", "18:00 关门")}
    assert renderer(lambda: lang, coloured=False)(None, "info", dict(event))[8:] == "  已更改  18:00 关门"
    assert without_chinese(None, "info", dict(event))["what"] == "closes 18:00"
    left = {"event": "new store", "level": "info", "because": "it is damaged", "zh": "已损坏", "kept": "a"}
    assert renderer(lambda: "zh", coloured=False)(None, "info", dict(left))[8:] == "  新建数据库  a, 已损坏"
    assert (
        renderer(lambda: "en", coloured=False)(None, "info", dict(left))[8:]
        == "  new store  it is damaged, a"
    )


def test_a_line_is_broken_between_words() -> None:
    """At a terminal of eighty columns, beneath what is said."""
    event = {
        "event": "device down",
        "level": "warning",
        "device": "ddc-3",
        "reason": "no answer within 3 s",
        "at": "x " * 40,
    }
    shown = renderer(lambda: "en", coloured=False, width=lambda: 80)(None, "warning", event)
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.splitlines()[1].startswith(" " * 10)


def test_no_colour_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR and a dumb terminal."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert coloured()
    assert "\x1b[33m" in renderer(lambda: "en", coloured=True)(None, "warning", DOWN)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not coloured()
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not coloured()


def test_every_line_of_the_daemon_has_its_chinese() -> None:
    """A line of the log that is written out in the code and is not in the list would be English at a Chinese terminal."""
    missing = {
        node.args[0].value
        for folder in ("supervisor", "drivers")
        for path in (_ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LEVELS
        if isinstance(node.func.value, ast.Name) and node.func.value.id in ("log", "_log") and node.args
        if isinstance(node.args[0], ast.Constant) and node.args[0].value not in CHINESE
    }
    assert missing == set()


def test_every_verb_but_the_daemon_speaks_to_a_person_off_a_terminal_too() -> None:
    """What `doctor` warns of is read, by whoever it is piped to; only `run` writes JSON, for a log."""
    calls = {
        path.stem: {keyword.arg for keyword in node.keywords}
        for path in (_ROOT / "supervisor" / "cli").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "configure"
    }
    assert "person" not in calls.pop("run")
    assert len(calls) >= 6
    assert all("person" in said for said in calls.values())
