"""A controller of which each answer takes long is recognised and written; what is no answer but a pause is no word of who it is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from drivers.protocol import Address, Answer, Silent, Withheld
from supervisor.field.register import mapped
from supervisor.field.vetting import BRIEF
from tests.fakes import virtual_time
from tests.unit.field.test_vetting import DEVICE, Desk


def slowed(desk: Desk, *calls: str, seconds: float = BRIEF + 5) -> list[str]:
    """Each of these calls takes so long from now on: of a trunk's fifty, each at its turn. The calls as they end."""
    made: list[str] = []

    def slow(name: str) -> None:
        true = getattr(desk.wire, name)

        async def call(*given: object, **options: object) -> object:
            await asyncio.sleep(seconds)
            made.append(name)
            return await true(*given, **options)

        setattr(desk.wire, name, call)

    for name in calls:
        slow(name)
    return made


@pytest.mark.parametrize("rpm", [True, False], ids=["many at once", "one by one"])
@pytest.mark.parametrize("what", ["traits", "names", "identify", "names identify traits"])
@virtual_time
async def test_a_controller_that_takes_long_is_written_at_the_first_try(what: str, rpm: bool) -> None:
    """Each of its answers comes after longer than a swap takes: that is no silence, and it is not asked all over for it."""
    desk = Desk()
    desk.wire.rpm = rpm
    made = slowed(desk, *what.split())
    await desk.writes.write(desk.point, 1, 10)
    await asyncio.sleep(60.0)
    await desk.writes.write(desk.point, 0, 10)
    assert [landed.value for landed in desk.wire.landed] == [1, 0]
    assert made.count("traits") <= 2, "what may be written, and what may not, once each"


@virtual_time
async def test_its_polls_while_it_is_being_asked_are_no_reason_for_doubt() -> None:
    """They are as slow as the rest: each is heard after longer than a swap takes."""
    desk = Desk()
    slowed(desk, "traits", "read")

    async def poll() -> None:
        while True:
            await desk.reads.read([desk.point])
            await asyncio.sleep(60.0)

    polling = asyncio.create_task(poll())
    await desk.writes.write(desk.point, 1, 10)
    polling.cancel()
    assert len(desk.wire.landed) == 1


@virtual_time
async def test_one_replaced_while_a_slow_one_was_asked_is_not_written() -> None:
    """Of the same make, with other objects, put in while what it counts in was being asked: its names are looked at once more."""
    desk = Desk()
    await desk.reads.identify(DEVICE)
    desk.wire.on_restart(DEVICE)
    true_names = desk.wire.names
    true_traits = desk.wire.traits

    async def names(addresses: Sequence[Address]) -> list[Answer]:
        return [a._replace(value=f"AHU {a.value}") for a in await true_names(addresses)]

    async def traits(addresses: Sequence[Address], *, limits: bool = False) -> object:
        await asyncio.sleep(BRIEF + 5)
        desk.wire.names = names  # type: ignore[method-assign] # another's objects
        return await true_traits(addresses, limits=limits)

    desk.wire.traits = traits  # type: ignore[method-assign,assignment] # slow
    with pytest.raises(Withheld, match="it may have been replaced or started anew while"):
        await desk.writes.write(desk.point, 1, 10)
    assert desk.wire.landed == []
    await desk.reads.identify(DEVICE)
    assert desk.register.reason(DEVICE)


@virtual_time
async def test_a_pause_that_ends_in_silence_is_one_in_which_it_may_have_been_replaced() -> None:
    """A poll of the new one is heard before the question is given up: its names are read, not taken for the old one's."""
    desk = Desk()
    await desk.reads.identify(DEVICE)
    desk.wire.on_restart(DEVICE)
    true_traits = desk.wire.traits

    async def traits(addresses: Sequence[Address], *, limits: bool = False) -> object:
        await asyncio.sleep(BRIEF + 5)
        desk.wire.traits = true_traits  # type: ignore[method-assign] # the new one is quick
        await desk.reads.read([desk.point])
        raise Silent(DEVICE, "no answer within 3 s")

    desk.wire.traits = traits  # type: ignore[method-assign,assignment] # the old one's last
    await desk.reads.identify(DEVICE)
    asked = len(desk.wire.asked)
    await desk.writes.write(desk.point, 1, 10)
    assert sum(desk.wire.asked[asked:]) >= len(mapped(desk.site)[DEVICE]), "by all its names"


@virtual_time
async def test_why_a_controller_is_not_written_is_always_said() -> None:
    """It says that it has started each time it is asked what it counts in: who reads the reason is not left with half a sentence."""
    desk = Desk()
    true_traits = desk.wire.traits

    async def traits(addresses: Sequence[Address], *, limits: bool = False) -> object:
        desk.wire.on_restart(DEVICE)
        return await true_traits(addresses, limits=limits)

    desk.wire.traits = traits  # type: ignore[method-assign,assignment] # it starts over and over
    with pytest.raises(Withheld, match=r"not recognised: \w+"):
        await desk.writes.write(desk.point, 1, 10)
