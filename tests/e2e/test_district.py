"""An operations team gathers many buildings in one place: nothing is lost on the way, by either of two ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.district import district
from tests.tools.gateways import Gateway, serving
from tests.tools.prometheus import Prometheus, running_federation, running_prometheus, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.thorough]

FEDERATED = '{job="building-supervisor"}', '{__name__=~"building.*:.*"}'


def test_a_gateway_that_was_away_sends_what_it_kept(tmp_path: Path) -> None:
    """Two gateways, one cut off for half of the time: every sample of both is at the district in the end."""
    found = district(2, 20, tmp_path)
    assert found.samples > 20_000, found.line()
    assert (found.missing, found.changed) == (0, 0), found.line()
    assert found.late > 0, found.line()
    assert not found.empty


def test_a_districts_prometheus_has_every_series_of_a_building_by_federation(tmp_path: Path) -> None:
    """All that is scraped and recorded there, under the building's own labels and its gateway's name."""
    with (
        serving(Gateway(1)) as url,
        running_prometheus(url, tmp_path / "building", gateway="building-01") as building,
        running_federation(building, tmp_path / "district") as central,
    ):
        assert wait_until(lambda: building.values("building_info"), 60)
        assert wait_until(lambda: _series(building) and _series(building) <= _series(central), 120), sorted(
            _series(building) - _series(central)
        )[:5]
        assert central.values('building_supervisor_ready{gateway="building-01"}') == [1.0]


def _series(prometheus: Prometheus) -> set[frozenset[tuple[str, str]]]:
    """Labels of each series of now, but for the gateway's name, and the job that the district gives to what has none."""
    return {
        frozenset((label, value) for label, value in one["metric"].items() if label not in {"gateway", "job"})
        for selector in FEDERATED
        for one in prometheus.get("query", query=selector)["result"]
    }
