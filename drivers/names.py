"""What both stacks share of reading Object_Names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from drivers.base import Address, Answer, Target
from drivers.refusals import of_silence

OCTETS: Final = 48
"""Octets of an answer set aside for one name: 14 of frame and a name of up to 34; longer ones shrink the batch."""


def at_once(max_apdu: int, at_most: int) -> int:
    """How many names to ask for in one request."""
    return max(1, min(max_apdu // OCTETS, at_most))


def in_order(target: Target, addresses: Sequence[Address], found: Mapping[Address, Answer]) -> list[Answer]:
    """The answers as they were asked for; those that did not come say so. Raises Silent if none came."""
    silence = of_silence(target.device, target.timeout)
    if addresses and not found:
        raise silence
    return [found.get(a) or Answer(a, None, False, silence) for a in addresses]
