"""The building in a terminal: a live table for the demo, plain lines where there is no terminal."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Final
from zoneinfo import ZoneInfo

import rich.console
from rich.box import SIMPLE_HEAD
from rich.columns import Columns
from rich.console import Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from config.phrase import Lang, columns, filled
from supervisor.telling import view
from supervisor.telling.rows import Cell, Row, rows
from supervisor.telling.snapshot import Event, Snapshot
from supervisor.telling.words import point_short, rule_short, word

EVENT_LINES: Final = 6
_HEADINGS: Final = 3
"""Lines of the table besides its zones: names of columns, the rule beneath, an empty line."""
_SPARE: Final = 2
"""For "+15 more", and for the line on which the cursor stands."""
ROOM_FOR_NEXT: Final = 110
"""Columns below which the next change is left out; below `ROOM_FOR_WHY` the reason keeps only its rule."""
ROOM_FOR_WHY: Final = 90
NARROW_WHY: Final = 20
"""Columns of the reason on a terminal of eighty."""
_ZONE: Final = 10
"""Columns that an event's zone has at least."""
_EVENT_HEAD: Final = 8 + 8 + 3 * 2
"""Columns of an event's time and kind, and of what parts them from the rest."""
_STYLES = {
    "on": "green", "off": "dim", "bad": "bold red", "warn": "yellow", "unknown": "bold yellow", "none": "dim",
    "base": "dim", "held": "",
}  # fmt: skip
_BANNERS = {"bad": "bold white on red", "warn": "black on yellow", "info": "white on blue"}


class Console:
    """Shows snapshots and events.

    On a terminal a live table (between `with`'s start and end); elsewhere one line an event. `lang` chooses
    the words, `elapsed` gives the wall seconds since the daemon's start.
    """

    def __init__(
        self,
        *,
        lang: Lang = "zh",
        console: rich.console.Console | None = None,
        elapsed: Callable[[], float] | None = None,
    ) -> None:
        began = time.monotonic()
        self._console = console or rich.console.Console()
        self._lang: Lang = lang
        self._elapsed = elapsed or (lambda: time.monotonic() - began)
        self._snapshot: Snapshot | None = None
        self._events: deque[Event] = deque(maxlen=EVENT_LINES)
        self.first_enforced: float | None = None
        """Wall seconds from the start to the first enforcement; None before it."""
        self._live: Live | None = None

    def __enter__(self) -> Console:
        if self._console.is_terminal:
            self._live = Live(console=self._console, auto_refresh=False, vertical_overflow="crop")
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def update(self, snapshot: Snapshot) -> None:
        """A new picture of the building. Without a terminal it is only remembered, for the events' words."""
        self._snapshot = snapshot
        if self._live is not None:
            self._live.update(self.picture(snapshot), refresh=True)

    def event(self, event: Event) -> None:
        """Something happened: shown with the next picture, or as a line of its own."""
        if event.kind == "enforced" and self.first_enforced is None:
            self.first_enforced = self._elapsed()
        self._events.append(event)
        if self._live is None:
            self._console.print(self._plain(event), soft_wrap=True, highlight=False, markup=False)

    def picture(self, snapshot: Snapshot) -> Group:
        """Header, table and last events, as wide and as high as the terminal."""
        banners = view.banners(snapshot, self._lang)
        shown = [
            Text(f" {b.text} ", style=_BANNERS[b.tone], overflow="ellipsis", no_wrap=True) for b in banners
        ]
        return Group(self._header(snapshot), *shown, self._table(snapshot), self._last_events(snapshot))

    def _header(self, snapshot: Snapshot) -> Panel:
        date, clock, _ = view.site_time(snapshot)
        pairs = [
            *view.facts(snapshot, self._lang),
            (self._t("speed"), f"×{snapshot.speed:g}"),
            (self._t("points"), f"{snapshot.points} ({self._t('stale')} {snapshot.stale_points})"),
            (self._t("enforced_n"), str(sum(snapshot.totals.enforcements.values()))),
        ]
        if self.first_enforced is not None:
            pairs.append((self._t("first_enforced"), f"{self.first_enforced:.1f} s"))
        time_of_day = Text.assemble((clock, "bold cyan"), " ", (date, "dim"))
        shown = [Text.assemble((f"{label} ", "dim"), (value, "bold")) for label, value in pairs]
        line = Columns([time_of_day, *shown], padding=(0, 3, 0, 0))
        title = Text.assemble((snapshot.name, "bold"), f" · {snapshot.building}")
        return Panel(line, title=title, title_align="left", border_style="cyan", padding=(0, 1))

    def _table(self, snapshot: Snapshot) -> Table:
        width = self._console.width
        narrow = width < ROOM_FOR_WHY
        table = Table(
            box=SIMPLE_HEAD,
            expand=True,
            pad_edge=False,
            padding=(0, 0, 0, 1) if narrow else (0, 1),
            header_style="bold dim",
        )
        table.add_column(self._t("zone"), no_wrap=True, min_width=12, max_width=14 if narrow else None)
        for key in ("temperature", "set_short" if narrow else "setpoint"):
            table.add_column(self._t(key), justify="right", no_wrap=True)
        for key in ("people", "window", "hvac", "lights"):
            table.add_column(self._t(key), no_wrap=True)
        table.add_column(self._t("why_short"), no_wrap=True, overflow="ellipsis", ratio=3)
        if width >= ROOM_FOR_NEXT:
            table.add_column(self._t("next"), no_wrap=True, overflow="ellipsis", ratio=2)
        shown = list(rows(snapshot, self._lang))
        shown_now = _most_telling(shown, self._room(snapshot))
        for row in shown_now:
            table.add_row(*self._cells(row, width))
        if left := len(shown) - len(shown_now):
            table.add_row(Text(self._t("more").format(n=left), style="dim"))
        return table

    def _room(self, snapshot: Snapshot) -> int:
        """Zones for which the terminal has lines: those that are left by header, banners, headings and events."""
        above = len(self._console.render_lines(self._header(snapshot))) + len(
            view.banners(snapshot, self._lang)
        )
        return max(3, self._console.height - above - _HEADINGS - EVENT_LINES - _SPARE)

    def _cells(self, row: Row, width: int) -> list[Text]:
        states = (row.temperature, row.setpoint, row.people, row.window, row.hvac, row.lights)
        cells = [Text(row.name, style="bold" if not row.closed else "dim"), *map(_styled, states)]
        cells.append(self._why(row, width))
        if width >= ROOM_FOR_NEXT:
            cells.append(Text.assemble((row.next_at, "bold"), " ", (row.next_what, "dim")))
        return cells

    def _why(self, row: Row, width: int) -> Text:
        """What is wrong first, then who holds the point, then the rules that decide."""
        narrow, lang = width < ROOM_FOR_WHY, self._lang
        bad = _STYLES["bad"]
        out = "✗" if narrow and lang == "en" else self._t("out")
        parts = [Text(f"{out} {rule_short(wrong.text, lang)}", style=bad) for wrong in row.violations]
        parts += [
            Text(trouble.text if narrow else f"{trouble.text} {trouble.note}", style=bad)
            for trouble in row.troubles
        ]
        parts += [Text(badge.text, style="yellow") for badge in row.badges if badge.tone == "warn"]
        for line in row.whys:
            rule, style = rule_short(line.rule, lang), _STYLES.get(line.tone, "")
            # The columns of a narrow table say what is off; a rule's English id leaves no room for it again.
            what = "" if narrow and lang == "en" else f"{line.what} "
            parts.append(Text(f"{what}{rule}" if narrow else f"{what}{rule} {line.reason}", style=style))
        return _as_many(parts, NARROW_WHY) if narrow else Text("  ").join(parts)

    def _last_events(self, snapshot: Snapshot) -> Table:
        table = Table.grid(padding=(0, 2))
        for least in (8, 8, _ZONE):  # time, kind and zone are read before the rest
            table.add_column(no_wrap=True, min_width=least, overflow="ellipsis")
        table.add_column(no_wrap=True, overflow="ellipsis")
        tz, names = ZoneInfo(snapshot.timezone), {zone.id: zone.name for zone in snapshot.zones}
        narrow = self._console.width < ROOM_FOR_WHY
        events = list(self._events) or list(snapshot.events[-EVENT_LINES:])
        for event in reversed(events):
            line = view.event_line(event, tz, snapshot.now, names, self._lang)
            zone = line.zone
            if narrow:
                room = self._console.width - _EVENT_HEAD - max(_ZONE, columns(zone))
                unit = point_short(line.point, self._lang)
                what = Text(_words_within(f"{unit}  {line.text}" if line.point else line.text, room))
            else:
                rule = rule_short(line.rule, self._lang)
                point = f"{line.point}  " if line.point else ""
                what = Text.assemble((point, "dim"), line.text, "  ", (rule, "dim"))
            table.add_row(Text(line.time, style="dim"), _styled(line.kind), Text(zone, style="bold"), what)
        return table

    def _plain(self, event: Event) -> Text:
        """`10:10:00 enforced f2-office-203/fcu/start_stop off: … [window-off]`: ids, to be searched."""
        tz = ZoneInfo(self._snapshot.timezone) if self._snapshot is not None else ZoneInfo("UTC")
        now = self._snapshot.now if self._snapshot is not None else event.at
        line = view.event_line(event, tz, now, {}, self._lang)
        parts = [
            line.time,
            line.kind.text,
            event.point or event.zone,
            line.text,
            f"[{line.rule}]" if line.rule else "",
        ]
        return Text(" ".join(part for part in parts if part))

    def _t(self, key: str) -> str:
        return word(key, self._lang)


def _as_many(parts: list[Text], room: int) -> Text:
    """As many as stand whole in some columns, the first in any case, and how many more there are."""
    shown, used = 1, columns(parts[0].plain) if parts else 0
    for part in parts[1:]:
        used += 2 + columns(part.plain)
        if used > room - (3 if shown + 1 < len(parts) else 0):
            break
        shown += 1
    left = len(parts) - shown
    return Text("  ").join([*parts[:shown], *([Text(f"+{left}", style="dim")] if left > 0 else [])])


def _words_within(text: str, room: int) -> str:
    """A line of whole words: what does not fit is left out, and a mark says so."""
    if columns(text) <= room:
        return text
    first = filled(text.replace("  ", "\x01"), room - 2).partition("\n")[0]
    return f"{first} …".replace("\x01", "  ")


def _styled(cell: Cell) -> Text:
    return Text(cell.text, style=_STYLES.get(cell.tone, ""))


def _most_telling(shown: list[Row], room: int) -> list[Row]:
    """All zones where they fit; else those with something to tell, in the site's order."""
    if len(shown) <= room:
        return shown
    ranked = sorted(shown, key=lambda row: (not row.violations, not row.whys, row.closed, row.index))
    return sorted(ranked[:room], key=lambda row: row.index)
