"""Invoke ids: what comes late acknowledges nothing."""

from __future__ import annotations

import pytest

from drivers.bacnet.bac0.invokes import REST, Invokes


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Now."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """At 0 s."""
    return Clock()


def test_an_id_that_was_given_up_rests_for_a_minute(clock: Clock) -> None:
    """However many requests there are meanwhile; then it is one of all again."""
    ids = Invokes(clock)
    lost = ids.next("ddc")
    assert lost is not None
    ids.ended("ddc", lost, answered=False)
    for _ in range(1000):
        other = ids.next("ddc")
        assert other not in (None, lost)
        ids.ended("ddc", other, answered=True)
    clock.now = REST
    seen = set()
    for _ in range(256):
        other = ids.next("ddc")
        assert other is not None
        seen.add(other)
        ids.ended("ddc", other, answered=True)
    assert seen == set(range(256))


def test_one_that_was_answered_is_the_last_to_come_again(clock: Clock) -> None:
    """A network may double an answer, and a controller may answer each copy of a write."""
    ids = Invokes(clock)
    for _ in range(3):
        round_ = []
        for _ in range(256):
            each = ids.next("ddc")
            assert each is not None
            ids.ended("ddc", each, answered=True)
            round_.append(each)
        assert sorted(round_) == list(range(256))


def test_a_device_that_is_dead_for_long_has_ids_all_the_same(clock: Clock) -> None:
    """With all of them at rest the one that has rested longest is taken; with all under way there is none."""
    ids = Invokes(clock)
    every = []
    for _ in range(256):
        each = ids.next("ddc")
        assert each is not None
        every.append(each)
    assert ids.next("ddc") is None
    for each in every:
        ids.ended("ddc", each, answered=False)
    assert ids.next("ddc") == every[0]
    assert ids.next("other") is not None


def test_a_restart_does_not_begin_where_the_last_one_did(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers to whoever had our port before are still on their way."""
    for first in (7, 200):
        monkeypatch.setattr("random.randrange", lambda _all, first=first: first)
        assert Invokes(clock).next("ddc") == first
