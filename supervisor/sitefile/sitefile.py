"""A site file with everything it names: its own problems first, then those of the calendar files beside it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from config.load import Loaded
from config.load import load as load_alone
from config.load import load_text as load_text_alone
from config.phrase import same
from config.problems import Problem, Severity, dotted, ok
from config.source import read_source
from schedules.days import calendar_problems
from supervisor.sitefile.arms import draft_problems

_HINT = "mend that file, or take it out of this list; its path counts from the site file's folder"
_PLACE_HINTS = {
    "calendar.country": "two capital letters of ISO 3166, like CN",
    "season.weather": "an EPW file of the place's typical year; its path counts from the site file's folder",
    "calendar.subdivision": "state or province as ISO 3166-2 writes it after the country: CA, BY, or leave it out",
}


def load(path: Path | str, today: dt.date | None = None) -> Loaded:
    """As `config.load.load`, and a calendar file that cannot be used is a problem of the line that names it."""
    return _with_draft(_with_calendars(load_alone(path, today)))


def load_text(text: str, source: str, today: dt.date | None = None) -> Loaded:
    """The same from a text that is, or once was, in the file `source`."""
    return _with_draft(_with_calendars(load_text_alone(text, source, today)))


def _with_draft(loaded: Loaded) -> Loaded:
    """And a draft that cannot be an arm of the trial is a problem of the line that names it."""
    site = loaded.site
    found = list(draft_problems(site)) if site is not None else []
    if site is None or not found:
        return loaded
    tree = read_source(loaded.text.encode(), site.source).tree
    assert tree is not None  # there is no site without one
    node, real = tree.find(("trial", "compare"))
    problems = loaded.problems + [
        Problem(site.source, node.at.line, node.at.column, dotted(real), each.message, each.hint, width=node.at.width)
        for each in found
    ]  # fmt: skip
    problems.sort(key=lambda p: (p.line, p.column))
    return Loaded(None, problems, loaded.text)


def _with_calendars(loaded: Loaded) -> Loaded:
    site = loaded.site
    if site is None:
        return loaded
    found = list(calendar_problems(site))
    if not found:
        return loaded
    tree = read_source(loaded.text.encode(), site.source).tree
    assert tree is not None  # there is no site without one
    problems = list(loaded.problems)
    for each in found:
        node, real = tree.find(each.path)
        place = dotted(real)
        hint = each.hint or _PLACE_HINTS.get(place, _HINT)
        severity = Severity.WARNING if each.warning else Severity.ERROR
        problems.append(
            Problem(
                site.source, node.at.line, node.at.column, place, same(each.message), same(hint), severity,
                width=node.at.width,
            )
        )  # fmt: skip
    problems.sort(key=lambda p: (p.line, p.column))
    return Loaded(site if ok(problems) else None, problems, loaded.text)
