"""`doctor`: what stands between this machine and a healthy daemon."""

from __future__ import annotations

import asyncio
import errno
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config.phrase import Phrase, same
from config.reasons import reason, told
from config.secrets import masked
from config.site import Site
from drivers.refused import in_both
from supervisor.cli.acceptance import accept_device, asked
from supervisor.cli.commission import commission
from supervisor.cli.common import SitePath, StateDir, load_site, misused, plain_errors, state_dir_of
from supervisor.cli.findings import (
    FALLS_BACK,
    FREE,
    Finding,
    accepting,
    called_otherwise,
    folded,
    mismatch,
    of_hub,
    templates_of,
)
from supervisor.cli.language import spoken
from supervisor.cli.on_the_wire import on_the_wire
from supervisor.daemon.logs import configure
from supervisor.field.traffic import BAC0_VALUES, outgrown, overloaded, values_a_second
from supervisor.sitefile.places import open_to_others

if TYPE_CHECKING:
    from supervisor.store.writer import Store

OLDEST_PLAUSIBLE = 1_735_689_600.0
"""2025-01-01: a gateway box without a battery wakes up in 1970."""
_UNUSABLE = Phrase("has no reading that can be used", "没有可用的读数")


def doctor(
    site: SitePath,
    walk: Annotated[
        bool,
        typer.Option(
            "--commission",
            help="Write, watch and release each writable point, one by one · 逐一写入、观察、释放每个可写点",
        ),
    ] = False,
    by: Annotated[str, typer.Option("--by", help="Who signs the commissioning record · 调试记录签名人")] = "",
    only: Annotated[
        str | None,
        typer.Option("--only", help="With --commission: one zone · 与 --commission 同用：只做一个区域"),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Try every point without asking · 不询问，逐点试写")
    ] = False,
    accept: Annotated[
        str | None,
        typer.Option(
            "--accept",
            metavar="DEVICE",
            help="Take a replaced device out of quarantine, or a moved one for ours where it is now · 确认更换或移位的控制器，恢复写入",
        ),
    ] = None,
    state_dir: StateDir = None,
) -> None:
    """Ports, clock, permissions, database, reachability, and fallbacks that mean "on". · 检查端口、时钟、权限、数据库、可达性，以及回落即为“开”的点

    Example: building-supervisor doctor office.yaml
    Example: building-supervisor doctor office.yaml --commission --by 李工
    Example: building-supervisor doctor office.yaml --accept ddc-2 --by 李工
    """
    configure(quiet=True, lang=spoken, person=True)
    _sensible(walk=walk, by=by, only=only, yes=yes, accept=accept)
    loaded = load_site(site)
    folder = state_dir_of(loaded, state_dir)
    if walk:
        commission(loaded, folder, by, only=only, yes=yes)
    if accept is not None:
        with plain_errors():
            typer.echo(asyncio.run(accept_device(loaded, folder, accept, by)).told(spoken()))
        raise typer.Exit(0)
    with plain_errors():
        found = asyncio.run(_examine(loaded, folder))
    for finding in folded(found, templates_of(loaded)):
        typer.echo(finding.line(spoken()))
    bad = sum(finding.level == "bad" for finding in found)
    typer.echo(Phrase(f"{bad} problem{'' if bad == 1 else 's'}", f"{bad} 个问题").told(spoken()))
    raise typer.Exit(1 if bad else 0)


def _sensible(*, walk: bool, by: str, only: str | None, yes: bool, accept: str | None) -> None:
    """Whether the options go together, before anything is read or asked. Exits 2 where they do not."""
    if walk and accept is not None:
        misused(
            Phrase(
                "--commission and --accept are two things: one at a time",
                "--commission 与 --accept 不能同时使用",
            )
        )
    if not walk and (only is not None or yes):
        misused(Phrase("--only and --yes go with --commission", "--only 与 --yes 须与 --commission 同用"))
    if walk and not by.strip():
        misused(
            Phrase("a commissioning record is signed", "调试记录须签名"),
            Phrase("give your name with --by", "请用 --by 写上姓名"),
        )
    if walk and not yes and not sys.stdin.isatty():
        misused(
            Phrase(
                "each point is asked about, and there is no terminal to answer at",
                "每个点都要询问，而这里没有终端可回答",
            ),
            Phrase(
                "run it at a terminal, or try every point unasked with --yes (--only ZONE for one zone)",
                "请在终端运行，或用 --yes 不经询问逐点测试（--only 区域 只测一个区域）",
            ),
        )


async def _examine(site: Site, folder: Path) -> list[Finding]:
    """Everything, through the daemon where one runs: it has the ports, and knows its devices."""
    health = await asked(folder, "health")
    from supervisor.cli.retained import retained

    store, found = await _store(site, folder)
    try:
        level, shows = (
            "ok" if time.time() > OLDEST_PLAUSIBLE else "bad",
            time.strftime("%Y-%m-%d %H:%M:%S %Z"),
        )
        when = Finding(level, "clock", same(shows))
        if health is not None:
            return [
                when,
                *found,
                *retained(site, folder),
                *_load(site),
                *certificates(site),
                *_told(site, health),
            ]
        here = [when, *found, *retained(site, folder), _port(site), *_load(site), *certificates(site)]
        return [*here, *await on_the_wire(site, store, folder)]
    finally:
        store.close()


async def _store(site: Site, folder: Path) -> tuple[Store, list[Finding]]:
    """The site's store, else one in memory, and what is wrong."""
    from supervisor.daemon.assemble import open_store
    from supervisor.daemon.lost import IN_MEMORY
    from supervisor.sitefile.places import NoStateDir
    from supervisor.store.problems import StoreProblem
    from supervisor.store.writer import Store

    try:
        store = open_store(site, folder)
        try:
            await store.probe()
        except StoreProblem:
            store.close()
            raise
    except StoreProblem as problem:
        found = [Finding("bad", "database", problem.said), _folder(folder)]
    except NoStateDir as error:
        found = [Finding("bad", "state folder", error.said)]
    except OSError as error:
        found = [Finding("bad", "database", told(error)), _folder(folder)]
    else:
        where = masked(site.database or str(folder / "supervisor.sqlite3"))
        return store, [Finding("ok", "database", same(where)), _folder(folder)]
    store = Store(IN_MEMORY, inline=True)
    store.open()
    return store, found


def certificates(site: Site) -> Iterator[Finding]:
    """Until when each connection's certificates hold, and what is wrong with them."""
    from supervisor.sitefile.certificates import named, vetted

    for files in named(site):
        what, found = f"certificate {files.use}", vetted(files, time.time())
        for fault in found.faults:
            said = Phrase(f"{fault.what.en}: {fault.step.en}", f"{fault.what.zh}：{fault.step.zh}")
            yield Finding("note" if fault.level == "note" else "bad", what, said)
        if not found.faults and found.ends:
            day = time.strftime("%Y-%m-%d", time.gmtime(min(found.ends.values())))
            yield Finding("ok", what, Phrase(f"holds until {day}", f"有效期至 {day}"))


def _folder(folder: Path) -> Finding:
    if open_to_others(folder):
        said = Phrase(
            f"{folder} is open to others: chmod 700 {folder}", f"{folder} 对其他用户开放：chmod 700 {folder}"
        )
        return Finding("note", "state folder", said)
    return Finding("ok", "state folder", same(str(folder)))


def _port(site: Site) -> Finding:
    from supervisor.telling.web.server import listen

    what = f"HTTP port {site.http.bind}:{site.http.port}"
    try:
        listen(site.http.bind, site.http.port).close()
    except OSError as error:
        level = "note" if error.errno == errno.EADDRINUSE else "bad"
        return Finding(level, what, reason(error))
    return Finding("ok", what, FREE)


def _load(site: Site) -> Iterator[Finding]:
    """Whether the stack and the slow trunks carry what the site file asks of them."""
    asked = values_a_second(site)
    what = f"stack {site.bacnet.stack}"
    if outgrown(site) is not None:
        hint = Phrase(
            f"{asked:.0f} values a second, more than the {BAC0_VALUES:.0f} it is good for: say `stack: rusty`",
            f"每秒 {asked:.0f} 个值，超过其可承受的 {BAC0_VALUES:.0f} 个：请写 `stack: rusty`",
        )
        yield Finding("note", what, hint)
    else:
        yield Finding("ok", what, Phrase(f"{asked:.1f} values a second", f"每秒 {asked:.1f} 个值"))
    for trunk in overloaded(site):
        said = Phrase(
            f"its polls need {trunk.asked:.1f} requests a second, its cap is {trunk.cap:g}: poll less often",
            f"轮询每秒需 {trunk.asked:.1f} 个请求，上限为 {trunk.cap:g}：请放慢轮询",
        )
        yield Finding("note", trunk.name, said)


def _told(site: Site, health: Mapping[str, Any]) -> list[Finding]:
    """The wire as the running daemon sees it."""
    chinese = health["zh"]

    def both(text: str) -> Phrase:
        """What the daemon said, with its own Chinese where it has one."""
        return Phrase(text, chinese[text]) if text in chinese else in_both(text)

    owned = health["owned"]
    runs = Phrase(
        f"runs and holds {owned} slots: it is asked for the rest",
        f"正在运行，占用 {owned} 个写入位：其余由它回答",
    )
    found = [Finding("ok", "daemon", runs)]
    found += [
        Finding("note", "daemon", both(problem)) for problem in health["problems"]
    ]  # the building is supervised
    if (hub := health["hub"]) is not None:
        found += of_hub(site, hub["active"], Phrase(**hub["problem"]) if hub["problem"] else _UNUSABLE)
    strange = health["quarantined"]
    for device, problem in health["devices"].items():
        if device in strange:
            continue
        said = both(problem) if problem else Phrase("answers", "应答正常")
        found.append(Finding("bad" if problem else "ok", f"device {device}", said))
    found += [Finding("bad", f"device {d}", accepting(d, both(why))) for d, why in strange.items()]
    if (broken := health["store"]) is not None:
        found.append(Finding("bad", "database", Phrase(**broken)))
    doubtful = health["doubtful"]
    found += [Finding("bad", f"point {point}", Phrase(**why)) for point, why in doubtful.items()]
    found += [
        Finding("bad", f"point {point}", _UNUSABLE) for point in health["unknown"] if point not in doubtful
    ]
    found += [
        Finding("bad", f"point {point}", Phrase(**why)) for point, why in health.get("unwritten", {}).items()
    ]
    found += [mismatch(point, both(why)) for point, why in health["units"].items()]
    found += [called_otherwise(point, both(why)) for point, why in health.get("states", {}).items()]
    found += [Finding("bad", f"device {device}", both(why)) for device, why in health["elsewhere"].items()]
    found += [
        Finding("note", f"device {device}", both(text))
        for device, texts in health["habits"].items()
        for text in texts
    ]
    return found + [Finding("note", f"point {point}", FALLS_BACK) for point in health["falls_back_on"]]
