"""What a site asks of the wire, and whether its stack and its slowest trunks can give it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from config.site import DeviceSpec, Site
from drivers.care.pacing import ROUTED, network
from supervisor.field.watch import COV_BACKSTOP

BAC0_VALUES: Final = 2_000.0
"""Values a second for which `stack: bac0` is good: a fifth of one core, so that the rules and the page have
the rest. Measured by `make bench-wire` on bacpypes3 0.0.110: 28 µs of processor a value where 63 come with one request, that is
1.8 ms a request; some 90 µs a value with the 20 that an MS/TP device can answer at once."""

A_BATCH: Final = 20
"""Values that one request brings where nothing is known of the device: 480 octets of APDU (ASHRAE 135 §6.1)."""


class Trunk(NamedTuple):
    """What is asked of a device, or of the devices of one network behind a router: requests a second, and the cap."""

    name: str
    asked: float
    cap: float


def values_a_second(site: Site) -> float:
    """Values a second by the periods in the site file. Where changes are reported instead, polls are fewer, but
    each change is a datagram of its own."""
    return sum(1.0 / point.poll for point in site.points.values())


def outgrown(site: Site) -> float | None:
    """Values a second that are more than `stack: bac0` is good for; None where it is not chosen, or enough."""
    asked = values_a_second(site)
    return asked if site.bacnet.stack == "bac0" and asked > BAC0_VALUES else None


def overloaded(site: Site) -> Iterator[Trunk]:
    """Slow trunks whose polls need more requests a second than their cap, batches taken for granted."""
    asked: dict[str, float] = {}
    caps: dict[str, list[float]] = {}
    for device in site.devices.values():
        number = network(device.address)
        name = device.id if number is None else f"network {number}"
        own = [device.requests_per_second] if device.requests_per_second is not None else []
        if number is None and not own:
            continue
        caps.setdefault(name, []).extend(own)
        rate = sum(_rate(device, p.poll) for p in site.points.values() if p.device == device.id)
        asked[name] = asked.get(name, 0.0) + rate / A_BATCH
    for name, rate in asked.items():
        cap = min(caps[name], default=ROUTED)
        if rate > cap:
            yield Trunk(name, rate, cap)


def _rate(device: DeviceSpec, poll: float) -> float:
    return 1.0 / (poll * (COV_BACKSTOP if device.cov else 1))
