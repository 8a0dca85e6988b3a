"""What the rehearsal is told of plant room, units and lamps; nothing of it is ever commanded."""

from __future__ import annotations

from typing import Literal

from config.declared import field
from config.section import Section


class Plant(Section):
    """Plant room, units and lamps, for `simulate`. A retrofit is a line here in a draft.

    What is left out is the physics' own default, with its source in `simulator/plant/building.py`.
    """

    chiller_cop: float | None = field(None, ge=0.5, le=20)
    """At rating, 7 °C supply; 4.8 (GB 50189-2015 table 4.2.10, water-cooled screw)."""
    heater: Literal["gas", "heat_pump", "electric"] | None = None
    """What makes the hot water of fan coils, and of every coil without a source of its own; gas."""
    air_heater: Literal["gas", "heat_pump", "electric"] | None = None
    """What feeds the heating coils of air handlers and fresh-air units; as `heater`."""
    reheat: Literal["gas", "heat_pump", "electric"] | None = None
    """What feeds the coils of VAV boxes; as `heater`."""
    unit_heater: Literal["gas", "heat_pump", "electric"] | None = None
    """How VRF, split and rooftop units heat; heat_pump."""
    boiler_efficiency: float | None = field(None, ge=0.05, le=1.2)
    """By lower heating value; 0.90 (GB 50189-2015 table 4.2.5)."""
    heat_pump_cop: float | None = field(None, ge=0.5, le=20)
    """At 7 °C outside; 3.0, a site choice."""
    pump_share: float | None = field(None, ge=0, le=1)
    """All pumps, W per W of installed cooling; 0.035, a site choice."""
    unit_cooling_cop: float | None = field(None, ge=0.5, le=20)
    """Of VRF and split units; 3.6, a site choice."""
    unit_heating_cop: float | None = field(None, ge=0.5, le=20)
    """Of VRF and split units; 3.2, a site choice."""
    heat_recovery: float | None = field(None, ge=0, le=0.95)
    """Sensible effectiveness of air handlers and fresh-air units; 0."""
    lighting_w_m2: float | None = field(None, ge=0, le=100)
    """Of offices and every other kind of room without a value of its own; 8.0 (GB 55015-2021 table 3.3.7)."""
