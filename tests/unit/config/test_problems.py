"""How problems look: on a terminal, as JSON, and what is offered instead."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from config.codes import Coded
from config.load import load_text
from config.phrase import Phrase, same
from config.problems import Problem, Severity, as_json, did_you_mean, dotted, nearest, render, render_all

_M, _H = Coded("unknown-name", "m", "错"), Phrase("h", "改")


def test_a_problem_on_the_terminal_shows_place_excerpt_caret_and_hint(small: str, today: dt.date) -> None:
    """Whoever reads it can mend the file without knowing YAML."""
    loaded = load_text(small.replace("hours: office", "hours: ofice", 1), "site.yaml", today)
    assert render_all(loaded.problems, loaded.text) == (
        "site.yaml:28:12: error: there is no group of opening hours `ofice`\n"
        "   28 |     hours: ofice\n"
        "                   ^^^^^\n"
        "        hint: did you mean `office`?\n"
        "\n"
        "1 error"
    )


def test_a_problem_is_told_in_chinese_to_who_reads_chinese(small: str, today: dt.date) -> None:
    """The whole of it: message, hint and count; what was written stays as it was written."""
    loaded = load_text(small.replace("hours: office", "hours: ofice", 1), "site.yaml", today)
    assert render_all(loaded.problems, loaded.text, "zh") == (
        "site.yaml:28:12: 错误：没有开放时间组 `ofice`\n"
        "   28 |     hours: ofice\n"
        "                   ^^^^^\n"
        "        提示：是否指 `office`？\n"
        "\n"
        "1 个错误"
    )
    (shown,) = as_json(loaded.problems, "zh")["problems"]
    assert (shown["message"], shown["hint"]) == ("没有开放时间组 `ofice`", "是否指 `office`？")


def test_the_caret_stands_right_behind_chinese_text() -> None:
    """Chinese characters are two columns wide."""
    shown = render(Problem("s", 1, 11, "", _M, _H, width=2), "name: 办公, 大厅").splitlines()
    assert shown[1] == "    1 | name: 办公, 大厅"
    assert shown[2] == " " * 8 + " " * 12 + "^" * 4


def test_a_very_long_line_is_cut_around_the_place() -> None:
    """An excerpt is for reading."""
    text = "a" * 5000 + "X" + "b" * 5000
    _, excerpt, caret, _ = render(Problem("s", 1, 5001, "", _M, _H), text).splitlines()
    assert len(excerpt) < 140
    assert excerpt[caret.index("^")] == "X"


def test_a_place_outside_the_text_has_no_excerpt() -> None:
    """A missing file has no lines."""
    assert "|" not in render(
        Problem("s", 1, 1, "", Coded("missing-file", *same("there is no such file")), _H), ""
    )


def test_nothing_wrong_is_nothing_to_show() -> None:
    """An empty report for a sound file."""
    assert render_all([]) == ""
    assert as_json([]) == {"ok": True, "problems": []}


def test_json_has_exactly_the_keys_that_others_rely_on() -> None:
    """Editors and scripts parse it."""
    problem = Problem("s.yaml", 3, 5, "zones.a", _M, _H)
    assert json.loads(json.dumps(as_json([problem]))) == {
        "ok": False,
        "problems": [
            {
                "file": "s.yaml",
                "line": 3,
                "column": 5,
                "path": "zones.a",
                "severity": "error",
                "code": "unknown-name",
                "message": "m",
                "hint": "h",
                "message_zh": "错",
                "hint_zh": "改",
            }
        ],
    }


def test_a_warning_alone_leaves_the_file_ok() -> None:
    """It is said, and says that it is one."""
    shown = as_json([Problem("s", 1, 1, "", Coded("past", "lapsed", "已到期"), _H, Severity.WARNING)])
    assert shown["ok"]
    assert shown["problems"][0]["message"] == "warning: lapsed"


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [("hoursz", ["hours", "zones"], "hours"), ("HOURS", ["hours"], "hours"), ("xyz", ["hours"], None)],
)
def test_the_nearest_word(word: str, known: list[str], found: str | None) -> None:
    """Case does not matter; what resembles nothing gets nothing."""
    assert nearest(word, known) == found


def test_without_a_nearest_word_all_are_named_while_they_are_few() -> None:
    """Or the first dozen."""
    assert did_you_mean("q", ["b", "a"]).en == "known: a, b"
    assert did_you_mean("q", [f"z{i:02}" for i in range(20)]).en.endswith("z11, …")
    assert did_you_mean("q", []).en == "there are none in this file yet"


def test_paths_are_written_with_dots_and_brackets() -> None:
    """As in JSON tools."""
    assert dotted(("exemptions", 0, "zones", 1)) == "exemptions[0].zones[1]"
    assert dotted(()) == ""


def test_words_of_the_file_cannot_forge_a_line_or_a_colour() -> None:
    """Escape sequences in a quoted key, raw ones in an excerpt; a word of 100,000 characters is cut."""
    problems = load_text('"\\e[2J\\r\\nok": 1\n').problems
    assert any("unknown key `�[2J��ok`" in problem.message for problem in problems)
    text = "name: \x1b[2Jforged\n"
    assert "\x1b" not in render_all(load_text(text).problems, text)
    (long,) = [p for p in load_text("version: " + "9" * 100_000).problems if p.path == "version"]
    assert len(long.message) < 1_100


@pytest.mark.parametrize("sign", [r"\e[2J", r"\0", r"\a", r"\x9b", r"\u202e", r"\u2066", r"\ud800"])
def test_a_name_that_a_terminal_would_obey_is_an_error(small: str, today: dt.date, sign: str) -> None:
    """YAML can spell what nobody sees; names go to terminals, logs, brokers and pages."""
    text = small.replace("building: ", f'name: "3F {sign}"\nbuilding: ', 1)
    found = [p for p in load_text(text, today=today).problems if p.is_error]
    assert found
    assert {p.path for p in found} == {"name"}
    assert found[0].said.zh.startswith("含有不可见的字符 U+")


def test_what_takes_no_room_is_no_error(small: str, today: dt.date) -> None:
    """A name copied from a chat has a sign of no width in it, a reason has lines of its own."""
    text = small.replace("building: ", 'name: "会\u200b议室\tA\\n B"\nbuilding: ', 1)
    assert not [p for p in load_text(text, today=today).problems if p.is_error]
