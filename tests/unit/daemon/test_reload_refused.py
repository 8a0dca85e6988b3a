"""A reload that cannot be: whatever the files hold, the old configuration stays and the metric says so."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from config.problems import Problem
from config.site import Site
from schedules.days import calendars
from supervisor.daemon.reload import New, Refused, Reload, Same
from supervisor.sitefile.sitefile import load
from supervisor.telling.snapshot import Event
from tests.soak.world import SoakClock
from tests.unit.gateway.gateway_world import site_text

SOUND = (
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:closed\nDTSTART;VALUE=DATE:20261104\nEND:VEVENT\nEND:VCALENDAR\n"
)


class House:
    """A site with a calendar file, what runs of it, and its reloads."""

    def __init__(self, folder: Path) -> None:
        self.file, self.ics = folder / "site.yaml", folder / "office.ics"
        self.file.write_text(site_text(extra="calendar: {ics: [office.ics]}"))
        self.ics.write_text(SOUND)
        site = load(self.file).site
        assert site is not None
        self.running: Any = SimpleNamespace(site=site, days=calendars(site), decider=None)
        self.told: list[Event] = []
        self.reloads = Reload(self._load, SoakClock(1.8e9), self.told.append)

    def _load(self) -> tuple[Site | None, list[Problem]]:
        site, problems, _ = load(self.file)
        return site, problems

    async def read(self) -> New | Same | Refused:
        """What a reload makes of the files as they are."""
        return await self.reloads.read(self.running)


@pytest.mark.parametrize(
    "content",
    [
        SOUND.replace("DTSTART", "DTSTART;VALUE=DATE:20261103\nDTSTART", 1),
        SOUND.replace("END:VEVENT", "DURATION:P9999999D\nEND:VEVENT"),
        SOUND.replace("20261104", "99991231"),
        SOUND.replace("closed", "立春"),
        SOUND.replace("closed", "clo\0sed"),
        "[" * 100_000,
        SOUND + "x" * 1_100_000,
    ],
)
async def test_a_calendar_file_made_to_crash_is_a_refused_reload(tmp_path: Path, content: str) -> None:
    """The old configuration stays, the metric falls to 0, the problem names the file; mended, it rises again."""
    house = House(tmp_path)
    assert isinstance(await house.read(), Same)
    house.ics.write_text(content)
    refused = await house.read()
    assert isinstance(refused, Refused)
    assert "office.ics: " in refused.problem.en
    assert (house.reloads.successful, house.reloads.problem) == (False, refused.problem)
    assert len(house.told) == 1
    assert (
        house.told[0].text.zh.startswith("配置有误，沿用旧配置：")
        and refused.problem.zh in house.told[0].text.zh
    )
    assert refused.problem.zh != refused.problem.en
    house.ics.write_text(SOUND)
    assert isinstance(await house.read(), Same)
    assert house.reloads.successful


async def test_an_error_that_nobody_foresaw_is_a_refusal_too(tmp_path: Path) -> None:
    """A reader that breaks must not leave the metric at 1 and the page silent."""
    house = House(tmp_path)

    def breaks() -> tuple[Site | None, list[Problem]]:
        raise RecursionError("maximum recursion depth exceeded")

    broken = Reload(breaks, SoakClock(1.8e9), house.told.append)
    refused = await broken.read(house.running)
    assert isinstance(refused, Refused)
    assert refused.problem.en.startswith(
        f"{house.file}: it, or a file that it names, cannot be read: RecursionError"
    )
    assert not broken.successful
    assert len(house.told) == 1
