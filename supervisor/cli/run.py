"""`run`: the daemon."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.problems import render_all
from schedules.time import from_iso
from supervisor.cli.common import SitePath, StateDir, aloud, finite, misused, plain_errors, state_dir_of
from supervisor.clockwork.clock import MAX_SPEED, SiteClock
from supervisor.daemon.logs import configure
from supervisor.daemon.promises import RELEASE_WITHIN
from supervisor.sitefile.places import OTHERS, building_named, default_state_dir
from supervisor.sitefile.sitefile import load

if TYPE_CHECKING:
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
        misused(f"--start {error}", "write it as 2026-07-15T15:00:00+08:00")


def run(
    site: SitePath,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Decide, audit and count everything; write nothing.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit if the site file is not valid.")] = False,
    start: Annotated[
        str | None, typer.Option("--start", help="Where the site clock begins, ISO 8601 with offset.")
    ] = None,
    speed: Annotated[
        float,
        typer.Option(
            "--speed", help="How much faster the site clock runs.", min=0.01, max=MAX_SPEED, callback=finite
        ),
    ] = 1.0,
    release_within: Annotated[
        float,
        typer.Option(
            "--release-within",
            metavar="SECONDS",
            help="How long a stop goes on for controllers that are slow to let go; keep it 5 s under "
            "the service manager's limit (TimeoutStopSec).",
            min=PROMISED,
            callback=finite,
        ),
    ] = RELEASE_WITHIN,
    new_store: Annotated[
        bool,
        typer.Option(
            "--new-store",
            help="Where the store is damaged: keep it under another name, start with a new one, and list what "
            "our priority holds that no journal knows. A sound store stays in use.",
        ),
    ] = False,
    trust_clock: Annotated[
        bool,
        typer.Option(
            "--trust-clock",
            help="Go by the computer's clock even where it lies before the store's newest entry.",
        ),
    ] = False,
    accept: Annotated[
        str,
        typer.Option(
            "--accept",
            metavar="NAME",
            help="Who accepts the site file as it is on disk, where it writes more than the last accepted one. Without "
            "it that one runs, and the file waits for `reload --yes`.",
        ),
    ] = "",
    state_dir: StateDir = None,
) -> None:
    """Supervise a building until SIGTERM, which releases every slot and exits 0.

    Controllers that answer are let go within five seconds; for the rest the stop goes on, and a second SIGTERM or
    Ctrl-C ends it at once. Exit 1 when a slot that we may write may still be held: the last lines name it.

    Example: building-supervisor run office.yaml --dry-run
    """
    configure()
    os.umask(OTHERS)
    clock = SiteClock(parse_start(start), speed)
    with plain_errors():
        released = asyncio.run(
            _run(
                site.absolute(), clock, state_dir, strict=strict, exists=site.is_file(),
                dry_run=True if dry_run else None, stop_within=release_within, new_store=new_store, trust_clock=trust_clock,
                accept=accept.strip() or None,
            )
        )  # fmt: skip
    if released is None:
        raise typer.Exit(0)
    typer.echo(f"released={len(released.released)} failed={len(released.failed)}")
    from supervisor.gateway.left import told

    for line in told(released.left, str(site)):
        aloud(line)
    raise typer.Exit(1 if released.failed else 0)


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
) -> Released | None:
    """The daemon, once the site file is valid. None if it was stopped before that."""
    from supervisor.daemon.assemble import Run, supervise
    from supervisor.daemon.boot import Earlier, last_good, page_of, wait_for_cure
    from supervisor.daemon.opening import FileChanged
    from supervisor.daemon.stopping import Stop

    loaded = load(path)
    if loaded.problems:
        sys.stderr.write(render_all(loaded.problems, loaded.text) + "\n")
    site = loaded.site
    stop = Stop(stop_within, aloud)
    if site is None:
        name = building_named(loaded.text)
        folder = state_dir or (default_state_dir(name) if name is not None else None)
        left = Earlier(folder, path, loaded.text)
        await left.release()
        if strict or not exists:
            raise typer.Exit(1)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.signal)
        earlier = last_good(folder, path, loaded.text) if folder is not None else None
        sys.stderr.write("waiting for the site file to be mended; --strict exits instead\n")
        site = await wait_for_cure(path, loaded, page_of(loaded, earlier), stop.asked, left)
        if site is None:
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
    )
    try:
        return await supervise(run)
    except FileChanged:
        return await _run(
            path, clock, state_dir, strict=strict, exists=exists, dry_run=dry_run, stop_within=stop_within, new_store=new_store,
            trust_clock=trust_clock, accept=accept,
        )  # fmt: skip
