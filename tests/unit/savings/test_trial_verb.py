"""`trial plan`, `run` and `read`: what a person sees, in both languages, and what each refuses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from config.trial import BLOCK
from schedules.time import instant_of
from supervisor.cli.main import app
from supervisor.daemon.assemble import open_store
from supervisor.savings.trial.draw import drawn
from supervisor.savings.trial.record import Lived, draw, drawn_row, lived_row
from supervisor.sitefile.sitefile import load
from supervisor.store import readings
from supervisor.store.readings import Batch, Posting
from supervisor.store.writer import Store
from tests.unit.savings.test_trial_lived import SAVINGS, TEXT

NOW = date(2026, 11, 2)
SITE = TEXT.replace("2026-07-06", "2026-08-03").replace("until: 2026-12-31", "until: 2027-02-28") + SAVINGS
START = date(2026, 8, 3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A hall with a year of readings, whose trial has lived its first block, some days short of the second."""
    path = tmp_path / "site.yaml"
    (tmp_path / "days.csv").write_text("2025-01-01,3.0\n")
    path.write_text(SITE)
    return path


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """Its database."""
    site = load(path).site
    assert site is not None
    opened = open_store(site, path.parent)
    yield opened
    opened.close()


def _asked(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["trial", *map(str, arguments)])


async def _filled(store: Store, path: Path, *, trial: bool) -> None:
    site, random = load(path).site, np.random.default_rng(5)
    assert site is not None
    assert site.trial is not None
    if trial:
        await store.commit_unsent(drawn_row(draw(site, site.trial, None), 0.0, 0.0, "x"), "dry_run", "drawn")
    treated, booked, lines = drawn(2, 0) + drawn(2, 1), [], []
    for n in range(-200, (NOW - START).days):
        day, arm = START + timedelta(n), n >= 0 and treated[n]
        start, end = (instant_of(d, 0, site.tz) for d in (day, day + timedelta(1)))
        outdoor = 20 + 4 * random.standard_normal()
        kwh = (300 + 10 * max(0, outdoor - 18) + 20 * random.standard_normal()) * (
            0.8 if arm and trial else 1.0
        )
        booked.append((start, end, kwh * 3.6e6, False, ""))
        lines.append(f"{day},{outdoor:.2f}")
        if trial and n >= 0:
            lived = Lived(day, "policy" if arm else "today", start, start + 8 * 3600, dry=False)
            await store.commit_unsent(lived_row("trial", lived, 0.0, "x"), "dry_run", "lived")
    (path.parent / "days.csv").write_text("\n".join(lines) + "\n")
    await store.change(
        partial(readings.keep, batch=Batch(postings=(Posting("main", (), tuple(booked), (), None),)))
    )


@pytest.fixture(autouse=True)
def _november(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    site = load(path).site
    assert site is not None
    at = instant_of(NOW, 600, site.tz)
    monkeypatch.setattr("supervisor.cli.trial.time.time", lambda: at)


def test_a_plan_says_how_many_weeks_this_building_needs(path: Path, store: Store) -> None:
    """By its own scatter: fewer for a saving of a fifth than for one of 3 %, and too few blocks in the file are told."""
    asyncio.run(_filled(store, path, trial=False))
    said = _asked("plan", path, "--state-dir", path.parent, "--lang", "en")
    assert said.exit_code == 0, said.output
    assert "kWh a day" in said.stdout
    assert "is seen in four trials out of five" in said.stdout
    few, many = (
        json.loads(
            _asked("plan", path, "--state-dir", path.parent, "--saving", share, "--format", "json").stdout
        )
        for share in (20, 3)
    )
    assert few["weeks"] == 12
    assert many["weeks"] > 12
    assert many["by_weeks"]["12"]["detectable"] > many["by_weeks"]["48"]["detectable"]
    zh = _asked("plan", path, "--state-dir", path.parent, "--saving", 1)
    assert "不足" in zh.stdout or "三年内无法识别" in zh.stdout


def test_a_plan_without_a_past_is_refused(path: Path, store: Store) -> None:
    """Nothing is known of how the building scatters: what to do stands there, in both languages."""
    said = _asked("plan", path, "--state-dir", path.parent)
    assert said.exit_code == 1
    assert "ledger import" in said.stderr
    assert "12 周" in said.stderr


def test_what_a_trial_shows_after_its_first_block(path: Path, store: Store) -> None:
    """The saving with its interval, the days of each arm, the next look; the same in JSON."""
    asyncio.run(_filled(store, path, trial=True))
    said = _asked("read", path, "--state-dir", path.parent, "--lang", "en")
    assert said.exit_code == 0, said.output
    lines = said.stdout.splitlines()
    assert lines[0].startswith(
        "trial trial: the file in force against today, 2026-08-03 to 2027-01-17, 24 weeks"
    )
    assert any(line.startswith("days that count: 4") for line in lines)
    assert any(
        line.startswith("trial, after 12 weeks: the file in force saves against today, a day,")
        for line in lines
    )
    assert lines[-1] == "next look: 2027-01-18; until then nothing is estimated"
    read = json.loads(_asked("read", path, "--state-dir", path.parent, "--format", "json").stdout)
    (look,) = read["looks"]
    assert look["claimed"]
    assert look["low"] < 64 < look["high"]
    assert look["weeks"] == BLOCK // 7
    assert "下次查看" in _asked("read", path, "--state-dir", path.parent).stdout


def test_what_was_never_drawn_is_not_read(path: Path, store: Store) -> None:
    """A trial by another name, and one of a file that has none: what to do, and no traceback."""
    said = _asked("read", path, "--state-dir", path.parent, "--name", "other")
    assert said.exit_code == 1
    assert "was never drawn" in said.stderr
    assert "尚未抽签" in said.stderr
    path.write_text(SITE.replace("trial:\n", "x").split("x")[0])
    none = _asked("read", path, "--state-dir", path.parent)
    assert none.exit_code == 1
    assert "names no trial" in none.stderr


def test_run_asks_the_daemon(path: Path) -> None:
    """Where none runs that is said, with what to do."""
    said = _asked("run", path, "--state-dir", path.parent)
    assert said.exit_code == 1
    assert "building-supervisor run" in said.stderr


def test_a_meter_that_was_drawn_and_is_no_more_in_the_file_is_told(path: Path, store: Store) -> None:
    """Drawn with two meters, one of which has left the site file since: every figure is without it, and says so."""
    path.write_text(
        SITE.replace("  main: {", "  hvac: {subitem: hvac, unit: kWh, parent: main}\n  main: {").replace(
            "  seed: 2", "  seed: 2\n  meters: [main, hvac]"
        )
    )
    asyncio.run(_filled(store, path, trial=True))
    path.write_text(SITE)
    said = _asked("read", path, "--state-dir", path.parent, "--lang", "en").stdout
    assert "the site file does not name hvac any more, with which the trial was drawn" in said
    assert "calendar of the site file as it is now" in said
    read = json.loads(_asked("read", path, "--state-dir", path.parent, "--format", "json").stdout)
    assert read["meters_gone"] == ["hvac"]
