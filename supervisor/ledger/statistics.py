"""What was consumed in a period: by meter, by part, by carrier, by organisation, in coal.

Pure: sums of bookings and counts of readings go in, figures come out. Every figure says how much of it is estimated, for
which causes, and how many of the readings that should have come have come.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from config.phrase import Phrase
from config.site import MeterSpec, Site
from config.subitems import SUBITEMS, carrier
from supervisor.ledger import tree
from supervisor.ledger.coefficients import DEFAULTS, Table
from supervisor.ledger.life import life
from supervisor.ledger.periods import Period
from supervisor.store.sums import Reaching, Sum

ENOUGH: Final = 0.9
"""Completeness below which a figure never stands without its mark."""
MARK: Final = "!"
KWH, GJ = 3.6e6, 1e9
COAL: Final = 29.307e6
"""J/kgce: GB/T 2589-2020, 7,000 kcal a kilogram."""
L: Final = 1000.0
"""Litres in a cubic metre."""
CARRIERS: Final[Mapping[str, tuple[str, float, Phrase]]] = {
    "electricity": ("kWh", KWH, Phrase("electricity", "电力")),
    "water": ("m³", 1.0, Phrase("water", "水")),
    "gas": ("m³", 1.0, Phrase("gas", "天然气")),
    "heat": ("GJ", GJ, Phrase("heat", "热力")),
    "cold": ("GJ", GJ, Phrase("cold", "冷量")),
    "petrol": ("L", 1 / L, Phrase("petrol", "汽油")),
    "diesel": ("L", 1 / L, Phrase("diesel", "柴油")),
}
"""Unit, J or m³ in one of it, and name of each carrier."""


class Figure(NamedTuple):
    """`amount` in J or m³, `estimated` of it; `completeness` of its readings, NaN where none were expected.

    `rows`: bookings that it is made of. None of them: it is not known, and no zero. `idle` of them were never booked: one for each meter
    that did not count then, which is known to be 0. `causes`: what of it was booked for which cause; `split` is what was not read at the
    period's ends, and was divided by time.

    `unbooked`: what the time that no booking covers would have added at the mean pace of the rest, J or m³; `overbooked`: the
    same of what is taken off. Neither is in the amount: they say how far it can be trusted.
    """

    amount: float = 0.0
    estimated: float = 0.0
    completeness: float = math.nan
    rows: int = 0
    causes: tuple[tuple[str, float], ...] = ()
    unbooked: float = 0.0
    overbooked: float = 0.0
    idle: int = 0

    @property
    def bookings(self) -> int:
        """The bookings of the ledger that it is made of, which one can look up."""
        return self.rows - self.idle

    @property
    def lacks(self) -> float:
        """The share of its whole that no booking covers."""
        return share_of(self.unbooked, self.amount)

    @property
    def marked(self) -> bool:
        """It must not stand without its mark: too few readings. Where none were to come yet, there is nothing to mark."""
        return self.completeness < ENOUGH

    def plus(self, other: Figure, sign: float = 1.0) -> Figure:
        """Sum or difference; as complete as the less complete of the two."""
        both = [c for c in (self.completeness, other.completeness) if not math.isnan(c)]
        return Figure(
            self.amount + sign * other.amount,
            self.estimated + other.estimated,
            min(both) if both else math.nan,
            self.rows + other.rows,
            _merged((*self.causes, *other.causes)),
            self.unbooked + (other.unbooked if sign > 0 else other.overbooked),
            self.overbooked + (other.overbooked if sign > 0 else other.unbooked),
            idle=self.idle + other.idle,
        )


def share_of(unbooked: float, amount: float) -> float:
    """What is unbooked as a share of the whole that it would make with what is booked."""
    return unbooked / (abs(amount) + unbooked) if unbooked > 0 else 0.0


_WHOLE: Final = 1 - 1e-6
"""A share of time above which nothing is missing: half a minute of a year is what adding up and a poll's own time leave."""


def _uncovered(amount: float, covered: float) -> float:
    """What the time that is not covered would add at the mean pace of the rest, J or m³."""
    return abs(amount) * (1 / covered - 1) if 0 < covered < _WHOLE else 0.0


SPLIT: Final = "split"
"""What a booking that reaches over a period's end is called: its share of time counts."""
GAP: Final = "gap"
"""What was estimated because readings came too rarely, short of silence."""


def figure(
    sums: Iterable[Sum], reaching: Iterable[Reaching], of: Period, completeness: float, covered: float = math.nan
) -> Figure:  # fmt: skip
    """A meter's figure of a period, of its bookings within it and of those that reach over its start or end. `covered`: the share
    of its time that they cover; NaN where nothing is asked of it.

    One that reaches beyond counts by its share of time, which is the rule by which what was not read is split, and is
    estimated then.
    """
    amounts, guesses, causes, rows = list[float](), list[float](), list[tuple[str, float]](), 0
    for each in sums:
        amounts.append(each.amount)
        rows += each.rows
        if each.estimated:
            guesses.append(each.amount)
        if each.cause or each.estimated:
            causes.append((each.cause or GAP, each.amount))
    for one in reaching:
        inside = min(one.end, of.end) - max(one.start, of.start)
        part = one.amount * inside / (one.end - one.start)
        amounts.append(part)
        guesses.append(part)
        causes.append((one.cause or (GAP if one.estimated else SPLIT), part))
        rows += 1
    amount = math.fsum(amounts)
    return Figure(
        amount, math.fsum(guesses), completeness, rows, _merged(causes), _uncovered(amount, covered)
    )


def no_less(whole: Figure, parts: Sequence[Figure]) -> Figure:
    """A period's figure whose parts are known: no less of it is unbooked than of them together, each at its own pace."""
    return whole._replace(unbooked=max(whole.unbooked, math.fsum(part.unbooked for part in parts)))


def _merged(causes: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    found: dict[str, list[float]] = {}
    for cause, amount in causes:
        found.setdefault(cause, []).append(amount)
    return tuple((cause, math.fsum(amounts)) for cause, amounts in found.items())


def covered(sums: Iterable[Sum], reaching: Iterable[Reaching], of: Period, until: float) -> float:
    """What share of a period, until an instant, lies between readings: completeness of a meter that is read by hand."""
    end = min(of.end, until)
    if end <= of.start:
        return math.nan
    seconds = sum(each.seconds for each in sums)
    seconds += sum(min(one.end, end) - max(one.start, of.start) for one in reaching)
    return max(0.0, min(1.0, seconds / (end - of.start)))


def lived(figure: Figure, meter: MeterSpec, of: Period, now: float, tz: ZoneInfo) -> Figure:
    """A meter's figure of a period, as complete as it is of that part of it in which it counted. Of a period in which it did not, nothing is
    known to be 0, and nothing is asked."""
    born, ended = life(meter, tz)
    if born <= of.start and ended >= of.end:
        return figure
    whole = min(of.end, now) - of.start
    part = min(of.end, now, ended) - max(of.start, born)
    if ended <= of.start or born >= of.end:
        idle = 0 if figure.rows else 1
        return figure._replace(rows=figure.rows + idle, idle=idle, completeness=math.nan)
    if part <= 0 or whole <= 0:
        return figure._replace(completeness=math.nan, unbooked=0.0)
    share = figure.completeness * whole / part
    return figure._replace(
        completeness=share if math.isnan(share) else min(1.0, share),
        unbooked=_uncovered(figure.amount, (1 - figure.lacks) * whole / part),
    )


def expected(of: Period, until: float, interval: float) -> int:
    """Readings that should have come of a period until an instant: one an interval, s."""
    return max(0, math.floor((min(of.end, until) - of.start) / interval))


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


def organisation_of(site: Site, meter: MeterSpec) -> str | None:
    """Who uses what a meter counts: as it says, or else as the one above it."""
    above: MeterSpec | None = meter
    while above is not None and above.organisation is None:
        above = site.meters.get(above.parent) if above.parent is not None else None
    return above.organisation if above is not None else None


def by_organisation(site: Site, figures: Mapping[str, Figure]) -> dict[str, dict[str, Figure]]:
    """What each organisation took of each carrier: where a meter of another stands beneath one of its own, less that one."""
    found: dict[str, dict[str, Figure]] = {name: {} for name in site.organisations}
    for meter in site.meters.values():
        above = site.meters.get(meter.parent) if meter.parent is not None else None
        user, kind = organisation_of(site, meter), carrier(meter.subitem)
        if tree.view(site, meter) and user is not None:
            # what others count, given to somebody: it is taken off where those count it
            moved = [(organisation_of(site, site.meters[part]), part, -sign) for part, sign in meter.of]
            for name, id_, sign in [(user, meter.id, 1.0), *moved]:
                if name in found:
                    found[name][kind] = found[name].get(kind, Figure()).plus(figures[id_], sign)
            continue
        user_above = organisation_of(site, above) if above is not None else None
        if user == user_above:
            continue
        for name, sign in ((user, 1.0), (user_above, -1.0)):
            if name in found:
                found[name][kind] = found[name].get(kind, Figure()).plus(figures[meter.id], sign)
    return found


def in_units(carrier_: str, amount: float) -> float:
    """An amount in J or m³, in the unit in which its carrier is told."""
    return amount / CARRIERS[carrier_][1]


def told(carrier_: str, figure: Figure) -> str:
    """A figure to the hundredth with its unit, and its mark where it lacks readings: 1500.00 kWh !"""
    said = f"{in_units(carrier_, figure.amount):.2f} {CARRIERS[carrier_][0]}"
    return f"{said} {MARK}" if figure.marked else said


def kgce(carrier_: str, amount: float, table: Table = DEFAULTS) -> float:
    """Standard coal, kg (GB/T 2589). Water stands for none."""
    told = in_units(carrier_, amount)
    if carrier_ == "water":
        return 0.0
    density = table[f"{carrier_}_density"].value if carrier_ in ("petrol", "diesel") else 1.0
    return told * density * table[f"{carrier_}_kgce"].value


def heat(carrier_: str) -> float | None:
    """J of one J or m³ of a carrier: of fuels by their standard coal (GB/T 2589 reckons it from their net heating value); None of water."""
    if carrier_ == "water":
        return None
    return kgce(carrier_, 1.0) * COAL if CARRIERS[carrier_][1] <= 1.0 else 1.0


def changed(now: float, before: float) -> float:
    """By what share something changed; NaN where there was nothing."""
    return (now - before) / before if before else math.nan
