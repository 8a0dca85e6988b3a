"""What `doctor` asks the devices: who they are, what they answer, how fast, and what letting go of a point means."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from config.phrase import Phrase, same
from config.points import Point
from config.roles import Role
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
    Silent,
    Uplinked,
)
from drivers.refused import in_both
from drivers.values import decode, doubt
from supervisor.cli.findings import (
    FALLS_BACK,
    FREE,
    HUB,
    Finding,
    accepting,
    called_otherwise,
    chosen,
    mismatch,
    of_hub,
)
from supervisor.field.register import Register

if TYPE_CHECKING:
    from supervisor.field.measures import Measures
    from supervisor.field.vetted import VettedReader
    from supervisor.store.writer import Store

PATIENCE = 10.0
"""Seconds that a device may take to answer here, whatever the site file says: how long it takes is what is asked."""
MEASURED = 5
"""Reads that are timed, of one object each."""
COPIES = 3
"""Times that a request is sent within `timeout`: an answer that takes longer than the share of one is asked for again."""
_HERE = Phrase("", "")
_NO_ARRAY = Phrase(
    "has no priority array: say priority_array: false", "没有优先级数组：请写 priority_array: false"
)
_HAS_ARRAY = Phrase(
    "has a priority array: say priority_array: true, or it is never written",
    "有优先级数组：请写 priority_array: true，否则不会写入",
)
_NAMED = 5
"""Points that one line names; more are counted."""


async def on_the_wire(site: Site, store: Store, folder: Path) -> list[Finding]:
    """Every device of a site, asked side by side; what the store knows of them goes in."""
    from supervisor.daemon.assemble import make_line
    from supervisor.field.kept import register_of
    from supervisor.field.measures import Measures
    from supervisor.field.vetted import VettedReader, vetted

    what = HUB
    if not site.hidden:
        try:
            bind = choose(site.bacnet.bind, [d.address for d in site.devices.values()], site.bacnet.stack)
        except DriverError as error:
            return [Finding("bad", f"BACnet port {site.bacnet.port}", in_both(error.message))]
        what = f"BACnet port {bind}:{site.bacnet.port}{chosen(site.bacnet.bind)}"
    line = make_line(site, PATIENCE, folder)
    try:
        await line.reader.start()
    except DriverError as error:
        return [Finding("bad", what, in_both(error.message))]
    found = [Finding("ok", what, FREE)] if what != HUB else []
    if isinstance(line.reader, Uplinked) and (uplink := line.reader.uplink) is not None:
        found += of_hub(site, uplink.hub, in_both(uplink.problem))
    try:
        register = register_of(store)
        measures = Measures(site)
        driver = vetted(site, line, register, measures).reader
        assert isinstance(driver, VettedReader)  # what vetted makes
        of_device = await asyncio.gather(
            *(_device(site, driver, device, measures, register) for device in site.devices)
        )
        found += [each for answers in of_device for each in answers]
        for device, answers in zip(site.devices, of_device, strict=True):
            if answers[0].level != "bad":  # who is silent says no units either: that is one thing, and told
                found += _units(measures, device)
        for device in register.suspects:
            found.append(Finding("bad", f"device {device}", accepting(device, register.barred[device])))
        for spec in site.devices.values():
            if (where := register.elsewhere(spec)) is not None:
                found.append(Finding("bad", f"device {spec.id}", where))
    finally:
        await line.reader.stop()
    return found


def _units(measures: Measures, device: str) -> list[Finding]:
    """Where site file and device disagree about what is counted, and where nobody says it."""
    found = [called_otherwise(point, said) for point, said in measures.called.of(device).items()]
    found += [mismatch(point, said) for point, said in measures.quarrels(device).items()]
    alike: dict[Phrase, list[str]] = {}
    for point, said in measures.doubts(device).items():
        alike.setdefault(said, []).append(point)
    for said_of, points in alike.items():
        more = len(points) > _NAMED
        named = Phrase(
            f"{said_of.en}: {', '.join(points[:_NAMED])}"
            + (f" and {len(points) - _NAMED} more" if more else ""),
            f"{said_of.zh}：{'、'.join(points[:_NAMED])}" + (f" 等 {len(points)} 个" if more else ""),
        )
        found.append(Finding("note", f"device {device}", named))
    if unread := measures.unread(device):
        what = Phrase(
            f"what {len(unread)} points count in could not be read, so that nothing is written there",
            f"有 {len(unread)} 个点位读不到单位，因此不写入",
        )
        found.append(Finding("bad", f"device {device}", what))
    return found


async def _found(driver: FieldReader, device: str) -> Identity:
    """Who a device is; one that is silent is looked for before that is said."""
    with contextlib.suppress(Silent):
        return await driver.identify(device)
    return await driver.identify(device)


async def _device(
    site: Site, driver: VettedReader, device: str, measures: Measures, register: Register
) -> list[Finding]:
    what = f"device {device}"
    try:
        who = await _found(driver, device)
        points = [p for p in site.points.values() if p.device == device]
        await driver.learn_states(device)
        answers = await driver.read([_address(p) for p in points])
    except DriverError as error:
        return [Finding("bad", what, in_both(error.message))]
    kinds = [name for name, has in (("RPM", who.rpm), ("COV", who.cov)) if has]
    offers = same(", ".join(kinds)) if kinds else Phrase("single reads only", "仅支持逐个读取")
    moved = _HERE
    if (
        (told := site.devices[device].address) is not None
        and who.address
        and not _same_place(told, who.address)
    ):
        moved = Phrase(
            f"; answers at {who.address}, not at {told} as the site file says",
            f"；在 {who.address} 应答，而站点文件写的是 {told}",
        )
    where = Phrase(
        f"{who.name} ({who.model}), instance {who.instance}, {offers.en}{moved.en}",
        f"{who.name}（{who.model}），实例号 {who.instance}，{offers.zh}{moved.zh}",
    )
    found = [Finding("note" if moved is not _HERE else "ok", what, where)]
    quarrels = measures.quarrels(device) | measures.called.of(device)
    strange = device in register.suspects
    for point, answer in zip(points, answers, strict=True):
        if answer.error is not None:
            found.append(Finding("bad", f"point {point.id}", in_both(answer.error.message)))
        elif (
            not strange
            and point.id not in quarrels
            and (why := doubt(point, answer.value, answer.fault)) is not None
        ):
            found.append(Finding("bad", f"point {point.id}", why))
    for point in points:
        if point.writable:
            found += await _slots(driver, point, site.priority)
    found.append(await _speed(driver, device, points, site.devices[device].timeout))
    if isinstance(driver, Candid):
        found += [Finding("note", what, habit.text) for habit in driver.habits.of(device)]
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
        why = in_both(error.message)
        return Finding(
            "bad", what, Phrase(f"answer times not measured: {why.en}", f"未能测量应答时间：{why.zh}")
        )
    level, said = _judged(slowest, timeout)
    return Finding(level, what, said)


def _judged(slowest: float, timeout: float) -> tuple[str, Phrase]:
    """What an answer time means, s, for a device with this `timeout`."""
    needs = max(1, math.ceil(COPIES * slowest))
    took = f"answers within {max(slowest, 0.01):.2g} s"
    took_zh = f"{max(slowest, 0.01):.2g} 秒内应答"
    if slowest >= timeout:
        return "bad", Phrase(
            f"{took}, later than its timeout of {timeout:g} s: say timeout: {needs}s",
            f"{took_zh}，超过其 timeout {timeout:g} 秒：请写 timeout: {needs}s",
        )
    if COPIES * slowest > timeout:
        return "note", Phrase(
            f"{took}: a request is sent {COPIES} times within its timeout of {timeout:g} s, the second time before it can "
            f"answer: say timeout: {needs}s",
            f"{took_zh}：请求在其 timeout {timeout:g} 秒内发送 {COPIES} 次，第二次发出时设备还来不及应答：请写 timeout: {needs}s",
        )
    return "ok", Phrase(
        f"{took}, its timeout of {timeout:g} s is enough", f"{took_zh}，其 timeout {timeout:g} 秒足够"
    )


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
        return [Finding("note", f"point {point.id}", _NO_ARRAY)]
    except DriverError as error:
        return [Finding("bad", f"point {point.id}", in_both(error.message))]
    if not point.priority_array:
        return [Finding("bad", f"point {point.id}", _HAS_ARRAY)]
    if point.role is Role.START_STOP and decode(point, array.beneath(priority)) is True:
        return [Finding("note", f"point {point.id}", FALLS_BACK)]
    return []


def _same_place(told: str, found: str) -> bool:
    """`10.0.0.9` and `10.0.0.9:47808` are one."""
    full = told if ":" in told else f"{told}:{DEFAULT_PORT}"
    return found in (told, full) or f"{found}:{DEFAULT_PORT}" == full


def _address(point: Point) -> Address:
    return Address(point.device, point.object_type, point.instance)
