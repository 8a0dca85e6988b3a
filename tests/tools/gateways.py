"""Many gateways' /metrics, made by the supervisor's own code: buildings in which something changes with each scrape."""

from __future__ import annotations

import contextlib
import itertools
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from supervisor.telling.metrics import Metrics
from supervisor.telling.snapshot import SavingStatus, Snapshot, YearStatus
from tests.ports import free_tcp
from tests.tools.fake_building import fake_building

ZONES = 66
"""A building of so many zones has about 2,000 series."""
STEP = 15.0
"""Seconds of site time from scrape to scrape."""


class Gateway:
    """One building: each look at it is fifteen seconds of site time after the last one."""

    def __init__(self, number: int) -> None:
        self.name = f"building-{number:02}"
        self._phase = number
        self._looks = 0
        self._start = _large(self.name, number)
        self._metrics = Metrics(self.name, self._now, process=True)

    def text(self) -> bytes:
        """The exposition, one step on."""
        self._looks += 1
        self._metrics.observe_reaction(0.2 + 0.1 * math.sin(self._looks))
        self._metrics.observe_scan("ddc-1", 0.02 + 0.01 * math.cos(self._looks))
        return self._metrics.text()

    def _now(self) -> Snapshot:
        start, passed = self._start, self._looks * STEP
        zones = tuple(
            replace(
                zone,
                temperature=zone.temperature and round(zone.temperature + _wave(passed, 900.0, n), 1),
                humidity=zone.humidity and round(zone.humidity + 5 * _wave(passed, 1800.0, n), 1),
                hvac_on=zone.hvac_on and _wave(passed, 1200.0, n) > -0.7,
                occupied=zone.occupied and _wave(passed, 2400.0, n + self._phase) > -0.8,
            )
            for n, zone in enumerate(start.zones)
        )
        meters = tuple(
            replace(meter, value=meter.value and meter.value + 60e3 * passed) for meter in start.meters
        )
        totals = replace(
            start.totals,
            violation_seconds={
                key: was + (passed if n % 5 == 0 else 0)
                for n, (key, was) in enumerate(start.totals.violation_seconds.items())
            },
            writes={kind: count + int(passed // 60) for kind, count in start.totals.writes.items()},
        )
        outside = 33.8 + _wave(passed, 3600.0, self._phase)
        now = start.now + passed
        return replace(
            start, zones=zones, meters=meters, totals=totals, outdoor_temperature=outside, now=now, wall=now
        )


def _wave(seconds: float, period: float, shift: float) -> float:
    return math.sin(2 * math.pi * seconds / period + shift)


def _large(name: str, number: int) -> Snapshot:
    """The office of the tests, its rooms repeated."""
    office = fake_building()
    rooms = itertools.islice(itertools.cycle(office.zones), ZONES)
    zones = tuple(replace(room, id=f"{room.id}-{n}", name=f"{room.name} {n}") for n, room in enumerate(rooms))
    pairs = tuple((zone.id, rule) for zone in zones for rule in zone.compliance)
    totals = replace(office.totals, violation_seconds={pair: 10.0 * n for n, pair in enumerate(pairs)})
    return replace(
        office,
        building=name,
        name=f"街道办公楼 {number}",
        zones=zones,
        pairs=pairs,
        totals=totals,
        savings={"baseline": SavingStatus(9.1e11, 7.3e10, 2.2e10, 1.24e11)},
        targets={"area": YearStatus(0.05, 0.043, 0.061), "head": YearStatus(0.05, None, None)},
    )


@contextmanager
def serving(gateway: Gateway) -> Iterator[str]:
    """Where the gateway's /metrics is asked for: its URL."""

    class Asked(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = gateway.text()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(BrokenPipeError):  # who asked had waited for long enough
                self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", free_tcp()), Asked)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
