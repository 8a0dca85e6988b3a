"""A zone as one line of the table, for the page and the console alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config.phrase import Lang
from config.rules import OPERATION, RuleId
from schedules.time import clock
from supervisor.telling.snapshot import ByHand, Override, Snapshot, Why, ZoneStatus
from supervisor.telling.words import DASH, clauses, duration, phrase, rule_title, word


@dataclass(frozen=True, slots=True)
class Cell:
    """Text and its tone: `on`, `off`, `bad`, `warn`, `unknown`, `none` or plain."""

    text: str
    tone: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class WhyLine:
    """One reason: for what, which rule, in which words, on which clause."""

    what: str
    rule: str
    title: str
    reason: str
    clause: str
    tone: str


@dataclass(frozen=True, slots=True)
class Row:
    """One zone, in words of one language. `index` is its place in the snapshot."""

    index: int
    id: str
    name: str
    kind: str
    floor: int | None
    badges: tuple[Cell, ...]
    temperature: Cell
    setpoint: Cell
    other_setpoint: Cell | None
    people: Cell
    window: Cell
    hvac: Cell
    lights: Cell
    whys: tuple[WhyLine, ...]
    violations: tuple[Cell, ...]
    troubles: tuple[Cell, ...]
    """What is decided and does not stand, and which readings are no evidence: which point, and why."""
    unmonitored: str
    """Titles of the rules that cannot be judged now."""
    left_alone: bool
    """No rule holds anything here: the controllers decide."""
    next_at: str
    next_what: str
    closed: bool


def rows(
    snapshot: Snapshot, lang: Lang, wanted: Callable[[ZoneStatus], bool] = lambda zone: True
) -> Iterator[Row]:
    """Every zone of the snapshot that is wanted, in its order."""
    zone_of_time = ZoneInfo(snapshot.timezone)
    held: dict[str, list[Override]] = {}
    for override in snapshot.overrides:
        held.setdefault(override.zone, []).append(override)
    by_hand: dict[str, list[ByHand]] = {}
    for one in snapshot.by_hand:
        by_hand.setdefault(one.zone, []).append(one)
    for index, zone in enumerate(snapshot.zones):
        if not wanted(zone):
            continue
        hands = [_hand(one, snapshot.now, zone_of_time, lang) for one in by_hand.get(zone.id, ())]
        yield _row(index, zone, held.get(zone.id, []), hands, snapshot, zone_of_time, lang)


def _row(
    index: int,
    zone: ZoneStatus,
    held: list[Override],
    hands: list[Cell],
    snapshot: Snapshot,
    tz: ZoneInfo,
    lang: Lang,
) -> Row:
    setpoint, other = _setpoints(zone, snapshot.season, lang)
    whys = _whys(zone, snapshot.now, tz, lang)
    change = zone.next_change
    return Row(
        index=index,
        id=zone.id,
        name=zone.name,
        kind=word(zone.kind, lang),
        floor=zone.floor,
        badges=(*hands, *_overtime(zone, snapshot, tz, lang), *_badges(zone, held, lang)),
        temperature=_old(_number(zone.temperature, zone.has_temperature, "°"), zone),
        setpoint=_old(setpoint, zone),
        other_setpoint=other and _old(other, zone),
        people=_old(_flag(zone.occupied, zone.has_occupancy, ("present", "absent"), lang), zone),
        window=_old(_window(zone, lang), zone),
        hvac=_old(_flag(zone.hvac_on, zone.has_hvac, ("on", "off"), lang), zone),
        lights=_old(_flag(zone.lights_on, zone.has_lights or zone.escape_route, ("on", "off"), lang), zone),
        whys=tuple(whys),
        violations=tuple(Cell(rule.value, "bad", rule_title(rule, lang)) for rule in _judged(zone, False)),
        troubles=tuple(_troubles(zone, snapshot.now, tz, lang)),
        unmonitored=("；" if lang == "zh" else "; ").join(rule_title(r, lang) for r in _unmonitored(zone)),
        left_alone=not whys and not zone.escape_route and (zone.has_hvac or zone.has_lights),
        next_at=clock(change.at, tz, snapshot.now, never=DASH) if change else "",
        next_what=change.what.told(lang) if change else "",
        closed=not zone.open,
    )


def _troubles(zone: ZoneStatus, now: float, tz: ZoneInfo, lang: Lang) -> Iterator[Cell]:
    """A line for each controller that is silent, with the age of what is shown; one for points that have the same trouble: a
    full disk holds up all of them."""
    for silence in zone.silent:
        said = word("silent_never", lang).format(silence.device)
        if silence.since is not None:
            at, age = clock(silence.since, tz, now), duration(now - silence.since, lang)
            said = word("silent_since", lang).format(silence.device, at, age)
        yield Cell(word("down", lang), "bad", said)
    for key, troubles in (("unwritten", zone.unwritten), ("doubtful", zone.doubtful)):
        by_reason: dict[str, list[str]] = {}
        for trouble in troubles:
            name = trouble.point.removeprefix(f"{zone.id}/")
            by_reason.setdefault(trouble.why.told(lang), []).append(name)
        for why, points in by_reason.items():
            yield Cell(word(key, lang), "bad", f"{', '.join(points)}{'：' if lang == 'zh' else ': '}{why}")


def _judged(zone: ZoneStatus, as_: bool | None) -> list[RuleId]:
    return [rule for rule, compliant in zone.compliance.items() if compliant is as_]


def _unmonitored(zone: ZoneStatus) -> list[RuleId]:
    """Rules whose input is missing; during a fire nothing is judged, and that is said once for the building."""
    return _judged(zone, None) if zone.judged else []


def _number(value: float | None, there: bool, unit: str) -> Cell:
    if value is not None:
        return Cell(f"{value:.1f}{unit}")
    return Cell("?", "unknown") if there else Cell(DASH, "none")


def _old(cell: Cell, zone: ZoneStatus) -> Cell:
    """What nobody has heard again since a controller fell silent does not look as it is now."""
    if not zone.silent or cell.tone in ("unknown", "none"):
        return cell
    return Cell(f"({cell.text})", "unknown", cell.note)


def _flag(value: bool | None, there: bool, words: tuple[str, str], lang: Lang) -> Cell:
    """Yes, no, not known (`?`) or not there (a dash): never two of them alike."""
    if value is None:
        return (
            Cell("?", "unknown", word("unknown", lang)) if there else Cell(DASH, "none", word("none", lang))
        )
    return Cell(word(words[0], lang), "on") if value else Cell(word(words[1], lang), "off")


def _window(zone: ZoneStatus, lang: Lang) -> Cell:
    ruled = RuleId.WINDOW_OFF in zone.compliance
    cell = _flag(zone.window_open, zone.has_window or ruled, ("w_open", "w_closed"), lang)
    return Cell(cell.text, "warn") if cell.tone == "on" else cell


def _setpoints(zone: ZoneStatus, season: str | None, lang: Lang) -> tuple[Cell, Cell | None]:
    """The season's setpoint first; the other beside it, if there is one."""
    cooling = _setpoint(zone, zone.cooling_setpoint, "cooling", RuleId.SUMMER_SETPOINT, lang)
    heating = _setpoint(zone, zone.heating_setpoint, "heating", RuleId.WINTER_SETPOINT, lang)
    first, second = (heating, cooling) if season == "winter" else (cooling, heating)
    if first is None:
        first, second = second, None
    return first or (Cell("?", "unknown") if zone.has_hvac else Cell(DASH, "none")), second


def _setpoint(zone: ZoneStatus, value: float | None, mode: str, rule: RuleId, lang: Lang) -> Cell | None:
    if value is None:
        return Cell("?", "unknown", word(mode, lang)) if rule in zone.compliance else None
    return Cell(f"{value:.1f}°", "bad" if zone.compliance.get(rule) is False else "", word(mode, lang))


def _hand(held: ByHand, now: float, tz: ZoneInfo, lang: Lang) -> Cell:
    """What a person holds here, until when; who and why stand beside it."""
    text = word("manual_until", lang).format(clock(held.until, tz, now))
    return Cell(text, "warn", f"{held.who}: {held.why} ({held.point})")


def _overtime(zone: ZoneStatus, snapshot: Snapshot, tz: ZoneInfo, lang: Lang) -> Iterator[Cell]:
    """That the zone is kept open at a person's request, and until when."""
    if (until := snapshot.overtime.get(zone.id)) is not None:
        yield Cell(word("overtime_until", lang).format(clock(until, tz, snapshot.now)), "warn")


def _badges(zone: ZoneStatus, held: list[Override], lang: Lang) -> list[Cell]:
    badges = [Cell(_override(override, lang), "warn", override.point) for override in held]
    if zone.escape_route:
        badges.append(Cell(word("escape", lang), "safe"))
    if zone.dry_run:
        badges.append(Cell(word("dry", lang), "warn"))
    if zone.exempt:
        reasons = "; ".join(dict.fromkeys(zone.exempt.values()))
        badges.append(Cell(word("exempt", lang), "plain", f"{', '.join(zone.exempt)}: {reasons}"))
    if not zone.open:
        badges.append(Cell(word("closed_now", lang), "plain"))
    return badges


def _override(held: Override, lang: Lang) -> str:
    """Who holds the point, in a manager's words: slot 8 is the manual operator's (ASHRAE 135-2020 §19.2.2)."""
    if not held.priority:
        return word("hand", lang)
    return word("override_manual" if held.priority == 8 else "override_slot", lang).format(held.priority)


def _whys(zone: ZoneStatus, now: float, tz: ZoneInfo, lang: Lang) -> list[WhyLine]:
    """Setpoint, HVAC and lights; what one rule says of two of them in the same words is said once."""
    lines: list[WhyLine] = []
    for key, why in (
        ("w_hvac", zone.why_hvac),
        ("w_lights", zone.why_lights),
        ("w_setpoint", zone.why_setpoint),
    ):
        if why is None or _hands_back(why):
            continue
        line = _why(word(key, lang), why, zone.id, now, tz, lang)
        if lines and (lines[-1].rule, lines[-1].reason) == (line.rule, line.reason):
            both = f"{lines[-1].what}、{line.what}" if lang == "zh" else f"{lines[-1].what}, {line.what}"
            lines[-1] = WhyLine(both, line.rule, line.title, line.reason, line.clause, line.tone)
        else:
            lines.append(line)
    return lines


def _hands_back(why: Why) -> bool:
    """No rule needs the point: not a reason worth a line."""
    return why.rule is RuleId.BASE and why.on is None


def _why(what: str, why: Why, own: str, now: float, tz: ZoneInfo, lang: Lang) -> WhyLine:
    tone = "base" if why.rule is RuleId.BASE else "held"
    clause = "" if why.rule in OPERATION else clauses(why.rule, lang)
    reason = phrase(why.reason, tz, lang, now, own)
    if why.withheld is not None:
        tone, reason = "base", word("withheld", lang).format(reason, why.withheld.told(lang))
    return WhyLine(what, why.rule.value, rule_title(why.rule, lang), reason, clause, tone)
