"""What a saving is worth: in its own unit, in standard coal, CO₂ and money."""

from __future__ import annotations

import math
from typing import NamedTuple

from config.phrase import Phrase
from supervisor.ledger.coefficients import DEFAULTS, Table, co2_of
from supervisor.ledger.statistics import KWH, in_units, kgce
from supervisor.savings.written import whole


class Worth(NamedTuple):
    """`kwh` of energy (NaN of what is counted in m³), kgce, kgCO₂ (NaN of other carriers than electricity: no factor stands here),
    CNY; None where no price is told."""

    kwh: float
    kgce: float
    kgco2: float
    cny: float | None

    @property
    def said(self) -> Phrase:
        """Coal, CO₂ and money in one line."""
        en, zh = [f"{whole(self.kgce)} kgce"], [f"折标准煤 {whole(self.kgce)} kgce"]
        if not math.isnan(self.kgco2):
            en.append(f"{whole(self.kgco2)} kgCO₂")
            zh.append(f"{whole(self.kgco2)} kgCO₂")
        if self.cny is not None:
            en.append(f"{whole(self.cny)} CNY by the mean price paid")
            zh.append(f"按同期平均单价 {whole(self.cny)} 元")
        return Phrase(", ".join(en), "，".join(zh))


def worth(
    amount: float, region: str = "national", price: float | None = None, table: Table = DEFAULTS, carrier: str = "electricity"
) -> Worth:  # fmt: skip
    """Of so much, J or m³; `price` is the mean of what was paid over the same days, CNY a unit.

    A baseline does not know at what hour its energy would have been used: a saving is worth what the building pays on average.
    """
    units = in_units(carrier, amount)
    return Worth(
        amount / KWH if carrier in ("electricity", "heat", "cold") else math.nan,
        kgce(carrier, amount, table),
        units * co2_of(region, table).value if carrier == "electricity" else math.nan,
        None if price is None else units * price,
    )
