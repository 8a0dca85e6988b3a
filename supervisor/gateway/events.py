"""What the gateway tells its listeners: results for the metrics, changes for the engine."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from config.points import Value
from schedules.time import Instant
from supervisor.core.decisions import Command
from supervisor.core.views import Held
from supervisor.store.rows import Result


class Wrote(NamedTuple):
    """An intent ended. `asked` and `sent` are monotonic seconds: submitted, and handed to the driver; `waited` how many of
    those between went by in waiting for a turn among the starts."""

    point: str
    device: str
    rule: str
    command: Command
    result: Result
    at: Instant
    asked: float
    sent: float | None
    detail: str = ""
    waited: float = 0.0


class Enforced(NamedTuple):
    """A new decision reached the device, was read back and stands: no other master outranks it."""

    point: str
    rule: str
    command: Command
    at: Instant


class Holds(NamedTuple):
    """What our slot holds, by the journal, in the role's unit; None: nothing. Told before a value is sent."""

    point: str
    value: Value
    at: Instant


class Overridden(NamedTuple):
    """The slot above ours changed; None: nothing outranks us any more."""

    point: str
    held: Held | None
    at: Instant


class Foreign(NamedTuple):
    """Our own slot holds a value that we did not journal; None: it is gone."""

    point: str
    value: Value
    at: Instant


class Lost(NamedTuple):
    """A slot of ours is NULL though we did not relinquish it: a restart, or somebody cleared it."""

    point: str
    at: Instant


class Trouble(NamedTuple):
    """Something a person should look at; it is kept as a notice too."""

    about: str
    en: str
    zh: str
    at: Instant


Event: TypeAlias = Wrote | Enforced | Holds | Overridden | Foreign | Lost | Trouble
