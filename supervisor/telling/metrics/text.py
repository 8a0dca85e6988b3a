"""The building's metrics as Prometheus' text: a thousand zones make fifty thousand lines a scrape.

The same lines as `prometheus_client` writes, in a fraction of its time: what has not changed since the last scrape is not
written again.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from prometheus_client.utils import floatToGoString

from supervisor.telling.metrics.definitions import DEFINITIONS, Definition, Kind
from supervisor.telling.snapshot import Snapshot

LINES = 100
"""Lines that are written, or found to be as they were, before others may have their turn: a twentieth of a millisecond."""
_USUAL = {0.0: "0.0", 1.0: "1.0"}
_MOST_NUMBERS = 10_000
"""Different values that are kept as they are written."""


class _Labels(dict[tuple[str, ...], str]):
    """Label values as they are written, each set worked out once: five families tell of each zone and rule."""

    def __init__(self, labels: tuple[str, ...], building: str) -> None:
        super().__init__()
        line, order = form("", ("building", *labels), building)
        self._line, self._order = line.removesuffix("%s\n"), order

    def __missing__(self, labels: tuple[str, ...]) -> str:
        told = self[labels] = self._line % tuple([escaped(labels[n]) for n in self._order])
        return told


class _Numbers(dict[float, str]):
    """Values as they are written, likewise: most are 0, 1 or a count."""

    def __missing__(self, value: float) -> str:
        if len(self) >= _MOST_NUMBERS:
            self.clear()
        told = self[value] = str(floatToGoString(value))  # type: ignore[no-untyped-call]  # it has no annotations
        return told


class _Piece(NamedTuple):
    """Labels apart from values: where only a value is another, the labels stay the same objects, and the collector of cycles has
    one thing to look through, not two hundred."""

    labels: tuple[tuple[str, ...], ...]
    values: tuple[float, ...]
    text: bytes


class Pages:
    """Every family of one building's snapshots, text format 0.0.4. It keeps what it wrote, and writes anew only the pieces in which a
    sample is another than at the last scrape."""

    def __init__(self) -> None:
        self._building = ""
        self._pairs: object = None
        """What is kept is of this building and of these very pairs: another version of the site file begins anew."""
        self._labels: dict[tuple[str, ...], _Labels] = {}
        self._numbers = _Numbers(_USUAL)
        self._kept: dict[str, dict[int, _Piece]] = {}

    def pieces(self, snapshot: Snapshot) -> Iterator[bytes]:
        """The families, one after another, in pieces. A family without samples is left out."""
        if self._building != snapshot.building or self._pairs is not snapshot.pairs:
            self._building, self._pairs = snapshot.building, snapshot.pairs
            self._labels, self._kept = {}, {}
        for definition in DEFINITIONS:
            if definition.kind is not Kind.HISTOGRAM:
                yield from self._family(definition, snapshot)

    def _family(self, definition: Definition, snapshot: Snapshot) -> Iterator[bytes]:
        kept = self._kept.setdefault(definition.name, {})
        samples, number = iter(definition.samples(snapshot)), 0
        while some := list(islice(samples, LINES)):
            labels, values = zip(*some, strict=True)
            piece = kept.get(number)
            if piece is None or piece.labels != labels or piece.values != values:
                if piece is not None and piece.labels == labels:
                    labels = piece.labels
                begin = b"" if number else head(definition).encode()
                text = begin + self._written(definition, snapshot.building, labels, values)
                piece = kept[number] = _Piece(labels, values, text)
            yield piece.text
            number += 1
        for over in [n for n in kept if n >= number]:  # another scrape may be at work
            del kept[over]

    def _written(
        self,
        definition: Definition,
        building: str,
        labels: tuple[tuple[str, ...], ...],
        values: tuple[float, ...],
    ) -> bytes:
        name, names, numbers = definition.name, definition.labels, self._numbers
        if names not in self._labels:
            self._labels[names] = _Labels(names, building)
        told = self._labels[names]
        lines = [f"{name}{told[of]}{numbers[value]}\n" for of, value in zip(labels, values, strict=True)]
        return "".join(lines).encode()


def form(name: str, labels: tuple[str, ...], building: str) -> tuple[str, list[int]]:
    """A line with room for its value and its label values but the first, the building's; and in which order
    those come: by the names of their labels."""
    order = sorted(range(len(labels)), key=labels.__getitem__)
    known = escaped(building).replace("%", "%%")
    told = ",".join(f'{labels[n]}="{"%s" if n else known}"' for n in order)
    return f"{name}{{{told}}} %s\n", [n - 1 for n in order if n]


def head(definition: Definition) -> str:
    """What comes before the samples of a family."""
    text = definition.help.replace("\\", r"\\").replace("\n", r"\n")
    return f"# HELP {definition.name} {text}\n# TYPE {definition.name} {definition.kind.value}\n"


def escaped(label: str) -> str:
    """A label value as it is written."""
    if "\\" in label or '"' in label or "\n" in label:
        return label.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    return label


def number(value: float) -> str:
    """A value as it is written."""
    usual = _USUAL.get(value)
    return usual or str(floatToGoString(value))  # type: ignore[no-untyped-call]  # it has no annotations
