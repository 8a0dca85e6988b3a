"""The one writer: nothing else in this program calls a driver's write."""

from __future__ import annotations

from supervisor.gateway.gateway import Gateway, SlotView
from supervisor.gateway.offline import Offline, release_offline
from supervisor.gateway.release import Released

__all__ = ["Gateway", "Offline", "Released", "SlotView", "release_offline"]
