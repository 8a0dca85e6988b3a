"""What a month's file can hold. Apart from how it is written: whoever only asks needs no pyarrow and no numpy."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final


@dataclass(frozen=True)
class Kind:
    """What a file holds: `values` are its columns of numbers, `flagged` says whether each row tells if it is known.

    `split`: columns that differ from row to row (registers, means), which are cut into octets; the others are told by a
    dictionary.
    """

    name: str
    values: tuple[str, ...]
    flagged: bool
    split: tuple[str, ...]


READINGS: Final = Kind("readings", ("value",), flagged=True, split=("value",))
HOURS: Final = Kind("hours", ("min", "mean", "max", "last", "known"), flagged=False, split=("mean",))


def installed() -> bool:
    """Whether files can be read and written at all."""
    return find_spec("pyarrow") is not None
