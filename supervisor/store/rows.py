"""The rows that the gateway leaves behind: what it meant to do, what came of it, what it still holds."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias

from schedules.time import Instant

Result: TypeAlias = Literal["ok", "refused", "failed", "mismatch", "dry_run", "expired", "cancelled"]
"""How an intent ended. Only `ok` is proven by a read-back."""


class IntentRow(NamedTuple):
    """A write that is about to happen, with everything needed to explain it later.

    `ts` is the site clock and `wall` the computer's, both POSIX seconds. `command` is the value in the role's
    unit and `wire` the number sent; both None mean relinquish. `priority` None: a point without an array.
    """

    ts: Instant
    wall: float
    point: str
    command: float | bool | str | None
    wire: float | int | None
    priority: int | None
    rule: str
    citation: str
    reason_en: str
    reason_zh: str
    inputs: list[dict[str, Any]]
    losers: list[dict[str, Any]]
    expires: Instant
    config_hash: str
    dry_run: bool = False


class ResultRow(NamedTuple):
    """What came of an intent. `readback` is the wire's number found afterwards, None for NULL or unread."""

    intent_id: int
    ts: Instant
    result: Result
    readback: float | int | None = None
    detail: str = ""


class SlotKey(NamedTuple):
    """One slot of one object; priority 0 stands for an object without a priority array."""

    device: str
    object_type: str
    instance: int
    priority: int


class SlotRow(NamedTuple):
    """A slot that we hold, journalled before the write that takes it.

    `value` is the wire's number. `prior_value` is what an object without a priority array held before us, to be put back; of a slot,
    what of ours it held before this value.
    """

    key: SlotKey
    point: str
    value: float | int
    since: Instant
    rule: str
    prior_value: float | int | None = None

    @property
    def has_array(self) -> bool:
        """False where letting go means restoring, since there is no slot to set to NULL."""
        return self.key.priority > 0


class OpenIntent(NamedTuple):
    """An intent without a result: a crash or a power cut came between."""

    id: int
    point: str
    wire: float | int | None
    priority: int | None
    rule: str


class Kept(NamedTuple):
    """What an earlier run left behind: its slots, its open intents, and by point the values it last sent."""

    slots: list[SlotRow]
    open: list[OpenIntent]
    sent: dict[str, list[float]]


class NoticeRow(NamedTuple):
    """Something a person should know: an `alert`, `exception` or `trouble` about a point, zone or device."""

    ts: Instant
    rule: str
    kind: str
    about: str
    en: str
    zh: str
