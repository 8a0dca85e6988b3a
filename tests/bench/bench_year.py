"""What a rehearsed year costs: `python -m tests.bench.bench_year`.

First four sample weeks, one a season, of 10, 100 and 1,000 zones, in one process: processor seconds that a year of a
zone takes, which should fall or stay level. Then 100 zones through a whole year of minutes with the real engine and
gateway on every core, as `simulate` runs it (aim: below 60 s on 2 cores, below 500 MB). Last, where the extra
`energyplus` is installed, the EnergyPlus small office for a year of minutes, in the same run.

Processor time is given beside wall time, and with each figure how fast this machine was then: the time of a short plain
loop at its best over its mean. A shared machine at 50 % takes twice the processor time for the same work.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.util
import resource
import subprocess
import sys
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


def loop() -> float:
    """Processor seconds of a short plain loop."""
    began, total = time.process_time(), 0
    for n in range(20_000):
        total += n
    return time.process_time() - began


class Pace:
    """How fast the machine is, beside the best it showed in this run."""

    def __init__(self) -> None:
        self.best = min(loop() for _ in range(500))

    def now(self) -> float:
        """1 at its best; 0.5 where everything takes twice the processor time."""
        taken = [loop() for _ in range(100)]
        self.best = min(self.best, *taken)
        return self.best * len(taken) / sum(taken)


def sample(zones: int, pace: Pace) -> tuple[float, float]:
    """Processor seconds that a year would take, from four weeks; and the machine's pace meanwhile."""
    spent, paces = 0.0, [pace.now()]
    for week in WEEKS:
        began = time.process_time()
        rehearse(job(zones, week, 7, 0.0))
        spent += time.process_time() - began
        paces.append(pace.now())
    return spent * 365.0 / (7 * len(WEEKS)), sum(paces) / len(paces)


def processor_seconds() -> float:
    """Of this process and of all that it has started and seen end."""
    ours, theirs = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return ours.ru_utime + ours.ru_stime + theirs.ru_utime + theirs.ru_stime


def whole_year(zones: int, pace: Pace) -> str:
    """A year as `simulate` runs it: in parts of two months, as many at a time as there are cores. The pace is sampled meanwhile, at little cost."""
    paces: list[float] = []
    due = [0.0]

    def look(_share: float) -> None:
        if time.monotonic() > due[0]:
            paces.append(pace.now())
            due[0] = time.monotonic() + 5.0

    wall, processor = time.perf_counter(), processor_seconds()
    result = run_here([job(zones, "2026-01-01", 365, 4 * 86_400.0)], look)[0]
    wall, processor = time.perf_counter() - wall, processor_seconds() - processor
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024.0
    writes = sum(result.writes.values())
    return (
        f"zones={zones} year wall={wall:.1f}s processor={processor:.1f}s writes={writes} "
        f"hours={result.hours} worker_peak={peak:.0f}MB pace={100.0 * sum(paces) / len(paces):.0f}%"
    )


def energyplus() -> None:
    """The small office by EnergyPlus at one minute, where it is installed."""
    if importlib.util.find_spec("tests.bench.energyplus_year") is None:
        return
    subprocess.run([sys.executable, "-m", "tests.bench.energyplus_year"], check=False)


def main() -> None:
    """Print one line for each size, then the year."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--zones", type=int, nargs="*", default=[10, 100, 1000])
    options.add_argument("--year", type=int, default=100, help="zones of the whole year; 0 leaves it out")
    chosen = options.parse_args()
    pace = Pace()
    rehearse(job(1, WEEKS[0], 1, 0.0))  # whatever is loaded once
    for zones in chosen.zones:
        assert load_text(site_text(zones)).site is not None
        seconds, at = sample(zones, pace)
        print(
            f"zones={zones} sampled year={seconds:.1f}s processor, a zone={seconds / zones:.3f}s pace={100 * at:.0f}%",
            flush=True,
        )
    if chosen.year:
        print(whole_year(chosen.year, pace), flush=True)
        energyplus()


if __name__ == "__main__":
    main()
