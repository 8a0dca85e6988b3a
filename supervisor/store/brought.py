"""What each file brought in, and what stood there before it: an import can be taken back, and nothing that came by another way goes with it.

A record is an import's readings of one series, in the order in which they came. Where two say something of one instant, the later one stands
on the earlier: taken back, it uncovers what it covered, and the one below it, taken back, goes from beneath it and changes nothing that is seen.
What came by hand or from a broker has a record, too, where it covers something: it cannot be taken back, but stays.

Records stand in `kv`, a few octets a reading: instants and figures of files are regular, and pack well. Of each series the newest stay; a file whose
record went cannot be taken back any more. The oldest go first, so that of one that stays all that was said over it is known.
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from supervisor.store import operations as op
from supervisor.store import readings, schema
from supervisor.store.readings import Batch, Sample

MOST: Final = 100
"""Records of a series that stay: an export that grows and is imported each day is said whole by each of them."""
_ROOT: Final = "brought"
"""Under this key of `kv` stands the number of the last record, and beneath it the records: `brought/SERIES/NUMBER/FIRST_LAST/DIGEST`, with the
instants (POSIX ms) of its first and last reading: what a record may say something of is seen without reading it."""
_KEY: Final = re.compile(rf"{_ROOT}/(.+)/\d{{10}}/(-?\d+)_(-?\d+)/.*")


class Nothing(Enum):
    """No reading at all, which is not one that says that nothing is known (None)."""

    STOOD = "nothing stood there"


Former = float | None | Nothing


class Record(NamedTuple):
    """What an import said of a series: by instant (POSIX ms) its figure, and what stood there before, both in the register's unit."""

    key: str
    number: int
    meter: str
    series: str
    said: dict[int, tuple[float, Former]]


class Fate(Enum):
    """What became of a reading whose import was taken back."""

    GONE = "nothing had stood there"
    BACK = "what had stood there stands there again"
    STAYS = "it came by another way, too, or was corrected since"


def remember(
    connection: sa.Connection, digest: str | None, meter: str, series: str, said: Mapping[int, float]
) -> None:
    """Note what is about to be kept of a series, by POSIX ms, in the transaction that keeps it. `digest`: of the file; None: by hand or from
    a broker. Raises StoreProblem."""
    stood = _standing(connection, series, said)
    new: dict[int, tuple[float, Former]]
    if digest is None:
        new = {ms: (value, stood[ms]) for ms, value in said.items() if ms in stood}
    else:
        mine = _told_already(connection, digest, series, said)
        new = {
            ms: (value, stood.get(ms, Nothing.STOOD))
            for ms, value in said.items()
            if ms not in mine or stood.get(ms, Nothing.STOOD) != value
        }
    if not new:
        return  # the same file again, and nothing happened since
    number = (
        connection.execute(
            sa.select(schema.kv.c.value).where(schema.kv.c.key == _ROOT).with_for_update()
        ).scalar()
        or 0
    ) + 1
    op.upsert(connection, schema.kv, {"key": _ROOT, "value": number})
    key = f"{_ROOT}/{series}/{number:010d}/{min(new)}_{max(new)}/{digest or ''}"
    _save(connection, Record(key, number, meter, series, new))
    if older := sorted(_keys(connection, series, None))[:-MOST]:
        connection.execute(sa.delete(schema.kv).where(schema.kv.c.key.in_(older)))


def _told_already(connection: sa.Connection, digest: str, series: str, said: Mapping[int, float]) -> set[int]:
    """At which instants a file said the same before, and nothing else was said since."""
    mine, other = set[int](), set[int]()
    for each in _about(connection, series, said):
        for ms in (each.said.keys() & said.keys()) - other:
            if each.said[ms][0] != said[ms]:
                other.add(ms)
            elif each.key.endswith(f"/{digest}"):
                mine.add(ms)
    return mine


def of_file(connection: sa.Connection, digest: str) -> list[Record]:
    """What stands of a file, the newest first: one that was imported again, after it had been corrected, has two records of a series."""
    return sorted(_records(connection, None, digest), key=lambda each: -each.number)


def take_back(connection: sa.Connection, of: Record) -> dict[int, Fate]:
    """Take one record out, the newest of its file first, in the transaction that is open; what became of its readings, by POSIX ms.
    Raises StoreProblem."""
    above: dict[int, Record] = {}
    for each in _about(connection, of.series, of.said):
        if each.number > of.number:
            above |= dict.fromkeys(each.said.keys() & of.said.keys(), each)
    stands = _standing(connection, of.series, of.said)
    fates, back, touched = dict[int, Fate](), dict[int, Former](), dict[str, Record]()
    for ms, (value, former) in of.said.items():
        fates[ms] = Fate.STAYS
        if ms in above:
            theirs, covered = above[ms].said[ms]
            if covered == value:
                above[ms].said[ms], touched[above[ms].key] = (theirs, former), above[ms]
        elif stands.get(ms, Nothing.STOOD) == value != former:
            fates[ms], back[ms] = Fate.GONE if former in (None, Nothing.STOOD) else Fate.BACK, former
    for each in touched.values():
        _save(connection, each)
    connection.execute(sa.delete(schema.kv).where(schema.kv.c.key == of.key))
    readings.withdraw(
        connection, of.series, [ms / 1000.0 for ms, former in back.items() if former is Nothing.STOOD]
    )
    readings.keep(
        connection,
        Batch(tuple(Sample(of.series, ms / 1000.0, former) for ms, former in back.items() if not isinstance(former, Nothing))),
    )  # fmt: skip
    return fates


def _standing(connection: sa.Connection, series: str, instants: Mapping[int, Any]) -> dict[int, Former]:
    """What stands at those of some instants at which anything does."""
    within = readings.between(connection, series, min(instants) / 1000.0, (max(instants) + 1) / 1000.0)
    found = ((round(at * 1000.0), value) for at, value in within)
    return {ms: value for ms, value in found if ms in instants}


def _about(connection: sa.Connection, series: str, instants: Mapping[int, Any]) -> list[Record]:
    """Those of a series that may say something of some instants, the newest first."""
    first, last = min(instants), max(instants)
    found = _records(connection, series, None, (first, last))
    return sorted(found, key=lambda each: -each.number)


def _records(
    connection: sa.Connection, series: str | None, digest: str | None, within: tuple[int, int] | None = None
) -> Iterator[Record]:
    """Those of a series, those of a file, or both; `within`: from which to which instant, POSIX ms."""
    keys = [key for key in _keys(connection, series, digest) if within is None or _meets(key, within)]
    for n in range(0, len(keys), MOST):
        wanted = schema.kv.c.key.in_(keys[n : n + MOST])
        for row in connection.execute(sa.select(schema.kv).where(wanted)).all():
            yield _restored(row.key, row.value)


def _keys(connection: sa.Connection, series: str | None, digest: str | None) -> list[str]:
    """The keys of records of a series, of a file, or both."""
    key, under = schema.kv.c.key, f"{_ROOT}/" if series is None else f"{_ROOT}/{series}/"
    where = [key.startswith(under, autoescape=True)]
    if digest is not None:
        where.append(key.endswith(f"/{digest}", autoescape=True))
    found = connection.scalars(sa.select(key).where(*where)).all()
    # SQLite compares without regard to case, and a series may be called as another begins
    return [each for each in found if (of := _KEY.fullmatch(each)) is not None and series in (None, of[1])]


def _meets(key: str, within: tuple[int, int]) -> bool:
    """Whether a record may say something between two instants."""
    found = _KEY.fullmatch(key)
    return found is not None and int(found[2]) <= within[1] and int(found[3]) >= within[0]


def _save(connection: sa.Connection, of: Record) -> None:
    instants = sorted(of.said)
    said = [of.said[ms] for ms in instants]
    steps = [ms - before for before, ms in zip([0, *instants], instants, strict=False)]
    body = {
        "number": of.number,
        "meter": of.meter,
        "series": of.series,
        "steps": _packed("q", steps),
        "values": _packed("d", [value for value, _ in said]),
        "kinds": _packed("b", [_kind(value, former) for value, former in said]),
        "formers": _packed(
            "d", [former for value, former in said if isinstance(former, float) and former != value]
        ),
    }
    op.upsert(connection, schema.kv, {"key": of.key, "value": body})


_NOTHING, _UNKNOWN, _SAME, _OTHER = range(4)


def _kind(value: float, former: Former) -> int:
    if isinstance(former, Nothing):
        return _NOTHING
    if former is None:
        return _UNKNOWN
    return _SAME if former == value else _OTHER


def _restored(key: str, body: Mapping[str, Any]) -> Record:
    formers, ms = iter(_unpacked("d", body["formers"])), 0
    said: dict[int, tuple[float, Former]] = {}
    rows = zip(*(_unpacked(sign, body[name]) for sign, name in (("q", "steps"), ("d", "values"), ("b", "kinds"))), strict=True)  # fmt: skip
    for step, value, kind in rows:
        ms += step
        former: Former = next(formers) if kind == _OTHER else value if kind == _SAME else None
        said[ms] = (value, Nothing.STOOD if kind == _NOTHING else former)
    return Record(key, body["number"], body["meter"], body["series"], said)


def _packed(sign: str, numbers: list[Any]) -> str:
    return base64.b64encode(zlib.compress(struct.pack(f"<{len(numbers)}{sign}", *numbers))).decode()


def _unpacked(sign: str, text: str) -> tuple[Any, ...]:
    data = zlib.decompress(base64.b64decode(text))
    return struct.unpack(f"<{len(data) // struct.calcsize('<' + sign)}{sign}", data)
