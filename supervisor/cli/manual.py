"""`manual`: a person holds a value of a point until a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NoReturn

import typer

from config.roles import Role
from config.site import Site
from schedules.time import clock, iso
from supervisor.cli.ask import ask_daemon
from supervisor.cli.common import SitePath, StateDir, load_site, misused, whoever
from supervisor.core.views import Manual
from supervisor.core.wording import command


def manual(
    site: SitePath,
    point: Annotated[
        str | None,
        typer.Argument(
            metavar="[POINT]",
            help="zone/equipment/role, or zone/role; the zone by its id or its name. Left out: list what is held.",
        ),
    ] = None,
    value: Annotated[
        str | None, typer.Argument(metavar="[VALUE]", help="on, off, a temperature in °C, or a mode.")
    ] = None,
    until: Annotated[str, typer.Option("--until", help="HH:MM, or ISO 8601 with offset.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why: it goes into the audit.")] = "",
    name: Annotated[str, typer.Option("--name", help="Who asks. Default: who is logged in.")] = "",
    end: Annotated[bool, typer.Option("--end", help="End it now.")] = False,
    state_dir: StateDir = None,
) -> None:
    """Hold a value by hand until a time, for at most 12 h; it ends by itself, or with --end.

    Fire, frost protection and the compressor's rest go before it, and setpoints keep the plan's limits. What it keeps
    from the other rules counts as a violation. Without a POINT, what is held now is listed.

    Example: building-supervisor manual office.yaml f2-office-201/fcu/start_stop on --until 18:00 --reason 接待
    Example: building-supervisor manual office.yaml f2-office-201/fcu/start_stop --end
    Example: building-supervisor manual office.yaml
    """
    who = name or whoever()
    if point is None:
        if end or until:
            _unclear("which POINT?")
        loaded = load_site(site)
        _list(loaded, ask_daemon(loaded, state_dir, {"do": "manual-list"}))
    elif end:
        if value is not None or until:
            _unclear("--end takes no VALUE and no --until")
        answer = ask_daemon(load_site(site), state_dir, {"do": "manual-end", "point": point, "name": who})
        typer.echo(f"{answer['point']} is no longer held by hand 结束手动（{answer['name']}）")
    else:
        if value is None or not until:
            _unclear("a VALUE and --until are needed")
        request = {"do": "manual", "point": point, "value": value, "until": until, "name": who, "why": reason}
        _say(ask_daemon(load_site(site), state_dir, request))


def _unclear(message: str) -> NoReturn:
    misused(
        message, "manual SITE.yaml POINT VALUE --until 18:00 --reason WHY, or manual SITE.yaml POINT --end"
    )


def _say(answer: Mapping[str, Any]) -> None:
    role = Role(answer["role"])
    said, said_zh = command(answer["value"], role), command(answer["value"], role, zh=True)
    typer.echo(
        f"{answer['point']} is held by hand at {said} until {answer['until']} ({answer['name']}: {answer['why']}) "
        f"手动为 {said_zh}"
    )
    if answer["dry_run"]:
        typer.echo("  dry run: decided and audited, not written 试运行：只演算、不下发")


def _list(site: Site, answer: Mapping[str, Any]) -> None:
    """What is held now, a line each."""
    for id_, word in answer["manual"].items():
        held, point = Manual(*word), site.points.get(id_)
        said = command(held.value, point.role if point is not None else None)
        typer.echo(
            f"{id_}  {said}  {clock(held.since, site.tz)} – {iso(held.until, site.tz)}  {held.who}: {held.why}"
        )
    if not answer["manual"]:
        typer.echo("nothing is held by hand 无手动控制")
