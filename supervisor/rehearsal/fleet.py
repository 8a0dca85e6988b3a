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
_STOP = -1.0
_worker: dict[str, Any] = {}
"""What a worker process was given: the array in which it tells its progress and is told to stop."""


class NoScheduler(RuntimeError):
    """The cluster cannot be used; the message says why."""


def run_here(jobs: Sequence[Job], progress: Progress, workers: int | None = None) -> list[Result]:
    """Every job on this machine, as many parts at a time as there are cores; in the order of `jobs`.

    On KeyboardInterrupt each gives what it has lived until then.
    """
    pieces = [parts(job) for job in jobs]
    flat = [piece for group in pieces for piece in group]
    if len(flat) == 1:
        return [rehearse(flat[0], progress)]
    context = multiprocessing.get_context("spawn")
    shares = context.Array(c_double, len(flat))
    days = [(piece.last - piece.first).days + 1 for piece in flat]
    count = min(len(flat), workers or os.cpu_count() or 1)
    with ProcessPoolExecutor(count, context, _begin, (shares,)) as pool:
        futures = _submitted(pool, pieces)
        try:
            _watch(
                futures,
                lambda: progress(sum(s * n for s, n in zip(shares[:], days, strict=True)) / sum(days)),
            )
        except KeyboardInterrupt:
            shares[:] = [_STOP] * len(flat)
        return _together(pieces, [future.result() for future in futures])


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


def _begin(shares: Any) -> None:
    """A worker begins: the terminal's Ctrl-C is for the parent, who tells us through `shares`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker["shares"] = shares
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Siblings hold the queue open, so that nobody would tell a worker that its parent was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _numbered(number: int, job: Job) -> Result:
    shares = _worker["shares"]

    def tell(share: float) -> None:
        if shares[number] == _STOP:  # told by the parent
            raise KeyboardInterrupt
        shares[number] = share

    return rehearse(job, tell)
