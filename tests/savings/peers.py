"""`make peers`: our baseline beside OpenDSM's daily model, on its own sample meters: what would the year after have used?

Both see the same days of the same year before. OpenDSM tells seasons and days of the week apart, ours days with work and without; where the
totals of the year after agree within 2 %, neither is a matter of taste.
"""

from __future__ import annotations

import json
import math
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from supervisor.savings import changepoint
from supervisor.savings.baseline import LEAST as FEWEST
from supervisor.savings.changepoint import Model
from supervisor.savings.days import Days, days

WITHIN: Final = 0.02
LEAST: Final = 5
"""Meters that must be compared, and agree."""


def ours(rows: list[list[float]]) -> Days:
    """Days as they came, weekdays as working days."""
    number = [int(row[0]) for row in rows]
    working = [date.fromordinal(n).weekday() < 5 for n in number]
    return days(number, [row[1] for row in rows], [row[2] for row in rows], working)


def _itself(before: Days, model: Model, part: dict[str, Any]) -> str:
    """By how much each misses what the baseline's own days used: least squares by nothing, a robust fit by what it takes for outliers."""
    ours_ = float(model.predicted(before).sum() / before.energy.sum()) - 1
    measured, theirs = part.get("itself", (math.nan, math.nan))
    return f"its own baseline: ours {ours_:+.2%}, OpenDSM {theirs / measured - 1:+.2%}"


def main(path: str) -> int:
    """Print a line a meter, and how many agree; 1 where too few do."""
    found: dict[str, Any] = json.loads(Path(path).read_text())
    agree = refused = 0
    for name, part in found.items():
        before, after = ours(part["baseline"]), ours(part["after"])
        if len(before) < FEWEST:
            refused += 1
            print(f"{name}: refused, {len(before)} days of baseline")
            continue
        model = changepoint.best(before)
        total, theirs = float(model.predicted(after).sum()), float(after.energy.sum())
        residual = float(np.sqrt(np.mean(model.residuals**2)) / before.energy.mean())
        off = total / theirs - 1
        agree += abs(off) <= WITHIN
        print(f"{name}: ours {model.form.name} {total:.0f}, OpenDSM {theirs:.0f}, off by {off:+.2%}; "
              f"{len(before)} days of baseline, CV(RMSE) {residual:.0%}; {_itself(before, model, part)}")  # fmt: skip
    print(f"within {WITHIN:.0%}: {agree}/{len(found) - refused}")
    return 0 if agree >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
