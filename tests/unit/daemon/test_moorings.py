"""The address that we work from goes away under a running daemon: told once, followed where the site file names none."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from config.phrase import Phrase
from drivers.care import bind
from drivers.care.bind import Adrift, adrift
from supervisor.daemon.moorings import Moorings
from supervisor.daemon.stopping import Stop
from supervisor.store.writer import Store
from tests.fakes import virtually
from tests.unit.daemon.test_no_wire import House

GONE, NEW = "10.9.0.1", "10.9.0.7"


class Wire:
    """A reader that says what has become of its address."""

    found: Adrift | None = None

    def adrift(self) -> Adrift | None:
        """As it is told to."""
        return self.found


def _moorings(wire: Wire) -> tuple[Moorings, list[tuple[str, Phrase]], list[str]]:
    told: list[tuple[str, Phrase]] = []
    anew: list[str] = []

    async def rewire() -> None:
        anew.append("opened")

    return (
        Moorings(lambda: wire, rewire, lambda _, kind, en, zh: told.append((kind, Phrase(en, zh)))),
        told,
        anew,
    )


async def test_an_address_that_is_gone_is_told_once_and_once_when_it_is_back() -> None:
    """Somebody changes the network, and the site file names the address: only a person knows what it should be."""
    wire = Wire()
    moorings, told, anew = _moorings(wire)
    await moorings.look()
    wire.found = Adrift(GONE, None)
    for _ in range(5):
        await moorings.look()
    assert [kind for kind, _ in told] == ["alert"]
    assert GONE in told[0][1].en
    assert GONE in told[0][1].zh
    wire.found = None
    for _ in range(5):
        await moorings.look()
    assert [kind for kind, _ in told] == ["alert", "recovered"]
    assert anew == []


async def test_an_address_that_is_away_for_a_moment_is_no_news() -> None:
    """A network that is set up anew takes it away and puts it back."""
    wire = Wire()
    moorings, told, anew = _moorings(wire)
    for found in (Adrift(GONE, NEW), None, Adrift(GONE, NEW), None):
        wire.found = found
        await moorings.look()
    assert (told, anew) == ([], [])


def test_which_address_is_worked_from_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours is there: nothing. It is gone: the one that the controllers are routed to, where nobody named one and its port is free."""
    here = {NEW}
    monkeypatch.setattr(bind, "can_bind", lambda host, port: host in here)
    monkeypatch.setattr(bind, "choose", lambda *_: f"{NEW}/24")
    devices = ["10.9.0.2:47808"]
    assert adrift("", None, devices, 47808) is None
    assert adrift(NEW, None, devices, 47808) is None
    assert adrift(GONE, None, devices, 47808) == Adrift(GONE, NEW)
    assert adrift(GONE, f"{GONE}/24", devices, 47808) == Adrift(GONE, None)
    here.clear()
    assert adrift(GONE, None, devices, 47808) == Adrift(GONE, None)


def test_a_building_goes_on_from_the_new_address_with_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another lease: the wire is opened anew, the slot stays held meanwhile, and it is told. No restart, no person."""

    async def at_once(function: Any, *arguments: Any) -> Any:
        return function(*arguments)

    monkeypatch.setattr(asyncio, "to_thread", at_once)

    async def story() -> None:
        house, store, stop = House(tmp_path, None), Store("sqlite://", inline=True), Stop()
        daemon = house.daemon(store)
        running = asyncio.create_task(daemon.run(stop))
        await asyncio.sleep(60.0)
        held, before = dict(house.fan.slots), house.opened
        assert held
        wire = daemon.running.line.reader
        wire.adrift = lambda: Adrift(GONE, NEW)  # type: ignore[attr-defined]
        for _ in range(2):
            await daemon.moorings.look()
        await asyncio.sleep(30.0)
        assert house.opened == before + 1
        assert daemon.running.line.reader is not wire
        assert house.fan.slots == held
        assert any(NEW in event.text.zh for event in daemon.events.recent())
        stop.signal()
        await running
        store.close()
        assert house.fan.slots == {}

    virtually(story())
