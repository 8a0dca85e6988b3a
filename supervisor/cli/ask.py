"""Questions and requests to the running daemon: `explain`, `release`, `overtime`, `reload`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from config.site import Site
from config.values import parse_duration
from supervisor.cli.check import Format, FormatOption
from supervisor.cli.common import SitePath, StateDir, fail, load_site, misused, state_dir_of, whoever
from supervisor.cli.streams import in_json
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

    answer = ask_daemon(loaded, state_dir, {"do": "explain", "point": point})
    typer.echo(in_json(answer) if format_ is Format.JSON else in_words(answer))


def release(
    site: SitePath,
    offline: Annotated[
        bool, typer.Option("--offline", help="No daemon runs: release what its journal says it left.")
    ] = False,
    lost_journal: Annotated[
        bool,
        typer.Option(
            "--lost-journal",
            help="With --offline, where the store is damaged, lost or an older copy: list every slot at our priority "
            "that is not empty, by reading the controllers. With --yes, let go of them.",
        ),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="With --lost-journal: let go of what was found.")
    ] = False,
    lasting: Annotated[
        str, typer.Option("--for", help="How long the running daemon keeps its hands off: 30min, 2h.")
    ] = "30min",
    name: Annotated[str, typer.Option("--name", help="Who asks.")] = "",
    state_dir: StateDir = None,
) -> None:
    """Let go of every slot now. A running daemon takes up again what its rules want when the time is over.

    Exit 1 when a slot that we may write is held still, or may be: it is named, with why, and what to do.

    Example: building-supervisor release office.yaml --for 1h --name 李工
    Example: building-supervisor release office.yaml --offline
    Example: building-supervisor release office.yaml --offline --lost-journal --yes
    """
    configure(quiet=True)
    if lost_journal and not offline:
        misused("--lost-journal goes with --offline", "a running daemon has its journal; stop it first")
    if yes and not lost_journal:
        misused("--yes goes with --lost-journal", "without it, nothing has to be confirmed")
    loaded = load_site(site)
    who = name or whoever()
    if not offline:
        _ask_to_release(loaded, state_dir, lasting, who)
        return
    from supervisor.cli.offline import release_journalled, release_lost

    folder = state_dir_of(loaded, state_dir)
    if lost_journal:
        release_lost(loaded, folder, str(site), who, yes=yes)
    else:
        release_journalled(loaded, folder, str(site))


def _ask_to_release(site: Site, state_dir: Path | None, lasting: str, who: str) -> None:
    """Have the running daemon let go for a while. Exits 1 where something is held still."""
    try:
        seconds = parse_duration(lasting)
    except ValueError as error:
        misused(f"--for {lasting}: {error}", getattr(error, "hint", ""))
    answer = ask_daemon(site, state_dir, {"do": "release", "seconds": seconds, "name": who})
    counts = f"released={answer['released']} failed={len(answer['failed'])} owned={answer['owned']}"
    typer.echo(f"{counts} until {answer['until']}")
    if answer["failed"]:
        fail(
            f"still held: {', '.join(answer['failed'])}",
            "their devices may be silent; they are released when they answer",
        )


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
    answer = ask_daemon(loaded, state_dir, request)
    typer.echo(f"{answer['zone']} stays open until {answer['until']} ({answer['name']})")


def reload(site: SitePath, state_dir: StateDir = None) -> None:
    """Have the running daemon read its site file again: checked first, the old one kept on any problem.

    Example: building-supervisor reload office.yaml
    """
    loaded = load_site(site)
    answer = ask_daemon(loaded, state_dir, {"do": "reload"})
    if not answer["ok"]:
        fail(
            f"not reloaded · 未重新加载: {answer['problem']}",
            "the old configuration stays in force",
            "沿用旧配置",
        )
    for change in _pairs(answer, "changes"):
        typer.echo(change)
    if not answer["changes"]:
        typer.echo("nothing changed · 无变化")
        before = _pairs(answer, "before")
        if before:
            typer.echo("in force already, since the file was saved · 文件保存时已生效:")
        for change in before:
            typer.echo(f"  {change}")


def _pairs(answer: Mapping[str, Any], key: str) -> list[str]:
    """Lines of an answer in both languages."""
    return [f"{en} · {zh}" for en, zh in zip(answer.get(key, ()), answer.get(f"{key}_zh", ()), strict=True)]


def ask_daemon(site: Site, state_dir: Path | None, request: Mapping[str, Any]) -> dict[str, Any]:
    """The running daemon's answer; exits 1 where there is none, or it refuses."""
    try:
        answer = asyncio.run(ask(state_dir_of(site, state_dir), request))
    except NoDaemon as error:
        fail(str(error), "start it with building-supervisor run SITE.yaml, or give its --state-dir")
    if "error" in answer:
        fail(answer["error"], message_zh=answer.get("error_zh", ""))
    return answer
