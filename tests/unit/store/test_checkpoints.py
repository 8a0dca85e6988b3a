"""What has been kept long enough goes, and a signed checkpoint stands for it: nobody else can make one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from supervisor.daemon import audited
from supervisor.store import retiring
from supervisor.store.checkpoints import Checkpoint, all_of
from supervisor.store.proving import Walk, walked
from supervisor.store.rows import IntentRow, ResultRow
from supervisor.store.signing import KEY, Signer, signer_of
from supervisor.store.writer import Store

DAY = 86400.0


class Box:
    """A gateway box that writes once a day, an instant before noon, and reads back an instant after it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "supervisor.sqlite3"
        self.store = Store(f"sqlite:///{self.file}", inline=True)
        self.store.open()

    async def days(self, first: int, last: int, *, finished: bool = True) -> None:
        """A write on each of these days."""
        for day in range(first, last + 1):
            at = (day + 0.5) * DAY
            row = IntentRow(at - 1, at, "p", 26.0, 26.0, 10, "r", "c", "en", "zh", [], [], 1e12, "h")
            key = await self.store.commit_intent(row)
            if finished:
                await self.store.commit_result(ResultRow(key, at + 1, "ok" if day % 2 else "failed", 26.0))

    async def night(self, before_day: float) -> retiring.Retired | None:
        """Let go of what is older than a day."""
        return await audited.retire(self.store, self.folder, before_day * DAY)

    def proof(self, *keys: str) -> Walk:
        """What the proof says to whoever trusts the gateway's key, or these."""
        signer = signer_of(self.folder)
        own = [signer.public] if signer is not None else []
        return self.store.read_now(lambda connection: walked(connection, keys or own))

    def problem(self, *keys: str) -> str:
        """What is wrong."""
        broken = self.proof(*keys).broken
        return broken.what.en if broken is not None else ""

    def does(self, *changes: str) -> None:
        """Somebody with a database tool."""
        with sqlite3.connect(self.file) as database:
            for change in changes:
                database.execute(change)

    def checkpoints(self) -> list[Checkpoint]:
        """All there are."""
        return self.store.read_now(all_of)

    def counts(self) -> tuple[int, int]:
        """Intents and results that are there."""
        with sqlite3.connect(self.file) as database:
            return (
                database.execute("SELECT count(*) FROM intents").fetchone()[0],
                database.execute("SELECT count(*) FROM results").fetchone()[0],
            )


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    """Ten days of writes."""
    made = Box(tmp_path)
    await made.days(1, 10)
    yield made
    made.store.close()


async def test_what_is_old_goes_and_the_chain_holds_from_the_checkpoint_on(box: Box) -> None:
    """Four days go: the checkpoint says how many rows, of when, and what came of them; the length never falls."""
    assert await box.night(5) is not None
    assert box.counts() == (6, 6)
    proof = box.proof()
    assert proof.broken is None
    assert (proof.rows, proof.retired, proof.last) == (20, 8, (10, 10))
    (checkpoint,) = box.checkpoints()
    assert checkpoint.head.rows == 8
    assert checkpoint.counts == {"ok": 2, "failed": 2}
    assert (checkpoint.since, checkpoint.until) == (1.5 * DAY - 1, 4.5 * DAY + 1)
    await box.days(11, 12)
    assert await box.night(5) is None, "nothing more is old enough"
    assert await box.night(8) is not None
    assert (box.proof().rows, box.proof().retired, box.problem()) == (24, 14, "")
    assert len(box.checkpoints()) == 2


async def test_a_third_party_verifies_with_the_public_key_alone(box: Box) -> None:
    """The key is a file that its owner alone reads; its public half and the row are enough for any Ed25519 library."""
    await box.night(5)
    assert (box.folder / KEY).stat().st_mode & 0o077 == 0
    (checkpoint,) = box.checkpoints()
    with sqlite3.connect(box.file) as database:  # as the page says, without this program
        database.row_factory = sqlite3.Row
        row = dict(database.execute("SELECT * FROM checkpoints").fetchone())
    signature, _ = row.pop("signature"), row.pop("id")
    row["counts"] = json.loads(row["counts"])
    row["head"] = {name: row.pop(name) for name in ("rows", "hash")} | {"ends": json.loads(row.pop("ends"))}
    body = json.dumps(row, sort_keys=True, separators=(",", ":")).encode()
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(row["key"])).verify(bytes.fromhex(signature), body)
    (box.folder / KEY).unlink()
    assert box.problem(checkpoint.key) == ""
    assert "is not this gateway's" in box.problem("ab" * 32)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (["DELETE FROM checkpoints"], "intents: rows 1 to 4 are gone, and no checkpoint stands for them"),
        (["DELETE FROM results WHERE id = 5", "DELETE FROM intents WHERE id = 5"],
         "intents: row 5 is gone, and no checkpoint stands for it"),
        (["UPDATE checkpoints SET rows = 10"], "checkpoint 1 was altered or forged: its signature does not fit"),
        (["UPDATE checkpoints SET counts = '{}'"], "checkpoint 1 was altered or forged"),
        (["UPDATE checkpoints SET ends = 'x'"], "checkpoint 1 was altered or forged"),
        (["UPDATE checkpoints SET signature = 'no'"], "checkpoint 1 was altered or forged"),
    ],
    ids=["gone", "more gone", "longer", "counts", "no json", "signature"],
)  # fmt: skip
async def test_a_missing_or_forged_checkpoint_is_named(box: Box, changes: list[str], said: str) -> None:
    """Taken away, stretched over rows that went without it, or signed by nobody."""
    await box.night(5)
    box.does(*changes)
    assert said in box.problem()


async def test_a_checkpoint_of_another_key_is_named(box: Box, tmp_path: Path) -> None:
    """Who deletes rows and signs for them with a key of their own is found: the key is not the gateway's."""
    await box.night(3)
    other = tmp_path / "other"
    other.mkdir()
    forger = signer_of(other, make=True)
    assert isinstance(forger, Signer)
    begun = await audited.walk(box.store, box.folder)
    retired = retiring.Retired(begun.head, 0.0, 1.0, {})
    await box.store.change(lambda c: retiring.sign(c, retired, forger, 0.0))
    assert f"checkpoint 2 was signed with the key {forger.public}" in box.problem()
    box.does("DELETE FROM checkpoints WHERE id = 1")
    own = signer_of(box.folder)
    assert own is not None
    assert "checkpoint 2 does not follow the one before it" in box.problem(own.public, forger.public)


async def test_a_power_cut_between_signing_and_taking_away_does_no_harm(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checkpoint is there, the rows too: the proof holds, and the next night they go, once."""
    with monkeypatch.context() as cut:
        cut.setattr(retiring, "take_away", lambda _: False)
        await box.night(5)
    assert box.counts() == (10, 10)
    assert box.problem() == ""
    assert await box.night(5) is None
    assert box.counts() == (6, 6)
    assert (box.problem(), len(box.checkpoints())) == ("", 1)


async def test_a_power_cut_while_they_are_taken_away_does_no_harm(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some of them went: the proof holds, and the next night the others go."""
    monkeypatch.setattr(retiring, "_ROWS", 3)
    taken = retiring.take_away
    with monkeypatch.context() as cut:
        left = iter([True, True, False])
        cut.setattr(retiring, "take_away", lambda c: taken(c) and next(left))
        await box.night(7)
    assert box.counts() not in ((10, 10), (4, 4))
    assert box.problem() == ""
    await box.night(7)
    assert (box.counts(), box.problem()) == ((4, 4), "")


async def test_a_write_under_way_at_the_border_stays_with_its_result(tmp_path: Path) -> None:
    """The day ends between a write and its read-back: both stay, and go together another night."""
    box = Box(tmp_path)
    await box.days(1, 6)
    assert (await box.night(4.5)) is not None  # the fourth day's intent is older, its result is not
    assert box.counts() == (3, 3)
    await box.days(7, 7, finished=False)
    await box.night(99)
    assert box.counts() == (1, 0), (
        "an intent without a result is settled by the next start, and goes after that"
    )
    assert box.problem() == ""
    box.store.close()


async def test_nothing_goes_behind_a_row_that_was_altered(box: Box) -> None:
    """What shows that somebody was there stays, however old it is."""
    box.does("UPDATE intents SET rule = 'x' WHERE id = 3")
    await box.night(9)
    assert box.counts() == (8, 8)
    assert box.problem() == "intents: row 3 was altered"
