"""What a period cost by the site file's tariff, out of the ledger's bookings."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from config.site import MeterSpec, Site
from config.subitems import carrier
from supervisor.ledger import tree
from supervisor.ledger.periods import Period
from supervisor.savings.tariff import Bill, KindOfDay, bill
from supervisor.store import readings

PRICED = ("electricity", "water", "gas", "heat", "cold")


def bills(connection: sa.Connection, site: Site, of: Period, kind: KindOfDay) -> dict[str, Bill]:
    """The building's bill of a period by carrier, of those that a tariff can price and of which anything was booked.

    Raises StoreProblem.
    """
    found = {}
    for name in PRICED:
        meters = [m for m in tree.counted(site) if carrier(m.subitem) == name]
        booked = [row for meter in meters for row in booked_of(connection, site, meter, of)]
        if booked:
            found[name] = bill(name, booked, site.tariff, site.tz, kind)
    return found


def booked_of(
    connection: sa.Connection, site: Site, meter: MeterSpec, of: Period, sign: float = 1.0
) -> Iterator[tuple[float, float, float]]:
    """A meter's bookings in a period, J or m³; of one that reaches beyond it the share of time within. Of a computed meter, its
    parts' with their signs."""
    for part, its in meter.of:
        yield from booked_of(connection, site, site.meters[part], of, sign * its)
    if meter.of:
        return
    for row in readings.booked(connection, meter.id, of.start, of.end):
        start, end = max(row["start"], of.start), min(row["end"], of.end)
        if end > start:
            yield start, end, sign * row["amount"] * (end - start) / (row["end"] - row["start"])
