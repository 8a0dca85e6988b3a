"""Short versions of `make savings` and `make peers`: the same roads, on days that were made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.savings import paired, peers
from tests.savings.office import Office
from tests.savings.paired import Found
from tests.savings.trial_plant import Lived

SAVED = 0.15


def _made(name: str, _live: Callable[[], Lived]) -> Lived:
    """Years of made-up offices in place of the plant's, ten side by side; the policy saves the same share each hour."""
    group, year, policy = name.split("-")
    days = [
        Office(noise=0.06, rho=0.3).year(np.random.default_rng((int(group), b, int(year))), 739_252 + 365 * (int(year) - 2025))
        for b in range(paired.SIDE_BY_SIDE)
    ]  # fmt: skip
    share = 1 - SAVED if policy == "True" else 1.0
    energy = np.stack([np.repeat(each.energy / 24, 24) for each in days]) * share
    return Lived(energy, days[0].temperature)


def test_a_building_lived_twice_is_read_through_the_ledgers_gaps() -> None:
    """The truth is of the days that the meter tells; the baseline's interval is around it, and holds it more often than not."""
    found = [paired.against_baseline(seed, _made) for seed in (0, 10, 20)]
    told = [each for each in found if isinstance(each, Found)]
    assert len(told) == 3, found
    assert all(each.truth == pytest.approx(SAVED) for each in told)
    assert sum(each.covered for each in told) >= 2, told


def test_a_peers_years_are_compared_meter_by_meter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Five meters agree, one does not, one is too short to be told."""
    meters = {}
    for n in range(7):
        draw = np.random.default_rng(n)
        before = Office(noise=0.03, rho=0.2).year(draw, 738_000, count=100 if n == 6 else 365)
        after = Office(noise=0.0).year(draw, 738_365)
        off = 1.1 if n == 5 else 1.0
        meters[f"m{n}"] = {
            "baseline": [[int(a), float(b), float(c)] for a, b, c, _ in zip(*before, strict=True)],
            "after": [[int(a), float(b), float(c) * off] for a, b, c, _ in zip(*after, strict=True)],
        }
    path = tmp_path / "days.json"
    path.write_text(json.dumps(meters))
    assert peers.main(str(path)) == 0
    said = capsys.readouterr().out
    assert "within 2%: 5/6" in said
    assert "m6: refused, 100 days" in said
