"""The national indicators of a building, or of an organisation in it: per m² and per head.

Names as the plans for public institutions have them (“十四五”公共机构节约能源资源工作规划: 单位建筑面积能耗, 人均综合能耗,
人均用水量, 单位建筑面积碳排放) and as quotas of energy use do (单位建筑面积非供暖能耗, 单位建筑面积电耗, 单位供暖建筑面积供暖能耗).
Figures are of the period, not reckoned up to a year.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from config.dated import Dated
from config.phrase import Phrase
from config.site import Site
from config.subitems import carrier
from schedules.time import instant_of, local_date
from supervisor.ledger import tree
from supervisor.ledger.coefficients import DEFAULTS, Table, co2_of
from supervisor.ledger.periods import Period
from supervisor.ledger.statistics import Figure, by_carrier, by_organisation, in_units, kgce

PER_AREA: Final = Phrase("energy per area", "单位建筑面积能耗")
NOT_HEATING: Final = Phrase("non-heating energy per area", "单位建筑面积非供暖能耗")
ELECTRICITY: Final = Phrase("electricity per area", "单位建筑面积电耗")
HEATING: Final = Phrase("heating energy per heated area", "单位供暖建筑面积供暖能耗")
CO2: Final = Phrase("CO₂ of electricity per area", "单位建筑面积用电碳排放")
PER_HEAD: Final = Phrase("energy per head", "人均综合能耗")
WATER: Final = Phrase("water per head", "人均用水量")
_KGCE_M2: Final = Phrase("kgce/m²", "kgce/m²")
_KGCE_HEAD: Final = Phrase("kgce/head", "kgce/人")


class Indicator(NamedTuple):
    """`value` in `unit`. `marked`: it is made of a figure that lacks readings."""

    name: Phrase
    value: float
    unit: Phrase
    marked: bool


class Whole(NamedTuple):
    """A building's or an organisation's figures of a period: by carrier, coal (kgce), CO₂ of electricity (kg).

    `heating`: kgce of the coal that heated it; None where no meter counts that. Areas (m²) and heads are means over the
    period by time; None where nobody has told them.
    """

    carriers: Mapping[str, Figure]
    coal: float
    heating: Figure | None
    heating_coal: float
    co2: float
    area: float | None
    heated: float | None
    people: float | None
    unbooked: float = 0.0
    """kgce that the time which no booking covers would add at the mean pace of the rest; not in `coal`."""
    overbooked: float = 0.0
    """The same of what is taken off."""

    @property
    def known(self) -> bool:
        """Anything of it is known."""
        return any(figure.rows for figure in self.carriers.values())

    @property
    def energy_marked(self) -> bool:
        """Its coal is made of a figure that lacks readings."""
        return any(figure.marked for name, figure in self.carriers.items() if name != "water")

    @property
    def energy_known(self) -> bool:
        """Any of its energy is known."""
        return any(figure.rows for name, figure in self.carriers.items() if name != "water")

    def indicators(self) -> list[Indicator]:
        """Those that can be told."""
        return [*self._per_area(), *self._per_head()]

    def _per_area(self) -> Iterator[Indicator]:
        if self.area and self.energy_known:
            mark = self.energy_marked
            yield Indicator(PER_AREA, self.coal / self.area, _KGCE_M2, mark)
            yield Indicator(NOT_HEATING, (self.coal - self.heating_coal) / self.area, _KGCE_M2, mark)
        electricity = self.carriers.get("electricity", Figure())
        if self.area and electricity.rows:
            power = in_units("electricity", electricity.amount) / self.area
            yield Indicator(ELECTRICITY, power, Phrase("kWh/m²", "kWh/m²"), electricity.marked)
            yield Indicator(CO2, self.co2 / self.area, Phrase("kgCO₂/m²", "kgCO₂/m²"), electricity.marked)
        if self.heated and self.heating is not None and self.heating.rows:
            yield Indicator(HEATING, self.heating_coal / self.heated, _KGCE_M2, self.heating.marked)

    def _per_head(self) -> Iterator[Indicator]:
        if self.people and self.energy_known:
            yield Indicator(PER_HEAD, self.coal / self.people, _KGCE_HEAD, self.energy_marked)
        water = self.carriers.get("water", Figure())
        if self.people and water.rows:
            yield Indicator(
                WATER, in_units("water", water.amount) / self.people, Phrase("m³/head", "m³/人"), water.marked
            )


def whole(
    site: Site, figures: Mapping[str, Figure], of: Period, until: float, table: Table = DEFAULTS
) -> Whole:
    """The whole building, of the figures of its meters in a period, up to an instant."""
    heating, coal = _heating(site, figures, table)
    return _whole(
        site, by_carrier(site, figures), table, heating, coal,
        *(mean(each, of, until, site.tz) for each in (site.area_m2, site.heated_m2, site.people)),
    )  # fmt: skip


def organisations(
    site: Site, figures: Mapping[str, Figure], of: Period, until: float, table: Table = DEFAULTS
) -> dict[str, Whole]:
    """The same of each organisation. What of it heats is not told apart."""
    return {
        name: _whole(
            site, carriers, table, None, kgce("heat", carriers.get("heat", Figure()).amount, table),
            mean(site.organisations[name].area_m2, of, until, site.tz), None,
            mean(site.organisations[name].people, of, until, site.tz),
        )
        for name, carriers in by_organisation(site, figures).items()
    }  # fmt: skip


def _whole(
    site: Site, carriers: Mapping[str, Figure], table: Table, heating: Figure | None, heating_coal: float,
    area: float | None, heated: float | None, people: float | None,
) -> Whole:  # fmt: skip
    coal = math.fsum(kgce(name, figure.amount, table) for name, figure in carriers.items())
    power = in_units("electricity", carriers.get("electricity", Figure()).amount)
    co2 = power * co2_of(site.statistics.region, table).value
    lacks = (
        math.fsum(kgce(name, getattr(figure, of), table) for name, figure in carriers.items())
        for of in ("unbooked", "overbooked")
    )
    return Whole(carriers, coal, heating, heating_coal, co2, area, heated, people, *lacks)


def _heating(site: Site, figures: Mapping[str, Figure], table: Table) -> tuple[Figure | None, float]:
    """What heats the building, as a figure (its amounts are of several carriers: for its mark only), and in kgce."""
    found, coal = None, 0.0
    for meter in site.meters.values():
        above = site.meters.get(meter.parent) if meter.parent is not None else None
        if meter.heating and not (above is not None and above.heating) and not tree.view(site, meter):
            found = (found or Figure()).plus(figures[meter.id])
            coal += kgce(carrier(meter.subitem), figures[meter.id].amount, table)
    return found, coal


def mean(history: Dated, of: Period, until: float, tz: ZoneInfo) -> float | None:
    """The mean of a history over a period by time, up to an instant; over the part of it of which it is told."""
    end = max(min(of.end, until), of.start + 1.0)
    steps = list(history.since(local_date(of.start, tz), local_date(end - 1e-3, tz) + timedelta(days=1)))
    parts = []
    for n, (first, value) in enumerate(steps):
        begins = max(instant_of(first, 0, tz), of.start)
        ends = instant_of(steps[n + 1][0], 0, tz) if n + 1 < len(steps) else end
        if value is not None:
            parts.append((value, ends - begins))
    seconds = sum(part for _, part in parts)
    return sum(value * part for value, part in parts) / seconds if seconds > 0 else None
