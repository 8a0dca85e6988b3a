"""The coefficients and costs that a site reckons with: ours, or its files beside the site file."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from config.phrase import Phrase
from config.site import Site
from supervisor.ledger.coefficients import DEFAULTS, Table, replaced
from supervisor.ledger.costs import Costs, costs_of
from supervisor.ledger.late import Wrong
from supervisor.ledger.tables import BadTable


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


def wrong_with(key: str, path: Path) -> tuple[Wrong, ...]:
    """What is wrong with a site's file of `coefficients`, or of `costs`; empty where it can be used."""
    try:
        if key == "costs":
            costs_of(path)
        else:
            replaced(path)
    except BadTable as bad:
        return bad.wrong
    except OSError as error:
        said = error.strerror or str(error)
        return (Wrong(0, Phrase(f"cannot be read: {said}", f"无法读取：{said}")),)
    return ()
