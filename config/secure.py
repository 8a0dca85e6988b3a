"""Our place on a BACnet/SC network: which hubs we go to, and by which certificates hub and we know each other."""

from __future__ import annotations

import re
from typing import Annotated, Final

from config.codes import Coded
from config.declared import After, field
from config.phrase import Phrase
from config.section import Section
from config.values import Misread

_URI: Final = re.compile(r"wss://(\[[0-9A-Fa-f:.]+\]|[^\s/@?#:\[\]]+)(:\d{1,5})?(/[^\s@?#]*)?")
VMAC: Final = r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}"
"""The address of a node (ASHRAE 135 §AB.1.5.2), as people write it: `02:1a:2b:3c:4d:5e`."""


def _uri(value: str) -> str:
    """A hub's URI, without anybody's password in it. Raises Misread."""
    if _URI.fullmatch(value):
        return value
    raise Misread(
        Coded("no-address", "this is no URI of a BACnet/SC hub", "这不是 BACnet/SC 集线器的 URI"),
        Phrase("write wss://host:port; BACnet/SC is never without TLS", "写成 wss://主机:端口；BACnet/SC 一律使用 TLS"),
    )  # fmt: skip


class SecureConnect(Section):
    """BACnet/SC (ASHRAE 135 annex AB): the primary hub and the one for when that is away, and our certificates.

    The files are PEM, beside the site file; the building's certificate authority makes them. They are read again when they change.
    """

    hub: Annotated[str, After(_uri)]
    failover: Annotated[str, After(_uri)] | None = None
    ca: str = field(min_length=1)
    certificate: str = field(min_length=1)
    key: str = field(min_length=1)


def is_vmac(address: str | None) -> bool:
    """Whether an address is a node's on BACnet/SC."""
    return address is not None and re.fullmatch(VMAC, address) is not None


def behind_hub(sc: SecureConnect | None, address: str | None) -> bool:
    """Whether a device is on BACnet/SC: where there is a hub, one that is looked for, or is at a VMAC."""
    return sc is not None and (address is None or is_vmac(address))
