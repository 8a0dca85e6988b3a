"""Page, metrics, report and plain SQL: whoever looks at a zone's day sees the same, wherever she looks."""

from __future__ import annotations

import html
import random
import re
import sqlite3
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import httpx
import pytest

from config.rules import RuleId
from supervisor.cli.report import kinds_of_day
from supervisor.core.daily import COUNTED, Kind
from supervisor.ledger.periods import period
from supervisor.ledger.terms import terms
from supervisor.store import Store
from supervisor.telling.days import KINDS, named
from supervisor.telling.metrics import Metrics
from supervisor.telling.reports import evidence_part, facts
from supervisor.telling.reports.document import Cell, Table
from supervisor.telling.web import History, build_app
from supervisor.telling.words import duration, rule_title
from tests.reports.week import COUNTERS, RESTARTED, Week, once

pytestmark = pytest.mark.thorough
LOOKED_AT = 20
NEARLY = 0.02
"""s: the virtual loop looks at midnight some milliseconds of site time late."""
MEASURED = frozenset(COUNTERS.values())


class Told(NamedTuple):
    """A zone's day as four ways tell it: (kind, rule or role) → s or times."""

    sql: Mapping[tuple[str, str], float]
    metrics: Mapping[tuple[str, str], float]
    report: Mapping[str, float]
    """By column."""
    page: Mapping[str, str]
    """Label → figure, as it stands there."""


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    """Lived once for all."""
    return once(tmp_path_factory.mktemp("week"))


def chosen(week: Week) -> list[tuple[str, str]]:
    """Twenty (zone, day), each zone at least once."""
    rng = random.Random(14)
    zones = list(week.site.zones)
    rest = [(rng.choice(zones), rng.choice(week.days)) for _ in range(LOOKED_AT - len(zones))]
    return [*((zone, rng.choice(week.days)) for zone in zones), *rest]


def sql(week: Week, zone: str, day: str) -> dict[tuple[str, str], float]:
    """What the database says to whoever knows SQL."""
    with sqlite3.connect(week.folder / "supervisor.sqlite3") as database:
        rows = database.execute(
            "SELECT kind, what, value FROM zone_days WHERE zone = ? AND day = ?", (zone, day)
        )
        return {(kind, what): value for kind, what, value in rows}


def metrics(week: Week, zone: str, day: str) -> dict[tuple[str, str], float]:
    """By how much the counters grew from one midnight to the next."""
    keys = {(kind, rule) for kind, at, rule in week.scraped[-1] if at == zone}
    grown = {key: week.counted(day, key[0], zone, key[1]) for key in keys}
    return {key: value for key, value in grown.items() if value}


def _gathered(connection: Any, month: str, week: Week) -> facts.Facts:
    site = week.site
    assert week.seen is not None
    return facts.gather(
        connection, site, period(month, site.tz), week.seen.now, terms(site), kinds_of_day(site)
    )


def sheet(week: Week) -> dict[tuple[str, str], dict[str, float]]:
    """The workbook's sheet of days: (zone, day) → column → figure in the column's unit."""
    store = Store(f"sqlite:///{week.folder}/supervisor.sqlite3")
    store.open()
    try:
        found: dict[tuple[str, str], dict[str, float]] = {}
        for month in sorted({day[:7] for day in week.days}):
            told = store.read_now(partial(_gathered, month=month, week=week))
            (table,) = (b for b in evidence_part.lines(told, "en").blocks if isinstance(b, Table))
            for row in table.rows:
                cells: dict[str, Cell] = dict(zip(table.heads, row, strict=True))
                key = str(cells["zone"].value), str(cells["day"].value)
                found[key] = {h: c.value for h, c in cells.items() if isinstance(c.value, float | int)}
    finally:
        store.close()
    return found


async def page(week: Week, zone: str, lang: str = "en") -> dict[str, dict[str, str]]:
    """What each day came to on the zone's page: day → label → figure."""
    store = Store(f"sqlite:///{week.folder}/supervisor.sqlite3")
    store.open()
    seen = week.seen
    assert seen is not None

    async def look() -> object:
        return seen

    history = History(lambda: week.site, store.read, week.folder)
    app = build_app(look, Metrics("x", lambda: seen, process=False).exposition, bool, bool, history=history)  # type: ignore[arg-type]
    try:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost"
        ) as client:
            text = (await client.get(f"/zone/{zone}?lang={lang}")).text
    finally:
        store.close()
    days: dict[str, dict[str, str]] = {}
    for day, figures in re.findall(
        r'<th scope="row" class="day">([-\d]+)</th>.*?<dl class="figures">(.*?)</dl>', text
    ):
        pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", figures)
        days[day] = {html.unescape(label): html.unescape(figure) for label, figure in pairs}
    return days


def label(kind: str, what: str) -> str:
    """A figure's name on the page."""
    name = KINDS[kind].told("en")
    return f"{name} · {named(what, 'en')}" if what else name


def figure(kind: str, value: float) -> str:
    """As the page writes it: times, or the two largest units of a time."""
    return f"{value:.0f} times" if kind in COUNTED else duration(value, "en")


def summed(told: Mapping[tuple[str, str], float], kind: str) -> float:
    """All of one kind."""
    return sum(value for (of, _), value in told.items() if of == kind)


COLUMNS = {
    Kind.VIOLATION: ("outside, min", 60.0), Kind.CORRECTION: ("corrected", 1.0), Kind.EXCEPTION: ("exceptions", 1.0),
    Kind.SUSPENDED: ("suspended, min", 60.0), Kind.OVERRIDE: ("held by others, min", 60.0), Kind.BY_HAND: ("by hand, min", 60.0),
    Kind.BLOCKED: ("kept off, min", 60.0), Kind.SET_BUT_OFF: ("set but off, min", 60.0), Kind.WATCHED: ("watched, h", 3600.0),
}  # fmt: skip
"""Kind → the sheet's column, and how many of the database's units make one of it."""


def test_the_week_was_worth_looking_at(week: Week) -> None:
    """Every kind that a day is told by did happen, and the restart left its gap."""
    rows = [sql(week, zone, day) for zone in week.site.zones for day in week.days]
    kinds = {kind for row in rows for kind, _ in row}
    assert kinds == {str(kind) for kind in Kind}
    watched = [sql(week, "o1", day)["watched", ""] for day in week.days]
    assert watched[RESTARTED] <= 86400.0 - 2400.0 + 600.0
    assert all(
        seconds == pytest.approx(86400.0, abs=60.0) for n, seconds in enumerate(watched) if n != RESTARTED
    )


async def test_page_metrics_report_and_sql_tell_the_same_of_twenty_days(week: Week) -> None:
    """Minutes outside, kept off, set but off, corrections, exceptions, holds: by rule or role, to the last second."""
    lines, pages = sheet(week), {zone: await page(week, zone) for zone in week.site.zones}
    compared = 0
    for zone, day in chosen(week):
        plain = sql(week, zone, day)
        grown = metrics(week, zone, day)
        ours = {key: value for key, value in plain.items() if key[0] in MEASURED and value}
        assert grown.keys() == ours.keys(), (zone, day)
        for key, value in ours.items():
            assert grown[key] == pytest.approx(value, abs=NEARLY), (zone, day, key)
        shown = {label(*key): figure(key[0], value) for key, value in plain.items() if value > 0}
        assert pages[zone][day] == shown, (zone, day)
        for kind, (column, unit) in COLUMNS.items():
            told = lines.get((zone, day), {}).get(column, 0.0) * unit
            if (zone, day) in lines or kind is not Kind.WATCHED:
                assert told == pytest.approx(summed(plain, kind), abs=NEARLY), (zone, day, column)
        compared += len(plain)
    assert compared > 100


async def test_the_chinese_page_has_the_same_days(week: Week) -> None:
    """As many figures, in Chinese units."""
    english, chinese = await page(week, "o1"), await page(week, "o1", "zh")
    assert english.keys() == chinese.keys()
    assert [len(figures) for figures in english.values()] == [len(figures) for figures in chinese.values()]
    title = rule_title(RuleId.WINDOW_OFF, "zh")
    assert any(title in name for figures in chinese.values() for name in figures)
