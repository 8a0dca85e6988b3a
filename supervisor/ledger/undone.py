"""An import taken back: what a file brought in goes out again, what it covered is put back, and what lies around is booked anew.

It goes by what was noted when the file was imported, not by what its rows say today: a file that would be refused by now can be taken back, too.
"""

from __future__ import annotations

import math
from collections import Counter

import sqlalchemy as sa

from config.phrase import Phrase
from config.site import MeterSpec, Site
from schedules.time import local_date
from supervisor.ledger.file_units import unit_worth
from supervisor.ledger.late import ratio_kept, rebook, scale_then
from supervisor.ledger.vehicles import fill_series
from supervisor.store import brought, imports, readings
from supervisor.store.brought import Fate, Record
from supervisor.store.readings import Batch, Posting

_UNKNOWN = Phrase(
    "nothing of this file stands here to be taken out: it was not imported, was taken out already, was saved anew since, was followed by "
    f"{brought.MOST} imports of the same meter, or was imported by a version that did not note what a file brought in; "
    "figures that are wrong are put right by importing the right ones of the same instants",
    f"没有可撤销的内容：此文件未曾导入、已撤销、导入后另存过、同一表此后已导入 {brought.MOST} 次，或由尚不记录导入内容的旧版本导入；错误的读数可用同一时刻的正确读数重新导入更正",
)


def refused(connection: sa.Connection, site: Site, digest: str, meter: str | None) -> Phrase | None:
    """Why a file cannot be taken back; None: it can. `meter`: only what it brought in of that one."""
    records = _records(connection, digest, meter)
    books = readings.all_books(connection)
    for each in records:
        spec = site.meters.get(each.meter)
        if spec is None or spec.of or each.series not in _series(spec):
            return Phrase(
                f"`{each.meter}`, whose readings this file brought in, is no meter of the site file that has readings: put it back for as long as the file is "
                "taken out",
                f"此文件导入过 `{each.meter}` 的读数，而站点文件中已无该表（或已不是抄表的表）：请先写回再撤销",
            )
        if spec.vehicle is None and (why := _another_unit(spec, each, books.get(spec.id, {}), site)):
            return why
    return None if records else _UNKNOWN


def _another_unit(spec: MeterSpec, of: Record, body: dict[str, object], site: Site) -> Phrase | None:
    """What is left would be booked anew in the unit of today."""
    for ms in of.said:
        before = scale_then(spec, body, ms / 1000.0)
        if before != spec.scale:
            was, is_ = (unit_worth(scale, energy=spec.energy) for scale in (before, spec.scale))
            day = local_date(ms / 1000.0, site.tz)
            return Phrase(
                f"`{spec.id}`: its register was in {was} on {day}, and is in {is_} by the site file: what is left would be booked anew by that; take the "
                "file out with a site file that has the `unit` and `factor` of then",
                f"`{spec.id}`：{day} 时表底以 {was} 计，而站点文件现为 {is_}，其余读数会按此重新计量：请用写有当时 `unit` 和 `factor` 的站点文件撤销",
            )
    return None


def undo(connection: sa.Connection, site: Site, digest: str, meter: str | None) -> dict[str, Counter[Fate]]:
    """Take out what a file brought in, in the transaction that is open; what became of it, by meter. Raises StoreProblem."""
    fates: dict[str, dict[int, Fate]] = {}
    for record in _records(connection, digest, meter):
        its = fates.setdefault(record.meter, {})
        changed = dict[int, Fate]()
        for ms, fate in brought.take_back(connection, record).items():
            if fate is not Fate.STAYS:
                its[ms] = changed[ms] = fate
            its.setdefault(ms, fate)
        spec = site.meters[record.meter]
        if spec.vehicle is None and changed:
            imports.note(connection, record.series, {ms / 1000.0 for ms in changed})
    for name, its in fates.items():
        away = [ms / 1000.0 for ms, fate in its.items() if fate is not Fate.STAYS]
        if away and site.meters[name].vehicle is not None:
            _fills(connection, site.meters[name], away)
        elif away:
            _readings(connection, site.meters[name], away)
    return {name: Counter(its.values()) for name, its in fates.items()}


def _readings(connection: sa.Connection, meter: MeterSpec, away: list[float]) -> None:
    """Book a meter anew around readings that changed."""
    if meter.point is None and not any(
        value is not None for _, value in readings.between(connection, meter.series, -math.inf, math.inf)
    ):
        readings.unbook(connection, meter.id, -math.inf, math.inf)
        readings.begin_anew(connection, meter.id)
    else:
        rebook(connection, meter, min(away), max(away), ratio_kept(connection, meter))


def _fills(connection: sa.Connection, vehicle: MeterSpec, away: list[float]) -> None:
    """Book a vehicle's fills anew that went, or are what they were before."""
    for at in away:
        readings.unbook(connection, vehicle.id, at, at + 1.0)
        for _, litres in readings.between(connection, fill_series(vehicle.id, "fill"), at, at + 1e-3):
            if litres is not None:
                booked = (at, at + 1.0, litres * vehicle.scale, False, "")
                readings.keep(connection, Batch(postings=(Posting(vehicle.id, (), (booked,), (), None),)))


def _records(connection: sa.Connection, digest: str, meter: str | None) -> list[Record]:
    return [each for each in brought.of_file(connection, digest) if meter in (None, each.meter)]


def _series(spec: MeterSpec) -> tuple[str, ...]:
    if spec.vehicle is not None:
        return fill_series(spec.id, "fill"), fill_series(spec.id, "km")
    return (spec.series,)
