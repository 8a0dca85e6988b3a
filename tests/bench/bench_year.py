"""What a rehearsed year costs: `python -m tests.bench.bench_year`.

First four sample weeks, one a season, of 10, 100 and 1,000 zones, in one process: processor seconds that a year of a
zone takes, which should fall or stay level. Then 100 zones through a whole year of minutes with the real engine and
gateway on every core, as `simulate` runs it (aim: below 60 s on 2 cores, below 500 MB). Processor time is given beside
wall time, so that a busy machine can be told from a slow program.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import time

from config.load import load_text
from supervisor.rehearsal.fleet import run_here
from supervisor.rehearsal.job import Job, rehearse

WEEKS = ("2026-01-12", "2026-04-13", "2026-07-13", "2026-10-12")
_FACES = ("N", "E", "S", "W")
_HEAD = """version: 1
building: bench
timezone: Asia/Shanghai
area_m2: {area}
people: {people}
dry_run: false
writes_per_minute: {rate}
season: {{method: temperature}}
hours:
  office: {{workday: "09:00-17:30"}}
templates:
  fcu:
    kind: fcu
    base: controller
    points:
      start_stop: {{object: binary-output:0, writable: true}}
      run_status: binary-input:0
      cooling_setpoint: {{object: analog-value:0, writable: true, low: 16, high: 32}}
      heating_setpoint: {{object: analog-value:1, writable: true, low: 10, high: 28}}
      temperature: analog-input:0
      occupancy: binary-input:1
      window: binary-input:2
  lights:
    kind: lights
    base: controller
    points:
      start_stop: {{object: binary-output:5, writable: true}}
      run_status: binary-input:5
points:
  outdoor_temperature: gateway/analog-input:1
"""


def site_text(zones: int) -> str:
    """Offices of four people and 30 m² on every side, ten to a controller."""
    lines = [_HEAD.format(area=30 * zones, people=4 * zones, rate=min(6000, max(120, zones))), "zones:"]
    for n in range(zones):
        at = f"d{n // 10}/{10 * (n % 10)}"
        lines.append(
            f"  r{n:04}: {{hours: office, area_m2: 30, people: 4, floor: {n % 5}, "
            f"envelope: {{orientation: {_FACES[n % 4]}}}, equipment: {{fcu: {at}, lights: {at}}}}}"
        )
    lines.append("devices:\n  gateway: {instance: 99, address: '127.0.1.2:47809'}")
    lines += [
        f"  d{n}: {{instance: {1000 + n}, address: '127.0.2.{n + 1}:47809'}}"
        for n in range((zones + 9) // 10)
    ]
    return "\n".join(lines) + "\n"


def job(zones: int, first: str, days: int, warm_up: float) -> Job:
    """Some days of the bench building by its rules."""
    begin = dt.date.fromisoformat(first)
    return Job(
        site_text(zones),
        "bench.yaml",
        "bench",
        True,
        begin,
        begin + dt.timedelta(days=days - 1),
        None,
        1,
        warm_up,
    )


def sample(zones: int) -> float:
    """Processor seconds that a year would take, from four weeks."""
    began = time.process_time()
    for week in WEEKS:
        rehearse(job(zones, week, 7, 0.0))
    return (time.process_time() - began) * 365.0 / (7 * len(WEEKS))


def processor_seconds() -> float:
    """Of this process and of all that it has started and seen end."""
    ours, theirs = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return ours.ru_utime + ours.ru_stime + theirs.ru_utime + theirs.ru_stime


def whole_year(zones: int) -> str:
    """A year as `simulate` runs it: in quarters, one to a core."""
    wall, processor = time.perf_counter(), processor_seconds()
    result = run_here([job(zones, "2026-01-01", 365, 4 * 86_400.0)], lambda _share: None)[0]
    wall, processor = time.perf_counter() - wall, processor_seconds() - processor
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024.0
    writes = sum(result.writes.values())
    return (
        f"zones={zones} year wall={wall:.1f}s processor={processor:.1f}s writes={writes} "
        f"hours={result.hours} worker_peak={peak:.0f}MB"
    )


def main() -> None:
    """Print one line for each size, then the year."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--zones", type=int, nargs="*", default=[10, 100, 1000])
    options.add_argument("--year", type=int, default=100, help="zones of the whole year; 0 leaves it out")
    chosen = options.parse_args()
    for zones in chosen.zones:
        assert load_text(site_text(zones)).site is not None
        seconds = sample(zones)
        print(
            f"zones={zones} sampled year={seconds:.1f}s processor, a zone={seconds / zones:.3f}s", flush=True
        )
    if chosen.year:
        print(whole_year(chosen.year), flush=True)


if __name__ == "__main__":
    main()
