"""`make soak-ledger KILLS=200`, `make soak-ledger POWER=200`: what is said to be kept is kept, whatever happens to the box."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from supervisor.daemon import logs
from tests.meters import killed, power
from tests.postgres import server


def kills(count: int, seed: int) -> bool:
    """Kill a process so many times; whether nothing was lost, twice, or without what it follows from."""
    with tempfile.TemporaryDirectory(prefix="soak-ledger-") as folder, server() as running:
        toll = killed.soak(Path(folder), count, seed, running)
    print(toll, flush=True)
    return not (toll.gaps or toll.doubles or toll.orphans)


def cuts(count: int, seed: int) -> bool:
    """Cut the power so many times, and a tenth as often without fsync; whether only the latter lost what was durable."""
    with tempfile.TemporaryDirectory(prefix="soak-ledger-") as folder:
        (Path(folder) / "off").mkdir()
        full = power.soak(Path(folder), count, seed, careless=False)
        print(full, flush=True)
        off = power.soak(Path(folder) / "off", max(power.CUTS, count // 10), seed, careless=True)
        print(f"synchronous=OFF {off}", flush=True)
    if not off.acked_lost:
        print("nothing was lost without fsync either: this proves nothing", file=sys.stderr)
    return not full.any and off.acked_lost > 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit 1 where anything is lost, and where nothing is lost without fsync."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--power", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    logs.configure(quiet=True)
    sound = not chosen.kills or kills(chosen.kills, chosen.seed)
    return int(not ((not chosen.power or cuts(chosen.power, chosen.seed)) and sound))


if __name__ == "__main__":
    sys.exit(main())
