"""A disk that loses its power: what a process wrote is read off strace, and only what was made durable is sure to be there.

Of each file its content is known as of the last fsync, and every write since. At a cut those writes are lost, or are there, or
some of them are, in whatever order, and torn in sectors of 512 octets. Names are as of the last fsync of the folder: a file that
was made since may be gone with all that is in it, one that was removed may be there again. What is only in shared memory
(SQLite's -shm) is lost.
"""

from __future__ import annotations

import ast
import re
import subprocess
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

CALLS: Final = (
    "open,openat,creat,write,pwrite64,writev,pwritev,pwritev2,lseek,ftruncate,truncate,fallocate,fsync,fdatasync,"
    "sync_file_range,msync,copy_file_range,sendfile,unlink,unlinkat,rename,renameat,renameat2,link,linkat"
)
_SECTOR: Final = 512
_LINE: Final = re.compile(r"(?:\[pid +)?(\d+)\]? +(.*)")
_RESUMED: Final = re.compile(r"<\.\.\. (\w+) resumed>(.*)")
_CALL: Final = re.compile(r"(\w+)\((.*)\) += (-?\d+)(.*)", re.DOTALL)
_TEXT: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_PIECES: Final = re.compile(r'iov_base="((?:[^"\\]|\\.)*)"')
_TO: Final = re.compile(r'sin_addr=inet_addr\("([^"]*)"\)')
_PATH: Final = re.compile(r"^(\d+)<([^>]*)>")


class Act(NamedTuple):
    """One thing that was done: `what` to which `path`, or to which host a datagram went, from which place in the log on, over when it stands there."""

    what: str
    path: str
    at: int = 0
    data: bytes = b""
    begun: int = 0
    """How many acts had begun when this did: a sync covers those."""


def strace(log: Path, *more: str) -> list[str]:
    """What a command is put after, so that what it does to files, and what it sends, stands in a log."""
    calls = f"trace={CALLS},sendto,sendmsg,sendmmsg"
    return ["strace", "-f", "--seccomp-bpf", "-y", "-s", "10000000", "-e", calls, "-o", str(log), *more]


def traced(command: Sequence[str], log: Path) -> None:
    """Run a command to its end, and watch it."""
    subprocess.run([*strace(log), *command], check=True, capture_output=True, timeout=600)


def acts(log: Path, folder: Path) -> list[Act]:
    """What a traced process did in a folder, what it said on its standard output (`said`), and what it sent (`sent`)."""
    begun: dict[str, tuple[int, str]] = {}
    done: list[tuple[int, int, str]] = []
    with log.open(encoding="ascii") as lines:
        for number, line in enumerate(lines):
            found = _LINE.match(line.rstrip("\n"))
            if found is None:
                continue
            pid, text = found.groups()
            if text.endswith("<unfinished ...>"):
                begun[pid] = number, text.removesuffix("<unfinished ...>").rstrip()
            elif (resumed := _RESUMED.match(text)) is not None and pid in begun:
                since, head = begun.pop(pid)
                done.append((since, number, head + resumed[2].lstrip()))
            else:
                done.append((number, number, text))
    return _ordered(done, f"{folder.resolve()}")


def _ordered(done: list[tuple[int, int, str]], folder: str) -> list[Act]:
    """Writes as of when they began (they may be lost as soon), all else as of when it was over."""
    found: list[tuple[int, int, Act]] = []
    for since, until, text in sorted(done, key=lambda entry: entry[1]):
        call = _CALL.match(text)
        if call is None or int(call[3]) < 0:
            continue
        found += [
            (since if act.what in ("write", "said", "sent") else until, since, act)
            for act in _acts_of(call[1], call[2], int(call[3]), call[4], folder)
        ]
    found.sort(key=lambda entry: entry[0])
    places = [place for place, _, _ in found]
    return [act._replace(begun=bisect_left(places, since)) for _, since, act in found]


def _acts_of(call: str, arguments: str, answer: int, rest: str, folder: str) -> Iterator[Act]:
    if call in ("open", "openat", "creat"):
        path = rest.partition("<")[2].partition(">")[0]
        if path.startswith(f"{folder}/"):
            if "O_CREAT" in arguments:
                yield Act("create", path)
            if "O_TRUNC" in arguments:
                yield Act("resize", path, 0)
        return
    if call in ("unlink", "unlinkat"):
        path = ast.literal_eval(_TEXT.findall(arguments)[0].join("''"))
        if path.startswith(f"{folder}/"):
            yield Act("remove", path)
        return
    if call.startswith("send"):
        to = _TO.search(arguments)
        for text in _TEXT.findall(arguments)[:1] if call == "sendto" else _PIECES.findall(arguments):
            yield Act("sent", to[1] if to is not None else "", data=_octets(text))
        return
    place = _PATH.match(arguments)
    if place is None:
        if call == "rename" and f"{folder}/accepted." in arguments:
            return  # what was accepted of a site file: no part of the store
        assert folder not in arguments, f"what does {call}({arguments[:200]}) do to a disk?"
        return
    number, path = place.groups()
    if number == "1" and call == "write":
        yield Act("said", "", data=_data(arguments))
    if path != folder and not path.startswith(f"{folder}/"):
        return
    yield from _to_file(call, arguments, answer, path, names=path == folder)


def _to_file(call: str, arguments: str, answer: int, path: str, *, names: bool) -> Iterator[Act]:
    if call in ("fsync", "fdatasync"):
        yield Act("sync_names" if names else "sync", path)
    elif call == "pwrite64":
        yield Act("write", path, int(arguments.rpartition(",")[2]), _data(arguments)[:answer])
    elif call == "write":
        yield Act("write", path, -1, _data(arguments)[:answer])  # all of ours go to the end of their file
    elif call == "ftruncate":
        yield Act("resize", path, int(arguments.rpartition(",")[2]))
    else:
        assert call == "lseek", f"what does {call} do to a disk?"


def _data(arguments: str) -> bytes:
    found = _TEXT.search(arguments)
    assert found is not None, arguments[:200]
    return _octets(found[1])


def _octets(text: str) -> bytes:
    return bytes(ast.literal_eval(f'b"{text}"'))


@dataclass
class _File:
    """A file: what of it is durable, and what was done to it since."""

    durable: bytes = b""
    since: list[tuple[int, Act]] = field(default_factory=list)

    def size(self) -> int:
        """As the process sees it."""
        return len(_after(self.durable, [act for _, act in self.since]))


class Disk:
    """What acts make of a folder, and what of it is there after the power was cut."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._names = {f"{path}": _File(path.read_bytes()) for path in self._folder.iterdir()}
        self._durable = dict(self._names)
        self._renamed: list[tuple[int, str, _File | None]] = []
        """Names that were given or taken (None) since the folder was made durable."""
        self._count = 0

    def does(self, act: Act) -> None:
        """One act more, of those of one log every one in turn: a sync says by its number what it covers."""
        file = self._names.get(act.path)
        if act.what == "create":
            if file is None:
                self._names[act.path] = made = _File()
                self._renamed.append((self._count, act.path, made))
        elif act.what == "remove":
            if self._names.pop(act.path, None) is not None:
                self._renamed.append((self._count, act.path, None))
        elif act.what == "sync_names":
            self._durable = _named(self._durable, [r for r in self._renamed if r[0] < act.begun])
            self._renamed = [r for r in self._renamed if r[0] >= act.begun]
        elif file is not None:
            self._to_file(file, act)
        self._count += 1

    def _to_file(self, file: _File, act: Act) -> None:
        if act.what == "sync":
            file.durable = _after(file.durable, [a for n, a in file.since if n < act.begun])
            file.since = [(n, a) for n, a in file.since if n >= act.begun]
        else:
            at = file.size() if act.what == "write" and act.at < 0 else act.at
            file.since.append((self._count, act._replace(at=at)))

    def cut(self, into: Path, dice: Random, share: float) -> None:
        """Write what is there once the power is back: of what nobody made durable a share from 0 to 1."""
        names = _named(self._durable, [r for r in self._renamed if dice.random() < share])
        for path, file in names.items():
            kept = [piece for _, act in file.since for piece in _torn(act, share, dice)]
            (into / Path(path).name).write_bytes(_after(file.durable, kept))


def _named(durable: dict[str, _File], renamed: Sequence[tuple[int, str, _File | None]]) -> dict[str, _File]:
    names = dict(durable)
    for _, path, file in renamed:
        if file is None:
            names.pop(path, None)
        else:
            names[path] = file
    return names


def _torn(act: Act, share: float, dice: Random) -> Iterator[Act]:
    """What of an act that nobody made durable is there: all, nothing, or some sectors of it."""
    if act.what != "write" or share in (0.0, 1.0) or dice.random() < 0.5:
        if dice.random() < share:
            yield act
        return
    for start in range(0, len(act.data), _SECTOR):
        if dice.random() < share:
            yield act._replace(at=act.at + start, data=act.data[start : start + _SECTOR])


def _after(content: bytes, acts: Sequence[Act]) -> bytes:
    data = bytearray(content)
    for act in acts:
        size = act.at if act.what == "resize" else max(len(data), act.at + len(act.data))
        if size > len(data):
            data.extend(bytes(size - len(data)))
        if act.what == "resize":
            del data[size:]
        else:
            data[act.at : act.at + len(act.data)] = act.data
    return bytes(data)
