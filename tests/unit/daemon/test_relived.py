"""The saving by the building's own model, asked of a process of its own."""

from __future__ import annotations

import json
import sys

import pytest

from supervisor.daemon.relived import relived, status_of
from supervisor.daemon.saved import MODEL, Saved
from supervisor.telling.snapshot import SavingStatus

ANSWER = {"today_joules": 9.0, "saved_joules": 3.0, "low_joules": 2.0, "high_joules": 4.0}


def saying(text: str, code: int = 0) -> list[str]:
    """A process that prints this."""
    return [sys.executable, "-c", f"import sys; print({text!r}); sys.exit({code})"]


async def test_the_answer_becomes_a_saving_of_its_own_method() -> None:
    """Baseline, saving and the ends of its interval; it stands beside the meter's own account."""
    found = await relived(saying(json.dumps(ANSWER)))
    assert found is not None and found == SavingStatus(9.0, 3.0, 2.0, 4.0)
    assert Saved(others={MODEL: found}).told() == {"model": found}


async def test_a_process_that_fails_gives_no_saving() -> None:
    """Too short a record, say: no figure, and the daemon goes on."""
    assert await relived(saying(json.dumps(ANSWER), code=1)) is None


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"today_joules": "much"}', b"\xff"])
def test_an_answer_that_is_none_gives_no_saving(answer: bytes) -> None:
    """Whatever is printed, nothing is made up of it."""
    assert status_of(answer) is None


async def test_without_a_calibration_there_is_no_such_method() -> None:
    """A building that was never calibrated has no sample of the method."""
    assert Saved().told() == {}
