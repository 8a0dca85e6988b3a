"""How tests wait for another process."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

SOON = 90.0
"""Wall seconds in which what takes a second or two has happened, on a busy machine too. Whoever waits so long waits in vain."""


def last_answer(found: Callable[[], T], good: Callable[[T], object], seconds: float, every: float = 0.2) -> T:
    """What `found` gives as soon as that is `good`; after `seconds` what it gave last."""
    end = time.monotonic() + seconds
    while not good(answer := found()) and time.monotonic() < end:
        time.sleep(every)  # another process, a wire or the kernel is awaited: nobody there could wake us
    return answer


def eventually(found: Callable[[], T], seconds: float, what: str) -> T:
    """What `found` gives once that is truthy. Fails with `what` and the last answer after `seconds`."""
    answer = last_answer(found, bool, seconds)
    assert answer, f"not within {seconds:g} s: {what}; last: {answer!r}"
    return answer


def lives_for(process: subprocess.Popen[Any], seconds: float) -> None:
    """Let a process live for a while. Fails if it ends meanwhile: nothing that is seen of it would count."""
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
    raise AssertionError(f"{process.args!r} ended with {code}")
