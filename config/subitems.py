"""The parts of the ledger: what is metered, by carrier and by use, with the codes of the data centres."""

from __future__ import annotations

from typing import Final, NamedTuple

from config.phrase import Phrase


class Subitem(NamedTuple):
    """A part of the ledger. `code`: as data centres of public buildings number it; `carrier`: what flows."""

    carrier: str
    code: str
    name: Phrase
    energy: bool = True
    """Counted in J; otherwise in m³."""


SUBITEMS: Final[dict[str, Subitem]] = {
    "total": Subitem("electricity", "01000", Phrase("electricity", "总用电")),
    "lighting_socket": Subitem("electricity", "01A00", Phrase("lighting and sockets", "照明插座用电")),
    "hvac": Subitem("electricity", "01B00", Phrase("air conditioning", "空调用电")),
    "power": Subitem("electricity", "01C00", Phrase("power: lifts, pumps, fans", "动力用电")),
    "special": Subitem("electricity", "01D00", Phrase("special: server rooms, kitchens", "特殊用电")),
    "lighting_socket_room": Subitem(
        "electricity", "01A10", Phrase("room lighting and sockets", "照明与插座")
    ),
    "corridor_lighting": Subitem(
        "electricity", "01A20", Phrase("corridor and emergency lighting", "走廊与应急照明")
    ),
    "outdoor_lighting": Subitem("electricity", "01A30", Phrase("outdoor lighting", "室外景观照明")),
    "hvac_station": Subitem("electricity", "01B10", Phrase("chiller and heating station", "冷热站")),
    "hvac_terminals": Subitem("electricity", "01B20", Phrase("air conditioning terminals", "空调末端")),
    "lifts": Subitem("electricity", "01C10", Phrase("lifts", "电梯")),
    "pumps": Subitem("electricity", "01C20", Phrase("pumps", "水泵")),
    "fans": Subitem("electricity", "01C30", Phrase("fans", "通风机")),
    "server_room": Subitem("electricity", "01D10", Phrase("server room", "信息中心")),
    "water": Subitem("water", "02000", Phrase("water", "用水"), energy=False),
    "gas": Subitem("gas", "03000", Phrase("gas", "天然气"), energy=False),
    "heat": Subitem("heat", "04000", Phrase("heat", "集中供热量")),
    "cold": Subitem("cold", "05000", Phrase("cold", "集中供冷量")),
    "petrol": Subitem("petrol", "10000", Phrase("petrol", "汽油"), energy=False),
    "diesel": Subitem("diesel", "12000", Phrase("diesel", "柴油"), energy=False),
}
"""Codes as running centres have them; second level (01B10 and on): from running implementations, not from the text."""


def counts_energy(subitem: str) -> bool:
    """Whether a part is counted in J; otherwise in m³."""
    return SUBITEMS[subitem].energy


def carrier(subitem: str) -> str:
    """What flows through a meter of a part."""
    return SUBITEMS[subitem].carrier
