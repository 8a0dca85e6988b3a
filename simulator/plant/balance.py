"""The heat ledger: where each joule of a zone came from and went, month by month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from schedules.time import Instant
from simulator.plant.network import Network, Response

Floats: TypeAlias = NDArray[np.float64]

_TERMS = ("solar", "internal", "hvac", "supplied", "ventilation", "windows", "opaque", "reflected", "stored")


class Month(NamedTuple):
    """Sums over one month of local standard time, J; arrays of shape (zones,)."""

    solar: Floats
    internal: Floats
    hvac: Floats
    supplied: Floats
    """Heat content of air that came in, from 0 °C."""
    ventilation: Floats
    """Heat content of air that went out, from 0 °C."""
    windows: Floats
    opaque: Floats
    reflected: Floats
    """Radiant gains that leave by the glass at once: ISO 13790:2008, C.3."""
    stored: Floats

    @property
    def residual(self) -> float:
        """What is unaccounted for, over the heat that passed through: dimensionless, whole building."""
        gained = self.solar + self.internal + self.hvac + self.supplied
        lost = self.ventilation + self.windows + self.opaque + self.reflected
        moved = np.abs([self.solar, self.internal, self.hvac, self.windows, self.opaque]).sum()
        moved += np.abs(self.supplied - self.ventilation).sum()
        return float(np.abs((gained - lost - self.stored).sum()) / max(float(moved), 1.0))


class Balance:
    """Adds up, from mean temperatures over each step, every flow of every zone.

    Nothing here is taken as the remainder of the rest, so that `Month.residual` is a test of the solution.
    """

    def __init__(self, network: Network, utc_offset: float) -> None:
        self._network = network
        self._offset = timedelta(hours=utc_offset)
        self._lost = 1.0 - network.to_mass - network.to_surface
        self._months: dict[tuple[int, int], Floats] = {}
        self._nodes: Floats | None = None
        self._mean = np.zeros((0,))
        self._h_ve = np.zeros((0,))

    def conduct(self, answer: Response, h_ve: Floats) -> None:
        """The response and the air-side conductance that hold from now on."""
        self._mean = answer.mean.transpose(1, 0, 2)
        self._h_ve = h_ve

    def add(
        self, time: Instant, dt: float, inputs: Floats, nodes: Floats, hvac: Floats, outdoor: float
    ) -> None:
        """One step from `time`: the plant's inputs, its nodes at the end and the HVAC heat."""
        n = self._network
        mean = (self._mean * inputs).sum(axis=0) + self._mean[5] * hvac
        before = inputs[:2, 0]
        stored = n.air_capacity * (nodes[0] - before[0]) + n.mass_capacity * (nodes[1] - before[1])
        solar, internal, supplied = inputs[3, 0], inputs[4, 0], inputs[5, 0]
        flows = np.stack(
            [
                solar,
                internal,
                hvac,
                supplied,
                self._h_ve * mean[0],
                n.h_w * (mean[2] - outdoor),
                n.h_em * (mean[1] - outdoor),
                self._lost * (solar + 0.5 * internal),
                stored / dt,
            ]
        )
        self._month(time)[...] += flows * dt

    def _month(self, time: Instant) -> Floats:
        local = datetime.fromtimestamp(time, UTC) + self._offset
        key = (local.year, local.month)
        if key not in self._months:
            self._months[key] = np.zeros((len(_TERMS), self._h_ve.size))
        return self._months[key]

    @property
    def months(self) -> dict[tuple[int, int], Month]:
        """The ledger by (year, month)."""
        return {key: Month(*sums.copy()) for key, sums in self._months.items()}
