"""How a unit (单位) stands against the plan: its energy per area and per head beside the same time of the year before."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from config.site import Site
from supervisor.ledger import indicators
from supervisor.ledger.account import Account
from supervisor.ledger.coefficients import Table
from supervisor.ledger.indicators import Whole
from supervisor.ledger.statistics import share_of
from supervisor.savings.targets import verdict


class Standing(NamedTuple):
    """`whole` against `before` (None: nothing was booked then), by `target`, the reduction that is asked for, as a share."""

    id: str
    name: str
    whole: Whole
    before: Whole | None
    target: float
    enough: bool = True
    """Of a year: nine tenths of its months can be compared, as the progress towards its target asks."""

    @property
    def per_area(self) -> float | None:
        """Reduction of standard coal per floor area, as a share; None where it cannot be told."""
        return _reduced(self.whole, self.before, "area")

    @property
    def per_head(self) -> float | None:
        """Reduction of standard coal per head, as a share; None where it cannot be told."""
        return _reduced(self.whole, self.before, "people")

    @property
    def total(self) -> float | None:
        """Reduction of standard coal in all: what is compared where neither area nor heads are told."""
        return _reduced(self.whole, self.before, None)

    @property
    def told(self) -> float | None:
        """The figure that it is judged by: per area, else per head, else in all."""
        return next((r for r in (self.per_area, self.per_head, self.total) if r is not None), None)

    @property
    def marked(self) -> bool:
        """One of the figures that it is reckoned from lacks readings."""
        return (
            not self.enough
            or self.whole.energy_marked
            or (self.before is not None and self.before.energy_marked)
        )

    @property
    def known(self) -> list[float]:
        """The figures that it is judged by: per area and per head, else in all."""
        known = [r for r in (self.per_area, self.per_head) if r is not None]
        return known or [r for r in (self.total,) if r is not None]

    @property
    def less(self) -> float:
        """By what share each figure may be smaller: the share of the energy's time that no booking covers."""
        return _lacks(self.whole, self.before)

    @property
    def more(self) -> float:
        """By what share each may be larger: the same of the year before."""
        return _lacks(self.before, self.whole)

    @property
    def reached(self) -> bool | None:
        """Whether each figure that can be told is reduced by the target; None where none can, readings are missing, or those
        that are booked nowhere could turn it: what was not read is no saving."""
        return None if self.marked else verdict(self.known, self.target, self.less, self.more)

    @property
    def open(self) -> bool:
        """It would be judged, but for what is booked nowhere."""
        return bool(self.known) and not self.marked and self.reached is None


def _lacks(less: Whole | None, other: Whole | None) -> float:
    found = share_of(less.unbooked, less.coal) if less is not None else 0.0
    return found + (share_of(other.overbooked, other.coal) if other is not None else 0.0)


def _reduced(now: Whole, before: Whole | None, per: str | None) -> float | None:
    if before is None or not (now.energy_known and before.energy_known) or before.coal <= 0:
        return None
    if per is None:
        return 1 - now.coal / before.coal
    is_, was = getattr(now, per), getattr(before, per)
    return 1 - (now.coal / is_) / (before.coal / was) if is_ and was else None


def ranked(standings: list[Standing]) -> list[Standing]:
    """Who saved most comes first; who cannot be judged comes last."""
    return sorted(
        standings, key=lambda s: -s.told if s.told is not None and s.reached is not None else math.inf
    )


def building(site: Site, this: Account, before: Account | None, table: Table, target: float) -> Standing:
    """The whole building."""
    now = indicators.whole(site, this.figures, this.of, this.until, table)
    then = (
        indicators.whole(site, before.figures, before.of, before.until, table) if before is not None else None
    )
    return Standing(
        site.building, site.name or site.building, now, then if then is not None and then.energy_known else None, target
    )  # fmt: skip


def organisations(
    site: Site, this: Account, before: Account | None, table: Table, target: float
) -> list[Standing]:
    """Each organisation in it, in the order of the site file."""

    def of(account: Account) -> Mapping[str, Whole]:
        return indicators.organisations(site, account.figures, account.of, account.until, table)

    now, then = of(this), of(before) if before is not None else {}
    return [
        Standing(
            id_, each.name or id_, now[id_], then[id_] if id_ in then and then[id_].energy_known else None, target
        )
        for id_, each in site.organisations.items()
    ]  # fmt: skip
