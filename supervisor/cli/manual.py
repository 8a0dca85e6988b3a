"""`manual`: a person holds a value of a point until a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NoReturn

import typer

from config.phrase import Phrase
from config.roles import Role
from config.site import Site
from schedules.time import clock, iso
from supervisor.cli.ask import ask_daemon
from supervisor.cli.common import SitePath, StateDir, load_site, misused, say, whoever
from supervisor.cli.language import spoken
from supervisor.core.views import Manual
from supervisor.core.wording import command


def manual(
    site: SitePath,
    point: Annotated[
        str | None,
        typer.Argument(
            metavar="[POINT]",
            help="zone/equipment/role, or zone/role; the zone by its id or its name. Left out: list what is held · 区域/设备/角色，或 区域/角色；区域可写标识或名称。不写则列出手动中的点",
        ),
    ] = None,
    value: Annotated[
        str | None,
        typer.Argument(
            metavar="[VALUE]", help="on, off, a temperature in °C, or a mode · on、off、温度（°C）或模式"
        ),
    ] = None,
    until: Annotated[
        str, typer.Option("--until", help="HH:MM, or ISO 8601 with offset · 时:分，或 ISO 8601 带时差")
    ] = "",
    reason: Annotated[
        str, typer.Option("--reason", help="Why: it goes into the audit · 事由，记入审计")
    ] = "",
    name: Annotated[
        str, typer.Option("--name", help="Who asks. Default: who is logged in · 申请人，默认为登录用户")
    ] = "",
    end: Annotated[bool, typer.Option("--end", help="End it now · 立即结束")] = False,
    state_dir: StateDir = None,
) -> None:
    """Hold a value by hand until a time, for at most 12 h; it ends by itself, or with --end. · 手动保持某值至某时，至多 12 小时；到时自动结束，或用 --end 结束

    Fire, frost protection and the compressor's rest go before it, and setpoints keep the plan's limits. What it keeps
    from the other rules counts as a violation. Without a POINT, what is held now is listed. · 火灾、防冻和压缩机停机保护优先，设定值仍受方案限制；因手动而未执行的规则计为违规。不写点则列出手动中的点

    Example: building-supervisor manual office.yaml f2-office-201/fcu/start_stop on --until 18:00 --reason 接待
    Example: building-supervisor manual office.yaml f2-office-201/fcu/start_stop --end
    Example: building-supervisor manual office.yaml
    """
    who = name or whoever()
    if point is None:
        if end or until:
            _unclear(Phrase("which POINT?", "哪个点（POINT）？"))
        loaded = load_site(site)
        _list(loaded, ask_daemon(loaded, state_dir, {"do": "manual-list"}))
    elif end:
        if value is not None or until:
            _unclear(Phrase("--end takes no VALUE and no --until", "--end 不带 VALUE 和 --until"))
        answer = ask_daemon(load_site(site), state_dir, {"do": "manual-end", "point": point, "name": who})
        held, who = answer["point"], answer["name"]
        say(Phrase(f"{held} is no longer held by hand ({who})", f"{held} 结束手动（{who}）"))
    else:
        if value is None or not until:
            _unclear(Phrase("a VALUE and --until are needed", "须写 VALUE 和 --until"))
        request = {"do": "manual", "point": point, "value": value, "until": until, "name": who, "why": reason}
        _say(ask_daemon(load_site(site), state_dir, request))


def _unclear(said: Phrase) -> NoReturn:
    misused(
        said,
        Phrase(
            "manual SITE.yaml POINT VALUE --until 18:00 --reason WHY, or manual SITE.yaml POINT --end",
            "manual SITE.yaml 点 值 --until 18:00 --reason 事由，或 manual SITE.yaml 点 --end",
        ),
    )


def _say(answer: Mapping[str, Any]) -> None:
    role = Role(answer["role"])
    said, said_zh = command(answer["value"], role), command(answer["value"], role, zh=True)
    point, until, who, why = (answer[key] for key in ("point", "until", "name", "why"))
    say(
        Phrase(
            f"{point} is held by hand at {said} until {until} ({who}: {why})",
            f"{point} 手动为 {said_zh}，至 {until}（{who}：{why}）",
        )
    )
    if answer["dry_run"]:
        say(Phrase("  dry run: decided and audited, not written", "  试运行：只演算、不下发"))


def _list(site: Site, answer: Mapping[str, Any]) -> None:
    """What is held now, a line each."""
    for id_, word in answer["manual"].items():
        held, point = Manual(*word), site.points.get(id_)
        said = command(held.value, point.role if point is not None else None, zh=spoken() == "zh")
        typer.echo(
            f"{id_}  {said}  {clock(held.since, site.tz)} – {iso(held.until, site.tz)}  {held.who}: {held.why}"
        )
    if not answer["manual"]:
        say(Phrase("nothing is held by hand", "无手动控制"))
