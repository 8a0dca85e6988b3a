"""Air that crosses a zone's boundary: leakage, open windows, and the air handlers' supply."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from schedules.weather import air
from schedules.weather.series import Sample
from simulator.plant.building import Building

Floats: TypeAlias = NDArray[np.float64]


class Ventilation:
    """Air flows of all zones, m³/s. `h_ve` and what follows from it change only in `update`."""

    def __init__(self, building: Building, density: float) -> None:
        zones = building.zones
        count, handlers = len(zones), len(building.air_handlers)
        self.heat = density * air.CP_AIR
        """Heat that 1 m³/s carries, W/K."""
        self.volume = np.array([zone.area * zone.height for zone in zones])
        self._leak = self.volume * np.array([zone.envelope.infiltration for zone in zones]) / 3600.0
        self._opening = np.array(
            [zone.openable * sum(f.area * f.window_share for f in zone.facades) for zone in zones]
        )
        self._height = np.array([zone.window_height for zone in zones])
        names = [handler.id for handler in building.air_handlers]
        self._design = np.zeros((handlers, count))
        for number, zone in enumerate(zones):
            if zone.air_handler is not None:
                self._design[names.index(zone.air_handler), number] = zone.people * zone.fresh_air / 3600.0
        self.fresh = self._design
        """(air handlers, zones) fresh air at full speed."""
        boxed = [
            names.index(z.air_handler) if z.terminal.kind == "vav" and z.air_handler else -1 for z in zones
        ]
        self.boxes = np.array(
            [[number == place for place in boxed] for number in range(handlers)], dtype=np.bool_
        )
        self.boxes = self.boxes.reshape(handlers, count)
        """(air handlers, zones) whose VAV box hangs on which."""
        self.outdoor = self._leak.copy()
        """(zones,) air straight from outside."""
        self.supply = np.zeros((handlers, count))
        """(air handlers, zones) treated outdoor air."""
        self.total = self._leak.copy()
        """(zones,) all of it."""
        self.h_ve = self.heat * self._leak
        """(zones,) W/K of all of it: ISO 13790:2008, eq. 21."""

    def update(
        self,
        window_open: Floats,
        speeds: Floats,
        indoor: Floats,
        sample: Sample,
        mixed: Floats | float = 0.0,
        open_boxes: Floats | float = 1.0,
    ) -> None:
        """Flows for windows open by a fraction, air handlers at a speed (0: off), °C indoors and the weather.

        `mixed` is the outdoor air that terminals mix in, m³/s; `open_boxes` 0 where a box lets no air in.

        Windows on one side by EN 15242:2007, 6.7 (EN 16798-7:2017 keeps it): q = 3.6 · 500 · A · V^0.5
        in m³/h, V = 0.01 + 0.001 v² + 0.0035 H |difference|.
        """
        drive = 0.01 + 0.001 * sample.wind**2 + 0.0035 * self._height * np.abs(indoor - sample.dry_bulb)
        windows = 0.5 * self._opening * window_open * np.sqrt(drive)
        self.outdoor = self._leak + windows + mixed
        self.supply = self._design * speeds[:, None] * open_boxes
        self.total = self.outdoor + self.supply.sum(axis=0)
        self.h_ve = self.heat * self.total
