"""An operator points Debian's Prometheus at a supervisor with the files in deploy/, and each panel shows data."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from signal import SIGINT

import httpx
import pytest

from tests.e2e.processes import COMMAND
from tests.e2e.sites import office
from tests.tools.prometheus import (
    Prometheus,
    panel_queries,
    panels_without_data,
    running_prometheus,
    running_victoria_metrics,
    wait_until,
)

pytestmark = [pytest.mark.e2e, pytest.mark.thorough]


@pytest.fixture(scope="module")
def supervisor_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the demo answers: a simulated office on real BACnet datagrams, at its default speed."""
    files = office(tmp_path_factory.mktemp("demo"))
    words = ["demo", "--plain", "--port", str(files.http), "--site", str(files.daemon)]
    with subprocess.Popen([COMMAND, *words], stdout=subprocess.DEVNULL, cwd=files.daemon.parent) as demo:
        url = f"http://127.0.0.1:{files.http}"
        try:
            assert wait_until(lambda: _ready(url), 60)
            yield url
        finally:
            demo.send_signal(SIGINT)
            demo.wait(60)


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
def prometheus(
    supervisor_url: str, central: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """Debian's Prometheus, scraping that supervisor, and sending to the district."""
    folder = tmp_path_factory.mktemp("prometheus")
    with running_prometheus(supervisor_url, folder, central=central) as running:
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


def _some_room(prometheus: Prometheus) -> tuple[str, str]:
    (zone,) = prometheus.get("query", query='topk(1, building_zone_info{kind="office"})')["result"]
    return zone["metric"]["building"], zone["metric"]["zone"]


def test_every_rule_is_evaluated_without_error(prometheus: Prometheus) -> None:
    """Recording and alert rules are healthy against real series, not only against promtool's."""
    assert wait_until(lambda: all(rule["health"] == "ok" for rule in prometheus.rules()), 60)
    assert len(prometheus.rules()) >= 20
