"""Which parts of a run were lived before, and what is made of them beside those that are lived now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.plant.kind import PlantKind
from supervisor.rehearsal.inputs import Unknown
from supervisor.rehearsal.job import Job, Read, inputs
from supervisor.rehearsal.result import Result, unlived
from supervisor.rehearsal.shelf import Shelf


class Known(NamedTuple):
    """By a part's number: its result, where that is known; and the digest of its inputs, where that can be told."""

    results: Mapping[int, Result]
    inputs: Mapping[int, str]

    def beside(self, lived: Sequence[Result], groups: Sequence[Sequence[int]]) -> list[Result]:
        """Known and lived results in the order of their numbers.

        Where a run was ended before it came to a part, nothing of that is known of the others in its group either: all
        sides of a comparison have the same days.
        """
        rest = iter(lived)
        found = dict(self.results)
        for number in range(len(lived) + len(self.results)):
            if number not in found:
                found[number] = next(rest)
        for group in groups:
            if not any(found[number].hours for number in group if number not in self.results):
                found |= {
                    number: unlived(found[number])
                    for number in group
                    if number in self.results and any(other not in self.results for other in group)
                }
        return [found[number] for number in sorted(found)]

    def keep(self, results: Sequence[Result], shelf: Shelf) -> None:
        """Put on the shelf what was not there."""
        for number, digest in self.inputs.items():
            if number not in self.results:
                shelf.keep(digest, results[number])


def look_up(jobs: Sequence[Job], shelf: Shelf) -> Known:
    """What of some parts is on the shelf. A part is lived if anything that it goes by cannot be told."""
    read: Read = {}
    sites: dict[int, bytes] = {}
    results: dict[int, Result] = {}
    digests: dict[int, str] = {}
    for number, job in enumerate(jobs):
        if job.plant is not PlantKind.RC:
            continue
        try:
            digests[number] = inputs(job, read, sites)
        except (Unknown, OSError):
            continue
        found = shelf.find(digests[number], job.label)
        if found is not None:
            results[number] = found
    return Known(results, digests)
