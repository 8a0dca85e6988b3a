"""Who leads to which network, and the ports of ours that stand for devices there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from rusty_bacnet import BACnetClient

from drivers.bacnet.rusty.routed import Behind, Tunnel
from drivers.bacnet.rusty.station import Station, Where

ROUTER_WITHIN: Final = 300
"""Milliseconds in which a router says that it leads to a network; it is asked again until the caller gives up."""


class Routes:
    """Those of one link. `client` is the stack; it raises Misconfigured once that is stopped."""

    def __init__(self, client: Callable[[], BACnetClient]) -> None:
        self._client = client
        self._routers: dict[int, Station] = {}
        self._tunnels: dict[Behind, Tunnel] = {}
        self._ends: dict[Where, Behind] = {}
        self._asking: dict[int, asyncio.Lock] = {}

    def close(self) -> None:
        """Free the ports."""
        for tunnel in self._tunnels.values():
            tunnel.close()
        self._tunnels.clear()
        self._ends.clear()

    def leads(self, network: int, router: Station) -> None:
        """Something came from a network by way of a router."""
        self._routers[network] = router

    def end(self, at: Where) -> Where:
        """Whom an address stands for: the device behind it where it is a port of ours, else itself."""
        return self._ends.get(at, at)

    async def way(self, station: Behind, stack: tuple[str, int]) -> str:
        """What to give the stack, which is at `stack`, as the device's address. Waits until somebody says that he leads to its
        network."""
        network = station.network
        async with self._asking.setdefault(network, asyncio.Lock()):
            while network not in self._routers:
                for router in await self._client().discover_routers(network, ROUTER_WITHIN):
                    if (at := Station.from_mac(router.mac)) is not None:
                        self._routers.setdefault(network, at)
        tunnel = self._tunnels.get(station)
        if tunnel is None:
            tunnel = Tunnel(stack, station, lambda: self._routers.get(network))
            self._tunnels[station] = tunnel
            self._ends[Station(*tunnel.where)] = station
        return str(Station(*tunnel.where))

    def doubt(self, station: Behind, seconds: float) -> None:
        """A device was silent: where nothing at all came from its network for so long, who leads there is asked anew."""
        since = asyncio.get_running_loop().time() - seconds
        if all(t.heard < since for b, t in self._tunnels.items() if b.network == station.network):
            self._routers.pop(station.network, None)
