"""What a cumulative meter may be believed to have counted."""

from __future__ import annotations

from typing import NamedTuple


class Counter(NamedTuple):
    """What a register has counted, in the meter's unit (J, m³), and whether its last reading was plausible."""

    counted: float
    plausible: bool = True


def heard(before: Counter | None, reading: float) -> Counter:
    """The counter after a reading.

    A register only rises. One that reads less than before (a gateway answers 0 while it boots) is not believed: what was
    counted stays until a reading reaches it again. Passed on as it is, a fall is a counter's reset to whoever
    takes an increase of it, and the whole of a meter's life becomes consumption when the true reading returns.
    A meter that was replaced or has rolled over is not told from one that fails; a restart of the daemon
    begins with whatever is read then.
    """
    if before is not None and reading < before.counted:
        return Counter(before.counted, plausible=False)
    return Counter(reading)
