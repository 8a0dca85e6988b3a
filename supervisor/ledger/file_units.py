"""What one of a file's figures is worth: the unit and the multiplier (倍率) that a heading, a title, a column or a message names. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from config.phrase import Phrase
from config.site import MeterSpec
from config.units import UNITS, Unit
from schedules.moments import NARROW
from supervisor.ledger import figures

_WORDS: Final = {
    "千瓦时": "kWh", "kwhr": "kWh", "kilowatthours": "kWh", "kilowatt-hours": "kWh", "千瓦小时": "kWh", "度": "kWh", "kw·h": "kWh", "kw.h": "kWh", "kw*h": "kWh", "兆瓦时": "MWh", "mw·h": "MWh", "瓦时": "Wh",
    "吉焦": "GJ", "百万千焦": "GJ", "兆焦": "MJ", "千焦": "kJ", "焦耳": "J", "m³": "m3", "㎥": "m3", "m^3": "m3", "nm3": "m3", "立方米": "m3",
    "立方": "m3", "方": "m3", "升": "L", "therms": "therm",
    **{name.lower(): name for name, unit in UNITS.items() if unit.base in ("J", "m3")},
}  # fmt: skip
"""Units as people write them, in small letters."""
_TEN_THOUSAND: Final = re.compile(r"(?:万|10\^?4|×10⁴)\s*")
_AS_A_UNIT: Final = re.compile(r"[0-9a-z]|瓦|焦|立方|吨|元|^度")
"""What behind 万 is a unit, if none of ours. Names begin with 万, too: 万宁市财政局."""
_TONS: Final = frozenset({"t", "吨"})
"""What a cubic metre of water weighs, and its bill says; of anything else a ton is no volume."""
_POWER: Final = Phrase("is power, and no energy: what is counted is kWh", "是功率，不是电量：应为 kWh")
_OTHER: Final = Phrase("is neither energy nor a volume", "既不是能量也不是体积")
_WEIGHT: Final = Phrase("is a weight, which is a volume of water alone", "是重量，只有水可按体积计")
_NO_UNIT_OF_OURS: Final = {
    **dict.fromkeys(("w", "kw", "mw", "瓦", "千瓦", "兆瓦", "kva", "kvar"), _POWER),
    **dict.fromkeys(("m3/h", "m³/h", "l/h", "l/s", "t/h"), Phrase("is a flow, and no volume", "是流量，不是体积")),
    **dict.fromkeys(("kvarh", "kvar·h", "kvah", "千乏时"), Phrase("is reactive or apparent energy", "是无功或视在电量")),
    **dict.fromkeys(("a", "v", "kv", "hz", "安", "伏", "℃", "°c", "%", "元", "cny", "¥", "kgce", "tce", "kg"), _OTHER),
}  # fmt: skip
_NO_RATIO: Final = frozenset({"", "/", "\\", "-", "--", "—", "——", "–", "无"})
"""What people write into a cell of multipliers where a meter has none."""
_RATIO: Final = re.compile(r"[×x*]?([^/:×x*倍]+?)a?(?:[/:]([^/:×x*倍]+?)a?)?(?:[×x*倍])?")
"""40, ×40, 40倍, 200/5, 200A/5A."""
_MOST: Final = 1e6
"""What current and voltage transformers multiply by at the most: 5000/5 A times 1100 kV/100 V is ten times that, and in no town hall."""


def unit_of(text: str, *, water: bool = False) -> Unit | Phrase | None:
    """The unit that a word is; why none of ours; None where it says nothing of units (`读数(总)`)."""
    plain = text.translate(NARROW).strip().lower().replace(" ", "").rstrip(".")
    many = _TEN_THOUSAND.match(plain)
    plain = plain[many.end() :] if many is not None else plain
    if plain in _TONS and not water:
        return None if text.strip() == "T" else _WEIGHT  # of all hours, on a register with tariffs
    plain = "m3" if plain in _TONS else plain
    if plain in _NO_UNIT_OF_OURS:
        return _NO_UNIT_OF_OURS[plain]
    found = UNITS.get(_WORDS.get(plain, ""))
    if found is None:
        of_many = many is not None and (
            not plain or many[0][0] != "万" or _AS_A_UNIT.search(plain) is not None
        )
        return Phrase("is no unit that is known", "不是已知的单位") if of_many else None
    return found._replace(scale=found.scale * (1e4 if many is not None else 1.0))


def multiplier(text: str) -> float | Phrase | None:
    """What a cell of multipliers says, over/under as transformers have it too (200/5 is 40); None where it says that there is none,
    or nothing; why it is no multiplier."""
    plain = text.translate(NARROW).strip().lower().replace(" ", "")
    if plain in _NO_RATIO:
        return None
    found = _RATIO.fullmatch(plain)
    over, under = (
        (figures.number(part or "1") for part in found.groups()) if found is not None else (None, None)
    )
    times = over / under if over is not None and under else 0.0
    if not 0 < times <= _MOST or (under != 1 and times < 1):
        return Phrase(
            f"`{text}` is no multiplier: write 40, or 200/5", f"`{text}` 不是倍率：请写成 40 或 200/5"
        )
    return times


def ratio_of(meter: MeterSpec, times: float | None) -> float:
    """By what a figure is multiplied, where its file says so (`times`) or its point has a factor."""
    if times is not None:
        return times
    return meter.point.factor * (meter.point.counts or 1.0) if meter.point is not None else 1.0


def in_register(value: float, meter: MeterSpec, units: Sequence[str], said: str | None = None, times: float | None = None) -> float | Phrase:  # fmt: skip
    """A figure of a file in its meter's own unit. `units`: what the heading and the title say, of which the first that says anything
    of units holds (`读数(总)` does not, and 单位 is an organisation, too); `said`: what its own cell of units says, before them; `times`:
    its multiplier, after which it counts in the meter's unit, whatever `factor` its register on the wire has."""
    own = ratio_of(meter, None) if times is not None else 1.0
    value *= times if times is not None else 1.0
    water = meter.subitem == "water"
    text = next((each for each in (said or "", *units) if unit_of(each, water=water) is not None), "")
    found = unit_of(text, water=water)
    if found is None and meter.energy and meter.point is not None and not meter.point.unit:
        return Phrase(
            f"`{meter.id}` takes its unit from its device: say in the heading what the figures count in, value(kWh), or in the site file, `unit: kWh`",
            f"`{meter.id}` 的单位取自设备：请在表头写明读数单位，如 读数(kWh)，或在站点文件中写 `unit: kWh`",
        )
    if found is None and own != 1.0:
        return value / own
    if found is None:
        return value
    if isinstance(found, Phrase):
        return Phrase(
            f"`{text}` {found.en}, and `{meter.id}` is to have a register's figures",
            f"`{text}` {found.zh}；`{meter.id}` 需要的是表底读数",
        )
    if (found.base == "J") is not meter.energy:
        counts = Phrase("energy", "能量") if meter.energy else Phrase("a volume", "体积")
        where = Phrase("row", "该行") if text == said else Phrase("heading", "表头")
        return Phrase(
            f"the {where.en} says {text}, and `{meter.id}` counts {counts.en}",
            f"{where.zh}单位为 {text}，而 `{meter.id}` 计量的是{counts.zh}",
        )
    return value if found.scale == meter.scale else value * found.scale / meter.scale


def unit_worth(scale: float, *, energy: bool) -> str:
    """The unit of which one is so many J, or m³."""
    base, usual = ("J", "kWh") if energy else ("m3", "m3")
    known = (name for name, unit in UNITS.items() if unit.base == base and unit.scale == scale)
    return next(known, f"{scale / UNITS[usual].scale:g} {usual}")
