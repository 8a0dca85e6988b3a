"""A Calendar's Date_List: what we write comes back as it was, and what others write is never taken for days that it does not name."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.bacnet import octets
from drivers.bacnet.dates import decoded, encoded
from drivers.bacnet.octets import Unreadable
from drivers.dates import Pattern, Span

DAYS = st.dates(date(1900, 1, 1), date(2154, 12, 31))
SPANS = st.tuples(DAYS, DAYS).map(sorted).map(lambda pair: Span(*pair))


@given(st.lists(SPANS, max_size=40))
def test_what_is_written_is_read(spans: list[Span]) -> None:
    """Single days and ranges."""
    assert decoded(octets.tags(encoded(spans))) == spans


def test_the_octets_are_the_standards() -> None:
    """1 October 2026 is a Thursday; its week as a range (ASHRAE 135 §20.2.12: year less 1900, month, day, Monday is 1)."""
    day, week = date(2026, 10, 1), date(2026, 10, 7)
    assert encoded([Span(day, day)]).hex() == "0c7e0a0104"
    assert encoded([Span(day, week)]).hex() == "1ea47e0a0104a47e0a07031f"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("0c7e0a01ff", Span(date(2026, 10, 1), date(2026, 10, 1))),
        ("0cff0a01ff", Pattern("*-10-01")),
        ("0c7effff06", Pattern("2026-*-* (6)")),
        ("0c7e0a0105", Pattern("2026-10-01 (5)")),
        ("0c7e0d20ff", Pattern("2026-13-32")),
        ("1ea4ffffffffa47e0a07031f", Pattern("*-*-* – 2026-10-07 (3)")),
        ("1ea47e0a07ffa47e0a01ff1f", Pattern("2026-10-07 – 2026-10-01")),
        ("2b010501", Pattern("month 1, week 5, weekday 1")),
    ],
)
def test_what_names_no_certain_days_is_a_pattern(sent: str, said: object) -> None:
    """Wildcards, a weekday that is another, ranges without an end or backwards; a weekday left open is any."""
    assert decoded(octets.tags(bytes.fromhex(sent))) == [said]


@given(st.binary(max_size=60))
def test_garbage_is_unreadable_and_nothing_worse(data: bytes) -> None:
    """Whatever a device answers."""
    try:
        decoded(octets.tags(data))
    except Unreadable:
        return
