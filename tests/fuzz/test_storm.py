"""Mutated datagrams at the running daemon, on either stack; and that each figure can be off. `make fuzz` fires more."""

from __future__ import annotations

import random
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract import wire
from tests.fuzz.__main__ import STACKS, fuzz
from tests.fuzz.corpus import Corpus, made_up, mutated
from tests.fuzz.storm import GROWTH, UNASKED, Figures
from tests.fuzz.target import NETWORK, target
from tests.fuzz.watch import Pulse, queue
from tests.ports import free_tcp
from tests.waiting import eventually
from tests.wire.annex import BEHIND, DEVICES

COUNT = 25_000
"""Datagrams a stack: 50,000 in a run of all tests."""
RATE = 1_500.0
"""A second: the storm lasts long enough for some hundred answers to be falsified."""
SEED = 1
GOOD = Figures("bac0", SEED, sent=1000, seen=995)
MATERIAL = made_up(3_056_001, (2101, 2102))


@pytest.mark.parametrize("stack", STACKS)
def test_a_storm_of_mutated_datagrams_moves_nothing(stack: str, tmp_path: Path) -> None:
    """Half of them nearly right, a third from the controllers' own addresses: seen, and of no consequence."""
    figures = fuzz(tmp_path, stack, COUNT, SEED, RATE)
    print(figures)
    assert figures.verdict() == [], f"{figures} {figures.notes}"
    assert figures.sent >= COUNT


def test_a_write_that_nobody_decided_is_counted(tmp_path: Path) -> None:
    """Somebody else fills our slot of a lamp while the daemon rests: one write, and no decision to go with it."""
    with target(tmp_path, "rusty", SEED) as under:
        assert under.uncalled_for() == []
        lamp = under.site.points["hall/lights/start_stop"]
        data = wire.context(0, wire.object_id(4, lamp.instance)) + wire.context(1, b"\x55")
        data += wire.opening(3) + wire.enumerated(1) + wire.closing(3) + wire.context(4, b"\x0a")
        controller = (f"{NETWORK}.{DEVICES[lamp.device] + BEHIND}", under.files.wire)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as somebody:
            somebody.sendto(wire.datagram(b"\x00\x05\x01\x0f" + data), controller)
        eventually(under.uncalled_for, 10, "the write is in the controller's log")
        assert [write.place for write in under.uncalled_for()] == [("ddc-1", "binary-output", lamp.instance)]


def test_a_daemon_that_does_not_answer_counts_as_hung() -> None:
    """Nobody behind the port: every question is a hang."""
    with Pulse(free_tcp()) as pulse:
        eventually(lambda: pulse.asked, 10, "asked once")
    assert pulse.hangs == pulse.asked


@pytest.mark.parametrize(
    "bad",
    [
        {"seen": 989},
        {"hangs": 1},
        {"deaf": 1},
        {"writes_caused": 1},
        {"rss_growth_mb": GROWTH + 1},
        {"slots_wrong": 1},
        {"left": 1},
        {"exit_code": 1},
        {"unasked_s": UNASKED + 1},
    ],
    ids=lambda bad: next(iter(bad)),
)
def test_each_figure_that_is_off_is_said(bad: dict[str, int]) -> None:
    """One thing wrong, one complaint."""
    assert GOOD.verdict() == []
    assert len(replace(GOOD, **bad).verdict()) == 1  # type: ignore[arg-type] # the fields are Figures's own


def test_datagrams_that_the_kernel_throws_away_are_not_counted_as_seen() -> None:
    """A socket that nobody reads fills up; what came after that is in its drops."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as loud,
    ):
        deaf.bind((f"{NETWORK}.199", 0))
        where = (f"{NETWORK}.199", deaf.getsockname()[1])
        assert queue(where).drops == 0
        for _ in range(3000):
            loud.sendto(bytes(200), where)
        found = queue(where)
    assert found.drops > 1000
    assert found.waiting > 0


def test_the_same_seed_fires_the_same_datagrams() -> None:
    """And half of them come from what was overheard or may be said."""
    first, second = Corpus(7, MATERIAL), Corpus(7, MATERIAL)
    assert [first.next() for _ in range(2000)] == [second.next() for _ in range(2000)]


def test_a_mutation_changes_the_datagram_and_stays_within_a_frame() -> None:
    """Hardly one in twenty comes out as it went in, and none is longer than BACnet/IP allows."""
    dice = random.Random(7)
    pairs = [(each, mutated(dice, each, MATERIAL)) for each in MATERIAL * 20]
    assert sum(before == after for before, after in pairs) < len(pairs) / 20
    assert max(len(after) for _, after in pairs) <= 1497
