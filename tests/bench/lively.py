"""Controllers that live: a temperature in each zone that changes every second, and people at the thermostats.

A process of its own: `devices zones cov`. Prints `ready`; a line on standard input starts a new measurement, and
prints the one that ends as JSON. Those devices that report their changes sit behind a relay that notes when our
writes arrive.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import random
import sys
import time
from dataclasses import dataclass, field

from rusty_bacnet import BACnetServer, ObjectIdentifier, ObjectType, PropertyIdentifier, PropertyValue

from simulator.bacnet.apdu import writes_in
from simulator.bacnet.relay import Relay
from tests.bench.wired import DEVICE_PORT, OFFSET, add_objects, bench_site, by_device, host, new_server

TICK = 0.02
"""Seconds between two handfuls of changes."""

TOO_COLD, COMPLIANT = 22.0, 28.0
"""degC that somebody sets at the thermostat: under the summer limit of 26, and above it."""

COLD_FOR, WARM_FOR = 3.0, 17.0
"""Seconds of both; the second lets the supervisor see, by its poll of the slots, that it may let go."""

KNOB = 16
"""The slot of the controller's own knob."""

_PV = PropertyIdentifier.PRESENT_VALUE


@dataclass
class Measured:
    """Seconds from a change at the thermostat to our write on the wire; changes that caused none."""

    since: float = field(default_factory=time.monotonic)
    reactions: list[float] = field(default_factory=list)
    missed: int = 0
    changes: int = 0


class Thermostats:
    """People who set a zone too cold, and after a while right again."""

    def __init__(self, zones: list[tuple[BACnetServer, str, int]]) -> None:
        self._zones = zones
        self._asked: dict[tuple[str, int], float] = {}
        self._due = [
            (time.monotonic() + random.uniform(5.0, 5.0 + COLD_FOR + WARM_FOR), index, True)
            for index in range(len(zones))
        ]
        heapq.heapify(self._due)
        self.measured = Measured()

    async def act(self) -> None:
        """Everything that is due."""
        while self._due and self._due[0][0] <= time.monotonic():
            due, index, cold = heapq.heappop(self._due)
            server, where, number = self._zones[index]
            if cold:
                self._asked[where, number] = time.monotonic()
            elif self._asked.pop((where, number), None) is not None:
                self.measured.missed += 1
            value = PropertyValue.real(TOO_COLD if cold else COMPLIANT)
            await server.write_property_local(
                ObjectIdentifier(ObjectType.ANALOG_VALUE, number), _PV, value, KNOB, source_object=None
            )
            heapq.heappush(self._due, (due + (COLD_FOR if cold else WARM_FOR), index, not cold))

    def heard(self, where: str, datagram: bytes) -> None:
        """A datagram of ours arrived at a device."""
        for write in writes_in(datagram):
            asked = self._asked.get((where, write.instance))
            if asked is not None and write.object_type == "analog-value" and write.value is not None:
                del self._asked[where, write.instance]
                self.measured.reactions.append(time.monotonic() - asked)


async def _temperatures(sensors: list[tuple[BACnetServer, int]], thermostats: Thermostats) -> None:
    """Each changes once a second, spread over the second; the thermostats in between."""
    steps = round(1 / TICK)
    start = time.monotonic()
    step = 0
    while True:
        for server, number in sensors[step % steps :: steps]:
            value = PropertyValue.real(24.0 + random.random())
            await server.set_present_value_local(ObjectIdentifier(ObjectType.ANALOG_INPUT, number), value)
            thermostats.measured.changes += 1
        await thermostats.act()
        step += 1
        await asyncio.sleep(max(0.0, start + step * TICK - time.monotonic()))


async def _serve(devices: int, zones: int, cov: int) -> None:
    servers: list[BACnetServer] = []
    relays: list[Relay] = []
    knobs: list[tuple[BACnetServer, str, int]] = []
    thermostats: list[Thermostats] = []
    for index, addresses in enumerate(by_device(bench_site(devices, zones)).values(), 1):
        where = host(index)
        port = DEVICE_PORT + 10 if index <= cov else DEVICE_PORT
        server = new_server(1000 + index, where, port)
        add_objects(server, addresses)
        await server.start()
        servers.append(server)
        for zone in range(1, zones + 1):
            item = ObjectIdentifier(ObjectType.ANALOG_VALUE, OFFSET * zone)
            value = PropertyValue.real(COMPLIANT)
            await server.write_property_local(item, _PV, value, KNOB, source_object=None)
            item = ObjectIdentifier(ObjectType.ANALOG_VALUE, OFFSET * zone + 1)
            await server.write_property_local(item, _PV, PropertyValue.real(18.0), KNOB, source_object=None)
        if index <= cov:
            knobs += [(server, where, OFFSET * zone) for zone in range(1, zones + 1)]
            relays.append(
                Relay(
                    (where, DEVICE_PORT),
                    (where, port),
                    lambda data, where=where: thermostats[0].heard(where, data),  # type: ignore[misc] # bound now
                )
            )
    thermostats.append(Thermostats(knobs))
    for relay in relays:
        relay.start()
    sensors = [(server, OFFSET * zone) for zone in range(1, zones + 1) for server in servers]
    living = asyncio.create_task(_temperatures(sensors, thermostats[0]))
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        done, thermostats[0].measured = thermostats[0].measured, Measured()
        seconds = time.monotonic() - done.since
        print(json.dumps(done.__dict__ | {"changes_per_s": done.changes / seconds}), flush=True)
    living.cancel()


if __name__ == "__main__":
    asyncio.run(_serve(*(int(each) for each in sys.argv[1:4])))
