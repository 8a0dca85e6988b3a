"""What a month's file can hold. Apart from how it is written: whoever only asks needs no pyarrow and no numpy."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final


@dataclass(frozen=True)
class Kind:
    """What a file holds: `values` are its columns of numbers, `flagged` says whether each row tells if it is known."""

    name: str
    values: tuple[str, ...]
    flagged: bool
    split: bool
    """Numbers differ from row to row (registers) and are cut into octets, else they are told by a dictionary."""


READINGS: Final = Kind("readings", ("value",), flagged=True, split=True)
HOURS: Final = Kind("hours", ("min", "mean", "max", "last", "known"), flagged=False, split=False)


def installed() -> bool:
    """Whether files can be read and written at all."""
    return find_spec("pyarrow") is not None
