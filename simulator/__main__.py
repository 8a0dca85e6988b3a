"""`python -m simulator SITE.yaml`: the simulated building on real UDP, in a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import errno
import math
import sys
import time
from pathlib import Path

from config.load import load
from schedules.time import from_iso
from simulator.plant.kind import PlantKind
from simulator.serve import serve


def main() -> int:
    """Exit 0 when told to stop, 1 for a problem in the input."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("site", type=Path)
    parser.add_argument("--start", type=_start, help="ISO 8601 with offset; default now")
    parser.add_argument("--speed", type=_speed, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stack", choices=("rusty", "bacpypes"), default="rusty")
    parser.add_argument("--plant", type=PlantKind, choices=list(PlantKind), default=PlantKind.RC)
    parser.add_argument("--origin", type=float, help="monotonic seconds at which --start is shown")
    args = parser.parse_args()
    loaded = load(args.site)
    if loaded.site is None:
        for problem in loaded.problems:
            sys.stderr.write(f"{problem}\n")
        return 1
    start = args.start if args.start is not None else time.time()
    origin = args.origin if args.origin is not None else time.monotonic()
    try:
        served = serve(
            loaded.site,
            start=start,
            speed=args.speed,
            seed=args.seed,
            stack=args.stack,
            origin=origin,
            plant=args.plant,
        )
        asyncio.run(served)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"simulator: {error}\n")
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            sys.stderr.write(
                "  hint: end the demonstration or simulator that still runs (Ctrl-C there) · 请先结束仍在运行的演示或模拟建筑（在其终端按 Ctrl-C）\n"
            )
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _start(text: str) -> float:
    """An instant; argparse says of what is wrong with it where and why."""
    try:
        return from_iso(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}; write it as 2026-07-15T15:00:00+08:00") from None


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.0 < speed < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no speed: site seconds a second, above 0")
    return speed


if __name__ == "__main__":
    sys.exit(main())
