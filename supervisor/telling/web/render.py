"""The page and its live parts as HTML, made a little at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from config.phrase import Lang
from supervisor.clockwork.turns import Work, in_turns
from supervisor.core.views import Fire
from supervisor.sitefile.apart import apart
from supervisor.telling import view
from supervisor.telling.energy import saving_lines, target_lines
from supervisor.telling.floors import folded, key_of, shown, with_rows
from supervisor.telling.headline import headline
from supervisor.telling.needs import looked_for
from supervisor.telling.needs_told import need_lines, timeline
from supervisor.telling.rows import Row, rows
from supervisor.telling.snapshot import Snapshot
from supervisor.telling.words import word

if TYPE_CHECKING:
    from jinja2 import Environment, Template

LIVE_PARTS = (
    "clock", "facts", "headline", "banners", "news", "needs", "tiles", "timeline", "rules", "devices", "energy", "manual", "events",
)  # fmt: skip
"""Sent apart, so that a clock that ticks does not make a screen reader read the banners again."""
ZONE_PARTS = {"asof": "asof.html", "banners": "banners.html", "row": "row.html", "events": "zone_events.html"}
"""The same of a zone's page."""
PIECES = 100
"""Pieces of a template that are filled in before others may have their turn: some tenths of a millisecond."""
WAITS = 1.0
"""s between two looks whether the building was decided on."""
_TEMPLATES = "supervisor.telling.templating"
"""Imported once somebody looks."""
_translating: Final = asyncio.Lock()
"""Fifty pages that are open over a restart ask at once."""
_translated: Final[list[Environment]] = []
"""The templates, once they are translated."""


async def prepare(begun: Callable[[], bool]) -> None:
    """What the first reader's step needs is imported before he comes, and after the building was decided on, of which `begun`
    tells: it takes a dozen milliseconds."""
    while not begun():  # noqa: ASYNC110 # nobody is in a hurry
        await asyncio.sleep(WAITS)
    import_module("anyio._backends._asyncio")


async def templates() -> None:
    """Be ready to fill in templates: the first reader's page comes a second later than the next ones, and a building at which
    nobody looks keeps three megabytes less. Compiled in a process apart and loaded in turns, so that who decides need not wait."""
    if _translated:
        return
    async with _translating:
        if not _translated:
            loaded = await asyncio.to_thread(import_module, _TEMPLATES)
            await in_turns(loaded.loaded(await asyncio.to_thread(apart, loaded.compiled)))
            _translated.append(loaded.ENVIRONMENT)


def _template(name: str) -> Template:
    environment: Environment = import_module(_TEMPLATES).ENVIRONMENT
    return environment.get_template(name)


def page(snapshot: Snapshot, lang: Lang, floor: str = "", said: str = "") -> Work[str]:
    """The whole page, complete without JavaScript; `floor`: which floor is open, or `all`; `said`: what came of what was asked for."""
    return _render("page.html", snapshot, lang, floor, said)


def beside(name: str, snapshot: Snapshot, lang: Lang, up: str, context: Mapping[str, Any]) -> Work[str]:
    """A page beside the first one; `up` leads from its address to the first one's folder: empty, or `../`."""
    _, time, iso = view.site_time(snapshot)
    common = {
        "banners": view.states(snapshot, lang), "linked": False, "building": snapshot, "lang": lang, "other_lang": "en" if lang == "zh" else "zh", "up": up,
        "t": lambda key: word(key, lang), "time": time, "iso": iso,
    }  # fmt: skip
    return _filled(name, {**common, **context})


def fragments(snapshot: Snapshot, lang: Lang, floor: str = "") -> Work[dict[str, str]]:
    """Each live part by the name of its event.

    `zones` is the whole set of tables and is sent only when zones come or go; `fold-KEY` is one floor's line, `zone-N` one
    line of a floor that is open.
    """
    context = yield from _context(snapshot, lang, floor)
    parts = {}
    for name in LIVE_PARTS:
        parts[name] = _template(f"{name}.html").render(context)
        yield
    row, fold = _template("row.html"), _template("fold.html")
    for one in context["floors"]:
        parts[f"fold-{one.key}"] = fold.render(context, floor=one)
        for zone in one.rows:
            parts[f"zone-{zone.index}"] = row.render(context, row=zone)
            yield
    return parts


def zone_fragments(snapshot: Snapshot, lang: Lang, zone: str) -> Work[dict[str, str]]:
    """The live parts of a zone's own page: the clock, its line, what the building is under, its last events."""
    row = next(iter(rows(snapshot, lang, lambda one: one.id == zone)), None)
    _, time, iso = view.site_time(snapshot)
    context: dict[str, Any] = {
        "building": snapshot, "lang": lang, "up": "", "t": lambda key: word(key, lang), "time": time, "iso": iso,
        "banners": view.states(snapshot, lang), "row": row, "linked": False,
        "events": view.zone_events(snapshot, zone, lang),
    }  # fmt: skip
    yield
    parts = {}
    for name, template in ZONE_PARTS.items():
        if row is not None or name == "asof":
            parts[name] = _template(template).render(context)
            yield
    return parts


def zone_tables(snapshot: Snapshot, lang: Lang, floor: str = "") -> Work[str]:
    """All floors, with the tables of those that are open."""
    return _render("zones.html", snapshot, lang, floor)


def _render(name: str, snapshot: Snapshot, lang: Lang, floor: str, said: str = "") -> Work[str]:
    context = yield from _context(snapshot, lang, floor)
    return (yield from _filled(name, {**context, "said": said}))


def _filled(name: str, context: Mapping[str, Any]) -> Work[str]:
    parts = []
    pieces = _template(name).generate(context)
    while some := list(islice(pieces, PIECES)):
        parts.append("".join(some))
        yield
    return "".join(parts)


def _context(snapshot: Snapshot, lang: Lang, asked: str) -> Work[dict[str, Any]]:
    date, time, iso = view.site_time(snapshot)
    standing = yield from looked_for(snapshot)
    top = headline(snapshot, standing)
    context: dict[str, Any] = {
        "building": snapshot,
        "lang": lang,
        "other_lang": "en" if lang == "zh" else "zh",
        "t": lambda key: word(key, lang),
        "up": "",
        "linked": True,
        "date": date,
        "time": time,
        "iso": iso,
        "floor_asked": asked,
        "top_tone": top.tone,
        "top_text": top.text.told(lang),
        "facts": view.facts(snapshot, lang),
        "banners": view.states(snapshot, lang),
        "news": view.news(snapshot, lang),
        "devices": view.device_lines(snapshot, lang),
        "meters": view.meter_lines(snapshot, lang),
        "savings": saving_lines(snapshot, lang),
        "targets": list(target_lines(snapshot, lang)),
        "hands": view.hand_lines(snapshot, lang),
        "events": view.event_lines(snapshot, lang),
    }
    yield
    context["needs"] = need_lines(snapshot, standing, lang)
    yield
    context["timeline"], context["burning"] = timeline(snapshot, lang), Fire(snapshot.fire).owns_building
    yield
    context["tiles"] = view.tiles(snapshot, lang)
    yield
    context["rules"] = view.rule_lines(snapshot, lang)
    open_ = shown(snapshot, asked)
    of_open: list[tuple[str, Row]] = []
    for row in rows(snapshot, lang, lambda zone: key_of(zone) in open_):
        of_open.append((key_of(snapshot.zones[row.index]), row))
        yield
    context["floors"] = with_rows(folded(snapshot, open_, lang), of_open)
    return context
