"""What the sensors have shown, and what a supervisor may therefore believe: the oracle's own reckoning.

It knows what was shown, when, over which line, and by when it must have been noticed; it looks at nothing that the
supervisor has made of it. Where a supervisor may rightly believe either of two things, either is allowed.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import NamedTuple

from config.roles import Role


class Limit(NamedTuple):
    """A range, and the margin by which whatever left it must be back."""

    low: float
    high: float
    margin: float

    def beyond(self, value: float, already: bool) -> bool:
        """Outside; once outside, until back by the margin."""
        margin = self.margin if already else 0.0
        return not self.low + margin <= value <= self.high - margin


WEATHER = {Role.OUTDOOR_TEMPERATURE: Limit(10.0, 28.0, 1.0)}
ROOM = {
    Role.TEMPERATURE: Limit(16.0, 28.0, 1.0),
    Role.HUMIDITY: Limit(-math.inf, 70.0, 5.0),
    Role.CO2: Limit(-math.inf, 1500.0, 200.0),
}
"""Normal weather and a fit room, as docs/rules/mild-season-off.md has them."""


AT_LEAST = 1800.0 + 90.0
"""s that a suspension of a room lasts, and until its end must have been noticed."""
LASTING = 1800.0 + 600.0 + 90.0
"""s after which a suspension that may have begun, and the run of a unit after it, are certainly over."""


@dataclass
class Sensor:
    """What one sensor shows. Times are of the loop."""

    value: float
    lying: bool = False
    believed: set[float] = field(default_factory=set)
    """Values of which any may be the last one noticed."""
    certain: float = 0.0
    """From when what it shows must have been noticed and acted on."""
    doubtful: float = 0.0
    """Until when its line is too bad to say what was noticed."""
    unsure: float = 0.0
    """Until when it may pass as good or as bad, since that has just changed."""


class Senses:
    """The sensors that one question turns on: is the weather normal, is the room fit?

    `maybe` has the answers that may stand: True outside the limits. A sensor that lies makes the answer void, and
    may make it forgotten.
    """

    def __init__(self, limits: dict[Role, Limit], values: dict[Role, float]) -> None:
        self._limits = {role: limits[role] for role in values}
        self._sensors = {role: Sensor(value, believed={value}) for role, value in values.items()}
        self._maybe = {False}
        self.roles = tuple(values)
        self.possibly = -math.inf
        """The last moment at which they may have been outside the limits, or not known."""
        self._lasts = 0.0 if Role.OUTDOOR_TEMPERATURE in values else AT_LEAST
        self._began = -math.inf
        """When they may last have begun to be outside: what began lasts, and where it ends is judged at its end."""
        self.noticed = -math.inf
        """By when it must have been noticed that they left."""
        self.left: float | None = None
        """When they left the limits for sure, after having been inside for sure; None: nobody can say."""

    def show(self, role: Role, value: float, now: float, certain: float) -> None:
        """A sensor shows a value that a room can have; `certain`: by when it must have been noticed."""
        inside = self.beyond(now) is False
        sensor = self._sensors[role]
        if sensor.lying:
            sensor.lying, sensor.unsure = False, max(certain, sensor.doubtful)
        sensor.value, sensor.certain = value, max(certain, sensor.doubtful)
        sensor.believed.add(value)
        already = True in self._maybe
        self._spread()
        if self._outside({role: value}, False) or (True in self._maybe and not already):
            self._began = now
        if now < self._began + self._lasts and self._outside({role: value}, True):
            # Back by the margin, and then nearly outside again before what began is over: it may end, or go on.
            self._maybe.add(True)
        outside = self._outside({r: s.value for r, s in self._sensors.items()}, False)
        if not outside and now < self.noticed:
            self.left = None  # back before anybody must have seen it
        if inside and outside:
            self.left = now if now > self.possibly + LASTING else None
            self.noticed = sensor.certain
        if True in self._maybe:
            self.possibly = now

    def lie(self, role: Role, now: float, certain: float) -> None:
        """A sensor shows what cannot be."""
        self._settle(now)
        sensor = self._sensors[role]
        sensor.lying, sensor.certain = True, max(certain, sensor.doubtful)
        sensor.unsure = sensor.certain
        self.possibly, self.left = now, None
        self.forget()

    def doubt(self, now: float, until: float) -> None:
        """For a while nobody can say what is known of the sensors, nor what is remembered of them."""
        self._settle(now)
        for sensor in self._sensors.values():
            sensor.doubtful = max(sensor.doubtful, until)
            sensor.certain, sensor.unsure = (max(t, until) for t in (sensor.certain, sensor.unsure))
        self._maybe = {True, False}
        self.possibly, self.left, self._began = until, None, until

    def forget(self) -> None:
        """The rule does not hold, for another reason: that the limits were left may be forgotten."""
        self.left = None
        if False not in self._maybe:
            self._maybe.add(False)
            self._spread()

    def unknown(self, now: float) -> bool:
        """A sensor is certainly known to be worth nothing."""
        return any(s.lying and now >= s.unsure for s in self._sensors.values())

    def beyond(self, now: float) -> bool | None:
        """Certainly outside the limits, certainly inside, or None: either may be believed, or a sensor be bad."""
        self._settle(now)
        unsure = any(s.lying or now < s.unsure for s in self._sensors.values()) or len(self._maybe) > 1
        answer = None if unsure else next(iter(self._maybe))
        if answer is not False:
            self.possibly = max(self.possibly, now)
        return answer

    def lying(self, role: Role, now: float) -> bool:
        """One sensor is certainly known to be worth nothing."""
        sensor = self._sensors[role]
        return sensor.lying and now >= sensor.unsure

    def _settle(self, now: float) -> None:
        """Drop what can no longer be believed."""
        for sensor in self._sensors.values():
            if now >= sensor.certain and not sensor.lying:
                sensor.believed = {sensor.value}
        if all(now >= s.certain and not s.lying for s in self._sensors.values()):
            self._maybe = {
                self._outside({r: s.value for r, s in self._sensors.items()}, was) for was in self._maybe
            }

    def _spread(self) -> None:
        """Every answer that some order of noticing leads to: two rounds, as there are two answers."""
        for shown in [*itertools.product(*(s.believed for s in self._sensors.values()))] * 2:
            values = dict(zip(self._sensors, shown, strict=True))
            self._maybe |= {self._outside(values, was) for was in self._maybe}

    def _outside(self, values: dict[Role, float], was: bool) -> bool:
        return any(self._limits[role].beyond(value, was) for role, value in values.items())
