"""`python -m tests.fuzz`: mutated datagrams at the daemon's BACnet port, and a line of figures for each stack."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.e2e.slots import held
from tests.fuzz.storm import RATE, Figures, Storm
from tests.fuzz.target import target

STACKS = ("bac0", "rusty")
MILLION = 1_000_000
SIGNS = ("Traceback", '"level": "error"', '"event": "left"', "uarantined")
"""What of the daemon's log is quoted beside the figures."""


def fuzz(
    folder: Path, stack: str, count: int, seed: int, rate: float = RATE, *, loud: bool = False
) -> Figures:
    """A storm of `count` datagrams over a daemon on `stack`; the daemon is stopped at its end."""
    with target(folder, stack, seed) as under:
        storm = Storm(under, count, rate, lambda text: print(f"  {text}", file=sys.stderr) if loud else None)
        try:
            figures = storm.run()
        finally:
            storm.close()
        stopped = under.daemon.stop(within=30.0)
        left = len(held(under.files))
    notes = [line for line in stopped.err.splitlines() if any(sign in line for sign in SIGNS)]
    return replace(
        figures, seed=seed, left=left, exit_code=stopped.code, notes=figures.notes + sorted(set(notes))[:20]
    )


def main() -> int:
    """Exit 1 where a figure is off."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=MILLION, help="datagrams, a stack (default: a million)")
    parser.add_argument("--stack", choices=(*STACKS, "both"), default="both")
    parser.add_argument("--seed", type=int, help="repeats the datagrams of an earlier run")
    parser.add_argument(
        "--rate", type=float, default=RATE, help="datagrams a second at most (default: %(default)g)"
    )
    chosen = parser.parse_args()
    seed = chosen.seed if chosen.seed is not None else secrets.randbelow(1 << 32)
    off = False
    for stack in STACKS if chosen.stack == "both" else (chosen.stack,):
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            figures = fuzz(Path(folder), stack, chosen.count, seed, chosen.rate, loud=True)
        print(figures, flush=True)
        for what in (*figures.verdict(), *figures.notes):
            print(f"  {what}", flush=True)
        off |= bool(figures.verdict())
    return 1 if off else 0


if __name__ == "__main__":
    sys.exit(main())
