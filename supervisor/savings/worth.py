"""What a saving of electricity is worth: kWh, standard coal, CO₂ and money."""

from __future__ import annotations

from typing import NamedTuple

from config.phrase import Phrase
from supervisor.ledger.coefficients import DEFAULTS, Table, co2_of
from supervisor.ledger.statistics import KWH, kgce


class Worth(NamedTuple):
    """kWh, kgce, kgCO₂, CNY; `cny` None where no price is told."""

    kwh: float
    kgce: float
    kgco2: float
    cny: float | None

    @property
    def said(self) -> Phrase:
        """In one line."""
        en = f"{self.kwh:.0f} kWh, {self.kgce:.0f} kgce, {self.kgco2:.0f} kgCO₂"
        if self.cny is None:
            return Phrase(en, en.replace(", ", "，"))
        return Phrase(f"{en}, {self.cny:.0f} CNY", f"{en.replace(', ', '，')}，{self.cny:.0f} 元")


def worth(joules: float, region: str = "national", price: float | None = None, table: Table = DEFAULTS) -> Worth:  # fmt: skip
    """Of so much electricity; `price` is the mean of what was paid over the same days, CNY/kWh.

    A baseline does not know at what hour its energy would have been used: a saving is worth what the building pays on average.
    """
    kwh = joules / KWH
    return Worth(
        kwh,
        kgce("electricity", joules, table),
        kwh * co2_of(region, table).value,
        None if price is None else kwh * price,
    )
