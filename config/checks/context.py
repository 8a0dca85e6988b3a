"""What every check needs: the models, the resolved site, and a way to report at a place of the file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Final

from config.codes import Coded
from config.file import SiteFile
from config.phrase import Phrase
from config.problems import NO_REMEDY, Path, Problem, Severity, did_you_mean, dotted
from config.resolve import Resolved
from config.site import Site
from config.source import Source, Tree
from config.structure import STAND_IN, Structure

DEVICE: Final = Phrase("device", "控制器")
METER: Final = Phrase("meter", "计量表")
ZONE: Final = Phrase("zone", "区域")
HOURS: Final = Phrase("group of opening hours", "开放时间组")
TEMPLATE: Final = Phrase("template", "模板")
FROM_HERE: Final = Phrase("the path counts from the folder of the site file", "路径以站点文件所在目录为准")
DELETE: Final = Phrase("delete it", "请删去")
MEANT: Final = Phrase("is this meant?", "是否有意如此？")
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

    def error(self, path: Path, said: Coded, remedy: Phrase, *, key: bool = False) -> None:
        """Report an error at the value of a path in the models, or at its key."""
        self._report(path, said, remedy, key, Severity.ERROR)

    def warn(self, path: Path, said: Coded, remedy: Phrase, *, key: bool = False) -> None:
        """Report a warning."""
        self._report(path, said, remedy, key, Severity.WARNING)

    def note(self, path: Path, said: Coded, remedy: Phrase, *, key: bool = False) -> None:
        """Report what is so, and asks nothing of anybody."""
        self._report(path, said, remedy, key, Severity.NOTE)

    def _report(self, path: Path, said: Coded, remedy: Phrase, key: bool, severity: Severity) -> None:
        node, found = self.tree.find(self.structure.original(path))
        at = node.key if key and node.key is not None else node.at
        self.source.problems.append(
            Problem(self.source.file, at.line, at.column, dotted(found), said, remedy, severity, at.width)
        )

    def broken(self, *path: str | int) -> bool:
        """True where a problem at or beneath a path is already reported."""
        return dotted(self.structure.original(path)) in self._index.follow(self.source.problems)

    def written(self, *path: str | int) -> bool:
        """True where the file says something at this path, sound or not. A key left empty says nothing."""
        whole = self.structure.original(path)
        node, found = self.tree.find(whole)
        return found == whole and (node.text is not None or node.children is not None)

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

    def known(self, name: str, section: str, what: Phrase, path: Path, *, key: bool = False) -> bool:
        """Report a name that its section does not define. True where there is nothing to report."""
        names = self.names(section)
        if names is None or name == STAND_IN or name in names:
            return True
        said = Coded("unknown-name", f"there is no {what.en} `{name}`", f"没有{what.zh} `{name}`")
        self.error(path, said, self._hint(name, section, names), key=key)
        return False

    def exists(self, path: Path, name: str, what: Phrase = NO_REMEDY) -> None:
        """Report a named file that is not there, or is a folder, a pipe or a device."""
        if not is_file(name):
            hint = Phrase(f"{what.en}{FROM_HERE.en}", f"{what.zh}{FROM_HERE.zh}")
            self.error(path, no_file(name), hint)

    def _hint(self, name: str, section: str, names: set[str]) -> Phrase:
        """The name that was meant, while likening costs no more than anybody would wait for."""
        index = self._index
        index.likened += len(names)
        if index.likened > _MOST_LIKENED:
            return Phrase(f"see the names under `{section}:`", f"参看 `{section}:` 下的名称")
        return did_you_mean(name, names)


def delete(key: str) -> Phrase:
    """A hint: take a key out."""
    return Phrase(f"delete `{key}`", f"请删去 `{key}`")


def no_file(name: str) -> Coded:
    """What is said of a named file that is not there."""
    return Coded("missing-file", f"there is no file {name}", f"没有文件 {name}")


def is_file(name: str) -> bool:
    """Whether a file of that name is there, and no folder, pipe or device."""
    try:
        return FilePath(name).is_file()
    except (OSError, ValueError):  # a name that is too long, or has a byte of zero
        return False
