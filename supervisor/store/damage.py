"""A store that cannot be relied on: found out by reading it through, and put aside without losing it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from supervisor.store import queries
from supervisor.store.problems import BESIDE as ANOTHER
from supervisor.store.problems import StoreProblem
from supervisor.store.writer import Store

_COMPANIONS: Final = ("-wal", "-shm")
"""What SQLite keeps beside its file; rows that were committed last may be there alone."""


def file_of(url: sa.URL) -> Path | None:
    """The file of an SQLite store; None for a database server and for a store in memory."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def problem_of(url: str) -> StoreProblem | None:
    """Why the store cannot be relied on, once it was read through; None where it is sound, or not there yet."""
    store = Store(url)
    file = file_of(store.url)
    if file is not None and not file.exists():
        return None
    try:
        store.open()
        answer = store.read_now(_check) if file is not None else "ok"
        if answer != "ok":
            return damaged(file, answer)
        must_take(store)
        store.read_now(lambda connection: queries.kept(connection, 0.0))
    except StoreProblem as problem:
        return problem
    except (ValueError, TypeError, LookupError) as error:
        # SQLite gives back whatever the bytes say now: text where a number was, no JSON where JSON was
        return damaged(file, repr(error))
    finally:
        store.close()
    return None


def must_take(store: Store) -> None:
    """See whether an SQLite store takes rows at all; a file that may only be read opens without a word.

    Raises StoreProblem.
    """
    if file_of(store.url) is not None:
        store.read_now(_try_to_write)


def _try_to_write(connection: sa.Connection) -> None:
    """SQLite tells of a file that may only be read no sooner than at a change: one that is taken back."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        connection.exec_driver_sql("PRAGMA user_version = 1")
    finally:
        connection.exec_driver_sql("ROLLBACK")


def _check(connection: sa.Connection) -> str:
    """SQLite's own look at every page of its file: `ok`, or the first thing that is wrong."""
    return str(connection.execute(sa.text("PRAGMA quick_check(1)")).scalar())


def damaged(file: Path | None, detail: str) -> StoreProblem:
    """The problem of a store whose content makes no sense."""
    first = detail.strip().splitlines()[0] if detail.strip() else "no reason given"
    return StoreProblem(f"the database {file} is damaged: {first}", *ANOTHER)


def set_aside(file: Path) -> Path:
    """Give a store's files, or whatever stands in their place, another name; the new one. Raises OSError."""
    stamp = time.strftime("%Y%m%dT%H%M%S")
    kept, n = file.with_name(f"{file.name}.kept-{stamp}"), 1
    while kept.exists():
        n += 1
        kept = file.with_name(f"{file.name}.kept-{stamp}-{n}")
    if file.exists():
        file.rename(kept)
    for ending in _COMPANIONS:
        beside = file.with_name(file.name + ending)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + ending))
    return kept
