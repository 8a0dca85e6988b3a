"""`release --offline`: letting go of what a daemon that is gone left behind."""

from __future__ import annotations

import time
from typing import NamedTuple

from config.site import Site
from drivers.protocol import FieldWriter
from supervisor.clockwork.clock import SiteClock
from supervisor.core.limits import LimitsInForce
from supervisor.core.views import Facts
from supervisor.gateway.context import Journal
from supervisor.gateway.gateway import Gateway
from supervisor.gateway.left import Left
from supervisor.gateway.release import Patience


class Offline(NamedTuple):
    """What `release --offline` did: point ids, what is left and why, and how many slots the journal still has."""

    released: tuple[str, ...]
    left: tuple[Left, ...]
    owned: int

    @property
    def failed(self) -> tuple[str, ...]:
        """Points that we may write and that may still hold a slot of ours."""
        return tuple(p.point for p in self.left if p.ours)


OFFLINE = Patience(30.0)
"""How long a letting go without a daemon waits for controllers that do not answer."""


async def release_offline(
    site: Site, store: Journal, driver: FieldWriter, patience: Patience = OFFLINE
) -> Offline:
    """Let go of every journalled slot, `on_exit: hold` or not, through a driver that is started.

    A slot that the journal names and that holds somebody else's value, or NULL, is struck off untouched.
    Raises StoreProblem.
    """
    gateway = await known(site, store, driver)
    done = await gateway.release_all(patience, hold=False)
    return Offline(done.released, done.left, len(gateway.owned))


async def known(site: Site, store: Journal, driver: FieldWriter) -> Gateway:
    """A gateway without a daemon, which knows what the journal knows. Raises StoreProblem."""
    # The season is the daemon's to know: a single setpoint is restored as it was, within the point's own range.
    limits = LimitsInForce(site, Facts, time.time)
    gateway = Gateway(site, driver, store, SiteClock(), limits=limits)
    await gateway.load()
    return gateway
