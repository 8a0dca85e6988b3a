"""Power cuts in small: `make soak-ledger POWER=200` takes two hundred."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.meters.disk import Act, Disk
from tests.meters.power import soak


def left(disk: Disk, into: Path, share: float) -> dict[str, bytes]:
    """What a cut leaves."""
    into.mkdir()
    disk.cut(into, Random(1), share)
    return {path.name: path.read_bytes() for path in into.iterdir()}


def test_what_nobody_made_durable_may_be_gone_after_a_cut(tmp_path: Path) -> None:
    """Content without fsync, a name whose folder was not; a file that was removed may be there again."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "old").write_bytes(b"1234")
    disk, old, new = Disk(home), f"{home / 'old'}", f"{home / 'new'}"
    for act in (
        Act("write", old, 0, b"ab"),
        Act("sync", old, begun=1),
        Act("write", old, -1, b"cd"),
        Act("create", new),
        Act("write", new, -1, b"xyz"),
        Act("sync", new, begun=5),
    ):
        disk.does(act)
    assert left(disk, tmp_path / "1", 0.0) == {"old": b"ab34"}
    assert left(disk, tmp_path / "2", 1.0) == {"old": b"ab34cd", "new": b"xyz"}
    disk.does(Act("sync_names", f"{home}", begun=6))
    disk.does(Act("remove", old))
    assert left(disk, tmp_path / "3", 0.0) == {"old": b"ab34", "new": b"xyz"}
    assert left(disk, tmp_path / "4", 1.0) == {"new": b"xyz"}


def test_what_is_said_to_be_durable_outlives_a_power_cut(tmp_path: Path) -> None:
    """Intents, results, and readings in the database or in the spool: some seconds of a life, cut at four places.

    The same without fsync loses some of it, or this would prove nothing.
    """
    for name in ("full", "off"):
        (tmp_path / name).mkdir()
    full = soak(tmp_path / "full", 4, 2, careless=False, minutes=12)
    assert (full.acked_lost, full.doubles, full.orphans, full.broken) == (0, 0, 0, 0)
    assert full.acked > 10
    assert soak(tmp_path / "off", 3, 2, careless=True, minutes=12).acked_lost > 0
