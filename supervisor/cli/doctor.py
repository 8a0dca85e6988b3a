"""`doctor`: what stands between this machine and a healthy daemon."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from config.roles import Role
from config.site import Point, Site
from drivers.base import Address, Driver, DriverError, Misconfigured
from drivers.decode import decode
from supervisor.cli.commission import commission
from supervisor.cli.common import SitePath, StateDir, load_site, state_dir_of
from supervisor.control import NoDaemon, ask
from supervisor.logs import configure

OLDEST_PLAUSIBLE = 1_735_689_600.0
"""2025-01-01: a gateway box without a battery wakes up in 1970."""


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
    state_dir: StateDir = None,
) -> None:
    """Ports, clock, permissions, database, reachability, and fallbacks that mean "on".

    Example: building-supervisor doctor office.yaml
    Example: building-supervisor doctor office.yaml --commission --by 李工
    """
    configure(quiet=True)
    loaded = load_site(site)
    folder = state_dir_of(loaded, state_dir)
    if walk:
        commission(loaded, folder, by, only=only, yes=yes)
    bad = 0
    for finding in _local(loaded, folder):
        bad += _print(finding)
    for finding in asyncio.run(_wire(loaded, folder)):
        bad += _print(finding)
    typer.echo(f"{bad} problem{'' if bad == 1 else 's'}")
    raise typer.Exit(1 if bad else 0)


def _print(finding: Finding) -> int:
    mark = {"ok": "✓", "note": "·", "bad": "✗"}[finding.level]
    typer.echo(f"{mark} {finding.what}: {finding.said}")
    return finding.level == "bad"


def _local(site: Site, folder: Path) -> Iterator[Finding]:
    from supervisor.app import open_store
    from supervisor.store.problems import StoreProblem

    now = time.time()
    yield Finding("ok" if now > OLDEST_PLAUSIBLE else "bad", "clock", time.strftime("%Y-%m-%d %H:%M:%S %Z"))
    try:
        open_store(site, folder).close()
        yield Finding("ok", "database", site.database or str(folder / "supervisor.sqlite3"))
    except StoreProblem as problem:
        yield Finding("bad", "database", f"{problem.message}; {problem.hint}")
    except OSError as error:
        yield Finding("bad", "state folder", str(error))
    else:
        yield Finding("ok" if os.access(folder, os.W_OK) else "bad", "state folder", str(folder))
    yield _port(site)


def _port(site: Site) -> Finding:
    what = f"HTTP port {site.http.bind}:{site.http.port}"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((site.http.bind, site.http.port))
        except OSError as error:
            return Finding("note", what, f"{error.strerror}: the daemon itself, or another program")
    return Finding("ok", what, "free")


async def _runs(folder: Path) -> bool:
    """Whether a daemon answers: its socket alone may be what a killed one left behind."""
    try:
        await ask(folder, {"do": "status"}, timeout=5.0)
    except NoDaemon:
        return False
    return True


async def _wire(site: Site, folder: Path) -> list[Finding]:
    from supervisor.app import make_driver

    driver = make_driver(site)
    try:
        await driver.start()
    except DriverError as error:
        running = await _runs(folder)
        level = "note" if running else "bad"
        hint = " (the running daemon holds it: stop it to let doctor ask the devices)" if running else ""
        return [Finding(level, f"BACnet port {site.bacnet.bind}:{site.bacnet.port}", error.message + hint)]
    found = [Finding("ok", f"BACnet port {site.bacnet.bind}:{site.bacnet.port}", "free")]
    try:
        for answers in await asyncio.gather(*(_device(site, driver, device) for device in site.devices)):
            found += answers
    finally:
        await driver.stop()
    return found


async def _device(site: Site, driver: Driver, device: str) -> list[Finding]:
    what = f"device {device}"
    try:
        who = await driver.identify(device)
        points = [p for p in site.points.values() if p.device == device]
        answers = await driver.read([_address(p) for p in points])
    except DriverError as error:
        return [Finding("bad", what, error.message)]
    offers = (
        ", ".join(name for name, has in (("RPM", who.rpm), ("COV", who.cov)) if has) or "single reads only"
    )
    found = [Finding("ok", what, f"{who.name} ({who.model}), instance {who.instance}, {offers}")]
    for point, answer in zip(points, answers, strict=True):
        if answer.error is not None:
            found.append(Finding("bad", f"point {point.id}", answer.error.message))
        elif decode(point, answer.value, answer.fault)[0] is None:
            found.append(Finding("bad", f"point {point.id}", f"{answer.value!r} is no {point.role}"))
    for point in points:
        if point.writable:
            found += await _slots(driver, point, site.priority)
    return found


async def _slots(driver: Driver, point: Point, priority: int) -> list[Finding]:
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
    if point.role is Role.START_STOP and decode(point, array.beneath(priority))[0] is True:
        return [Finding("note", f"point {point.id}", 'falls back to "on" when our slot is NULL')]
    return []


def _address(point: Point) -> Address:
    return Address(point.device, point.object_type, point.instance)
