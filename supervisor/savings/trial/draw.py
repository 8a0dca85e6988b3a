"""Who lives which day: a coin for each pair of days of the same weekday in consecutive weeks, out of a seed that anybody can follow.

The coin of a pair is the lowest bit of the SHA-256 of `seed:block:pair` (decimal numbers from 0): no library, no version of one.
"""

from __future__ import annotations

import hashlib
from typing import Final

from config.trial import BLOCK

WEEK: Final = 7
LENGTHS: Final = (1, 2)
"""Days of an arm: one; two where a day is felt on the next."""


def coin(seed: int, block: int, pair: int) -> bool:
    """Whether the pair's first day (or two) is the treatment's."""
    return bool(hashlib.sha256(f"{seed}:{block}:{pair}".encode()).digest()[-1] & 1)


def pair(day: int, length: int = 1) -> tuple[int, bool]:
    """The pair that a block's day (from 0) belongs to, and whether it is the earlier one of it.

    With arms of one day a pair is the same weekday in two consecutive weeks; with arms of two the same two weekdays in
    two consecutive fortnights, since seven days are no whole number of twos.
    """
    cycle = WEEK * length
    turn, within = divmod(day, cycle)
    return turn // 2 * WEEK + within // length, turn % 2 == 0


def drawn(seed: int, block: int, length: int = 1) -> tuple[bool, ...]:
    """The days of a block, True for the treatment's."""
    days = (pair(day, length) for day in range(BLOCK))
    return tuple(coin(seed, block, number) is earlier for number, earlier in days)


def counted(day: int, length: int) -> bool:
    """Whether a block's day is compared: of an arm of two days the second, since the first follows another arm."""
    return length == 1 or day % length == length - 1
