"""What the verbs share: loading a site or saying why not, and errors that are no tracebacks."""

from __future__ import annotations

import getpass
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from config.problems import render_all
from config.site import Site
from drivers.protocol import DriverError, Misconfigured
from simulator.plant.kind import PlantKind
from supervisor.daemon.socket import NoDaemon
from supervisor.sitefile.places import NoStateDir, default_state_dir
from supervisor.sitefile.sitefile import load

SitePath = Annotated[
    Path, typer.Argument(metavar="SITE.yaml", help="The site file · 站点文件", show_default=False)
]
StateDir = Annotated[
    Path | None,
    typer.Option("--state-dir", help="Journal and control socket. Default: a folder per building · 状态目录"),
]
Plant = Annotated[
    PlantKind,
    typer.Option("--plant", help="The physics: built in, or the EnergyPlus model that the site file names."),
]


def fail(message: str, hint: str = "", hint_zh: str = "", *, code: int = 1, message_zh: str = "") -> NoReturn:
    """Say what is wrong on standard error and exit: 1 for a problem in the input, `code` 2 for misuse."""
    sys.stderr.write(f"error: {message}\n")
    if message_zh:
        sys.stderr.write(f"  错误：{message_zh}\n")
    if hint:
        sys.stderr.write(f"  hint: {hint}\n")
    if hint_zh:
        sys.stderr.write(f"  提示：{hint_zh}\n")
    raise typer.Exit(code)


def misused(message: str, hint: str = "", message_zh: str = "", hint_zh: str = "") -> NoReturn:
    """An option whose value cannot be read at all: say how it is written and exit 2."""
    fail(message, hint, hint_zh, code=2, message_zh=message_zh)


def finite(value: float | None) -> float | None:
    """A number of seconds, or a speed, that is one. `nan` lies between no two limits, and passes both."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is no number that can be waited for")
    return value


def aloud(line: str) -> None:
    """Tell whoever waits at the terminal, or reads the service's journal."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def whoever() -> str:
    """Who is at the terminal; an account without a name is told by its number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def load_site(path: Path) -> Site:
    """The site, or every problem on standard error and exit 1. Warnings are shown and passed."""
    loaded = load(path)
    if loaded.problems:
        sys.stderr.write(render_all(loaded.problems, loaded.text) + "\n")
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
        fail(str(error), "start it with building-supervisor run SITE.yaml, or give its --state-dir")
    except Misconfigured as error:
        fail(str(error), "building-supervisor doctor SITE.yaml checks ports, addresses and devices")
    except DriverError as error:
        fail(str(error))
    except StoreProblem as error:
        fail(error.message, error.hint, error.hint_zh)
    except NoStateDir as error:
        fail(str(error), "name another folder with --state-dir", "请用 --state-dir 指定其他目录")
    except OSError as error:
        fail(str(error))
    except BaseExceptionGroup as group:
        first = group.exceptions[0]
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        if isinstance(first, DriverError | StoreProblem | OSError):
            fail(str(first))
        raise
