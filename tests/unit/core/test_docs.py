"""The rule pages say what the rules do, because they are written from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.rules import RuleId
from supervisor.core.rule import Rule
from supervisor.core.rules import ALL
from supervisor.telling.rule_pages import Default, defaults, figure, pages, write

_REPO = Path(__file__).parents[3]
_SPOKEN = {"s": (("seconds", 1.0), ("minutes", 60.0), ("hours", 3600.0)), "%RH": (("%", 1.0),)}
_UNITS = {"degC": "°C", "K": "K", "lx": "lx", "ppm": "ppm", "1/d": "corrections a day", "d": "working days"}


def test_the_pages_are_those_of_the_rules() -> None:
    """`make docs` would change nothing, and no page is left over."""
    found = {p.name: p.read_text(encoding="utf-8") for p in (_REPO / "docs" / "rules").glob("*.md")}
    assert found == pages()


def test_writing_replaces_what_is_there(tmp_path: Path) -> None:
    """A page of a rule that was dropped goes."""
    (tmp_path / "dropped-rule.md").write_text("old")
    write(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == set(pages())


def test_every_rule_of_the_plan_has_its_page_in_the_order_of_precedence() -> None:
    """The design's table, top first."""
    assert [rule.id for rule in ALL] == list(RuleId)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_a_page_says_who_wrote_the_rule_what_it_touches_and_how_a_day_goes(rule: Rule) -> None:
    """Citation, both languages, an example, the slot's roles."""
    text = pages()[f"{rule.id}.md"]
    assert rule.text.en in text
    assert rule.text.zh in text
    assert all(cite.clause in text for cite in rule.cites)
    assert rule.example
    assert all(f"| {step[0]} |" in text for step in rule.example)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_prose_and_numbers_agree(rule: Rule) -> None:
    """Every default of the site file is the one that the text names."""
    for number in defaults(rule.id):
        assert any(words in rule.text.en for words in _in_words(number)), f"{number} is not in the text"


def _in_words(number: Default) -> list[str]:
    if number.unit in _SPOKEN:
        plain = [f"{number.value / scale:g} {name}" for name, scale in _SPOKEN[number.unit]]
        return [*plain, f"empty for {number.value / 60:g};"]
    unit = _UNITS[number.unit]
    return [f"{number.value:g} {unit}", f"{number.value:.1f} {unit}", f"{number.value:g} to "]


def test_durations_are_shown_as_people_say_them() -> None:
    """Seconds as the file has them, minutes and hours beside."""
    assert figure(1800.0, "s") == "1800 s (30 min)"
    assert figure(14400.0, "s") == "14400 s (4 h)"
    assert figure(5400.0, "s") == "5400 s (90 min)"
    assert figure(30.0, "s") == "30 s"
    assert figure(26.0, "degC") == "26 °C"


def test_a_number_from_the_text_is_not_marked_as_a_site_choice() -> None:
    """26 °C is the plan's, the grace is ours."""
    text = pages()["summer-setpoint.md"]
    assert "| `minimum` | 26 °C | 26 to 32 °C | AP 夏季不低于26度" in text
    assert "| `grace` | 120 s (2 min) | usually ≤ 43200 s (12 h) | site choice ° |" in text
