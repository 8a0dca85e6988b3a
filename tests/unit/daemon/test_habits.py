"""What a controller keeps doing otherwise than it should reaches people: told once, in both languages, shown as long as it is so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from config.phrase import Phrase
from drivers.habits import SPARED
from schedules.days import calendars
from supervisor.daemon.listeners import Telling
from supervisor.daemon.running import Running
from supervisor.store.writer import Store
from supervisor.telling.events import Events
from supervisor.telling.snapshot import DeviceStatus, Event
from supervisor.telling.view import device_lines
from tests.fakes import FakeDriver, VirtualClock, virtual_time
from tests.tools.fake_building import NOW, fake_building
from tests.unit.core.office import office

DEVICE = "ddc-2"
SPOILT = Phrase(
    "refuses every request in which analog-value:3 is", "请求中只要含有 analog-value:3 就整体拒绝"
)
BACK = Phrase("gives analog-value:3 among others again", "又可与其他对象一起读取 analog-value:3")


@virtual_time
async def test_a_habit_is_told_when_it_is_found_and_when_it_is_over() -> None:
    """An object spoils a controller's answers for an hour of polls: two lines, each in English and in Chinese."""
    site = office()
    store = Store("sqlite://", inline=True)
    store.open()
    clock: Any = VirtualClock()
    driver = FakeDriver({})
    running = Running(site, calendars(site), driver.line, clock, store, dry_run=True)
    told: list[Event] = []
    running.listeners.append(Telling(Events(site, told.append), store, running.decider))
    for _ in range(60):
        driver.habits.found(DEVICE, SPARED, "analog-value:3", SPOILT)
    assert [habit.text for habit in running.habits.of(DEVICE)] == [SPOILT]
    for _ in range(2):
        driver.habits.over(DEVICE, SPARED, "analog-value:3", BACK)
    assert running.habits.of(DEVICE) == ()
    assert [(event.kind, event.point, event.text) for event in told] == [
        ("device", DEVICE, SPOILT), ("device", DEVICE, BACK),
    ]  # fmt: skip
    store.close()


def test_the_page_shows_it_beside_a_controller_that_answers() -> None:
    """In the reader's language; what is worse, that it is another device, is shown in its stead."""
    odd = DeviceStatus(DEVICE, "", True, NOW, 3, 0, habits=(SPOILT,))
    for lang, text in (("en", SPOILT.en), ("zh", SPOILT.zh)):
        ((_, state, _),) = device_lines(replace(fake_building(), devices=(odd,)), lang)  # type: ignore[arg-type]
        assert (state.tone, state.note) == ("warn", text)
    strange = replace(odd, quarantine=Phrase("quarantined", "已隔离"))
    ((_, state, _),) = device_lines(replace(fake_building(), devices=(strange,)), "en")
    assert (state.tone, state.note) == ("bad", "quarantined")
