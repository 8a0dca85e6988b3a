"""The store: SQLAlchemy Core on one writer thread, SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

from supervisor.store.memory import MemoryJournal
from supervisor.store.problems import StoreProblem
from supervisor.store.writer import Store

__all__ = ["MemoryJournal", "Store", "StoreProblem"]
