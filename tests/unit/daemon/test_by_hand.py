"""Held by hand in a running daemon: asked for, told, audited, kept over a restart and a reload, over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.phrase import Phrase
from config.points import Point
from config.site import Site
from drivers.readings import Quality
from schedules.days import calendars
from supervisor.core.asking import Refused
from supervisor.core.tally import Tally
from supervisor.core.turn import Turn
from supervisor.daemon.by_hand import ByHand
from supervisor.daemon.keeper import Keeper
from supervisor.daemon.requests import Requests
from supervisor.daemon.running import Running
from supervisor.daemon.socket import Control, ask
from supervisor.store.writer import Store
from supervisor.telling.explain import explain
from tests.fakes import FakeDriver, VirtualClock
from tests.site_files import OFFICE, site_of_text

FCU = "f2-office-201/fcu/start_stop"
WORD = {
    "do": "manual",
    "point": FCU,
    "value": "on",
    "until": "2026-07-15T13:00:00+08:00",
    "name": "李工",
    "why": "接待",
}
NOON = 1_784_088_000.0
"""2026-07-15 12:00 in Shanghai."""


def site_of(**changes: str) -> Site:
    """The example office, with changes to its text."""
    text = OFFICE.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return site_of_text(text, str(OFFICE))


class Clock(VirtualClock):
    """A clock that a test sets."""

    at = NOON

    def now(self) -> float:
        """The moment it was set to."""
        return self.at


class House:
    """A version of the site file that runs, and what people are told."""

    def __init__(self, store: Store, site: Site | None = None) -> None:
        self.clock = Clock()
        self.register: Any = None
        self.events: Any = None
        made = site or site_of()
        clock: Any = self.clock
        self.running = Running(made, calendars(made), FakeDriver({}).line, clock, store, dry_run=True)
        self.keeper, self.told = Keeper(store), list[str]()
        self.running.listeners.append(ByHand(self.running.decider, self.held))
        asked: Any = self
        self.requests = Requests(asked)

    async def reload(self) -> dict[str, Any]:
        """Not here."""
        return {}

    def save(self) -> None:
        """Keep what must survive."""
        self.keeper.save(self.running, Tally())

    def asked(self, zone: str, who: str, en: str, zh: str) -> None:
        """A request."""

    def held(self, point: Point, who: str, text: Phrase) -> None:
        """What people are told."""
        self.told.append(f"{who}: {text.en}")
        assert text.zh

    def turn(self, seconds: float = 0.0) -> None:
        """Time passes; the rules are asked."""
        self.clock.at += seconds
        turn: Turn[Any] = self.running.decider.take_turn(self.clock.now())
        for listener in self.running.listeners:
            listener(turn)

    def by_hand(self) -> list[Any]:
        """What the page shows."""
        return list(self.running.asked_for.by_hand())


@pytest.fixture
async def store(tmp_path: Path) -> Any:
    """A database of its own."""
    made = Store(f"sqlite:///{tmp_path / 'state.sqlite3'}")
    made.open()
    yield made
    made.close()


async def test_it_is_told_when_it_begins_and_when_it_is_over(store: Store) -> None:
    """Who, what, until when and why; then that it is over, once, and nothing is held."""
    house = House(store)
    said = await house.requests.answer(WORD)
    assert said == {
        "point": FCU, "role": "start_stop", "value": True, "until": "2026-07-15T13:00:00+08:00", "name": "李工",
        "why": "接待", "dry_run": True,
    }  # fmt: skip
    house.turn(1.0)
    held = house.by_hand()[0]
    assert (held.zone, held.who, held.why, held.outranked) == ("f2-office-201", "李工", "接待", None)
    answer = explain(
        house.running.site.points[FCU], house.running.decider, house.running.gateway, house.clock.now()
    )
    assert (answer["winner"]["rule"], answer["next_change"]["at"]) == ("manual", "2026-07-15T13:00:00+08:00")
    house.turn(3600.0)
    house.turn(1.0)
    assert house.told == [
        "李工: held by hand at on until 2026-07-15T13:00:00+08:00: 接待",
        "李工: held by hand until 13:00: over",
    ]
    assert not house.by_hand()


async def test_what_goes_before_it_is_told_once_and_that_it_stands_again(store: Store) -> None:
    """A room near freezing is heated though somebody holds it off; then it is off again."""
    house = House(store)
    room = "f2-office-201/fcu/temperature"
    await house.requests.answer({**WORD, "value": "off"})
    house.turn(1.0)
    for value in (7.0, 6.9, 12.0):
        house.running.known.put_value(room, value, Quality.GOOD, house.clock.now())
        house.running.decider.touch(room)
        house.turn(1.0)
        house.turn(60.0)
    assert house.told[1:] == [
        "李工: held by hand, but freeze-protect goes before it: on",
        "李工: held by hand again",
    ]


async def test_it_ends_early_at_a_word_and_with_a_release(store: Store) -> None:
    """Somebody else may end it, by name; hands off ends it too."""
    house = House(store)
    await house.requests.answer(WORD)
    await house.requests.answer({"do": "manual-end", "point": "201 办公室/fcu/start_stop", "name": "王工"})
    await house.requests.answer(WORD)
    await house.requests.answer({"do": "release", "points": [FCU], "seconds": 60.0, "name": "王工"})
    house.turn(1.0)
    assert [t for t in house.told if t.startswith("王工")] == [
        "王工: no longer held by hand: ended early",
        "王工: no longer held by hand: released",
    ]
    assert not house.by_hand()
    with pytest.raises(Refused):
        await house.requests.answer({"do": "manual-end", "point": FCU})


async def test_it_goes_on_after_a_restart_and_one_that_ended_meanwhile_is_told(store: Store) -> None:
    """A power cut takes away no word that a person has given; what was over by then is over."""
    before = House(store)
    await before.requests.answer(WORD)
    await before.requests.answer({**WORD, "point": "f2-office-202/fcu/start_stop", "until": "12:10"})
    after = House(store)
    after.clock.at += 1200.0
    await after.keeper.restore(after.running, Tally())
    after.turn()
    assert [held.point for held in after.by_hand()] == [FCU]
    assert after.told == ["李工: held by hand until 12:10: over"]
    decision = after.running.decider.decision(FCU)
    assert decision is not None
    assert (decision.value, decision.rule) == (True, "manual")


async def test_a_new_site_file_keeps_it_where_the_point_is_the_same(store: Store) -> None:
    """An edit of the hours takes nothing away; a point that is read only now is held no more."""
    before = House(store)
    await before.requests.answer(WORD)
    kept = House(store, site_of(**{"workday: 08:30-20:00": "workday: 08:30-18:00"}))
    kept.running.carry_over(before.running)
    assert list(kept.running.decider.manual) == [FCU]
    gone = House(store, site_of(**{"f2-office-201:": "f2-office-2011:"}))
    gone.running.carry_over(before.running)
    assert not gone.running.decider.manual


async def test_the_command_line_is_refused_in_both_languages(store: Store, tmp_path: Path) -> None:
    """Through the door, as the verb asks; what is held is listed there too."""
    house = House(store)
    control = Control(tmp_path / "control.sock", house.requests.answer)
    await control.start()
    try:
        refused = await ask(tmp_path, {**WORD, "until": "11:00"})
        assert refused == {
            "error": "holding by hand ends in the future",
            "error_zh": "手动控制的结束时间须晚于现在",
        }
        refused = await ask(tmp_path, {"do": "overtime", "zone": "299", "until": "20:00", "name": "a"})
        assert refused["error"].startswith("no zone is called 299")
        assert refused["error_zh"].startswith("没有名为 299 的区域")
        await ask(tmp_path, WORD)
        assert list((await ask(tmp_path, {"do": "manual-list"}))["manual"]) == [FCU]
        assert (await ask(tmp_path, {"do": "overtime", "zone": "202 办公室", "until": "20:00", "name": "a"}))[
            "zone"
        ] == "f2-office-202"
    finally:
        await control.stop()


async def test_what_the_front_end_lets_go_of_is_taken_up_again_at_its_word(store: Store) -> None:
    """Its release spares what somebody asked for longer, and ends before its time without ending theirs; the slots are not waited for."""
    house = House(store)
    decider = house.running.decider
    await house.requests.answer(
        {"do": "release", "points": [FCU], "seconds": 7200, "name": "李工", "wait": False}
    )
    off = {"do": "release", "seconds": 3600, "name": "BACnet 10.0.0.9:47808", "keep": True, "wait": False}
    said = await house.requests.answer(off)
    assert said["failed"] == []
    assert decider.released[FCU] == (NOON + 7200, "李工")
    listed = (await house.requests.answer({"do": "release-list"}))["released"]
    assert listed[FCU] == [NOON + 7200, "李工"]
    mine = [point for point, (_, who) in listed.items() if who == "BACnet 10.0.0.9:47808"]
    assert len(mine) == len(house.running.gateway.points) - 1
    with pytest.raises(Refused):
        await house.requests.answer({"do": "release-end", "of": "BACnet "})
    ended = await house.requests.answer(
        {"do": "release-end", "of": "BACnet ", "name": "BACnet 10.0.0.9:47808"}
    )
    assert ended == {"ended": len(mine), "still": ["李工"]}
    assert list(decider.released) == [FCU]
    nobody = await house.requests.answer({"do": "release-end", "name": "x"})
    assert nobody == {"ended": 0, "still": ["李工"]}


async def test_a_person_ends_what_anybody_has_released(store: Store) -> None:
    """The front end's, then everybody's; what was ended, by whom and when, is there for the front end to see."""
    house = House(store)
    front = {"do": "release", "seconds": 3600, "name": "BACnet 10.0.0.9:47808", "wait": False}
    mine = {"do": "release", "points": [FCU], "seconds": 7200, "name": "李工", "wait": False}
    await house.requests.answer(front)
    await house.requests.answer(mine)
    assert (await house.requests.answer({"do": "release-list"}))["ended"] is None
    said = await house.requests.answer({"do": "release-end", "of": "BACnet", "name": "王工"})
    assert (said["ended"], said["still"]) == (len(house.running.gateway.points) - 1, ["李工"])
    listed = await house.requests.answer({"do": "release-list"})
    assert listed["ended"] == {"of": "BACnet", "at": NOON, "by": "王工"}
    assert list(listed["released"]) == [FCU]
    said = await house.requests.answer({"do": "release-end", "everyone": True, "name": "王工"})
    assert said == {"ended": 1, "still": []}
    assert not house.running.decider.released
