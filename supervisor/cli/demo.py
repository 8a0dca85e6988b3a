"""`demo`: a simulated office on loopback BACnet, and the daemon in live mode against it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import config
from config.phrase import Phrase, Said, columns
from config.rules import RuleId
from config.site import Site
from schedules.time import clock as clock_text
from simulator.plant.kind import PlantKind
from supervisor.cli.common import (
    Plant,
    aloud,
    fail,
    finite,
    load_site,
    plain_errors,
    say,
    say_aloud,
    show_problems,
)
from supervisor.cli.language import either, named, spoken
from supervisor.cli.run import parse_start
from supervisor.cli.streams import Unheard
from supervisor.clockwork.clock import MAX_SPEED, SiteClock
from supervisor.daemon.logs import configure
from supervisor.sitefile.places import make_state_dir
from supervisor.telling.snapshot import Event
from supervisor.telling.words import rule_title, word

if TYPE_CHECKING:
    from supervisor.daemon.daemon import Daemon

EXAMPLE = Path(config.__file__).parent / "examples" / "office.yaml"
EXAMPLES = {PlantKind.RC: EXAMPLE, PlantKind.ENERGYPLUS: EXAMPLE.with_name("small-office.yaml")}
"""What is shown on either physics. The office has 24 zones; the largest office model of the wheel has 16 with people in it."""
START = "2026-07-15T15:10:00+08:00"
"""A Wednesday in summer, early enough before closing to see everything in three minutes at speed 60."""
SPEED = 60.0
SEED = 304
"""People who, that afternoon, open and shut windows, leave for meetings, turn knobs and forget lights."""
STOP_WITHIN = 10.0
"""s for which a stop goes on: these controllers are this machine's own, and do not keep one waiting."""
READY_WITHIN = {PlantKind.RC: 30.0, PlantKind.ENERGYPLUS: 120.0}
"""s until the building must answer: EnergyPlus first sizes its machines and warms the building up."""


class SimulatorFailed(Said, OSError):
    """The simulated building did not come up."""


class SimulatorProcess:
    """The simulated building, in its own process; orders go in as JSON lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()

    async def order(self, **order: Any) -> dict[str, Any]:
        """Give one order and wait for its answer."""
        assert self._process.stdin is not None
        async with self._turn:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            await self._process.stdin.drain()
            return await self.answer()

    async def answer(self) -> dict[str, Any]:
        """The next line that the building says."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise SimulatorFailed(Phrase("the simulated building has gone", "模拟建筑已退出"))
        said: dict[str, Any] = json.loads(line)
        return said


@asynccontextmanager
async def simulated(
    site: Path, start: float, speed: float, seed: int, origin: float, plant: PlantKind = PlantKind.RC
) -> AsyncIterator[SimulatorProcess]:
    """The simulated building of a site file, until the block ends. Raises SimulatorFailed."""
    when = datetime.fromtimestamp(start).astimezone().isoformat()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", str(site), "--start", when, "--speed", str(speed),
        "--seed", str(seed), "--origin", str(origin), "--plant", plant.value,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True, limit=1 << 24,
    )  # fmt: skip
    try:
        building = SimulatorProcess(process)
        async with asyncio.timeout(READY_WITHIN[plant]):
            await building.answer()
        yield building
    except TimeoutError:
        within = READY_WITHIN[plant]
        raise SimulatorFailed(
            Phrase(
                f"the simulated building was not ready within {within:.0f} s",
                f"模拟建筑未能在 {within:.0f} 秒内就绪",
            )
        ) from None
    finally:
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()


def demo(
    duration: Annotated[
        float | None,
        typer.Option(
            "--duration",
            help="Stop by itself after so many seconds · 若干秒后自行停止",
            min=1,
            callback=finite,
        ),
    ] = None,
    speed: Annotated[
        float,
        typer.Option(
            "--speed",
            help="Site seconds a second · 站点时钟每秒走多少秒",
            min=1,
            max=MAX_SPEED,
            callback=finite,
        ),
    ] = SPEED,
    start: Annotated[
        str, typer.Option("--start", help="Where the site clock begins · 站点时钟的起点")
    ] = START,
    seed: Annotated[int, typer.Option("--seed", help="Which people work here · 在此工作的人（种子）")] = SEED,
    site: Annotated[
        Path | None,
        typer.Option(
            "--site",
            help="A site file with loopback addresses. Default: the example office, or for EnergyPlus the small one · 用回环地址的站点文件；默认为示例办公楼，EnergyPlus 则为小办公楼",
            show_default=False,
        ),
    ] = None,
    plant: Plant = PlantKind.RC,
    port: Annotated[
        int | None, typer.Option("--port", help="HTTP port · HTTP 端口", min=1, max=65535)
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Lines instead of the live table · 逐行输出，不用实时表格")
    ] = False,
    state_dir: Annotated[
        Path | None,
        typer.Option(
            "--state-dir",
            help="Keep the store here, for `simulate --replay` · 数据库保存于此，供 `simulate --replay` 使用",
        ),
    ] = None,
) -> None:
    """A simulated office on real BACnet datagrams, supervised live: a summer afternoon in minutes. · 在真实 BACnet 报文上监管一座模拟办公楼：几分钟看完一个夏日下午

    Example: building-supervisor demo --duration 180
    """
    configure(quiet=True, lang=spoken, person=True)
    path = site if site is not None else EXAMPLES[plant]
    loaded = load_site(path)
    if plant is PlantKind.ENERGYPLUS:
        _check_model(loaded)
    if port is not None:
        loaded = replace(loaded, http=loaded.http.model_copy(update={"port": port}))
    began = parse_start(start)
    assert began is not None
    show = Show(loaded, table=sys.stdout.isatty() and not plain)
    with plain_errors(), _folder(state_dir) as folder:
        asyncio.run(_demo(loaded, path, show, began, speed, seed, duration, folder, plant))
    if not show.enforced:
        fail(
            Phrase("nothing was enforced", "没有执行任何规则"),
            Phrase("run it for longer, or start it later in the day", "请运行更久，或从当天更晚的时刻开始"),
        )


def _check_model(site: Site) -> None:
    """Exit 1 with every reason why EnergyPlus cannot stand behind the site: it is not installed, a zone is missing."""
    from simulator.plant.choice import model_problems

    found = model_problems(site)
    if found:
        show_problems(found, site.text)
        raise typer.Exit(1)


class Show:
    """What the demo shows while it runs, and the account at its end."""

    def __init__(self, site: Site, *, table: bool) -> None:
        self.enforced: Counter[str] = Counter()
        self.first: float | None = None
        self._site = site
        from supervisor.telling.console import Console

        self._console = Console(lang=spoken("zh")) if table else None
        self._began = time.monotonic()
        self.left: Callable[[], None] = lambda: None
        """Called when nobody looks on any more: the terminal is gone, or what the lines go to is full."""

    def event(self, event: Event) -> None:
        """One thing that happened."""
        if event.kind == "enforced" and event.rule != "base":
            self.enforced[event.rule] += 1
            if self.first is None:
                self.first = time.monotonic() - self._began
        if self._console is not None:
            self._console.event(event)
            return
        when = clock_text(event.at, self._site.tz)
        rule = f" [{event.rule}]" if event.rule else ""
        lang = named()
        text = f"{event.text.en}  {event.text.zh}" if lang is None else event.text.told(lang)
        kind = event.kind
        if lang is not None:
            kind = word("device_event" if kind == "device" else kind, lang)
        kind += " " * (9 - columns(kind))
        self._say(f"{when} {kind} {event.point}{rule} {text}\n")

    def _say(self, line: str) -> None:
        try:
            sys.stdout.write(line)
            sys.stdout.flush()
        except Unheard:  # the building is let go of first; at the end it is said why
            self.left()

    async def watch(self, daemon: Daemon) -> None:
        """Keep the table up to date."""
        if self._console is None:
            return
        try:
            with self._console:
                while True:
                    self._console.update(daemon.snapshot())
                    await asyncio.sleep(0.5)
        except Unheard:
            self.left()

    def account(self, escape_writes: int, escape_lit: bool | None) -> None:
        """What was enforced, by rule. `escape_lit` is None where the building has no escape-route lights."""
        if self.first is not None:
            after = f"{self.first:.1f} s"
            typer.echo("")
            say(Phrase(f"first enforced rule after {after}", f"首次执行规则用时 {after}"))
        typer.echo(either(Phrase("enforced, by rule", "各规则执行次数")))
        for rule, count in sorted(self.enforced.items(), key=lambda pair: -pair[1]):
            name = rule_title(RuleId(rule), "zh") if spoken() == "zh" else str(rule)
            sys.stdout.write(f"  {name}{' ' * max(1, 24 - columns(name))}{count:>4}\n")
        if escape_lit is None:
            return
        lit = Phrase("lit", "常亮") if escape_lit else Phrase("NOT LIT", "未亮")
        say(
            Phrase(
                f"escape stairs: {lit.en}, {escape_writes} writes in the building's own log",
                f"疏散楼梯照明：{lit.zh}，楼宇自身记录中有 {escape_writes} 次写入",
            )
        )


@contextlib.contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    """Where the daemon keeps its store: a folder that stays, or one that goes with the demo. Raises OSError."""
    if kept is not None:
        make_state_dir(kept)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="building-supervisor-demo-") as folder:
        yield Path(folder)


async def _demo(
    site: Site,
    path: Path,
    show: Show,
    start: float,
    speed: float,
    seed: int,
    duration: float | None,
    folder: Path,
    plant: PlantKind = PlantKind.RC,
) -> None:
    from supervisor.daemon.assemble import Run, supervise
    from supervisor.daemon.introduction import page_of
    from supervisor.daemon.stopping import Stop
    from supervisor.gateway.left import told as lines_of

    origin = time.monotonic()
    if plant is PlantKind.ENERGYPLUS:
        say(
            Phrase(
                "EnergyPlus sizes its machines and warms the building up: some seconds",
                "EnergyPlus 正在选型并预热建筑：需数秒",
            )
        )
        sys.stdout.flush()
    async with simulated(path, start, speed, seed, origin, plant) as building:
        stop = Stop(STOP_WITHIN, say_aloud)
        show.left = stop.asked.set
        clock = SiteClock(start, speed, origin)
        url = page_of(site.http)
        zones, controllers = len(site.zones), len(site.devices)
        say(
            Phrase(
                f"{site.name}: {zones} zones, {controllers} controllers; page and metrics at {url}",
                f"{site.name}：{zones} 个区域，{controllers} 台控制器；页面与指标见 {url}",
            )
        )
        if duration is not None:
            asyncio.get_running_loop().call_later(duration, stop.asked.set)
        run = Run(site, clock, folder, on_event=show.event, watchers=(show.watch,), stop=stop)
        released = await supervise(run)
        writes, lit = await _escape(site, building)
    show.account(writes, lit)
    sys.stdout.write(f"released={len(released.released)} failed={len(released.failed)}\n")
    for line in lines_of(released.left, lang=named()):
        aloud(line)


async def _escape(site: Site, building: SimulatorProcess) -> tuple[int, bool | None]:
    """What the building's own log says of the escape-route lights: writes that arrived, and whether lit, if any are."""
    writes = 0
    lit: bool | None = None
    for zone in site.zones.values():
        for equipment in zone.equipment:
            if not equipment.escape_route:
                continue
            for point in equipment.points.values():
                said = await building.order(do="writes", point=point.id)
                writes += len(said["writes"])
                if point.role == "start_stop":
                    on = (await building.order(do="present", point=point.id))["value"] == 1
                    lit = on if lit is None else lit and on
    return writes, lit
