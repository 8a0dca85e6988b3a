"""The judge of what people are told: once, in time, and the same in each place."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator

from supervisor.telling.snapshot import Event, ZoneStatus
from tests.soak.world import SLACK, World

RECOGNISED = 300.0
"""s in which a stranger must be recognised: a minute between two looks, one of silence, and their spread."""
ALERTS = 3
"""Alerts of one full disk: it is told once; what fits into a page that is there may end it for a moment."""
ASKED = 8
"""Times in an hour that an object's changes may be asked for which are refused: each ten minutes, and a restart."""
SOON = 120.0
"""s in which a refusal must be told."""
_GRAVE = ("alert", "failed", "refused", "expired", "mismatch", "lost")


class Told:
    """What the daemon that lives now has told, and what it says when it is asked."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.zone: Callable[[str], ZoneStatus] | None = None
        """How a zone is shown."""
        self.up: Callable[[str], bool] = lambda device: False
        """Whether a device is said to answer."""
        self.storeless: Callable[[], bool] = lambda: False
        """Whether it is said that the store takes no rows."""
        self._grave: deque[tuple[float, Event]] = deque(maxlen=500)
        self._refusing: set[str] = set()
        self._again: list[str] = []

    def begin(self) -> None:
        """A daemon begins, and has told nothing."""
        self._refusing.clear()
        self._grave.clear()

    def event(self, event: Event) -> None:
        """A line was told."""
        if event.kind in _GRAVE:
            self._grave.append((self.world.loop(), event))

    def habit(self, device: str, text: str) -> None:
        """A device was said to do otherwise than it should, or no more."""
        if text.startswith("refuses"):
            if device in self._refusing:
                self._again.append(device)
            self._refusing.add(device)
        elif text.startswith("tells its changes"):
            self._refusing.discard(device)

    def wrong(self) -> Iterator[tuple[str, str]]:
        """Where, and what is wrong."""
        yield from self._disk()
        for device, since in self.world.driver.turned_down.items():
            yield from self._refused(device, since)
        for device, since in self.world.driver.strangers.items():
            if self.world.loop() > max(since, self.world.began) + RECOGNISED and self._clear(device):
                yield from self._strange(device)
        for device in self._again:
            yield device, "its refusal was told again"
        self._again.clear()

    # ------------------------------------------------------------------ a full disk

    def _disk(self) -> Iterator[tuple[str, str]]:
        """It is told in time, folded, while it is so and not longer."""
        since, now = self.world.full_since, self.world.loop()
        if since is None:
            if self.storeless() and now > self.world.emptied + SLACK:
                yield "disk", "there is room, and it is said to be full"
            return
        told = [at for at, event in self._grave if at >= since and "the disk is full" in event.text.en]
        if max(self.world.store.refused_at, self.world.began) < now - SLACK and not told:
            yield "disk", "full, and nobody is told"
        lately = sum(at > now - 3600.0 for at in told)
        if lately > ALERTS:
            yield "disk", f"its being full was told {lately} times within an hour"

    # ------------------------------------------------------------------ subscriptions

    def _refused(self, device: str, since: float) -> Iterator[tuple[str, str]]:
        now, driver = self.world.loop(), self.world.driver
        if now > max(since, self.world.began) + SOON and self._clear(device) and device not in self._refusing:
            yield device, "refuses subscriptions, and nobody is told"
        first = max(now - 3600.0, self.world.good_since.get(device, 0.0) + SOON)
        asked = (sum(at > first for at in times) for a, times in driver.asked.items() if a.device == device)
        if max(asked, default=0) > ASKED:
            yield device, "asked again and again for what it refuses"

    # ------------------------------------------------------------------ a stranger

    def _strange(self, device: str) -> Iterator[tuple[str, str]]:
        """One truth: it is not up, nothing of it is believed, and no row says that a rule is carried out there."""
        if self.up(device):
            yield device, "another one is in its place, and it is said to be up"
        for id_, zone in self.world.site.zones.items():
            if self.zone is None or not any(
                p.device == device for e in zone.equipment for p in e.points.values()
            ):
                continue
            status = self.zone(id_)
            for why in (status.why_hvac, status.why_lights, status.why_setpoint):
                if why is None:
                    continue
                if why.withheld is None:
                    yield id_, f"its controller is another one, and {why.rule} is shown as carried out"
                if why.on is not None and status.compliance.get(why.rule):
                    yield id_, f"its controller is another one, and {why.rule} is said to be kept"

    def _clear(self, device: str) -> bool:
        """Whether the line to a device has been good for so long that all must be known."""
        world = self.world
        settled = world.loop() > world.good_since.get(device, -math.inf) + RECOGNISED
        return settled and device not in world.silent_since and world.full_since is None
