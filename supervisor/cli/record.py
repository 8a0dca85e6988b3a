"""`record`: a device's objects and answers into a fixture that can be played again."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from config.phrase import Phrase
from supervisor.cli.common import (
    OWN_INSTANCE,
    ForeignAt,
    OwnInstance,
    aloud,
    fail,
    load_site,
    misused,
    plain_errors,
    say_written,
)
from supervisor.cli.language import spoken, told

if TYPE_CHECKING:
    from drivers.recorded import Recorded
    from supervisor.field.survey.record import Recorder

EVERY: Final = 2.0
"""s between two words on how far it is."""
WAIT: Final = 5.0
"""s that a device has to say I-Am."""
_SILENT: Final = Phrase("it says I-Am, and answers nothing", "它应答了 I-Am，但不回答任何请求")


class Where(NamedTuple):
    """From where a device is asked, and which."""

    bind: str | None
    port: int
    instance: int
    address: str | None
    device: int | None
    bbmd: str | None


def record(
    target: Annotated[
        str,
        typer.Argument(
            metavar="SITE.yaml|ADDRESS",
            help="A site file that has the device, or the device's address: 10.1.2.11, 2001:12 · 含该设备的站点文件，或设备地址",
        ),
    ],
    device: Annotated[
        str | None,
        typer.Option(
            "--device",
            help="Its name in the site file, or its device instance · 站点文件中的名称，或设备实例号",
        ),
    ] = None,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FIXTURE", help="The fixture: a YAML file · 记录文件（YAML）"),
    ] = Path("device.yaml"),
    bind: Annotated[
        str | None,
        typer.Option(
            "--bind",
            metavar="ADDRESS",
            help="This machine's address towards the device · 本机面向该设备的地址",
        ),
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Our UDP port · 本机 UDP 端口")
    ] = None,
    instance: OwnInstance = OWN_INSTANCE,
    bbmd: ForeignAt = None,
) -> None:
    """A device's objects, values, errors and delays as a fixture, which a simulated device plays again. · 将设备的对象、数值、错误和延时记录为文件，供模拟设备重放

    It only reads. Every two seconds it says how far it is. Addresses of other machines are not asked for; names and descriptions are
    kept as they are: look through the file before you give it away. A daemon on the same port has to be stopped first. · 只读不写，每两秒报告进度。不记录其他机器的地址；名称和说明按原样保留，交给他人前请先查看。同一端口上的守护进程须先停止

    Example: building-supervisor record 10.1.2.11 --device 1001 -o ddc.yaml
    Example: building-supervisor record office.yaml --device ddc-2 -o ddc-2.yaml
    """
    where = _where(target, device, bind, port, instance, bbmd)
    with plain_errors():
        recorded, at = asyncio.run(_record(where))
        count = _write(recorded, at, output)
    say_written(output)
    aloud(
        told(
            Phrase(
                f"{count} answers of {len(recorded.items)} objects",
                f"{len(recorded.items)} 个对象，{count} 个应答",
            )
        )
    )


def _where(
    target: str, device: str | None, bind: str | None, port: int | None, instance: int, bbmd: str | None
) -> Where:
    from supervisor.cli.discover_wire import bbmd_of

    if not target.endswith((".yaml", ".yml")):
        if device is not None and not (device.isdecimal() and int(device) <= 4_194_302):
            misused(
                Phrase(
                    f"--device {device}: an instance is meant, like 1001",
                    f"--device {device}：应为实例号，如 1001",
                )
            )
        number = int(device) if device is not None else None
        return Where(bind, port or 47808, instance, target, number, bbmd_of(bbmd))
    site = load_site(Path(target))
    found = next((d for d in site.devices.values() if device in (d.id, str(d.instance))), None)
    if found is None or found.mqtt is not None:
        known = ", ".join(d.id for d in site.devices.values() if d.mqtt is None)
        fail(
            Phrase(f"no BACnet device is called {device}", f"没有名为 {device} 的 BACnet 设备"),
            Phrase(f"--device with one of {known}", f"--device 可选 {known}"),
        )
    own = site.bacnet
    return Where(
        bind or own.bind, port or own.port, own.instance, found.address, found.instance, bbmd_of(bbmd)
    )


async def _record(where: Where) -> tuple[Recorded, str]:
    from drivers.raw import RawReader
    from supervisor.cli.discover_wire import Ask, bound
    from supervisor.daemon.assemble import make_surveyor
    from supervisor.daemon.logs import configure
    from supervisor.field.survey.record import Recorder

    configure(quiet=True, lang=spoken, person=True)
    limits = (where.device, where.device) if where.device is not None else None
    at = [where.address] if where.address is not None else []
    ask = Ask(where.bind, where.port, where.instance, at, limits, where.bbmd, WAIT)
    reader = make_surveyor(bound(ask), ask.port, ask.instance, ask.bbmd)
    await reader.start()
    try:
        met = await reader.who_is_there(where.address, limits, WAIT)
        if not met:
            which = where.device if where.device is not None else where.address
            fail(
                Phrase(f"device {which} said no I-Am", f"设备 {which} 没有应答 I-Am"),
                Phrase(
                    "is the address right? discover --at ADDRESS looks too",
                    "地址是否正确？可用 discover --at 地址 查看",
                ),
            )
        assert isinstance(reader, RawReader)  # the surveyor's stack is one
        recorder = Recorder(reader, str(met[0].instance), met[0].instance)
        beat = asyncio.create_task(_tell(recorder))
        try:
            recorded = await recorder.all()
        finally:
            beat.cancel()
            await asyncio.gather(beat, return_exceptions=True)
    finally:
        await reader.stop()
    if all(raw.kind == "silence" for raw in recorded.answers.values()):
        fail(_SILENT, Phrase("another device may hold its line: try again", "可能被其他设备占线：请重试"))
    return recorded, dt.datetime.now().astimezone().isoformat(timespec="seconds")


async def _tell(recorder: Recorder) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(EVERY)
        seconds, n = time.monotonic() - began, len(recorder.found.answers)
        at = f" ({recorder.doing})" if recorder.doing else ""
        said = Phrase(
            f"{seconds:4.0f} s  {recorder.done}/{recorder.total or '?'} objects, {n} answers{at}",
            f"{seconds:4.0f} 秒  {recorder.done}/{recorder.total or '?'} 个对象，{n} 个应答{at}",
        )
        aloud(told(said))


def _write(recorded: Recorded, at: str, output: Path) -> int:
    """The file, whole or not at all; how many answers are in it. Raises OSError."""
    from drivers.recorded import written
    from supervisor.field.survey.record import shown

    half = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        half.write_text("".join(written(recorded, at, shown(recorded))), encoding="utf-8")
        half.replace(output)
    finally:
        half.unlink(missing_ok=True)
    return len(recorded.answers)
