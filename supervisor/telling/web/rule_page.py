"""A rule's page: what it says, by which clause, with which numbers here, and how the zones stand to it now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from config.meanings import meaning
from config.phrase import Lang, Phrase, same
from config.roles import ROLES, Role
from config.rules import RuleId, RuleSettings
from config.site import Site
from supervisor.core.citations import ACTION_PLAN, Citation
from supervisor.core.rules import ALL, BY_ID
from supervisor.telling.rule_pages import Default, defaults
from supervisor.telling.snapshot import Snapshot, ZoneStatus
from supervisor.telling.web.answer import told
from supervisor.telling.web.asked import language, shortened, up_from
from supervisor.telling.web.history import History
from supervisor.telling.web.live import Look
from supervisor.telling.words import word

_SPANS: Final = ((3600.0, Phrase("h", "小时")), (60.0, Phrase("min", "分钟")))
_UNITS: Final = {
    "s": Phrase("s", "秒"), "degC": same("°C"), "1/d": Phrase("a day", "次/天"), "d": Phrase("days", "天"),
}  # fmt: skip
_STATES: Final = {False: ("bad", "r_out"), None: ("unknown", "r_unknown"), True: ("on", "r_ok")}


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a rule: what it means, what it is here, what it would be unsaid, where it comes from."""

    key: str
    meaning: str
    here: str
    default: str
    differs: bool
    allowed: str
    origin: str
    others: tuple[str, ...]
    """Zones that have another."""


class Rules:
    """The pages of the rules."""

    def __init__(self, look: Look, history: History | None) -> None:
        self._look, self._history = look, history

    async def page(self, request: Request) -> Response:
        """One rule; 404 where there is no such rule."""
        lang, id_ = language(request), request.path_params["id"]
        snapshot, up = await self._look(), up_from(request)
        if id_ not in list(RuleId):
            said = word("u_missing", lang).format(shortened(id_))
            return await told("missing.html", snapshot, lang, up, {"said": said}, 404)
        rule = BY_ID[RuleId(id_)]
        place = ALL.index(rule)
        context: dict[str, Any] = {
            "rule": rule, "title": rule.title.told(lang), "text": rule.text.told(lang),
            "place": word("u_place", lang).format(place + 1, len(ALL)),
            "above": _neighbour(place - 1, lang), "below": _neighbour(place + 1, lang),
            "cites": [_cite(cite, lang) for cite in rule.cites],
            "reads": [_role(role, lang) for role in rule.reads], "writes": [_role(role, lang) for role in rule.writes],
            "numbers": list(numbers(rule.id, self._history.site if self._history else None, lang)),
            "zones": list(_zones(snapshot, rule.id, lang)),
            "exempt": [(z, z.exempt[rule.id]) for z in snapshot.zones if rule.id in z.exempt],
        }  # fmt: skip
        return await told("rule.html", snapshot, lang, up, context)


def numbers(rule: RuleId, site: Site | None, lang: Lang) -> Iterator[Number]:
    """The numbers of a rule, as the site has them."""
    section = _section(rule, site.rules if site is not None else RuleSettings())
    zones = site.zones.values() if site is not None else ()
    colon = "：" if lang == "zh" else ": "
    for number in defaults(rule):
        here = float(getattr(section, number.key))
        others = tuple(
            f"{zone.name or zone.id}{colon}{amount(value, number.unit, lang)}"
            for zone in zones
            if (value := float(getattr(_section(rule, zone.rules), number.key))) != here
        )
        said = meaning(type(section), number.key)
        yield Number(
            number.key, said.told(lang) if said is not None else "", amount(here, number.unit, lang),
            amount(number.value, number.unit, lang), here != number.value, _allowed(number, lang),
            _origin(number.text, lang) if number.text is not None else word("u_choice", lang), others,
        )  # fmt: skip


def _origin(text: str, lang: Lang) -> str:
    """Where a number comes from, the plan by the name that people have for it."""
    short, _, clause = text.partition(" ")
    return f"{ACTION_PLAN.called(lang)} {clause}" if short == ACTION_PLAN.key else text


def amount(value: float, unit: str, lang: Lang) -> str:
    """A number with its unit as people say it: 15 min, 15 分钟, 26 °C."""
    if unit == "s":
        for size, said in _SPANS:
            if value >= size and value % size == 0:
                return f"{value / size:g} {said.told(lang)}"
    return f"{value:g} {_UNITS[unit].told(lang) if unit in _UNITS else unit}".rstrip()


def _section(rule: RuleId, settings: RuleSettings) -> Any:
    return getattr(settings, rule.value.replace("-", "_"), None)


def _allowed(number: Default, lang: Lang) -> str:
    low, high = (None if n is None else amount(n, number.unit, lang) for n in (number.low, number.high))
    if low is not None and high is not None:
        return f"{low} – {high}"
    if low is not None:
        return f"≥ {low}"
    return f"≤ {high}" if high is not None else ""


def _neighbour(place: int, lang: Lang) -> tuple[str, str] | None:
    return (ALL[place].id.value, ALL[place].title.told(lang)) if 0 <= place < len(ALL) else None


def _cite(cite: Citation, lang: Lang) -> tuple[str, str]:
    """The document, and where in it; a clause stays in the language in which it is law."""
    short, name = cite.document.called(lang), cite.document.title.told(lang)
    if short.casefold() not in name.casefold():
        name = f"{short} {name}"
    return name, cite.told(lang) + (" °" if cite.site_choice else "")


def _role(role: Role, lang: Lang) -> str:
    return ROLES[role].meaning_zh if lang == "zh" else role.replace("_", " ")


def _zones(snapshot: Snapshot, rule: RuleId, lang: Lang) -> Iterator[tuple[ZoneStatus, str, str]]:
    """Zones that it concerns, those outside it first."""
    for state, (tone, key) in _STATES.items():
        for zone in snapshot.zones:
            if rule in zone.compliance and zone.compliance[rule] is state:
                yield zone, tone, word(key if zone.judged else "t_fire", lang)
