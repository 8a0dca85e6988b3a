"""Many rehearsals at once: on this machine's cores, or on a Dask cluster. No scheduler of our own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, wait
from ctypes import c_double
from typing import Any

from supervisor.rehearsal.job import Job, parts, rehearse
from supervisor.rehearsal.result import Result, joined

Progress = Callable[[float], None]
_LOOK_EVERY = 0.2
_NEVER = 2.0
"""A share at which no part ever is: nobody asked it to stop."""
_worker: dict[str, Any] = {}
"""What a worker process was given: the array in which it tells its progress, and the one that says where to stop."""


class NoScheduler(RuntimeError):
    """The cluster cannot be used; the message says why."""


def run_here(
    jobs: Sequence[Job], progress: Progress, workers: int | None = None, sides: int = 1
) -> list[Result]:
    """Every job on this machine, as many parts at a time as there are cores; in the order of `jobs`.

    On KeyboardInterrupt each gives what it has lived until then. Of `sides` neighbours, which are compared, those that
    are behind first live on until the day of the one ahead, so that differences stay differences; at a second
    KeyboardInterrupt all stop where they are.
    """
    pieces = [parts(job) for job in jobs]
    flat = [piece for group in pieces for piece in group]
    if len(flat) == 1:
        return [rehearse(flat[0], progress)]
    context = multiprocessing.get_context("spawn")
    shares, stops = context.Array(c_double, len(flat)), context.Array(c_double, [_NEVER] * len(flat))
    days = [(piece.last - piece.first).days + 1 for piece in flat]
    count = min(len(flat), workers or os.cpu_count() or 1)
    with ProcessPoolExecutor(count, context, _begin, (shares, stops)) as pool:
        futures = _submitted(pool, pieces)
        try:
            _watch(
                futures,
                lambda: progress(sum(s * n for s, n in zip(shares[:], days, strict=True)) / sum(days)),
            )
        except KeyboardInterrupt:
            stops[:] = _level(shares[:], pieces, sides)
            try:
                wait(futures)
            except KeyboardInterrupt:
                stops[:] = [0.0] * len(flat)
        return _together(pieces, [future.result() for future in futures])


def _level(shares: Sequence[float], pieces: Sequence[Sequence[Job]], sides: int) -> list[float]:
    """For each part the share at which it stops: a day and a half past the furthest of those that it is compared with.

    A share is told once a day; the one ahead is in the middle of its next, so all stop at the second from here.
    """
    rest = iter(shares)
    told = [[next(rest) for _ in group] for group in pieces]
    stops = []
    for n, group in enumerate(pieces):
        together = told[n // sides * sides : (n // sides + 1) * sides]
        for m, piece in enumerate(group):
            furthest = max(side[m] for side in together if m < len(side))
            stops.append(furthest + 1.5 / ((piece.last - piece.first).days + 1) if furthest > 0.0 else 0.0)
    return stops


def _submitted(pool: Executor, pieces: Sequence[Sequence[Job]]) -> list[Future[Result]]:
    """A future for each part, in the order of the jobs. First parts go first: interrupted, all have as many days."""
    numbered = [(n, m) for n, group in enumerate(pieces) for m in range(len(group))]
    places = {pair: place for place, pair in enumerate(numbered)}
    futures = {
        pair: pool.submit(_numbered, places[pair], pieces[pair[0]][pair[1]])
        for pair in sorted(numbered, key=lambda pair: (pair[1], pair[0]))
    }
    return [futures[pair] for pair in numbered]


def _cluster(scheduler: str) -> Executor:
    try:
        from distributed import Client
    except ImportError:
        raise NoScheduler("Dask is not installed: pip install 'building-supervisor[fleet]'") from None
    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise NoScheduler(f"no Dask scheduler answers at {scheduler}: {error}") from error
    executor: Executor = client.get_executor()
    return executor


def run_there(
    jobs: Sequence[Job],
    scheduler: str,
    progress: Progress,
    connect: Callable[[str], Executor] = _cluster,
) -> list[Result]:
    """Every job on the Dask cluster at `scheduler`, through its executor. Raises NoScheduler."""
    pieces = [parts(job) for job in jobs]
    flat = [piece for group in pieces for piece in group]
    with connect(scheduler) as pool:
        futures = [pool.submit(rehearse, piece) for piece in flat]
        _watch(futures, lambda: progress(sum(future.done() for future in futures) / len(flat)))
        return _together(pieces, [future.result() for future in futures])


def _together(pieces: Sequence[Sequence[Job]], results: Sequence[Result]) -> list[Result]:
    """The parts of each job as one result."""
    rest = iter(results)
    return [joined([next(rest) for _ in group]) for group in pieces]


def _watch(futures: Sequence[Future[Result]], look: Callable[[], None]) -> None:
    while wait(futures, timeout=_LOOK_EVERY).not_done:
        look()
    look()


def _begin(shares: Any, stops: Any) -> None:
    """A worker begins: the terminal's Ctrl-C is for the parent, who tells us through `stops`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker["shares"], _worker["stops"] = shares, stops
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Siblings hold the queue open, so that nobody would tell a worker that its parent was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _numbered(number: int, job: Job) -> Result:
    shares, stops = _worker["shares"], _worker["stops"]

    def tell(share: float) -> None:
        shares[number] = share
        if share >= stops[number]:  # told by the parent
            raise KeyboardInterrupt

    return rehearse(job, tell)
