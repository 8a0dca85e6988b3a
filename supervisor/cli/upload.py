"""`ledger upload`: a building's meters to its data centres, and files for the centre above."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import config
from config.phrase import Phrase
from config.problems import render_all
from config.site import Site
from supervisor.cli.accounting import PeriodOption, period_of
from supervisor.cli.common import (
    SitePath,
    StateDir,
    aloud,
    complain,
    fail,
    load_site,
    misused,
    plain_errors,
    state_dir_of,
)
from supervisor.cli.database import opened
from supervisor.cli.language import spoken

if TYPE_CHECKING:
    from supervisor.ledger.upload.profile_file import Loaded
    from supervisor.ledger.upload.sending import Centre
    from supervisor.store.writer import Store

EXAMPLES = Path(config.__file__).parent / "centres"


def _example(name: str | None) -> None:
    if name is None:
        return
    known = sorted(file.stem for file in EXAMPLES.glob("*.yaml"))
    if name not in known:
        misused(
            Phrase(f"--example: there is no profile {name}", f"--example：没有配置 {name}"),
            Phrase(f"there are {', '.join(known)}", f"可选：{'、'.join(known)}"),
        )
    typer.echo((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"), nl=False)
    raise typer.Exit


def upload(
    site: SitePath,
    profile: Annotated[
        list[Path],
        typer.Option(
            "--profile",
            metavar="FILE",
            help="What a centre expects; one for each centre · 数据中心配置，每个中心一份",
        ),
    ],
    once: Annotated[
        bool, typer.Option("--once", help="Send what is due, and end · 只上传到期数据后退出")
    ] = False,
    period: PeriodOption = None,
    out: Annotated[
        Path, typer.Option("--out", help="Where files for a centre above are written · 上报文件的输出目录")
    ] = Path(),
    _example: Annotated[
        str | None,
        typer.Option(
            "--example",
            metavar="NAME",
            callback=_example,
            is_eager=True,
            help="Print a profile that ships, and end: 55aa, 8bae9b or upper · 打印自带的配置（55aa、8bae9b 或 upper）后退出",
        ),
    ] = None,
    state_dir: StateDir = None,
) -> None:
    """Report the meters to data centres of public buildings, until SIGTERM; or write the files for the centre above
    · 向公共建筑数据中心上传能耗数据，直到 SIGTERM；或生成上报上级中心的文件

    Each quarter of an hour once and in order, to all centres at once; after an outage whatever is missing, for 30 days.
    With a profile of kind upper: hourly results and building data of --period · 每 15 分钟依次上传一次，各中心同时；
    断线后补传，最长 30 天；kind: upper 的配置则生成 --period 的逐时数据与建筑信息

    Example: building-supervisor ledger upload office.yaml --profile district.yaml --profile city.yaml
    """  # fmt: skip
    loaded = load_site(site)
    profiles = [_profile(path, loaded) for path in profile]
    if any(each.profile is None for each in profiles):
        raise typer.Exit(1)
    _apart(profile, profiles)
    collectors = [p for p in profiles if p.profile is not None and p.profile.kind == "collector"]
    if period is not None and len(collectors) == len(profiles):
        misused(
            Phrase(
                "--period is of files for a centre above, and no profile has kind: upper",
                "--period 用于上报上级中心的文件，而没有 kind: upper 的配置",
            )
        )
    for each in profiles:
        if each not in collectors:
            _files(loaded, each, period, out, state_dir)
    if collectors:
        _reports(loaded, collectors, state_dir, once=once)


def _profile(path: Path, site: Site) -> Loaded:
    """A profile, or everything that is wrong with it on standard error."""
    from supervisor.ledger.upload.profile_file import load

    loaded = load(path, site)
    if loaded.problems:
        ours = [p for p in loaded.problems if p.file == str(path)]
        tables = [p for p in loaded.problems if p.file != str(path)]
        said = [render_all(ours, loaded.text, spoken()), render_all(tables, "", spoken())]
        sys.stderr.write("\n\n".join(filter(None, said)) + "\n")
    return loaded


def _apart(paths: list[Path], profiles: list[Loaded]) -> None:
    """Two profiles of one name would share one cursor."""
    names: dict[str, Path] = {}
    for path, loaded in zip(paths, profiles, strict=True):
        assert loaded.profile is not None
        other = names.setdefault(loaded.profile.name, path)
        if other is not path:
            fail(
                Phrase(
                    f"{path}: `name: {loaded.profile.name}` is that of {other}",
                    f"{path} 与 {other} 的 name 相同：{loaded.profile.name}",
                ),
                Phrase("name each centre apart", "每个中心的 name 不得相同"),
            )


# ------------------------------------------------------------------ reports


def _reports(site: Site, profiles: list[Loaded], state_dir: Path | None, *, once: bool) -> None:
    from supervisor.clockwork.clock import SiteClock
    from supervisor.ledger.keeping import SPOOL
    from supervisor.ledger.upload.cursor import Cursor
    from supervisor.ledger.upload.model import CentreProblem
    from supervisor.ledger.upload.sending import Centre, Means

    clock, waiting = SiteClock(), state_dir_of(site, state_dir) / SPOOL
    with ExitStack() as stack:
        store = stack.enter_context(opened(site, state_dir, new=True))
        centres: dict[str, Centre] = {}
        for each in profiles:
            profile: Any = each.profile
            means = Means(clock, _asks(store), _says(profile.name), behind=waiting.exists)
            try:
                with plain_errors():
                    cursor = Cursor(state_dir_of(site, state_dir), profile.name)
                centres[profile.name] = Centre(site, profile, each.codes, cursor, means)
            except CentreProblem as problem:
                fail(Phrase(f"{profile.name}: {problem.what.en}", f"{profile.name}：{problem.what.zh}"))
            stack.callback(centres[profile.name].close)
        failed = asyncio.run(_once(centres) if once else _until_stopped(centres))
    raise typer.Exit(1 if failed else 0)


def _asks(store: Store) -> Callable[[Callable[[Any], Any]], Any]:
    """Queries on a thread of their own: nothing is written, so that there is nothing to wait for."""

    async def ask(query: Callable[[Any], Any]) -> Any:
        return await asyncio.to_thread(store.read_now, query)

    return ask


def _says(name: str) -> Callable[[Phrase], None]:
    last: list[str] = []

    def say(what: Phrase) -> None:
        """What is the same as before is not said again: a centre that is away for a week fills no journal."""
        line = f"{name}: {what.told(spoken('zh'))}"
        if [line] != last:
            last[:] = [line]
            aloud(line)

    return say


async def _once(centres: dict[str, Centre]) -> bool:
    """Send to all what is due; whether any of them failed."""
    from supervisor.ledger.upload.model import CentreProblem
    from supervisor.ledger.upload.sending import told
    from supervisor.store.problems import StoreProblem

    ends = await asyncio.gather(*(centre.once() for centre in centres.values()), return_exceptions=True)
    failed = False
    for (name, centre), end in zip(centres.items(), ends, strict=True):
        typer.echo(f"{name}: reports={centre.sent}")
        if isinstance(end, CentreProblem | OSError | StoreProblem):
            failed = True
            said = told(end)
            complain(Phrase(f"{name}: {said.en}", f"{name}：{said.zh}"))
        elif isinstance(end, BaseException):
            raise end
    return failed


async def _until_stopped(centres: dict[str, Centre]) -> bool:
    """Keep all of them up to date until SIGTERM or Ctrl-C."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(centre.run(), name=name) for name, centre in centres.items()]
        await stop.wait()
        for task in tasks:
            task.cancel()
    for name, centre in centres.items():
        typer.echo(f"{name}: reports={centre.sent}")
    return False


# ------------------------------------------------------------------ files


def _files(site: Site, loaded: Loaded, period: str | None, out: Path, state_dir: Path | None) -> None:
    from schedules.time import local_date
    from supervisor.ledger.periods import days_of
    from supervisor.ledger.upload import hours as hourly
    from supervisor.ledger.upload import upper
    from supervisor.ledger.upload.written import Written
    from supervisor.store import imports

    profile: Any = loaded.profile
    of, now = period_of(period, site), time.time()
    with opened(site, state_dir) as store:
        late = store.read_now(lambda connection: imports.since(connection, 0))
        hours = store.read_now(lambda connection: hourly.hours_of(connection, site, loaded.codes, of, now))
    with plain_errors():
        for file in upper.written(site, profile, hours, of, out, now):
            typer.echo(f"{file}")
        written = Written(state_dir_of(site, state_dir), profile.name)
        days = [local_date(day.start, site.tz) for day in days_of(of, site.tz) if day.start < now]
        written.put(days, max((each.number for each in late), default=0))
    for what in hourly.doubts(hours):
        aloud(f"{profile.name}: {what.told(spoken('zh'))}")
    if stale := written.stale(late, site.tz):
        shown = f"{', '.join(stale[:10])}{' …' if len(stale) > 10 else ''}"
        again = Phrase(
            f"readings were imported after these days were written: write them anew by --period: {shown}",
            f"以下日期的文件生成后又导入了读数，请用 --period 重新生成：{shown}",
        )
        aloud(f"{profile.name}: {again.told(spoken('zh'))}")
