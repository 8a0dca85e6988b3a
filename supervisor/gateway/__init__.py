"""The one writer: nothing else in this program calls a driver's write."""

from __future__ import annotations

from supervisor.gateway.gateway import Gateway, SlotView
from supervisor.gateway.left import Left, Why
from supervisor.gateway.offline import Offline, release_offline
from supervisor.gateway.release import Patience, Released

__all__ = ["Gateway", "Left", "Offline", "Patience", "Released", "SlotView", "Why", "release_offline"]
