"""`ledger verify` at a terminal: a head noted earlier says whether the store still contains what it contained then."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from supervisor.daemon import audited
from supervisor.store.rows import IntentRow, ResultRow
from supervisor.store.writer import Store
from supervisor.telling.metrics.text import Pages
from tests.tools.fake_building import fake_building
from tests.unit.ledger.test_ledger_verbs import Office


class Noted:
    """What a run of the daemon leaves, and what people and Prometheus noted of it."""

    def __init__(self, office: Office) -> None:
        self.office, self.day = office, 0.0
        self.file = office.folder / "hall.sqlite3"
        office.folder.joinpath("state").mkdir()

    def writes(self, count: int) -> tuple[str, str, str]:
        """So many writes; the length, the head as it is printed, and as Prometheus has it."""
        store = self._store()
        for _ in range(count):
            self.day += 1
            intent = IntentRow(self.day, 1.0, "p", 26.0, 26.0, 10, "r", "c", "e", "z", [], [], 1e12, "h")
            key = asyncio.run(store.commit_intent(intent))
            asyncio.run(store.commit_result(ResultRow(key, self.day, "ok", 26.0)))
        head = store.head
        store.close()
        exposition = b"".join(
            Pages().pieces(fake_building(audit_rows=head.rows, audit_head=head.number))
        ).decode()
        shown = {s.name: s.value for f in text_string_to_metric_families(exposition) for s in f.samples}
        assert shown["building_audit_rows"] == head.rows
        return str(head.rows), head.short, repr(shown["building_audit_head"])

    def retires(self, before: float) -> None:
        """A night."""
        store = self._store()
        asyncio.run(audited.retire(store, self.office.folder / "state", before))
        store.close()

    def does(self, *changes: str) -> None:
        """Somebody with a database tool."""
        with sqlite3.connect(self.file) as database:
            for change in changes:
                database.execute(change)

    def _store(self) -> Store:
        store = Store(self.office.address, inline=True)
        store.open()
        return store


@pytest.fixture
def noted(tmp_path: Path) -> Noted:
    """A building of its own."""
    return Noted(Office(tmp_path, f"sqlite:///{tmp_path / 'hall.sqlite3'}"))


def test_a_noted_head_is_found_again_however_it_was_noted(noted: Noted) -> None:
    """Sixteen digits on paper, twelve, or the figure of the metric, and more rows since."""
    length, head, metric = noted.writes(3)
    noted.writes(4)
    for text in (head, head[:12], head.upper(), metric, str(int(float(metric)))):
        said = noted.office.does("verify", "--head", text, "--length", length)
        assert "rows=14 " in said
        assert "the noted head is row 6 of 14" in said
        told = noted.office.does("verify", "--head", text, "--length", length, "--lang", "zh")
        assert "所记链头为第 6 行（共 14 行）" in told
        assert "row 6 of 14" in noted.office.does("verify", "--head", text)


def test_a_tail_that_was_cut_off_without_a_trace_shows_by_the_noted_head(noted: Noted) -> None:
    """Rows and the kept head were changed to fit: the store alone looks sound, Prometheus knows better."""
    noted.writes(3)
    kept = noted.office.does("verify").split()[1]
    with sqlite3.connect(noted.file) as database:
        (value,) = database.execute("SELECT value FROM kv WHERE key = 'audit'").fetchone()
    length, head, _ = noted.writes(2)
    noted.does("DELETE FROM results WHERE id > 3", "DELETE FROM intents WHERE id > 3", f"UPDATE kv SET value = '{value}' WHERE key = 'audit'")  # fmt: skip
    assert kept in noted.office.does("verify")
    said = noted.office.does("verify", "--head", head, "--length", length, code=1)
    assert "the noted head was row 10, the audit has 6: 4 rows are cut off" in said
    assert "末尾缺少 4 行" in said
    assert "no row has the noted head" in noted.office.does("verify", "--head", head, code=1)
    noted.writes(2)
    said = noted.office.does("verify", "--head", head, "--length", length, code=1)
    assert "row 10 is another now than the noted head: the audit was written anew" in said


def test_a_head_older_than_a_checkpoint_is_told_as_such(noted: Noted) -> None:
    """Rows that were let go of are signed for; the checkpoint's own row is still known by its hash."""
    _, first, _ = noted.writes(1)
    border, at_border, _ = noted.writes(1)
    noted.writes(8)
    noted.retires(3.0)
    said = noted.office.does("verify", "--head", first, "--length", "2")
    assert "retired=4" in said
    assert "key=" in said
    assert "a signed checkpoint stands for all rows up to 4" in said
    assert "row 4 of 20" in noted.office.does("verify", "--head", at_border, "--length", border)
    assert "say its --length" in noted.office.does("verify", "--head", first, code=1)


def test_what_is_no_head_is_misuse(noted: Noted) -> None:
    """Too short, or no number; a length alone; and a store that is not there is no empty audit."""
    assert "no store yet" in noted.office.does("verify", code=1)
    noted.writes(1)
    assert "neither 12 to 64 hex digits nor" in noted.office.does("verify", "--head", "12ab", code=2)
    assert "neither" in noted.office.does("verify", "--head", "1.5", code=2)
    assert "--length without --head" in noted.office.does("verify", "--length", "3", code=2)
    assert "not row 1" in noted.office.does("verify", "--head", noted.writes(1)[1], "--length", "1", code=1)


def test_a_row_changed_by_hand_is_named_with_what_to_do(noted: Noted) -> None:
    """Somebody with a database tool made a write look dry: the row is told, that nothing be changed, and where copies are."""
    noted.writes(3)
    noted.does("UPDATE intents SET dry_run = 1 WHERE id = 2")
    said = noted.office.does("verify", "--lang", "en", code=1)
    assert "error: intents: row 2 was altered" in said
    assert "hint: change nothing in the database; compare that row with the nightly copies" in said
    assert "请勿改动数据库" in noted.office.does("verify", "--lang", "zh", code=1)
