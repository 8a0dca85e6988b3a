"""What the device of our own says of a building, and what becomes of a front end's word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest

from config.phrase import Phrase, same
from drivers.bacnet.serving.items import Fault, Peer
from supervisor.telling.bacnet_device.enabled import MOST_KNOWN, Enabled, Wish
from supervisor.telling.bacnet_device.face import Face
from supervisor.telling.bacnet_device.objects import made
from supervisor.telling.bacnet_device.picture import LONGEST, MODES, Mode, counts, mode, refusal
from supervisor.telling.needs import needs
from supervisor.telling.snapshot import Event, FrontEnd
from tests.tools.fake_building import fake_building

LIVE: dict[str, Any] = {
    "dry_run": False, "ready": True, "fire": "clear", "holdable": ("a/fcu/start_stop",), "handed_back": 0, "stopping": False,
}  # fmt: skip
FRONT = Peer(0, bytes((10, 0, 0, 9, 0xBA, 0xC0)), None)
PANEL = Peer(20, b"\x07", None)
OFF, ON = 0, 1


@pytest.mark.parametrize(
    ("so", "said"),
    [
        ({}, Mode.LIVE), ({"ready": False}, Mode.STARTING), ({"dry_run": True}, Mode.DRY_RUN), ({"holdable": ()}, Mode.WATCHING),
        ({"handed_back": 1}, Mode.RELEASED), ({"front_end": FrontEnd(False, 9.0, "x")}, Mode.RELEASED),
        ({"front_end": FrontEnd(True)}, Mode.LIVE), ({"fire": "active"}, Mode.FIRE_ALARM), ({"fire": "clearing"}, Mode.FIRE_ALARM),
        ({"fire": "unknown"}, Mode.LIVE), ({"clock_doubt": same("1970")}, Mode.SAFE), ({"store_problem": same("full")}, Mode.SAFE),
        ({"stopping": True}, Mode.STOPPING), ({"dry_run": True, "fire": "active"}, Mode.FIRE_ALARM),
        ({"stopping": True, "fire": "active", "ready": False}, Mode.STOPPING),
        ({"front_end": FrontEnd(False, 9.0, "x"), "store_problem": same("full")}, Mode.SAFE),
    ],
)  # fmt: skip
def test_the_mode_is_never_better_than_it_is(so: dict[str, Any], said: Mode) -> None:
    """What keeps the building from being supervised goes before what it would be otherwise."""
    assert mode(fake_building(**LIVE | so)) is said


def test_modes_keep_their_numbers() -> None:
    """Front ends are mapped to them; each has its text in both languages."""
    assert [(each.value, MODES[each].en) for each in Mode] == [
        (1, "starting"), (2, "live"), (3, "dry run"), (4, "watching only"), (5, "released"), (6, "fire alarm"),
        (7, "safe: nothing is written"), (8, "stopping"),
    ]  # fmt: skip
    assert [item.name for item in made("zh").all] == [item.name for item in made("en").all]
    assert made("zh").mode.states[5] == "火警"
    assert all(item.fault for item in (made("en").compliant, made("en").violated, made("en").unjudged))


def test_each_zone_counts_once() -> None:
    """Outside one rule is outside; what cannot be measured is not compliant."""
    first = fake_building().zones[0]
    rule, other = list(first.compliance)[:2]
    zones = [
        replace(first, compliance=said)
        for said in ({rule: True, other: None}, {rule: True, other: False}, {rule: None}, {}, {rule: True})
    ]
    assert counts(zones) == (2, 1, 2)


def test_the_last_refusal_is_told_and_fits() -> None:
    """The point and the reason, in the site's language, cut between two characters."""

    def event(kind: str, point: str, en: str, zh: str = "") -> Event:
        return Event(0.0, kind, "", point, "", Phrase(en, zh))

    assert refusal([], "en") is None
    assert refusal([event("failed", "p", "x")], "en") is None
    several = [
        event("refused", "a", "first"),
        event("refused", "b", "last", "最后"),
        event("alert", "c", "x"),
    ]
    assert (refusal(several, "en"), refusal(several, "zh")) == ("b: last", "b: 最后")
    long = refusal([event("refused", "点", "", "很" * 100)], "zh")
    assert long is not None
    assert long.endswith("很…")
    assert len(long.encode()) <= LONGEST


class Site:
    """An Enabled, and a clock."""

    def __init__(self) -> None:
        self.time = 0.0
        self.enabled = Enabled(3600.0, "en", lambda: self.time)

    def at(self, time: float) -> Enabled:
        """It, at that time."""
        self.time = time
        self.enabled.expire()
        return self.enabled


def test_off_is_a_wish_with_a_name_and_an_end() -> None:
    """Who wrote it first is named; repeating it prolongs nothing, whoever repeats it."""
    site = Site()
    site.at(10).write(FRONT, OFF, 8)
    assert site.enabled.told() == FrontEnd(False, 3610.0, "BACnet 10.0.0.9:47808")
    site.at(2000).write(FRONT, OFF, 8)
    site.at(3000).write(PANEL, OFF, 12)
    assert site.enabled.wishes == [Wish("BACnet 10.0.0.9:47808", 3610.0)]
    assert site.at(3609).told().enabled is False
    assert site.at(3610).told() == FrontEnd(True, None, "BACnet 10.0.0.9:47808")
    assert site.enabled.item.slots == [None] * 16


def test_on_again_by_whoever_outranks() -> None:
    """Slots are BACnet's: the highest that is filled decides, and the wish ends with what decides."""
    site = Site()
    site.enabled.write(FRONT, OFF, 8)
    site.enabled.write(PANEL, ON, 10)
    assert site.enabled.item.value == 0
    site.enabled.write(FRONT, None, 8)
    assert (site.enabled.item.value, site.enabled.item.priority) == (1, 10)
    assert [wish.until is None for wish in site.enabled.wishes] == [False, True]
    site.enabled.write(PANEL, None, 10)
    assert len(site.enabled.wishes) == 2
    assert site.enabled.item.value == 1


def test_a_cycle_cannot_keep_it_off_and_a_person_can_ask_again() -> None:
    """Who rewrites its outputs each minute is refused for as long as it does; who kept quiet, or took it back, asks anew."""
    site = Site()
    for minute in range(60):
        site.at(60.0 * minute).write(FRONT, OFF, 8)
    for minute in range(60, 200):
        with pytest.raises(Fault):
            site.at(60.0 * minute).write(FRONT, OFF, 8)
    site.at(12_000).write(PANEL, OFF, 16)  # another, for itself
    site.at(12_001).write(PANEL, None, 16)
    site.at(13_000).write(FRONT, OFF, 8)
    assert [wish.until for wish in site.enabled.wishes if wish.until] == [15_600.0, 16_600.0]


def test_many_writers_are_not_all_remembered() -> None:
    """A thousand addresses fill no memory."""
    site = Site()
    for number in range(1000):
        site.enabled.write(Peer(0, number.to_bytes(6, "big"), None), OFF, 8)
    assert len(site.enabled._last) == MOST_KNOWN


def test_a_restart_goes_on_with_what_is_left() -> None:
    """The same end, whoever asked; the slot that stands for it gives way to the first write."""
    site = Site()
    site.enabled.resume("BACnet 10.0.0.9:47808", 100.0)
    assert site.enabled.told() == FrontEnd(False, 100.0, "BACnet 10.0.0.9:47808")
    assert site.enabled.wishes == []
    site.enabled.write(FRONT, None, 8)
    assert site.enabled.item.value == 1
    assert site.enabled.wishes == [Wish("BACnet 10.0.0.9:47808", None)]


async def test_a_person_who_ends_it_is_told_to_the_front_end() -> None:
    """Enabled comes back at the next look, with who ended it; what was ended before, or of somebody else, ends nothing."""
    site = Site()
    told: list[str] = []
    answer: dict[str, Any] = {"released": {}, "ended": None}

    async def ask(request: Mapping[str, Any]) -> dict[str, Any]:
        return answer

    face = Face(
        Mock(), "en", "1", Mock(), ask, lambda: True, lambda kind, said: told.append(said.en), site.enabled
    )
    face._resumed = True
    assert not await face._taken_up_again(site.enabled)
    site.at(100).write(FRONT, OFF, 8)
    assert not await face._taken_up_again(site.enabled), "the daemon has not been asked yet"
    site.enabled.wishes.clear()
    for ended in (
        None,
        {"of": "BACnet", "at": 99.0, "by": "Wang"},
        {"of": "Li", "at": 200.0, "by": "Wang"},
    ):
        answer["ended"] = ended
        assert not await face._taken_up_again(site.enabled)
    answer["ended"] = {"of": "", "at": 200.0, "by": "Wang"}
    assert await face._taken_up_again(site.enabled)
    assert site.enabled.item.slots == [None] * 16
    assert told == ["Enabled came back: Wang ended what BACnet 10.0.0.9:47808 had switched off"]
    with pytest.raises(Fault):
        site.at(201).write(FRONT, OFF, 8)


def test_the_page_says_who_switched_it_off() -> None:
    """While it is off, on top, with what to do; not while it is on."""

    def told(front_end: FrontEnd | None) -> list[str]:
        return [
            need.cause.zh for need in needs(fake_building(front_end=front_end)) if need.key == "front-end"
        ]

    assert told(None) == told(FrontEnd(True)) == []
    assert told(FrontEnd(False, 9.0, "BACnet 10.0.0.9:47808")) == [
        "BACnet 10.0.0.9:47808 将 Enabled 写为 inactive：全部测点已交还"
    ]
