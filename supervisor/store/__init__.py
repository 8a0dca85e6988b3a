"""The store: SQLAlchemy Core on one writer thread, SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from supervisor.store.memory import MemoryJournal
from supervisor.store.problems import StoreProblem

if TYPE_CHECKING:
    from supervisor.store.writer import Store

__all__ = ["MemoryJournal", "Store", "StoreProblem"]


def __getattr__(name: str) -> Any:
    """`Store`, when it is asked for: a rehearsal's processes have no database, and SQLAlchemy takes an eighth of a second."""
    if name != "Store":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from supervisor.store.writer import Store

    return Store
