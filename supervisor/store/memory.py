"""A journal that lives in memory: for rehearsals, which write a year of rows and need none of them durable."""

from __future__ import annotations

from schedules.time import Instant
from supervisor.store.rows import (
    IntentRow,
    Kept,
    NoticeRow,
    OpenIntent,
    Result,
    ResultRow,
    SlotKey,
    SlotRow,
)

_SENT: int = 8


class MemoryJournal:
    """What the gateway needs of a store, in lists. An intent's id is its place in `intents`, from 1.

    With `audit=False` only what is open, held or lately sent is kept: a year then costs no memory.
    """

    def __init__(self, *, audit: bool = True) -> None:
        self.intents: dict[int, IntentRow] = {}
        self.results: dict[int, ResultRow] = {}
        self.slots: dict[SlotKey, SlotRow] = {}
        self.notices: list[NoticeRow] = []
        self.counts: dict[Result, int] = {}
        self.audit = audit
        self._next = 1
        self._sent: dict[str, list[tuple[Instant, float]]] = {}

    async def commit_intent(self, intent: IntentRow, slot: SlotRow | None = None) -> int:
        """Keep an intent and the slot it takes; its id."""
        key, self._next = self._next, self._next + 1
        self.intents[key] = intent
        if slot is not None:
            self.slots[slot.key] = slot
        if intent.wire is not None and not intent.dry_run:
            sent = self._sent.setdefault(intent.point, [])
            sent.insert(0, (intent.wall, float(intent.wire)))
            del sent[_SENT:]
        return key

    async def commit_unsent(self, intent: IntentRow, result: Result, detail: str = "") -> int:
        """Keep an intent that will not be sent, with its result."""
        key = await self.commit_intent(intent)
        await self.commit_result(ResultRow(key, intent.ts, result, None, detail))
        return key

    async def commit_result(
        self, result: ResultRow, *, slot: SlotRow | None = None, drop: SlotKey | None = None
    ) -> None:
        """Keep a result, the first of an intent, and set the journal right."""
        if result.intent_id in self.intents and result.intent_id not in self.results:
            self.counts[result.result] = self.counts.get(result.result, 0) + 1
            if self.audit:
                self.results[result.intent_id] = result
            else:
                self.intents.pop(result.intent_id, None)
        if slot is not None:
            self.slots[slot.key] = slot
        if drop is not None:
            self.slots.pop(drop, None)

    async def put_slot(self, slot: SlotRow) -> None:
        """Keep a slot that is found to be ours."""
        self.slots[slot.key] = slot

    async def drop_slot(self, key: SlotKey) -> None:
        """Forget a slot."""
        self.slots.pop(key, None)

    async def kept(self, since_wall: float) -> Kept:
        """What an earlier gateway on the same journal left behind."""
        open_ones = [
            OpenIntent(key, i.point, i.wire, i.priority, i.rule)
            for key, i in self.intents.items()
            if key not in self.results
        ]
        settled = {s.point for s in self.slots.values()} | {o.point for o in open_ones}
        sent = {
            point: [wire for wall, wire in values if point in settled or wall >= since_wall]
            for point, values in self._sent.items()
        }
        return Kept(sorted(self.slots.values()), open_ones, {p: v for p, v in sent.items() if v})

    def notice(self, row: NoticeRow) -> None:
        """Keep a notice."""
        if self.audit:
            self.notices.append(row)
