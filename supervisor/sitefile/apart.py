"""Files of a site read in a process of their own, which ends with what it took: a parser, models, trees of every line.

A daemon that has read its file once would keep fifteen megabytes of that for as long as it runs. What comes back is the answer
alone. Where no process can be had, the file is read here.
"""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from typing import Any, Final, TypeVar

from config.loaded import Loaded
from config.points import Point

T = TypeVar("T")
_CHILD: Final = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from supervisor.sitefile.apart import answer; answer()"
)
_OWN: Final = ("id", "device", "object_type", "instance", "zone", "equipment")
"""What no other point has; the rest, poll and limits and the like, many have in common."""
_COMMON: Final = tuple(each.name for each in fields(Point) if each.name not in _OWN)


def apart(read: Callable[..., T], *given: Any) -> T:
    """What a function of some module gives for these arguments. Raises what it raises."""
    return begun(read, *given)()


def begun(read: Callable[..., T], *given: Any) -> Callable[[], T]:
    """The same, already begun: whoever calls what comes back waits for the end of it."""
    try:
        child = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-I", *(["-B"] if sys.dont_write_bytecode else []), "-c", _CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return lambda: read(*given)
    assert child.stdin is not None
    with suppress(OSError):  # it is gone already: nothing comes back
        child.stdin.write(pickle.dumps(sys.path) + pickle.dumps((read, given)))
        child.stdin.close()

    def found() -> T:
        assert child.stdout is not None
        with child.stdout:
            answered = child.stdout.read()
        if child.wait() != 0:  # whatever it is that it stumbles over is told from here
            return read(*given)
        result: T = pickle.loads(answered)  # noqa: S301 - of our own making
        return result

    return found


def load_alone(text: str, source: str) -> Loaded:
    """A site file from its text, whatever has become of the files that it names."""
    from config.load import load_text

    return load_text(text, source)


def answer() -> None:
    """Do what is asked on standard input, in the process of its own."""
    read, given = pickle.load(sys.stdin.buffer)  # noqa: S301 - of our own making
    into = io.BytesIO()
    _Pickler(into).dump(read(*given))
    sys.stdout.buffer.write(into.getbuffer())


class _Pickler(pickle.Pickler):
    """Keeps what points have in common one object: nine numbers and a table of each would else be made anew."""

    def __init__(self, into: io.BytesIO) -> None:
        super().__init__(into, protocol=pickle.HIGHEST_PROTOCOL)
        self._common: dict[tuple[Any, ...], tuple[Any, ...]] = {}

    def reducer_override(self, given: Any) -> Any:
        """How a point is made again; everything else as it is by itself."""
        if type(given) is not Point:
            return NotImplemented
        common = tuple(getattr(given, name) for name in _COMMON)
        known = tuple(tuple(each.items()) if isinstance(each, dict) else each for each in common)
        common = self._common.setdefault(known, common)
        return _point, (*(getattr(given, name) for name in _OWN), common)


def _point(*own: Any) -> Point:
    return Point(**dict(zip(_OWN, own[:-1], strict=True)), **dict(zip(_COMMON, own[-1], strict=True)))
