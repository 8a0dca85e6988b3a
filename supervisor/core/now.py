"""The only way a rule looks at the time, and at a figure that never stands still."""

from __future__ import annotations

import math
from typing import NamedTuple

from config.roles import Role
from schedules.time import Instant


class Between(NamedTuple):
    """The figures of a sensor for which the answers of an evaluation stand: above `low` and below `high`."""

    low: float = -math.inf
    high: float = math.inf

    def holds(self, figure: float) -> bool:
        """Whether the answers stand with this figure too."""
        return self.low < figure < self.high


ANYWHERE = Between()
NOWHERE = Between(math.inf, -math.inf)


class Absence(NamedTuple):
    """For how long nobody may have been there for the answers of an evaluation to stand, s: `least` or longer, and shorter
    than `most`. While somebody is there they stand if `least` is -inf."""

    least: float = -math.inf
    most: float = math.inf

    def holds(self, since: Instant | None, at: Instant) -> bool:
        """Whether the answers stand at an instant where nobody is there since another; None: somebody is."""
        if since is None:
            return self.least == -math.inf and self.most > -math.inf
        return since + self.least <= at < since + self.most

    def ends(self, since: Instant | None) -> Instant:
        """Until when they stand, should nobody come."""
        return math.inf if since is None else since + self.most


ANY_ABSENCE = Absence()
NO_ABSENCE = Absence(math.inf, -math.inf)


class Now:
    """The instant of an evaluation, the earliest later one at which its answer could change, and the figures between
    which it cannot.

    Rules compare time only through `reached`. Each instant not yet reached is remembered, so the wake-up
    falls out of asking: nobody has to compute it, and nobody can forget to. Temperature, humidity and CO2, which
    move all the time, are compared only through `over` and `under`, and likewise the limits next to the figure are
    remembered: one that moves between them can change no answer, and nobody need be asked. Likewise people, who come and
    go all day: where a rule only waits until nobody has been there for a while, it says so through `empty_for`.
    """

    __slots__ = ("absence", "at", "between", "empty_at", "wake_at")

    def __init__(self, at: Instant) -> None:
        self.at = at
        self.wake_at: Instant = math.inf
        self.between: dict[Role, Between] = {}
        """By role, of those that were compared: a figure that was not compared changes no answer."""
        self.absence = ANY_ABSENCE
        self.empty_at: Instant = math.inf
        """When an answer changes should nobody come until then: apart from `wake_at`, for somebody may."""

    def reached(self, moment: Instant) -> bool:
        """True from `moment` on."""
        if moment <= self.at:
            return True
        if moment < self.wake_at:
            self.wake_at = moment
        return False

    def over(self, role: Role, figure: float, limit: float) -> bool:
        """Whether a figure of the zone lies above a limit."""
        self._remember(role, figure, limit)
        return figure > limit

    def under(self, role: Role, figure: float, limit: float) -> bool:
        """Whether it lies below."""
        self._remember(role, figure, limit)
        return figure < limit

    def told(self, role: Role) -> None:
        """The answer has the figure itself in it: any other asks again."""
        self.between[role] = NOWHERE

    def empty_for(self, since: Instant | None, seconds: float) -> bool:
        """Whether nobody has been there for so long; `since` when, None: somebody is there."""
        least, most = self.absence
        if since is not None:
            until = since + seconds
            if until <= self.at:
                if seconds > least:
                    self.absence = Absence(seconds, most)
                return True
            if until < self.empty_at:
                self.empty_at = until
        if seconds < most:
            self.absence = Absence(least, seconds)
        return False

    def noticed(self) -> None:
        """The answer turns on whether somebody is there, or on when the last one left: whoever comes or goes asks again."""
        self.absence = NO_ABSENCE

    def _remember(self, role: Role, figure: float, limit: float) -> None:
        low, high = self.between.get(role, ANYWHERE)
        if low < limit <= figure:
            low = limit
        if figure <= limit < high:
            high = limit
        self.between[role] = Between(low, high)
