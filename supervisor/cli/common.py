"""What the verbs share: loading a site or saying why not, and errors that are no tracebacks."""

from __future__ import annotations

import datetime as dt
import getpass
import math
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn, TextIO

import typer

from config import reasons
from config.phrase import Phrase, columns, filled
from config.problems import NO_REMEDY, Problem, Severity, did_you_mean, render_all
from config.signs.alike import same_name
from config.site import Site
from config.values import Misread, parse_day
from config.visible import visible_lines
from drivers.protocol import DriverError, Misconfigured
from drivers.refused import in_both
from simulator.plant.kind import PlantKind
from supervisor.cli.language import either, named, of_site, spoken, told
from supervisor.daemon.socket import NoDaemon
from supervisor.sitefile.places import NoStateDir, default_state_dir
from supervisor.sitefile.sitefile import load

SitePath = Annotated[
    Path, typer.Argument(metavar="SITE.yaml", help="The site file · 站点文件", show_default=False)
]
OWN_INSTANCE = 3_056_001
"""Device instance with which a verb that needs no site file looks around, unless told another."""
OwnInstance = Annotated[
    int, typer.Option("--instance", min=0, max=4_194_302, help="Our own device instance · 本机设备实例号")
]
ForeignAt = Annotated[
    str | None,
    typer.Option(
        "--bbmd",
        metavar="HOST:PORT",
        help="Register there as a foreign device, for the broadcasts of another subnet · 作为外部设备向该 BBMD 注册，以接收其他网段的广播",
    ),
]
StateDir = Annotated[
    Path | None,
    typer.Option(
        "--state-dir",
        help="Journal and control socket; by default a folder for each building · 日志与控制套接字所在目录，默认每栋建筑一个",
    ),
]
Plant = Annotated[
    PlantKind,
    typer.Option(
        "--plant",
        help="The physics: built in, or the EnergyPlus model that the site file names · 物理模型：内置，或站点文件所指的 EnergyPlus 模型",
    ),
]


def fail(said: Phrase, remedy: Phrase = NO_REMEDY, *, code: int = 1) -> NoReturn:
    """Say what is wrong on standard error and exit: 1 for a problem in the input, `code` 2 for misuse."""
    complain(said, remedy)
    raise typer.Exit(code)


def complain(said: Phrase, remedy: Phrase = NO_REMEDY) -> None:
    """An error with its hint, in the reader's language; in both where nobody named one."""
    lang = named()
    if lang != "zh":
        _complaint(f"error: {said.en}")
    if lang != "en" and (lang == "zh" or said.zh != said.en):
        _complaint(f"错误：{said.zh}", 0 if lang == "zh" else 2)
    if remedy.en and lang != "zh":
        _complaint(f"hint: {remedy.en}", 2)
    if remedy.zh and lang != "en" and (lang == "zh" or remedy.zh != remedy.en):
        _complaint(f"提示：{remedy.zh}", 2)


def _complaint(text: str, indent: int = 0) -> None:
    """A line on standard error; on a terminal no wider than that, broken between words."""
    text, width = visible_lines(text), terminal_width(sys.stderr)
    broken = width is not None and columns(text) + indent > width
    sys.stderr.write(f"{filled(text, width, indent, hang=2) if width and broken else ' ' * indent + text}\n")


def refused(answer: Mapping[str, Any]) -> Phrase:
    """Why the daemon refuses a request."""
    said = str(answer["error"])
    return Phrase(said, str(answer.get("error_zh") or said))


def no_zone(named: str, site: Site) -> tuple[Phrase, Phrase]:
    """What is said of a zone that is not there, and which was meant."""
    return Phrase(f"no zone is called {named}", f"没有名为 {named} 的区域"), did_you_mean(named, site.zones)


def zone_named(given: str | None, site: Site) -> str | None:
    """The id of a zone that goes by its id or its name, as people call it; exits 1 where there is none, or two have that name."""
    if given is None or given in site.zones:
        return given
    found = [id_ for id_, zone in site.zones.items() if same_name(zone.name) == same_name(given)]
    if len(found) == 1:
        return found[0]
    if found:
        fail(
            Phrase(f"{given} could be {', '.join(found)}", f"{given} 可能是 {'、'.join(found)}"),
            Phrase("name one of them", "请指明其一"),
        )
    fail(*no_zone(given, site))


def misused(said: Phrase, remedy: Phrase = NO_REMEDY) -> NoReturn:
    """An option whose value cannot be read at all: say how it is written and exit 2."""
    fail(said, remedy, code=2)


def day_of(option: str, text: str | None) -> dt.date | None:
    """The day that an option names: 2026-02-14, 2026/2/14, 2026年2月14日, 20260214; exit 2 where it is none."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return parse_day(text)
    except Misread:
        shown = text or repr(text)
        misused(
            Phrase(f"{option} {shown} is no date", f"{option} {shown} 不是日期"),
            Phrase("write it as 2026-02-14", "写法如 2026-02-14"),
        )


def say(said: Phrase) -> None:
    """A line of an answer, in the reader's language."""
    typer.echo(told(said))


def say_written(path: Path) -> None:
    """That a file is where it was wanted."""
    say(Phrase(f"written: {path}", f"已写入：{path}"))


def terminal_width(stream: TextIO) -> int | None:
    """Columns that a line may take: 80 at most on a terminal; None for a file or a pipe, whose lines stay whole."""
    return min(shutil.get_terminal_size().columns, 80) if stream.isatty() else None


def show_problems(problems: Sequence[Problem], text: str = "") -> None:
    """Every problem of a file on standard error, in the reader's language; notes are for `check` alone."""
    problems = [p for p in problems if p.severity is not Severity.NOTE]
    if not problems:
        return
    sys.stderr.write(render_all(problems, text, spoken(), terminal_width(sys.stderr)) + "\n")


def finite(value: float | None) -> float | None:
    """A number of seconds, or a speed, that is one. `nan` lies between no two limits, and passes both."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is no number that can be waited for")  # misuse.py has its Chinese
    return value


def aloud(line: str) -> None:
    """Tell whoever waits at the terminal, or reads the service's journal."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def say_aloud(said: Phrase) -> None:
    """The same, in the reader's language; in both where nobody named one."""
    aloud(either(said))


def whoever() -> str:
    """Who is at the terminal; an account without a name is told by its number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def load_site(path: Path) -> Site:
    """The site, or every problem on standard error and exit 1. Warnings are shown and passed."""
    loaded = load(path)
    of_site(loaded.language)
    if loaded.problems:
        show_problems(loaded.problems, loaded.text)
    if loaded.site is None:
        raise typer.Exit(1)
    return loaded.site


def state_dir_of(site: Site, given: Path | None) -> Path:
    """The folder of a building's journal and socket."""
    return given if given is not None else default_state_dir(site.building)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Problems of the world become one clear line and exit 1."""
    from supervisor.store.problems import StoreProblem  # SQLAlchemy takes half a second: not for `check`

    try:
        yield
    except NoDaemon as error:
        fail(error.said, START_IT)
    except Misconfigured as error:
        fail(
            in_both(str(error)),
            Phrase(
                "building-supervisor doctor SITE.yaml checks ports, addresses and devices",
                "building-supervisor doctor SITE.yaml 检查端口、地址和控制器",
            ),
        )
    except StoreProblem as error:
        fail(*error.pair)
    except NoStateDir as error:
        fail(error.said, Phrase("name another folder with --state-dir", "请用 --state-dir 指定其他目录"))
    except (DriverError, OSError) as error:
        fail(_plainly(error))
    except BaseExceptionGroup as group:
        first = group.exceptions[0]
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        if isinstance(first, DriverError | StoreProblem | OSError):
            fail(first.pair[0] if isinstance(first, StoreProblem) else _plainly(first))
        raise


def _plainly(error: DriverError | OSError) -> Phrase:
    """What a driver or the operating system says, in both languages as far as it is known."""
    if isinstance(error, DriverError):
        return in_both(str(error))
    said: Phrase | None = getattr(error, "said", None)
    return said or reasons.told(error)


START_IT = Phrase(
    "start it with building-supervisor run SITE.yaml, or give its --state-dir",
    "用 building-supervisor run SITE.yaml 启动，或用 --state-dir 指明其状态目录",
)
