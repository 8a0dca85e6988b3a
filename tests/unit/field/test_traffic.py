"""Whether a site's stack and its slow trunks carry what the site file asks of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.site import Site
from supervisor.field.traffic import A_BATCH, BAC0_VALUES, outgrown, overloaded, values_a_second
from supervisor.field.watch import COV_BACKSTOP
from tests.site_files import OFFICE, site_of_file


@pytest.fixture(name="site")
def _site() -> Site:
    return site_of_file(OFFICE)


def _polled(site: Site, seconds: float) -> Site:
    return replace(site, points={id_: replace(p, poll=seconds) for id_, p in site.points.items()})


def _at(site: Site, **changes: object) -> Site:
    """The site with its first device changed."""
    name, device = next(iter(site.devices.items()))
    return replace(site, devices={**site.devices, name: replace(device, **changes)})  # type: ignore[arg-type]  # its own fields


def test_an_office_is_far_from_the_stacks_limit(site: Site) -> None:
    """Some hundred points every ten seconds."""
    assert values_a_second(site) == pytest.approx(sum(1 / p.poll for p in site.points.values()))
    assert values_a_second(site) < BAC0_VALUES / 10
    assert outgrown(site) is None


def test_a_site_that_outgrows_bac0_is_told_so_and_one_on_rusty_is_not(site: Site) -> None:
    """The same points every few milliseconds: more than the stated figure."""
    large = _polled(site, len(site.points) / (2 * BAC0_VALUES))
    assert outgrown(large) == pytest.approx(2 * BAC0_VALUES)
    assert outgrown(replace(large, bacnet=large.bacnet.model_copy(update={"stack": "rusty"}))) is None


def test_a_trunk_that_cannot_carry_its_polls_is_named_with_both_figures(site: Site) -> None:
    """A device behind a router with a cap, polled too often."""
    name = next(iter(site.devices))
    count = sum(p.device == name for p in site.points.values())
    slow = _at(_polled(site, 1.0), address="2001:12", requests_per_second=0.1)
    (trunk,) = overloaded(slow)
    assert trunk.name == "network 2001"
    assert trunk.cap == 0.1
    assert trunk.asked == pytest.approx(count / COV_BACKSTOP / A_BATCH)
    assert list(overloaded(_at(site, requests_per_second=100.0))) == []
