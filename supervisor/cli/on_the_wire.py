"""What `doctor` asks the devices: who they are, what they answer, how fast, and what letting go of a point means."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from config.points import Point, decode
from config.roles import Role
from config.site import Site
from config.values import DEFAULT_PORT
from drivers.care.bind import choose
from drivers.protocol import Address, Candid, DriverError, FieldReader, Identity, Misconfigured, Silent
from drivers.readings import doubt
from supervisor.cli.findings import FALLS_BACK, Finding, accepting, mismatch
from supervisor.field.register import Register

if TYPE_CHECKING:
    from supervisor.field.measures import Measures
    from supervisor.store.writer import Store

PATIENCE = 10.0
"""Seconds that a device may take to answer here, whatever the site file says: how long it takes is what is asked."""
MEASURED = 5
"""Reads that are timed, of one object each."""
COPIES = 3
"""Times that a request is sent within `timeout`: an answer that takes longer than the share of one is asked for again."""
_NAMED = 5
"""Points that one line names; more are counted."""


async def on_the_wire(site: Site, store: Store) -> list[Finding]:
    """Every device of a site, asked side by side; what the store knows of them goes in."""
    from supervisor.daemon.assemble import make_line
    from supervisor.field.kept import register_of
    from supervisor.field.measures import Measures
    from supervisor.field.vetted import vetted

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
            found.append(Finding("bad", f"device {device}", accepting(device, register.reason(device))))
        for spec in site.devices.values():
            if (where := register.elsewhere(spec)) is not None:
                found.append(Finding("bad", f"device {spec.id}", where.en))
    finally:
        await line.reader.stop()
    return found


def _units(measures: Measures, device: str) -> list[Finding]:
    """Where site file and device disagree about what is counted, and where nobody says it."""
    found = [mismatch(point, said.en) for point, said in measures.quarrels(device).items()]
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
