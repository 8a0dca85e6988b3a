"""The meters of a site as they count: each reading booked once, in the meter's own register, told in J or m³."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Final

from config.site import MeterSpec, Site
from drivers.readings import Reading as Known
from schedules.time import DAY, Instant
from supervisor.ledger import tree
from supervisor.ledger.booking import GAP, Book, Booked, Finding, heard, stuck
from supervisor.ledger.books import restored, saved
from supervisor.ledger.causes import Cause
from supervisor.ledger.pace import pace
from supervisor.ledger.register import Reading, Register
from supervisor.store.instants import grid
from supervisor.store.readings import Posting, Sample

SILENT_AFTER: Final = 900.0
"""s without a reading after which a meter is told as silent: a quarter of an hour, the interval of a data centre; later if it is read more
seldom than that as a rule."""
MOST_UNKEPT: Final = 2_000
"""Readings of one meter in memory while they can be kept nowhere; every second goes then. What was booked is not lost:
bookings between two readings that stay become one. Some 1 MB a meter, bookings and findings with it."""
NEWS: Final = 20
"""Findings of one meter that wait to be told."""
BEHIND: Final = 60.0
"""s by which a reading may be older than the last and only late; a site choice. By more, the clock was put back."""
PUT_BACK_FOR: Final = 3600.0
"""s for which the clock must stay back before a meter goes by it; a site choice. One that is set wrong for minutes would date
readings to days long past, which nobody could take back."""
EARLY: Final = 0.95
"""Share of an interval after which its reading is not too early."""
BY_HAND: Final = 31 * DAY
J_PER_KWH: Final = 3.6e6


@dataclass
class Meter:
    """One meter: where its register stands, and what has not been kept yet."""

    spec: MeterSpec
    register: Register
    book: Book = field(default_factory=Book)
    total: float | None = None
    """What it has counted, J or m³: its first figure and all that was booked since. None before the first reading."""
    kept: Instant = float("-inf")
    """The instant of the last sample that is kept, or to be kept."""
    _before: Instant = float("-inf")
    """The instant of the sample before the reading that is taken now."""
    _open: Booked | None = None
    """What was booked last, and is to be kept or kept already: what follows within the same interval goes on from it."""
    _back: Instant | None = None
    """Since when its readings are older than the last: the clock was put back, or was ahead when that was taken."""
    _samples: list[Sample] = field(default_factory=list)
    _booked: list[Booked] = field(default_factory=list)
    _found: list[Finding] = field(default_factory=list)
    _news: list[Finding] = field(default_factory=list)
    shown: frozenset[Cause] = frozenset()
    """What many days show of it."""
    worths: list[tuple[Instant, float]] = field(default_factory=list)
    """Since when one of its register is worth how much, J or m³: a current transformer is exchanged, and `factor` with it."""
    lost: int = 0
    """Readings of it that could be kept nowhere, and went."""

    def take(self, known: Known) -> None:
        """The reading that stands. One that was taken already changes nothing."""
        if not known.good or known.value is None:
            return
        if (at := grid(known.time)) <= self.book.last and not self._put_back(at):
            return
        self._back = None
        scale = self.spec.scale
        if not self.worths or self.worths[-1][1] != scale:
            self.worths.append((at, scale))
        reading = Reading(at, float(known.value) / scale)
        if self.total is None:
            self.total = float(known.value)
        before, step = self.book.last, heard(self.register, self.book, reading)
        self.book, self._before = step.book, self.kept
        if self.book.doubted or step.found or self._due(reading.at, before):
            self._samples.append(Sample(self.spec.series, reading.at, reading.value))
            self.kept = reading.at
        self._found += step.found
        self._news = [*self._news, *step.found][-NEWS:]
        for booked in step.booked:
            amount = booked._replace(amount=booked.amount * scale)
            self.total += amount.amount
            self._add(amount)
        if len(self._samples) > MOST_UNKEPT:
            self._thin()

    def _put_back(self, at: Instant) -> bool:
        """Whether a reading that is older than the last is taken: the clock has stood back for long enough. The register goes on
        from when it was put back, with the figure that it had: what it counted since is booked, and none of it twice."""
        if at > self.book.last - BEHIND:
            return False
        self._back = at if self._back is None else min(self._back, at)
        if at - self._back < PUT_BACK_FOR:
            return False
        self.book = self.book.moved(self._back - self.book.last)
        self.kept, self._open = min(self.kept, self._back), None
        return True

    def _due(self, at: Instant, before: Instant) -> bool:
        """Whether a reading is to be kept: one an interval, the one that is nearest to its end as far as the last step between
        two of them, `before` and this, can tell. A poll that comes a little early must not be passed over for it."""
        return at - self.kept + (at - before) / 2 >= EARLY * self.register.interval

    def _add(self, booked: Booked) -> None:
        """Bookings between two samples, and without a doubt, are one: the longer one takes the place of those it goes on from.

        None reaches over a sample, so that what is booked anew between two of them replaces whole bookings.
        """
        last = self._open
        if last is not None and _plain(last) and _plain(booked) and last.end == booked.start != self._before:
            booked = last._replace(end=booked.end, amount=last.amount + booked.amount)
            if self._booked and self._booked[-1] == last:
                self._booked.pop()
        self._booked.append(booked)
        self._open = booked

    def _thin(self) -> None:
        """Every second reading goes; energy does not."""
        gone = {sample.at for sample in self._samples[1:-1:2]}
        del self._samples[1:-1:2]
        self.lost += len(gone)
        going_on = bool(self._booked) and self._booked[-1] == self._open
        self._booked = merged(self._booked, gone)
        if len(self._booked) > 2 * MOST_UNKEPT:
            self._booked = [whole(self._booked[n : n + 2]) for n in range(0, len(self._booked), 2)]
        if going_on:
            self._open = self._booked[-1]
        del self._found[:-MOST_UNKEPT]

    def troubles(self, now: Instant) -> tuple[Cause, ...]:
        """What is wrong with it at the instant `now`."""
        found = []
        usual = max(self.register.interval, pace(self.book.steps) or 0.0)
        if now - self.book.last > max(SILENT_AFTER, GAP * usual) or BEHIND < self.book.last - now < math.inf:
            found.append(Cause.SILENT)
        if self.book.suspicion is not None:
            found.append(self.book.suspicion)
        if stuck(self.register, self.book, now):
            found.append(Cause.STUCK)
        return (*found, *sorted(self.shown))

    def news(self) -> list[Finding]:
        """What was found since the last call."""
        taken, self._news = self._news, []
        return taken

    @property
    def unkept(self) -> bool:
        """Something of it is only in memory."""
        return bool(self._samples or self._booked or self._found)

    def posting(self) -> Posting | None:
        """What is to be kept since the last call; None where there is nothing."""
        if not self.unkept:
            return None
        body = {**saved(self.book), "total": self.total, "kept": self.kept, "worths": self.worths}
        posting = Posting(
            self.spec.id, tuple(self._samples), tuple(map(_row, self._booked)),
            tuple((f.cause, f.start, f.end) for f in self._found), body,
        )  # fmt: skip
        self._samples, self._booked, self._found = [], [], []
        return posting

    def give_back(self, posting: Posting) -> None:
        """It could not be kept: it goes with the next."""
        self._samples[:0] = posting.samples
        self._booked[:0] = [
            Booked(a, b, amount, est, Cause(c) if c else None) for a, b, amount, est, c in posting.booked
        ]
        self._found[:0] = [Finding(Cause(cause), start, end) for cause, start, end in posting.found]


class Meters:
    """All meters of a site."""

    def __init__(self, site: Site) -> None:
        self._all = {s.id: Meter(s, register_of(s)) for s in site.meters.values() if s.point is not None}
        self._site = site

    def __iter__(self) -> Iterator[Meter]:
        return iter(self._all.values())

    def of(self, meter: str) -> Meter:
        """One meter by its id."""
        return self._all[meter]

    def show(self, meter: str, causes: frozenset[Cause]) -> frozenset[Cause]:
        """Many days show something of a meter; what they showed before."""
        if meter not in self._all:
            return frozenset()
        before, self._all[meter].shown = self._all[meter].shown, causes
        return before

    def computed(self, known: Mapping[str, float | None]) -> dict[str, float | None]:
        """What meters that are computed from others have counted, J or m³, of what is known of those that are read."""
        of: dict[str, float | None] = {
            id_: known.get(id_) for id_, m in self._site.meters.items() if not m.virtual
        }
        return tree.computed(self._site, of, _added)

    def take(self, reading: Mapping[str, Known]) -> None:
        """Take the readings that stand, by point."""
        for meter in self._all.values():
            if (known := reading.get(meter.spec.series)) is not None:
                meter.take(known)

    @property
    def lost(self) -> int:
        """Readings that could be kept nowhere, and went. What they were booked as did not."""
        return sum(meter.lost for meter in self._all.values())

    def postings(self) -> list[Posting]:
        """What is to be kept of all of them since the last call."""
        return [posting for meter in self._all.values() if (posting := meter.posting()) is not None]

    def give_back(self, posting: Posting) -> None:
        """A posting could not be kept."""
        if posting.meter in self._all:
            self._all[posting.meter].give_back(posting)

    def restore(self, books: Mapping[str, Mapping[str, Any]]) -> None:
        """Go on from where an earlier run stood. What makes no sense is begun anew."""
        for id_, body in books.items():
            meter = self._all.get(id_)
            if meter is None:
                continue
            try:
                meter.book = restored(body)
                meter.total, meter.kept = body["total"], float(body["kept"])
                meter.worths = [(float(at), float(scale)) for at, scale in body.get("worths", ())]
            except (KeyError, TypeError, ValueError):
                meter.book, meter.total, meter.worths = Book(), None, []

    def carry_over(self, other: Meters) -> None:
        """Take over the meters that are mapped as they were; the others begin anew."""
        for id_, meter in other._all.items():
            mine = self._all.get(id_)
            if (
                mine is not None
                and mine.spec.point == meter.spec.point
                and mine.spec.scale == meter.spec.scale
            ):
                mine.book, mine.total, mine.kept = meter.book, meter.total, meter.kept
                mine.shown = meter.shown
                mine.lost = meter.lost
            if mine is not None:
                mine.worths = meter.worths
            if mine is not None and (posting := meter.posting()) is not None:
                mine.give_back(posting)


def _plain(booked: Booked) -> bool:
    return not (booked.estimated or booked.cause)


def merged(booked: Sequence[Booked], gone: Set[Instant]) -> list[Booked]:
    """Bookings without a doubt that meet at an instant of which no reading stays, as one."""
    found: list[Booked] = []
    for each in booked:
        last = found[-1] if found else None
        if (
            last is not None
            and last.end == each.start
            and each.start in gone
            and _plain(last)
            and _plain(each)
        ):
            found[-1] = last._replace(end=each.end, amount=last.amount + each.amount)
        else:
            found.append(each)
    return found


def whole(parts: Sequence[Booked]) -> Booked:
    """Neighbours as one estimated booking: a meter that is in doubt all the time must not fill the memory."""
    if len(parts) == 1:
        return parts[0]
    start, end = min(part.start for part in parts), max(part.end for part in parts)
    cause = next((part.cause for part in parts if part.cause), None)
    return Booked(start, end, math.fsum(part.amount for part in parts), True, cause)


def _added(parts: Sequence[tuple[float | None, float]]) -> float | None:
    known = [value * sign for value, sign in parts if value is not None]
    return math.fsum(known) if len(known) == len(parts) else None


def _row(booked: Booked) -> tuple[float, float, float, bool, str]:
    return booked.start, booked.end, booked.amount, booked.estimated, booked.cause or ""


def register_of(spec: MeterSpec) -> Register:
    """The register behind a meter. Its rated power (kW, or m³/h) becomes register units an hour."""
    rated = None
    if spec.rated is not None:
        rated = spec.rated * (J_PER_KWH if spec.energy else 1.0) / spec.scale
    end = 10.0**spec.digits if spec.digits is not None else None
    if spec.point is None:
        # by hand: a month without a reading is no gap, unless the file says how often one comes
        return Register(max(spec.interval, BY_HAND), rated, end, spec.always_on)
    if end is not None and spec.point.counts is not None:
        end /= spec.point.counts  # digits are of the display, and the register counts
    return Register(max(spec.interval, spec.point.poll), rated, end, spec.always_on)
