"""BAC0, imported without its habits: no `.env`, no `~/.BAC0`, no loggers of its own, no prompt hook, no search of the stack."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, Final

NOT_A_FOLDER: Final = "/dev/null"
"""As HOME it makes BAC0's attempt to create `~/.BAC0` fail, which it takes as "no log file"."""


def load() -> Any:
    """BAC0's `Lite` class and nothing else of what its import does.

    BAC0 2026.7 loads `.env` from the working directory, creates `~/.BAC0`, gives each of some 30 loggers
    three handlers that print and stops them from propagating, installs Rich's display hook, and looks for the source of
    every function on the stack for each line that it logs, whether or not anybody hears it.
    """
    with _no_dotenv(), _no_home(), _same_display_hook():
        import BAC0.core.utils.notes
        from BAC0.scripts.Lite import Lite
    BAC0.core.utils.notes.inspect = _Caller
    quieten()
    return Lite


def defaults() -> str:
    """BAC0's own device file, named so that it does not look for `~/.BAC0/device.json`."""
    import BAC0.core.app

    return str(Path(BAC0.core.app.__file__).with_name("device.json"))


def quieten() -> None:
    """Take BAC0's handlers away and let its warnings reach the root logger like everyone else's."""
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if not name.startswith("BAC0_Root") or not isinstance(logger, logging.Logger):
            continue
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
            handler.close()
        logger.propagate = True
        # each time a level is set, all loggers of the process forget what they had worked out
        if logger.level != logging.WARNING:
            logger.setLevel(logging.WARNING)


def give_up(opening: asyncio.Task[Any]) -> None:
    """End a task of bacpypes3 that opens a socket: its own callback takes a result for granted, and would log a traceback."""
    for callback, *_ in () if opening.done() else list(getattr(opening, "_callbacks", None) or ()):
        opening.remove_done_callback(callback)
    opening.cancel()


class _Caller:
    """`inspect`, as far as BAC0's notes use it: who logs, and whose module that is. The real one looks all callers up in all
    modules there are: in a process with thousands (pytest with all tests) a third of a second a start."""

    @staticmethod
    def stack() -> list[tuple[FrameType | None]]:
        """The function that logs and the one that called it."""
        here = inspect.currentframe()
        frame = here.f_back if here is not None else None
        return [(frame,), (frame.f_back if frame is not None else None,)]

    @staticmethod
    def getmodule(frame: FrameType) -> ModuleType | None:
        """The module of a function on the stack."""
        return sys.modules.get(frame.f_globals.get("__name__", ""))


@contextmanager
def _no_dotenv() -> Iterator[None]:
    import dotenv

    real = dotenv.load_dotenv
    dotenv.load_dotenv = lambda *_args, **_options: False
    try:
        yield
    finally:
        dotenv.load_dotenv = real


@contextmanager
def _no_home() -> Iterator[None]:
    real = os.environ.get("HOME")
    os.environ["HOME"] = NOT_A_FOLDER
    try:
        yield
    finally:
        if real is None:
            del os.environ["HOME"]
        else:
            os.environ["HOME"] = real


@contextmanager
def _same_display_hook() -> Iterator[None]:
    real = sys.displayhook
    try:
        yield
    finally:
        sys.displayhook = real
