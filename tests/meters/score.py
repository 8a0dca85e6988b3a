"""`make meter-score FILES=…`: what the ledger finds in series of readings whose faults are known, and what it books."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from supervisor.ledger import patterns
from supervisor.ledger.booking import Finding, Step, booked, stuck
from supervisor.ledger.causes import Cause
from tests.meters.series import CHINA, Fault, Series, load
from tests.meters.simulated import FOLDER

SLACK = 4.0
"""Intervals by which a finding may lie beside its fault: some are only sure after a few readings."""


@dataclass
class Score:
    """Faults found, missed and made up, by cause."""

    hit: Counter[Cause] = field(default_factory=Counter)
    missed: Counter[Cause] = field(default_factory=Counter)
    false: Counter[Cause] = field(default_factory=Counter)

    def add(self, series: Series, found: Iterable[Finding]) -> list[str]:
        """Count one series; what was missed or made up, in words."""
        slack, words = SLACK * series.register.interval, []
        left = list(found)
        for fault in series.faults:
            match = next((f for f in left if f.cause == fault.cause and _meet(f, fault, slack)), None)
            if match is None:
                self.missed[fault.cause] += 1
                words.append(f"missed {fault.cause}")
                continue
            left.remove(match)
            self.hit[fault.cause] += 1
        for finding in left:
            self.false[finding.cause] += 1
            words.append(f"made up {finding.cause}")
        return words

    def table(self) -> list[str]:
        """Precision and recall by cause, and of all."""
        lines = []
        for cause in Cause:
            hit, missed, false = self.hit[cause], self.missed[cause], self.false[cause]
            if hit or missed or false:
                lines.append(f"cause={cause} {_rates(hit, missed, false)}")
        all_of = (sum(each.values()) for each in (self.hit, self.missed, self.false))
        return [*lines, f"all {_rates(*all_of)}"]


def _rates(hit: int, missed: int, false: int) -> str:
    recall = hit / (hit + missed) if hit + missed else 1.0
    precision = hit / (hit + false) if hit + false else 1.0
    return f"precision={precision:.3f} recall={recall:.3f} found={hit} missed={missed} made_up={false}"


def _meet(finding: Finding, fault: Fault, slack: float) -> bool:
    return finding.start <= fault.end + slack and fault.start <= finding.end + slack


def judged(series: Series) -> tuple[Step, list[Finding]]:
    """What was booked, and found: also that the figure stands still now."""
    step = booked(series.register, series.readings)
    found = list(step.found)
    base = step.book.base
    if base is not None and stuck(series.register, step.book, step.book.last):
        found.append(Finding(Cause.STUCK, base.changed, step.book.last))
    if (cause := step.book.suspicion) is not None:
        found.append(Finding(cause, step.book.doubted[0].at, step.book.last))
    carrier = "water" if series.unit in ("m3", "m³", "L") else "electricity"
    return step, found + patterns.of_one(carrier, patterns.by_the_hour(step.booked), CHINA)


def compared(main: Step, beneath: Sequence[Step]) -> list[Finding]:
    """What a meter shows against those beneath it: each of class 1."""
    above = patterns.by_the_hour(main.booked)
    others = [patterns.by_the_hour(step.booked) for step in beneath]
    return patterns.sub_over_main(above, others, CHINA, lambda counted: 0.02 * counted)


def off_by(series: Series, step: Step) -> tuple[float, float, float]:
    """Booked, true, and their difference in units of the most that one interval held."""
    amount = sum(b.amount for b in step.booked)
    truth = sorted(zip((r.at for r in series.readings), series.true, strict=True))
    true = truth[-1][1] - truth[0][1]
    most = max((b - a for (s, a), (t, b) in itertools.pairwise(truth)
                if 0 < t - s <= 1.5 * series.register.interval), default=1.0) or 1.0  # fmt: skip
    step_of = step.book.habits.step
    return amount, true, max(0.0, abs(amount - true) - step_of) / most


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line a file, then the table. Exit 1 where energy is off by more than an interval, or recall is under 0.9."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="series; default: those of tests/meters/files")
    files = parser.parse_args(arguments).files or sorted(FOLDER.glob("*.csv"))
    score, worst = Score(), 0.0
    try:
        all_of = [load(path) for path in files]
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    steps = {series.name: judged(series) for series in all_of}
    for path, series in zip(files, all_of, strict=True):
        step, found = steps[series.name]
        if beneath := [steps[s.name][0] for s in all_of if s.parent == series.name]:
            found = found + compared(step, beneath)
        words = score.add(series, found)
        line = f"{path.name}: readings={len(series.readings)}"
        if series.true:
            amount, true, intervals = off_by(series, step)
            if all(
                fault.cause is not Cause.PHASE for fault in series.faults
            ):  # what is not measured cannot be booked
                worst = max(worst, intervals)
            line += f" booked={amount:.2f} true={true:.2f} {series.unit} off_intervals={intervals:.2f}"
        print(line, *words, sep="  ")
    print(*score.table(), sep="\n")
    recall_low = sum(score.missed.values()) * 10 > sum(score.hit.values()) + sum(score.missed.values())
    print(f"files={len(files)} worst_off_intervals={worst:.2f}")
    return int(worst > 1 or recall_low)


if __name__ == "__main__":
    sys.exit(main())
