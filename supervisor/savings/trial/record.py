"""The trial as the audit has it: drawn before its first day, lived day by day, and what a look decided. Each is a row of the chain.

A row is an intent that is never sent, on the point `trial/<name>`: what was fixed stands in its inputs, and so in its hash. Who alters a day
of the schedule breaks the chain, and `ledger verify` names the row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from config.phrase import Phrase
from config.site import Site
from config.trial import BLOCK, Arm, Trial
from schedules.time import Instant
from supervisor.savings.counted import counted
from supervisor.savings.trial.draw import LENGTHS, drawn
from supervisor.store import schema
from supervisor.store.rows import IntentRow

RULE: Final = "trial"
CITATION: Final = "trial"
YEAR_BEFORE: Final = "year before"
"""Among the terms: the year before says what a day of its kind uses. A trial that was drawn when it did not has no such term."""
COUNTED: Final = "counted"
"""Among the terms: the meters whose sum is compared, by name, also where the site file names none. Older trials have no such term."""
OTHERWISE: Final = "worked otherwise"
"""Among the terms: days that the site's special days made worked, or not, against the state's calendar, as they stood at the draw. What
is declared later makes no day of a trial another: nobody can choose then which days are compared. Older trials have no such term."""
_DRAWN, _LIVED, _DECIDED = "drawn", "lived", "decided"


_AS_DECREED: Final[Mapping[date, bool]] = MappingProxyType({})


class Drawn(NamedTuple):
    """All that was fixed before the first day."""

    name: str
    start: date
    arms: tuple[Arm, Arm]
    """Reference and treatment."""
    terms: Mapping[str, Any]
    """The trial's section of the site file, and the hashes of the site files of both arms."""
    days: Mapping[int, tuple[Arm, ...]]
    """By the length of an arm, 1 or 2, the arm of each day of the trial."""
    hash: str

    @property
    def blocks(self) -> int:
        """Of twelve weeks each."""
        return len(self.days[1]) // BLOCK

    @property
    def end(self) -> date:
        """The day after the last."""
        return self.start + timedelta(len(self.days[1]))


class Lived(NamedTuple):
    """An arm that was in force on a day from an instant on."""

    day: date
    arm: str
    at: Instant
    by: Instant
    """When the first zone was to be prepared: an arm of the whole day is in force before it."""
    dry: bool


class Record(NamedTuple):
    """What the audit has of a trial."""

    drawn: Drawn
    lived: tuple[Lived, ...] = ()
    lengths: Mapping[int, int] = {}
    """Days of an arm by block, where a look has decided; one in the first."""

    def length(self, block: int) -> int:
        """Days of an arm in a block."""
        return self.lengths.get(block, 1)

    def arm(self, day: date) -> Arm:
        """The arm that was drawn for a day; the file in force before and after the trial."""
        n = (day - self.drawn.start).days
        if not 0 <= n < len(self.drawn.days[1]):
            return Arm.POLICY
        return self.drawn.days[self.length(n // BLOCK)][n]


def draw(site: Site, trial: Trial, draft: str | None, otherwise: Mapping[date, bool] = _AS_DECREED) -> Drawn:
    """Draw the schedule. `draft`: the hash of the draft, where one is compared; `otherwise`: days that are worked, or not,
    against the state's calendar. The coins know nothing of them."""
    reference, treatment = trial.arms
    days = {
        length: tuple(
            treatment if treated else reference
            for block in range(trial.blocks)
            for treated in drawn(trial.seed, block, length)
        )
        for length in LENGTHS
    }
    terms = trial.model_dump(mode="json", by_alias=True) | {
        "in force": site.config_hash, "draft": draft, YEAR_BEFORE: True, COUNTED: [m.id for m in counted(site, trial)],
        OTHERWISE: {str(day): worked for day, worked in sorted(otherwise.items())},
    }  # fmt: skip
    hash_ = hashlib.sha256(_plain([terms, *_schedule(trial.start, days)]).encode()).hexdigest()
    return Drawn(trial.name, trial.start, trial.arms, terms, days, hash_)


def as_drawn(of: Drawn, trial: Trial) -> bool:
    """Whether the site file still says what was fixed. Where its draft stands, and who approves, may change."""
    says = trial.model_dump(mode="json", by_alias=True)
    fixed = ("start", "blocks", "seed", "meters", "exclude", "events", "adjust")
    return all(says[key] == of.terms.get(key, says[key]) for key in fixed)


def worked(of: Drawn, ordinarily: Callable[[date], bool]) -> Callable[[date], bool]:
    """Whether a day is worked, as it was known at the draw; else as the state's calendar has it."""
    said = {date.fromisoformat(day): now for day, now in of.terms.get(OTHERWISE, {}).items()}
    return lambda day: said[day] if day in said else ordinarily(day)


def _plain(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _schedule(start: date, days: Mapping[int, Sequence[Arm]]) -> list[dict[str, Any]]:
    return [
        {"day": str(start + timedelta(n)), "arm": str(one), "arm of two days": str(two)}
        for n, (one, two) in enumerate(zip(days[1], days[2], strict=True))
    ]


# ---------------------------------------------------------------- rows


def drawn_row(of: Drawn, now: Instant, wall: float, config_hash: str) -> IntentRow:
    """The row of a schedule."""
    weeks, last = of.blocks * BLOCK // 7, of.end - timedelta(1)
    said = Phrase(
        f"trial {of.name} drawn: {of.arms[0]} and {of.arms[1]}, {weeks} weeks from {of.start} to {last}, schedule {of.hash[:16]}",
        f"试验 {of.name} 已抽签：{of.arms[0]} 与 {of.arms[1]}，{of.start} 至 {last} 共 {weeks} 周，日程摘要 {of.hash[:16]}",
    )
    inputs = [{"what": _DRAWN, "hash": of.hash, "terms": dict(of.terms)}, *_schedule(of.start, of.days)]
    return _row(of.name, of.hash, said, inputs, now, wall, config_hash)


def lived_row(name: str, lived: Lived, wall: float, config_hash: str) -> IntentRow:
    """The row of an arm that is in force from now on."""
    said = Phrase(
        f"trial {name}: {lived.day} is {lived.arm}'s", f"试验 {name}：{lived.day} 属 {lived.arm} 组"
    )
    inputs = [{"what": _LIVED, "day": str(lived.day), "arm": lived.arm, "by": lived.by, "dry": lived.dry}]
    return _row(name, lived.arm, said, inputs, lived.at, wall, config_hash)


def decided_row(
    name: str, block: int, length: int, chance: float, now: Instant, wall: float, config_hash: str
) -> IntentRow:
    """The row of what a look decided: how long an arm is in a block."""
    felt = (
        Phrase("a day is felt on the next", "前一日影响次日")
        if length > 1
        else Phrase("no day is seen to be felt on the next", "未见前一日影响次日")
    )
    said = Phrase(
        f"trial {name}: from block {block + 1} on arms of {length} day{'s' if length > 1 else ''}: {felt.en} (by chance {chance:.3f})",
        f"试验 {name}：第 {block + 1} 组起每段 {length} 天：{felt.zh}（偶然概率 {chance:.3f}）",
    )
    inputs = [{"what": _DECIDED, "block": block, "length": length, "chance": chance}]
    return _row(name, float(length), said, inputs, now, wall, config_hash)


def _row(
    name: str,
    command: str | float,
    said: Phrase,
    inputs: list[dict[str, Any]],
    now: Instant,
    wall: float,
    config_hash: str,
) -> IntentRow:
    return IntentRow(
        now, wall, f"trial/{name}", command, None, None, RULE, CITATION, *said, inputs, [], now, config_hash, dry_run=True
    )  # fmt: skip


def record(connection: sa.Connection, name: str) -> Record | None:
    """What the audit has of a trial; None where it was never drawn."""
    i = schema.intents.c
    found = sa.select(i.ts, i.inputs).where(i.point == f"trial/{name}").order_by(i.id)
    schedule: Drawn | None = None
    lived: list[Lived] = []
    lengths: dict[int, int] = {}
    for ts, inputs in connection.execute(found):
        first = inputs[0]
        if first["what"] == _DRAWN and schedule is None:
            schedule = _drawn(name, first, inputs[1:])
        elif first["what"] == _LIVED:
            lived.append(Lived(date.fromisoformat(first["day"]), first["arm"], ts, first["by"], first["dry"]))
        elif first["what"] == _DECIDED:
            lengths.setdefault(int(first["block"]), int(first["length"]))
    return Record(schedule, tuple(lived), lengths) if schedule is not None else None


def _drawn(name: str, first: Mapping[str, Any], days: Sequence[Mapping[str, str]]) -> Drawn:
    terms = first["terms"]
    one, two = (tuple(Arm(day[key]) for day in days) for key in ("arm", "arm of two days"))
    arms = (Arm.TODAY, Arm.POLICY) if terms["compare"] == Arm.TODAY else (Arm.POLICY, Arm.DRAFT)
    return Drawn(name, date.fromisoformat(terms["start"]), arms, terms, {1: one, 2: two}, first["hash"])
