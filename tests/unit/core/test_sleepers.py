"""Whoever sleeps wakes once, at the last instant that was said."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from supervisor.core.sleepers import Sleepers

_SAID = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from([1.0, 2.0, 3.0, 4.0, math.inf])), max_size=12
)


@given(said=_SAID, nights=st.lists(_SAID, max_size=3))
def test_each_wakes_once_at_what_was_said_last_of_it(
    said: list[tuple[str, float]], nights: list[list[tuple[str, float]]]
) -> None:
    """Prolonged, cut short, put off for ever and taken back: as a plain table of instants would have it."""
    sleepers, table = Sleepers(), dict[str, float]()
    for more, now in zip((said, *nights), (1.0, 2.0, 3.0, 4.0), strict=False):
        for who, until in more:
            sleepers.sleep(who, until)
            table[who] = until
        assert sleepers.wake_at == min(table.values(), default=math.inf)
        due = {who: until for who, until in table.items() if until <= now}
        woken = sleepers.woken(now)
        assert sorted(woken) == sorted(due)
        assert [due[who] for who in woken] == sorted(due.values())
        table = {who: until for who, until in table.items() if who not in due}


def test_a_sleep_that_is_prolonged_again_and_again_leaves_one_entry() -> None:
    """A room is asked with each reading of a thermometer, and sleeps on."""
    sleepers = Sleepers()
    for second in range(1000):
        sleepers.sleep("room", 900.0 + second)
    assert len(sleepers._heap) == 1
    assert sleepers.wake_at == 1899.0
