"""What a device's answers have taught us about asking it, as it is kept over a restart: how long it takes, how much at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from drivers.bacnet.peer import NO_LIMIT, Peer
from drivers.care.late import LONGEST


class Learnt(NamedTuple):
    """Of one device. Whoever is found in its place with other looks is not asked so."""

    looks: str
    """What it said of itself when this was learnt: vendor, model, longest APDU, services."""
    waits: float = 0.0
    """Seconds for which it is waited, longer than the site file says; 0: it is not."""
    at_most: int = NO_LIMIT
    names_at_most: int = NO_LIMIT
    slots_singly: bool = False
    texts_by_index: bool = False
    """As `drivers.bacnet.peer.Peer` has them."""
    singly: bool = False
    """It was found to take no request for many, though it says that it does."""


def learnt(peer: Peer[Any]) -> dict[str, Any]:
    """What is to be kept of a device, JSON-ready: only what differs from any other; empty where nothing does."""
    late = peer.stated is not None and peer.target.timeout > peer.stated
    found = Learnt(
        repr(peer.looks), peer.target.timeout if late else 0.0, peer.at_most, peer.names_at_most,
        peer.slots_singly, peer.texts_by_index, not peer.rpm and peer.many.shunned,
    )  # fmt: skip
    usual = Learnt(found.looks)
    return {} if found == usual else found._asdict()


def restored(saved: Mapping[str, Any]) -> Learnt | None:
    """From what `learnt` gave; None for what is not so, from whatever hand."""
    try:
        found = Learnt(**saved)
        numbers = (found.waits, found.at_most, found.names_at_most)
        if not all(isinstance(n, int | float) and math.isfinite(n) and n >= 0 for n in numbers):
            return None
    except TypeError:
        return None
    return found._replace(
        waits=min(found.waits, LONGEST),
        at_most=max(1, int(found.at_most)),
        names_at_most=max(1, int(found.names_at_most)),
    )


def take_up(peer: Peer[Any], known: Learnt, now: float) -> None:
    """Ask a device as an earlier run had learnt to; how long it is waited for is not said here."""
    peer.at_most, peer.names_at_most = known.at_most, known.names_at_most
    peer.slots_singly, peer.texts_by_index = bool(known.slots_singly), bool(known.texts_by_index)
    if known.singly and peer.rpm:
        peer.rpm = False
        peer.many.shun(now)
