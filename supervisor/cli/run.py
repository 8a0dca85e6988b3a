"""`run`: the daemon."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config.phrase import Phrase
from schedules.time import from_iso
from supervisor.cli.common import (
    SitePath,
    StateDir,
    aloud,
    finite,
    misused,
    plain_errors,
    say_aloud,
    show_problems,
    state_dir_of,
)
from supervisor.cli.language import named, of_site, spoken, told
from supervisor.cli.streams import wait_for_nobody, wait_for_the_last_lines
from supervisor.clockwork.clock import MAX_SPEED, SiteClock
from supervisor.daemon.logs import configure
from supervisor.daemon.promises import RELEASE_WITHIN
from supervisor.sitefile.apart import begun
from supervisor.sitefile.places import OTHERS, building_named, default_state_dir
from supervisor.sitefile.sitefile import load

if TYPE_CHECKING:
    from config.loaded import Loaded
    from config.site import Site
    from supervisor.daemon.daemon import Daemon
    from supervisor.daemon.service import Service
    from supervisor.daemon.stopping import Stop
    from supervisor.gateway import Released


PROMISED = 5.0
"""s in which a stop lets go of every slot whose controller answers: less than that cannot be asked for."""


def parse_start(text: str | None) -> float | None:
    """An ISO 8601 time with offset as POSIX seconds. Exits 2 for anything else."""
    if text is None:
        return None
    try:
        return from_iso(text)
    except ValueError as error:
        misused(
            Phrase(f"--start {error}", f"--start {text} 不是带时差的时间"),
            Phrase("write it as 2026-07-15T15:00:00+08:00", "写法如 2026-07-15T15:00:00+08:00"),
        )


def run(
    site: SitePath,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Decide, audit and count everything; write nothing · 照常演算、审计、计数，但不下发",
        ),
    ] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit if the site file is not valid · 站点文件有误则退出"),
    ] = False,
    start: Annotated[
        str | None,
        typer.Option(
            "--start",
            help="Where the site clock begins, ISO 8601 with offset · 站点时钟的起点，ISO 8601 带时差",
        ),
    ] = None,
    speed: Annotated[
        float,
        typer.Option(
            "--speed",
            help="How much faster the site clock runs · 站点时钟快多少倍",
            min=0.01,
            max=MAX_SPEED,
            callback=finite,
        ),
    ] = 1.0,
    release_within: Annotated[
        float,
        typer.Option(
            "--release-within",
            metavar="SECONDS",
            help="How long a stop goes on for controllers that are slow to let go; keep it 5 s under "
            "the service manager's limit (TimeoutStopSec) · 停止时为释放缓慢的控制器等待多久；应比服务管理器的上限（TimeoutStopSec）少 5 秒",
            min=PROMISED,
            callback=finite,
        ),
    ] = RELEASE_WITHIN,
    new_store: Annotated[
        bool,
        typer.Option(
            "--new-store",
            help="Where the store is damaged: keep it under another name, start with a new one, and list what "
            "our priority holds that no journal knows. A sound store stays in use · 数据库损坏时：将其改名保留，另建新库，并列出日志中没有的占用；完好的数据库继续使用",
        ),
    ] = False,
    trust_clock: Annotated[
        bool,
        typer.Option(
            "--trust-clock",
            help="Go by the computer's clock even where it lies before the store's newest entry · 即使计算机时钟早于数据库最新记录，也以它为准",
        ),
    ] = False,
    accept: Annotated[
        str,
        typer.Option(
            "--accept",
            metavar="NAME",
            help="Who accepts the site file as it is on disk, where it writes more than the last accepted one. Without "
            "it that one runs, and the file waits for `reload --yes` · 磁盘上的站点文件比上次确认的写入更多时，由谁确认；不写则沿用旧的，等待 `reload --yes`",
        ),
    ] = "",
    state_dir: StateDir = None,
) -> None:
    """Supervise a building until SIGTERM, which releases every slot and exits 0. · 监管一栋建筑，直到 SIGTERM：释放所有占用后以 0 退出

    Controllers that answer are let go within five seconds; for the rest the stop goes on, and a second SIGTERM or
    Ctrl-C ends it at once. Exit 1 when a slot that we may write may still be held: the last lines name it. · 五秒内释放有应答的控制器；其余的继续等待，第二次 SIGTERM 或 Ctrl-C 立即结束。仍可能有占用时返回 1，并在末行列出

    Example: building-supervisor run office.yaml --dry-run
    """
    configure(lang=spoken)
    wait_for_nobody()
    os.umask(OTHERS)
    clock = SiteClock(parse_start(start), speed)
    with plain_errors():
        try:
            released = asyncio.run(
                _managed(
                    site.absolute(), clock, state_dir, strict=strict, exists=site.is_file(),
                    dry_run=True if dry_run else None, stop_within=release_within, new_store=new_store,
                    trust_clock=trust_clock, accept=accept.strip() or None,
                )
            )  # fmt: skip
        finally:
            wait_for_the_last_lines()
    if released is None:
        raise typer.Exit(0)
    typer.echo(f"released={len(released.released)} failed={len(released.failed)}")
    from supervisor.gateway.left import told as lines_of

    for line in lines_of(released.left, str(site), named()):
        aloud(line)
    raise typer.Exit(1 if released.failed else 0)


async def _introduce(daemon: Daemon) -> None:
    """To a person at a terminal; elsewhere the log's line has the same."""
    for line in daemon.introduction.lines(spoken()):
        aloud(line)
    await asyncio.Event().wait()  # a helper that ends is begun again


async def _managed(*given: Any, **options: Any) -> Released | None:
    """The daemon, with signs of life to the service manager as long as it runs, if one has started it."""
    from supervisor.daemon.service import service_of

    service = service_of()
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGHUP, lambda: None
    )  # before there is anything to read again
    if service.within is not None:
        faulthandler.enable()  # where it hung, for whoever reads the log after a watchdog's SIGABRT
    living = asyncio.create_task(service.watch())
    try:
        return await _run(*given, **options, service=service)
    finally:
        service.stopping()
        living.cancel()


async def _run(
    path: Path,
    clock: SiteClock,
    state_dir: Path | None,
    *,
    strict: bool,
    exists: bool,
    dry_run: bool | None,
    stop_within: float,
    new_store: bool,
    trust_clock: bool,
    accept: str | None,
    service: Service,
) -> Released | None:
    """The daemon, once the site file is valid. None if it was stopped before that."""
    reading = begun(load, path)  # while what runs it is imported
    from supervisor.daemon.assemble import Run, supervise
    from supervisor.daemon.opening import FileChanged
    from supervisor.daemon.stopping import Stop

    loaded = reading()
    of_site(loaded.language)
    if loaded.problems:
        show_problems(loaded.problems, loaded.text)
    site = loaded.site
    stop = Stop(stop_within, say_aloud)
    if site is None:
        waits = not strict and exists
        if (site := await _mended(path, loaded, state_dir, stop, service if waits else None)) is None:
            return None
    run = Run(
        site,
        clock,
        state_dir_of(site, state_dir),
        path,
        dry_run,
        stop=stop,
        new_store=new_store,
        trust_clock=trust_clock,
        accept=accept,
        saved=loaded.site is None,
        service=service,
        watchers=(_introduce,) if sys.stderr.isatty() else (),
    )
    try:
        return await supervise(run)
    except FileChanged:
        return await _run(
            path, clock, state_dir, strict=strict, exists=exists, dry_run=dry_run, stop_within=stop_within, new_store=new_store,
            trust_clock=trust_clock, accept=accept, service=service,
        )  # fmt: skip


async def _mended(
    path: Path, loaded: Loaded, state_dir: Path | None, stop: Stop, service: Service | None
) -> Site | None:
    """A file that is not valid: what an earlier run holds is let go of, and the cure waited for; without a `service`, Exit.

    None if it was stopped before that.
    """
    from supervisor.daemon.assemble import make_host
    from supervisor.daemon.boot import Earlier, last_good, page_of, wait_for_cure
    from supervisor.daemon.safe_device import safe_device
    from supervisor.daemon.service import WAITS_FOR_FILE

    name = building_named(loaded.text)
    folder = state_dir or (default_state_dir(name) if name is not None else None)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.signal)
    left = Earlier(folder, path, loaded.text)
    await left.release()
    if service is None:
        raise typer.Exit(1)
    earlier = last_good(folder, path, loaded.text) if folder is not None else None
    aloud(
        told(
            Phrase(
                "waiting for the site file to be mended; --strict exits instead",
                "等待站点文件改正；--strict 则直接退出",
            )
        )
    )
    service.up(WAITS_FOR_FILE)
    device = safe_device(earlier, make_host)
    return await wait_for_cure(path, loaded, page_of(loaded, earlier), stop.asked, left, device)
