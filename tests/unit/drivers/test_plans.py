"""How lists of objects are asked for is kept where they are asked for again, and only there: it holds each object's last answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from drivers.bacnet.rusty.reading import Plans
from drivers.protocol import Address

CALLS: Any = SimpleNamespace(dialect=SimpleNamespace(wire=lambda address: address))
PEER: Any = SimpleNamespace(target=SimpleNamespace(device="ahu"))


def objects(first: int) -> list[Address]:
    """A few objects of the device."""
    return [Address("ahu", "analog-input", first + n) for n in range(3)]


def test_a_list_that_is_polled_keeps_its_plan_whatever_is_read_in_between() -> None:
    """The gateway reads other objects of the device between two polls; also those are kept where they come again."""
    plans = Plans()
    polled = [plans.of(CALLS, PEER, objects(0)), plans.of(CALLS, PEER, objects(0))]
    once = plans.of(CALLS, PEER, objects(10))
    polled.append(plans.of(CALLS, PEER, objects(0)))
    plans.of(CALLS, PEER, objects(20))
    polled.append(plans.of(CALLS, PEER, objects(0)))
    assert polled[0] is polled[1]
    assert polled[2] is polled[3]
    assert plans.of(CALLS, PEER, objects(10)) is not once


def test_a_list_that_is_read_once_leaves_no_plan() -> None:
    """Five thousand slots looked at at a start would stay as five thousand answers."""
    plans = Plans()
    for first in range(0, 30, 3):
        plans.of(CALLS, PEER, objects(first))
    assert not any(plan for plan in plans._by_device["ahu"].values())
