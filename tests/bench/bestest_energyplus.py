"""The same four BESTEST cases on EnergyPlus and the same weather file: what the weather makes of the ranges.

    python -m tests.bench.bestest_energyplus [WEATHER.epw]

needs the `energyplus` extra. The ranges of ASHRAE 140-2020 belong to its own weather file; a program that
is itself
in those ranges shows how far another file moves them.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.bench.bestest import CASES, default_weather

Layer = tuple[str, float, float, float, float]
"""Name, thickness m, conductivity W/(m K), density kg/m³, specific heat J/(kg K)."""
SIDING: Layer = ("Siding", 0.009, 0.14, 530, 900)
WALLS: dict[str, list[Layer]] = {
    "light": [SIDING, ("Fibreglass", 0.066, 0.04, 12, 840), ("Plaster", 0.012, 0.16, 950, 840)],
    "heavy": [SIDING, ("Foam", 0.0615, 0.04, 10, 1400), ("Block", 0.100, 0.51, 1400, 1000)],
}
ROOF: list[Layer] = [
    ("Deck", 0.019, 0.14, 530, 900),
    ("Roof fibreglass", 0.1118, 0.04, 12, 840),
    ("Ceiling", 0.010, 0.16, 950, 840),
]
FLOORS: dict[str, tuple[Layer, float]] = {
    "light": (("Timber", 0.025, 0.14, 650, 1200), 25.075),
    "heavy": (("Slab", 0.080, 1.13, 1400, 1000), 25.175),
}
"""The inner layer, and the resistance beneath it, m² K/W. ASHRAE 140-2020, tables 7-2 and 7-28."""

SURFACES = {
    "South": ("Wall", "Walls", ((0, 0, 2.7), (0, 0, 0), (8, 0, 0), (8, 0, 2.7))),
    "East": ("Wall", "Walls", ((8, 0, 2.7), (8, 0, 0), (8, 6, 0), (8, 6, 2.7))),
    "North": ("Wall", "Walls", ((8, 6, 2.7), (8, 6, 0), (0, 6, 0), (0, 6, 2.7))),
    "West": ("Wall", "Walls", ((0, 6, 2.7), (0, 6, 0), (0, 0, 0), (0, 0, 2.7))),
    "Top": ("Roof", "Roofs", ((0, 6, 2.7), (0, 0, 2.7), (8, 0, 2.7), (8, 6, 2.7))),
    "Ground": ("Floor", "Floors", ((0, 0, 0), (0, 6, 0), (8, 6, 0), (8, 0, 0))),
}
HEATING = "Zone Ideal Loads Zone Sensible Heating Energy"
COOLING = "Zone Ideal Loads Zone Sensible Cooling Energy"

FIXED = f"""
Version,25.2;
Timestep,6;
SimulationControl,No,No,No,No,Yes;
Building,Cell,0,Country,0.04,0.4,FullExterior,25,6;
GlobalGeometryRules,UpperLeftCorner,CounterClockwise,World;
RunPeriod,Year,1,1,2005,12,31,2005,,No,No,No,Yes,Yes;
Site:GroundTemperature:BuildingSurface,10,10,10,10,10,10,10,10,10,10,10,10;
WindowMaterial:SimpleGlazingSystem,Glass,2.1,0.769;
Construction,Windows,Glass;
Zone,Cell,0,0,0,0,1,1,2.7,129.6;
ScheduleTypeLimits,Any;
Schedule:Constant,Always,Any,1;
Schedule:Constant,Cooling,Any,27;
Schedule:Constant,Dual,Any,4;
OtherEquipment,Gains,None,Cell,Always,EquipmentLevel,200,,,0,0.6,0;
ZoneInfiltration:DesignFlowRate,Leak,Cell,Always,AirChanges/Hour,,,,0.5,1,0,0,0;
ZoneControl:Thermostat,Thermostat,Cell,Dual,ThermostatSetpoint:DualSetpoint,Setpoints;
ThermostatSetpoint:DualSetpoint,Setpoints,Heating,Cooling;
ZoneHVAC:EquipmentConnections,Cell,Machines,Inlet,,Node,Outlet;
ZoneHVAC:EquipmentList,Machines,SequentialLoad,ZoneHVAC:IdealLoadsAirSystem,Ideal,1,1;
ZoneHVAC:IdealLoadsAirSystem,Ideal,,Inlet,,,90,-50,0.5,0.0001,NoLimit,,,NoLimit,,,,,None,1;
Output:Variable,*,{HEATING},Hourly;
Output:Variable,*,{COOLING},Hourly;
"""


def model(mass: str, *, setback: bool) -> str:
    """The case as an IDF."""
    floor, resistance = FLOORS[mass]
    layers = [*WALLS[mass], *ROOF, floor]
    lines = [FIXED, f"Material:NoMass,Beneath,Rough,{resistance},0.9,0.6,0.6;"]
    lines += [f"Material,{n},Rough,{t},{k},{d},{c},0.9,0.6,0.6;" for n, t, k, d, c in layers]
    lines.append(f"Construction,Walls,{','.join(layer[0] for layer in WALLS[mass])};")
    lines.append(f"Construction,Roofs,{','.join(layer[0] for layer in ROOF)};")
    lines.append(f"Construction,Floors,Beneath,{floor[0]};")
    for name, (kind, construction, corners) in SURFACES.items():
        outside = "Ground,,NoSun,NoWind" if kind == "Floor" else "Outdoors,,SunExposed,WindExposed"
        head = f"BuildingSurface:Detailed,{name},{kind},{construction},Cell,,{outside},autocalculate,4"
        lines.append(f"{head},{_corners(corners)};")
    for number, left in enumerate((0.5, 4.5)):
        pane = ((left, 0, 2.2), (left, 0, 0.2), (left + 3, 0, 0.2), (left + 3, 0, 2.2))
        head = f"FenestrationSurface:Detailed,W{number},Window,Windows,South,,autocalculate,,1,4"
        lines.append(f"{head},{_corners(pane)};")
    day = "Until: 7:00,10,Until: 23:00,20,Until: 24:00,10" if setback else "Until: 24:00,20"
    lines.append(f"Schedule:Compact,Heating,Any,Through: 12/31,For: AllDays,{day};")
    return "\n".join(lines)


def _corners(corners: Iterable[tuple[float, float, float]]) -> str:
    return ",".join(f"{x},{y},{z}" for x, y, z in corners)


def loads(eso: Path) -> tuple[list[float], list[float]]:
    """Hourly heating and cooling, J, from EnergyPlus's standard output file."""
    keys: dict[str, str] = {}
    found: dict[str, list[float]] = {HEATING: [], COOLING: []}
    for line in eso.read_text().splitlines():
        fields = line.split(",")
        for name in found:
            if name in line:
                keys[fields[0]] = name
        if len(fields) == 2 and fields[0] in keys:
            found[keys[fields[0]]].append(float(fields[1]))
    return found[HEATING], found[COOLING]


def main() -> int:
    """Print the four quantities of each case: MWh, MWh, kW, kW."""
    from pyenergyplus.api import EnergyPlusAPI

    weather = Path(sys.argv[1]) if len(sys.argv) > 1 else default_weather()
    for name, case in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            idf = Path(folder, "in.idf")
            idf.write_text(model("light" if name.startswith("6") else "heavy", setback=case.setback))
            api = EnergyPlusAPI()
            state = api.state_manager.new_state()
            api.runtime.set_console_output_status(state, False)
            failed = api.runtime.run_energyplus(state, ["-w", str(weather), "-d", folder, str(idf)])
            if failed:
                print(Path(folder, "eplusout.err").read_text(), file=sys.stderr)
                return 1
            heating, cooling = loads(Path(folder, "eplusout.eso"))
        sums = (sum(heating) / 3.6e9, sum(cooling) / 3.6e9, max(heating) / 3.6e6, max(cooling) / 3.6e6)
        print(name, *(f"{value:.3f}" for value in sums))
    return 0


if __name__ == "__main__":
    sys.exit(main())
