"""`python -m tests.soak --seed N [--days D] [--plant FAULT]`: exit 1 for a violation or a gap."""

from __future__ import annotations

import argparse
import concurrent.futures
import hashlib
import sys
import time
from typing import Any

import structlog

from tests.soak.life import soak
from tests.soak.plants import BEGINS, PLANTS
from tests.soak.world import SUMMER, WINTER

MOST_DAYS = 20_000
"""Some 55 years, however few workers share them: the site clock stands before 2100."""
TRIES = 6
"""Seeds under which a planted fault is lived before it counts as missed: some show in a fire or beside a stranger alone, which a month may not have."""


def together(seed: int, days: int, workers: int, plant: str | None) -> list[dict[str, Any]]:
    """The days shared out over processes, each with a seed of its own, every other one from midwinter on."""
    shares = [days // workers + (i < days % workers) for i in range(workers)]
    first = BEGINS.get(plant or "")
    begins = [first if first is not None else (SUMMER, WINTER)[i % 2] for i in range(workers)]
    if workers == 1:
        return [soak(seed, days, plant, begins[0])]
    with concurrent.futures.ProcessPoolExecutor(workers, initializer=_quiet) as pool:
        jobs = [
            pool.submit(soak, seed * 1000 + i, share, plant, begin)
            for i, (share, begin) in enumerate(zip(shares, begins, strict=True))
        ]
        return [job.result() for job in jobs]


def _quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


def _report(found: list[dict[str, Any]], seed: int, seconds: float) -> bool:
    """Print the account; True if nothing was wrong."""
    violations = [line for run in found for line in run["violations"]]
    gaps = [line for run in found for line in run["gaps"]]
    trace = hashlib.sha256("".join(run["trace"] for run in found).encode()).hexdigest()
    for line in (violations + gaps)[:20]:
        print(line)
    print(
        f"days={sum(run['days'] for run in found)} crashes={sum(run['crashes'] for run in found)} "
        f"violations={len(violations)} gaps={len(gaps)} writes={sum(run['writes'] for run in found)} "
        f"seed={seed} trace={trace[:16]} seconds={seconds:.1f} cpu={sum(run['cpu'] for run in found):.1f}"
    )
    return not violations and not gaps


def wrong_of(found: dict[str, Any]) -> list[str]:
    """What went wrong in one run."""
    return [*found["violations"], *found["gaps"]]


def _plants(seed: int, days: int, workers: int) -> int:
    """Plant each fault in turn: each must be found."""
    missed = []
    with concurrent.futures.ProcessPoolExecutor(workers, initializer=_quiet) as pool:
        jobs = {name: pool.submit(soak, seed, days, name, BEGINS.get(name, SUMMER)) for name in PLANTS}
        for name, job in jobs.items():
            found, under = job.result(), seed
            while not wrong_of(found) and under < seed + TRIES - 1:
                under += 1
                found = soak(under, days, name, BEGINS.get(name, SUMMER))
            wrong = wrong_of(found)
            first = wrong[0] if wrong else "-"
            print(
                f"plant={name} found={len(wrong)} seed={under} days={found['days']} first={first}", flush=True
            )
            if not wrong:
                missed.append(name)
    print(f"plants={len(PLANTS)} missed={len(missed)}")
    return 1 if missed else 0


def _days(text: str) -> int:
    """Days that end before the clocks' last year does."""
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{text} days cannot be lived: from 1 to {MOST_DAYS:,}")
    return int(text)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=_days, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--plant", choices=sorted(PLANTS))
    parser.add_argument("--plants", action="store_true", help="plant every fault in turn; each must be found")
    args = parser.parse_args()
    _quiet()
    if args.plants:
        return _plants(args.seed, min(args.days, 60), max(1, args.workers))
    began = time.perf_counter()
    found = together(args.seed, args.days, max(1, args.workers), args.plant)
    return 0 if _report(found, args.seed, time.perf_counter() - began) else 1


if __name__ == "__main__":
    sys.exit(main())
