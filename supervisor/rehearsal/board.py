"""How far the parts of a rehearsal are, and where they are told to stop: in memory that processes share, or on a cluster.

A part tells once a simulated day and asks in the same breath; whoever stops them reads and writes in one breath too.
Between the two nobody gets a day further, however busy the machine: so all sides of a comparison stop at the same midnight.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from ctypes import c_double
from multiprocessing.context import BaseContext
from typing import Any, Protocol

NEVER = 1e9
"""Days that no part ever has lived: nobody asked it to stop."""
NOT_BEGUN = -1.0
"""Days of a part that has not told anything yet."""
KNOWN = -2.0
"""Days of a part that is not lived: all its figures are known."""
_BREATH = 60.0
"""s that a part waits for its turn to tell: whoever has it that long is gone."""
Groups = Sequence[Sequence[int]]
"""Numbers of the parts that are compared with each other: the same days of each side."""
Decide = Callable[[Sequence[float]], float]
"""After how many days a group stops, by the days that its parts have lived."""


class Board(Protocol):
    """What a run tells and asks of. `tell` is called where the part is lived, the others where the run was started."""

    def tell(self, number: int, days: float) -> bool:
        """A part has lived so many days. True if it is to stop there."""

    def days(self) -> list[float]:
        """How many days each part has lived; `NOT_BEGUN` where it has told nothing."""

    def stop(self, decide: Decide) -> None:
        """Let every group stop at what `decide` says of its days."""


class SharedBoard:
    """For processes of one machine. It travels only to processes that `context` starts."""

    def __init__(self, context: BaseContext, groups: Groups) -> None:
        self._groups = groups
        count = sum(map(len, groups))
        self._lived: Any = context.Array(c_double, [NOT_BEGUN] * count)
        self._stops: Any = context.Array(c_double, [NEVER] * count)

    def tell(self, number: int, days: float) -> bool:
        """See `Board.tell`."""
        with self._lived.get_lock():
            self._lived[number] = days
            return bool(days >= self._stops[number])

    def days(self) -> list[float]:
        """See `Board.days`."""
        return list(self._lived[:])

    def stop(self, decide: Decide) -> None:
        """See `Board.stop`."""
        with self._lived.get_lock():
            for group in self._groups:
                stop = decide([self._lived[number] for number in group])
                for number in group:
                    self._stops[number] = stop


class ClusterBoard:
    """For a Dask cluster: variables at its scheduler, and a lock a group. `open` and `close` are its client's."""

    def __init__(self, groups: Groups) -> None:
        self._groups = groups
        self._group = {number: place for place, group in enumerate(groups) for number in group}
        self._run = f"rehearsal-{uuid.uuid4().hex}"

    def open(self) -> None:
        """Before any part is lived."""
        for number in self._group:
            self._variable("days", number).set(NOT_BEGUN)
            self._variable("stop", number).set(NEVER)

    def close(self) -> None:
        """When no part is lived any more."""
        for number in self._group:
            self._variable("days", number).delete()
            self._variable("stop", number).delete()

    def _variable(self, what: str, number: int) -> Any:
        from distributed import Variable

        return Variable(f"{self._run}-{what}-{number}")

    def _lock(self, place: int) -> Any:
        from distributed import Lock

        return Lock(f"{self._run}-{place}")

    def tell(self, number: int, days: float) -> bool:
        """See `Board.tell`. Where nobody answers any more, nobody waits for the part: it stops."""
        lock = self._lock(self._group[number])
        if not lock.acquire(timeout=_BREATH):
            return True
        try:
            self._variable("days", number).set(days)
            return bool(days >= self._variable("stop", number).get(timeout=_BREATH))
        except TimeoutError:
            return True
        finally:
            lock.release()

    def days(self) -> list[float]:
        """See `Board.days`."""
        return [float(self._variable("days", number).get(timeout=_BREATH)) for number in sorted(self._group)]

    def stop(self, decide: Decide) -> None:
        """See `Board.stop`."""
        for place, group in enumerate(self._groups):
            with self._lock(place):
                told = [float(self._variable("days", number).get(timeout=_BREATH)) for number in group]
                for number in group:
                    self._variable("stop", number).set(decide(told))


def level(lived: Sequence[float]) -> float:
    """All sides stop at the midnight that the furthest comes to next: it is in the middle of its day.

    Where none has begun all stop at the first that they tell. Whoever has begun beside one that is known whole lives to its end.
    """
    furthest = max(lived)
    if furthest < 0.0:
        return 0.0
    return NEVER if KNOWN in lived else furthest + 0.5


def at_once(_lived: Sequence[float]) -> float:
    """All stop at the next midnight of their own."""
    return 0.0
