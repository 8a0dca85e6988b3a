"""The page's content, in words of one language, made from a snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from config.phrase import Lang
from config.roles import Role
from config.rules import OF_SETTINGS, OPERATION, RuleId
from schedules.time import clock, iso
from supervisor.core.views import Fire
from supervisor.core.wording import command
from supervisor.telling.rows import Cell
from supervisor.telling.snapshot import DeviceStatus, Event, MeterStatus, Snapshot
from supervisor.telling.words import DASH, clauses, duration, rule_title, word

JOULES_PER_KWH = 3.6e6
SHOWN_EVENTS = 25
SHOWN_MISMATCHES = 3
_SHOWN_DOUBTS = 3
_SHOWN_PLACES = 4
EVENT_TONES = {
    "enforced": "on",
    "released": "off",
    "alert": "bad",
    "recovered": "on",
    "exception": "warn",
    "override": "warn",
    "device": "bad",
    "refused": "bad",
    "mismatch": "bad",
    "failed": "bad",
    "expired": "warn",
    "cancelled": "off",
    "lost": "warn",
    "reload": "on",
    "request": "on",
    "dry_run": "off",
}


@dataclass(frozen=True, slots=True)
class Banner:
    """A line across the page; `tone` is `bad`, `warn` or `info`."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of the summary: `value` large, `rest` small beside it, `label` beneath."""

    label: str
    value: str
    rest: str = ""
    tone: str = ""
    href: str = "#zones"
    """Where on the page it is told in full."""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """How the zones stand to one rule now, and what it has counted."""

    id: str
    title: str
    clause: str
    within: int
    outside: int
    unknown: int
    time_outside: str
    set_but_off: str
    """How long a setting broke the limit while its unit was off; empty for rules that judge no setting."""
    enforced: int
    judged: bool
    """False during a fire alarm."""

    @property
    def total(self) -> int:
        """Zones to which the rule applies."""
        return self.within + self.outside + self.unknown


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event."""

    time: str
    kind: Cell
    zone: str
    point: str
    """Without its zone, which stands beside it."""
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class HandLine:
    """What a person holds; `outranked`: the title of the rule that goes before it now, else empty."""

    zone: str
    point: str
    value: str
    until: str
    who: str
    why: str
    outranked: str


def facts(snapshot: Snapshot, lang: Lang) -> list[tuple[str, str]]:
    """Label and value of what is true of the whole building."""
    outdoor = snapshot.outdoor_temperature
    return [
        (word("season", lang), word(snapshot.season or "season?", lang)),
        (word("day", lang), word(snapshot.day_type, lang)),
        (word("outdoor", lang), f"{outdoor:.1f} °C" if outdoor is not None else word("unknown", lang)),
        (word("fire", lang), word(snapshot.fire, lang)),
        (word("owned", lang), str(snapshot.owned_slots)),
    ]


def site_time(snapshot: Snapshot) -> tuple[str, str, str]:
    """Date, time of day, and the machine-readable instant, site time."""
    tz = ZoneInfo(snapshot.timezone)
    local = datetime.fromtimestamp(snapshot.now, tz)
    return f"{local:%Y-%m-%d}", f"{local:%H:%M:%S}", iso(snapshot.now, tz)


_SILENT = " has not answered"
"""What the watch says of a device that it waits for."""


def states(snapshot: Snapshot, lang: Lang) -> list[Banner]:
    """What the whole building is under, gravest first: what else needs somebody stands in a list of its own."""
    lines: list[Banner] = []
    if snapshot.fire in (Fire.ACTIVE, Fire.CLEARING):
        lines.append(Banner("bad", word("b_fire", lang)))
    if snapshot.problem is not None:
        lines.append(Banner("bad", word("b_problem", lang) + snapshot.problem.told(lang)))
    if snapshot.waiting is not None:
        why = ("；" if lang == "zh" else "; ").join(w.told(lang) for w in snapshot.waiting.why)
        lines.append(Banner("warn", word("b_saved", lang) + why))
    if snapshot.store_problem is not None:
        lines.append(Banner("bad", word("b_store", lang) + snapshot.store_problem.told(lang)))
    if snapshot.dry_run:
        lines.append(Banner("warn", word("b_dry", lang)))
    lines += _let_go(snapshot, lang)
    if snapshot.trial is not None:
        lines.append(Banner("info", snapshot.trial.told(lang)))
    if snapshot.clock_doubt is not None:
        lines.append(Banner("bad", snapshot.clock_doubt.told(lang)))
    elif snapshot.stopping:
        lines.append(Banner("info", word("b_stopping", lang)))
    elif not snapshot.ready:
        silent = word("b_silent", lang)
        named = [each.replace(_SILENT, silent) for each in snapshot.waiting_for]
        waiting = ("；" if lang == "zh" else "; ").join(named) or word("b_waiting_any", lang)
        lines.append(Banner("info", word("b_waiting", lang) + waiting))
    return lines


def _let_go(snapshot: Snapshot, lang: Lang) -> Iterator[Banner]:
    """A release by hand, with its end."""
    tz, names = ZoneInfo(snapshot.timezone), {zone.id: zone.name for zone in snapshot.zones}
    for release in snapshot.releases:
        places = [names.get(zone, zone) for zone in release.zones]
        where = ("、" if lang == "zh" else ", ").join(places[:_SHOWN_PLACES])
        if len(places) > _SHOWN_PLACES:
            whole = set(release.zones) >= set(names)
            where = word("r_building", lang) if whole else f"{where} + {len(places) - _SHOWN_PLACES}"
        until = clock(release.until, tz, snapshot.now)
        yield Banner("warn", word("b_released", lang).format(until, release.who, where, release.points))


def banners(snapshot: Snapshot, lang: Lang) -> list[Banner]:
    """What a person should see first where there is no room for a list: the same, and what is wrong in a line each."""
    lines = [*states(snapshot, lang), *_wrong(snapshot, lang)]
    return sorted(lines, key=lambda banner: ("bad", "warn", "info").index(banner.tone))


def _wrong(snapshot: Snapshot, lang: Lang) -> Iterator[Banner]:
    semicolon, comma = ("；", "、") if lang == "zh" else ("; ", ", ")
    if snapshot.fire == Fire.UNKNOWN:
        yield Banner("bad", word("b_fire?", lang))
    down = [d.name or d.id for d in snapshot.devices if not d.up and d.quarantine is None]
    if down and snapshot.ready:
        yield Banner("bad", word("b_devices", lang) + comma.join(down))
    strange = [device.name or device.id for device in snapshot.devices if device.quarantine is not None]
    if strange:
        yield Banner("bad", word("b_strange", lang) + comma.join(strange))
    for states in (True, False):
        if any(mismatch.states is states for mismatch in snapshot.mismatches):
            yield Banner("bad", _mismatched(snapshot, lang, states=states))
    elsewhere = [f"{d.name or d.id}: {d.elsewhere.told(lang)}" for d in snapshot.devices if d.elsewhere]
    if elsewhere:
        yield Banner("bad", word("b_elsewhere", lang) + semicolon.join(elsewhere))
    doubtful = [f"{t.point} ({t.why.told(lang)})" for d in snapshot.devices for t in d.doubtful]
    if doubtful:
        more = f" + {len(doubtful) - _SHOWN_DOUBTS}" if len(doubtful) > _SHOWN_DOUBTS else ""
        yield Banner("warn", word("b_doubtful", lang) + semicolon.join(doubtful[:_SHOWN_DOUBTS]) + more)
    if not snapshot.announced:
        yield Banner("info", word("b_calendar", lang))


NEWS_FOR = 24 * 3600.0
"""s of site time for which an updated configuration is told on the page; a site choice."""
_SHOWN_CHANGES = 12


@dataclass(frozen=True, slots=True)
class News:
    """What the configuration in force changed: `undo` where it can be taken back."""

    time: str
    by: str
    lines: tuple[str, ...]
    more: int
    undo: bool


def news(snapshot: Snapshot, lang: Lang) -> News | None:
    """The last update of the configuration, for a day; None where there was none."""
    told = snapshot.news
    if told is None or snapshot.now - told.at > NEWS_FOR:
        return None
    lines = tuple(change.told(lang) for change in told.changes[:_SHOWN_CHANGES])
    at = clock(told.at, ZoneInfo(snapshot.timezone), snapshot.now)
    return News(at, told.by, lines, len(told.changes) - len(lines), told.undo)


def _mismatched(snapshot: Snapshot, lang: Lang, *, states: bool) -> str:
    """Which points, and why; the first few of many."""
    found = [mismatch for mismatch in snapshot.mismatches if mismatch.states is states]
    comma, shown = ("；" if lang == "zh" else "; "), found[:SHOWN_MISMATCHES]
    said = comma.join(f"{m.point} ({m.said.told(lang)})" for m in shown)
    more = len(found) - len(shown)
    return (
        word("b_states" if states else "b_units", lang)
        + said
        + (word("b_units_more", lang).format(more) if more else "")
    )


def tiles(snapshot: Snapshot, lang: Lang) -> list[Tile]:
    """The building at a glance."""
    hvac = [z.hvac_on for z in snapshot.zones if z.has_hvac]
    lights = [z.lights_on for z in snapshot.zones if z.has_lights or z.escape_route]
    people = [z.occupied for z in snapshot.zones if z.has_occupancy]
    up = sum(device.up for device in snapshot.devices)
    of = "/ "
    return [
        _compliant(snapshot, lang),
        Tile(word("t_open", lang), str(sum(z.open for z in snapshot.zones)), f"{of}{len(snapshot.zones)}"),
        Tile(word("t_occupied", lang), str(people.count(True)), f"{of}{len(people)}"),
        Tile(word("t_hvac", lang), str(hvac.count(True)), f"{of}{len(hvac)}"),
        Tile(word("t_lights", lang), str(lights.count(True)), f"{of}{len(lights)}"),
        Tile(word("t_devices", lang), str(up), f"{of}{len(snapshot.devices)}",
             "" if up == len(snapshot.devices) else "bad", "#devices"),
        Tile(word("t_enforced", lang), f"{sum(snapshot.totals.enforcements.values()):,}", href="#events"),
    ]  # fmt: skip


def _compliant(snapshot: Snapshot, lang: Lang) -> Tile:
    """The share of what is measured that is within its limit. What nobody measures is named and never praised."""
    label, href = word("t_compliant", lang), "#rules"
    if Fire(snapshot.fire).owns_building:
        return Tile(label, DASH, word("t_fire", lang), "", href)
    states = [c for zone in snapshot.zones for c in zone.compliance.values()]
    wrong, unknown = states.count(False), states.count(None)
    judged = len(states) - unknown
    if not judged:
        return Tile(label, DASH, "", "", href)
    share = f"{100 * (judged - wrong) // judged} %"
    if wrong:
        return Tile(label, share, f"{wrong} {word('t_violations', lang)}", "bad", href)
    if unknown:
        return Tile(label, share, word("t_known_good", lang).format(unknown), "", href)
    return Tile(label, share, word("t_all_good", lang), "good", href)


def rule_lines(snapshot: Snapshot, lang: Lang) -> list[RuleLine]:
    """Each rule that applies somewhere, in order of precedence."""
    lines = []
    totals = snapshot.totals
    outside, enforced = _by_rule(totals.violation_seconds), _by_rule(totals.enforcements)
    idle = _by_rule(totals.set_but_off_seconds)
    for rule in RuleId:
        states = [zone.compliance[rule] for zone in snapshot.zones if rule in zone.compliance]
        if not states or rule in OPERATION:
            continue
        lines.append(
            RuleLine(
                rule.value,
                rule_title(rule, lang),
                clauses(rule, lang),
                states.count(True),
                states.count(False),
                states.count(None),
                duration(outside[rule], lang),
                duration(idle[rule], lang) if rule in OF_SETTINGS else "",
                int(enforced[rule]),
                not Fire(snapshot.fire).owns_building,
            )
        )
    return lines


def _by_rule(totals: Mapping[tuple[str, RuleId], float]) -> dict[RuleId, float]:
    """What was counted of each rule in all zones."""
    found = dict.fromkeys(RuleId, 0.0)
    for (_, rule), value in totals.items():
        found[rule] += value
    return found


def device_lines(snapshot: Snapshot, lang: Lang) -> list[tuple[DeviceStatus, Cell, str]]:
    """Each controller with its state and when it last answered."""
    tz = ZoneInfo(snapshot.timezone)
    lines = []
    for device in snapshot.devices:
        said = word("strange" if device.quarantine else "up" if device.up else "down", lang)
        told = device.quarantine or device.elsewhere or device.problem
        note = told.told(lang) if told is not None else ""
        habits = ("；" if lang == "zh" else "; ").join(habit.told(lang) for habit in device.habits)
        state = Cell(said, "bad" if note or not device.up else "warn" if habits else "on", note or habits)
        last = device.last_answer
        answer = (
            word("never", lang) if last is None else clock(last, tz, snapshot.now, seconds=True, never=DASH)
        )
        if not device.up and last is not None:
            answer += f" · {duration(snapshot.now - last, lang)}"
        lines.append((device, state, answer))
    return lines


def meter_lines(snapshot: Snapshot, lang: Lang) -> list[tuple[MeterStatus, str, str, Cell]]:
    """Each meter: what it counts, its reading in kWh or m³, its health."""
    lines = []
    for meter in snapshot.meters:
        unit, per = ("m³", 1.0) if meter.water else ("kWh", JOULES_PER_KWH)
        reading = "?" if meter.value is None else f"{meter.value / per:,.1f} {unit}"
        why = ("；" if lang == "zh" else "; ").join(trouble.told(lang) for trouble in meter.troubles)
        state = Cell(word("healthy", lang), "on") if meter.healthy else Cell(word("faulty", lang), "bad", why)
        subitem = "special_use" if meter.subitem == "special" else meter.subitem
        lines.append((meter, word(subitem, lang), reading, state))
    return lines


def hand_lines(snapshot: Snapshot, lang: Lang) -> list[HandLine]:
    """What people hold, what ends first, first."""
    tz = ZoneInfo(snapshot.timezone)
    names = {zone.id: zone.name for zone in snapshot.zones}
    return [
        HandLine(
            names.get(held.zone, held.zone),
            held.point,
            command(held.value, Role(held.role), zh=lang == "zh"),
            clock(held.until, tz, snapshot.now),
            held.who,
            held.why,
            "" if held.outranked is None else rule_title(held.outranked, lang),
        )
        for held in snapshot.by_hand
    ]


def event_lines(snapshot: Snapshot, lang: Lang, limit: int = SHOWN_EVENTS) -> list[EventLine]:
    """The last events, newest first."""
    tz = ZoneInfo(snapshot.timezone)
    names = {zone.id: zone.name for zone in snapshot.zones}
    return [event_line(event, tz, snapshot.now, names, lang) for event in reversed(snapshot.events[-limit:])]


def event_line(event: Event, tz: ZoneInfo, now: float, names: dict[str, str], lang: Lang) -> EventLine:
    """One event in words; a zone is shown by its name."""
    key = "device_event" if event.kind == "device" else event.kind
    kind = Cell(word(key, lang), EVENT_TONES.get(event.kind, ""))
    text = event.text.told(lang)
    time = clock(event.at, tz, now, seconds=True, never=DASH)
    point = event.point.removeprefix(f"{event.zone}/") if event.zone else event.point
    return EventLine(time, kind, names.get(event.zone, event.zone), point, event.rule, text)


def zone_events(snapshot: Snapshot, zone: str, lang: Lang, limit: int = SHOWN_EVENTS) -> list[EventLine]:
    """The last events of one zone, newest first."""
    tz = ZoneInfo(snapshot.timezone)
    own = [event for event in reversed(snapshot.events) if event.zone == zone][:limit]
    return [event_line(event, tz, snapshot.now, {}, lang) for event in own]
