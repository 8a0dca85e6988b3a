"""What people ask of the running daemon: they enter as expiring inputs, never as writes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any, Protocol

from config.phrase import Phrase, same
from config.points import Point
from config.roles import Role
from schedules.time import iso
from supervisor.clockwork.clock import PacedClock
from supervisor.core import manual, overtime
from supervisor.core.asking import Refused, find_point, find_zone, until_of
from supervisor.core.views import Release
from supervisor.daemon import by_hand
from supervisor.daemon.helpers import Helpers
from supervisor.daemon.listed import live_points
from supervisor.daemon.running import Running
from supervisor.daemon.saved import Saved
from supervisor.daemon.secured import Secured
from supervisor.daemon.storewatch import StoreWatch
from supervisor.field.register import Register
from supervisor.telling.events import Events
from supervisor.telling.explain import explain, unit_told
from supervisor.telling.snapshot import HubStatus

RELEASE_FOR = 1800.0
"""s of site time for which a release holds unless it says otherwise; a site choice."""
LONGEST_RELEASE = 12 * 3600.0
RELEASE_PATIENCE = 20.0
"""s of wall time that the answer to a release waits for the slots: starts are staggered."""
_TOGETHER = 0.5
"""s of wall time in which the changes of one reload are told."""

Request = Mapping[str, Any]
Said = dict[str, Any]


class Asked(Protocol):
    """What requests need of a daemon."""

    running: Running
    clock: PacedClock
    register: Register
    events: Events
    storewatch: StoreWatch
    helpers: Helpers
    savings: Saved
    secured: Secured

    async def reload(self, by: str = "") -> dict[str, Any]:
        """Read the site file again; `by` accepts it whatever it writes."""

    async def go_back(self, by: str, *, yes: bool) -> dict[str, Any]:
        """Put the earlier configuration in the place of the one in force."""

    async def trial(self) -> dict[str, Any]:
        """Draw the trial that the site file names, where that is still to be done, and say how it stands."""

    async def calendar(self, request: Request) -> dict[str, Any]:
        """Compare, or write, the calendars of controllers. Raises Refused."""

    def save(self) -> None:
        """Keep what must survive a restart now."""

    def asked(self, zone: str, who: str, en: str, zh: str) -> None:
        """A person's request goes into the audit and onto the page."""

    def held(self, point: Point, who: str, text: Phrase) -> None:
        """How it goes with what a person holds, likewise."""


LONGEST_NAME = 200
"""Characters of a person's name, as in the page's form."""


LONGEST_WORD = 1000
"""Characters of whatever else is said in a request: a point's id, a reason."""
_CALLED = {
    "name": Phrase("the name", "姓名"), "why": Phrase("the reason", "原因"), "zone": Phrase("the zone", "区域"),
    "point": Phrase("the point", "点位"), "value": Phrase("the value", "数值"), "until": Phrase("the time", "时间"),
    "device": Phrase("the device", "控制器"), "of": Phrase("the name", "姓名"),
}  # fmt: skip


def legible(request: Request) -> None:
    """See that what a person wrote can be kept, and forges nothing where it is shown. Raises Refused.

    A terminal that sends GBK where LANG says UTF-8 gives us octets that are no text: the audit would not take them.
    """
    for key, said in request.items():
        if not isinstance(said, str):
            continue
        called = _CALLED.get(key, same(key))
        if len(said) > (LONGEST_NAME if key == "name" else LONGEST_WORD):
            most = LONGEST_NAME if key == "name" else LONGEST_WORD
            raise Refused(
                f"{called.en} is too long: {most} characters at most", f"{called.zh}过长：最多 {most} 个字符"
            )
        if any("\ud800" <= sign <= "\udfff" for sign in said):
            raise Refused(
                f"{called.en} is no text in UTF-8: the terminal sends another encoding than its LANG says",
                f"{called.zh}不是 UTF-8 文本：终端实际编码与 LANG 不一致",
            )
        if not " ".join(said.split()).isprintable():
            raise Refused(f"{called.en} has signs that are not shown", f"{called.zh}含有不可显示的字符")


def signed(request: Request) -> str:
    """Who asks: what goes into force has a name. Raises Refused."""
    name = " ".join(str(request.get("name") or "").split())
    if not name:
        raise Refused("a name is needed: --by NAME", "需要姓名：--by 姓名")
    if len(name) > LONGEST_NAME:
        raise Refused(f"a name has up to {LONGEST_NAME} characters", f"姓名最多 {LONGEST_NAME} 个字符")
    return name


def _writable(running: Running, zone: str) -> list[str]:
    """Points that may be let go of: of one zone by its id or its name, else of the building. Raises Refused."""
    if not zone:
        return list(running.gateway.points)
    id_ = find_zone(running.site, zone)
    found = [p for p in running.gateway.points if running.site.points[p].zone == id_]
    if not found:
        raise Refused(
            f"nothing of {id_} is written, so nothing can be let go of", f"{id_} 没有可写的点，无可释放"
        )
    return found


class Requests:
    """Answers the control socket for one daemon."""

    def __init__(self, daemon: Asked) -> None:
        self._daemon = daemon
        self._ended: Said | None = None
        """The last releases that were ended before their time: whose, when, by whom."""

    async def answer(self, request: Request) -> Said:
        """Answer one request. ValueError for one that makes no sense."""
        legible(request)
        running = self._daemon.running
        match request.get("do"):
            case "explain":
                return await self._explain(running, str(request.get("point", "")))
            case "release":
                return await self._release(running, request)
            case "release-end":
                return self._release_end(running, request)
            case "release-list":
                released = {p: list(r) for p, r in running.decider.released.items()}
                return {"released": released, "ended": self._ended}
            case "overtime":
                return self._overtime(running, request)
            case "manual":
                return self._manual(running, request)
            case "manual-end":
                return self._manual_end(running, request)
            case "manual-list":
                return {"manual": {p: list(m) for p, m in running.decider.manual.items()}}
            case "accept":
                return self._accept(running, request)
            case "reload":
                return await self._reload(request)
            case "reload-back":
                return await self._back(request)
            case "season":
                return {"at": self._daemon.clock.now(), "memory": running.season.memory()}
            case "overtime-list":
                listed = running.decider.overtime.items()
                return {"overtime": {z: [(o.start, o.until, o.who) for o in os] for z, os in listed}}
            case "calendar":
                return await self._daemon.calendar(request)
            case "trial":
                return await self._daemon.trial()
            case "status":
                return self._status(running)
            case "points":
                return live_points(running, self._daemon.clock.now(), int(request.get("from", 0)))
            case "health":
                return self._health(running)
            case "reckon":
                self._daemon.savings.due.set()
                return {"reckons": True}
        asked = request.get("do")
        raise Refused(f"no such request: {asked!r}", f"没有这种请求：{asked!r}")

    def _status(self, running: Running) -> Said:
        register, problem = self._daemon.register, self._daemon.storewatch.problem
        reading = running.known
        return {
            "building": running.site.building,
            "ready": running.ready and problem is None,
            "store": problem._asdict() if problem is not None else None,
            "doubtful": {
                id_: why._asdict()
                for id_ in running.site.points
                if reading.faulty(id_) and (why := reading.doubt(id_)) is not None
            },
            "owned": len(running.gateway.owned),
            "quarantined": {d: register.reason(d) for d in register.suspects},
            "units": {point: said.en for point, said in running.measures.quarrels().items()},
            "states": {point: said.en for point, said in running.measures.called.all.items()},
            "elsewhere": {
                d.id: where.en
                for d in running.site.devices.values()
                if (where := register.elsewhere(d)) is not None
            },
            "habits": {
                d: [habit.text.en for habit in habits]
                for d in running.site.devices
                if (habits := running.habits.of(d))
            },
        }

    def _chinese(self, running: Running) -> Said:
        """The Chinese of what the answer says in English, by that."""
        register, devices = self._daemon.register, running.site.devices
        said = [
            *register.barred.values(),
            *running.measures.quarrels().values(),
            *running.measures.called.all.values(),
            *(where for d in devices.values() if (where := register.elsewhere(d)) is not None),
            *(habit.text for d in devices for habit in running.habits.of(d)),
        ]
        return dict(said)

    def _health(self, running: Running) -> Said:
        """What `doctor` would ask the wire, if the daemon did not have it."""
        site, known, gateway = running.site, running.decider.known, running.gateway
        answering = [p for p in site.points.values() if running.watch.health[p.device].up]
        return self._status(running) | {
            "zh": self._chinese(running),
            "devices": {d: h.problem if not h.up else "" for d, h in running.watch.health.items()},
            "unknown": [p.id for p in answering if not known.reading(p.id).good],
            "falls_back_on": [
                p
                for p, v in gateway.fallbacks.items()
                if site.points[p].role is Role.START_STOP and v is True
            ],
            "unwritten": {
                p: why._asdict()
                for p in gateway.fallbacks
                if (why := running.not_followed(site.points[p])) is not None
            },
            "hub": _hub(self._daemon.secured.hub),
            "problems": [f"{what}: {why}" for what, why in self._daemon.helpers.problems.items() if why],
        }

    async def _reload(self, request: Request) -> Said:
        """The daemon's answer; where the saved file is in force already, what it changed, in `before`."""
        who = signed(request) if request.get("yes") else ""
        said = await self._daemon.reload(who)
        if not said.get("ok") or said.get("waiting"):
            return said
        if said.get("changes"):
            if who:
                told = "; ".join(said["changes"]), "；".join(said["changes_zh"])
                self._daemon.asked("", who, f"configuration accepted: {told[0]}", f"确认配置生效：{told[1]}")
            return said
        told_before = [e for e in self._daemon.events.recent() if e.kind == "reload"]
        last = max((e.at for e in told_before), default=0.0)
        together = _TOGETHER * self._daemon.clock.speed
        lately = dict.fromkeys(e.text for e in told_before if last - e.at <= together)  # each once
        return said | {"before": [text.en for text in lately], "before_zh": [text.zh for text in lately]}

    async def _back(self, request: Request) -> Said:
        """The configuration before the one in force, at a person's word."""
        who = signed(request)
        said = await self._daemon.go_back(who, yes=bool(request.get("yes")))
        if not said.get("waiting"):
            told = "; ".join(said["changes"]), "；".join(said["changes_zh"])
            self._daemon.asked("", who, f"configuration taken back: {told[0]}", f"撤销配置更新：{told[1]}")
        return said

    def _overtime(self, running: Running, request: Request) -> Said:
        said = overtime.admit(running.decider, request, self._daemon.clock.now())
        running.wake()
        self._daemon.save()
        until = said["until"]
        self._daemon.asked(said["zone"], said["name"], f"overtime until {until}", f"加班至 {until}")
        return said

    def _manual(self, running: Running, request: Request) -> Said:
        """Hold a value of a point until a time, at a person's word."""
        now = self._daemon.clock.now()
        point, held = manual.admit(running.decider, request, now)
        running.wake()
        self._daemon.save()
        until = iso(held.until, running.site.tz)
        self._daemon.held(point, held.who, by_hand.began(point, held, until))
        dry = running.gateway.points[point.id].dry
        return {
            "point": point.id, "role": str(point.role), "value": held.value, "until": until, "name": held.who,
            "why": held.why, "dry_run": dry,
        }  # fmt: skip

    def _manual_end(self, running: Running, request: Request) -> Said:
        """End it before its time."""
        who = str(request.get("name") or "operator")
        point, held = manual.end(running.decider, str(request.get("point", "")))
        running.wake()
        self._daemon.save()
        self._daemon.held(point, who, by_hand.ENDED)
        return {"point": point.id, "role": str(point.role), "value": held.value, "name": who}

    async def _release(self, running: Running, request: Request) -> Said:
        """Hand points back for a while, at a person's word; the rules take up again when it is over.

        With `keep` what somebody asked for longer stays theirs; without `wait` the slots are let go of after the answer.
        """
        seconds, who = self._for(running, request), str(request.get("name") or "operator")
        if not 0 < seconds <= LONGEST_RELEASE:
            hours = f"{LONGEST_RELEASE / 3600:.0f}"
            raise Refused(
                f"a release lasts up to {hours} h of site time", f"释放最长 {hours} 小时（站点时间）"
            )
        points = request.get("points") or _writable(running, str(request.get("zone") or ""))
        until = self._daemon.clock.now() + seconds
        if request.get("keep"):
            had = running.decider.released
            points = [p for p in points if p not in had or had[p].until <= until]
        running.decider.released.update({p: Release(until, who) for p in points})
        for id_ in [p for p in points if p in running.decider.manual]:
            self._daemon.held(manual.end(running.decider, id_)[0], who, by_hand.RELEASED)
        running.decider.touch_all()
        running.wake()
        ends = iso(until, running.site.tz)
        where = find_zone(running.site, str(request["zone"])) if request.get("zone") else ""
        self._daemon.asked(
            where, who, f"{len(points)} points released until {ends}", f"释放 {len(points)} 个点至 {ends}"
        )
        held = len(running.gateway.owned)
        patience = asyncio.get_running_loop().time() + (
            RELEASE_PATIENCE if request.get("wait", True) else 0.0
        )
        while set(points) & running.gateway.owned.keys() and asyncio.get_running_loop().time() < patience:
            await running.gateway.settled(1.0)
            await asyncio.sleep(0.05)
        owned = sorted(set(points) & running.gateway.owned.keys())
        return {"released": held - len(owned), "failed": owned, "owned": len(owned), "until": ends}

    def _for(self, running: Running, request: Request) -> float:
        """s of site time that are asked for: a number of them, or until an hour. Raises Refused."""
        now, until = self._daemon.clock.now(), str(request.get("until") or "").strip()
        if not until:
            return float(request.get("seconds", RELEASE_FOR))
        try:
            return until_of(until, now, running.site.tz, now + LONGEST_RELEASE) - now
        except ValueError:
            raise Refused(
                f"a release ends at HH:MM today, or at an ISO 8601 time, not at {until!r}",
                f"释放的结束时间应为当日 HH:MM 或 ISO 8601 时间，而非 {until!r}",
            ) from None

    def _release_end(self, running: Running, request: Request) -> Said:
        """End before their time the releases of those whose name begins with `of`, or of everyone."""
        of, who = str(request.get("of") or ""), signed(request)
        everyone, now = bool(request.get("everyone")), self._daemon.clock.now()
        released = running.decider.released
        current = {p: r for p, r in released.items() if r.until > now}
        ended = [p for p, r in current.items() if everyone or (of and r.who.startswith(of))]
        for point in ended:
            del released[point]
        still = sorted({r.who for p, r in current.items() if p in released})
        if ended:
            self._ended = {"of": of, "at": now, "by": who}
            running.decider.touch_all()
            running.wake()
            self._daemon.save()
            said = Phrase(f"release of {len(ended)} points ended", f"结束 {len(ended)} 个点的释放")
            self._daemon.asked("", who, said.en, said.zh)
        return {"ended": len(ended), "still": still}

    def _accept(self, running: Running, request: Request) -> Said:
        """Take a device out of quarantine, at a person's word."""
        name, who = str(request.get("device", "")), str(request.get("name") or "operator")
        device = running.site.devices.get(name)
        if device is None:
            raise Refused(f"no device is called {name}", f"没有名为 {name} 的控制器")
        if not self._daemon.register.accept(device):
            raise Refused(
                f"{name} is not in quarantine, and answers in one place", f"{name} 未被隔离，且只在一处应答"
            )
        self._daemon.asked("", who, f"{name} accepted in place of the old one", f"确认 {name} 已更换")
        running.gateway.device_answers(name)
        running.watch.look_again(name)
        running.decider.touch_all()
        running.wake()
        return {"accepted": name}

    async def _explain(self, running: Running, name: str) -> Said:
        point = find_point(running.site, name)
        with contextlib.suppress(Exception):
            # A silent device leaves the slots as last read; their age is in the answer.
            if running.gateway.writable(point):
                await running.gateway.refresh_array(point.id)
        answer = explain(point, running.decider, running.gateway, self._daemon.clock.now())
        register, device = self._daemon.register, running.site.devices.get(point.device)
        where = register.elsewhere(device) if device is not None else None
        return answer | {
            "quarantine": register.reason(point.device) or None,
            "elsewhere": where.en if where is not None else None,
            "unit": unit_told(running.measures.of(point)),
            "states": why._asdict() if (why := running.measures.called.why(point)) is not None else None,
        }


def _hub(hub: HubStatus | None) -> Said | None:
    """How it stands with the hub of BACnet/SC; None where there is none."""
    if hub is None:
        return None
    return {"active": hub.active, "problem": hub.problem._asdict() if hub.problem is not None else None}
