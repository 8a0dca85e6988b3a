"""Some days of the soak, so that a seed that stops repeating, or an oracle gone blind, shows before a night is spent."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.soak.life import soak
from tests.soak.plants import BEGINS, PLANTS
from tests.soak.world import AUTUMN, SUMMER

ROOT = Path(__file__).parents[3]


def begin(seed: int, hash_seed: int) -> subprocess.Popen[str]:
    """Three days in a process of its own, in which sets of strings have an order of their own."""
    command = [sys.executable, "-m", "tests.soak", "--seed", str(seed), "--days", "3", "--workers", "1"]
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def test_the_same_seed_lives_the_same_days_and_another_seed_others() -> None:
    """What a seed has found can be found again, on any machine: the trace says so."""
    runs = [begin(5, 1), begin(5, 2), begin(6, 1)]
    told = [run.communicate(timeout=300)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0], told
    first, again, other = (re.search(r"trace=(\w+)", line) for line in told)
    assert first and again and other
    assert first[1] == again[1] != other[1]


@pytest.mark.parametrize("season", [SUMMER, AUTUMN], ids=["summer", "autumn"])
def test_a_few_days_pass_without_a_violation(season: float) -> None:
    """The thousand days are for `make soak`; these few are a first look."""
    run = soak(11, 4, begin=season)
    assert (run["days"], run["violations"], run["gaps"]) == (4, [], [])
    assert run["writes"] > 40


@pytest.mark.parametrize("plant", ["mild-season-ignored", "doubled-write", "helper-forgotten"])
def test_a_planted_fault_is_found(plant: str) -> None:
    """`make soak` plants each of them; a harness that cannot fail proves nothing."""
    run = soak(1, 20, plant, BEGINS.get(plant, SUMMER))
    assert run["violations"]
    assert run["days"] < 20  # and it stops there


def test_a_planted_fault_ends_the_soak_with_one() -> None:
    """`scripts/soak` is what a gate asks: make says 2, whatever went wrong."""
    command = [str(ROOT / "scripts" / "soak"), "--workers", "1", "--days", "3", "--plant", "doubled-write"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "violations=" in done.stdout


def test_there_are_at_least_ten_faults_to_plant() -> None:
    """Late close, lost release, wrong slot, doubled write, forgotten exemption; and what the field found."""
    assert len(PLANTS) >= 10
    assert {
        "late-close",
        "lost-release",
        "wrong-slot",
        "doubled-write",
        "forgotten-exemption",
    } <= PLANTS.keys()
    assert {
        "suspension-short",
        "clock-believed",
        "helper-forgotten",
        "refusal-forgotten",
        "blind-compliance",
        "run-short",
        "refusal-storm",
        "refusal-repeated",
        "full-disk-storm",
        "full-disk-unsaid",
        "stranger-written",
        "stranger-half-told",
        "stranger-believed",
    } <= PLANTS.keys()
    assert BEGINS.keys() <= PLANTS.keys()
