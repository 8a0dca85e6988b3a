"""The weather of a record: the outdoor temperature as it was measured, and of the rest what is known or follows from it."""

from __future__ import annotations

from typing import Final

import numpy as np

from schedules.time import DAY
from schedules.weather import air, sun
from schedules.weather.series import Floats, Sample, Series, Site, Weather, sky_infrared
from simulator.weather import erbs_diffuse_fraction

WIND: Final = 2.5
"""m/s where nobody measured it. Site choice."""
HUMIDITY: Final = 70.0
"""% at a day's mean temperature where nobody measured it: of the order of China's east, where most buildings stand. Site choice."""
HARGREAVES: Final = 0.175
"""Global radiation over the extraterrestrial, by the square root of a day's range of temperature in K: between the 0.16 of
the interior and the 0.19 of the coast in FAO Irrigation and Drainage Paper 56, eq. 50."""
CLEAREST: Final = 0.75
"""Of the extraterrestrial radiation: FAO-56, eq. 37 at sea level."""


class Estimated:
    """What stood in the sky, by nothing but a thermometer: a clear day's sun, dimmed as the day's range of temperature says.

    `times` (POSIX, evenly spaced) and `dry_bulb` °C are what was measured. Outside of them the nearest day stands.
    """

    def __init__(self, times: Floats, dry_bulb: Floats, site: Site) -> None:
        self._times, self._dry_bulb, self._site = times, dry_bulb, site
        offset = site.utc_offset * 3600.0
        day = np.floor((times + offset) / DAY).astype(np.int64)
        self._first = int(day[0])
        spans = [dry_bulb[day == number] for number in range(self._first, int(day[-1]) + 1)]
        whole = max(len(span) for span in spans)
        ranges = np.array([np.ptp(span) if len(span) > 0.8 * whole else np.nan for span in spans])
        usual = float(np.nanmean(ranges)) if np.isfinite(ranges).any() else 8.0
        self._clearness = np.clip(
            HARGREAVES * np.sqrt(np.where(np.isfinite(ranges), ranges, usual)), 0.15, CLEAREST
        )

    @property
    def site(self) -> Site:
        """Where it is."""
        return self._site

    @property
    def label(self) -> str:
        """What a report calls it."""
        return "the recorded outdoor temperature, with the sun that its daily range suggests"

    def at(self, time: float) -> Sample:
        """The weather at one instant."""
        return Sample(*(float(values[0]) for values in self.series(np.array([time]))))

    def series(self, times: Floats) -> Series:
        """The weather at POSIX `times`."""
        temperature = np.interp(times, self._times, self._dry_bulb)
        day = np.floor((times + self._site.utc_offset * 3600.0) / DAY).astype(np.int64) - self._first
        clearness = self._clearness[np.clip(day, 0, len(self._clearness) - 1)]
        seen = sun.position(times, self._site.latitude, self._site.longitude)
        high = np.maximum(seen.cos_zenith, 0.0)
        clear = 1098.0 * high * np.exp(-0.057 / np.maximum(high, 1e-3))  # Haurwitz (1945)
        whole = clear * clearness / CLEAREST
        diffuse = whole * erbs_diffuse_fraction(whole, seen.extraterrestrial * high)
        direct = np.where(high > 0.02, (whole - diffuse) / np.maximum(high, 0.02), 0.0)
        direct = np.minimum(direct, 0.8 * seen.extraterrestrial)
        mean = float(self._dry_bulb.mean())
        vapour = air.saturation_pressure(np.array([mean]))[0] * HUMIDITY / 100.0
        relative = np.clip(100.0 * vapour / air.saturation_pressure(temperature), 20.0, 98.0)
        cloud = 10.0 * (1.0 - np.clip((clearness / CLEAREST - 0.33) / 0.67, 0.0, 1.0))
        infrared = sky_infrared(temperature, relative, cloud)
        return Series(
            temperature, relative, np.full_like(temperature, WIND), direct,
            np.where(high > 0.02, diffuse, whole), infrared,
        )  # fmt: skip


class Recorded:
    """A weather whose outdoor temperature, and humidity where it was measured, is the record's."""

    def __init__(
        self, base: Weather, times: Floats, dry_bulb: Floats, relative_humidity: Floats | None = None
    ) -> None:
        self._base, self._times, self._dry_bulb = base, times, dry_bulb
        self._humidity = relative_humidity

    @property
    def site(self) -> Site:
        """Where it is."""
        return self._base.site

    @property
    def guessed(self) -> bool:
        """Nobody measured the sun: it is estimated from the thermometer."""
        return isinstance(self._base, Estimated)

    @property
    def label(self) -> str:
        """What a report calls it."""
        return (
            self._base.label
            if isinstance(self._base, Estimated)
            else f"the recorded outdoor temperature; sun and wind: {self._base.label}"
        )

    def at(self, time: float) -> Sample:
        """The weather at one instant."""
        return Sample(*(float(values[0]) for values in self.series(np.array([time]))))

    def series(self, times: Floats) -> Series:
        """The weather at POSIX `times`."""
        found = self._base.series(times)
        inside = (times >= self._times[0]) & (times <= self._times[-1])
        measured = np.interp(times, self._times, self._dry_bulb)
        temperature = np.where(inside, measured, found.dry_bulb)
        # a warmer sky over warmer air: its emissivity stays (Stefan and Boltzmann)
        infrared = found.infrared * ((temperature + 273.15) / (found.dry_bulb + 273.15)) ** 4
        relative = found.relative_humidity
        if self._humidity is not None:
            relative = np.where(inside, np.interp(times, self._times, self._humidity), relative)
        return found._replace(dry_bulb=temperature, infrared=infrared, relative_humidity=relative)
