"""The coefficients and costs that a site reckons with: ours, or its files beside the site file."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from config.site import Site
from supervisor.ledger.coefficients import DEFAULTS, Table, replaced
from supervisor.ledger.costs import Costs, costs_of


class Terms(NamedTuple):
    """`costs` is None where the site tells none."""

    table: Table = DEFAULTS
    costs: Costs | None = None


def terms(site: Site) -> Terms:
    """What a site reckons with. Raises BadTable, OSError."""
    coefficients, costs = site.statistics.coefficients, site.statistics.costs
    return Terms(
        replaced(Path(coefficients)) if coefficients is not None else DEFAULTS,
        costs_of(Path(costs)) if costs is not None else None,
    )
