"""What was consumed in a period: by meter, by part, by carrier, in coal and CO₂, per m² and per head.

Pure: bookings and counts of readings go in, figures come out. Every figure says how much of it is estimated and how many
of the readings that should have come have come.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from config.phrase import Phrase
from config.site import MeterSpec, Site
from config.subitems import SUBITEMS, carrier
from supervisor.ledger import tree
from supervisor.ledger.coefficients import DEFAULTS, Coefficient
from supervisor.ledger.periods import Period

ENOUGH: Final = 0.9
"""Completeness below which a figure never stands without its mark."""
KWH, GJ = 3.6e6, 1e9
L: Final = 1000.0
"""Litres in a cubic metre."""
CARRIERS: Final[Mapping[str, tuple[str, float, Phrase]]] = {
    "electricity": ("kWh", 1 / KWH, Phrase("electricity", "电力")),
    "water": ("m³", 1.0, Phrase("water", "水")),
    "gas": ("m³", 1.0, Phrase("gas", "天然气")),
    "heat": ("GJ", 1 / GJ, Phrase("heat", "热力")),
    "cold": ("GJ", 1 / GJ, Phrase("cold", "冷量")),
    "petrol": ("L", L, Phrase("petrol", "汽油")),
    "diesel": ("L", L, Phrase("diesel", "柴油")),
}
"""Unit, units in one J or m³, and name of each carrier."""


class Figure(NamedTuple):
    """`amount` in J or m³, `estimated` of it; `completeness` of its readings, NaN where none were expected.

    `rows`: bookings that it is made of. None of them: it is not known, and no zero.
    """

    amount: float = 0.0
    estimated: float = 0.0
    completeness: float = math.nan
    rows: int = 0

    @property
    def marked(self) -> bool:
        """It must not stand without its mark: too few readings."""
        return not self.completeness >= ENOUGH

    def plus(self, other: Figure, sign: float = 1.0) -> Figure:
        """Sum or difference; as complete as the less complete of the two."""
        both = [c for c in (self.completeness, other.completeness) if not math.isnan(c)]
        return Figure(
            self.amount + sign * other.amount,
            self.estimated + other.estimated,
            min(both) if both else math.nan,
            self.rows + other.rows,
        )


def figure(rows: Iterable[Mapping[str, Any]], received: int, expected: int, of: Period) -> Figure:
    """A meter's figure of a period.

    `rows`: its bookings that touch the period. One that reaches beyond counts by its share of time, which is the rule by
    which what was not read is split, and is estimated then.
    """
    amount, estimated, count = 0.0, 0.0, 0
    for row in rows:
        start, end = row["start"], row["end"]
        inside = min(end, of.end) - max(start, of.start)
        if inside <= 0 and end > start:
            continue
        whole = inside >= end - start
        part = row["amount"] if whole else row["amount"] * inside / (end - start)
        amount, count = amount + part, count + 1
        if row["estimated"]:
            estimated += part
    return Figure(amount, estimated, min(1.0, received / expected) if expected > 0 else math.nan, count)


def expected(meter: MeterSpec, of: Period, now: float) -> int:
    """Readings that should have come: one an interval, until now."""
    return max(0, math.floor((min(of.end, now) - of.start) / meter.interval))


class Balance(NamedTuple):
    """A meter, what those beneath it count together, and what is left: `rest` is nobody's.

    `allowed`: by how much they may count more, by their classes.
    """

    meter: str
    above: Figure
    beneath: Figure
    allowed: float = 0.0

    @property
    def known(self) -> bool:
        """Both sides are."""
        return self.above.rows > 0 and self.beneath.rows > 0

    @property
    def rest(self) -> float:
        """What is counted above and not beneath, J or m³."""
        return self.above.amount - self.beneath.amount

    @property
    def wrong(self) -> bool:
        """The meters beneath count more than this one, by more than their classes allow and more than 0.01 kWh."""
        least = 0.01 * KWH if self.above.amount > 1e4 else 0.01
        return self.known and self.rest < -max(self.allowed, least)


def balances(site: Site, figures: Mapping[str, Figure]) -> list[Balance]:
    """Each meter that has others beneath it. One beneath of which nothing is known makes the sum unknown."""
    found = []
    for id_, meter in site.meters.items():
        children = tree.weighed(site, id_)
        if not children:
            continue
        beneath = total(figures[c.id] for c in children)
        if any(not figures[c.id].rows for c in children):
            beneath = beneath._replace(rows=0)
        allowed = meter.error * abs(figures[id_].amount)
        allowed += sum(c.error * abs(figures[c.id].amount) for c in children)
        found.append(Balance(id_, figures[id_], beneath, allowed))
    return found


def together(parts: Sequence[tuple[Figure, float]]) -> Figure:
    """A computed meter's figure: its parts, each with its sign. Not known where one of them is not."""
    found = Figure()
    for each, sign in parts:
        found = found.plus(each, sign)
    return Figure(completeness=found.completeness) if any(not each.rows for each, _ in parts) else found


def total(figures: Iterable[Figure]) -> Figure:
    """All of them together."""
    found = Figure()
    for each in figures:
        found = found.plus(each)
    return found


def by_carrier(site: Site, figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """What the building took of each carrier: the meters that stand beneath no other."""
    found: dict[str, Figure] = {}
    for meter in tree.counted(site):
        name = carrier(meter.subitem)
        found[name] = found.get(name, Figure()).plus(figures[meter.id])
    return found


def by_subitem(site: Site, figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """What each part took: its meters, but for those beneath another of the same part."""
    found: dict[str, Figure] = {}
    for meter in tree.counted_in_part(site):
        found[meter.subitem] = found.get(meter.subitem, Figure()).plus(figures[meter.id])
    return {name: found[name] for name in SUBITEMS if name in found}


def in_units(carrier_: str, amount: float) -> float:
    """An amount in J or m³, in the unit in which its carrier is told."""
    return amount * CARRIERS[carrier_][1]


def kgce(carrier_: str, amount: float, table: Mapping[str, Coefficient] = DEFAULTS) -> float:
    """Standard coal, kg (GB/T 2589). Water stands for none."""
    told = in_units(carrier_, amount)
    if carrier_ == "water":
        return 0.0
    density = table[f"{carrier_}_density"].value if carrier_ in ("petrol", "diesel") else 1.0
    return told * density * table[f"{carrier_}_kgce"].value


class Building(NamedTuple):
    """A building's figures of a period: carriers, coal (kgce), CO₂ of electricity (kg)."""

    carriers: Mapping[str, Figure]
    coal: float
    co2: float
    area_m2: float | None
    people: float | None

    def indicators(self) -> list[tuple[Phrase, float, str]]:
        """The national indicators that can be told: per m² and per head."""
        told = {name: in_units(name, f.amount) for name, f in self.carriers.items() if f.rows}
        found: list[tuple[Phrase, float, str]] = []
        if not told:
            return found
        if self.area_m2:
            found.append((Phrase("energy per area", "单位建筑面积能耗"), self.coal / self.area_m2, "kgce/m²"))
            if "electricity" in told:
                found.append(
                    (
                        Phrase("electricity per area", "单位建筑面积电耗"),
                        told["electricity"] / self.area_m2,
                        "kWh/m²",
                    )
                )
        if self.people:
            found.append((Phrase("energy per head", "人均综合能耗"), self.coal / self.people, "kgce/人"))
            if "water" in told:
                found.append((Phrase("water per head", "人均用水量"), told["water"] / self.people, "m³/人"))
        return found


def building(
    site: Site, figures: Mapping[str, Figure], table: Mapping[str, Coefficient] = DEFAULTS
) -> Building:
    """The whole building, of the figures of its meters."""
    carriers = by_carrier(site, figures)
    coal = sum(kgce(name, f.amount, table) for name, f in carriers.items())
    electricity = carriers.get("electricity", Figure())
    co2 = in_units("electricity", electricity.amount) * table["electricity_co2"].value
    return Building(carriers, coal, co2, site.area_m2, site.people)


def changed(now: float, before: float) -> float:
    """By what share something changed; NaN where there was nothing."""
    return (now - before) / before if before else math.nan


def doubts(days: Sequence[Figure], month: Figure) -> bool:
    """Whether the days of a month add up to something else than the month, by more than 5 % of it."""
    return abs(total(days).amount - month.amount) > 0.05 * abs(month.amount)
