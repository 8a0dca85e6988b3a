"""Proof that nobody changed the audit: each row follows from the one before, and the last is the one that was kept."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from config.phrase import Phrase
from supervisor.store import queries
from supervisor.store.chain import CHAINED, HEAD, digest


class Proof(NamedTuple):
    """What a walk along the audit found; `problems` in English and Chinese."""

    rows: int
    head: str
    problems: tuple[Phrase, ...]


def proven(connection: sa.Connection) -> Proof:
    """Walk every row of the audit, then compare its ends with those that were kept apart."""
    kept = queries.value(connection, HEAD) or {}
    rows, heads, problems = 0, [], []
    for table in CHAINED:
        count, last, id_, wrong = _walked(connection, table)
        rows += count
        heads.append(last)
        problems += wrong
        told = kept.get(table.name)
        if told is not None and not wrong and told["hash"] != last:
            cut = max(told["id"] - id_, 0)
            problems.append(
                _said(table.name, f"the end is not the one that was kept: {cut} rows are cut off",
                      f"末尾与留存的链头不符，缺少 {cut} 行")
            )  # fmt: skip
    return Proof(rows, "/".join(head[:16] for head in heads), tuple(problems))


def _walked(connection: sa.Connection, table: sa.Table) -> tuple[int, str, int, list[Phrase]]:
    """Rows, hash and id of the last that is sound, and the first thing that is wrong with a table."""
    before, count, last = "", 0, 0
    for row in connection.execute(sa.select(table).order_by(table.c.id)):
        mapping, id_ = dict(row._mapping), int(row.id)
        problem = _problem(mapping, id_, before, last)
        if problem is not None:
            return count, before, last, [_said(table.name, *problem)]
        before, count, last = mapping["hash"], count + 1, id_
    return count, before, last, []


def _problem(row: dict[str, Any], id_: int, before: str, last: int) -> Phrase | None:
    """What is wrong with a row that should follow the one with hash `before` and id `last`, in both languages."""
    sound = digest(row["prev_hash"], row) == row["hash"]
    if row["prev_hash"] == before:
        return None if sound else Phrase(f"row {id_} was altered", f"第 {id_} 行内容被改动")
    if sound and id_ - last > 1:
        return Phrase(f"rows {last + 1} to {id_ - 1} are gone", f"第 {last + 1} 至 {id_ - 1} 行被删除")
    return Phrase(
        f"row {id_} does not follow row {last}: swapped, or put in",
        f"第 {id_} 行与第 {last} 行不相接：次序被调换或被插入",
    )


def _said(table: str, en: str, zh: str) -> Phrase:
    return Phrase(f"{table}: {en}", f"{table}：{zh}")
