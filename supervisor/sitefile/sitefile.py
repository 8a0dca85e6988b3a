"""A site file with everything it names: its own problems first, then those of the calendar files beside it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from config.codes import Coded
from config.loaded import Loaded
from config.phrase import Phrase
from config.problems import Problem, Severity, dotted, ok
from schedules.days import calendar_problems
from supervisor.sitefile.arms import draft_problems

_HINT = Phrase(
    "mend that file, or take it out of this list; its path counts from the site file's folder",
    "请改正该文件，或从列表中去掉；路径相对站点文件所在目录",
)
_PLACE_HINTS = {
    "calendar.country": Phrase("two capital letters of ISO 3166, like CN", "ISO 3166 的两个大写字母，如 CN"),
    "season.weather": Phrase(
        "an EPW file of the place's typical year; its path counts from the site file's folder",
        "当地典型年的 EPW 文件；路径相对站点文件所在目录",
    ),
    "calendar.subdivision": Phrase(
        "state or province as ISO 3166-2 writes it after the country: CA, BY, or leave it out",
        "ISO 3166-2 中国家之后的州或省代码，如 CA、BY；也可不写",
    ),
}


def load(path: Path | str, today: dt.date | None = None) -> Loaded:
    """As `config.load.load`, and a calendar file that cannot be used is a problem of the line that names it."""
    from config.load import load as load_alone  # what reads a file is no small thing to keep

    return _with_draft(_with_calendars(load_alone(path, today)))


def load_text(text: str, source: str, today: dt.date | None = None) -> Loaded:
    """The same from a text that is, or once was, in the file `source`."""
    from config.load import load_text as load_text_alone

    return _with_draft(_with_calendars(load_text_alone(text, source, today)))


def _with_draft(loaded: Loaded) -> Loaded:
    """And a draft that cannot be an arm of the trial is a problem of the line that names it."""
    site = loaded.site
    found = list(draft_problems(site)) if site is not None else []
    if site is None or not found:
        return loaded
    from config.source import read_source

    tree = read_source(loaded.text.encode(), site.source).tree
    assert tree is not None  # there is no site without one
    node, real = tree.find(("trial", "compare"))
    problems = loaded.problems + [
        Problem(site.source, node.at.line, node.at.column, dotted(real), Coded("trial", *each.message), each.hint, width=node.at.width)
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
    from config.source import read_source

    tree = read_source(loaded.text.encode(), site.source).tree
    assert tree is not None  # there is no site without one
    problems = list(loaded.problems)
    for each in found:
        node, real = tree.find(each.path)
        place = dotted(real)
        hint = each.hint if each.hint.en else _PLACE_HINTS.get(place, _HINT)
        severity = Severity.WARNING if each.warning else Severity.ERROR
        problems.append(
            Problem(
                site.source, node.at.line, node.at.column, place, Coded("calendar", *each.message), hint, severity,
                width=node.at.width,
            )
        )  # fmt: skip
    problems.sort(key=lambda p: (p.line, p.column))
    return Loaded(site if ok(problems) else None, problems, loaded.text)
