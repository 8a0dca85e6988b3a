"""Leaves a silent device alone: a breaker that opens, lets one probe through a step, and closes on an answer."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from drivers.protocol import Silent

AFTER: Final = 3
"""Calls in a row without any answer after which a device is left alone; a site choice. A call is already
three datagrams (`TRIES`), so nine in a row were lost: at 20 % loss each way once in 10,000 calls. Of thirty that are under way
at once two or three are lost so nearly always, and all of them end last: what began before an answer came does not count."""

FIRST_PAUSE: Final = 1.0
"""Seconds until the first probe; each probe that fails doubles it."""

LONGEST_PAUSE: Final = 15.0
"""Seconds between two probes at most: a cable put back is noticed within 18 s and, where a bad line loses the
first probe, within 40: changes of value must be back within a minute. Three datagrams in 15 s harm nobody."""

JITTER: Final = 0.2
"""Share by which each pause is longer or shorter, so that a switch's devices are not all probed at once."""

_log = structlog.get_logger(__name__)


class Breaker:
    """One device's breaker. Pure: `now` is monotonic seconds, the dice are given.

    Closed: every call passes. Open: none, until the pause is over; then one passes, the probe, and its end
    closes the breaker or opens it for twice as long. Calls that were under way when it opened change nothing
    unless they bring an answer, which closes it. A call without an answer proves nothing where another one that ended
    since it began had one: the line lost it.
    """

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._silent = 0
        """Calls in a row without an answer, while closed."""
        self._steps = 0
        """Pauses since the last answer: 0 while closed."""
        self._until = 0.0
        self._probing = False
        self._heard = -math.inf

    @property
    def open(self) -> bool:
        """The device is left alone, or just being probed."""
        return self._steps > 0

    def admits(self, now: float) -> bool:
        """Whether a call may go out; where the pause is over it becomes the probe."""
        if not self._steps:
            return True
        if self._probing or now < self._until:
            return False
        self._probing = True
        return True

    def wait(self, now: float) -> float:
        """Seconds until a call may go out; while a probe is out, until it is likely to be back."""
        if not self.open:
            return 0.0
        return max(self._until - now, FIRST_PAUSE if self._probing else 0.0)

    def answered(self, now: float) -> bool:
        """The device said something, be it a refusal. True where that closes the breaker."""
        was_open, self._heard = self._steps > 0, now
        self._silent = self._steps = 0
        self._probing = False
        return was_open

    def spoke(self, since: float) -> bool:
        """Whether the device said anything since then."""
        return self._heard > since

    def silent(self, began: float, now: float) -> bool:
        """A call that began then ended without an answer. True where that opens the breaker."""
        if self.open:
            if self._probing:
                self._pause(now)
            return False
        if self.spoke(began):
            return False
        self._silent += 1
        if self._silent < AFTER:
            return False
        self._pause(now)
        return True

    def given_up(self) -> None:
        """A call ended without telling anything, as when its caller was cancelled: the next may probe."""
        self._probing = False

    def _pause(self, now: float) -> None:
        pause = min(FIRST_PAUSE * 2.0**self._steps, LONGEST_PAUSE)
        self._until = now + pause * self._dice.uniform(1 - JITTER, 1 + JITTER)
        self._steps = min(self._steps + 1, 16)
        self._probing = False


class Breakers:
    """The breakers of a network's devices, on the event loop's clock. `on_close(device)`: it answers again."""

    def __init__(self, on_close: Callable[[str], None], dice: random.Random | None = None) -> None:
        self._on_close = on_close
        self.on_silence: Callable[[str], None] = lambda device: None
        """Told of each call that got no answer."""
        self.spoke: Callable[[str], float] = lambda device: -math.inf
        """When a device last answered one request, though it may be that the call which it was part of got no further; in
        seconds of the loop."""
        self._dice = dice or random.Random()  # noqa: S311 - spreads probes, guards nothing
        self._breakers: dict[str, Breaker] = {}

    @contextmanager
    def call(self, device: str) -> Iterator[None]:
        """Around one call to a device, whatever it does. Raises Silent, at once, while it is left alone; `lives` in one says that
        the device said something else meanwhile."""
        breaker = self._breakers.get(device)
        if breaker is None:
            breaker = self._breakers[device] = Breaker(self._dice)
        now = asyncio.get_running_loop().time
        began = now()
        if not breaker.admits(began):
            wait = breaker.wait(began)
            raise Silent(device, f"does not answer; asked again in {wait:.0f} s", wait)
        try:
            yield
        except Silent as silence:
            if self.spoke(device) > began:
                self.heard(device)
            if breaker.silent(began, now()):
                _log.warning("device left alone", device=device, reason=silence.message)
            silence.again, silence.lives = breaker.wait(now()), breaker.spoke(began)
            self.on_silence(device)
            raise
        except Exception:  # not a silence: the device said something, and the caller is told what
            self.heard(device)
            raise
        except BaseException:  # cancelled: nothing was learnt
            breaker.given_up()
            raise
        self.heard(device)

    def open(self, device: str) -> bool:
        """Whether a device is being left alone."""
        breaker = self._breakers.get(device)
        return breaker is not None and breaker.open

    def heard(self, device: str) -> None:
        """The device said something, asked or not."""
        breaker = self._breakers.get(device)
        if breaker is not None and breaker.answered(asyncio.get_running_loop().time()):
            _log.info("device answers again", device=device)
            self._on_close(device)
