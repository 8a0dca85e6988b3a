"""What the question of the example office costs: `python -m tests.bench.bench_office`.

A year of the rules against a year as it is run today, as `simulate config/examples/office.yaml --against today` lives
them, on every core: wall time, processor time, the largest worker's memory; and what it costs once that is known. Of 24 zones unlike each other, where
`bench_year` has a hundred alike. `--weeks` lives four sample weeks of each side in this process instead, and says what
a year would take by them; the four runs' figures are told by a hash, by which two versions of the code are compared.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import resource
import tempfile
import time
from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from supervisor.rehearsal.fleet import run_here
from supervisor.rehearsal.job import Job, rehearse
from supervisor.rehearsal.result import Result
from supervisor.rehearsal.shelf import Shelf
from tests.bench.bench_year import WEEKS, Pace, processor_seconds
from tests.site_files import OFFICE

SIDES = (True, False)


def job(first: str, days: int, controlled: bool) -> Job:
    """Some days of the office, by its rules or as it is run today."""
    begin = dt.date.fromisoformat(first)
    last = begin + dt.timedelta(days=days - 1)
    label = OFFICE.name if controlled else "today"
    return Job(OFFICE.read_text(encoding="utf-8"), str(OFFICE), label, controlled, begin, last, None, 1)


def digest(result: Result) -> str:
    """Of every figure of a run, to the last bit."""
    found = hashlib.sha256()
    for field in fields(result):
        value = getattr(result, field.name)
        found.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return found.hexdigest()[:16]


def weeks(pace: Pace) -> None:
    """A line for each sample week and side, then the processor time of a year by them."""
    spent = 0.0
    for week in WEEKS:
        for controlled in SIDES:
            began = time.process_time()
            result = rehearse(job(week, 7, controlled))
            taken = time.process_time() - began
            spent += taken
            side = "rules" if controlled else "today"
            print(
                f"{week} {side} processor={taken:.2f}s pace={100 * pace.now():.0f}% figures={digest(result)}"
            )
    # Each week has four days before it that are lived too, and the site file read: a part of two months has them once.
    print(f"a year of both sides by these days: {spent * 365.0 / (11 * len(WEEKS)):.0f}s processor")


def year() -> None:
    """Both sides of a whole year, as `simulate` lives them: nothing known, asked again, and after an edit of one day in July."""
    jobs = [job("2026-01-01", 365, side) for side in SIDES]
    edited = [replace(one, text=with_a_day_off(one.text)) for one in jobs]
    with tempfile.TemporaryDirectory() as folder:
        for what, asked in (("cold", jobs), ("asked again", jobs), ("a day off in July", edited)):
            wall, processor = time.perf_counter(), processor_seconds()
            results = run_here(asked, lambda _: None, sides=2, shelf=Shelf(Path(folder)))
            wall, processor = time.perf_counter() - wall, processor_seconds() - processor
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024.0
            figures = " ".join(map(digest, results))
            print(
                f"office year against today, {what}: wall={wall:.1f}s processor={processor:.1f}s "
                f"worker_peak={peak:.0f}MB figures={figures}",
                flush=True,
            )


def with_a_day_off(text: str) -> str:
    """A draft of the office: closed on a Wednesday."""
    return text.replace(
        "special_days:\n",
        "special_days:\n  - {date: 2026-07-15, hours: closed, groups: [office, hall, common]}\n",
    )


def main() -> None:
    """Print what it took."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--weeks", action="store_true", help="four sample weeks of each side in this process"
    )
    if options.parse_args().weeks:
        rehearse(job(WEEKS[0], 1, True))  # whatever is loaded once
        weeks(Pace())
    else:
        year()


if __name__ == "__main__":
    main()
