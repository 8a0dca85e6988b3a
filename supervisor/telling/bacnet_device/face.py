"""Serves the device: what people see is put into its objects, and what the front end wishes is asked of the daemon."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import structlog

from config.own_device import OWN_PORT
from config.phrase import Lang, Phrase
from config.site import Site
from drivers.bacnet.serving.catalogue import About
from drivers.bacnet.serving.device import Device, Hosting
from schedules.time import iso
from supervisor.core.asking import Refused
from supervisor.telling.bacnet_device.enabled import FROM, Enabled, Wish
from supervisor.telling.bacnet_device.objects import Objects, made
from supervisor.telling.bacnet_device.picture import Mode, counts, mode, refusal
from supervisor.telling.snapshot import Snapshot

EVERY: Final = 2.0
"""s of wall time between two looks."""
BEAT: Final = 60.0
"""s of wall time between two beats."""
CLASH_WAIT: Final = 3.0
"""s that another device with our instance has to say so, before we do."""
VENDOR: Final = 555
"""Vendor_Identifier: we have none of our own. It is the one by which rusty-bacnet calls whoever has none."""

_log = structlog.get_logger(__name__)

Look = Callable[[], Awaitable[Snapshot]]
Ask = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]
Tell = Callable[[str, Phrase], None]
"""The kind of event, and what is told of the whole building."""


class Clash(Exception):
    """Another device on the network has our instance."""


@dataclass(slots=True)
class Face:
    """What the device is made of. `look`, `ask` and `alive` are the daemon's; `tell` puts a line on the page and into the store.

    Without `look` nothing runs: the device says so, and the heartbeat stands still.
    """

    site: Callable[[], Site]
    lang: Lang
    version: str
    look: Look | None
    ask: Ask
    alive: Callable[[], bool]
    tell: Tell
    enabled: Enabled | None = None
    every: float = EVERY
    beat: float = BEAT
    clash_wait: float = CLASH_WAIT
    _refused: str = ""
    _claimed: str = ""
    _resumed: bool = False
    _asking: bool = False
    _beats: float = field(default=float("-inf"))

    async def serve(self, host: Hosting) -> None:
        """Serve on a wire that is up, until cancelled. Raises Clash, Misconfigured."""
        site, objects = self.site(), made(self.lang)
        items = (*objects.all, *((self.enabled.item,) if self.enabled is not None else ()))
        section = site.bacnet_device
        assert section is not None  # whoever starts this has looked
        port = (section.port or OWN_PORT) if site.bacnet.stack == "rusty" else None
        carrier = host.carrier(port)
        device = Device(self._about(site), items, carrier, lambda: datetime.now(site.tz))
        await device.open()
        try:
            await self._alone(host, carrier.where, site.bacnet.instance)
            host.on_namesake = lambda there: self._namesake(there, carrier.where, site.bacnet.instance)
            await self._look(device, objects)
            device.appear()
            _log.info("the device of our own is served", instance=site.bacnet.instance, address=carrier.where)
            await asyncio.gather(self._follow(device, objects), self._wish())
        finally:
            host.on_namesake = lambda there: None
            await device.close()

    def _about(self, site: Site) -> About:
        section = site.bacnet_device
        name = (section.name if section is not None else None) or f"building-supervisor-{site.building}"
        return About(
            site.bacnet.instance, name, site.name, VENDOR, "building-supervisor", "building-supervisor", self.version
        )  # fmt: skip

    # ------------------------------------------------------------------ who else

    async def _alone(self, host: Hosting, here: str, instance: int) -> None:
        """Ask whether somebody has our instance before we say that it is ours. Raises Clash."""
        there = await host.who_claims(instance, self.clash_wait)
        if there is not None and not _same(there, here):
            self._clash(there, instance)
            raise Clash(f"device instance {instance} is that of {there} already: change `bacnet: instance`")
        self._claimed = ""

    def _namesake(self, there: str, here: str, instance: int) -> None:
        if not _same(there, here):
            self._clash(there, instance)

    def _clash(self, there: str, instance: int) -> None:
        if self._claimed != there:
            self._claimed = there
            said = Phrase(
                f"device instance {instance} is ours and that of {there}: change `bacnet: instance`, or the other's",
                f"设备实例号 {instance} 与 {there} 冲突：请修改 `bacnet: instance` 或对方的实例号",
            )
            self.tell("alert", said)

    # ------------------------------------------------------------------ what is told

    async def _follow(self, device: Device, objects: Objects) -> None:
        while True:
            await asyncio.sleep(self.every)
            await self._look(device, objects)

    async def _look(self, device: Device, objects: Objects) -> None:
        if self.look is None:
            device.put(objects.mode, int(Mode.SAFE))
            device.catalogue.operational = False
            return
        enabled = self.enabled
        if enabled is not None and enabled.expire():
            device.told(enabled.item)
            who = enabled.who
            said = Phrase(
                f"Enabled came back by itself: the time of {who} is over",
                f"Enabled 已自动恢复：{who} 的停用到时",
            )
            self.tell("recovered", said)
        if enabled is not None and await self._taken_up_again(enabled):
            device.told(enabled.item)
        seen = await self.look()
        if seen.ready and not self._resumed:
            await self._resume()
            if enabled is not None:
                device.told(enabled.item)
        device.put(objects.mode, int(mode(seen)))
        found = counts(seen.zones)
        for item, figure in zip((objects.compliant, objects.violated, objects.unjudged), found, strict=True):
            device.put(item, float(figure), fault=not seen.ready)
        self._refused = refusal(seen.events, self.lang) or self._refused
        device.put(objects.refusal, self._refused)
        device.catalogue.operational = seen.ready and not seen.stopping
        now = asyncio.get_running_loop().time()
        if now - self._beats >= self.beat and self.alive():
            self._beats = now
            device.put(objects.heartbeat, 1 - int(objects.heartbeat.value))

    # ------------------------------------------------------------------ what is wished

    async def _resume(self) -> None:
        """Once a run, as soon as what was kept of the last one is known: what the front end asked of that still holds."""
        self._resumed = True
        if self.enabled is None or self.enabled.until is not None:
            return
        said = await self.ask({"do": "release-list"})
        held = [
            (float(until), str(who)) for until, who in said["released"].values() if str(who).startswith(FROM)
        ]
        if held:
            until, who = max(held)
            self.enabled.resume(who, until)

    async def _taken_up_again(self, enabled: Enabled) -> bool:
        """Whether a person has ended what the front end asked for: Enabled comes back, and says so."""
        since = enabled.since
        if since is None or enabled.wishes or self._asking or not self._resumed:
            return False
        ended = (await self.ask({"do": "release-list"})).get("ended")
        if (
            ended is None
            or enabled.since != since
            or ended["at"] < since
            or not enabled.who.startswith(ended["of"])
        ):
            return False
        said = Phrase(
            f"Enabled came back: {ended['by']} ended what {enabled.who} had switched off",
            f"Enabled 已恢复：{ended['by']} 结束了 {enabled.who} 的停用",
        )
        enabled.end()
        self.tell("recovered", said)
        return True

    async def _wish(self) -> None:
        while True:
            await asyncio.sleep(min(0.1, self.every))
            enabled = self.enabled
            while enabled is not None and enabled.wishes and self._resumed:
                self._asking = True
                try:
                    await self._asked(enabled, enabled.wishes.pop(0))
                finally:
                    self._asking = False

    async def _asked(self, enabled: Enabled, wish: Wish) -> None:
        """Put one wish to the daemon, as a person's request; one that it refuses is not left standing."""
        site = self.site()
        if wish.until is None:
            await self.ask({"do": "release-end", "name": wish.who, "of": FROM})
            said = Phrase(f"{wish.who} switched supervision on again", f"{wish.who} 已重新启用管控")
            self.tell("recovered", said)
            return
        until = iso(wish.until, site.tz)
        said = Phrase(
            f"{wish.who} switches supervision off until {until}: every point is handed back",
            f"{wish.who} 停用管控至 {until}：交还全部测点",
        )
        self.tell("alert", said)
        try:
            request = {
                "do": "release",
                "name": wish.who,
                "seconds": enabled.left,
                "keep": True,
                "wait": False,
            }
            await self.ask(request)
        except Refused as refused:
            enabled.clear()
            why = refused.phrase
            self.tell("alert", Phrase(f"{wish.who} is refused: {why.en}", f"{wish.who} 被拒绝：{why.zh}"))


def _same(one: str, other: str) -> bool:
    """Whether two addresses are one; bacpypes3 leaves the usual port out."""
    return _whole(one) == _whole(other)


def _whole(address: str) -> str:
    return address if ":" in address else f"{address}:47808"
