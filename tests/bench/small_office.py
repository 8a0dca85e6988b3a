"""The reference small office as the built-in plant is told of it, from the numbers of the EnergyPlus model.

Every number stands in RefBldgSmallOfficeNew2004_Chicago.idf of pyenergyplus-lbnl 26.1, or follows from its layers as the
comment beside it says. What the built-in plant has no notion of (attic, eaves, infiltration that goes with the fans) is given by the nearest thing it knows.
"""

from __future__ import annotations

from dataclasses import replace

from simulator.plant.building import Building, Envelope, Facade, Mass, Partition, Terminal, Zone

HEIGHT = 3.05
WALL = {"south": 84.45, "east": 56.30, "north": 84.45, "west": 56.30}
"""m² of outside wall, windows included."""
GLASS = {"south": 6 * 2.79 + 3.91, "east": 4 * 2.79, "north": 6 * 2.79, "west": 4 * 2.79}
"""m²."""
FLOOR = {"core": 149.66, "east": 67.30, "north": 113.45, "south": 113.45, "west": 67.30}
PEOPLE = {"core": 8.0, "east": 4.0, "north": 6.0, "south": 6.0, "west": 4.0}
"""As in the site file."""
AZIMUTH = {"south": 180.0, "east": 90.0, "north": 0.0, "west": 270.0}
AIR_EACH = 36.0
"""m³/h of outdoor air for each of the model's people: 0.01 m³/s."""
AREA_EACH = 18.58
"""m² a person, by which the model sizes its outdoor air."""
LEAK = 0.000302 * 3600.0
"""m³/h through each m² of outside wall while the fans are off."""
OFF_HOURS = 0.595
"""Mean of the model's infiltration schedule: a quarter on workdays 6 to 22 and Saturdays 6 to 18, else whole."""
GROUND = (19.527, 19.502, 19.536, 19.598, 20.002, 21.640, 22.225, 22.375, 21.449, 20.121, 19.802, 19.633)
"""°C beneath the slab, January to December: Site:GroundTemperature:BuildingSurface."""
INNER = {"south": 53.95, "east": 25.80, "north": 53.95, "west": 25.80}
"""m² of partition between core and side."""
BETWEEN = 2.39
"""W/(m² K): two gypsum boards of 12.7 mm, films 0.26: 0.419 m² K/W."""
FAN = {"core": 520.0, "east": 418.0, "north": 440.0, "south": 425.0, "west": 409.0}
"""W, as sized by EnergyPlus for the model's own design days."""

COOLING = {"core": 6758.0, "east": 5174.0, "north": 5676.0, "south": 5261.0, "west": 5308.0}
"""W, sensible at rating: total capacity by sensible heat ratio, as sized by EnergyPlus."""
HEATING = {"core": 14029.0, "east": 9666.0, "north": 11600.0, "south": 10895.0, "west": 9625.0}
"""W, likewise."""

ENVELOPE = Envelope(
    u_wall=0.69,  # 25 mm stucco, 203 mm concrete, 49.5 mm insulation, 12.7 mm gypsum, films 0.17: 1.45 m² K/W
    u_window=2.5,  # 3.236 with the films of a winter gale (5.5 m/s); in a city's wind the films make it this
    u_roof=0.19,  # ceiling to attic: 237 mm insulation between two gypsum boards, films 0.21: 5.2 m² K/W
    u_ground=2.36,  # 102 mm concrete, carpet 0.2165 m² K/W, film 0.13: 0.424 m² K/W
    ground=GROUND,
    shgc=0.39,
    frame=0.0,  # the U-value and SHGC are those of the whole window
    angular=True,
    shading=0.8,  # the eaves, 0.6 m deep: EnergyPlus lets in 0.8 of the sun that falls on these windows without them
    absorptance=0.92,
    # 150 mm of wood, twice the floor, of which ISO 13790 counts 100 mm (130 kJ/m²), and the boards.
    mass=Mass(145_000.0, 2.1),
    surface_ratio=5.5,  # floor, ceiling, walls on all sides, and the furniture's two
)


def building() -> Building:
    """Five zones, each with a rooftop unit: single-speed DX coil, gas furnace, a fan that runs with it."""
    sides = tuple(Partition("core", side, BETWEEN * area) for side, area in INNER.items())
    corners = tuple(Partition(a, b, BETWEEN * 21.57) for a in ("north", "south") for b in ("east", "west"))
    return Building(tuple(_zone(name) for name in sorted(FLOOR)), partitions=sides + corners)


def _zone(name: str) -> Zone:
    area = FLOOR[name]
    wall = WALL.get(name, 0.0)
    facades = (Facade(AZIMUTH[name], wall, GLASS[name] / wall),) if wall else ()
    leak = LEAK * wall / (area * HEIGHT) * OFF_HOURS
    return Zone(
        name,
        area,
        height=HEIGHT,
        facades=facades,
        roof_area=area,
        ground_area=area,
        envelope=replace(ENVELOPE, infiltration=leak),
        people_area=area / PEOPLE[name],
        lighting=10.76,
        equipment=10.76,
        terminal=Terminal(
            "split",
            cooling_cop=3.667,
            gas_efficiency=0.8,
            cooling_capacity=COOLING[name],
            heating_capacity=HEATING[name],
            fan_power=FAN[name],
            fan_heat=1.0,
            minimum_off=0.0,
            outdoor_air=AIR_EACH * area / AREA_EACH,
        ),
    )
