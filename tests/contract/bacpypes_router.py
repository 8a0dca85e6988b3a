"""bacpypes3's own router between two BACnet/IP networks, in a process of its own: `near far controller`, each `host:port`.

The near network has a BBMD, with which a supervisor registers; what is broadcast on the far one goes to `controller`, for
the loopback has no two networks of their own. Prints `ready`, and routes until its standard input ends.
"""

from __future__ import annotations

import asyncio
import sys

from bacpypes3.comm import bind
from bacpypes3.ipv4.link import BBMDLinkLayer, NormalLinkLayer
from bacpypes3.netservice import NetworkServiceAccessPoint, NetworkServiceElement
from bacpypes3.pdu import IPv4Address

NEAR, FAR = 1, 2
"""Numbers of the two networks."""


def _alone(where: str) -> IPv4Address:
    """An address on a network without a broadcast."""
    host, port = where.split(":")
    return IPv4Address(f"{host}/32:{port}")


async def main(near: str, far: str, controller: str) -> None:
    """Route between the two."""
    nsap = NetworkServiceAccessPoint()
    bind(NetworkServiceElement(), nsap)
    bbmd = BBMDLinkLayer(_alone(near))
    bbmd.add_peer(_alone(near))
    nsap.bind(bbmd, NEAR, _alone(near))
    beyond = NormalLinkLayer(_alone(far))
    host, port = controller.split(":")
    beyond.server.broadcast_address = (host, int(port))
    nsap.bind(beyond, FAR, _alone(far))
    for layer in (bbmd, beyond):
        await layer.server._local_transport_ready.wait()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
