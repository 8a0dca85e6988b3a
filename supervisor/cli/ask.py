"""`explain` and `release`: questions and requests to the running daemon."""

from __future__ import annotations

import asyncio
import getpass
import json
from typing import Annotated, Any

import typer

from config.values import parse_duration
from supervisor.cli.check import Format, FormatOption
from supervisor.cli.common import SitePath, StateDir, fail, load_site, misused, plain_errors, state_dir_of
from supervisor.daemon.logs import configure
from supervisor.daemon.socket import NoDaemon, ask


def explain(
    site: SitePath,
    point: Annotated[str, typer.Argument(metavar="POINT", help="zone/equipment/role, or zone/role.")],
    format_: FormatOption = Format.TEXT,
    state_dir: StateDir = None,
) -> None:
    """Why a point is as it is: winner, losers, inputs and their ages, clause, slots, fallback, next change.

    Example: building-supervisor explain office.yaml f2-office-201/fcu/start_stop
    """
    loaded = load_site(site)
    from supervisor.telling.explained import in_words

    answer = _ask(loaded, state_dir, {"do": "explain", "point": point})
    typer.echo(
        json.dumps(answer, ensure_ascii=False, indent=2) if format_ is Format.JSON else in_words(answer)
    )


def release(
    site: SitePath,
    offline: Annotated[
        bool, typer.Option("--offline", help="No daemon runs: release what its journal says it left.")
    ] = False,
    lasting: Annotated[
        str, typer.Option("--for", help="How long the running daemon keeps its hands off: 30min, 2h.")
    ] = "30min",
    name: Annotated[str, typer.Option("--name", help="Who asks.")] = "",
    state_dir: StateDir = None,
) -> None:
    """Let go of every slot now. A running daemon takes up again what its rules want when the time is over.

    Example: building-supervisor release office.yaml --for 1h --name 李工
    Example: building-supervisor release office.yaml --offline
    """
    configure(quiet=True)
    loaded = load_site(site)
    if not offline:
        try:
            seconds = parse_duration(lasting)
        except ValueError as error:
            misused(f"--for {lasting}: {error}", getattr(error, "hint", ""))
        answer = _ask(
            loaded, state_dir, {"do": "release", "seconds": seconds, "name": name or getpass.getuser()}
        )
        counts = f"released={answer['released']} failed={len(answer['failed'])} owned={answer['owned']}"
        typer.echo(f"{counts} until {answer['until']}")
        if answer["failed"]:
            fail(
                f"still held: {', '.join(answer['failed'])}",
                "their devices may be silent; they are released when they answer",
            )
        return
    from supervisor.daemon.assemble import let_go

    with plain_errors():
        done = asyncio.run(let_go(loaded, state_dir_of(loaded, state_dir)))
    typer.echo(f"released={len(done.released)} failed={len(done.failed)} owned={done.owned}")
    if done.failed:
        fail(f"not released: {', '.join(done.failed)}", "the journal keeps them; try again when they answer")


def overtime(
    site: SitePath,
    zone: Annotated[str, typer.Argument(metavar="ZONE", help="Which zone stays open.")],
    until: Annotated[str, typer.Option("--until", help="HH:MM, or ISO 8601 with offset.")],
    name: Annotated[str, typer.Option("--name", help="Who asks.")],
    state_dir: StateDir = None,
) -> None:
    """Keep a zone open, or open it on a closed day, for at most 4 h at a time; it ends by itself.

    Example: building-supervisor overtime office.yaml f2-office-201 --until 20:00 --name 张三
    """
    loaded = load_site(site)
    request = {"do": "overtime", "zone": zone, "until": until, "name": name}
    answer = _ask(loaded, state_dir, request)
    typer.echo(f"{answer['zone']} stays open until {answer['until']} ({answer['name']})")


def reload(site: SitePath, state_dir: StateDir = None) -> None:
    """Have the running daemon read its site file again: checked first, the old one kept on any problem.

    Example: building-supervisor reload office.yaml
    """
    loaded = load_site(site)
    answer = _ask(loaded, state_dir, {"do": "reload"})
    if not answer["ok"]:
        fail(f"not reloaded: {answer['problem']}", "the old configuration stays in force")
    for change in answer["changes"]:
        typer.echo(change)
    if not answer["changes"]:
        typer.echo("nothing changed")
        if answer.get("before"):
            typer.echo("in force already, since the file was saved:")
        for change in answer.get("before", ()):
            typer.echo(f"  {change}")


def _ask(site: Any, state_dir: Any, request: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = asyncio.run(ask(state_dir_of(site, state_dir), request))
    except NoDaemon as error:
        fail(str(error), "start it with building-supervisor run SITE.yaml, or give its --state-dir")
    if "error" in answer:
        fail(answer["error"])
    return answer
