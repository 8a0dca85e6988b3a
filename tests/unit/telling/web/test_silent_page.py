"""A controller that died: its rooms do not look as they are now, nothing of them is called compliant, and its age is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.load import load_text
from config.phrase import Lang
from drivers.readings import Quality
from schedules.days import calendars
from schedules.time import from_iso
from schedules.types import Season
from supervisor.core.decider import Decider
from supervisor.core.known import Known
from supervisor.telling.looking import Looking
from supervisor.telling.rows import rows
from supervisor.telling.snapshot import Released, Silence, Snapshot
from supervisor.telling.view import device_lines, states
from tests.tools.fake_building import NOW, fake_building
from tests.unit.daemon.test_every_key import SITE
from tests.unit.telling.web.test_app import body, text_of

NOON = from_iso("2026-07-15T12:00:00+08:00")


def dead() -> Snapshot:
    """The fake building, in which the controller of room 202 has not answered for 13 minutes."""
    building = fake_building()
    zones = tuple(
        replace(z, silent=(Silence("二楼 DDC", NOW - 790.0),)) if z.id == "f2-office-202" else z
        for z in building.zones
    )
    return replace(building, zones=zones)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", "二楼 DDC：最后应答 10:02，已 13 分 10 秒"),
        ("en", "二楼 DDC: last answer 10:02, 13 min 10 s ago"),
    ],
)
def test_a_room_of_a_silent_controller_tells_the_age_of_what_it_shows(lang: Lang, said: str) -> None:
    """Figures stand in brackets in the tone of what is not known, and the row says since when."""
    (row,) = rows(dead(), lang, lambda zone: zone.id == "f2-office-202")
    assert (row.temperature.text, row.temperature.tone) == ("(26.3°)", "unknown")
    assert {cell.tone for cell in (row.people, row.window, row.hvac, row.lights)} == {"unknown"}
    assert any(trouble.note == said for trouble in row.troubles)
    (other,) = rows(dead(), lang, lambda zone: zone.id == "f2-office-201")
    assert (other.temperature.tone, other.troubles) == ("", ())


@pytest.mark.parametrize(
    ("lang", "why", "age"), [("zh", "3 秒内无应答", "13 分"), ("en", "no answer within 3 s", "13 min")]
)
def test_the_list_of_controllers_says_why_and_for_how_long(lang: Lang, why: str, age: str) -> None:
    """In the reader's language."""
    lines = {device.id: (state, answer) for device, state, answer in device_lines(fake_building(), lang)}
    state, answer = lines["ddc-3"]
    assert (state.tone, state.note) == ("bad", why)
    assert age in answer


def test_nothing_that_hangs_on_a_silent_controller_is_said_to_comply() -> None:
    """From the moment that it is known to be silent, not only when its readings are too old."""
    site = load_text(SITE).site
    assert site is not None
    decider = Decider(site, Known(site), calendars(site).tables, lambda _: (Season.SUMMER, float("inf")))
    for point in site.points.values():
        decider.known.put_value(point.id, 0, Quality.GOOD, NOON)
    decider.touch_all()
    decider.step(NOON)
    looking, zone = Looking(site, decider), next(iter(site.zones.values()))
    alive = looking.zone(zone, NOON, changes=False)
    assert True in alive.compliance.values()
    device = next(p.device for e in zone.equipment for p in e.points.values())
    status = looking.zone(zone, NOON, changes=False, silent={device: NOON - 60.0})
    assert status.silent[0].since == NOON - 60.0
    assert True not in status.compliance.values()
    assert status.contact_suspect is None, "a dead contact is not suspected besides"


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", "10:45 前由 王工 临时释放：202 办公室（3 个点），其间不执行规则。"),
        ("en", "Handed back until 10:45 by 王工: 202 办公室 (3 points). No rule is carried out there."),
    ],
)
async def test_a_release_by_hand_has_its_banner_and_its_end(lang: Lang, said: str) -> None:
    """On the page, by whom, what and until when; overtime stands on the zone's line with its end."""
    release = Released(("f2-office-202",), 3, NOW + 1780.0, "王工")
    building = replace(fake_building(), releases=(release,), overtime={"f2-office-201": NOW + 3600.0})
    assert said in [banner.text for banner in states(building, lang)]
    words = text_of(await body(f"/?lang={lang}&floor=all", releases=(release,), overtime=building.overtime))
    assert said in words
    assert {"zh": "加班 · 至 11:15", "en": "overtime · until 11:15"}[lang] in words
    whole = replace(
        building, releases=(Released(tuple(z.id for z in building.zones), 90, NOW + 1780.0, "王工"),)
    )
    assert any({"zh": "整栋楼", "en": "the whole building"}[lang] in b.text for b in states(whole, lang))
