"""YAML text → plain data in which every key and value remembers its place in the file."""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from config.codes import Coded
from config.phrase import Phrase
from config.problems import Path, Problem, Severity, dotted
from config.signs.edits import Mended, Slip
from config.signs.lines import mend
from config.signs.words import Keys
from config.syntax import INDENT, syntax_problem, unreadable
from config.visible import forging

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
    """What was written; None where nothing was, and for what has children."""
    children: dict[str, Tree] | list[Tree] | None = None
    meant: str | None = None
    """What was meant by it, where that is written otherwise."""
    plainly: bool = True
    """Whether the text stands as it is read: on one line, without quotes."""

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
        return self.text if self.meant is None else self.meant


@dataclass(slots=True)
class Source:
    """A site file that was read: its name, text, tree (None where it could not be read) and problems."""

    file: str
    text: str
    tree: Tree | None = None
    problems: list[Problem] = field(default_factory=list)
    mended: Mended = field(default_factory=lambda: Mended([]))
    """What the parser saw in the text's place, and the way back to the columns that were typed."""

    def slip(self, slip: Slip, path: Path = ()) -> None:
        """Add what is said of a slip to the problems."""
        severity = Severity.ERROR if slip.error else Severity.WARNING
        at, path_ = (slip.line + 1, slip.column + 1), dotted(path)
        self.problems.append(
            Problem(self.file, *at, path_, Coded(slip.code, *slip.message), slip.hint, severity, slip.width)
        )


def read_source(data: bytes, file: str, keys: frozenset[str] = frozenset()) -> Source:
    """Decode and parse a file's bytes. Never raises; what is wrong is in `problems`. `keys`: those that such a file has."""
    text, problem = _decode(data, file)
    source = Source(file, text)
    if problem is not None:
        source.problems.append(problem)
        return source
    source.mended = mend(text, Keys(keys))
    for slip in source.mended.slips:
        source.slip(slip)
    if source.mended.unreadable:
        return source
    text = source.mended.text()
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.composer.warn_double_anchors = False  # an anchor may be used again; nobody reads stderr here
        node = yaml.compose(text)
    except RecursionError:
        source.problems.append(Problem(file, 1, 1, "", _TOO_DEEP, INDENT))
    except MarkedYAMLError as error:
        found = syntax_problem(error, file, text)
        if not any(
            slip.line in (found.line - 2, found.line - 1) for slip in source.mended.slips if slip.error
        ):
            column = source.mended.back(found.line - 1, found.column - 1) + 1
            source.problems.append(replace(found, column=column))
    except ReaderError as error:
        line, column = _position(text, error.position)
        column = source.mended.back(line - 1, column - 1) + 1
        code = f"U+{_code(error.character):04X}"
        message = Coded("yaml", f"the character {code} is not allowed in YAML", f"YAML 中不允许字符 {code}")
        hint = Phrase("delete it, or write it in quotes", "请删去，或写在引号里")
        source.problems.append(Problem(file, line, column, "", message, hint))
    except (YAMLError, ValueError) as error:
        first = str(error).strip().splitlines()[0]
        source.problems.append(Problem(file, 1, 1, "", unreadable(first), INDENT))
    else:
        _build(source, node)
    return source


def too_large(size: int, file: str) -> Problem:
    """The problem of a file of `size` bytes, which no site file has."""
    message = Coded(
        "too-large",
        f"the file is {size / 1e6:.1f} MB; a site file has at most {MAX_BYTES / 1e6:.0f} MB",
        f"文件有 {size / 1e6:.1f} MB；站点文件不应超过 {MAX_BYTES / 1e6:.0f} MB",
    )
    return Problem(file, 1, 1, "", message, Phrase("is this the right file?", "是否选错了文件？"))


def _code(character: object) -> int:
    return character if isinstance(character, int) else ord(str(character)[0])


def _position(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _decode(data: bytes, file: str) -> tuple[str, Problem | None]:
    if len(data) > MAX_BYTES:
        return "", too_large(len(data), file)
    wide = _utf_16(data)
    if wide is not None:
        said = Coded(
            "encoding",
            "this is UTF-16 text, which Notepad calls Unicode",
            "这是 UTF-16 文本（记事本所称的 Unicode）",
        )
        return wide, Problem(file, 1, 1, "", said, _AS_UTF_8)
    if b"\0" in data[:8192]:
        hint = Phrase(
            "a site file is plain text; save it as UTF-8 text, not as a spreadsheet, document or UTF-16",
            "站点文件是纯文本：请另存为 UTF-8 文本，不要存成表格、文档或 UTF-16",
        )
        said = Coded("encoding", "this is a binary file, not text", "这是二进制文件，不是文本")
        return "", Problem(file, 1, 1, "", said, hint)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8", errors="replace")
        line, column = _position(good, len(good))
        byte = f"0x{data[error.start]:02X}"
        chinese = _gb_18030(data)
        message = Coded(
            "encoding",
            f"not UTF-8: byte {byte} at offset {error.start}",
            f"不是 UTF-8：第 {error.start} 字节处为 {byte}",
        )
        hint = _AS_UTF_8
        if chinese is not None:
            hint = Phrase(
                f"this is GB18030 (GBK, ANSI): {hint.en}", f"这是 GB18030（GBK、ANSI）编码：{hint.zh}"
            )
        text = chinese if chinese is not None else data.decode("utf-8", errors="replace")
        return text, Problem(file, line, column, "", message, hint)
    for end in ("\r\n", "\r", "\u2028", "\u2029", "\x85", "\x0b"):
        text = text.replace(end, "\n")
    if not text.strip():
        return text, Problem(file, 1, 1, "", Coded("empty-file", "the file is empty", "文件是空的"), _START)
    return text, None


_AS_UTF_8 = Phrase(
    "save the file in the encoding UTF-8 (in Notepad: Save as, Encoding, UTF-8)",
    "请以 UTF-8 编码保存（记事本：另存为 → 编码 → UTF-8）",
)


def _utf_16(data: bytes) -> str | None:
    """The text of a file in UTF-16, by its mark or by its every other byte; None for anything else."""
    marked = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    head = data[:512]
    if not marked and not (
        head[1:2] == b"\0" and head[1::2].count(0) * 2 > len(head[1::2]) and 0 not in head[::2]
    ):
        return None
    try:
        text = data.decode("utf-16" if marked else "utf-16-le")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text.replace("\r\n", "\n")


def _gb_18030(data: bytes) -> str | None:
    """The text of a file that an older Notepad saved in Chinese; None where it is no such text."""
    try:
        text = data.decode("gb18030").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        return None
    strange = [sign for sign in text if not sign.isascii()]
    common = [sign for sign in strange if "一" <= sign <= "鿿" or unicodedata.category(sign)[0] in "PNZ"]
    return text if len(common) * 10 >= len(strange) * 9 else None


_START = Phrase(
    "start from a copy of config/examples/office.yaml", "请从 config/examples/office.yaml 的副本开始"
)
_TOO_DEEP = Coded("too-large", "values are nested too deep to be a site file", "嵌套层次过深，不像站点文件")
_DELETE = Phrase("delete it", "请删去")


class _Refused(Exception):
    """The file cannot become data."""

    def __init__(self, node: Node, path: Path, said: Coded, remedy: Phrase) -> None:
        super().__init__(said.en)
        self.node, self.path, self.said, self.remedy = node, path, said, remedy


def _mark(node: Node, mended: Mended) -> Mark:
    start, end = node.start_mark, node.end_mark
    first = mended.back(start.line, start.column)
    width = mended.back(end.line, end.column) - first if end.line == start.line else 1
    return Mark(start.line + 1, first + 1, max(1, width))


def _build(source: Source, node: Node | None) -> None:
    if node is None:
        said = Coded("empty-file", "the file has nothing but comments", "文件里只有注释")
        source.problems.append(Problem(source.file, 1, 1, "", said, _START))
        return
    if not isinstance(node, MappingNode):
        what = (
            Phrase("a list", "列表") if isinstance(node, SequenceNode) else Phrase("a single value", "单个值")
        )
        at = _mark(node, source.mended)
        hint = Phrase(
            "a site file begins with keys, like `version: 1` and `building: town-hall`",
            "站点文件以键开头，如 `version: 1` 和 `building: town-hall`",
        )
        message = Coded(
            "not-a-section",
            f"the file is {what.en} at the top; it must be keys with values",
            f"文件顶层是{what.zh}，应为若干 键: 值",
        )
        source.problems.append(Problem(source.file, at.line, at.column, "", message, hint))
        return
    try:
        source.tree = _Builder(source).tree(node, (), frozenset())
    except _Refused as refused:
        at = _mark(refused.node, source.mended)
        source.problems.append(
            Problem(source.file, at.line, at.column, dotted(refused.path), refused.said, refused.remedy)
        )


class _Builder:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.count = 0

    def report(self, at: Mark, path: Path, said: Coded, remedy: Phrase) -> None:
        self.source.problems.append(
            Problem(self.source.file, at.line, at.column, dotted(path), said, remedy, width=at.width)
        )

    def tree(self, node: Node, path: Path, above: frozenset[int]) -> Tree:
        self.count += 1
        if self.count > MAX_NODES:
            raise _Refused(
                node,
                path,
                Coded(
                    "too-large",
                    "aliases multiply this file beyond any building",
                    "别名展开后远超任何建筑的规模",
                ),
                Phrase("use fewer `*aliases`", "少用 `*别名`"),
            )
        if id(node) in above:
            said = Coded("yaml", "this anchor contains itself", "这个锚点包含了自己")
            raise _Refused(node, path, said, Phrase("write the value out", "请把值写全"))
        if len(above) > MAX_DEPTH:
            raise _Refused(node, path, _TOO_DEEP, INDENT)
        at = _mark(node, self.source.mended)
        tag = str(node.tag or "")
        if tag and not tag.startswith(_CORE_TAG):
            self.report(
                at,
                path,
                Coded("yaml", f"the tag {tag} means nothing here", f"标签 {tag} 在此没有意义"),
                _DELETE,
            )
        below = above | {id(node)}
        if isinstance(node, MappingNode):
            return Tree(at, children=self.mapping(node, path, below))
        if isinstance(node, SequenceNode):
            return Tree(at, children=[self.tree(v, (*path, i), below) for i, v in enumerate(node.value)])
        assert isinstance(node, ScalarNode)
        if (sign := forging(str(node.value))) is not None:
            said = Coded(
                "encoding",
                f"it has an invisible character: U+{ord(sign):04X}",
                f"含有不可见的字符 U+{ord(sign):04X}",
            )
            self.report(at, path, said, Phrase("write it without", "请去掉该字符"))
        empty = not node.style and node.value in _NULLS
        plainly = node.start_mark.line == node.end_mark.line and not node.style
        return Tree(at, text=None if empty else str(node.value), plainly=plainly)

    def mapping(self, node: MappingNode, path: Path, above: frozenset[int]) -> dict[str, Tree]:
        children: dict[str, Tree] = {}
        merged: list[Tree] = []
        for key_node, value_node in node.value:
            at = _mark(key_node, self.source.mended)
            if not isinstance(key_node, ScalarNode):
                self.report(
                    at,
                    path,
                    Coded(
                        "yaml",
                        "a key must be a word, not a list or a mapping",
                        "键应为一个词，不能是列表或映射",
                    ),
                    Phrase("quote it, if it is meant", "若确要如此，请加引号"),
                )
                continue
            key = str(key_node.value)
            if key == "<<" and not key_node.style:
                merged += self.merged(value_node, path, above)
                continue
            if key in children:
                first = children[key].key
                assert first is not None
                hint = Phrase(
                    f"it is already in line {first.line}; keep one of the two",
                    f"第 {first.line} 行已有；两处只留一处",
                )
                said = Coded("twice", f"the key `{key}` is written twice", f"键 `{key}` 写了两次")
                self.report(at, (*path, key), said, hint)
                self.again(children[key], value_node, (*path, key), above)
                continue
            child = self.tree(value_node, (*path, key), above)
            child.key = at
            children[key] = child
        for tree in merged:
            assert isinstance(tree.children, dict)
            for key, child in tree.children.items():
                children.setdefault(key, child)
        return children

    def again(self, first: Tree, node: Node, path: Path, above: frozenset[int]) -> None:
        """Keep the names of a section that is written twice: that they are missing is not said on top."""
        if not isinstance(node, MappingNode):
            return
        so_far = len(self.source.problems)
        second = self.tree(node, path, above).children
        del self.source.problems[so_far:]
        if isinstance(first.children, dict) and isinstance(second, dict):
            for key, child in second.items():
                first.children.setdefault(key, child)

    def merged(self, node: Node, path: Path, above: frozenset[int]) -> list[Tree]:
        nodes = node.value if isinstance(node, SequenceNode) else [node]
        if not all(isinstance(n, MappingNode) for n in nodes):
            said = Coded(
                "yaml", "`<<` merges keys of an anchor; this has none", "`<<` 用于并入锚点的键；这里没有"
            )
            self.report(_mark(node, self.source.mended), path, said, _DELETE)
            return []
        return [self.tree(n, path, above) for n in nodes]
