"""What is wrong with a calendar file is told in the manager's language, by `check` and by a refused reload."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.phrase import LANGS
from config.problems import as_json
from supervisor.sitefile.sitefile import load
from tests.unit.schedules.test_days import _written

_SENTENCE = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")
_CHINESE = re.compile(r"[一-鿿]")
EVENT = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\n{}\nEND:VEVENT\nEND:VCALENDAR\n"
DAY = "DTSTART;VALUE=DATE:20261104"
FILES = {
    "no calendar": ("a.ics", "hello"),
    "an empty one": ("a.ics", " "),
    "cut short": ("a.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n"),
    "what it means is not plain": ("a.ics", EVENT.format(DAY)),
    "no date": ("a.ics", EVENT.format("UID:1")),
    "repeats": ("a.ics", EVENT.format(f"{DAY}\nRRULE:FREQ=YEARLY")),
    "a time of day": ("a.ics", EVENT.format("DTSTART:20261104T090000")),
    "it ends before it starts": ("a.ics", EVENT.format(f"{DAY}\nDTEND;VALUE=DATE:20261101")),
    "hours that are none": ("a.ics", EVENT.format(f"{DAY}\nDESCRIPTION:hours: nine-five")),
    "a time that is none": ("a.ics", EVENT.format(f"{DAY}\nDESCRIPTION:close: 25:99")),
    "against the notice": (
        "a.ics", EVENT.format("DTSTART;VALUE=DATE:20261010").replace("SUMMARY:x", "SUMMARY:closed")
    ),
    "no notice": ("n.json", "[1]"),
    "no JSON": ("n.json", "{"),
    "a notice of no year": ("n.json", '{"year": 1, "days": []}'),
    "a day of no date": ("n.json", '{"year": 2027, "days": [{"name": "x", "date": "soon", "isOffDay": true}]}'),
    "a day that is neither": ("n.json", '{"year": 2027, "days": [{"date": "2027-01-01", "isOffDay": 1}]}'),
}  # fmt: skip


@pytest.mark.parametrize("what", FILES)
def test_each_mistake_is_told_in_both_languages(tmp_path: Path, what: str) -> None:
    """Message and hint: no English sentence in the Chinese, no Chinese sign in the English, and the file in both."""
    name, content = FILES[what]
    (tmp_path / name).write_text(content, encoding="utf-8")
    key = "ics" if name.endswith("ics") else "holiday_cn"
    problems = load(_written(tmp_path, f"{{{key}: [{name}]}}")).problems
    assert any(name in problem.said.en for problem in problems)
    for problem in problems:
        for said in (problem.said, problem.remedy):
            words = re.sub(r"`[^`]*`|not JSON: .*|Expecting .*", "", said.zh)
            assert _CHINESE.search(words) or not said.zh, said
            assert not _SENTENCE.search(words), said
            assert not _CHINESE.search(re.sub(r"[“(].*?[”)]|国庆节|中秋节", "", said.en)), said


def test_json_has_the_chinese_whatever_the_language(tmp_path: Path) -> None:
    """A program that shows `message_zh` shows Chinese for a calendar file as well."""
    (tmp_path / "a.ics").write_text("hello", encoding="utf-8")
    problems = load(_written(tmp_path, "{ics: [a.ics]}")).problems
    for lang in LANGS:
        assert "首行不是 BEGIN:VCALENDAR" in as_json(problems, lang)["problems"][0]["message_zh"]
