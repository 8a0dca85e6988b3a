"""A site file on disk → a resolved site, or every problem it has."""

from __future__ import annotations

import datetime as dt
import gc
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from config.checks import check_meaning
from config.codes import Coded
from config.loaded import Loaded as Loaded
from config.phrase import Phrase
from config.problems import MAX_PROBLEMS, Problem, Severity, ok
from config.reasons import reason
from config.resolve import resolve
from config.roles import Role
from config.rules import RuleId
from config.secrets import Secrets, secrets_of
from config.source import MAX_BYTES, Source, read_source, too_large
from config.structure import build
from config.visible import visible
from config.wording import all_keys, known_keys


def load(path: Path | str, today: dt.date | None = None) -> Loaded:
    """Read a site file. Never raises for bad input: what is wrong is in `problems`, in the file's order.

    `today`, by default the date at the site, decides which exemptions have lapsed.
    """
    path = Path(path)
    name = str(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            return Loaded(None, [too_large(path.stat().st_size, name)])
        with open(path, "rb", opener=_at_once) as file:  # Path.open takes no opener
            data = file.read(MAX_BYTES + 1)  # a file may grow while it is read, and a device has no end
    except FileNotFoundError:
        near = Phrase(
            "check the spelling, or start from config/examples/office.yaml",
            "检查文件名，或从 config/examples/office.yaml 开始",
        )
        return Loaded(
            None,
            [Problem(name, 1, 1, "", Coded("missing-file", "there is no such file", "没有这个文件"), near)],
        )
    except IsADirectoryError:
        folder = Coded("missing-file", "this is a folder, not a file", "这是目录，不是文件")
        within = Phrase("name the file in it", "请指定其中的文件")
        return Loaded(None, [Problem(name, 1, 1, "", folder, within)])
    except (OSError, ValueError) as error:
        why = reason(error)
        said = Coded("missing-file", f"the file cannot be read: {why.en}", f"文件无法读取：{why.zh}")
        readers = Phrase("see who may read it: ls -l", "查看谁有读取权限：ls -l")
        return Loaded(None, [Problem(name, 1, 1, "", said, readers)])
    return load_bytes(data, name, today)


def _at_once(path: str, flags: int) -> int:
    """Opened without waiting: a pipe to which nobody writes reads as empty, one with a writer is waited for."""
    handle = os.open(path, flags | os.O_NONBLOCK)
    os.set_blocking(handle, True)
    return handle


def load_text(text: str, source: str = "site.yaml", today: dt.date | None = None) -> Loaded:
    """The same from a text. `source` names it in problems; calendar files are looked for beside it."""
    return load_bytes(text.encode("utf-8", errors="surrogatepass"), source, today)


def load_bytes(data: bytes, source: str, today: dt.date | None = None) -> Loaded:
    """The same from a file's bytes."""
    with _no_collections():
        return _load_bytes(data, source, today)


def _load_bytes(data: bytes, source: str, today: dt.date | None) -> Loaded:
    read = read_source(data, source, _words())
    structure = build(read)
    if structure is None:
        return Loaded(None, _sorted(read), _quotable(read.text))
    resolved = resolve(structure.file, source, read.text, hashlib.sha256(data).hexdigest())
    check_meaning(read, structure, resolved, today)
    site = resolved.site if ok(read.problems) else None
    return Loaded(site, _sorted(read), _quotable(read.text))


@contextmanager
def _no_collections() -> Iterator[None]:
    """No search for circles among objects meanwhile: parsing makes millions and no circle, and a third of its time went there."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def check(path: Path | str, today: dt.date | None = None) -> list[Problem]:
    """Every problem of a site file; empty where it is sound."""
    return load(path, today).problems


def _quotable(text: str) -> str:
    """The text, or as many empty lines where none begins with a key of site files: it was named by mistake, and may be
    somebody's key."""
    return text if _site_like(text) else "\n" * len(text.splitlines())


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    """Every word that is a key somewhere in a site file."""
    return all_keys() | {role.value for role in Role} | {rule.value for rule in RuleId}


@lru_cache(maxsize=2)
def _site_like(text: str) -> bool:
    top = set(known_keys(()))
    return any(line.partition(":")[0].strip("\"' {") in top for line in text.splitlines() if ":" in line)


def _visible(problem: Problem, secrets: Secrets) -> Problem:
    """Without its secrets, and without what the file's own words could do to a terminal."""
    en, zh = (visible(secrets.cover(each, problem.line)) for each in problem.said)
    remedy = Phrase(*(visible(secrets.cover(each)) for each in problem.remedy))
    return replace(
        problem, path=visible(secrets.cover(problem.path)), said=Coded(problem.code, en, zh), remedy=remedy
    )


def _sorted(source: Source) -> list[Problem]:
    """In the file's order, each once, and not more than anybody would mend at a time."""
    unique = {(p.line, p.column, p.path, p.message): p for p in source.problems}
    if not unique:
        return []
    problems = [unique[key] for key in sorted(unique)]
    if len(problems) > MAX_PROBLEMS:
        more = len(problems) - MAX_PROBLEMS
        left = Coded("too-many", f"{more} more problems are not shown", f"另有 {more} 个问题未显示")
        last = problems[MAX_PROBLEMS]
        hint = Phrase(
            "mend the first ones; the others may follow from them", "请先改前面的；其余的可能由它们引起"
        )
        severity = Severity.WARNING if ok(problems[MAX_PROBLEMS:]) else Severity.ERROR
        problems[MAX_PROBLEMS:] = [Problem(last.file, last.line, last.column, "", left, hint, severity)]
    secrets = secrets_of(source.text, all_keys(), another_kind=not _site_like(source.text))
    return [_visible(problem, secrets) for problem in problems]
