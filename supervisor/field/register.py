"""Who each device was when it was adopted, and whether it still is: a replaced device is never written."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import structlog

from config.phrase import Phrase
from config.site import DeviceSpec, Site
from config.visible import visible
from drivers.protocol import Address, Identity, Sighting, interned

log = structlog.get_logger()
_SHOWN = 3
"""Object names that a reason quotes; more are counted."""


class Likeness(NamedTuple):
    """What a device was: vendor id and model of its Device object (ASHRAE 135 §12.11), Object_Names of mapped
    objects by `type:instance`. Firmware and software revisions are not part of it: they change with updates."""

    vendor_id: int
    model: str
    names: Mapping[str, str]

    def saved(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"vendor": self.vendor_id, "model": self.model, "names": dict(self.names)}

    @classmethod
    def restored(cls, saved: Mapping[str, Any]) -> Likeness:
        """From what `saved` gave, also before names were made visible. Raises KeyError, ValueError."""
        names = {str(k): visible(str(v)) for k, v in dict(saved["names"]).items()}
        return cls(int(saved["vendor"]), visible(str(saved["model"])), names)


class Suspect(NamedTuple):
    """A device in quarantine: what it is now, and why that is not what it was."""

    found: Likeness
    why: Phrase


def whereabouts(device: DeviceSpec, seen: Sighting) -> Phrase:
    """Where a device answers, or is said to answer, besides where it belongs."""
    id_, home, there = device.id, seen.home, seen.there
    if not seen.followed:
        return Phrase(
            f"something at {there} says that it is this device, which belongs at {home}: not read and not written there "
            f"(if it moved: doctor --accept {id_})",
            f"{there} 处有设备自称是本设备，而本设备应在 {home}：该处不读不写（若确已迁移：doctor --accept {id_}）",
        )
    if device.address is not None:
        return Phrase(
            f"is read and written at {there}, as was accepted, until it answers at {home} again, as the site file says",
            f"按确认在 {there} 读写，直至在配置文件所写的 {home} 重新应答",
        )
    return Phrase(
        f"moved: is read and written at {there}, until it answers at {home} again (if it stays: doctor --accept {id_})",
        f"已迁移：现在 {there} 读写，直至在 {home} 重新应答（若不再迁回：doctor --accept {id_}）",
    )


def quarantined(suspect: Suspect) -> Phrase:
    """Why a device is in quarantine, as a person reads it."""
    return Phrase("quarantined, another device in its place", "已隔离，该位置为另一设备").detailed(
        suspect.why
    )


def object_key(address: Address) -> str:
    """An object as it is kept and shown: `analog-value:3`."""
    # one text for a hundred controllers' first inputs
    return sys.intern(f"{address.object_type}:{address.instance}")


def replaced(known: Likeness, found: Likeness, gone: frozenset[str]) -> Phrase | None:
    """Why a device is another one than was adopted; None where it is the same.

    Another vendor, or a mapped object of another name. `gone` are mapped objects that it no longer has: some
    of them missing is a mistake in the site file, all of them missing is another device. Another model alone
    is not: many devices put their firmware's revision there.
    """
    why: list[Phrase] = []
    if found.vendor_id != known.vendor_id:
        why.append(Phrase(f"vendor {found.vendor_id}, was {known.vendor_id}",
                    f"厂商 {found.vendor_id}，原为 {known.vendor_id}"))  # fmt: skip
    other = [k for k, name in found.names.items() if known.names.get(k, name) != name]
    why += [
        Phrase(
            f"{key} is called “{found.names[key]}”, was “{known.names[key]}”",
            f"{key} 名为“{found.names[key]}”，原为“{known.names[key]}”",
        )
        for key in other[:_SHOWN]
    ]
    if len(other) > _SHOWN:
        more = len(other) - _SHOWN
        why.append(Phrase(f"{more} more objects have other names", f"另有 {more} 个对象名称不同"))
    if known.names and not found.names and gone >= known.names.keys():
        why.append(Phrase("none of its objects is there", "其对象均已不存在"))
    if not why:
        return None
    return Phrase("; ".join(w.en for w in why), "；".join(w.zh for w in why))


Tell = Callable[[str, Phrase], None]
"""Says something of a device."""


async def _nowhere(_instance: int) -> Any:
    return None


class Places(NamedTuple):
    """Fetches and keeps where a person said that a device is, by its instance."""

    recall: Callable[[int], Awaitable[Any]] = _nowhere
    keep: Callable[[int, dict[str, Any]], None] = lambda instance, saved: None


class Lessons(NamedTuple):
    """Fetches and keeps what its driver has learnt about asking a device, by its instance."""

    recall: Callable[[int], Awaitable[Any]] = _nowhere
    keep: Callable[[int, dict[str, Any]], None] = lambda instance, saved: None


class Register:
    """What every device was and where, by device instance, and which are in quarantine, by name in the site file.

    `recall` fetches what an earlier run kept of an instance, `keep` keeps it; `places` are the same two for where a person
    said that a device is, `lessons` for what was learnt about asking it. Lives as long as the daemon.
    """

    def __init__(
        self,
        recall: Callable[[int], Awaitable[Any]],
        keep: Callable[[int, dict[str, Any]], None],
        tell: Tell = lambda device, what: None,
        places: Places | None = None,
        lessons: Lessons | None = None,
    ) -> None:
        self._recall, self._keep, self._tell = recall, keep, tell
        self._places, self._lessons = places or Places(), lessons or Lessons()
        self._known: dict[int, Likeness] = {}
        self.suspects: dict[str, Suspect] = {}
        self.sightings: dict[str, Sighting] = {}
        """Where devices answer, or are said to, besides where they belong, by name in the site file."""
        self.follow: Callable[[str, str], None] = lambda device, place: None
        """Sends later calls to a device to a place; whoever has the devices' driver sets it."""

    @property
    def barred(self) -> dict[str, Phrase]:
        """Devices to which nothing is written, and why."""
        return {device: quarantined(suspect) for device, suspect in self.suspects.items()}

    def reason(self, device: str) -> str:
        """Why a device is in quarantine; empty where it is not."""
        suspect = self.suspects.get(device)
        return quarantined(suspect).en if suspect is not None else ""

    def elsewhere(self, device: DeviceSpec) -> Phrase | None:
        """Where a device answers, or is said to answer, besides where it belongs; None: nowhere."""
        seen = self.sightings.get(device.id)
        return whereabouts(device, seen) if seen is not None else None

    def agrees(self, instance: int, names: Mapping[str, str]) -> bool:
        """Whether some objects are called as they were; False also where nothing is known of one."""
        known = self._known.get(instance)
        return known is not None and all(known.names.get(key) == name for key, name in names.items())

    async def known(self, device: DeviceSpec) -> Likeness | None:
        """What a device was; None: it was never seen. Raises StoreProblem."""
        return await self._of(device.instance)

    async def judge(self, device: DeviceSpec, found: Likeness, gone: frozenset[str]) -> None:
        """Adopt a device that was never seen; put one into quarantine that is not what it was, and let one go
        that is again. Raises StoreProblem where what it was cannot be read."""
        known = await self._of(device.instance)
        if known is None:
            self._adopt(device, found)
            return
        why = replaced(known, found, gone)
        if why is None:
            if self.suspects.pop(device.id, None) is not None:
                self._say(
                    device.id, Phrase("is again the device that was adopted", "已恢复为原设备"), good=True
                )
            if found.model != known.model:
                log.warning(
                    "device has another model name", device=device.id, was=known.model, now=found.model
                )
            self._adopt(device, Likeness(found.vendor_id, found.model, {**known.names, **found.names}))
            return
        before = self.suspects.get(device.id)
        self.suspects[device.id] = Suspect(found, why)
        if before is None or before.why.en != why.en:
            self._say(
                device.id,
                Phrase(
                    f"quarantined, nothing is written to it: {why.en} (accept it by doctor --accept {device.id})",
                    f"已隔离，不再写入：{why.zh}（确认更换：doctor --accept {device.id}）",
                ),
            )

    def sighted(self, device: DeviceSpec, seen: Sighting | None) -> None:
        """A device answers, or is said to answer, elsewhere than where it belongs; None: in one place again."""
        before = self.sightings.pop(device.id, None)
        if seen is not None:
            self.sightings[device.id] = seen
            self._say(device.id, whereabouts(device, seen))
        elif before is not None:
            once = Phrase(f"answers in one place again, {before.home}", f"仅在一处应答：{before.home}")
            if not before.followed:  # which does not say that it answers at home
                once = Phrase(
                    f"is no longer said to be at {before.there}, besides {before.home}",
                    f"不再有设备在 {before.there} 自称是本设备（本设备应在 {before.home}）",
                )
            self._say(device.id, once, good=True)
        if before is not None and before.followed and (seen is None or not seen.followed):
            self._places.keep(device.instance, {})  # at home again: what was accepted is over

    async def place(self, device: DeviceSpec) -> str | None:
        """Where a person said that a device is; None where nobody did, or the site file has another address by now.
        Raises StoreProblem."""
        saved = await self._places.recall(device.instance)
        if not saved or device.address is None or saved.get("home") != device.address:
            return None
        return str(saved.get("there")) or None

    async def learnt(self, device: DeviceSpec) -> dict[str, Any]:
        """What an earlier run has learnt about asking a device. Raises StoreProblem."""
        saved = await self._lessons.recall(device.instance)
        return saved if isinstance(saved, dict) else {}

    def learn(self, device: DeviceSpec, learnt: dict[str, Any]) -> None:
        """Keep what was learnt by now."""
        self._lessons.keep(device.instance, learnt)

    def accept(self, device: DeviceSpec) -> bool:
        """Take the device that is there now for ours, at a person's word, and where it is. False where there is nothing
        to accept."""
        suspect, seen = self.suspects.pop(device.id, None), self.sightings.get(device.id)
        if suspect is not None:
            self._adopt(device, suspect.found)
        moves = seen is not None and (not seen.followed or device.address is None)
        if seen is not None and moves and suspect is None:
            if device.address is not None:
                self._places.keep(device.instance, {"home": device.address, "there": seen.there})
            self.follow(device.id, seen.there)
        return suspect is not None or moves

    def forget(self, device: DeviceSpec) -> None:
        """Whoever is found there next is adopted."""
        self.suspects.pop(device.id, None)
        self._known.pop(device.instance, None)
        self._keep(device.instance, {})
        self._lessons.keep(device.instance, {})
        self._places.keep(device.instance, {})

    async def _of(self, instance: int) -> Likeness | None:
        if instance not in self._known and (saved := await self._recall(instance)):
            try:
                self._known[instance] = self._shared(Likeness.restored(saved))
            except (KeyError, ValueError, TypeError) as error:
                log.warning("record of a device not readable", instance=instance, error=repr(error))
        return self._known.get(instance)

    def _adopt(self, device: DeviceSpec, found: Likeness) -> None:
        if self._known.get(device.instance) != found:
            self._known[device.instance] = self._shared(found)
            self._keep(device.instance, found.saved())

    def _shared(self, found: Likeness) -> Likeness:
        """The same; of controllers built alike, whose objects are called alike, all names are kept once."""
        alike = next((each.names for each in self._known.values() if each.names == found.names), found.names)
        return found._replace(names=alike)

    def _say(self, device: str, what: Phrase, *, good: bool = False) -> None:
        (log.info if good else log.error)("device " + what.en, device=device)
        self._tell(device, what)


def mapped(site: Site) -> dict[str, list[Address]]:
    """The objects of each device that the site file names, those that we may write first."""
    found: dict[str, dict[Address, None]] = {device: {} for device in site.devices}
    for p in sorted(site.points.values(), key=lambda p: not p.writable):
        found[p.device][interned(Address(p.device, p.object_type, p.instance))] = None
    return {device: list(objects) for device, objects in found.items()}


def known_by(who: Identity, names: Mapping[str, str]) -> Likeness:
    """A device as it says that it is."""
    return Likeness(who.vendor_id, who.model, names)
