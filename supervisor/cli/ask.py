"""Questions and requests to the running daemon: `explain`, `overtime`, `reload`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from config.phrase import Phrase
from config.site import Site
from supervisor.cli.check import Format, FormatOption
from supervisor.cli.common import (
    START_IT,
    SitePath,
    StateDir,
    fail,
    load_site,
    misused,
    refused,
    say,
    state_dir_of,
)
from supervisor.cli.language import spoken
from supervisor.cli.streams import in_json
from supervisor.daemon.socket import NoDaemon, ask
from supervisor.sitefile.places import building_named, default_state_dir
from supervisor.sitefile.sitefile import load


def explain(
    site: SitePath,
    point: Annotated[
        str,
        typer.Argument(
            metavar="POINT", help="zone/equipment/role, or zone/role · 区域/设备/角色，或 区域/角色"
        ),
    ],
    format_: FormatOption = Format.TEXT,
    state_dir: StateDir = None,
) -> None:
    """Why a point is as it is: winner, losers, inputs and their ages, clause, slots, fallback, next change. · 某个点为何如此：生效与落选的规则、输入及其时效、条款、各级占用、回落值、下次变化

    Example: building-supervisor explain office.yaml f2-office-201/fcu/start_stop
    """
    loaded = load_site(site)
    from supervisor.telling.explained import in_words

    answer = ask_daemon(loaded, state_dir, {"do": "explain", "point": point})
    typer.echo(in_json(answer) if format_ is Format.JSON else in_words(answer, spoken()))


def overtime(
    site: SitePath,
    zone: Annotated[str, typer.Argument(metavar="ZONE", help="Which zone stays open · 哪个区域延时开放")],
    until: Annotated[
        str, typer.Option("--until", help="HH:MM, or ISO 8601 with offset · 时:分，或 ISO 8601 带时差")
    ],
    name: Annotated[str, typer.Option("--name", help="Who asks · 申请人")],
    state_dir: StateDir = None,
) -> None:
    """Keep a zone open, or open it on a closed day, for at most 4 h at a time; it ends by itself. · 让区域延时开放，或在休息日开放，每次至多 4 小时；到时自动结束

    Example: building-supervisor overtime office.yaml f2-office-201 --until 20:00 --name 张三
    """
    loaded = load_site(site)
    request = {"do": "overtime", "zone": zone, "until": until, "name": name}
    answer = ask_daemon(loaded, state_dir, request)
    kept, until, who = answer["zone"], answer["until"], answer["name"]
    say(Phrase(f"{kept} stays open until {until} ({who})", f"{kept} 延时开放至 {until}（{who}）"))


def reload(
    site: SitePath,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes",
            help="Take the file up although the building is written more by it. Needs --by · 即使写入范围扩大也启用该文件，须同时写 --by",
        ),
    ] = False,
    back: Annotated[
        bool,
        typer.Option(
            "--back",
            help="Go back to the configuration before the one in force. Needs --by · 恢复到当前配置之前的一份，须同时写 --by",
        ),
    ] = False,
    by: Annotated[
        str, typer.Option("--by", "--name", help="Who answers for it: goes into the audit · 负责人，记入审计")
    ] = "",
    state_dir: StateDir = None,
) -> None:
    """Have the running daemon read its site file again: checked first, the old one kept on any problem. · 让运行中的守护进程重新读取站点文件：先检查，有问题则沿用旧的

    A file by which the building is written more than before waits for --yes with a name; exit 1 says that it waits. · 使写入范围扩大的文件须以 --yes 和姓名确认；返回 1 表示正在等待

    Example: building-supervisor reload office.yaml
    Example: building-supervisor reload office.yaml --yes --by 李工
    Example: building-supervisor reload office.yaml --back --by 李工
    """
    if (yes or back) and not by.strip():
        misused(NEEDS_NAME, Phrase("--by NAME", "--by 姓名"))
    if back:
        answer = ask_at(_folder_of(site, state_dir), {"do": "reload-back", "yes": yes, "name": by})
    else:
        answer = ask_daemon(load_site(site), state_dir, {"do": "reload", "yes": yes, "name": by})
    if not answer["ok"]:
        fail(
            Phrase(
                f"not reloaded: {answer['problem']}",
                f"未重新加载：{answer.get('problem_zh') or answer['problem']}",
            ),
            Phrase("the old configuration stays in force", "沿用旧配置"),
        )
    for change in _pairs(answer, "changes"):
        typer.echo(change)
    if answer.get("waiting"):
        _say_it_waits(answer, f"reload {site}{' --back' if back else ''} --yes --by")
    if not answer["changes"]:
        say(Phrase("nothing changed", "无变化"))
        before = _pairs(answer, "before")
        if before:
            say(Phrase("in force already, since the file was saved:", "文件保存时已生效："))
        for change in before:
            typer.echo(f"  {change}")
    elif back:
        typer.echo(AS_BEFORE.en + "\n" + AS_BEFORE.zh)


NEEDS_NAME = Phrase("what goes into force has a name", "使配置生效须署名")
AS_BEFORE = Phrase(
    "the earlier configuration is in force; the file on disk still has the later one, which waits: mend it there",
    "已恢复更早的配置；磁盘上的文件仍是后来的版本，等待确认：请在文件中改正",
)
WAITS = Phrase("not in force: it waits for a person's word", "未生效：须由人确认")


def _say_it_waits(answer: Mapping[str, Any], command: str) -> NoReturn:
    for why in _pairs(answer, "why"):
        typer.echo(f"  ! {why}")
    fail(WAITS, Phrase(f"{command} NAME", f"{command} 姓名"))


def _folder_of(site: Path, state_dir: Path | None) -> Path:
    """The state folder of a site file that may be wrong by now: it is to be taken back."""
    if state_dir is not None:
        return state_dir
    loaded = load(site)
    name = loaded.site.building if loaded.site is not None else building_named(loaded.text)
    return default_state_dir(name) if name is not None else state_dir_of(load_site(site), None)


def _pairs(answer: Mapping[str, Any], key: str) -> list[str]:
    """Lines of an answer, in the reader's language."""
    return list(answer.get(f"{key}_zh" if spoken() == "zh" else key, ()))


def ask_daemon(site: Site, state_dir: Path | None, request: Mapping[str, Any]) -> dict[str, Any]:
    """The running daemon's answer; exits 1 where there is none, or it refuses."""
    return ask_at(state_dir_of(site, state_dir), request)


def ask_at(folder: Path, request: Mapping[str, Any]) -> dict[str, Any]:
    """The same of the daemon that has this state folder."""
    try:
        answer = asyncio.run(ask(folder, request))
    except NoDaemon as error:
        fail(error.said, START_IT)
    if "error" in answer:
        fail(refused(answer))
    return answer
