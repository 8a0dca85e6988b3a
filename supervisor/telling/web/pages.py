"""The pages beside the first one: what each answers to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from config.phrase import Lang
from config.site import Site
from supervisor.core.daily import COUNTED
from supervisor.store.days import ZoneDay
from supervisor.store.queries import value
from supervisor.telling import view, week
from supervisor.telling.days import KINDS, named
from supervisor.telling.limits import limits
from supervisor.telling.rows import rows
from supervisor.telling.snapshot import Snapshot
from supervisor.telling.web.access import ASKS
from supervisor.telling.web.answer import told
from supervisor.telling.web.asked import language, shortened, up_from
from supervisor.telling.web.audit_page import Audit
from supervisor.telling.web.history import History
from supervisor.telling.web.live import Look
from supervisor.telling.web.reports_page import Reports
from supervisor.telling.web.rule_page import Rules
from supervisor.telling.web.said import Said
from supervisor.telling.week_plot import Plot, plot
from supervisor.telling.words import duration, word

Days: TypeAlias = list[tuple[str, list[tuple[str, str]]]]


def beside(look: Look, history: History | None, said: Said) -> list[Route]:
    """The routes of these pages."""
    reports = Reports(look, history)
    return [
        Route("/zone/{id:path}", Zones(look, history, said).page),
        Route("/audit", Audit(look, history).page),
        Route("/reports", reports.page),
        Route("/reports/{name:path}", reports.file),
        Route("/rule/{id:path}", Rules(look, history).page),
    ]


class Zones:
    """A zone's page."""

    def __init__(self, look: Look, history: History | None, said: Said) -> None:
        self._look, self._history, self._said = look, history, said

    async def page(self, request: Request) -> Response:
        """Now, the last week, the last events; 404 where there is no such zone."""
        lang, id_ = language(request), request.path_params["id"]
        snapshot = await self._look()
        up = up_from(request)
        row = next(iter(rows(snapshot, lang, lambda zone: zone.id == id_)), None)
        if row is None:
            said = word("z_missing", lang).format(shortened(id_))
            return await told("missing.html", snapshot, lang, up, {"said": said}, 404)
        days: Days = []
        drawn, problem = None, word("z_no_store", lang)
        if self._history is not None and id_ in self._history.site.zones:
            site = self._history.site
            found, why = await self._history.ask(
                partial(_week, site=site, zone=id_, snapshot=snapshot, lang=lang)
            )
            if why is not None:
                problem = word("z_unread", lang) + why.told(lang)
            else:
                drawn, days = found
        context = {
            "row": row, "plot": drawn, "problem": problem, "days": days,
            "events": view.zone_events(snapshot, id_, lang), "said": self._said.of(request, lang),
        }  # fmt: skip
        return await told("zone.html", snapshot, lang, up, context, headers=ASKS)


def _week(connection: Any, *, site: Site, zone: str, snapshot: Snapshot, lang: Lang) -> tuple[Plot, Days]:
    """The drawing and the days of a zone. In a thread of its own: it is a hundred thousand steps."""
    found = week.read(connection, site, zone, snapshot.now)
    name = site.zones[zone].name
    held_to = limits(site, zone, found.start, found.end, value(connection, "season"))
    drawn = plot(found, held_to, ZoneInfo(snapshot.timezone), lang, name)
    return drawn, _days(found.days, lang)


def _days(days: Sequence[ZoneDay], lang: Lang) -> Days:
    """Each day, the newest first: what it came to, and how much."""
    found: Days = []
    for day, figures in groupby(days, lambda one: one.day):
        found.append((day, [_figure(one, lang) for one in figures if one.value > 0]))
    return found[::-1]


def _figure(day: ZoneDay, lang: Lang) -> tuple[str, str]:
    kind = KINDS[day.kind].told(lang) if day.kind in KINDS else day.kind
    what = named(day.what, lang)
    times = word("z_times", lang).format(f"{day.value:.0f}")
    return (
        f"{kind} · {what}" if what else kind,
        times if day.kind in COUNTED else duration(day.value, lang),
    )
