"""`doctor`: what stands between this machine and a healthy daemon."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from config.points import Point, decode
from config.roles import Role
from config.secrets import masked
from config.site import Site
from config.values import DEFAULT_PORT
from drivers.care.bind import choose
from drivers.protocol import (
    Address,
    Candid,
    DriverError,
    FieldReader,
    Identity,
    Misconfigured,
    Sighting,
    Silent,
)
from drivers.readings import doubt
from supervisor.cli.commission import commission
from supervisor.cli.common import SitePath, StateDir, fail, load_site, plain_errors, state_dir_of
from supervisor.daemon.logs import configure
from supervisor.daemon.socket import NoDaemon, ask
from supervisor.field.register import Register
from supervisor.field.traffic import BAC0_VALUES, outgrown, overloaded, values_a_second
from supervisor.sitefile.places import open_to_others

if TYPE_CHECKING:
    from supervisor.field.measures import Measures
    from supervisor.store.writer import Store

PATIENCE = 10.0
"""Seconds that a device may take to answer here, whatever the site file says: how long it takes is what is asked."""
MEASURED = 5
"""Reads that are timed, of one object each."""
COPIES = 3
"""Times that a request is sent within `timeout`: an answer that takes longer than the share of one is asked for again."""
OLDEST_PLAUSIBLE = 1_735_689_600.0
"""2025-01-01: a gateway box without a battery wakes up in 1970."""


_NAMED = 5
"""Points that one line names; more are counted."""
MARKS = {"ok": "✓", "note": "·", "bad": "✗"}
MANY = frozenset({"point", "device"})
"""Of what there are many, and the same may be said of each."""
FALLS_BACK = 'falls back to "on" when our slot is NULL'


class Finding(NamedTuple):
    """One check: `ok`, `note` or `bad`."""

    level: str
    what: str
    said: str


def doctor(
    site: SitePath,
    walk: Annotated[
        bool, typer.Option("--commission", help="Write, watch and release each writable point, one by one.")
    ] = False,
    by: Annotated[str, typer.Option("--by", help="Who signs the commissioning record.")] = "",
    only: Annotated[str | None, typer.Option("--only", help="With --commission: one zone.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Try every point without asking.")] = False,
    accept: Annotated[
        str | None,
        typer.Option(
            "--accept",
            metavar="DEVICE",
            help="Take a replaced device out of quarantine, or a moved one for ours where it is now.",
        ),
    ] = None,
    state_dir: StateDir = None,
) -> None:
    """Ports, clock, permissions, database, reachability, and fallbacks that mean "on".

    Example: building-supervisor doctor office.yaml
    Example: building-supervisor doctor office.yaml --commission --by 李工
    Example: building-supervisor doctor office.yaml --accept ddc-2 --by 李工
    """
    configure(quiet=True)
    loaded = load_site(site)
    folder = state_dir_of(loaded, state_dir)
    if walk:
        commission(loaded, folder, by, only=only, yes=yes)
    if accept is not None:
        with plain_errors():
            typer.echo(asyncio.run(accept_device(loaded, folder, accept, by)))
        raise typer.Exit(0)
    with plain_errors():
        found = asyncio.run(_examine(loaded, folder))
    for finding in folded(found):
        typer.echo(f"{MARKS[finding.level]} {finding.what}: {finding.said}")
    bad = sum(finding.level == "bad" for finding in found)
    typer.echo(f"{bad} problem{'' if bad == 1 else 's'}")
    raise typer.Exit(1 if bad else 0)


def folded(found: Sequence[Finding]) -> list[Finding]:
    """In the same order; where the same is said of many points or devices, once, with all their names."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for finding in found:
        kind, _, name = finding.what.partition(" ")
        same = kind if kind in MANY else finding.what
        groups.setdefault((finding.level, same, finding.said), []).append(name if kind in MANY else "")
    lines = []
    for (level, what, said), names in groups.items():
        if what not in MANY:
            lines.append(Finding(level, what, said))
        elif len(names) == 1:
            lines.append(Finding(level, f"{what} {names[0]}", said))
        else:
            lines.append(Finding(level, f"{len(names)} {what}s", f"{said}: {', '.join(names)}"))
    return lines


async def _examine(site: Site, folder: Path) -> list[Finding]:
    """Everything, through the daemon where one runs: it has the ports, and knows its devices."""
    health = await _asked(folder, "health")
    store, found = await _store(site, folder)
    try:
        when = Finding(
            "ok" if time.time() > OLDEST_PLAUSIBLE else "bad", "clock", time.strftime("%Y-%m-%d %H:%M:%S %Z")
        )
        if health is not None:
            return [when, *found, *_load(site), *_told(site, health)]
        return [when, *found, _port(site), *_load(site), *await _wire(site, store)]
    finally:
        store.close()


async def _store(site: Site, folder: Path) -> tuple[Store, list[Finding]]:
    """The site's store, else one in memory, and what is wrong."""
    from supervisor.daemon.assemble import open_store
    from supervisor.daemon.lost import IN_MEMORY
    from supervisor.sitefile.places import NoStateDir
    from supervisor.store.problems import StoreProblem
    from supervisor.store.writer import Store

    try:
        store = open_store(site, folder)
        try:
            await store.probe()
        except StoreProblem:
            store.close()
            raise
    except StoreProblem as problem:
        found = [Finding("bad", "database", f"{problem.said.en}  {problem.said.zh}"), _folder(folder)]
    except NoStateDir as error:
        found = [Finding("bad", "state folder", str(error))]
    except OSError as error:
        found = [Finding("bad", "database", str(error)), _folder(folder)]
    else:
        where = masked(site.database or str(folder / "supervisor.sqlite3"))
        return store, [Finding("ok", "database", where), _folder(folder)]
    store = Store(IN_MEMORY, inline=True)
    store.open()
    return store, found


def _folder(folder: Path) -> Finding:
    if open_to_others(folder):
        return Finding("note", "state folder", f"{folder} is open to others: chmod 700 {folder}")
    return Finding("ok", "state folder", str(folder))


def _port(site: Site) -> Finding:
    from supervisor.telling.web.server import listen

    what = f"HTTP port {site.http.bind}:{site.http.port}"
    try:
        listen(site.http.bind, site.http.port).close()
    except OSError as error:
        level = "note" if error.errno == errno.EADDRINUSE else "bad"
        return Finding(level, what, error.strerror or str(error))
    return Finding("ok", what, "free")


def _load(site: Site) -> Iterator[Finding]:
    """Whether the stack and the slow trunks carry what the site file asks of them."""
    asked = values_a_second(site)
    what = f"stack {site.bacnet.stack}"
    if outgrown(site) is not None:
        hint = (
            f"{asked:.0f} values a second, more than the {BAC0_VALUES:.0f} it is good for: say `stack: rusty`"
        )
        yield Finding("note", what, hint)
    else:
        yield Finding("ok", what, f"{asked:.1f} values a second")
    for trunk in overloaded(site):
        said = (
            f"its polls need {trunk.asked:.1f} requests a second, its cap is {trunk.cap:g}: poll less often"
        )
        yield Finding("note", trunk.name, said)


async def _asked(folder: Path, what: str) -> dict[str, Any] | None:
    """What a daemon that runs says of itself: its socket alone may be what a killed one left behind."""
    try:
        answer = await ask(folder, {"do": what}, timeout=10.0)
    except NoDaemon:
        return None
    return None if "error" in answer else answer


def _told(site: Site, health: Mapping[str, Any]) -> list[Finding]:
    """The wire as the running daemon sees it."""
    found = [Finding("ok", "daemon", f"runs and holds {health['owned']} slots: it is asked for the rest")]
    found += [
        Finding("note", "daemon", problem) for problem in health["problems"]
    ]  # the building is supervised
    strange = health["quarantined"]
    for device, problem in health["devices"].items():
        if device in strange:
            continue
        found.append(Finding("bad" if problem else "ok", f"device {device}", problem or "answers"))
    found += [Finding("bad", f"device {d}", _accepting(d, why)) for d, why in strange.items()]
    if (broken := health["store"]) is not None:
        found.append(Finding("bad", "database", f"{broken['en']}  {broken['zh']}"))
    doubtful = health["doubtful"]
    found += [
        Finding("bad", f"point {point}", f"{why['en']}  {why['zh']}") for point, why in doubtful.items()
    ]
    found += [
        Finding("bad", f"point {point}", "has no reading that can be used")
        for point in health["unknown"]
        if point not in doubtful
    ]
    found += [_mismatch(point, why) for point, why in health["units"].items()]
    found += [Finding("bad", f"device {device}", why) for device, why in health["elsewhere"].items()]
    found += [
        Finding("note", f"device {device}", text)
        for device, texts in health["habits"].items()
        for text in texts
    ]
    return found + [Finding("note", f"point {point}", FALLS_BACK) for point in health["falls_back_on"]]


async def _wire(site: Site, store: Store) -> list[Finding]:
    from supervisor.daemon.assemble import make_line
    from supervisor.field.measures import Measures
    from supervisor.field.vetting import register_of, vetted

    try:
        bind = choose(site.bacnet.bind, [d.address for d in site.devices.values()], site.bacnet.stack)
    except DriverError as error:
        return [Finding("bad", f"BACnet port {site.bacnet.port}", error.message)]
    chosen = "" if site.bacnet.bind is not None else " (chosen by the devices' addresses)"
    what = f"BACnet port {bind}:{site.bacnet.port}{chosen}"
    line = make_line(site, PATIENCE)
    try:
        await line.reader.start()
    except DriverError as error:
        return [Finding("bad", what, error.message)]
    found = [Finding("ok", what, "free")]
    try:
        register = register_of(store)
        measures = Measures(site)
        driver = vetted(site, line, register, measures).reader
        for answers in await asyncio.gather(
            *(_device(site, driver, device, measures, register) for device in site.devices)
        ):
            found += answers
        for device in site.devices:
            found += _units(measures, device)
        for device in register.suspects:
            found.append(Finding("bad", f"device {device}", _accepting(device, register.reason(device))))
        for spec in site.devices.values():
            if (where := register.elsewhere(spec)) is not None:
                found.append(Finding("bad", f"device {spec.id}", where.en))
    finally:
        await line.reader.stop()
    return found


def _mismatch(point: str, why: str) -> Finding:
    return Finding("bad", f"point {point}", f"not believed, and not written: {why}")


def _units(measures: Measures, device: str) -> list[Finding]:
    """Where site file and device disagree about what is counted, and where nobody says it."""
    found = [_mismatch(point, said.en) for point, said in measures.quarrels(device).items()]
    alike: dict[str, list[str]] = {}
    for point, said in measures.doubts(device).items():
        alike.setdefault(said.en, []).append(point)
    for said_of, points in alike.items():
        more = f" and {len(points) - _NAMED} more" if len(points) > _NAMED else ""
        found.append(Finding("note", f"device {device}", f"{said_of}: {', '.join(points[:_NAMED])}{more}"))
    if unread := measures.unread(device):
        what = f"what {len(unread)} points count in could not be read, so that nothing is written there"
        found.append(Finding("bad", f"device {device}", what))
    return found


def _accepting(device: str, why: str) -> str:
    return f"{why}; nothing is written to it; if that is right: doctor --accept {device}"


async def accept_device(site: Site, folder: Path, device: str, by: str) -> str:
    """Take a replaced or moved device for ours: through the running daemon, else in its database. What was done.

    Raises NoDaemon, StoreProblem, OSError; exits 1 for a device that is not there or not in quarantine.
    """
    from supervisor.daemon.assemble import open_store
    from supervisor.field.vetting import register_of

    if device not in site.devices:
        fail(f"no device is called {device}", f"one of {', '.join(site.devices)}")
    if await _asked(folder, "status") is not None:
        answer = await ask(folder, {"do": "accept", "device": device, "name": by})
        if "error" in answer:
            fail(answer["error"])
        return f"{device} accepted; it is written again"
    store = open_store(site, folder)
    try:
        register = register_of(store)
        seen = await _sought(site, register, device)
        if (
            seen is not None
            and site.devices[device].address is not None
            and register.accept(site.devices[device])
        ):
            return f"{device} accepted at {seen.there}: the daemon reads and writes it there from its next start on"
        register.forget(site.devices[device])
    finally:
        store.close()
    return f"{device} accepted: the daemon takes whatever it finds there at its next start for the device that it is"


async def _sought(site: Site, register: Register, device: str) -> Sighting | None:
    """Where a device is said to be that is not at home, looked for on the wire; None: it is, or it is not looked for."""
    from supervisor.daemon.assemble import make_line
    from supervisor.field.vetting import vetted

    line = make_line(site)
    try:
        reader = vetted(site, line, register).reader
        await line.reader.start()
        for _ in range(2):  # once to miss it, once to look for it
            with contextlib.suppress(DriverError):
                await reader.identify(device)
                return None
        return register.sightings.get(device)
    except DriverError:
        return None  # the port cannot be had
    finally:
        await line.reader.stop()


async def _found(driver: FieldReader, device: str) -> Identity:
    """Who a device is; one that is silent is looked for before that is said."""
    with contextlib.suppress(Silent):
        return await driver.identify(device)
    return await driver.identify(device)


async def _device(
    site: Site, driver: FieldReader, device: str, measures: Measures, register: Register
) -> list[Finding]:
    what = f"device {device}"
    try:
        who = await _found(driver, device)
        points = [p for p in site.points.values() if p.device == device]
        answers = await driver.read([_address(p) for p in points])
    except DriverError as error:
        return [Finding("bad", what, error.message)]
    offers = (
        ", ".join(name for name, has in (("RPM", who.rpm), ("COV", who.cov)) if has) or "single reads only"
    )
    moved = ""
    if (
        (told := site.devices[device].address) is not None
        and who.address
        and not _same_place(told, who.address)
    ):
        moved = f"; answers at {who.address}, not at {told} as the site file says"
    where = f"{who.name} ({who.model}), instance {who.instance}, {offers}{moved}"
    found = [Finding("note" if moved else "ok", what, where)]
    quarrels, strange = measures.quarrels(device), device in register.suspects
    for point, answer in zip(points, answers, strict=True):
        if answer.error is not None:
            found.append(Finding("bad", f"point {point.id}", answer.error.message))
        elif (
            not strange
            and point.id not in quarrels
            and (why := doubt(point, answer.value, answer.fault)) is not None
        ):
            found.append(Finding("bad", f"point {point.id}", f"{why.en}  {why.zh}"))
    for point in points:
        if point.writable:
            found += await _slots(driver, point, site.priority)
    found.append(await _speed(driver, device, points, site.devices[device].timeout))
    if isinstance(driver, Candid):
        found += [Finding("note", what, habit.text.en) for habit in driver.habits.of(device)]
    return found


async def _speed(driver: FieldReader, device: str, points: Sequence[Point], timeout: float) -> Finding:
    """How long a device takes to answer, and whether the `timeout` of the site file is long enough for that."""
    what = f"device {device}"
    slowest = 0.0
    try:
        for point in [*points, *points, *points, *points, *points][:MEASURED]:
            seconds = await _takes(driver, point)
            if seconds >= PATIENCE / COPIES:
                # it was sent a second time: the device is slow, or one datagram got lost
                seconds = min(seconds, await _takes(driver, point))
            slowest = max(slowest, seconds)
    except DriverError as error:
        return Finding("bad", what, f"answer times not measured: {error.message}")
    needs = max(1, math.ceil(COPIES * slowest))
    took = f"answers within {slowest:.2g} s" if slowest >= 0.01 else "answers within 0.01 s"
    if slowest >= timeout:
        return Finding("bad", what, f"{took}, later than its timeout of {timeout:g} s: say timeout: {needs}s")
    if COPIES * slowest > timeout:
        why = f"a request is sent {COPIES} times within its timeout of {timeout:g} s, the second time before it can answer"
        return Finding("note", what, f"{took}: {why}: say timeout: {needs}s")
    return Finding("ok", what, f"{took}, its timeout of {timeout:g} s is enough")


async def _takes(driver: FieldReader, point: Point) -> float:
    """Seconds from a question to its answer."""
    began = time.perf_counter()
    await driver.read([_address(point)])
    return time.perf_counter() - began


async def _slots(driver: FieldReader, point: Point, priority: int) -> list[Finding]:
    """Whether a point has the slots that the site file says, and whether letting go of it means on."""
    try:
        array = await driver.read_array(_address(point))
    except Misconfigured:
        if not point.priority_array:
            return []
        return [Finding("note", f"point {point.id}", "has no priority array: say priority_array: false")]
    except DriverError as error:
        return [Finding("bad", f"point {point.id}", error.message)]
    if not point.priority_array:
        message = "has a priority array: say priority_array: true, or it is never written"
        return [Finding("bad", f"point {point.id}", message)]
    if point.role is Role.START_STOP and decode(point, array.beneath(priority)) is True:
        return [Finding("note", f"point {point.id}", FALLS_BACK)]
    return []


def _same_place(told: str, found: str) -> bool:
    """`10.0.0.9` and `10.0.0.9:47808` are one."""
    full = told if ":" in told else f"{told}:{DEFAULT_PORT}"
    return found in (told, full) or f"{found}:{DEFAULT_PORT}" == full


def _address(point: Point) -> Address:
    return Address(point.device, point.object_type, point.instance)
