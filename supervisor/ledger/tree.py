"""The tree of meters: which stand above which, which are computed from others, and what is counted once.

Pure. A computed meter (`of: [+main, -tenant]`) is its parts added up, and as complete, as sure and as known as the least of
them. Without a parent it is only a view, unless its parts name it as theirs: then it stands for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from config.site import MeterSpec, Site

T = TypeVar("T")


def beneath(site: Site, meter: str) -> list[MeterSpec]:
    """The meters that name another as the one above them."""
    return [m for m in site.meters.values() if m.parent == meter]


def weighed(site: Site, meter: str) -> list[MeterSpec]:
    """The meters beneath another that it is weighed against: not those that are computed from itself."""
    return [m for m in beneath(site, meter) if all(part != meter for part, _ in m.of)]


def in_order(site: Site) -> Iterator[MeterSpec]:
    """Computed meters, each after those that it is computed from."""
    done: set[str] = set()

    def visit(meter: MeterSpec) -> Iterator[MeterSpec]:
        if meter.id in done:
            return
        done.add(meter.id)
        for part, _ in meter.of:
            yield from visit(site.meters[part])
        if meter.virtual:
            yield meter

    for meter in site.meters.values():
        yield from visit(meter)


def computed(
    site: Site, known: Mapping[str, T], add: Callable[[Sequence[tuple[T, float]]], T]
) -> dict[str, T]:
    """What is known of the meters that are read, and what follows for the others, in the order of the file."""
    found = dict(known)
    for meter in in_order(site):
        found[meter.id] = add([(found[part], sign) for part, sign in meter.of])
    return {id_: found[id_] for id_ in site.meters if id_ in found}


def view(site: Site, meter: MeterSpec) -> bool:
    """Whether a meter only shows what others count: computed, beneath no other, and nobody's meter above it."""
    return meter.virtual and meter.parent is None and not beneath(site, meter.id)


def counted(site: Site) -> list[MeterSpec]:
    """The meters that together are what the building took: those beneath no other, but for computed ones that only show
    what others count."""
    return [m for m in site.meters.values() if m.parent is None and not view(site, m)]


def counted_in_part(site: Site) -> list[MeterSpec]:
    """The meters that together are what each part took: those beneath no other of the same part, but for computed ones
    whose own parts are of it already."""
    found = []
    for meter in site.meters.values():
        above = site.meters.get(meter.parent) if meter.parent is not None else None
        if above is not None and above.subitem == meter.subitem:
            continue
        if meter.virtual and _shown_twice(site, meter):
            continue
        found.append(meter)
    return found


def _shown_twice(site: Site, meter: MeterSpec) -> bool:
    parts = [site.meters[part] for part, sign in meter.of if sign > 0]
    same = [part for part in parts if part.subitem == meter.subitem]
    return bool(same) and not all(part.parent == meter.id for part in same)
