"""An operator points Debian's Prometheus at a supervisor with the files in deploy/, and each panel shows data."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import httpx
import pytest

from supervisor.metrics import Metrics
from supervisor.web import build_app, serve
from supervisor.web.server import listen
from tests.tools.fake_building import fake_building
from tests.tools.prometheus import (
    Prometheus,
    panel_queries,
    panels_without_data,
    running_prometheus,
    wait_until,
)

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def supervisor_url() -> Iterator[str]:
    """Where the supervisor answers; here the real web application over a made-up building."""
    with listen("127.0.0.1", 0) as probe:
        port = int(probe.getsockname()[1])
    metrics = Metrics("jiedao-office", fake_building)

    def scraped() -> bytes:
        """Between two scrapes a reading was acted upon and a controller scanned."""
        metrics.observe_reaction(0.2)
        metrics.observe_scan("ddc-1", 0.04)
        return metrics.text()

    app = build_app(fake_building, scraped, lambda: True)
    loop = asyncio.new_event_loop()
    serving = loop.create_task(serve(app, "127.0.0.1", port))
    thread = threading.Thread(target=_run, args=(loop, serving))
    thread.start()
    url = f"http://127.0.0.1:{port}"
    assert wait_until(lambda: _answers(url), 10)
    yield url
    loop.call_soon_threadsafe(serving.cancel)
    thread.join(10)
    loop.close()


def _run(loop: asyncio.AbstractEventLoop, serving: asyncio.Task[None]) -> None:
    loop.run_until_complete(asyncio.gather(serving, return_exceptions=True))


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def prometheus(supervisor_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Debian's Prometheus, scraping that supervisor."""
    with running_prometheus(supervisor_url, tmp_path_factory.mktemp("prometheus")) as running:
        yield running


def test_the_scrape_succeeds(prometheus: Prometheus) -> None:
    """The target is up, with no error from its parser."""
    assert wait_until(lambda: prometheus.target()["health"] == "up", 20), prometheus.target()


def test_every_panel_finds_data(prometheus: Prometheus) -> None:
    """No panel of the dashboard stays empty, once there have been a few scrapes."""
    assert wait_until(lambda: prometheus.values("building_info"), 20)
    building = prometheus.get("query", query="building_info")["result"][0]["metric"]["building"]
    assert len(panel_queries()) >= 20
    assert wait_until(lambda: not panels_without_data(prometheus, building), 45), panels_without_data(
        prometheus, building
    )


def test_every_rule_is_evaluated_without_error(prometheus: Prometheus) -> None:
    """Recording and alert rules are healthy against real series, not only against promtool's."""
    assert wait_until(lambda: all(rule["health"] == "ok" for rule in prometheus.rules()), 20)
    assert len(prometheus.rules()) >= 20


def test_a_zone_outside_its_rule_is_a_pending_alert(prometheus: Prometheus) -> None:
    """205 is at 24 °C under a manual override: Prometheus sees it, and waits its half hour."""
    pending = 'ALERTS{alertname="BuildingZoneOutOfCompliance", alertstate="pending", zone="f2-office-205"}'
    assert wait_until(lambda: prometheus.values(pending), 20)
