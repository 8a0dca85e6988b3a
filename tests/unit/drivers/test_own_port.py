"""bacpypes3 speaks to itself where a device has our own port on loopback: said so, instead of asking nobody."""

from __future__ import annotations

from ipaddress import IPv4Interface

import pytest

from drivers.bacnet.bac0.link import _not_ourselves
from drivers.protocol import Misconfigured


@pytest.mark.parametrize(
    ("ours", "device"),
    [("127.0.0.1/8", "127.0.0.11:47809"), ("10.0.0.5/24", "10.0.0.5:47809")],
)
def test_a_device_on_our_own_port_is_refused(ours: str, device: str) -> None:
    """Another address of loopback, or the very address that we bind."""
    with pytest.raises(Misconfigured, match="has our own UDP port, 47809"):
        _not_ourselves(IPv4Interface(ours), 47809, [None, device])


def test_a_device_elsewhere_is_none_of_ours() -> None:
    """The same port on another machine, another port on ours, a device known by its instance only."""
    _not_ourselves(IPv4Interface("10.0.0.5/24"), 47808, [None, "10.0.0.6", "10.0.0.5:47809", "2001:5"])
