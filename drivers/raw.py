"""What a device answers, as it answers: octets, refusals and silence, for a recording that can be played again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

Item: TypeAlias = tuple[int, int]
"""An object: BACnet's number of its type, and its instance."""
Kind: TypeAlias = Literal["value", "other", "error", "reject", "abort", "silence"]
"""`value`: the property's octets. `other`: an acknowledgement that is about something else, whole. The rest as ASHRAE 135 §20.1.2."""


class Raw(NamedTuple):
    """One answer: its octets, or class and code of an error, or the reason; and the seconds that it took."""

    kind: Kind
    octets: bytes = b""
    numbers: tuple[int, ...] = ()
    seconds: float = 0.0


@runtime_checkable
class RawReader(Protocol):
    """What a reader can besides: hand over answers as they are. A device is called by its name or its instance. Neither raises
    but for a device that it does not know."""

    async def raw(self, device: str, item: Item, number: int, index: int | None = None) -> Raw:
        """One property by ReadProperty."""

    async def raw_many(self, device: str, wanted: Sequence[tuple[Item, Sequence[int]]]) -> Raw:
        """Several by ReadPropertyMultiple; a `value`'s octets are the whole acknowledgement."""
