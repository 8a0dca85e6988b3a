"""The dashboards: district, building, zone, evidence, savings, gateway health."""

from __future__ import annotations

from scripts.dashboards import building, district, evidence, gateway, savings, zone
from scripts.dashboards.board import Board


def all_boards() -> list[Board]:
    """Every dashboard."""
    return [of.board() for of in (district, building, zone, evidence, savings, gateway)]
