"""What a unit of each carrier stands for in standard coal and in CO₂; a site may replace any of them, by a file.

Each with its basis (口径) and source, since provinces and years differ: a figure without them compares with nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from config.phrase import Phrase, same
from config.problems import nearest
from supervisor.ledger.late import Wrong
from supervisor.ledger.tables import BadTable, rows


class Coefficient(NamedTuple):
    """`value` in `unit`; `basis` (口径) says what it counts, `source` where it stands."""

    value: float
    unit: str
    basis: Phrase
    source: Phrase


Table: TypeAlias = Mapping[str, Coefficient]
HEAD: Final = "name,value,unit,basis,source"
_GB = Phrase("GB/T 2589-2020, annex A", "GB/T 2589-2020 附录 A")
_MEE = Phrase(
    "Ministry of Ecology and Environment, National Bureau of Statistics, notice 47 of 2025 (year 2023)",
    "生态环境部 国家统计局 2025 年第 47 号公告（2023 年数据）",
)
_OURS = Phrase("our choice: replace it by the local reference prices", "本程序取值，请按当地参考单价替换")
_EQUIVALENT = Phrase("equivalent value", "当量值")
_POWER = Phrase(
    "equivalent value (some provinces count 0.31, the equal value)", "当量值（部分省市用等价值 0.31）"
)
_GAS = Phrase(
    "equivalent value, oil-field gas (gas-field gas is 1.2143)", "当量值，油田天然气（气田天然气为 1.2143）"
)
_LOW = Phrase("lowest usual price", "参考单价下限")
_HIGH = Phrase("highest usual price", "参考单价上限")
DEFAULTS: Final[Table] = MappingProxyType(
    {
        "electricity_kgce": Coefficient(0.1229, "kgce/kWh", _POWER, _GB),
        "heat_kgce": Coefficient(34.12, "kgce/GJ", _EQUIVALENT, _GB),
        "cold_kgce": Coefficient(34.12, "kgce/GJ", Phrase("equivalent value, by heat", "当量值，按热量"), _GB),
        "gas_kgce": Coefficient(1.33, "kgce/m³", _GAS, _GB),
        "petrol_kgce": Coefficient(1.4714, "kgce/kg", _EQUIVALENT, _GB),
        "diesel_kgce": Coefficient(1.4571, "kgce/kg", _EQUIVALENT, _GB),
        "petrol_density": Coefficient(
            0.73, "kg/L", Phrase("No. 92 petrol, near 20 °C", "92 号汽油，20 °C 近似值"),
            Phrase("GB 17930 (720–775 kg/m³)", "GB 17930（密度 720–775 kg/m³）"),
        ),
        "diesel_density": Coefficient(
            0.84, "kg/L", Phrase("No. 0 diesel, near 20 °C", "0 号柴油，20 °C 近似值"),
            Phrase("GB 19147 (810–845 kg/m³)", "GB 19147（密度 810–845 kg/m³）"),
        ),
        "electricity_co2": Coefficient(0.5306, "kgCO₂/kWh", Phrase("national mean", "全国平均"), _MEE),
        "electricity_co2_north": Coefficient(0.6361, "kgCO₂/kWh", Phrase("North China", "华北"), _MEE),
        "electricity_co2_northeast": Coefficient(0.5122, "kgCO₂/kWh", Phrase("Northeast China", "东北"), _MEE),
        "electricity_co2_east": Coefficient(0.5500, "kgCO₂/kWh", Phrase("East China", "华东"), _MEE),
        "electricity_co2_central": Coefficient(0.5271, "kgCO₂/kWh", Phrase("Central China", "华中"), _MEE),
        "electricity_co2_northwest": Coefficient(0.5543, "kgCO₂/kWh", Phrase("Northwest China", "西北"), _MEE),
        "electricity_co2_south": Coefficient(0.4042, "kgCO₂/kWh", Phrase("South China", "南方"), _MEE),
        "electricity_co2_southwest": Coefficient(0.2472, "kgCO₂/kWh", Phrase("Southwest China", "西南"), _MEE),
        "electricity_price_low": Coefficient(0.3, "CNY/kWh", _LOW, _OURS),
        "electricity_price_high": Coefficient(1.5, "CNY/kWh", _HIGH, _OURS),
        "water_price_low": Coefficient(1.5, "CNY/m³", _LOW, _OURS),
        "water_price_high": Coefficient(12.0, "CNY/m³", _HIGH, _OURS),
        "gas_price_low": Coefficient(1.5, "CNY/m³", _LOW, _OURS),
        "gas_price_high": Coefficient(6.0, "CNY/m³", _HIGH, _OURS),
        "heat_price_low": Coefficient(20.0, "CNY/GJ", _LOW, _OURS),
        "heat_price_high": Coefficient(150.0, "CNY/GJ", _HIGH, _OURS),
        "petrol_price_low": Coefficient(5.0, "CNY/L", _LOW, _OURS),
        "petrol_price_high": Coefficient(12.0, "CNY/L", _HIGH, _OURS),
        "diesel_price_low": Coefficient(5.0, "CNY/L", _LOW, _OURS),
        "diesel_price_high": Coefficient(12.0, "CNY/L", _HIGH, _OURS),
    }
)  # fmt: skip
"""Values as provinces used them in 2025; `source` is where each is said to stand and is to be checked there."""


def co2_of(region: str, table: Table) -> Coefficient:
    """The factor of a region's grid; its own rows of a site's file count as ours do."""
    return table["electricity_co2" if region == "national" else f"electricity_co2_{region}"]


def replaced(path: Path) -> dict[str, Coefficient]:
    """The defaults, with what a CSV file (name,value,unit,basis,source) says instead. Raises OSError, BadTable.

    The unit is not ours to change: a row in another one would be taken for a figure a thousand times as large.
    """
    found, wrong, seen = dict(DEFAULTS), [], dict[str, int]()
    for number, cells in rows(path, HEAD):
        row = cells if isinstance(cells, Wrong) else _row(number, cells, seen)
        if isinstance(row, Wrong):
            wrong.append(row)
        else:
            name, coefficient = row
            seen[name], found[name] = number, coefficient
    if not seen and not wrong:
        wrong.append(Wrong(0, Phrase("no coefficient in it", "其中没有系数")))
    if wrong:
        raise BadTable(path, wrong)
    return found


def _row(number: int, cells: list[str], seen: Mapping[str, int]) -> tuple[str, Coefficient] | Wrong:
    name, value, unit, basis, source = cells
    if name not in DEFAULTS:
        near = nearest(name, DEFAULTS)
        meant = Phrase(f"did you mean `{near}`?", f"是否指 `{near}`？") if near else Phrase(
            f"there are {', '.join(DEFAULTS)}", f"可用：{'、'.join(DEFAULTS)}")  # fmt: skip
        return Wrong(
            number, Phrase(f"`{name}` is no coefficient: {meant.en}", f"没有系数 `{name}`：{meant.zh}")
        )
    if name in seen:
        return Wrong(number, Phrase(
            f"`{name}` stands in line {seen[name]} already", f"`{name}` 已见于第 {seen[name]} 行"
        ))  # fmt: skip
    try:
        amount = float(value)
    except ValueError:
        amount = math.nan
    if not 0 < amount < 1000:
        return Wrong(number, Phrase(
            f"`{value}` is no coefficient: a number above 0 and below 1000", f"`{value}` 不是系数，应为 0 至 1000 之间的数"
        ))  # fmt: skip
    if _plain(unit) != _plain(DEFAULTS[name].unit):
        return Wrong(number, Phrase(
            f"`{unit}`: `{name}` is in {DEFAULTS[name].unit}", f"`{unit}`：`{name}` 的单位应为 {DEFAULTS[name].unit}"
        ))  # fmt: skip
    if not (basis and source):
        return Wrong(
            number, Phrase("without basis or source it compares with nothing", "缺少口径或来源，无从比较")
        )
    return name, Coefficient(amount, DEFAULTS[name].unit, same(basis), same(source))


def _plain(unit: str) -> str:
    """A unit as any keyboard writes it."""
    return unit.replace("³", "3").replace("₂", "2").replace("元", "cny").replace(" ", "").lower()
