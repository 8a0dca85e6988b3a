"""Plain data → the models of the site file.

A file with problems still yields models of its sound parts, so that what is wrong with their meaning is
reported at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.codes import Coded
from config.file import SiteFile
from config.looser import settle_exempt
from config.meant.settle import settle
from config.phrase import Phrase, same
from config.problems import MAX_PROBLEMS, NO_REMEDY, Path, Problem, dotted
from config.source import Mark, Source, Tree
from config.wording import Said, words

STAND_IN = "?"
"""Fills a required reference that is missing, so that the rest of its section can be checked."""

_STAND_INS: dict[str, Any] = {
    "version": "1",
    "building": "unnamed",
    "timezone": "UTC",
    "hours": STAND_IN,
    "until": "9999-12-31",
    "reason": STAND_IN,
    "approver": STAND_IN,
    "name": STAND_IN,
}
_SECTION_STAND_INS: dict[str, Any] = {
    "hours": {"stand-in": {}},
    "zones": {"stand-in": {"hours": STAND_IN}},
    "devices": {"stand-in": {"instance": "0"}},
}
_ROUNDS = 12


@dataclass(slots=True)
class Structure:
    """The models of a file's sound parts."""

    file: SiteFile
    kept: dict[Path, list[int]] = field(default_factory=dict)
    """For lists that lost broken items: the original positions of those that are left."""

    def original(self, path: Path) -> Path:
        """A path in the models → the path in the file as it is written."""
        return _original(path, self.kept)


def _original(path: Path, kept: dict[Path, list[int]]) -> Path:
    out: Path = ()
    for part in path:
        positions = kept.get(out)
        out = (*out, positions[part] if positions is not None and isinstance(part, int) else part)
    return out


def build(source: Source) -> Structure | None:
    """The models, with structural problems appended to the source's. None where nothing is left to check.

    Only the first round is reported: what later rounds find follows from the mending.
    """
    if source.tree is None:
        return None
    settle(source)
    data = source.tree.plain()
    settle_exempt(source, data)
    kept: dict[Path, list[int]] = {}
    for turn in range(_ROUNDS):
        try:
            return Structure(SiteFile.model_validate(data), kept)
        except ValidationError as error:
            details = error.errors(include_url=False)
        if turn == 0:
            _report_all(source, source.tree, details)
        _mend(data, details, kept)
    return None


def _report_all(source: Source, tree: Tree, details: list[ErrorDetails]) -> None:
    """Those that will be shown, in words; those behind them in the file as they are, for they are only counted."""
    told: set[tuple[Path, str]] = set()
    within = {loc[:n] for loc in (tuple(d["loc"]) for d in details) for n in range(1, len(loc))}
    details = [
        d for d in details if d["type"] != "too_short" or tuple(d["loc"]) not in within
    ]  # its items are said
    named = {p.path for p in source.problems if p.is_error}  # whatever sign of it is wrong is the cause
    for each in sorted((_Found.of(tree, d) for d in details), key=lambda f: (f.at.line, f.at.column)):
        if dotted(each.path) in named and each.detail["type"] != "extra_forbidden":
            continue
        worded = len(told) <= MAX_PROBLEMS
        said, remedy = each.words() if worded else (Coded("other", *same(each.detail["msg"])), NO_REMEDY)
        told.add((each.path, said.en))
        line, column, width = each.at
        source.problems.append(
            Problem(source.file, line, column, dotted(each.path), said, remedy, width=width)
        )


class _Found(NamedTuple):
    """One of pydantic's errors, and where in the file it stands."""

    detail: ErrorDetails
    parts: Path
    """Where it looked."""
    path: Path
    """What of that is in the file, and what is missing there."""
    at: Mark
    text: str | None
    """What is written there; None where the error is one of the key."""

    @classmethod
    def of(cls, tree: Tree, detail: ErrorDetails) -> _Found:
        loc = tuple(detail["loc"])
        parts = tuple(p for p in loc if p != "[key]")
        missing = detail["type"] == "missing"
        node, path = tree.find(parts)
        on_key = loc[-1:] == ("[key]",) or missing or detail["type"] == "extra_forbidden"
        text = None if on_key else node.text
        if detail["input"] is None and not missing:
            on_key = True
        at = node.key if on_key and node.key is not None else node.at
        return cls(detail, parts, (*path, parts[-1]) if missing else path, at, text)

    def words(self) -> Said:
        """Message and hint."""
        if self.detail["input"] is None and self.detail["type"] != "missing":
            return (
                Coded("missing", "nothing is written here", "此处什么也没写"),
                Phrase("write a value, or delete the key", "写上值，或删去此键"),
            )
        return words(self.detail, self.parts, self.text)


def _mend(data: Any, details: list[ErrorDetails], kept: dict[Path, list[int]]) -> None:
    """Fill in what is missing where that is harmless, else take the broken part out."""
    broken: set[Path] = set()
    for detail in details:
        loc = tuple(p for p in detail["loc"] if p != "[key]")
        below, path = _deepest(data, loc)
        name = str(loc[-1])
        if detail["type"] == "missing" and len(loc) == 1:
            data[name] = _SECTION_STAND_INS.get(name, _STAND_INS.get(name))
        elif detail["type"] == "missing" and name in _STAND_INS and isinstance(below, dict):
            below[name] = _STAND_INS[name]
        elif path:
            broken.add(path)
    for path in sorted(broken, key=_order, reverse=True):
        _drop(data, path, kept)


def _order(path: Path) -> list[tuple[int, str]]:
    """Sorts deeper parts, and later items of a list, last."""
    return [(part, "") if isinstance(part, int) else (-1, part) for part in path]


def _deepest(data: Any, loc: Path) -> tuple[Any, Path]:
    """The deepest value along a location that is in the data, and its path."""
    path: Path = ()
    for part in loc:
        inside = (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        )
        if inside:
            data = data[part]
            path = (*path, part)
    return data, path


def _drop(data: Any, path: Path, kept: dict[Path, list[int]]) -> None:
    for part in path[:-1]:
        data = data[part]
    last = path[-1]
    if isinstance(data, list) and isinstance(last, int):
        kept.setdefault(_original(path[:-1], kept), list(range(len(data)))).pop(last)
        data.pop(last)
    else:
        data.pop(last)
