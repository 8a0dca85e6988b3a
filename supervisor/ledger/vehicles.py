"""Vehicles: one card each, filled by hand: litres and the odometer; L/100 km against the standard of its model.

A fill counts when it was filled. L/100 km: what was filled after the first reading of the odometer that counts (the last
one before the period, else the first in it), over the km since.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from config.phrase import Phrase
from config.site import MeterSpec, Site
from config.subitems import carrier
from schedules.time import local_date
from supervisor.ledger import figures, sheets
from supervisor.ledger.coefficients import DEFAULTS, Coefficient
from supervisor.ledger.late import Wrong, moment
from supervisor.ledger.lines import Line
from supervisor.ledger.naming import no_column, no_meter
from supervisor.ledger.periods import Period
from supervisor.store import brought, readings
from supervisor.store.instants import millis
from supervisor.store.readings import Batch, Posting, Sample

LARGEST: Final = 500.0
"""L above which a fill is a slip where no tank is known."""
OVERFULL: Final = 1.1
"""By how much a fill may exceed the tank: its filler pipe."""
FARTHEST: Final = 5000.0
"""km between two fills above which the odometer, or a fill, was written wrong."""
OVER: Final = 1.1
"""How far above its standard a vehicle may stay without a question."""
FORM: Final = ("time", "meter", "litres", "km")


class Fill(NamedTuple):
    """What was filled, litres, and what the odometer said; `line` of the file it stands in, 0 where it was known."""

    meter: str
    at: float
    litres: float
    km: float
    line: int = 0


class Card(NamedTuple):
    """A vehicle's period: litres filled, km driven, L/100 km by them, None where that cannot be told."""

    meter: str
    fills: int
    litres: float
    km: float | None
    per_100: float | None
    standard: float | None
    kg: float

    @property
    def over(self) -> bool:
        """It takes more than the standard of its model."""
        return None not in (self.per_100, self.standard) and (self.per_100 or 0) > OVER * (self.standard or 0)


def is_fills(table: sheets.Table, site: Site, meter: str | None) -> bool:
    """Whether a table is of vehicles."""
    if meter is not None:
        return meter in site.meters and site.meters[meter].vehicle is not None
    if table.columns:
        return "litres" in table.columns or "km" in table.columns
    return bool(table.lines) and len(table.lines[0].cells) == len(FORM)


def fills_of(
    table: sheets.Table, site: Site, meter: str | None, now: float
) -> tuple[list[Fill], list[Wrong]]:
    """The fills of a table: `time,meter,litres,km`, or `time,litres,km` of one `meter`; and what is wrong with which line."""
    form = tuple(name for name in FORM if name != "meter" or meter is None)
    wrong = [Wrong(number, what) for number, what in table.broken]
    if table.columns and (missing := [name for name in form if name not in table.columns]):
        return [], [Wrong(table.at or 1, no_column(missing))]
    if table.doubt is not None:
        return [], [*wrong, Wrong(*table.doubt)]
    found: list[Fill] = []
    for line in table.lines:
        fill = _fill(line, table, form, site, meter, now)
        if isinstance(fill, Fill):
            found.append(fill)
        else:
            wrong.append(Wrong(line.number, fill))
    if not found and not wrong:
        wrong.append(Wrong(0, Phrase("no fill in it", "其中没有加油记录")))
    return found, wrong


def _fill(
    line: Line, table: sheets.Table, form: Sequence[str], site: Site, meter: str | None, now: float
) -> Fill | Phrase:
    said = (
        {n: table.cell(line, n) for n in form} if table.columns else dict(zip(form, line.cells, strict=False))
    )
    cells = {name: cell for name, cell in said.items() if cell is not None}
    if len(cells) != len(form) or (not table.columns and len(line.cells) != len(form)):
        text = ",".join(form)
        return Phrase(
            f"{len(line.cells)} cells, {text} has {len(form)}",
            f"应为 {len(form)} 列（{text}），实为 {len(line.cells)} 列",
        )
    name = meter if meter is not None else _named(site, cells["meter"])
    if name not in site.meters:
        return no_meter(name, site)
    if site.meters[name].vehicle is None:
        return Phrase(
            f"`{name}` is no vehicle: add `vehicle:` to it", f"`{name}` 不是车辆：请为其添加 `vehicle:`"
        )
    at = moment(cells["time"], site.tz, now)
    if isinstance(at, Phrase):
        return at
    litres, km = (figures.number(cells[key], comma=table.comma) for key in ("litres", "km"))
    if litres is None:
        return Phrase(f"`{cells['litres']}` is no number of litres", f"`{cells['litres']}` 不是升数")
    if km is None:
        return Phrase(f"`{cells['km']}` is no odometer's figure", f"`{cells['km']}` 不是里程")
    return Fill(name, at, litres, km, line.number)


def _named(site: Site, text: str) -> str:
    """A vehicle by its key or by its plate."""
    return next((m.id for m in site.meters.values() if m.vehicle is not None and m.name == text), text)


def implausible(site: Site, fills: Iterable[Fill], known: Mapping[str, Sequence[Fill]]) -> list[Wrong]:
    """What cannot be, of all fills at once: more than the tank holds, an odometer that falls, stands, or leaps."""
    wrong: list[Wrong] = []
    new: dict[str, dict[float, Fill]] = {}
    for fill in fills:
        new.setdefault(fill.meter, {})[fill.at] = fill
    for meter, its in new.items():
        spec = site.meters[meter]
        wrong += [Wrong(f.line, what) for f in its.values() if (what := _too_much(spec, f)) is not None]
        merged = sorted(({f.at: f for f in known.get(meter, ())} | its).values(), key=lambda f: f.at)
        for before, after in itertools.pairwise(merged):
            what = _driven(site, before, after)
            if what is not None and (after.line or before.line):
                wrong.append(Wrong(after.line or before.line, what))
    return sorted(wrong, key=lambda w: w.line)


def _too_much(spec: MeterSpec, fill: Fill) -> Phrase | None:
    tank = spec.vehicle.tank if spec.vehicle is not None else None
    most = tank * OVERFULL if tank is not None else LARGEST
    if fill.litres <= 0:
        return Phrase("nothing was filled", "加油量为零")
    if fill.litres > most:
        return Phrase(
            f"{fill.litres:g} L are more than fit in: at most {most:g}",
            f"{fill.litres:g} L 超过可加油量：最多 {most:g} L",
        )
    return None


def _driven(site: Site, before: Fill, after: Fill) -> Phrase | None:
    day = local_date(before.at, site.tz)
    if after.km < before.km:
        return Phrase(
            f"the odometer goes backwards: {after.km:g} km after {before.km:g} km on {day}",
            f"里程倒退：{day} 为 {before.km:g} km，之后为 {after.km:g} km",
        )
    if after.km == before.km:
        return Phrase(
            f"no km driven since {day}: {after.km:g} km both times",
            f"自 {day} 起里程未变：均为 {after.km:g} km",
        )
    if after.km - before.km > FARTHEST:
        return Phrase(
            f"{after.km - before.km:g} km since {day}, without a fill: a figure or a fill is wrong",
            f"自 {day} 起行驶 {after.km - before.km:g} km 而无加油记录：里程有误或漏记",
        )
    return None


# ------------------------------------------------------------------ in the database


def known(connection: sa.Connection, meters: Iterable[str]) -> dict[str, list[Fill]]:
    """Every fill that is kept of some vehicles, oldest first."""
    found = {}
    for meter in meters:
        km = dict(readings.between(connection, fill_series(meter, "km"), -math.inf, math.inf))
        litres = readings.between(connection, fill_series(meter, "fill"), -math.inf, math.inf)
        found[meter] = [Fill(meter, at, l_, km.get(at) or 0.0) for at, l_ in litres if l_ is not None]
    return found


def keep(
    connection: sa.Connection, site: Site, fills: Sequence[Fill], digest: str | None = None
) -> dict[str, float]:
    """Keep fills and book each when it was filled, in the transaction that is open; m³ by vehicle. `digest`: of the file that they are of,
    which can be taken back by it."""
    total: dict[str, float] = {}
    for meter in {fill.meter for fill in fills}:
        its = [fill for fill in fills if fill.meter == meter]
        for what, said in (
            ("fill", {millis(fill.at): fill.litres for fill in its}),
            ("km", {millis(fill.at): fill.km for fill in its}),
        ):
            brought.remember(connection, digest, meter, fill_series(meter, what), said)
    postings = []
    for fill in fills:
        amount = fill.litres * site.meters[fill.meter].scale
        samples = (
            Sample(fill_series(fill.meter, "fill"), fill.at, fill.litres),
            Sample(fill_series(fill.meter, "km"), fill.at, fill.km),
        )
        postings.append(
            Posting(fill.meter, samples, ((fill.at, fill.at + 1.0, amount, False, ""),), (), None)
        )
        total[fill.meter] = total.get(fill.meter, 0.0) + amount
    readings.keep(connection, Batch(postings=tuple(postings)))
    return total


def fill_series(meter: str, what: str) -> str:
    """Under what fills (`fill`, L) and the odometer (`km`) are kept."""
    return f"meter/{meter}/{what}"


def cards(
    connection: sa.Connection, site: Site, of: Period, table: Mapping[str, Coefficient] = DEFAULTS
) -> tuple[Card, ...]:
    """Every vehicle's card of a period."""
    vehicles = [m for m in site.meters.values() if m.vehicle is not None]
    all_of = known(connection, [m.id for m in vehicles])
    return tuple(card(m, all_of[m.id], of, table) for m in vehicles)


def card(
    spec: MeterSpec, fills: Sequence[Fill], of: Period, table: Mapping[str, Coefficient] = DEFAULTS
) -> Card:
    """One vehicle's card of a period, of all its fills."""
    inside = [f for f in fills if of.start <= f.at < of.end]
    before = [f for f in fills if f.at < of.start]
    since = before[-1] if before else inside[0] if inside else None
    after = [f for f in inside if since is not None and f.at > since.at]
    km = after[-1].km - since.km if since is not None and after else None
    litres = math.fsum(f.litres for f in inside)
    rate = math.fsum(f.litres for f in after) / km * 100 if km else None
    standard = spec.vehicle.standard if spec.vehicle is not None else None
    kg = litres * table[f"{carrier(spec.subitem)}_density"].value
    return Card(spec.id, len(inside), litres, km, rate, standard, kg)
