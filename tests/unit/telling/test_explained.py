"""The explanation on paper: whose each slot is."""

from __future__ import annotations

from typing import Any

import pytest

from config.phrase import Phrase
from supervisor.telling.explained import in_words


def answer(**more: Any) -> dict[str, Any]:
    """What the daemon says of a cooling setpoint that stands at 22 °C."""
    return {
        "point": "z/fcu/cooling_setpoint", "device": "ddc-1", "object": "analog-value:1", "role": "cooling_setpoint",
        "now": "2026-07-15T10:00:00+08:00", "losers": [], "next_change": None, "priority_array": True, "fallback": 26.0,
        "present": {"value": 22.0, "quality": "good", "age_s": 3.0, "since": "2026-07-15T09:59:00+08:00"},
        "winner": {"value": None, "rule": "base", "title_zh": "基本运行", "reason": "no rule", "reason_zh": "无规则",
                   "citation": "AP", "document": "AP", "inputs": [], "priority": 10},
        "override": None, "foreign_in_our_slot": None,
    } | more  # fmt: skip


def test_slots_that_were_never_read_are_not_said_to_be_empty() -> None:
    """A device that has not answered since the start."""
    assert "slots     not read yet" in in_words(answer(slots=[], slots_read=False))
    garbled = Phrase("unreadable answer: it is cut off", "应答无法解读：报文不完整")._asdict()
    assert "slots     not read yet: unreadable answer: it is cut off" in in_words(
        answer(slots=[], slots_read=False, slots_unread=garbled)
    )
    assert "slots     all NULL" in in_words(answer(slots=[], slots_read=True))
    assert "no priority array" in in_words(answer(slots=[], slots_read=False, priority_array=False))


@pytest.mark.parametrize(
    ("priority", "ours", "more", "said"),
    [
        (8, False, {"override": {"priority": 8, "value": 22.0}}, "← another master: respected, and counted"),
        (5, False, {"override": {"priority": 5, "value": 22.0}}, "← protection: recorded, never judged"),
        (10, True, {}, "← ours"),
        (
            10,
            False,
            {"foreign_in_our_slot": 22.0},
            "← our slot, but not our value: reported, never overwritten",
        ),
        (13, False, {}, ""),
    ],
)
def test_a_slot_says_whose_it_is(priority: int, ours: bool, more: dict[str, Any], said: str) -> None:
    """The manual operator's, a protection's, ours, a stranger's in ours; what lies beneath needs no word."""
    text = in_words(answer(slots=[{"priority": priority, "value": 22.0, "ours": ours}], **more))
    line = next(line for line in text.splitlines() if line.strip().startswith(f"slot {priority}"))
    assert line.rstrip().startswith(f"  slot {priority:<4} 22.0 °C  {said}".rstrip())


@pytest.mark.parametrize(
    ("role", "value", "said"),
    [
        ("energy", 3.6054e9, "1001.5 kWh"),
        ("water", 12.5, "12.5 m³"),
        ("co2", 640.0, "640.0 ppm"),
        ("temperature", 26.0, "26.0 °C"),
    ],
)
def test_a_number_has_the_unit_that_it_is_counted_in(role: str, value: float, said: str) -> None:
    """A meter that shows 1001.5 kWh was told as 3605400000.0, and beneath it: unit kWh."""
    present = {"value": value, "quality": "good", "age_s": 3.0, "since": "2026-07-15T09:59:00+08:00"}
    assert f"is        {said}  [" in in_words(answer(role=role, present=present))
