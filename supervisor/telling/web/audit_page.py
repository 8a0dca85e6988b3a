"""The audit with its search: what was written, why, by which clause, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from config import spoken
from config.phrase import Lang, Phrase
from config.points import Point
from config.roles import ROLES, Role
from config.rules import RuleId
from config.site import Site
from drivers.refused import in_both
from schedules.moments import instant
from schedules.time import clock, instant_of
from supervisor.core.decisions import RELINQUISH
from supervisor.core.wording import command
from supervisor.store import past
from supervisor.store.past import Sought
from supervisor.telling.rows import Cell
from supervisor.telling.snapshot import Snapshot
from supervisor.telling.view import EVENT_TONES
from supervisor.telling.web.access import SEARCHES
from supervisor.telling.web.answer import told
from supervisor.telling.web.asked import language
from supervisor.telling.web.history import History
from supervisor.telling.web.live import Look
from supervisor.telling.words import clause, rule_title, word

SHOWN: Final = 200
LONGEST: Final = 100
"""Characters of what may be looked for."""
MOST: Final = 50
"""Zones whose name may match a search."""
_FIELDS: Final = ("zone", "rule", "from", "to", "q")
_NO_TIME: Final = Phrase("“{}” is no day: write 2026-07-15.", "“{}”不是日期，请写作 2026-07-15。")
_NO_NUMBER: Final = Phrase("“{}” is no row of the audit.", "“{}”不是审计记录的行号。")
_TOO_LONG: Final = Phrase("What is looked for is too long.", "查询内容过长。")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the audit in words."""

    id: int
    time: str
    point: str
    name: str
    value: str
    rule: str
    title: str
    known: bool
    """The rule has a page."""
    reason: str
    clause: str
    result: Cell


_SEARCHES: Final = {"Content-Security-Policy": SEARCHES}


class Audit:
    """The page of the audit."""

    def __init__(self, look: Look, history: History | None) -> None:
        self._look, self._history = look, history

    async def page(self, request: Request) -> Response:
        """The newest rows that fit; 400 with the reason where what is asked for makes no sense."""
        lang, snapshot = language(request), await self._look()
        asked = {key: request.query_params.get(key, "").strip() for key in (*_FIELDS, "before")}
        context: dict[str, Any] = {
            "asked": {key: asked[key][:LONGEST] for key in _FIELDS}, "lines": [], "older": "", "problem": "",
            "rules": [(rule.value, rule_title(rule, lang)) for rule in RuleId],
            "zones": [(zone.id, zone.name) for zone in snapshot.zones],
            "chain": chain(snapshot, lang), "keep": _query(asked, lang, ("zone", "rule", "from", "to", "q")),
        }  # fmt: skip
        if self._history is None:
            return await told(
                "audit.html", snapshot, lang, "", {**context, "problem": word("z_no_store", lang)}
            )
        site = self._history.site
        try:
            sought = _sought(asked, site)
        except _Wrong as wrong:
            context["problem"] = wrong.said.told(lang)
            return await told("audit.html", snapshot, lang, "", context, 400, _SEARCHES)
        rows, why = await self._history.ask(partial(past.audit, sought=sought, limit=SHOWN + 1))
        if why is not None:
            context["problem"] = word("z_unread", lang) + why.told(lang)
            return await told("audit.html", snapshot, lang, "", context, headers=_SEARCHES)
        context["lines"] = [_line(row, site, snapshot.now, lang) for row in rows[:SHOWN]]
        if len(rows) > SHOWN:
            asked["before"] = str(rows[SHOWN - 1]["id"])
            context["older"] = _query(asked, lang, (*_FIELDS, "before")) + f"lang={lang}"
        return await told("audit.html", snapshot, lang, "", context, headers=_SEARCHES)


def chain(snapshot: Snapshot, lang: Lang) -> Cell:
    """How the audit's chain of hashes stands."""
    if snapshot.audit_valid is None:
        return Cell(word("a_unwalked", lang), "unknown")
    rows = f"{snapshot.audit_rows:,}" if snapshot.audit_rows is not None else "?"
    head = f"{snapshot.audit_head:012x}" if snapshot.audit_head is not None else "?"
    key, tone = ("a_whole", "on") if snapshot.audit_valid else ("a_broken", "bad")
    return Cell(word(key, lang).format(rows, head), tone)


class _Wrong(Exception):
    """What was asked for makes no sense."""

    def __init__(self, said: Phrase, *about: str) -> None:
        super().__init__(said.en)
        self.said = Phrase(*(text.format(*(a[:LONGEST] for a in about)) for text in said))


def _query(asked: Mapping[str, str], lang: Lang, keys: tuple[str, ...]) -> str:
    """What was asked for as part of an address, with an `&` behind it."""
    text = urlencode({key: asked[key][:LONGEST] for key in keys if asked[key]})
    return f"{text}&" if text else ""


def _sought(asked: Mapping[str, str], site: Site) -> Sought:
    if any(len(value) > LONGEST or "\x00" in value for value in asked.values()):
        raise _Wrong(_TOO_LONG)
    zone, text, before = asked["zone"], asked["q"], asked["before"]
    if before and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise _Wrong(_NO_NUMBER, before)
    served = site.zones[zone].shares if zone in site.zones else ()
    shared = tuple(p.id for p in site.points.values() if p.zone is None and p.equipment in served)
    low = text.casefold()
    return Sought(
        under=f"{zone}/" if zone else "",
        points=shared,
        rule=asked["rule"],
        since=_instant(asked["from"], site),
        until=_instant(asked["to"], site, after=True),
        text=text,
        rules=tuple(r.value for r in RuleId if text and low in "\n".join((rule_title(r, "zh"), rule_title(r, "en").casefold()))),
        zones=tuple(z.id for z in site.zones.values() if text and low in z.name.casefold())[:MOST],
        before=int(before) if before else None,
    )  # fmt: skip


def _instant(text: str, site: Site, *, after: bool = False) -> float | None:
    """The beginning of a day (`after`: its end), or an ISO 8601 time by the site's clock."""
    if not text:
        return None
    try:
        if (day := spoken.day(text)) is not None:
            return instant_of(date(*day) + timedelta(days=1 if after else 0), 0, site.tz)
        return instant(text, site.tz)
    except (ValueError, OverflowError):
        raise _Wrong(_NO_TIME, text) from None


def _line(row: Mapping[str, Any], site: Site, now: float, lang: Lang) -> Line:
    known, rule = site.points.get(row["point"]), str(row["rule"])
    role: Role | None = known.role if known is not None else None
    value = RELINQUISH if row["wire"] is None else row["command"]
    has_page = rule in list(RuleId)
    return Line(
        id=row["id"],
        time=clock(row["ts"], site.tz, now, seconds=True),
        point=row["point"],
        name=_named(known, site, lang),
        value=command(value, role, zh=lang == "zh") if not isinstance(value, str) else value,
        rule=rule,
        title=rule_title(RuleId(rule), lang) if has_page else rule,
        known=has_page,
        reason=row[f"reason_{lang}"],
        clause=clause(row["citation"], lang),
        result=_result(row, lang),
    )


def _named(point: Point | None, site: Site, lang: Lang) -> str:
    """The zone by its name, and what the point is."""
    if point is None:
        return ""
    zone = site.zones.get(point.zone or "")
    where = zone.name if zone is not None else point.equipment or ""
    what = ROLES[point.role].meaning_zh if lang == "zh" else point.role.replace("_", " ")
    return f"{where} {what}".strip()


def _result(row: Mapping[str, Any], lang: Lang) -> Cell:
    if row["result"] is None:
        return Cell(word("a_open", lang), "unknown")
    tone = "on" if row["result"] == "ok" else EVENT_TONES.get(row["result"], "")
    detail = in_both(row["detail"]).told(lang) if row["detail"] else ""
    return Cell(word("a_ok" if row["result"] == "ok" else row["result"], lang), tone, detail)
