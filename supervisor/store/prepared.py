"""Statements that are executed for each write: put into a database's own words once, and sent as they are from then on.

SQLAlchemy finds a statement's text again at each execution, and makes as many objects of its values and of its result as SQLite
takes time for the row. What is said stands in one place, as an SQLAlchemy statement, for SQLite and PostgreSQL alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

Statement = sa.Insert | sa.Delete | sa.Select[Any]


class _Words:
    """A statement as one kind of database wants it."""

    def __init__(self, statement: Statement, dialect: sa.Dialect, names: Sequence[str] | None) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=names)
        self._text = str(compiled)
        self._order = compiled.positiontup if compiled.positional else None
        self._as_kept: dict[str, Callable[[Any], Any] | None] = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bind in compiled.binds.items()
        }

    def execute(self, connection: sa.Connection, row: Mapping[str, Any]) -> sa.CursorResult[Any]:
        values = {
            name: row[name] if kept is None else kept(row[name]) for name, kept in self._as_kept.items()
        }
        if self._order is None:
            return connection.exec_driver_sql(self._text, values)
        return connection.exec_driver_sql(self._text, tuple([values[name] for name in self._order]))


class Prepared:
    """A statement whose parameters are all named; `names` are the columns that an INSERT fills."""

    def __init__(self, statement: Statement, names: Sequence[str] | None = None) -> None:
        self._statement, self._names = statement, names
        self._words: dict[tuple[str, str], _Words] = {}
        """By database and driver."""

    def execute(self, connection: sa.Connection, row: Mapping[str, Any]) -> sa.CursorResult[Any]:
        """Execute it with these values. Raises SQLAlchemyError, KeyError where a value is missing."""
        dialect = connection.dialect
        words = self._words.get((dialect.name, dialect.driver))
        if words is None:
            words = _Words(self._statement, dialect, self._names)
            self._words[dialect.name, dialect.driver] = words
        return words.execute(connection, row)


@cache
def inserting(table: sa.Table) -> Prepared:
    """Inserts a row into a table that counts its rows, and gives the row's number."""
    names = [column.name for column in table.columns if column.name != "id"]
    return Prepared(sa.insert(table).returning(table.c.id), names)
