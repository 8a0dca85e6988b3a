"""An operator points Debian's Prometheus at a supervisor with the files in deploy/, and each panel shows data."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import partial
from signal import SIGINT
from typing import NamedTuple

import httpx
import pytest

from tests.e2e.processes import COMMAND
from tests.e2e.sites import office
from tests.tools.prometheus import (
    Prometheus,
    as_grafana_asks,
    panel_queries,
    panels_without_data,
    running_prometheus,
    running_victoria_metrics,
    wait_until,
)
from tests.waiting import last_answer

pytestmark = [pytest.mark.e2e, pytest.mark.thorough]


class Demo(NamedTuple):
    """A supervisor: where it answers, and its process."""

    url: str
    process: subprocess.Popen[bytes]

    def end(self) -> None:
        """As Ctrl-C does."""
        self.process.send_signal(SIGINT)
        self.process.wait(60)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Where the demo answers: a simulated office on real BACnet datagrams, at its default speed."""
    files = office(tmp_path_factory.mktemp("demo"))
    words = ["demo", "--plain", "--port", str(files.http), "--site", str(files.daemon)]
    with subprocess.Popen([COMMAND, *words], stdout=subprocess.DEVNULL, cwd=files.daemon.parent) as process:
        url = f"http://127.0.0.1:{files.http}"
        running = Demo(url, process)
        try:
            assert wait_until(lambda: _ready(url), 60)
            yield running
        finally:
            if process.poll() is None:
                running.end()


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def central(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A district's victoria-metrics."""
    with running_victoria_metrics(tmp_path_factory.mktemp("victoria")) as url:
        yield url


@pytest.fixture(scope="module")
def prometheus(demo: Demo, central: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Debian's Prometheus, scraping that supervisor, and sending to the district."""
    folder = tmp_path_factory.mktemp("prometheus")
    with running_prometheus(demo.url, folder, central=central) as running:
        yield running


def test_the_scrape_succeeds(prometheus: Prometheus) -> None:
    """The target is up, with no error from its parser."""
    assert wait_until(lambda: prometheus.target()["health"] == "up", 60), prometheus.target()


def test_every_panel_finds_data(prometheus: Prometheus) -> None:
    """No panel of a dashboard stays empty, once there have been a few scrapes, but for what is only sometimes there."""
    assert wait_until(lambda: prometheus.values("building_info"), 60)
    building, room = _some_room(prometheus)
    assert len(panel_queries()) >= 100
    assert wait_until(lambda: not panels_without_data(prometheus, building, room), 240), panels_without_data(
        prometheus, building, room
    )


def test_every_panel_finds_data_at_the_district_too(prometheus: Prometheus, central: str) -> None:
    """The same queries on Debian's victoria-metrics, to which the building's Prometheus writes."""
    building, room = _some_room(prometheus)
    district = Prometheus(central)
    try:
        assert wait_until(lambda: not panels_without_data(district, building, room), 240), (
            panels_without_data(district, building, room)
        )
    finally:
        district.close()


def test_of_a_supervisor_that_is_gone_nothing_is_shown_as_of_now(
    demo: Demo, prometheus: Prometheus, central: str
) -> None:
    """Every figure of this instant is empty, here and at the district, which counts one building as silent."""
    building, room = _some_room(prometheus)
    district = Prometheus(central)
    try:
        demo.end()
        for asked in (prometheus, district):
            assert not last_answer(partial(_shown, asked, building, room), lambda shown: not shown, 400)
        (silent,) = [expr for panel, expr in panel_queries() if panel.startswith("district: Silent")]
        assert district.values(silent) == [1.0]
    finally:
        district.close()


def _shown(asked: Prometheus, building: str, room: str) -> list[str]:
    """The figures of this instant that are there."""
    now = [as_grafana_asks(expr, building, room) for _, expr in panel_queries("stat")]
    return [expr for expr in now if asked.values(expr)]


def _some_room(prometheus: Prometheus) -> tuple[str, str]:
    (zone,) = prometheus.get("query", query='topk(1, building_zone_info{kind="office"})')["result"]
    return zone["metric"]["building"], zone["metric"]["zone"]


def test_every_rule_is_evaluated_without_error(prometheus: Prometheus) -> None:
    """Recording and alert rules are healthy against real series, not only against promtool's."""
    assert wait_until(lambda: all(rule["health"] == "ok" for rule in prometheus.rules()), 60)
    assert len(prometheus.rules()) >= 20
