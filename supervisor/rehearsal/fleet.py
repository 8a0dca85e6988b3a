"""Many rehearsals at once: on this machine's cores, or on a Dask cluster. No scheduler of our own."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Container, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, wait
from functools import partial

from config.phrase import Phrase, Said
from simulator.plant.kind import PlantKind
from supervisor.rehearsal.board import KNOWN, Board, ClusterBoard, SharedBoard, at_once, level
from supervisor.rehearsal.job import Job, Read, parts, rehearse
from supervisor.rehearsal.known import Known, look_up
from supervisor.rehearsal.result import Result, joined
from supervisor.rehearsal.shelf import Shelf

Progress = Callable[[float], None]
_LOOK_EVERY = 0.2
FEW = 4
"""Days in all that are lived one after another in this process: until another has begun, they are over. EnergyPlus
lives once in a process."""
_worker: dict[str, Board] = {}
"""What a worker process was given: where it tells its progress, and asks whether to stop."""
_read: Read = {}
"""What a worker process of ours, which ends with its run, has read already."""


class NoScheduler(Said, RuntimeError):
    """The cluster cannot be used; the message says why."""


def run_here(
    jobs: Sequence[Job],
    progress: Progress,
    workers: int | None = None,
    sides: int = 1,
    shelf: Shelf | None = None,
) -> list[Result]:
    """Every job on this machine, as many parts at a time as there are cores; in the order of `jobs`.

    On KeyboardInterrupt each gives what it has lived until then. Of `sides` neighbours, which are compared, those that
    are behind first live on until the day of the one ahead, so that differences stay differences; at a second
    KeyboardInterrupt all stop where they are. Parts that are on the `shelf` are not lived again, and others are kept there.
    """
    pieces = [parts(job) for job in jobs]
    flat = [piece for group in pieces for piece in group]
    few = sum(map(_days, flat)) <= FEW
    known = Known({}, {}) if shelf is None or few else look_up(flat, shelf)
    if len(known.results) == len(flat):
        return _together(pieces, known.beside([], []))
    if len(flat) == 1:
        results = [rehearse(flat[0], progress)]
    elif workers is None and few and all(p.plant is PlantKind.RC for p in flat):
        results = _one_by_one(flat, progress)
    else:
        results = _side_by_side(pieces, known, progress, workers, sides)
    if shelf is not None:
        known.keep(results, shelf)
    return _together(pieces, results)


def _side_by_side(
    pieces: Sequence[Sequence[Job]], known: Known, progress: Progress, workers: int | None, sides: int
) -> list[Result]:
    """The results of all parts, those that are not known lived in processes of their own."""
    flat = [piece for group in pieces for piece in group]
    context = multiprocessing.get_context("spawn")
    groups = compared(pieces, sides)
    board = SharedBoard(context, groups)
    for number in known.results:
        board.tell(number, KNOWN)
    days = sum(_days(piece) for number, piece in enumerate(flat) if number not in known.results)

    def look() -> None:
        progress(sum(max(0.0, lived) for lived in board.days()) / days)

    count = min(len(flat) - len(known.results), workers or os.cpu_count() or 1)
    with ProcessPoolExecutor(count, context, _begin, (board,)) as pool:
        lived = _lived(lambda: _submitted(pool, pieces, known.results), board, look)
    return known.beside(lived, groups)


def _one_by_one(flat: Sequence[Job], progress: Progress) -> list[Result]:
    """All parts, whole, Ctrl-C or not: it takes seconds, and both sides of a comparison have the same days."""
    mine = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if mine else None
    read: Read = {}
    try:
        return [
            rehearse(piece, partial(_share, progress, number, len(flat)), read)
            for number, piece in enumerate(flat)
        ]
    finally:
        if mine:
            signal.signal(signal.SIGINT, before)


def _share(progress: Progress, number: int, count: int, share: float) -> None:
    progress((number + share) / count)


def _lived(
    submit: Callable[[], list[Future[Result]]], board: Board, look: Callable[[], None]
) -> list[Result]:
    """The results of all parts; at a KeyboardInterrupt what each has lived until its group stops."""
    try:
        futures = submit()
        try:
            _watch(futures, look)
        except KeyboardInterrupt:
            board.stop(level)
            try:
                wait(futures)
            except KeyboardInterrupt:
                board.stop(at_once)
        return [future.result() for future in futures]
    except BaseException:
        with contextlib.suppress(Exception):  # whatever it was: nobody is left behind who goes on living
            board.stop(at_once)
        raise


def compared(pieces: Sequence[Sequence[Job]], sides: int) -> list[list[int]]:
    """The numbers of the parts that are compared with each other: the same days of `sides` neighbours."""
    numbers = iter(range(sum(map(len, pieces))))
    numbered = [[next(numbers) for _ in group] for group in pieces]
    return [
        [side[m] for side in numbered[n : n + sides] if m < len(side)]
        for n in range(0, len(numbered), sides)
        for m in range(max(len(side) for side in numbered[n : n + sides]))
    ]


def _submitted(
    pool: Executor, pieces: Sequence[Sequence[Job]], known: Container[int]
) -> list[Future[Result]]:
    """A future for each part that is not known, in the order of the jobs. First parts go first: interrupted, all have as many days."""
    numbered = [(n, m) for n, group in enumerate(pieces) for m in range(len(group))]
    places = {pair: place for place, pair in enumerate(numbered)}
    futures = {
        pair: pool.submit(_numbered, places[pair], pieces[pair[0]][pair[1]])
        for pair in sorted(numbered, key=lambda pair: (pair[1], pair[0]))
        if places[pair] not in known
    }
    return [futures[pair] for pair in numbered if pair in futures]


def _cluster(scheduler: str) -> Executor:
    try:
        from distributed import Client
    except ImportError:
        raise NoScheduler(
            Phrase(
                "Dask is not installed: pip install 'distributed>=2025.1'",
                "未安装 Dask：pip install 'distributed>=2025.1'",
            )
        ) from None
    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise NoScheduler(
            Phrase(
                f"no Dask scheduler answers at {scheduler}: {error}",
                f"{scheduler} 处没有 Dask 调度器应答：{error}",
            )
        ) from error
    executor: Executor = client.get_executor()
    return executor


def run_there(
    jobs: Sequence[Job],
    scheduler: str,
    progress: Progress,
    connect: Callable[[str], Executor] = _cluster,
    sides: int = 1,
) -> list[Result]:
    """Every job on the Dask cluster at `scheduler`, through its executor. Raises NoScheduler.

    A KeyboardInterrupt does what it does in `run_here`. An executor that `connect` gives and that is not Dask's has no
    board: there it ends when what is being lived is over.
    """
    pieces = [parts(job) for job in jobs]
    flat = [piece for group in pieces for piece in group]
    pool = connect(scheduler)
    client = getattr(pool, "_client", None)  # Dask's executor has no public name for it
    if client is None:
        with pool:
            futures = [pool.submit(rehearse, piece) for piece in flat]
            _watch(futures, lambda: progress(sum(future.done() for future in futures) / len(flat)))
            return _together(pieces, [future.result() for future in futures])
    try:
        board = ClusterBoard(compared(pieces, sides))
        board.open()
        results = _lived_there(pool, board, flat, progress)
        board.close()
        return _together(pieces, results)
    finally:
        client.close()


def _lived_there(
    pool: Executor, board: ClusterBoard, flat: Sequence[Job], progress: Progress
) -> list[Result]:
    futures: list[Future[Result]] = []

    def submit() -> list[Future[Result]]:
        futures.extend(pool.submit(_on_board, board, number, piece) for number, piece in enumerate(flat))
        return futures

    return _lived(submit, board, lambda: progress(sum(future.done() for future in futures) / len(flat)))


def _together(pieces: Sequence[Sequence[Job]], results: Sequence[Result]) -> list[Result]:
    """The parts of each job as one result."""
    rest = iter(results)
    return [joined([next(rest) for _ in group]) for group in pieces]


def _watch(futures: Sequence[Future[Result]], look: Callable[[], None]) -> None:
    while wait(futures, timeout=_LOOK_EVERY).not_done:
        look()
    look()


def _days(piece: Job) -> int:
    return (piece.last - piece.first).days + 1


def _begin(board: Board) -> None:
    """A worker begins: the terminal's Ctrl-C is for the parent, who tells us by the board."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker["board"] = board
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Siblings hold the queue open, so that nobody would tell a worker that its parent was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _numbered(number: int, job: Job) -> Result:
    return _on_board(_worker["board"], number, job, _read)


def _on_board(board: Board, number: int, job: Job, read: Read | None = None) -> Result:
    """A part, wherever it is lived, that tells of each midnight and stops where it is told to."""

    def tell(share: float) -> None:
        if board.tell(number, share * _days(job)):
            raise KeyboardInterrupt

    return rehearse(job, tell, read)
