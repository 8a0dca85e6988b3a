"""The page and its live parts as HTML, made a little at a time."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from config.phrase import Lang
from supervisor.clockwork.turns import Work
from supervisor.telling import view
from supervisor.telling.rows import rows
from supervisor.telling.snapshot import Snapshot
from supervisor.telling.words import word

LIVE_PARTS = ("clock", "facts", "banners", "tiles", "rules", "devices", "manual", "events")
"""Sent apart, so that a clock that ticks does not make a screen reader read the banners again."""
PIECES = 100
"""Pieces of a template that are filled in before others may have their turn: some tenths of a millisecond."""
TEMPLATES = Path(__file__).parent / "templates"

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def page(snapshot: Snapshot, lang: Lang) -> Work[str]:
    """The whole page, complete without JavaScript."""
    return _render("page.html", snapshot, lang)


def fragments(snapshot: Snapshot, lang: Lang) -> Work[dict[str, str]]:
    """Each live part by the name of its event.

    `zones` is the whole set of tables and is sent only when zones come or go; `zone-N` is one line of them.
    """
    context = yield from _context(snapshot, lang)
    parts = {}
    for name in LIVE_PARTS:
        parts[name] = _ENVIRONMENT.get_template(f"{name}.html").render(context)
        yield
    row = _ENVIRONMENT.get_template("row.html")
    for _, zones in context["floors"]:
        for zone in zones:
            parts[f"zone-{zone.index}"] = row.render(context, row=zone)
            yield
    return parts


def zone_tables(snapshot: Snapshot, lang: Lang) -> Work[str]:
    """The tables of all floors."""
    return _render("zones.html", snapshot, lang)


def _render(name: str, snapshot: Snapshot, lang: Lang) -> Work[str]:
    context = yield from _context(snapshot, lang)
    parts = []
    pieces = _ENVIRONMENT.get_template(name).generate(context)
    while some := list(islice(pieces, PIECES)):
        parts.append("".join(some))
        yield
    return "".join(parts)


def _context(snapshot: Snapshot, lang: Lang) -> Work[dict[str, Any]]:
    date, time, iso = view.site_time(snapshot)
    context: dict[str, Any] = {
        "building": snapshot,
        "lang": lang,
        "other_lang": "en" if lang == "zh" else "zh",
        "t": lambda key: word(key, lang),
        "date": date,
        "time": time,
        "iso": iso,
        "facts": view.facts(snapshot, lang),
        "banners": view.banners(snapshot, lang),
        "devices": view.device_lines(snapshot, lang),
        "meters": view.meter_lines(snapshot, lang),
        "hands": view.hand_lines(snapshot, lang),
        "events": view.event_lines(snapshot, lang),
    }
    yield
    context["tiles"] = view.tiles(snapshot, lang)
    yield
    context["rules"] = view.rule_lines(snapshot, lang)
    zones = []
    for row in rows(snapshot, lang):
        zones.append(row)
        yield
    context["floors"] = view.floors(zones, lang)
    return context
