"""The building that the physics is told about: zones, terminals, air handlers, plant room, and their
defaults.

GB 55015-2021 is 《建筑节能与可再生能源利用通用规范》; its values are those for class A public buildings in
the hot summer, cold winter zone (夏热冬冷). A number marked "site choice" comes from no text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, NamedTuple, TypeAlias


class Mass(NamedTuple):
    """Heat capacity worked out from the layers (ISO 13790:2008, 12.3.1.2, 12.2.2) in place of a class."""

    capacity: float
    """C_m / A_f, J/(m² K)."""
    area: float
    """A_m / A_f, m²/m²."""


class MassClass(Enum):
    """ISO 13790:2008, table 12: heat capacity and effective mass area, each per m² of floor."""

    VERY_LIGHT = (80_000.0, 2.5)
    LIGHT = (110_000.0, 2.5)
    MEDIUM = (165_000.0, 2.5)
    HEAVY = (260_000.0, 3.0)
    VERY_HEAVY = (370_000.0, 3.5)

    @property
    def capacity(self) -> float:
        """C_m / A_f, J/(m² K)."""
        return self.value[0]

    @property
    def area(self) -> float:
        """A_m / A_f, m²/m²."""
        return self.value[1]


ORIENTATIONS = {
    "north": 0.0,
    "north-east": 45.0,
    "east": 90.0,
    "south-east": 135.0,
    "south": 180.0,
    "south-west": 225.0,
    "west": 270.0,
    "north-west": 315.0,
}
"""Azimuths of outward normals, degrees clockwise from north."""


@dataclass(frozen=True)
class Facade:
    """An outside wall with its windows."""

    azimuth: float
    """Of the outward normal, degrees clockwise from north."""
    area: float
    """Wall and window together, m²."""
    window_share: float = 0.4
    """Window area over `area`. Site choice; within the middle rows of GB 55015-2021 table 3.1.10."""


@dataclass(frozen=True)
class Envelope:
    """Thermal quality of what stands between inside and outside; a retrofit is a change here."""

    u_wall: float = 0.80
    """W/(m² K). GB 55015-2021 table 3.1.10, D > 2.5."""
    u_window: float = 2.20
    """W/(m² K). GB 55015-2021 table 3.1.10, window share 0.30 to 0.40."""
    u_roof: float = 0.40
    """W/(m² K). GB 55015-2021 table 3.1.10."""
    u_ground: float = 0.70
    """W/(m² K). GB 55015-2021 table 3.1.10, floor over outside air."""
    ground_factor: float = 0.5
    """Adjustment b for the ground's slower swing: ISO 13790:2008, 9.3.1; the value is a site choice."""
    ground: tuple[float, ...] | None = None
    """°C beneath the floor slab, January to December, in place of `ground_factor`: a slab that the building keeps warm."""
    shgc: float = 0.35
    """Solar heat gain coefficient of the window at normal incidence. GB 55015-2021 table 3.1.10."""
    frame: float = 0.2
    """Share of the window that is frame. ISO 13790:2008, 11.4.5, allows 0.2 or 0.3 by climate."""
    incidence: float = 0.9
    """F_w, mean over normal transmittance: ISO 13790:2008, 11.4.2, table. Used where `angular` is false."""
    angular: bool = False
    """True: direct sun by its angle, diffuse by 0.87, instead of `incidence` (see `sky`)."""
    shading: float = 0.8
    """F_sh, blinds and neighbours, fraction let through. Site choice."""
    absorptance: float = 0.6
    """Of the outside wall for sunlight. Site choice, medium colour; ISO 13790:2008, 11.3.4 leaves it national."""
    r_outside: float = 0.04
    """External surface resistance, m² K/W. ISO 6946."""
    emissivity: float = 0.9
    """Outside surfaces, long wave. ISO 13790:2008, 11.3.5 h_r = 5 epsilon."""
    mass: MassClass | Mass = MassClass.MEDIUM
    infiltration: float = 0.3
    """Air changes an hour, windows shut. Site choice, of the order of GB/T 7106-2019 class 6 windows."""
    surface_ratio: float = 4.5
    """Area of all inside surfaces over floor area: ISO 13790:2008, 7.2.2.2 assumes 4.5."""
    inner_capacity: float = 10_000.0
    """Air, furniture and papers, J/(m² K) of floor: ISO 52016-1:2017, table B.17."""


Heater: TypeAlias = Literal["gas", "heat_pump", "electric"]
"""What makes heat: a gas boiler, an air-source heat pump, or resistance."""
TerminalKind: TypeAlias = Literal["fcu", "vav", "vrf", "split", "none"]
"""Fan coil (plant room's water), VAV box (air handler's air, its water), VRF or split (own compressor)."""


@dataclass(frozen=True)
class Terminal:
    """What heats and cools a zone."""

    kind: TerminalKind = "fcu"
    cooling_capacity: float = 0.0
    """Sensible, W at rating. 0: sized by `Zone` at 130 W/m²."""
    heating_capacity: float = 0.0
    """W at rating. 0: sized by `Zone` at 90 W/m²."""
    cooling_cop: float = 3.6
    """VRF and split only. Site choice; GB 50189-2015 table 4.2.17 asks 3.80 to 4.00 of the seasonal IPLV(C)."""
    heating_cop: float = 3.2
    """VRF and split only. Site choice."""
    fan_power: float = 0.0
    """W while running. 0: 0.027 W per W of sensible cooling (GB/T 19232-2019, FP-68 against 30 Pa: 72 W
    for 3.6 kW,
    of which 2.7 kW sensible)."""
    minimum_off: float = 180.0
    """Seconds that a compressor of its own stays off once stopped; other kinds start at once. Site choice."""
    outdoor_air: float = 0.0
    """m³/h that a rooftop unit mixes in, untreated before its coils, while its fan runs."""
    gas_efficiency: float = 0.0
    """VRF and split only: of a gas furnace in place of the heat pump, by lower heating value. 0: there is none."""
    resistance: bool = False
    """VRF and split only: heats by resistance in place of the heat pump."""
    minimum_flow: float = 0.3
    """VAV only: least share of its air while it is open. ASHRAE 90.1-2016, G3.1.3.13; 1 where it cannot throttle."""
    fan_heat: float = 0.0
    """Share of the fan's power that warms the air. 0 where rated capacities are net of it, as catalogues give them. More than 1 only where
    a meter says that the fan takes less than what was felt of it."""

    @property
    def compressor(self) -> bool:
        """Has a compressor of its own."""
        return self.kind in ("vrf", "split")

    @property
    def throttled(self) -> bool:
        """A VAV box, which lets through as much air as its room asks for; not a room that is all its air handler's."""
        return self.kind == "vav" and self.minimum_flow < 1.0

    @property
    def water(self) -> bool:
        """Needs the plant room's water, directly or through its air handler."""
        return self.kind in ("fcu", "vav")


COOLING_INDEX = 130.0
"""W/m²: middle of the rule-of-thumb range 90 to 160 for offices in China's design handbooks. Site choice."""
HEATING_INDEX = 90.0
"""W/m²: likewise, 60 to 100. Site choice."""
SUPPLY_DIFFERENCE = 10.0
"""K between a room and the air that cools it: 26 °C less 16 °C. Within GB 50736-2012 table 7.4.10-2. Site choice."""
_HEAT_OF_AIR = 1206.0
"""J/(m³ K) at 20 °C and sea level, by which fans are sized."""


class Slab(NamedTuple):
    """A floor whose ground is felt at once, because what stores heat lies beneath the carpet: no part of the zone's mass."""

    conductance: float
    """W/K between the room, films included, and the ground."""
    temperature: float
    """Of the ground, °C, whatever the season."""


@dataclass(frozen=True)
class Zone:
    """One room or group of rooms at one temperature. Heat passes between zones through `Building.partitions` and within `Building.storeys` only."""

    id: str
    area: float
    """Floor, m²."""
    kind: str = "office"
    height: float = 3.0
    """Clear, m."""
    facades: tuple[Facade, ...] = ()
    roof_area: float = 0.0
    ground_area: float = 0.0
    """m² of floor on the ground whose heat passes through the mass of the room, as ISO 13790 has it."""
    slab: Slab | None = None
    """Of a floor on the ground that is not in `ground_area`."""
    envelope: Envelope = field(default_factory=Envelope)
    people_area: float = 10.0
    """m² a person when full. GB 55015-2021 appendix C, office."""
    lighting: float = 8.0
    """W/m². GB 55015-2021 table 3.3.7, ordinary office."""
    equipment: float = 15.0
    """W/m². GB 55015-2021 appendix C, office."""
    fresh_air: float = 30.0
    """m³ an hour and person from the air handler. GB 55015-2021 appendix C; GB 50736-2012 table 3.0.6-1."""
    openable: float = 0.3
    """Share of the window area that opens. GB 50189-2015, 3.2.8 asks for openings; site choice."""
    window_height: float = 1.5
    """Of an opening, m. Site choice."""
    terminal: Terminal = field(default_factory=Terminal)
    air_handler: str | None = None
    special: bool = False
    """Its equipment is metered as special use (特殊用电), as in a server room."""
    floor: int | None = None
    """On which it lies. Nothing follows from it by itself: see `Building.storeys`."""

    @classmethod
    def facing(
        cls, name: str, area: float, orientation: str, window_share: float = 0.4, **rest: object
    ) -> Zone:
        """A room with one outside wall: a square plan, so the wall is sqrt(area) long.

        Raises KeyError for an orientation that is not in `ORIENTATIONS`.
        """
        height = float(rest.get("height", 3.0))  # type: ignore[arg-type]  # validated by `problems`
        wall = Facade(ORIENTATIONS[orientation], math.sqrt(area) * height, window_share)
        return cls(id=name, area=area, facades=(wall,), **rest)  # type: ignore[arg-type]  # forwards keywords

    @property
    def people(self) -> float:
        """Persons when full."""
        return self.area / self.people_area

    @property
    def cooling_capacity(self) -> float:
        """Sensible, W at rating; 0 without a terminal."""
        if self.terminal.kind == "none":
            return 0.0
        return self.terminal.cooling_capacity or COOLING_INDEX * self.area

    @property
    def heating_capacity(self) -> float:
        """W at rating; 0 without a terminal."""
        if self.terminal.kind == "none":
            return 0.0
        return self.terminal.heating_capacity or HEATING_INDEX * self.area

    @property
    def box_air(self) -> float:
        """Air of a VAV box that is wide open, m³/h: what carries its cooling at `SUPPLY_DIFFERENCE`; 0 for others."""
        if self.terminal.kind != "vav":
            return 0.0
        return 3600.0 * self.cooling_capacity / (_HEAT_OF_AIR * SUPPLY_DIFFERENCE)

    @property
    def fan_power(self) -> float:
        """Of the terminal, W; a VAV box has no fan of its own: its air handler's moves its air."""
        if self.terminal.kind in ("none", "vav"):
            return 0.0
        return self.terminal.fan_power or 0.027 * self.cooling_capacity


@dataclass(frozen=True)
class AirHandler:
    """A fresh-air unit or an air handler that serves the zones that name it."""

    id: str
    specific_fan_power: float = 0.27
    """W per m³/h at full speed. GB 50189-2015 table 4.3.22, between fresh air 0.24 and office VAV 0.29."""
    heating_supply: float = 20.0
    """Supply air is warmed to this while the boiler runs, °C. Site choice."""
    recovery: float = 0.0
    """Sensible effectiveness of heat recovery, 0 to 1."""


@dataclass(frozen=True)
class CentralPlant:
    """Chiller, boiler, pumps and towers at rating; what they are told comes with `Commands.central`."""

    chiller_cop: float = 4.8
    """At 7 °C supply. GB 50189-2015 table 4.2.10: water-cooled screw, ≤ 528 kW, hot summer cold winter."""
    tower_share: float = 0.03
    """Tower fans, W per W of cooling. Site choice, of the order of GB/T 7190.1's 0.035 kW per m³/h."""
    heater: Heater = "gas"
    """What makes the hot water of fan coils, and of the other coils where they have no source of their own."""
    air_heater: Heater | None = None
    """What feeds the heating coils of air handlers. None: as `heater`."""
    reheat: Heater | None = None
    """What feeds the coils of VAV boxes. None: as `heater`."""
    boiler_efficiency: float = 0.90
    """By lower heating value. GB 50189-2015 table 4.2.5, gas, > 2 t/h."""
    heat_pump_cop: float = 3.0
    """At 7 °C outside and 45 °C water. Site choice."""
    pump_share: float = 0.035
    """All pumps at full speed, W per W of installed cooling. Site choice, after GB 50189-2015, 4.3.9."""
    pumps: int = 3
    """Equal pumps side by side, of which as many run as the load needs. Site choice."""


@dataclass(frozen=True)
class Services:
    """Lifts and water, which the ledger counts and nothing here controls."""

    power_standby: float = 0.2
    """W/m² of floor, always. Site choice."""
    power_per_person: float = 12.0
    """W a person present. Site choice."""
    water_per_person: float = 40.0
    """Litres a person and eight-hour day: middle of GB 50015-2019 table 3.2.2, offices, 30 to 50."""


class Partition(NamedTuple):
    """Walls between two zones, through which heat passes: ISO 13790:2008, 6.3.3, thermal coupling between zones."""

    one: str
    other: str
    """Names of zones."""
    conductance: float
    """W/K from room to room, both films included."""


class Storey(NamedTuple):
    """Rooms that lie side by side, and give heat to each other: by thin walls, open doors and the ways in between.

    Which room adjoins which is not asked: each exchanges heat with the mean of all. The default is that there is none.
    """

    zones: tuple[str, ...]
    """Names of zones, each of one storey."""
    conductance: float
    """W/K for each m² of floor, between a room and the mean of the storey's rooms by their area."""


@dataclass(frozen=True)
class Building:
    """Everything physical that does not change while the building runs."""

    zones: tuple[Zone, ...]
    air_handlers: tuple[AirHandler, ...] = ()
    central: CentralPlant = field(default_factory=CentralPlant)
    services: Services = field(default_factory=Services)
    partitions: tuple[Partition, ...] = ()
    storeys: tuple[Storey, ...] = ()
    altitude: float | None = None
    """m; None takes the weather's."""

    @property
    def area(self) -> float:
        """Floor of all zones, m²."""
        return sum(zone.area for zone in self.zones)
