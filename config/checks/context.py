"""What every check needs: the models, the resolved site, and a way to report at a place of the file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TypeAlias

from config.file import SiteFile
from config.problems import Path, Problem, Severity, did_you_mean, dotted
from config.resolve import Resolved
from config.site import Site
from config.source import Source, Tree
from config.structure import STAND_IN, Structure

Said: TypeAlias = tuple[str, str]
"""A message and its hint."""
REQUIRED = {name for name, info in SiteFile.model_fields.items() if info.is_required()}
"""Sections whose absence is a problem by itself: what refers to them is not reported on top."""


_MOST_LIKENED = 50_000
"""Names that unknown ones are compared with, for hints, in one check: some three seconds. A file whose every reference
is wrong would take hours; the first ones are likened, the others told without."""


@dataclass(slots=True)
class _Index:
    """What the checks look up again and again, kept so that a file of 50,000 mistakes takes seconds."""

    spoilt: set[str] = field(default_factory=set)
    """Paths at or beneath which a problem is reported."""
    seen: int = 0
    """How many of the source's problems are in it."""
    names: dict[str, set[str] | None] = field(default_factory=dict)
    """Names that a section defines."""
    likened: int = 0

    def follow(self, problems: list[Problem]) -> set[str]:
        """Take in the problems that were reported since, each with the paths above it."""
        for problem in problems[self.seen :]:
            path = problem.path
            self.spoilt.add(path)
            self.spoilt.update(path[:end] for end, sign in enumerate(path) if sign in ".[")
        self.seen = len(problems)
        return self.spoilt


@dataclass(frozen=True)
class Context:
    """One check of one file."""

    source: Source
    structure: Structure
    resolved: Resolved
    today: dt.date
    _index: _Index = field(default_factory=_Index, compare=False)

    @property
    def file(self) -> SiteFile:
        """The models of the file's sound parts."""
        return self.structure.file

    @property
    def site(self) -> Site:
        """The site they resolve to."""
        return self.resolved.site

    @property
    def tree(self) -> Tree:
        """The file as written."""
        assert self.source.tree is not None  # there is no structure without a tree
        return self.source.tree

    def error(self, path: Path, message: str, hint: str, *, key: bool = False, zh: Said = ("", "")) -> None:
        """Report an error at the value of a path in the models, or at its key; `zh` is message and hint in Chinese."""
        self._report(path, message, hint, key, Severity.ERROR, zh)

    def warn(self, path: Path, message: str, hint: str, *, key: bool = False, zh: Said = ("", "")) -> None:
        """Report a warning."""
        self._report(path, message, hint, key, Severity.WARNING, zh)

    def _report(self, path: Path, message: str, hint: str, key: bool, severity: Severity, zh: Said) -> None:
        node, found = self.tree.find(self.structure.original(path))
        at = node.key if key and node.key is not None else node.at
        self.source.problems.append(
            Problem(
                self.source.file, at.line, at.column, dotted(found), message, hint, severity, at.width, *zh
            )
        )

    def broken(self, *path: str | int) -> bool:
        """True where a problem at or beneath a path is already reported."""
        return dotted(self.structure.original(path)) in self._index.follow(self.source.problems)

    def written(self, *path: str | int) -> bool:
        """True where the file has this path, sound or not."""
        whole = self.structure.original(path)
        return self.tree.find(whole)[1] == whole

    def names(self, section: str) -> set[str] | None:
        """The names that a section defines, broken entries included. None where it cannot be known."""
        if section not in self._index.names:
            self._index.names[section] = self._names(section)
        return self._index.names[section]

    def _names(self, section: str) -> set[str] | None:
        node = self.tree.child(section)
        if node is None or (node.text is None and node.children is None):
            return None if section in REQUIRED else set()
        return set(node.children) if isinstance(node.children, dict) else None

    def known(self, name: str, section: str, what: str, path: Path, *, key: bool = False) -> bool:
        """Report a name that its section does not define. True where there is nothing to report."""
        names = self.names(section)
        if names is None or name == STAND_IN or name in names:
            return True
        self.error(path, f"there is no {what} `{name}`", self._hint(name, section, names), key=key)
        return False

    def exists(self, path: Path, name: str, what: str = "") -> None:
        """Report a named file that is not there, or is a folder, a pipe or a device."""
        if not is_file(name):
            hint = f"{what}the path counts from the folder of the site file"
            self.error(path, f"there is no file {name}", hint)

    def _hint(self, name: str, section: str, names: set[str]) -> str:
        """The name that was meant, while likening costs no more than anybody would wait for."""
        index = self._index
        index.likened += len(names)
        if index.likened > _MOST_LIKENED:
            return f"see the names under `{section}:`"
        return did_you_mean(name, names)


def is_file(name: str) -> bool:
    """Whether a file of that name is there, and no folder, pipe or device."""
    try:
        return FilePath(name).is_file()
    except (OSError, ValueError):  # a name that is too long, or has a byte of zero
        return False
