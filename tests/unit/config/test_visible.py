"""What others wrote is made harmless before anybody reads it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.visible import LONGEST, in_a_cell, out_of_a_cell, visible
from drivers.protocol import Rejected


@pytest.mark.parametrize("sign", ["\x1b", "\x9b", "\r", "\n", "\0", "\x7f", "\u202e", "\u2066", "\u200b", "\u2028", "\u2029",
                                  "\ud800", "\udfff", "\ufeff"])  # fmt: skip
def test_what_could_forge_a_line_is_shown_as_a_sign(sign: str) -> None:
    """Escape, C1, line ends, bidirectional marks, nothing at all, half a character."""
    assert visible(f"a{sign}b") == "a�b"


@given(st.text(st.characters(), max_size=2_000))
def test_what_is_visible_stays_as_it_is(text: str) -> None:
    """It may pass twice, as a name kept by an earlier run does, and is the same name."""
    once = visible(text)
    assert visible(once) == once
    assert len(once) <= LONGEST + 1
    assert not {"Cc", "Cf", "Cs", "Zl", "Zp"} & {unicodedata.category(sign) for sign in once}
    once.encode()


def test_an_error_says_nothing_that_a_terminal_obeys() -> None:
    """Whatever of the wire an error quotes is shown, also where it comes from a stack."""
    error = Rejected("ddc-1", "no \x1b[31m\nall is well")
    assert str(error) == "ddc-1: no �[31m�all is well"
    assert error.message == "no �[31m�all is well"


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x","表")', "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(1)", "\t=1", "\r=1"]
)
def test_a_name_is_no_formula_in_a_spreadsheet_and_comes_back_as_it_was(text: str) -> None:
    """A controller can call a meter as it likes, and the export is opened by whoever answers for the figures."""
    assert in_a_cell(text) == f"'{text}"
    assert out_of_a_cell(in_a_cell(text)) == text


@pytest.mark.parametrize("text", ["", "3F 会议室", "-5", "+0.5", "-12.75", "O'Neill", "'", "a=b"])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    """Numbers below nought above all."""
    assert in_a_cell(text) == out_of_a_cell(text) == text
