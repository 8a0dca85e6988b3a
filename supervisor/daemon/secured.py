"""How it stands with connections that need certificates: when those end, what is wrong with them, and whether the hub is reached."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final, Protocol

from config.phrase import Phrase
from config.site import Site
from drivers.protocol import Line, Uplink, Uplinked
from drivers.refused import in_both
from supervisor.sitefile.certificates import DAY, SOON, Fault, Vetted, due, named, vetted
from supervisor.telling.snapshot import CertificateStatus, CertificateTrouble, HubStatus

EVERY: Final = 60.0
"""s between two looks at the files: a renewed certificate is off the page within a minute."""
LOOK: Final = 2.0
"""s between two looks at the hub."""
PATIENT: Final = 30.0
"""s without a hub after which that is news: a hub that restarts is back by then."""
_STEPS: Final = (30, 14, 7, 3, 1)
"""Days left at which it is said again that a certificate ends."""
_HUBS: Final = Phrase(
    "renew the hub's certificate, or tell whoever keeps the hub", "更新集线器证书，或通知集线器的维护方"
)


class Running(Protocol):
    """What is looked at of a version of the site file that runs."""

    site: Site
    line: Line


Tell = Callable[[str, str, str, str], None]
"""Topic, kind, and the words in both languages."""


class Secured:
    """Looks for as long as `run` does; what it found last is there for the page and the metrics."""

    def __init__(
        self, running: Callable[[], Running], tell: Tell, wall: Callable[[], float] = time.time
    ) -> None:
        self._running, self._tell, self._wall = running, tell, wall
        self.certificates: tuple[CertificateStatus, ...] = ()
        self.troubles: tuple[CertificateTrouble, ...] = ()
        self._told: set[tuple[object, ...]] = set()
        self._away: float | None = None
        self._news = False

    @property
    def hub(self) -> HubStatus | None:
        """The hub now."""
        running, uplink = self._running(), self._uplink()
        sc = running.site.bacnet.sc
        if uplink is None or sc is None:
            return None
        problem = in_both(uplink.problem) if uplink.hub is None else None
        return HubStatus(uplink.hub, problem, failover=sc.failover is not None)

    def _uplink(self) -> Uplink | None:
        reader = self._running().line.reader
        return reader.uplink if isinstance(reader, Uplinked) else None

    async def run(self) -> None:
        """Until cancelled."""
        looked, seen = float("-inf"), None
        while True:
            now, uplink = time.monotonic(), self._uplink()
            shown = uplink.expires if uplink is not None else None
            if now - looked >= EVERY or shown != seen:
                looked, seen = now, shown
                await self.look()
            self.follow(now)
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """At every file that the site file names, and at what the hub has shown."""
        now, files = self._wall(), list(named(self._running().site))
        found = [await asyncio.to_thread(vetted, each, now) for each in files]
        ends = [CertificateStatus(v.files.use, file, end) for v in found for file, end in v.ends.items()]
        troubles = [_trouble(v, fault) for v in found for fault in v.faults]
        if (uplink := self._uplink()) is not None and uplink.expires is not None:
            ends.append(CertificateStatus("bacnet-sc", "hub", uplink.expires))
            fault = due("hub", Phrase("hub's certificate", "集线器证书"), uplink.expires, now)
            if fault is not None:
                bad = fault.level == "bad"
                troubles.append(CertificateTrouble("bacnet-sc", "hub", bad, fault.what, _HUBS))
        self.certificates, self.troubles = tuple(ends), tuple(troubles)
        left = {(c.use, c.file): c.ends - now for c in ends}
        self._tell_of({(t.use, t.file, t.grave, _step(left.get((t.use, t.file)))): t for t in troubles})

    def _tell_of(self, found: dict[tuple[object, ...], CertificateTrouble]) -> None:
        """Each once, and again as its end comes nearer."""
        for key, trouble in found.items():
            if key not in self._told:
                en, zh = trouble.what
                self._tell("certificates", "alert", f"{trouble.use}: {en}", f"{trouble.use}：{zh}")
        self._told = set(found)

    def follow(self, now: float) -> None:
        """The hub's going and coming, once it is news; `now` is monotonic."""
        hub = self.hub
        if hub is None or hub.active is not None:
            if self._news:
                self._tell(
                    "bacnet-sc", "recovered", "BACnet/SC hub reached again", "已重新连接 BACnet/SC 集线器"
                )
            self._away, self._news = None, False
        elif self._away is None:
            self._away = now
        elif not self._news and now - self._away >= PATIENT and hub.problem is not None:
            self._news = True
            en, zh = hub.problem
            self._tell(
                "bacnet-sc", "alert", f"BACnet/SC hub not reached: {en}", f"未能连接 BACnet/SC 集线器：{zh}"
            )


def _trouble(found: Vetted, fault: Fault) -> CertificateTrouble:
    return CertificateTrouble(found.files.use, fault.key, fault.level != "note", fault.what, fault.step)


def _step(left: float | None) -> int | None:
    """Which of the days at which it is said again that a certificate ends was passed last."""
    if left is None or left >= SOON:
        return None
    return min((days for days in _STEPS if left < days * DAY), default=None)
