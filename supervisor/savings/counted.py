"""Which meters' sum is the building's energy. A file of its own, without numpy: a daemon draws a trial by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from config.saving import Savings
from config.site import MeterSpec, Site
from config.subitems import carrier
from config.trial import Trial
from supervisor.ledger import tree


def counted(site: Site, spec: Savings | Trial) -> list[MeterSpec]:
    """The meters whose sum is the building's energy: those named, else the electricity meters that the ledger's total is the sum of,
    without computed ones that only show what others count."""
    if spec.meters:
        return [site.meters[name] for name in spec.meters if name in site.meters]
    return [m for m in tree.counted(site) if carrier(m.subitem) == "electricity"]


def registers(site: Site, meter: MeterSpec) -> Iterator[str]:
    """The meters that are read, of one that may be computed."""
    if not meter.of:
        yield meter.id
    for part in meter.of:
        yield from registers(site, site.meters[part.meter])


def rested(site: Site, meter: MeterSpec) -> Callable[[date], bool]:
    """Whether none of the registers that a meter is made of counted on a day, by the site file."""
    read = [site.meters[name] for name in registers(site, meter)]
    return lambda day: all(
        (m.since is not None and day < m.since) or (m.until is not None and day > m.until) for m in read
    )


def gone(site: Site, spec: Savings | Trial) -> tuple[str, ...]:
    """Meters that were named once, of which the site file knows nothing any more: `counted` is without them."""
    return tuple(name for name in spec.meters if name not in site.meters)
