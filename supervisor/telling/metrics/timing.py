"""How long things take, heard from turns: a scan of a device, and from a reading to the write that it made."""

from __future__ import annotations

from config.site import Site
from supervisor.core.decisions import RELINQUISH, Command
from supervisor.core.turn import Turn
from supervisor.gateway import events as gw
from supervisor.telling.metrics.collector import Metrics


class Timing:
    """A listener for the two histograms, of one version of the site file."""

    def __init__(self, site: Site, metrics: Metrics) -> None:
        self._site, self._metrics = site, metrics
        self._arrived: dict[str, float] = {}
        """By point: when the reading came that changed its command, in monotonic seconds."""
        self._commands: dict[str, Command] = {}

    def __call__(self, turn: Turn[gw.Event]) -> None:
        """A turn was taken."""
        for device, seconds in turn.heard.scans:
            self._metrics.observe_scan(device, seconds)
        for event in turn.done:
            if isinstance(event, gw.Wrote):
                arrived = self._arrived.pop(event.point, None)
                if event.sent is not None and arrived is not None and event.sent >= arrived:
                    # A start that waits for its turn is late on purpose: that says nothing of how we react.
                    self._metrics.observe_reaction(max(0.0, event.sent - arrived - event.waited))
        for point, outcome in turn.step.outcomes.items():
            command = outcome.decision.value
            if self._commands.get(point, RELINQUISH) != command:
                came = turn.heard.arrived.get(self._site.points[point].zone or "")
                if came is not None:
                    self._arrived[point] = came
                else:
                    self._arrived.pop(point, None)
            self._commands[point] = command
