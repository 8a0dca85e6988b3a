"""Why a point is never written is told by what it is, whatever it is called."""

from __future__ import annotations

from dataclasses import replace

from supervisor.core.asking import holdable
from supervisor.telling.explain import _not_writable
from tests.unit.core.office import office


def test_another_name_for_an_escape_light_is_an_escape_light() -> None:
    """Whoever asks is not sent to the site file for a `writable: true` that would change nothing."""
    site = office()
    light = next(p for e in site.all_equipment if e.escape_route for p in e.points.values())
    alias = replace(light, id="f1-hall/alias", zone="f1-hall", equipment=None, writable=True)
    site = replace(site, points={**site.points, alias.id: alias})
    assert _not_writable(alias, site).en == "on an escape route: never written, by construction"
    assert alias.id not in holdable(site)
