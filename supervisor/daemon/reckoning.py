"""What was saved, and how the year stands: reckoned each night, and when readings were imported."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from config.phrase import Phrase
from config.site import Site
from schedules.types import DayType
from schedules.worked import days_worked
from supervisor.daemon.daemon import Daemon
from supervisor.store.writer import Store

if TYPE_CHECKING:
    from supervisor.ledger.coefficients import Table


class Reckoning:
    """Reckons for one daemon."""

    def __init__(self, daemon: Daemon, store: Store) -> None:
        self._daemon, self._store = daemon, store

    async def reckon(self) -> None:
        """Everything anew, told in a sentence each; why something cannot be told is told once."""
        await self._saving()
        await self._year()

    async def whenever_due(self) -> None:
        """Wait until something asks for it."""
        due = self._daemon.savings.due
        await due.wait()
        due.clear()

    def _kind(self, day: date) -> DayType:
        table = next(iter(self._daemon.running.decider.timetables.values()))
        return table.day(day).ordinary.type

    async def _saving(self) -> None:
        daemon = self._daemon
        site = daemon.site
        if site.savings is None:
            daemon.savings.last = None
            return
        from supervisor.savings.account import paid, reckon  # numpy, for those alone that ask for it
        from supervisor.savings.baseline import Saving
        from supervisor.savings.told import told

        now, was = daemon.clock.now(), daemon.savings.refused
        working = days_worked(site, daemon.running.decider.timetables)
        daemon.savings.last = last = await self._store.read(
            lambda connection: reckon(connection, site, working, now)
        )
        if isinstance(last, Saving):
            table = _table(site)
            worth = await self._store.read(lambda c: paid(c, site, last, self._kind, now, table))
            daemon.tell("savings", "savings", *told(last, worth))
        elif (why := daemon.savings.refused) is not None and why != was:
            daemon.tell("savings", "alert", f"no saving is told: {why.en}", f"未给出节能量：{why.zh}")

    async def _year(self) -> None:
        """Against the targets, for those who told an area or heads and have meters."""
        daemon = self._daemon
        site, was = daemon.site, daemon.savings.years
        if not site.meters or not (site.area_m2 or site.people):
            daemon.savings.years = {}
            return
        from supervisor.ledger.tables import BadTable
        from supervisor.ledger.terms import terms
        from supervisor.savings.plan import standing
        from supervisor.savings.told import year_told

        now = daemon.clock.now()
        try:
            table = terms(site).table
        except BadTable as bad:
            what = Phrase(str(bad), "；".join(each.what.zh for each in bad.wrong))
            daemon.tell("savings", "alert", f"no targets are told: {what.en}", f"未核算节能目标：{what.zh}")
            return
        daemon.savings.years = found = await self._store.read(lambda c: standing(c, site, now, table))
        for per, stand in found.items():
            if stand != was.get(per) and stand.progress.reduction is not None:
                daemon.tell("savings", "savings", *year_told(stand))


def _table(site: Site) -> Table:
    """The coefficients that the reports reckon with; the program's own while the site's cannot be read, which is told with the targets."""
    from supervisor.ledger.coefficients import DEFAULTS
    from supervisor.ledger.tables import BadTable
    from supervisor.ledger.terms import terms

    try:
        return terms(site).table
    except BadTable:
        return DEFAULTS
