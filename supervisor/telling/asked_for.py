"""What people asked for, as it is told: points held by hand or handed back, zones kept open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from config.points import Point
from config.rules import RuleId
from config.site import Site
from schedules.time import Instant
from supervisor.core.asking import holdable
from supervisor.core.decider import Decider
from supervisor.telling.snapshot import ByHand, Released


class AskedFor:
    """Looks at what a decider was asked by people."""

    def __init__(self, site: Site, decider: Decider) -> None:
        self._site, self._decider = site, decider
        self.holdable = holdable(site)
        """Points that a person may hold."""

    def by_hand(self) -> Iterable[ByHand]:
        """What people hold, what ends first, first."""
        held = self._decider.manual.items()
        for id_, manual in sorted(held, key=lambda item: (item[1].until, item[0])):
            point, decision = self._site.points[id_], self._decider.decision(id_)
            other = decision.rule if decision is not None and decision.rule is not RuleId.MANUAL else None
            yield ByHand(
                point.place, str(point.role), id_, manual.value, manual.until, manual.who, manual.why, other
            )

    def released(self, now: Instant) -> Iterable[tuple[str, str]]:
        """Where and what each point is that a person asked to let go of, while that lasts."""
        live = (id_ for id_, release in self._decider.released.items() if now < release.until)
        return sorted(
            {(point.place, str(point.role)) for id_ in live if (point := self._site.points.get(id_))}
        )

    def handed_back(self, now: Instant) -> int:
        """How many of the points that a person may hold are."""
        released = self._decider.released
        if not released:
            return 0
        return sum(1 for id_ in self.holdable if id_ in released and now < released[id_].until)

    def releases(self, now: Instant) -> Iterable[Released]:
        """The same by who asked and until when, what ends first, first."""
        found: dict[tuple[Instant, str], list[Point]] = {}
        for id_, release in self._decider.released.items():
            if now < release.until and (point := self._site.points.get(id_)) is not None:
                found.setdefault((release.until, release.who), []).append(point)
        return [
            Released(tuple(dict.fromkeys(p.place for p in points)), len(points), until, who)
            for (until, who), points in sorted(found.items(), key=lambda item: item[0])
        ]

    def overtime(self, now: Instant) -> Mapping[str, Instant]:
        """Zones that are kept open at a person's request now, and until when."""
        found: dict[str, Instant] = {}
        for zone, requests in self._decider.overtime.items():
            ends = [o.until for o in requests if o.start <= now < o.until]
            if ends:
                found[zone] = max(ends)
        return found
