"""What a device says of itself, believed where it is what is known of it, or where it was said twice in a row.

One falsified answer must neither end all writing to a device, nor be taken for what it is from its first day on. Pure.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from supervisor.field.register import Likeness

ROUNDS: Final = 6
"""How often a device is asked again about what it said otherwise before; a site choice. Where every second answer is falsified
in a way of its own, one object in a hundred is still open then."""

_LOOKS: Final = ""
"""Stands for vendor and model among the objects."""


class Agreed:
    """Readings of one device's looks and names, put together. `known` is what it was, None: it was never seen."""

    def __init__(self, known: Likeness | None) -> None:
        self._known: dict[str, Hashable] = {}
        if known is not None:
            self._known = {_LOOKS: (known.vendor_id, known.model), **known.names}
        self._looks = known or Likeness(0, "", {})
        self._last: dict[str, Hashable] = {}
        self._settled: dict[str, Hashable] = {}

    def hear(self, found: Likeness, gone: frozenset[str]) -> None:
        """A reading: its looks, names of some of its objects, and those that it says are not there."""
        if _LOOKS not in self._settled:
            self._looks = found
        self._take(_LOOKS, (found.vendor_id, found.model))
        for key, name in found.names.items():
            self._take(key, name)
        for key in gone:
            self._take(key, None)

    def _take(self, key: str, said: Hashable) -> None:
        if key in self._settled:
            return
        known = key in self._known and self._known[key] == said
        if known or (key in self._last and self._last[key] == said):
            self._settled[key] = said
        self._last[key] = said

    @property
    def open(self) -> frozenset[str]:
        """Objects to be asked about again; with an empty name where the looks are."""
        return frozenset(self._last.keys() - self._settled.keys())

    @property
    def result(self) -> tuple[Likeness, frozenset[str]]:
        """What is believed, once nothing is open: the device, and which objects it does not have."""
        objects = {key: said for key, said in self._settled.items() if key != _LOOKS}
        names = {key: str(said) for key, said in objects.items() if said is not None}
        return self._looks._replace(names=names), frozenset(k for k, said in objects.items() if said is None)
