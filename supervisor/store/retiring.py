"""Rows of the audit that have been kept long enough: a signed checkpoint first, and then they go.

A crash between the two does no harm: the checkpoint stands for the rows already, and the next night takes them away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple

import sqlalchemy as sa

from supervisor.store import schema
from supervisor.store.audit import CHAINED, Head
from supervisor.store.checkpoints import Checkpoint, add, all_of
from supervisor.store.proving import Walk, steps
from supervisor.store.signing import Signer

_ROWS: Final = 500
"""Rows that go in one transaction: an intent that must be durable before its write never waits for more."""


class Retired(NamedTuple):
    """Rows that may go: up to where, of which period (site clock), and the intents of them by what came of them."""

    head: Head
    since: float
    until: float
    counts: Mapping[str, int]


class Survey(NamedTuple):
    """How far the old rows have been looked through.

    Rows may go up to a row at which every intent has its result: `found`; `open` intents are still to have one.
    """

    walk: Walk
    open: frozenset[int] = frozenset()
    since: float | None = None
    counts: Mapping[str, int] = {}
    found: Retired | None = None
    over: bool = False


def survey_on(connection: sa.Connection, survey: Survey, before: float) -> Survey:
    """Look through a slice further; over at the first row that is not older than a site instant, or is not sound."""
    walk, open_, counts = survey.walk, set(survey.open), Counter(survey.counts)
    since, found = survey.since, survey.found
    for step in steps(connection, walk):
        walk = step.walk
        if step.table is None or step.row["ts"] >= before:
            return survey._replace(found=found, over=True)
        since = step.row["ts"] if since is None else since
        if step.table is schema.intents:
            open_.add(step.row["id"])
        else:
            open_.discard(step.row["intent_id"])
            counts[step.row["result"]] += 1
        if not open_:
            found = Retired(walk.head, since, step.row["ts"], dict(counts))
    return Survey(walk, frozenset(open_), since, dict(counts), found)


def sign(connection: sa.Connection, retired: Retired, signer: Signer, made: float) -> None:
    """Keep a signed checkpoint of them. `made` is wall time."""
    add(connection, Checkpoint(0, *retired, made), signer)


def take_away(connection: sa.Connection) -> bool:
    """Delete some rows that the last checkpoint stands for; False once none is left."""
    kept = all_of(connection)
    if not kept:
        return False
    # results first: each belongs to an intent
    for table, end in reversed(list(zip(CHAINED, kept[-1].head.ends, strict=True))):
        some = sa.select(table.c.id).where(table.c.id <= end).order_by(table.c.id).limit(_ROWS)
        ids = list(connection.execute(some).scalars())
        if ids:
            connection.execute(sa.delete(table).where(table.c.id <= ids[-1]))
            return True
    return False
