"""`run`: the daemon."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

import typer

from supervisor.app import Run, supervise
from supervisor.cli.common import SitePath, StateDir, fail, load_site, plain_errors, state_dir_of
from supervisor.clock import MAX_SPEED, SiteClock
from supervisor.logs import configure


def parse_start(text: str | None) -> float | None:
    """An ISO 8601 time with offset as POSIX seconds. Exits 1 for anything else."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"--start {text} is no time", "write it as 2026-07-15T15:00:00+08:00")
    if moment.tzinfo is None:
        fail(f"--start {text} has no offset", "write it as 2026-07-15T15:00:00+08:00")
    return moment.timestamp()


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
        float, typer.Option("--speed", help="How much faster the site clock runs.", min=0.01, max=MAX_SPEED)
    ] = 1.0,
    state_dir: StateDir = None,
) -> None:
    """Supervise a building until SIGTERM, which releases every slot and exits 0.

    Example: building-supervisor run office.yaml --dry-run
    """
    configure()
    loaded = load_site(site)
    clock = SiteClock(parse_start(start), speed)
    with plain_errors():
        released = asyncio.run(
            supervise(Run(loaded, clock, state_dir_of(loaded, state_dir), dry_run=True if dry_run else None))
        )
    typer.echo(f"released={len(released.released)} failed={len(released.failed)}")
    raise typer.Exit(1 if released.failed else 0)
