"""How far a long command is: a bar with the time left, on a terminal only; standard output stays for the answer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from config.phrase import Phrase
from supervisor.cli.language import told


@contextmanager
def bar(doing: Phrase, *, quiet: bool = False) -> Iterator[Callable[[float], None]]:
    """A bar that is told which share is done, 0 to 1."""
    if quiet or not sys.stderr.isatty():
        yield lambda _share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn(told(doing)), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=1.0)
        yield lambda share: shown.update(task, completed=share)


@contextmanager
def steps(doing: Phrase, count: int) -> Iterator[Callable[[], None]]:
    """A bar that is told of each of `count` steps as it is done."""
    done = 0
    with bar(doing) as share:

        def one_more() -> None:
            nonlocal done
            done += 1
            share(done / count)

        yield one_more
