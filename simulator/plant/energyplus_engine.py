"""EnergyPlus in a process of its own, for its state is the process's: commanded and read once a zone step.

`python -m simulator.plant.energyplus_engine run SPEC.json FD` runs a prepared model and talks over the socket FD:
first a line of JSON, `{"ready": true}` or the problems; then for each step of the run period it takes the commands as
float64s and gives the observations as float64s (`Layout` has the order). Empty commands, or the socket's end, stop it.
`… convert MODEL.idf FOLDER` writes the model as epJSON into the folder.

Commands are set at the beginning of the zone step, before its heat balance, so that gains and machines of that very
step go by them; meters are read at its end, after reporting, when they hold the energy of the whole step.
"""

from __future__ import annotations

import json
import socket
import sys
from array import array
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

WEATHER_RUN = 3
"""`kind_of_sim` of a run period with weather, as against design days."""
READS = (
    "Zone Mean Air Temperature",
    "Zone Operative Temperature",
    "Zone Air Humidity Ratio",
    "Zone Air CO2 Concentration",
    "Zone Air System Sensible Heating Rate",
    "Zone Air System Sensible Cooling Rate",
    "Zone Lights Electricity Rate",
    "Zone Electric Equipment Electricity Rate",
)
"""Of each zone, in this order: °C, °C, kg/kg, ppm, W, W, W, W."""
METERS = (
    ("cooling", ("Cooling:Electricity", "HeatRejection:Electricity")),
    ("heating", ("Heating:Electricity", "Humidification:Electricity")),
    ("fans", ("Fans:Electricity", "HeatRecovery:Electricity")),
    ("pumps", ("Pumps:Electricity",)),
    ("gas", ("Heating:NaturalGas", "Heating:Propane", "Heating:FuelOilNo1", "Heating:FuelOilNo2")),
)
"""Of the building, after the zones, J over the step. What no zone of ours has (outside lights, hot water) is left out."""
COMMANDS = ("people", "window", "lights", "equipment", "on", "air", "heat_to", "cool_to")
"""Of each zone, in this order: persons, m³/s of outdoor air, share, share, 0 or 1, 0 or 1 (its air loop is wanted),
°C, °C."""


class Engine:
    """One run. `spec` is what `EnergyPlusPlant` writes."""

    def __init__(self, spec: dict[str, Any], line: Connection) -> None:
        from pyenergyplus.api import EnergyPlusAPI

        self._spec, self._line = spec, line
        self._zones: list[dict[str, Any]] = spec["zones"]
        self._api = EnergyPlusAPI()
        self._state = self._api.state_manager.new_state()
        self._x = self._api.exchange
        self._reads: list[int] = []
        self._meters: list[list[int]] = []
        self._setters: list[dict[str, list[tuple[int, float]]]] = []
        self._loops: list[tuple[int, list[int]]] = []
        self._armed = self._closed = self._living = False
        self._last = b""
        """The commands in force: actuators keep what they were set to."""

    def run(self) -> int:
        """EnergyPlus's exit code; 0 too where it was stopped."""
        api, state = self._api, self._state
        api.runtime.set_console_output_status(state, False)
        for zone in self._zones:
            for name in READS:
                self._x.request_variable(state, name, zone["name"])
        api.runtime.callback_begin_zone_timestep_before_init_heat_balance(state, self._begin)
        api.runtime.callback_end_zone_timestep_after_zone_reporting(state, self._end)
        arguments = ["-w", self._spec["weather"], "-d", self._spec["folder"], self._spec["model"]]
        code = int(api.runtime.run_energyplus(state, arguments))
        return 0 if self._closed else code

    # ------------------------------------------------------------------ each step

    def _lives(self, state: Any) -> bool:
        return (
            self._x.api_data_fully_ready(state)
            and self._x.kind_of_sim(state) == WEATHER_RUN
            and not self._x.warmup_flag(state)
        )

    def _begin(self, state: Any) -> None:
        self._living = not self._closed and self._lives(state)
        if not self._living:
            return
        if not self._armed:
            self._arm(state)
        try:
            data = self._line.recv_bytes()
        except (EOFError, OSError):
            data = b""
        if not data:
            self._closed = True
            self._api.runtime.stop_simulation(state)
            return
        if data != self._last:
            self._last = data
            self._command(state, memoryview(data).cast("d"))

    def _command(self, state: Any, values: Sequence[float]) -> None:
        put, wide = self._x.set_actuator_value, len(COMMANDS)
        air = []
        for n, setters in enumerate(self._setters):
            row = values[n * wide : (n + 1) * wide]
            for name, value in zip(COMMANDS, row, strict=True):
                for handle, scale in setters.get(name, ()):
                    put(state, handle, value * scale)
            air.append(row[COMMANDS.index("air")])
        for handle, served in self._loops:
            put(state, handle, max(air[n] for n in served))

    def _end(self, state: Any) -> None:
        if not self._living or self._closed:
            return
        read, meter = self._x.get_variable_value, self._x.get_meter_value
        seen = array("d", (read(state, handle) for handle in self._reads))
        seen.extend(sum(meter(state, handle) for handle in group) for group in self._meters)
        try:
            self._line.send_bytes(seen)
        except OSError:
            self._closed = True
            self._api.runtime.stop_simulation(state)

    # ------------------------------------------------------------------ handles

    def _arm(self, state: Any) -> None:
        """Find every handle, once; tell the other side that we are ready, or what is not there."""
        x = self._x
        self._armed = True
        self._reads = [
            x.get_variable_handle(state, name, zone["name"]) for zone in self._zones for name in READS
        ]
        found = [[x.get_meter_handle(state, name) for name in names] for _, names in METERS]
        self._meters = [[handle for handle in group if handle >= 0] for group in found]
        self._setters = [self._setters_of(state, zone) for zone in self._zones]
        for loop in self._spec["loops"]:
            self._loops.append((self._schedule(state, loop["schedule"]), loop["zones"]))
        missing = [zone["name"] for zone in self._zones for name in READS
                   if x.get_variable_handle(state, name, zone["name"]) < 0]  # fmt: skip
        self._say({"ready": not missing, "missing": sorted(set(missing))})

    def _setters_of(self, state: Any, zone: dict[str, Any]) -> dict[str, list[tuple[int, float]]]:
        setters: dict[str, list[tuple[int, float]]] = {
            "window": [(self._schedule(state, zone["window"]), 1.0)],
            "on": [(self._schedule(state, zone["available"]), 1.0)],
        }
        people = zone["people"]
        setters["people"] = [
            (self._actuator(state, "People", "Number of People", name), 1.0 / len(people)) for name in people
        ]
        for key, kind, design in (
            ("lights", "Lights", "Lighting Power Design Level"),
            ("equipment", "ElectricEquipment", "Plug and Process Power Design Level"),
        ):
            setters[key] = [
                (self._actuator(state, kind, "Electricity Rate", name), self._level(state, design, name))
                for name in zone[key]
            ]
        if zone["conditioned"]:
            for key, what in (("heat_to", "Heating Setpoint"), ("cool_to", "Cooling Setpoint")):
                setters[key] = [(self._actuator(state, "Zone Temperature Control", what, zone["name"]), 1.0)]
        return {name: [pair for pair in pairs if pair[0] >= 0] for name, pairs in setters.items()}

    def _schedule(self, state: Any, name: str) -> int:
        return self._actuator(state, "Schedule:Constant", "Schedule Value", name)

    def _actuator(self, state: Any, kind: str, what: str, name: str) -> int:
        return int(self._x.get_actuator_handle(state, kind, what, name))

    def _level(self, state: Any, what: str, name: str) -> float:
        handle = self._x.get_internal_variable_handle(state, what, name)
        return float(self._x.get_internal_variable_value(state, handle)) if handle >= 0 else 0.0

    def _say(self, message: dict[str, Any]) -> None:
        self._line.send_bytes(json.dumps(message).encode())


def _convert(model: str, folder: str) -> int:
    from pyenergyplus.api import EnergyPlusAPI

    api = EnergyPlusAPI()
    state = api.state_manager.new_state()
    api.runtime.set_console_output_status(state, False)
    return int(api.runtime.run_energyplus(state, ["--convert-only", "-d", folder, model]))


def _run(spec: str, descriptor: int) -> int:
    line = Connection(socket.socket(fileno=descriptor).detach())
    code = Engine(json.loads(Path(spec).read_text(encoding="utf-8")), line).run()
    line.close()
    return code


def main() -> int:
    """EnergyPlus's exit code."""
    what, first, second = sys.argv[1:]
    return _convert(first, second) if what == "convert" else _run(first, int(second))


if __name__ == "__main__":
    sys.exit(main())
