"""A lost journal is not a lost building: what our priority holds, read from the building itself, and letting go of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from config.points import Value
from config.site import Site
from drivers.protocol import Barred, DriverError, FieldWriter, Misconfigured, Retryable
from drivers.values import decode, same
from supervisor.core.decisions import Because
from supervisor.gateway.commandable import Commandable
from supervisor.gateway.context import Journal
from supervisor.gateway.gateway import Gateway
from supervisor.gateway.left import Left, Why, left, unheard
from supervisor.gateway.offline import Offline, known
from supervisor.gateway.reads import ARRAY_CALLS
from supervisor.gateway.release import AT_ONCE, Patience
from supervisor.store.rows import SlotRow

RULE = "lost-journal"
"""What the journal names in a rule's place for a slot that a person said is ours."""
_PAUSE = 1.0


class Found(NamedTuple):
    """A slot at our priority that is not empty: the wire's value, and the same in the role's unit."""

    point: str
    place: str
    wire: float | int
    value: Value
    journalled: bool


class Search(NamedTuple):
    """What was found at our priority, and the points whose slot could not be read, with the reason."""

    found: tuple[Found, ...]
    left: tuple[Left, ...]

    @property
    def unread(self) -> tuple[str, ...]:
        """Points that we may write and that may hold something of ours: they could not be read."""
        return tuple(p.point for p in self.left if p.ours)


async def search(gateway: Gateway, driver: FieldWriter, deadline: float = 30.0) -> Search:
    """Read the priority array of every point that may be written, devices side by side.

    `gateway` is one that `offline.known` gave. Never looks at read-only points or escape-route lights.
    """
    gates = {c.key.device: asyncio.Semaphore(AT_ONCE) for c in gateway.points.values()}
    until = gateway.context.wall() + deadline
    points = {c.address: c for c in gateway.points.values()}

    async def one(c: Commandable) -> Found | Left | None:
        async with gates[c.key.device]:
            return await _look(gateway, driver, c, until)

    seen = await asyncio.gather(*(one(c) for c in points.values()))
    return Search(
        tuple(s for s in seen if isinstance(s, Found)), tuple(s for s in seen if isinstance(s, Left))
    )


async def _look(gateway: Gateway, driver: FieldWriter, c: Commandable, until: float) -> Found | Left | None:
    """What our slot of one point holds; asked again while its device is silent."""
    context, priority = gateway.context, gateway.context.site.priority
    if not c.key.priority:
        return left(c, Why.NO_ARRAY)
    while True:
        try:
            async with context.within(c.key.device, calls=ARRAY_CALLS):
                array = await driver.read_array(c.address)
            break
        except Barred as error:
            return left(c, Why.QUARANTINED, error.message)
        except Misconfigured as error:
            return left(c, Why.NO_ARRAY, error.message)
        except Retryable as error:
            if context.wall() + _PAUSE >= until:
                return left(c, unheard(error), error.message)
        except DriverError as error:
            return left(c, Why.REFUSED, error.message)
        await context.sleep(_PAUSE)
    wire = array.at(priority)
    if wire is None:
        return None
    value = decode(c.point, wire) if c.point is not None else None
    shown = wire if value is None else value
    return Found(c.name, left(c, Why.WAITED).place, wire, shown, _journalled(c, wire))


def _journalled(c: Commandable, wire: float | int) -> bool:
    """Whether the journal names the slot, with what is in it; an older copy of a store may name another value."""
    return c.owned is not None and same(c.key.object_type, c.owned.value, wire)


async def release_lost(
    site: Site, store: Journal, driver: FieldWriter, by: str, deadline: float = 55.0
) -> tuple[Search, Offline]:
    """Take every slot found at our priority for ours, at a person's word, and let go of them all.

    What the journal knows besides is let go of too. Each is an intent with its result in the audit. Raises
    StoreProblem where the journal takes no rows.
    """
    gateway = await known(site, store, driver)
    looked = await search(gateway, driver)
    await _claim(gateway, store, {f.point: f for f in looked.found})
    gateway = await known(site, store, driver)
    why = Because(
        "let go of at {}'s word: whatever our priority holds", "由 {} 决定释放：本优先级的全部占用", (by,)
    )
    done = await gateway.release_all(Patience(deadline, why=why), hold=False)
    named = {p.point: p for p in (*looked.left, *done.left)}
    return looked, Offline(done.released, tuple(named.values()), len(gateway.owned))


async def _claim(gateway: Gateway, store: Journal, found: Mapping[str, Found]) -> None:
    now = gateway.context.clock.now()
    for name, each in found.items():
        c = gateway.points[name]
        if not _journalled(c, each.wire):
            key = c.key._replace(priority=gateway.context.site.priority)
            await store.put_slot(SlotRow(key, name, each.wire, now, RULE))
