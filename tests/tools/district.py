"""A district: gateways that write to one victoria-metrics, one of them away for half of the time. Is a sample missing?

Each gateway's own Prometheus (Debian's, by deploy/prometheus) scrapes it each second in place of each 15 s: 240 seconds are an
hour of site time. What it kept itself is held against what victoria-metrics has, each series, each instant, each value.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from tests.tools.door import Door
from tests.tools.gateways import Gateway, serving
from tests.tools.prometheus import (
    DASHBOARDS,
    Prometheus,
    as_grafana_asks,
    running_prometheus,
    running_victoria_metrics,
    wait_until,
)
from tests.waiting import last_answer

PATIENCE = 300.0
"""Wall seconds for what was kept to arrive."""
AIM = 1.0
"""Seconds that a query of the district's dashboard may take."""
DAILY = "20s"
"""Five minutes of site time."""
DAY, POINTS = 86_400, 960

Series = dict[str, dict[int, float]]
"""Labels → milliseconds → value."""


class Found(NamedTuple):
    """What came of it."""

    gateways: int
    scrapes: int
    """Of the gateway with the fewest."""
    series: int
    samples: int
    missing: int
    changed: int
    late: int
    """Samples of the one that was away which the district did not have when it came back."""
    bytes_per_sample: float
    index_bytes_per_series: float
    slowest_query: float
    slowest: str
    empty: tuple[str, ...]
    """Queries of the dashboard that find nothing."""

    def line(self) -> str:
        """All of it."""
        return (
            f"gateways={self.gateways} scrapes={self.scrapes} series={self.series} samples={self.samples} missing={self.missing} "
            f"changed={self.changed} late={self.late} bytes_per_sample={self.bytes_per_sample:.2f} "
            f"index_bytes_per_series={self.index_bytes_per_series:.0f} slowest_query_s={self.slowest_query:.3f}"
        )

    @property
    def well(self) -> bool:
        """Nothing is missing or changed, somebody was really away, and no query is slow or finds nothing."""
        whole = self.samples > 0 and not self.missing and not self.changed and self.late > 0
        return whole and not self.empty and self.slowest_query <= AIM


def district(gateways: int, seconds: float, folder: Path) -> Found:
    """So many gateways write for so long; the last one's line is cut from a quarter of it to three quarters."""
    with ExitStack() as stack:
        central = stack.enter_context(running_victoria_metrics(folder))
        door = Door(urlsplit(central).port or 0)
        running: dict[str, Prometheus] = {}
        for number in range(1, gateways + 1):
            gateway = Gateway(number)
            away = number == gateways
            running[gateway.name] = stack.enter_context(
                running_prometheus(
                    stack.enter_context(serving(gateway)),
                    folder / gateway.name,
                    central=f"http://127.0.0.1:{door.port}" if away else central,
                    gateway=gateway.name,
                    patience=DAILY,
                    daily=DAILY,
                )
            )
        began = time.time()
        # A wall second is fifteen of site time: the Prometheus beside us has no other clock than the wall's.
        time.sleep(seconds / 4)  # all are heard
        door.shut()
        time.sleep(seconds / 2)  # one is away
        name = list(running)[-1]
        late = _count(_kept(running[name], began)) - _count(_arrived(central, name, began, time.time()))
        door.open()
        time.sleep(seconds / 4)  # and is heard again
        return _judge(central, running, began, late, folder)


def _judge(central: str, running: dict[str, Prometheus], began: float, late: int, folder: Path) -> Found:
    scrapes: list[float] = []
    series = samples = missing = changed = 0
    for name, prometheus in running.items():
        until = time.time() - 2  # a scrape that is under way is nobody's yet
        kept = _kept(prometheus, began, until)
        scrapes.append(sum(sum(course.values()) for labels, course in kept.items() if '"up"' in labels))
        come = partial(_arrived, central, name, began, until)
        arrived = last_answer(come, partial(_whole, kept), PATIENCE, 1.0)
        lacks = _lacking(kept, arrived)
        series, samples, missing = series + len(kept), samples + _count(kept), missing + lacks
        changed += sum(
            not math.isclose(value, arrived[labels][at], rel_tol=1e-12)
            for labels, course in kept.items()
            for at, value in course.items()
            if at in arrived.get(labels, {})
        )
    slowest, query, empty = _ask_the_dashboard(central)
    a_sample, a_series = _size(central)
    return Found(
        gateways=len(running),
        scrapes=round(min(scrapes)),
        series=series,
        samples=samples,
        missing=missing,
        changed=changed,
        late=late,
        bytes_per_sample=a_sample,
        index_bytes_per_series=a_series,
        slowest_query=slowest,
        slowest=query,
        empty=empty,
    )


def _kept(prometheus: Prometheus, began: float, until: float | None = None) -> Series:
    """What the gateway's own Prometheus has."""
    until = until or time.time() - 2
    query = f'{{__name__=~".+"}}[{until - began:.0f}s]'
    found = prometheus.get("query", query=query, time=f"{until:.3f}")["result"]
    return {
        _key(one["metric"]): {round(float(at) * 1000): float(value) for at, value in one["values"]}
        for one in found
    }


def _arrived(central: str, gateway: str, began: float, until: float) -> Series:
    """What victoria-metrics has of that gateway; a mark that a series has ended (null) is no sample."""
    params = {"match[]": f'{{gateway="{gateway}"}}', "start": f"{began - 60:.3f}", "end": f"{until + 1:.3f}"}
    series: Series = {}
    with httpx.stream("GET", f"{central}/api/v1/export", params=params, timeout=60) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines():
            one = json.loads(line)
            del one["metric"]["gateway"]
            course = series.setdefault(_key(one["metric"]), {})
            course |= {
                at: float(value)
                for at, value in zip(one["timestamps"], one["values"], strict=True)
                if value is not None
            }
    return series


def _key(metric: dict[str, str]) -> str:
    return json.dumps(metric, sort_keys=True)


def _count(series: Series) -> int:
    return sum(map(len, series.values()))


def _whole(kept: Series, arrived: Series) -> bool:
    return not _lacking(kept, arrived)


def _lacking(kept: Series, arrived: Series) -> int:
    return sum(len(course.keys() - arrived.get(labels, {}).keys()) for labels, course in kept.items())


def _ask_the_dashboard(central: str) -> tuple[float, str, tuple[str, ...]]:
    """Each query of the district's dashboard as Grafana asks it: the slowest's seconds and words; what finds nothing."""
    (path,) = [path for path in DASHBOARDS if path.stem == "district"]
    slowest, which, empty = 0.0, "", []
    for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
        for target in panel["targets"]:
            params = {"query": as_grafana_asks(target["expr"], "building-01"), "nocache": "1"}
            verb = "query"
            if not target.get("instant"):
                now = time.time()
                times = {"start": f"{now - DAY:.0f}", "end": f"{now:.0f}", "step": str(DAY // POINTS)}
                verb, params = "query_range", params | times
            began = time.perf_counter()
            answer = httpx.get(f"{central}/api/v1/{verb}", params=params, timeout=60)
            took = time.perf_counter() - began
            answer.raise_for_status()
            if not answer.json()["data"]["result"]:
                empty.append(target["expr"])
            if took > slowest:
                slowest, which = took, target["expr"]
    return slowest, which, tuple(empty)


def _size(central: str) -> tuple[float, float]:
    """Bytes on disk for each sample, and of the index for each series."""
    httpx.get(f"{central}/internal/force_flush", timeout=60).raise_for_status()
    httpx.get(f"{central}/internal/force_merge", timeout=60).raise_for_status()

    def tell() -> tuple[float, float, float, float]:
        text = httpx.get(f"{central}/metrics", timeout=60).text
        lines = [line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]
        values = {name: float(value) for name, value in lines}

        def total(start: str, of: str) -> float:
            return sum(value for name, value in values.items() if name.startswith(start) and of in name)

        return (
            total("vm_data_size_bytes{", 'type="storage'),
            total("vm_rows{", 'type="storage'),
            total("vm_data_size_bytes{", 'type="indexdb'),
            values["vm_new_timeseries_created_total"],
        )

    wait_until(lambda: tell()[1] > 0, 30)
    data, rows, index, series = tell()
    return data / max(1.0, rows), index / max(1.0, series)


def main(words: Sequence[str] | None = None) -> int:
    """Run it and say what came of it; 1 where a sample is missing or a query slow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateways", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=240.0, help="each is 15 s of site time")
    chosen = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="district-") as folder:
        found = district(chosen.gateways, chosen.seconds, Path(folder))
    for query in found.empty:
        print(f"finds nothing: {query}")
    print(f"slowest: {found.slowest}")
    print(found.line())
    return 0 if found.well else 1


if __name__ == "__main__":
    sys.exit(main())
