"""YAML text → plain data in which every key and value remembers its place in the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from config.problems import Path, Problem, dotted
from config.syntax import INDENT, syntax_problem

MAX_BYTES = 2_000_000
"""A site of 10,000 zones stays below this. Parsing takes about 5 s a megabyte."""
MAX_NODES = 500_000
"""Values after aliases are expanded: a file that multiplies itself stops here."""
MAX_DEPTH = 40
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_CORE_TAG = "tag:yaml.org,2002:"
Data: TypeAlias = Any
"""Nested dict, list, str and None: scalars stay the text that was written; the models say what they mean."""


class Mark(NamedTuple):
    """A place in the file, from 1, and how many characters it covers on its line."""

    line: int
    column: int
    width: int = 1


TOP = Mark(1, 1)


@dataclass(slots=True)
class Tree:
    """A value, its mark, the mark of its key, and its children by key or list position."""

    at: Mark
    key: Mark | None = None
    text: str | None = None
    children: dict[str, Tree] | list[Tree] | None = None

    def child(self, part: str | int) -> Tree | None:
        """The child under a key or list position, or None."""
        if isinstance(self.children, dict) and isinstance(part, str):
            return self.children.get(part)
        if isinstance(self.children, list) and isinstance(part, int) and 0 <= part < len(self.children):
            return self.children[part]
        return None

    def find(self, path: Path) -> tuple[Tree, Path]:
        """The deepest node along a path, and its own path: parts that are not in the file are skipped."""
        node, real = self, []
        for part in path:
            below = node.child(part)
            if below is not None:
                node = below
                real.append(part)
        return node, tuple(real)

    def plain(self) -> Data:
        """The data alone."""
        if isinstance(self.children, dict):
            return {k: v.plain() for k, v in self.children.items()}
        if isinstance(self.children, list):
            return [v.plain() for v in self.children]
        return self.text


@dataclass(slots=True)
class Source:
    """A site file that was read: its name, text, tree (None where it could not be read) and problems."""

    file: str
    text: str
    tree: Tree | None = None
    problems: list[Problem] = field(default_factory=list)


def read_source(data: bytes, file: str) -> Source:
    """Decode and parse a file's bytes. Never raises; what is wrong is in `problems`."""
    text, problem = _decode(data, file)
    source = Source(file, text)
    if problem is not None:
        source.problems.append(problem)
        return source
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.composer.warn_double_anchors = False  # an anchor may be used again; nobody reads stderr here
        node = yaml.compose(text)
    except RecursionError:
        source.problems.append(
            Problem(file, 1, 1, "", "values are nested too deep to be a site file", INDENT)
        )
    except MarkedYAMLError as error:
        source.problems.append(syntax_problem(error, file, text))
    except ReaderError as error:
        line, column = _position(text, error.position)
        message = f"the character U+{_code(error.character):04X} is not allowed in YAML"
        source.problems.append(Problem(file, line, column, "", message, "delete it, or write it in quotes"))
    except (YAMLError, ValueError) as error:
        first = str(error).strip().splitlines()[0]
        source.problems.append(Problem(file, 1, 1, "", f"not readable as YAML: {first}", INDENT))
    else:
        _build(source, node)
    return source


def too_large(size: int, file: str) -> Problem:
    """The problem of a file of `size` bytes, which no site file has."""
    message = f"the file is {size / 1e6:.1f} MB; a site file has at most {MAX_BYTES / 1e6:.0f} MB"
    return Problem(file, 1, 1, "", message, "is this the right file?")


def _code(character: object) -> int:
    return character if isinstance(character, int) else ord(str(character)[0])


def _position(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _decode(data: bytes, file: str) -> tuple[str, Problem | None]:
    if len(data) > MAX_BYTES:
        return "", too_large(len(data), file)
    if b"\0" in data[:8192]:
        hint = "a site file is plain text; save it as UTF-8 text, not as a spreadsheet, document or UTF-16"
        return "", Problem(file, 1, 1, "", "this is a binary file, not text", hint)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8", errors="replace")
        line, column = _position(good, len(good))
        message = f"not UTF-8: byte 0x{data[error.start]:02X} at offset {error.start}"
        hint = "save the file in the encoding UTF-8 (in Notepad: Save as, Encoding, UTF-8)"
        return data.decode("utf-8", errors="replace"), Problem(file, line, column, "", message, hint)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return text, Problem(file, 1, 1, "", "the file is empty", _START)
    return text, None


_START = "start from a copy of config/examples/office.yaml"


class _Refused(Exception):
    """The file cannot become data."""

    def __init__(self, node: Node, path: Path, message: str, hint: str) -> None:
        super().__init__(message)
        self.node, self.path, self.message, self.hint = node, path, message, hint


def _mark(node: Node) -> Mark:
    start, end = node.start_mark, node.end_mark
    width = end.column - start.column if end.line == start.line else 1
    return Mark(start.line + 1, start.column + 1, max(1, width))


def _build(source: Source, node: Node | None) -> None:
    if node is None:
        source.problems.append(Problem(source.file, 1, 1, "", "the file has nothing but comments", _START))
        return
    if not isinstance(node, MappingNode):
        what = "a list" if isinstance(node, SequenceNode) else "a single value"
        at = _mark(node)
        hint = "a site file begins with keys, like `version: 1` and `building: town-hall`"
        message = f"the file is {what} at the top; it must be keys with values"
        source.problems.append(Problem(source.file, at.line, at.column, "", message, hint))
        return
    try:
        source.tree = _Builder(source).tree(node, (), frozenset())
    except _Refused as refused:
        at = _mark(refused.node)
        source.problems.append(
            Problem(source.file, at.line, at.column, dotted(refused.path), refused.message, refused.hint)
        )


class _Builder:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.count = 0

    def report(self, at: Mark, path: Path, message: str, hint: str) -> None:
        self.source.problems.append(
            Problem(self.source.file, at.line, at.column, dotted(path), message, hint, width=at.width)
        )

    def tree(self, node: Node, path: Path, above: frozenset[int]) -> Tree:
        self.count += 1
        if self.count > MAX_NODES:
            raise _Refused(
                node, path, "aliases multiply this file beyond any building", "use fewer `*aliases`"
            )
        if id(node) in above:
            raise _Refused(node, path, "this anchor contains itself", "write the value out")
        if len(above) > MAX_DEPTH:
            raise _Refused(node, path, "values are nested too deep to be a site file", INDENT)
        at = _mark(node)
        tag = str(node.tag or "")
        if tag and not tag.startswith(_CORE_TAG):
            self.report(at, path, f"the tag {tag} means nothing here", "delete it")
        below = above | {id(node)}
        if isinstance(node, MappingNode):
            return Tree(at, children=self.mapping(node, path, below))
        if isinstance(node, SequenceNode):
            return Tree(at, children=[self.tree(v, (*path, i), below) for i, v in enumerate(node.value)])
        assert isinstance(node, ScalarNode)
        empty = not node.style and node.value in _NULLS
        return Tree(at, text=None if empty else str(node.value))

    def mapping(self, node: MappingNode, path: Path, above: frozenset[int]) -> dict[str, Tree]:
        children: dict[str, Tree] = {}
        merged: list[Tree] = []
        for key_node, value_node in node.value:
            at = _mark(key_node)
            if not isinstance(key_node, ScalarNode):
                self.report(
                    at, path, "a key must be a word, not a list or a mapping", "quote it, if it is meant"
                )
                continue
            key = str(key_node.value)
            if key == "<<" and not key_node.style:
                merged += self.merged(value_node, path, above)
                continue
            if key in children:
                first = children[key].key
                assert first is not None
                hint = f"it is already in line {first.line}; keep one of the two"
                self.report(at, (*path, key), f"the key `{key}` is written twice", hint)
                continue
            child = self.tree(value_node, (*path, key), above)
            child.key = at
            children[key] = child
        for tree in merged:
            assert isinstance(tree.children, dict)
            for key, child in tree.children.items():
                children.setdefault(key, child)
        return children

    def merged(self, node: Node, path: Path, above: frozenset[int]) -> list[Tree]:
        nodes = node.value if isinstance(node, SequenceNode) else [node]
        if not all(isinstance(n, MappingNode) for n in nodes):
            self.report(_mark(node), path, "`<<` merges keys of an anchor; this has none", "delete it")
            return []
        return [self.tree(n, path, above) for n in nodes]
