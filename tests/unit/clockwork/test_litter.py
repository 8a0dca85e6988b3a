"""The collector of cycles works in doses, whatever is or is not counted meanwhile."""

from __future__ import annotations

import asyncio
import gc
import weakref

from supervisor.clockwork.litter import in_doses, set_aside


class Ring:
    """Something that only the collector takes away."""

    def __init__(self) -> None:
        self.itself = self


async def test_what_goes_round_in_a_circle_goes_at_the_next_dose() -> None:
    """Though Python itself is told to collect nothing; and not before somebody doses."""
    gc.disable()
    try:
        gone = weakref.ref(Ring())
        assert gone() is not None
        doses = asyncio.create_task(in_doses())
        async with asyncio.timeout(60):
            while gone() is not None:  # nobody could set an event
                await asyncio.sleep(0.01)
        doses.cancel()
    finally:
        gc.enable()


def test_what_stays_for_good_is_not_walked_through_again() -> None:
    """Frozen; and what is set aside once more is first looked through as a whole."""
    before = gc.get_threshold()
    try:
        ring = Ring()
        set_aside()
        assert gc.get_freeze_count() > 1000
        gone = weakref.ref(ring)
        del ring
        gc.collect()
        assert gone() is not None, "it was set aside"
        set_aside()
        assert gone() is None
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


async def test_a_start_is_not_looked_through_and_what_it_made_is_set_aside() -> None:
    """Ten thousand points come to stay: no collector walks through them, neither meanwhile nor afterwards."""
    try:
        begun = False
        doses = asyncio.create_task(in_doses(lambda: begun))
        await asyncio.sleep(0)
        assert not gc.isenabled()
        before = gc.get_freeze_count()
        stays = [Ring() for _ in range(1000)]
        begun = True
        async with asyncio.timeout(60):
            while not gc.isenabled():  # nobody could set an event
                await asyncio.sleep(0.01)
        assert gc.get_freeze_count() >= before + len(stays)
        doses.cancel()
    finally:
        gc.enable()
        gc.unfreeze()
