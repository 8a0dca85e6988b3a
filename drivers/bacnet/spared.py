"""Objects that spoil a request for many, kept out of it; a device that takes no such request, asked one by one.

A controller may answer ReadPropertyMultiple with one error for the whole where a single object is bad (a deleted one, one
whose value it cannot encode), and another says nothing at all to it. Both are found out from what comes of halves, and of
a request for one property beside it; both are tried again, ever less often.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from config.phrase import Phrase
from drivers.habits import SINGLY, SPARED, Habits
from drivers.protocol import Address, DriverError
from drivers.refused import in_both

FIRST_AGAIN: Final = 60.0
"""Seconds after which an object that was kept out is tried among others again; doubled each time; a site choice."""

LONGEST_AGAIN: Final = 3600.0
"""Seconds between two such tries at most, as between two looks at all names of a device."""

IN_A_ROW: Final = 3
"""Calls in a row of which each must show it before a device is held to take no ReadPropertyMultiple: at 20 % loss each way
two lost requests beside an answered one happen in one call of ten, thrice in a row in one of a thousand."""


UNANSWERED: Final = Phrase("does not answer requests for many objects", "不响应批量读取请求")


@dataclass(slots=True)
class Spared:
    """An object that is asked for by itself, and when it is next tried among others, on the loop's clock."""

    again: float
    pause: float
    error: DriverError | None
    """What it answered by itself; None where that was a value."""


class Many:
    """What one device was found to make of ReadPropertyMultiple."""

    def __init__(self, device: str, habits: Habits) -> None:
        self._device, self._habits = device, habits
        self.spared: dict[Address, Spared] = {}
        self.doubted = False
        """It did not answer the last request for many, though it answered something else."""
        self._busy = 0
        self._halved = self._long = 0
        self._in_row = 0
        self._again = float("inf")
        self._pause = FIRST_AGAIN

    def spare(self, address: Address, error: DriverError | None, now: float) -> None:
        """Keep an object out of requests for many, until it is tried again."""
        before = self.spared.get(address)
        pause = min(before.pause * 2, LONGEST_AGAIN) if before is not None else FIRST_AGAIN
        self.spared[address] = Spared(now + pause, pause, error)
        what = _key(address)
        if error is not None:
            text = Phrase(
                f"refuses every request for many objects in which {what} is ({error.message}): "
                "it is left out, and tried again ever less often",
                f"请求中只要含有 {what} 就整体拒绝（{in_both(error.message).zh}）：已将其剔除，并逐渐降低重试频率",
            )
        else:
            text = Phrase(
                f"refuses every request for many objects in which {what} is: it is read by itself",
                f"请求中只要含有 {what} 就整体拒绝：改为单独读取该对象",
            )
        self._habits.found(self._device, SPARED, what, text)

    def back(self, address: Address) -> None:
        """An object was read among others again."""
        if self.spared.pop(address, None) is not None:
            what = _key(address)
            text = Phrase(f"gives {what} among others again", f"又可与其他对象一起读取 {what}")
            self._habits.over(self._device, SPARED, what, text)

    def soon(self) -> None:
        """The device started anew, or is another one: everything may be different."""
        for each in self.spared.values():
            each.again, each.pause = 0.0, FIRST_AGAIN
        if self._again < float("inf"):
            self._again, self._pause = 0.0, FIRST_AGAIN

    def forget(self) -> None:
        """Another device is there: nothing that was learnt holds."""
        for address in list(self.spared):
            self.back(address)
        self.taken()

    def taken(self, *, calm: bool = True) -> None:
        """A request for many was answered. `calm`: and none was refused for now."""
        self._in_row, self.doubted = 0, False
        if calm:
            self._busy = 0
        if self._again < float("inf"):
            self._again, self._pause = float("inf"), FIRST_AGAIN
            text = Phrase("answers requests for many objects again", "又可响应批量读取请求")
            self._habits.over(self._device, SINGLY, "", text)

    def not_taken(self, now: float, why: Phrase) -> bool:
        """A call in which no request for many was taken, though single ones were. True: it is not asked any more, for now."""
        self._in_row += 1
        if self._in_row < IN_A_ROW:
            return False
        self.shun(now, why)
        return True

    def shun(self, now: float, why: Phrase = UNANSWERED) -> None:
        """Ask for no many any more, for now."""
        if self.shunned:
            self._pause = min(self._pause * 2, LONGEST_AGAIN)
        self._again = now + self._pause
        text = Phrase(
            f"{why.en}: its objects are read one by one, which takes it more requests",
            f"{why.zh}：改为逐个读取对象，请求次数增多",
        )
        self._habits.found(self._device, SINGLY, "", text)

    @property
    def shunned(self) -> bool:
        """Whether it was found to take no request for many."""
        return self._again < float("inf")

    def busy(self) -> bool:
        """It says that it cannot just now. False each time that it said so thrice in a row: it may be about one object."""
        self._busy += 1
        return self._busy % (IN_A_ROW + 1) != 0

    def halved(self, fits: bool) -> bool:
        """Whether both halves of a refused request were taken, though the refusal does not speak of size. True where that
        was so thrice in a row: it is the size."""
        self._halved = self._halved + 1 if fits else 0
        return self._halved >= IN_A_ROW

    def too_long(self, lost: bool) -> bool:
        """Whether the answer to a long request was lost, and those to shorter ones were not. True where that was so thrice in a row."""
        self._long = self._long + 1 if lost else 0
        return self._long >= IN_A_ROW

    def try_again(self, now: float) -> bool:
        """Whether a device that takes no request for many is asked once more."""
        return now >= self._again


def _key(address: Address) -> str:
    return f"{address.object_type}:{address.instance}"
