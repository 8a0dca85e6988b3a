"""Slips of a Chinese keyboard: taken with the meaning they have, or named where they stand, in both languages."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from config.codes import CODES
from config.load import Loaded, load_text
from config.problems import as_json, render_all
from tests.unit.config.conftest import SMALL, TODAY
from tests.unit.config.slips.pairs import NAMED, TAKEN, Named, Taken


def _loaded(old: str, new: str, today: dt.date = TODAY) -> Loaded:
    assert SMALL.count(old) >= 1, f"{old!r} is not in the small site"
    return load_text(SMALL.replace(old, new, 1), "site.yaml", today)


def test_there_are_as_many_kinds_as_were_measured() -> None:
    """Seventy-eight mistakes were tried on the program; here are more."""
    assert len(TAKEN) + len(NAMED) > 2 * 78


@pytest.mark.parametrize("pair", TAKEN.values(), ids=TAKEN)
def test_a_slip_with_one_meaning_is_simply_taken(pair: Taken) -> None:
    """Nothing is said, and the site is the one that was meant."""
    slipped, meant = _loaded(pair.old, pair.written), _loaded(pair.old, pair.meant)
    assert slipped.problems == []
    assert meant.problems == []
    assert slipped.site is not None
    assert meant.site is not None
    first, second = (replace(site, text="", config_hash="") for site in (slipped.site, meant.site))
    assert first == second


@pytest.mark.parametrize("pair", NAMED.values(), ids=NAMED)
def test_a_slip_is_named_once_where_it_stands_in_both_languages(pair: Named) -> None:
    """One cause, one problem: its line, its column, its character, its code."""
    before, mark, after = SMALL.replace(pair.old, pair.written, 1).partition("§")
    assert mark
    loaded = load_text(before + after, "site.yaml", TODAY)
    assert len(loaded.problems) == 1, render_all(loaded.problems, loaded.text)
    (problem,) = loaded.problems
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    assert (problem.line, problem.column) == (line, column), render_all(loaded.problems, loaded.text)
    assert problem.code == pair.code
    assert problem.severity == pair.severity
    assert pair.words in problem.message
    for text in (problem.message_zh, problem.hint_zh):
        assert any("一" <= sign <= "鿿" for sign in text)
    assert problem.hint
    (told,) = as_json(loaded.problems)["problems"]
    assert (told["severity"], told["code"]) == (pair.severity, pair.code)
    assert pair.code in CODES
    assert pair.code != "other"
    assert (loaded.site is None) is (pair.severity == "error")
