"""A trial of twice twelve weeks, of which the daemon lives the first two on the virtual clock: each day is its arm's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from config.load import load_text
from config.phrase import Phrase
from config.rules import RuleId
from config.site import Site
from config.trial import BLOCK, Arm, Trial
from schedules.days import CalendarProblem, calendars
from schedules.time import instant_of, local_date
from supervisor.daemon.accepted import Accepted
from supervisor.daemon.beginning import begin
from supervisor.daemon.chores import Chores
from supervisor.daemon.daemon import Daemon, Options
from supervisor.daemon.stopping import Stop
from supervisor.daemon.trial import Trials, ordinarily_worked, worked_otherwise
from supervisor.savings.trial.draw import drawn
from supervisor.savings.trial.reading import Reading, days_lived, read
from supervisor.savings.trial.record import Drawn, Lived, Record, draw, drawn_row, lived_row, record
from supervisor.savings.trial.told import told
from supervisor.sitefile.arms import arm_of
from supervisor.sitefile.sitefile import load
from supervisor.store import readings
from supervisor.store.proving import walked
from supervisor.store.queries import BUILDING, buildings, notices
from supervisor.store.readings import Batch, Posting
from supervisor.store.rows import NoticeRow
from supervisor.store.writer import Store
from tests.fakes import FakeDevice, FakeDriver, FakeObject, VirtualClock, virtually

START = date(2026, 7, 6)
TEXT = """
version: 1
building: hall
timezone: Asia/Shanghai
dry_run: false
stagger: 0s
hours: {office: {workday: 09:00-17:30}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
templates:
  vrf:
    kind: vrf
    base: supervisor
    points:
      start_stop: {object: binary-output:0, writable: true}
      cooling_setpoint: {object: analog-value:0, writable: true, low: 16, high: 32}
      temperature: analog-input:0
zones: {room: {hours: office, equipment: {vrf: ddc/0}}}
points: {outdoor_temperature: ddc/analog-input:60}
meters:
  main: {subitem: total, point: {at: ddc/analog-input:70, unit: kWh}}
devices: {ddc: {instance: 1001, address: 192.0.2.1}}
trial:
  start: 2026-07-06
  seed: 2
  commissioning: {approver: Li Wei, reason: what the plan saves, until: 2026-12-31}
"""


class Building:
    """A daemon over a controller that has its own schedule: on, at 22 °C."""

    def __init__(self, folder: Path, text: str = TEXT) -> None:
        self.path = folder / "site.yaml"
        self.path.write_text(text)
        self.folder = folder
        self.setpoint = FakeObject(22.0)
        self.start_stop = FakeObject(1)
        plain = {
            ("analog-input", n): FakeObject(v, commandable=False)
            for n, v in ((0, 25.0), (60, 31.0), (70, 0.0))
        }
        self.driver = FakeDriver(
            {
                "ddc": FakeDevice(
                    {("analog-value", 0): self.setpoint, ("binary-output", 0): self.start_stop, **plain}
                )
            }
        )
        self.store = Store("sqlite://", inline=True)
        self.store.open()
        self.noon: dict[date, float | int | None] = {}
        """What our slot of the setpoint held at noon."""
        self.arms: dict[date, str] = {}
        self.reloading: asyncio.Task[dict[str, Any]] | None = None
        self.said: dict[str, Any] = {}
        """What `trial run` was told at last."""

    def site(self) -> Site:
        """The file as it is on disk."""
        found = load(self.path)
        assert found.site is not None, found.problems
        return found.site

    async def live(
        self, first: date, days: int, at: Callable[[date, Daemon, Building], None] | None = None
    ) -> Daemon:
        """Run the daemon from the evening before a day for so many days."""
        site = self.site()
        self.driver = FakeDriver(self.driver.devices)  # each daemon on a loop of its own
        clock: Any = Paced(instant_of(first, 0, site.tz) - 4 * 3600, 600.0)
        trials = Trials(self.store, clock)
        begun = begin(site, self.folder, self.store, clock.now(), by="Li Wei", saved=False)
        options = Options(
            self.folder, load=trials.loading(lambda: load(self.path)[:2]), accepted=begun.accepted
        )
        armed = trials.first(begun.site)
        daemon = Daemon(armed, calendars(armed), lambda _: self.driver.line, clock, self.store, options)
        daemon.trials = trials
        stop = Stop()
        tasks = [asyncio.create_task(daemon.run(stop)), asyncio.create_task(trials.run(daemon))]
        for n in range(days):
            noon = instant_of(first + timedelta(n), 12 * 60, site.tz)
            await clock.wait(noon, asyncio.Event())
            self.noon[first + timedelta(n)] = self.setpoint.slots.get(10)
            self.arms[first + timedelta(n)] = daemon.site.arm
            if at is not None:
                at(first + timedelta(n), daemon, self)
        self.said = await daemon.answer({"do": "trial"})
        stop.signal()
        await tasks[0]
        tasks[1].cancel()
        await asyncio.gather(tasks[1], return_exceptions=True)
        return daemon

    def record(self) -> Record:
        """What the audit has of the trial."""
        found = self.store.read_now(lambda c: record(c, "trial"))
        assert found is not None
        return found


class Paced(VirtualClock):
    """A virtual clock that can be waited for."""

    async def wait(self, until: float, interrupt: asyncio.Event) -> None:
        """Until then, or until interrupted."""
        left = (until - self.now()) / self.speed
        if left > 0:
            try:
                async with asyncio.timeout(min(left, 60.0)):
                    await interrupt.wait()
            except TimeoutError:
                if until - self.now() > 1e-3:
                    await self.wait(until, interrupt)


@pytest.fixture(autouse=True)
def _no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual clock does not wait for threads."""

    async def at_once(function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    monkeypatch.setattr(asyncio, "to_thread", at_once)


@pytest.mark.thorough
def test_two_weeks_lived_as_drawn(tmp_path: Path) -> None:
    """On the policy's days our slot holds 26 °C at noon, on the days of today it is empty; weekends change arms as well; the audit has it all."""
    building = Building(tmp_path)
    daemon = virtually(building.live(START, 14))
    assert daemon is not None
    days = drawn(2, 0)
    for n in range(14):
        day = START + timedelta(n)
        treated = days[n]
        assert building.arms[day] == ("policy" if treated else "today"), day
        assert building.noon[day] == (26.0 if treated else None), day
    assert {days[n] for n in range(7)} == {True, False}
    assert all(days[n] is not days[n + 7] for n in range(7))
    found = building.record()
    assert [(lived.day, lived.arm) for lived in found.lived] == [
        (day, building.arms[day]) for day in building.arms
    ]
    assert all(
        lived.at < lived.by and local_date(lived.at, daemon.site.tz) == lived.day for lived in found.lived
    )
    assert building.start_stop.slots.get(10) is None
    accepted = Accepted(tmp_path)
    assert [version.text for version in accepted.versions] == [
        TEXT
    ]  # no arm is a file that somebody accepted
    assert daemon.reloads.waiting is None


def test_a_building_that_was_renamed_takes_its_store_along(tmp_path: Path) -> None:
    """`run` says whose the store is (a reload renames nothing): the verbs had warned of the old name for ever."""
    building = Building(tmp_path, TEXT[: TEXT.index("trial:")])
    building.store.put_kv(BUILDING, "annex")
    virtually(building.live(START, 1))
    assert building.store.read_now(buildings) == {"hall"}


def test_a_calendar_that_cannot_be_read_ends_no_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notice is being copied just when the trial is to be drawn: it is told, looked at again, and drawn."""
    building, looks = Building(tmp_path), list[int]()

    def copied_just_now(site: Site, trial: Trial) -> dict[date, bool]:
        looks.append(1)
        if len(looks) == 1:
            raise CalendarProblem(Phrase("holidays.json: not JSON", "holidays.json：不是 JSON"))
        return worked_otherwise(site, trial)

    monkeypatch.setattr("supervisor.daemon.trial.worked_otherwise", copied_just_now)
    virtually(building.live(START - timedelta(1), 1))
    assert building.record().drawn.start == START
    told_ = building.store.read_now(notices)
    assert [n["en"] for n in told_ if "holidays.json" in n["en"]] == [
        "the trial waits: a calendar cannot be read: holidays.json: not JSON"
    ]


def test_a_file_saved_on_a_day_of_today_is_taken_up_as_today_runs_it(tmp_path: Path) -> None:
    """Longer hours are nothing that waits; the day stays its arm's, and what was accepted is the file as it was written."""
    building = Building(tmp_path)
    days = drawn(2, 0)
    n = days.index(False)
    longer = TEXT.replace("09:00-17:30", "08:30-18:00")

    def save(day: date, daemon: Daemon, _building: Building) -> None:
        if day == START + timedelta(n):
            building.path.write_text(longer)
            building.reloading = asyncio.create_task(daemon.reload())

    daemon = virtually(building.live(START, n + 2, save))
    assert daemon.accepted.written.text == longer
    assert Accepted(tmp_path).versions[-1].text == longer
    assert building.arms[START + timedelta(n + 1)] == ("policy" if days[n + 1] else "today")
    assert [lived.arm for lived in building.record().lived if lived.day == START + timedelta(n)] == ["today"]


def test_an_altered_day_of_the_schedule_is_found(tmp_path: Path) -> None:
    """The schedule stands in the audit before the first day; who gives a day to the other arm breaks the chain, and the row is named."""
    building = Building(tmp_path)
    virtually(building.live(START - timedelta(2), 1))
    found = building.record()
    assert found.lived == ()
    assert building.said["drawn"]
    assert f"schedule {found.drawn.hash}" in building.said["lines"][0][0]
    assert [day.value for day in found.drawn.days[1][:14]] == [
        "policy" if treated else "today" for treated in drawn(2, 0)[:14]
    ]
    assert building.store.read_now(walked).broken is None
    alter = "update intents set inputs = replace(inputs, :was, :now) where rule = 'trial'"
    day = f'"day": "{START}", "arm": "'
    other = "today" if drawn(2, 0)[0] else "policy"
    with building.store._engine.begin() as connection:
        own = building.record().drawn.days[1][0]
        changed = connection.execute(sa.text(alter), {"was": f'{day}{own}"', "now": f'{day}{other}"'})
        assert changed.rowcount == 1
    assert building.record().drawn.days[1][0] == other
    broken = building.store.read_now(walked).broken
    assert broken is not None
    assert "1" in broken.what.en


def test_a_trial_whose_first_day_is_over_does_not_begin(tmp_path: Path) -> None:
    """No schedule is drawn once a day could have been seen: told once, and the file in force goes on."""
    building = Building(tmp_path)
    daemon = virtually(building.live(START + timedelta(1), 2))
    assert building.store.read_now(lambda c: record(c, "trial")) is None
    assert set(building.noon.values()) == {26.0}
    told = [event for event in daemon.events.recent() if "does not begin" in event.text.en]
    assert len(told) == 1
    assert "未开始" in told[0].text.zh
    assert not building.said["drawn"]
    assert "must lie ahead" in building.said["lines"][0][0]


def test_what_was_drawn_is_not_drawn_again(tmp_path: Path) -> None:
    """Another seed in the file afterwards: the schedule stays, and that is told; without the section the trial is over."""
    building = Building(tmp_path)
    virtually(building.live(START - timedelta(1), 1))
    drawn_first = building.record().drawn
    building.path.write_text(TEXT.replace("seed: 2", "seed: 3"))
    daemon = virtually(building.live(START, 2))
    assert building.record().drawn == drawn_first
    assert [building.arms[START + timedelta(n)] for n in range(2)] == [
        arm.value for arm in drawn_first.days[1][:2]
    ]
    assert any("something else than was drawn" in event.text.en for event in daemon.events.recent())
    building.path.write_text(TEXT.split("trial:")[0])
    virtually(building.live(START + timedelta(2), 2))
    assert building.arms[START + timedelta(3)] == ""
    assert building.noon[START + timedelta(3)] == 26.0


def test_the_days_of_today_are_shown_as_exempt(tmp_path: Path) -> None:
    """With the reason that was given; the banner says whose day it is, and the metric shows it."""
    building = Building(tmp_path)
    seen: dict[str, tuple[bool, str, bytes]] = {}

    def look(_day: date, daemon: Daemon, _building: Building) -> None:
        snapshot = daemon.snapshot()
        exempt = "what the plan saves" in snapshot.zones[0].exempt.values()
        seen[daemon.site.arm] = (
            exempt,
            snapshot.trial.en if snapshot.trial is not None else "",
            daemon.metrics.text(),
        )

    both = 1 + max(drawn(2, 0).index(True), drawn(2, 0).index(False))
    virtually(building.live(START, both, look))
    assert seen["today"][0]
    assert not seen["policy"][0]
    assert "every rule of the plan is exempt" in seen["today"][1]
    for arm, (_, _, text) in seen.items():
        assert f'building_trial_arm{{arm="{arm}",building="hall"}} 1.0'.encode() in text


def test_a_daemon_that_starts_at_noon_goes_on_with_the_arm_that_ran(tmp_path: Path) -> None:
    """Arms never change by day: what ran before the restart runs after it."""
    building = Building(tmp_path)
    days = drawn(2, 0)
    today = next(n for n in range(14) if not days[n])
    virtually(building.live(START, today + 1))
    assert building.arms[START + timedelta(today)] == "today"
    clock: Any = Paced(instant_of(START + timedelta(today), 13 * 60, building.site().tz), 1.0)

    async def first() -> Site:
        return Trials(building.store, clock).first(building.site())

    assert virtually(first()).arm == Arm.TODAY


DRAFT = TEXT.replace("trial:", "# trial:").split("# trial:")[0] + "rules: {pre-close-off: {lead: 60min}}\n"


def _against_draft(folder: Path, draft: str = DRAFT, more: str = "") -> tuple[Path, str]:
    (folder / "draft.yaml").write_text(draft)
    path = folder / "site.yaml"
    path.write_text(
        TEXT.split("trial:")[0] + "trial:\n  compare: draft.yaml\n  start: 2026-07-06\n  seed: 2\n" + more
    )
    return path, path.read_text()


def test_a_draft_is_lived_and_once_changed_no_more(tmp_path: Path) -> None:
    """An earlier pre-close on its days; edited in the trial's midst it is not what was drawn: told, and the file in force goes on."""
    _, text = _against_draft(tmp_path)
    building = Building(tmp_path, text)
    days = drawn(2, 0)
    leads: dict[date, float] = {}

    def look(day: date, daemon: Daemon, _building: Building) -> None:
        leads[day] = daemon.site.zones["room"].rules.pre_close_off.lead
        if day == START + timedelta(2):
            (tmp_path / "draft.yaml").write_text(DRAFT.replace("60min", "90min"))

    daemon = virtually(building.live(START, 6, look))
    for n in range(3):
        assert leads[START + timedelta(n)] == (3600.0 if days[n] else 1800.0)
    assert {days[n] for n in range(3)} == {days[n] for n in range(3, 6)} == {True, False}
    assert {leads[START + timedelta(n)] for n in range(3, 6)} == {1800.0}
    assert {building.arms[START + timedelta(n)] for n in range(3, 6)} == {"policy"}
    assert any("is not run as drawn" in event.text.en for event in daemon.events.recent())


@pytest.mark.parametrize(
    ("draft", "said", "zh"),
    [
        (DRAFT.replace("analog-input:60", "analog-input:61"), "of another building: points differ", "不是同一栋楼"),
        (DRAFT.replace("dry_run: false", "dry_run: true"), "looser than the plan (room: dry_run)", "宽松"),
        (DRAFT + "exemptions: [{zones: [room], rules: [window-off], reason: r, approver: a, until: 2030-01-01}]\n",
         "looser than the plan (room: window-off)", "没有人对此负责"),
        (DRAFT.replace("60min", "10min"), "the draft is not sound", "草案有误"),
    ],
)  # fmt: skip
def test_a_draft_that_is_looser_or_another_building_is_refused(
    tmp_path: Path, draft: str, said: str, zh: str
) -> None:
    """At the line that names it, with what to do, in both languages; a commissioning of the whole trial allows an exemption."""
    path, _ = _against_draft(tmp_path, draft)
    (problem,) = load(path).problems
    assert said in problem.message
    assert zh in problem.message_zh
    assert problem.hint
    assert problem.hint_zh
    assert problem.path == "trial.compare"
    assert problem.line == 23
    if "exemptions" in draft:
        _against_draft(tmp_path, draft, "  commissioning: {approver: a, reason: r, until: 2027-01-01}\n")
        assert load(path).site is not None


def test_what_is_off_on_the_days_of_today_is_a_site_file_that_anybody_can_read(tmp_path: Path) -> None:
    """However the file writes its exemptions; a replay finds it in the store under its own hash."""
    given = "  - {zones: [room], rules: [window-off], reason: r, approver: a, until: 2030-01-01}\n"
    for more in (
        "",
        "exemptions: []\n",
        "exemptions:\n",
        f"exemptions:\n{given}",
        f"exemptions: [{given[4:-1]}]\n",
    ):
        path = tmp_path / "site.yaml"
        path.write_text(TEXT + more)
        loaded = load(path)
        assert loaded.site is not None, loaded.problems
        made = arm_of(loaded.site, Arm.TODAY)
        again = load_text(made.text, str(path))
        assert again.site is not None
        assert again.site.config_hash == made.config_hash != loaded.site.config_hash
        (equipment,) = made.all_equipment
        assert equipment.base == "controller"
        ours = made.zones["room"].exemption(RuleId.SUMMER_SETPOINT)
        assert ours is not None
        assert (ours.approver, str(ours.until)) == ("Li Wei", "2026-12-31")
        assert made.zones["room"].exemption(RuleId.FREEZE_PROTECT) is None


def test_a_main_meter_that_comes_after_the_draw_is_in_no_day_of_the_trial(tmp_path: Path) -> None:
    """No meter is named: those that were the building's at the draw are fixed and hashed with the schedule; a trial of an older kind takes what it finds."""
    building = Building(tmp_path)
    site = building.site()
    assert site.trial is not None
    drawn_ = draw(site, site.trial, None)
    more = TEXT.replace("meters:\n", "meters:\n  annexe: {subitem: total, unit: kWh}\n").replace(
        "  main:", "  old-main:"
    )
    later = load_text(more, "site.yaml").site
    assert later is not None
    at = instant_of(START, 0, site.tz)
    assert read_(building, later, drawn_, at).gone == ("main",)
    assert draw(later, site.trial, None).hash != drawn_.hash
    older = drawn_._replace(terms={k: v for k, v in drawn_.terms.items() if k != "counted"})
    assert read_(building, later, older, at).gone == ()


CLOSED = "special_days: [{from: 2026-08-03, to: 2026-08-07, hours: closed, name: company holiday}]\nseason:"


def test_a_special_day_is_what_it_was_at_the_draw(tmp_path: Path) -> None:
    """A week of company holiday is not worked, by what was hashed with the schedule: the coins stay, and who deletes or adds a special day later changes no kind of day. Trials of an older kind go by the calendar."""
    site = load_text(TEXT.replace("season:", CLOSED), "site.yaml").site
    assert site is not None
    assert site.trial is not None
    as_decreed = draw(site, site.trial, None)
    fixed = draw(site, site.trial, None, worked_otherwise(site, site.trial))
    assert fixed.days == as_decreed.days
    assert fixed.hash != as_decreed.hash
    week = [date(2026, 8, 3) + timedelta(n) for n in range(7)]
    plain = load_text(TEXT, "site.yaml").site
    assert plain is not None
    row = drawn_row(fixed, 0.0, 0.0, "x")
    kept = Building(tmp_path)
    asyncio.run(kept.store.commit_unsent(row, "dry_run", "drawn"))
    found = kept.store.read_now(lambda c: record(c, "trial"))
    assert found is not None
    ordinarily = ordinarily_worked(plain)
    for of, worked in ((found, [False] * 7), (Record(as_decreed), [True] * 5 + [False] * 2)):
        until = partial(days_lived, site=plain, record=of, working=ordinarily, end=date(2026, 8, 10))
        lived, _ = kept.store.read_now(until)
        assert [bool(lived.working[(day - START).days]) for day in week] == worked


def test_a_dry_run_draws_nothing(tmp_path: Path) -> None:
    """It says by when the building must be live; nothing of the trial stands in the audit yet."""
    building = Building(tmp_path, TEXT.replace("dry_run: false", "dry_run: true"))
    virtually(building.live(START - timedelta(3), 1))
    assert not building.said["drawn"]
    assert "not drawn while nothing is written" in building.said["lines"][0][0]
    assert "2026-07-06" in building.said["lines"][0][1]
    assert building.store.read_now(lambda connection: record(connection, "trial")) is None


def read_(building: Building, site: Site, of: Drawn, now: float) -> Reading:
    """The trial read with another site file."""
    return building.store.read_now(lambda c: read(c, site, Record(of), lambda day: day.weekday() < 5, now))


SAVINGS = """savings:
  baseline: {from: 2025-01-01, to: 2025-12-31}
  weather: days.csv
"""


async def _lived(building: Building, *, felt: float, days: int = BLOCK) -> None:
    """Twelve weeks in the store as the daemon leaves them: 300 kWh a working day, 60 less under the policy, of which a share shows a day later."""
    site, draw_ = building.site(), np.random.default_rng(4)
    assert site.trial is not None
    schedule = draw(site, site.trial, None)
    await building.store.commit_unsent(drawn_row(schedule, 0.0, 0.0, "x"), "dry_run", "drawn")
    treated, before, booked, lines = drawn(site.trial.seed, 0), True, [], []
    for n in range(days):
        day = START + timedelta(n)
        start, end = (instant_of(d, 0, site.tz) for d in (day, day + timedelta(1)))
        outdoor = 26 + 4 * draw_.standard_normal()
        saved = 60 * ((1 - felt) * treated[n] + felt * before)
        kwh = (300 + 10 * (outdoor - 26) - saved + 6 * draw_.standard_normal()) if day.weekday() < 5 else 40.0
        before = treated[n]
        booked.append((start, end, kwh * 3.6e6, False, ""))
        lines.append(f"{day},{outdoor:.2f}")
        lived = Lived(day, "policy" if treated[n] else "today", start, start + 8 * 3600, dry=n == 20)
        await building.store.commit_unsent(lived_row("trial", lived, 0.0, "x"), "dry_run", "lived")
    (building.folder / "days.csv").write_text("\n".join(lines) + "\n")
    posting = Posting("main", (), tuple(booked), (), None)
    await building.store.change(partial(readings.keep, batch=Batch(postings=(posting,))))
    fire = NoticeRow(
        instant_of(START + timedelta(30), 600, site.tz), "fire-alarm", "alert", "hall", "fire", "火警"
    )
    building.store.notice(fire)


@pytest.mark.parametrize(("felt", "length"), [(0.5, 2), (0.0, 1)])
def test_a_day_that_is_felt_on_the_next_makes_arms_of_two_days(
    tmp_path: Path, felt: float, length: int
) -> None:
    """Decided at the end of the block, into the audit, before the next one's first day; else arms stay at one day."""
    (tmp_path / "days.csv").write_text("2025-01-01,3.0\n")
    building = Building(tmp_path, TEXT + SAVINGS)
    metrics: list[bytes] = []

    async def story() -> None:
        await _lived(building, felt=felt)

        def look(_day: date, daemon: Daemon, _building: Building) -> None:
            metrics.append(daemon.metrics.text())

        await building.live(START + timedelta(BLOCK), 1, look)

    virtually(story())
    found = building.record()
    assert found.lengths == {1: length}
    assert building.arms[START + timedelta(BLOCK)] == found.drawn.days[length][BLOCK]
    site = building.site()
    now = instant_of(START + timedelta(BLOCK), 12 * 60, site.tz)
    got = building.store.read_now(lambda c: read(c, site, found, lambda day: day.weekday() < 5, now))
    (look,) = got.looks
    assert look.found is not None
    assert look.claimed
    assert look.found.saved / 3.6e6 == pytest.approx(60 * 5 / 7, abs=4)
    assert (look.found.chance < 0.05) is (felt > 0)
    assert sum(got.counts["other arm"]) == 1  # a dry run
    assert sum(got.counts["fire"]) == 1
    assert got.next_look == START + timedelta(2 * BLOCK)
    said = told(look, got)
    assert "the file in force saves against today, a day, " in said.en
    assert "每日节能" in said.zh


def test_a_read_trial_stands_in_the_metrics(tmp_path: Path) -> None:
    """After a block: what was saved on the policy's days, what they would have used, and the interval; before it nothing."""
    (tmp_path / "days.csv").write_text("2025-01-01,3.0\n")
    building = Building(tmp_path, TEXT + SAVINGS)
    tz = building.site().tz
    texts: list[str] = []

    async def story() -> None:
        await _lived(building, felt=0.0)
        for day in (BLOCK - 1, BLOCK):
            clock: Any = Paced(instant_of(START + timedelta(day), 300, tz), 1.0)
            trials = Trials(building.store, clock)
            site = trials.first(building.site())
            daemon = Daemon(
                site,
                calendars(site),
                lambda _: building.driver.line,
                clock,
                building.store,
                Options(tmp_path),
            )
            daemon.trials = trials
            await Chores(daemon, building.store, tmp_path).reckon()
            texts.append(daemon.metrics.text().decode())

    virtually(story())
    assert 'method="trial"' not in texts[0]
    found = {
        line.split("{")[0].removeprefix("building_energy_"): float(line.rsplit(" ", 1)[1])
        for line in texts[1].splitlines() if 'method="trial"' in line
    }  # fmt: skip
    assert found["saved_low_joules"] < found["saved_joules"] < found["saved_high_joules"]
    assert found["saved_joules"] / found["baseline_joules"] == pytest.approx(0.19, abs=0.03)
