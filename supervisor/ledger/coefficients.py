"""What a unit of each carrier stands for in standard coal and in CO₂; a site may replace any of them, by a file.

Each with its basis (口径) and source, since provinces and years differ: a figure without them compares with nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple


class Coefficient(NamedTuple):
    """`value` in `unit`; `basis` says what it counts, `source` where it stands."""

    value: float
    unit: str
    basis: str
    source: str


_GB = "GB/T 2589-2020"
_MEE = "生态环境部 国家统计局 2025 年第 47 号公告（2023 年数据）"
DEFAULTS: Final[Mapping[str, Coefficient]] = MappingProxyType(
    {
        "electricity_kgce": Coefficient(0.1229, "kgce/kWh", "当量值", _GB),
        "heat_kgce": Coefficient(34.12, "kgce/GJ", "当量值", _GB),
        "cold_kgce": Coefficient(34.12, "kgce/GJ", "当量值，按热量", _GB),
        "gas_kgce": Coefficient(1.33, "kgce/m³", "气田天然气 1.2143，油田天然气 1.33", _GB),
        "petrol_kgce": Coefficient(1.4714, "kgce/kg", "当量值", _GB),
        "diesel_kgce": Coefficient(1.4571, "kgce/kg", "当量值", _GB),
        "petrol_density": Coefficient(
            0.73, "kg/L", "92 号汽油，20 °C 近似值", "GB 17930（密度 720–775 kg/m³）"
        ),
        "diesel_density": Coefficient(
            0.84, "kg/L", "0 号柴油，20 °C 近似值", "GB 19147（密度 810–845 kg/m³）"
        ),
        "electricity_co2": Coefficient(0.5306, "kgCO₂/kWh", "全国平均", _MEE),
        "electricity_co2_north": Coefficient(0.6361, "kgCO₂/kWh", "华北", _MEE),
        "electricity_co2_northeast": Coefficient(0.5122, "kgCO₂/kWh", "东北", _MEE),
        "electricity_co2_east": Coefficient(0.5500, "kgCO₂/kWh", "华东", _MEE),
        "electricity_co2_central": Coefficient(0.5271, "kgCO₂/kWh", "华中", _MEE),
        "electricity_co2_northwest": Coefficient(0.5543, "kgCO₂/kWh", "西北", _MEE),
    }
)
"""Values as provinces used them in 2025; `source` is where each is said to stand and is to be checked there."""


def replaced(path: Path) -> dict[str, Coefficient]:
    """The defaults, with what a CSV file (name,value,unit,basis,source) says instead. Raises OSError, ValueError."""
    found = dict(DEFAULTS)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.reader(lines), 1):
            if not row or row[0].startswith("#") or row[0] == "name":
                continue
            try:
                name, value, unit, basis, source = (cell.strip() for cell in row)
                number_ = float(value)
            except ValueError:
                raise ValueError(f"{path}, line {number}: five cells: name,value,unit,basis,source") from None
            if name not in DEFAULTS:
                raise ValueError(f"{path}, line {number}: `{name}` is none of {', '.join(DEFAULTS)}")
            if not 0 < number_ < 1000:
                raise ValueError(f"{path}, line {number}: {value} is no coefficient")
            found[name] = Coefficient(number_, unit, basis, source)
    return found
