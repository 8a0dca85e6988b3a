"""A month of readings as a Parquet file: what is in it, how it is written and read back a stretch at a time.

Sorted by point, then by time; `ts` is UTC. pyarrow is an extra (`parquet`), and loaded only where a file is touched:
it costs memory that a gateway box has better use for.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from supervisor.store.kinds import Kind
from supervisor.store.problems import StoreProblem

GROUP: Final = 65_536
"""Rows of one row group, about: what is in memory while a file is read."""
LEVEL: Final = 9
"""Of zstd: nobody waits for it at night."""
FLAGS: Final = ("unknown", "good")
Instants = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


class Stretch(NamedTuple):
    """Rows of one point, oldest first: `at` in POSIX ms, `values` a column each, NaN where not known."""

    name: str
    at: Instants
    values: tuple[Numbers, ...]

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """(at in POSIX s, a number or None for each column)."""
        columns = ([None if v != v else v for v in column.tolist()] for column in self.values)
        yield from zip((self.at / 1000.0).tolist(), *columns, strict=True)

    def cut(self, rows: slice | npt.NDArray[np.bool_]) -> Stretch:
        """Some of its rows."""
        return Stretch(self.name, self.at[rows], tuple(column[rows] for column in self.values))

    def with_late(self, late: Stretch) -> Stretch:
        """Together with rows that came later: of two at the same instant the later one counts."""
        at = np.concatenate((late.at, self.at))
        _, first = np.unique(at, return_index=True)
        columns = zip(late.values, self.values, strict=True)
        return Stretch(self.name, at[first], tuple(np.concatenate(both)[first] for both in columns))


@dataclass
class Digest:
    """Rows and checksums by point: the same for the same rows, however they are cut into stretches."""

    points: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def add(self, part: Stretch) -> None:
        """Go on over a stretch."""
        rows, *sums = self.points.get(part.name, (0,) * (2 + len(part.values)))
        columns = (part.at, *(np.where(np.isnan(v), np.nan, v) for v in part.values))  # one kind of NaN
        self.points[part.name] = (
            rows + len(part.at),
            *(zlib.crc32(np.ascontiguousarray(c).tobytes(), s) for c, s in zip(columns, sums, strict=True)),
        )

    @property
    def rows(self) -> int:
        """Of all points."""
        return sum(rows for rows, *_ in self.points.values())

    def told(self) -> str:
        """All of it in 64 hexadecimal digits."""
        return hashlib.sha256(repr(sorted(self.points.items())).encode()).hexdigest()


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise StoreProblem(
            "months of readings have moved to Parquet files, and pyarrow is not installed",
            "pip install 'pyarrow>=21,<27'",
        ) from error
    return pyarrow, pyarrow.parquet


def write(path: Path, kind: Kind, parts: Iterable[Stretch]) -> Digest:
    """Write stretches, sorted by point and time, into a new file; durable when it returns. Raises OSError."""
    pa, pq = _pyarrow()
    schema = _schema(pa, kind)
    digest = Digest()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        with pq.ParquetWriter(
            file, schema, compression="zstd", compression_level=LEVEL, write_page_index=True,
            use_dictionary=["point", *(["flag"] if kind.flagged else []), *sorted({*kind.values} - {*kind.split})],
            column_encoding={"ts": "DELTA_BINARY_PACKED"} | dict.fromkeys(kind.split, "BYTE_STREAM_SPLIT"),
        ) as writer:  # fmt: skip
            for group in _groups(parts):
                for part in group:
                    digest.add(part)
                writer.write_table(_table(pa, schema, kind, group), row_group_size=2 * GROUP)
            writer.add_key_value_metadata({"rows": str(digest.rows), "checksum": digest.told()})
        file.flush()
        os.fsync(file.fileno())
    return digest


def _groups(parts: Iterable[Stretch]) -> Iterator[list[Stretch]]:
    group: list[Stretch] = []
    for part in parts:
        group.append(part)
        if sum(len(p.at) for p in group) >= GROUP:
            yield group
            group = []
    if group:
        yield group


def _schema(pa: Any, kind: Kind) -> Any:
    return pa.schema([
        ("point", pa.string()),
        ("ts", pa.timestamp("ms", tz="UTC")),
        *((name, pa.float64()) for name in kind.values),
        *([("flag", pa.string())] if kind.flagged else []),
    ])  # fmt: skip


def _table(pa: Any, schema: Any, kind: Kind, group: Sequence[Stretch]) -> Any:
    names = np.repeat(np.arange(len(group), dtype=np.int32), [len(p.at) for p in group])
    at = np.concatenate([p.at for p in group])
    columns = [np.concatenate([p.values[n] for p in group]) for n in range(len(kind.values))]
    arrays = [
        pa.DictionaryArray.from_arrays(pa.array(names), [p.name for p in group]).cast(pa.string()),
        pa.array(at).cast(schema.field("ts").type),
        *(pa.array(column, from_pandas=True) for column in columns),
    ]
    if kind.flagged:
        known = pa.array((~np.isnan(columns[0])).astype(np.int32))
        arrays.append(pa.DictionaryArray.from_arrays(known, list(FLAGS)).cast(pa.string()))
    return pa.Table.from_arrays(arrays, schema=schema)


def read(
    path: Path, kind: Kind, name: str | None = None, start: int | None = None, end: int | None = None
) -> Iterator[Stretch]:
    """Rows of one point, or of all, from `start` until before `end` (POSIX ms): a stretch of a row group at a time.

    Raises OSError, StoreProblem where the file is damaged.
    """
    pa, pq = _pyarrow()
    try:
        with pq.ParquetFile(path, read_dictionary=["point"]) as file:
            for group in range(file.metadata.num_row_groups):
                if _may_have(file.metadata.row_group(group), name, start, end):
                    table = file.read_row_group(group, columns=["point", "ts", *kind.values])
                    for part in _stretches(table, kind, name):
                        inside = part.cut(_within(part.at, start, end))
                        if len(inside.at):
                            yield inside
    except pa.ArrowException as error:
        raise StoreProblem(f"{path} is damaged", "Put the newest copy of it in its place.") from error


def _may_have(group: Any, name: str | None, start: int | None, end: int | None) -> bool:
    point, ts = group.column(0).statistics, group.column(1).statistics
    if name is not None and point is not None and point.has_min_max and not point.min <= name <= point.max:
        return False
    if ts is None or not ts.has_min_max:
        return True
    low, high = (round(at.timestamp() * 1000) for at in (ts.min, ts.max))
    return not ((start is not None and high < start) or (end is not None and low >= end))


def _within(at: Instants, start: int | None, end: int | None) -> slice:
    low = 0 if start is None else int(np.searchsorted(at, start))
    return slice(low, len(at) if end is None else int(np.searchsorted(at, end)))


def _stretches(table: Any, kind: Kind, name: str | None) -> Iterator[Stretch]:
    points = table.column(0).combine_chunks()
    if hasattr(points, "chunks"):
        points = points.chunk(0)
    names, numbers = points.dictionary.to_pylist(), points.indices.to_numpy()
    at = table.column(1).cast("int64").to_numpy()
    columns = tuple(table.column(column).to_numpy() for column in kind.values)
    edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
    for low, high in pairwise(edges):
        if high > low and (name is None or names[numbers[low]] == name):
            yield Stretch(names[numbers[low]], at[low:high], tuple(c[low:high] for c in columns))


def by_point(parts: Iterable[Stretch]) -> Iterator[Stretch]:
    """The same rows, all of a point in one stretch."""
    held: list[Stretch] = []
    for part in parts:
        if held and held[0].name != part.name:
            yield joined(held)
            held = []
        held.append(part)
    if held:
        yield joined(held)


def joined(parts: Sequence[Stretch]) -> Stretch:
    """Stretches of one point, in order, as one."""
    if len(parts) == 1:
        return parts[0]
    columns = zip(*(p.values for p in parts), strict=True)
    return Stretch(parts[0].name, np.concatenate([p.at for p in parts]), tuple(map(np.concatenate, columns)))
