"""The building's metrics as Prometheus' text: a thousand zones make fifty thousand lines a scrape.

The same lines as `prometheus_client` writes, in a fraction of its time: a family's lines are filled into one
form, with label values and numbers that were written before. The lines are not kept: at ten thousand points they are 4.5 MB.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from operator import itemgetter

from prometheus_client.utils import floatToGoString

from supervisor.telling.metrics.definitions import DEFINITIONS, Definition, Kind
from supervisor.telling.metrics.samples import Sample
from supervisor.telling.snapshot import Snapshot

LINES = 100
"""Lines that are written before others may have their turn: a twentieth of a millisecond."""
_USUAL = {0.0: "0.0", 1.0: "1.0"}
_MOST_NUMBERS = 10_000
"""Different values that are kept as they are written."""


class _Escaped(dict[str, str]):
    """Label values as they are written: each tells of many families."""

    def __missing__(self, label: str) -> str:
        told = self[label] = escaped(label)
        return told


class _Numbers(dict[float, str]):
    """Values as they are written, likewise: most are 0, 1 or a count."""

    def __missing__(self, value: float) -> str:
        if len(self) >= _MOST_NUMBERS:
            self.clear()
        told = self[value] = str(floatToGoString(value))  # type: ignore[no-untyped-call]  # it has no annotations
        return told


class Pages:
    """Every family of one building's snapshots, text format 0.0.4."""

    def __init__(self) -> None:
        self._pairs: object = None
        """Label values are kept of these very pairs: another version of the site file begins anew."""
        self._escaped = _Escaped()
        self._numbers = _Numbers(_USUAL)

    def pieces(self, snapshot: Snapshot) -> Iterator[bytes]:
        """The families, one after another, in pieces. A family without samples is left out."""
        if self._pairs is not snapshot.pairs:
            self._pairs, self._escaped = snapshot.pairs, _Escaped()
        for definition in DEFINITIONS:
            if definition.kind is not Kind.HISTOGRAM:
                yield from self._family(definition, snapshot)

    def _family(self, definition: Definition, snapshot: Snapshot) -> Iterator[bytes]:
        labels = ("building", *definition.labels)
        line, order = form(definition.name, labels, snapshot.building)
        samples = iter(definition.samples(snapshot))
        begin = head(definition)
        while some := list(islice(samples, LINES)):
            yield (begin + self._written(line, order, some)).encode()
            begin = ""

    def _written(self, line: str, order: list[int], samples: list[Sample]) -> str:
        """Lines of one family. Nothing here is Python's own for each line: there are fifty thousand."""
        labels, values = zip(*samples, strict=True)
        told = [map(self._escaped.__getitem__, map(itemgetter(n), labels)) for n in order]
        columns = (*told, map(self._numbers.__getitem__, values))
        return "".join(map(line.__mod__, zip(*columns, strict=True)))


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
