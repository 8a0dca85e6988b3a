"""What is told of meters: what each has counted, as it is booked, and what is wrong with it."""

from __future__ import annotations

from config.phrase import Phrase
from config.site import Site
from schedules.time import Instant
from supervisor.core.known import Known
from supervisor.ledger.causes import TOLD
from supervisor.ledger.ledger import Ledger
from supervisor.ledger.tree import in_order
from supervisor.telling.snapshot import MeterStatus


def metered(site: Site, known: Known, ledger: Ledger, now: Instant) -> tuple[MeterStatus, ...]:
    """Every meter as it is booked: not known while its last reading is not."""
    ledger.look(now)
    found: dict[str, MeterStatus] = {}
    for meter in ledger.meters:
        spec, reading = meter.spec, known.reading(meter.spec.series)
        told = reading.good and meter.total is not None
        troubles = meter.troubles(now)
        found[spec.id] = MeterStatus(
            spec.id, spec.name, spec.subitem, not spec.energy,
            meter.total if told else None, told and not troubles,
            tuple(TOLD[cause] for cause in troubles), spec.verify_by,
        )  # fmt: skip
    totals = ledger.meters.computed({id_: status.value for id_, status in found.items()})
    for spec in in_order(site):
        parts = [found[part] for part, _ in spec.of if part in found]
        healthy = len(parts) == len(spec.of) and all(part.healthy for part in parts)
        troubles_ = tuple(Phrase(f"{p.id}: {t.en}", f"{p.name}：{t.zh}") for p in parts for t in p.troubles)
        found[spec.id] = MeterStatus(
            spec.id, spec.name, spec.subitem, not spec.energy, totals[spec.id], healthy, troubles_,
            spec.verify_by, spec.of,
        )  # fmt: skip
    return tuple([found[id_] for id_ in site.meters if id_ in found])
