"""Keys and values as they were meant: what has one meaning is taken, what breaks a value is named where it stands."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Union

from config.accounting import History
from config.codes import Code
from config.declared import Before
from config.file import SiteFile, WeekHours
from config.meant.chinese import meant_key
from config.meant.names import Names
from config.meant.values import Kind, Read, read
from config.phrase import Phrase
from config.problems import Path, nearest
from config.section import OneOrMore, Section
from config.signs import said
from config.signs.alike import folded, twin
from config.signs.edits import Slip
from config.signs.words import FREE, day_key, several_days
from config.source import Mark, Source, Tree
from config.values import parse_duration

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo


def settle(source: Source) -> None:
    """Read the tree of a file as it was meant, and add what is named to its problems."""
    if source.tree is not None:
        _Settler(source, source.tree).node(source.tree, SiteFile, ())


class _Settler:
    def __init__(self, source: Source, tree: Tree) -> None:
        self.source = source
        self.names = Names(tree)

    def node(self, node: Tree, annotation: Any, path: Path, extra: Sequence[Any] = ()) -> None:
        """A value of a type, and all beneath it. `extra`: what the field says of its type besides."""
        kind, more = bare(annotation)
        extra = (*extra, *more)
        if isinstance(node.children, dict):
            self._mapping(node, kind, path, any(isinstance(each, History | OneOrMore) for each in extra))
        elif isinstance(node.children, list):
            inside = typing.get_args(kind)[0] if typing.get_origin(kind) is tuple else None
            for i, child in enumerate(node.children):
                self.node(child, inside, (*path, i))
        elif node.text is not None and _own_name(path) not in FREE:
            reads = next((each.func for each in extra if isinstance(each, Before)), None)
            self._scalar(node, Kind(kind, reads), path)

    def _mapping(self, node: Tree, kind: Any, path: Path, one_or_more: bool) -> None:
        assert isinstance(node.children, dict)
        item = typing.get_args(kind)[0] if typing.get_origin(kind) is tuple else None
        if item is not None and _is_section(bare(item)[0]):
            if not one_or_more:
                self._dashless(node, path)
                self.node(node, kind, path)
                return
            kind = bare(item)[0]
        if _is_section(kind):
            self._section(node, kind, path)
        elif typing.get_origin(kind) is dict:
            self._named(node, kind, path)

    def _section(self, node: Tree, model: type[Section], path: Path) -> None:
        """A section with keys of its own."""
        assert isinstance(node.children, dict)
        fields = {info.alias or name: info for name, info in model.model_fields.items()}
        for key in list(node.children):
            if key not in fields:
                self._rename(node, key, model, fields, path)
        for key, child in node.children.items():
            info = fields.get(key)
            if info is not None:
                self.node(child, info.annotation, (*path, key), info.metadata)
        self._unitless(node.children, fields, path)

    def _unitless(self, children: dict[str, Tree], fields: dict[str, FieldInfo], path: Path) -> None:
        """A duration that is a bare number: seconds, as documented, and seldom meant beside others with their units."""
        lengths = {
            key: child
            for key, child in children.items()
            if child.text is not None and key in fields and _is_duration(fields[key])
        }
        bare_ = {key for key, child in lengths.items() if re.fullmatch(r"\d+(\.\d+)?", child.text or "")}
        for key in bare_:
            number, usual = float(children[key].text or 0), fields[key].default
            short = isinstance(usual, float) and usual >= 60 and number * 4 < usual
            if number and (len(bare_) < len(lengths) or short):
                child = children[key]
                said_ = Phrase(
                    f"`{child.text}` without a unit counts as seconds", f"`{child.text}` 没有单位，按秒计"
                )
                hint = Phrase(
                    f"write {child.text}s, or {child.text}min",
                    f"请写 {child.text}s（秒）或 {child.text}min（分钟）",
                )
                slip = Slip(
                    child.at.line - 1,
                    child.at.column - 1,
                    "no-unit",
                    said_,
                    hint,
                    child.at.width,
                    error=False,
                )
                self.source.slip(slip, (*path, key))

    def _rename(
        self, node: Tree, key: str, model: type[Section], fields: dict[str, FieldInfo], path: Path
    ) -> None:
        """A key that the section does not know: its width or its Chinese name taken, a misspelt one named, once."""
        assert isinstance(node.children, dict)
        child = node.children[key]
        plain = folded(key).strip()
        if issubclass(model, WeekHours):
            plain = day_key(key) or plain
            several = several_days(key)
            if several:
                one = self._several(child, key, several, path)
                del node.children[key]
                for day in (one,) if one else several:
                    node.children.setdefault(day, child)  # so that nobody misses their hours on top
                return
        if plain not in fields:
            near = meant_key(plain, fields) or nearest(plain, fields)
            if near is None or near in node.children or child.key is None:
                return
            self._at(child.key, "unknown-key", Phrase(f"unknown key `{key}`", f"没有 `{key}` 这个键"),
                     Phrase(f"did you mean `{near}`?", f"是不是 `{near}`？"), (*path, key))  # fmt: skip
            plain = near
        if plain in node.children:
            first = node.children[plain].key
            if first is not None and child.key is not None:
                twice = Phrase(
                    f"the key `{plain}` is written twice, here as `{key}`",
                    f"键 `{plain}` 写了两次，这里写作 `{key}`",
                )
                other = Phrase(
                    f"it is in line {first.line}, too; keep one of the two",
                    f"第 {first.line} 行也有；两处只留一处",
                )
                self._at(child.key, "twice", twice, other, (*path, key))
                del node.children[key]
            return
        node.children = {plain if each == key else each: value for each, value in node.children.items()}

    def _named(self, node: Tree, kind: Any, path: Path) -> None:
        """A section whose keys are names."""
        assert isinstance(node.children, dict)
        args = typing.get_args(kind)
        refers = self.names.section(path, key=True)
        for key in list(node.children):
            plain = self.names.id(refers, key) if refers else None
            plain = plain or (key if path[-1:] in (("means",), ("zones",)) else _width(key))
            if plain != key and plain not in node.children:
                node.children = {plain if k == key else k: v for k, v in node.children.items()}
        if path[-1:] == ("means",) or path == ("energyplus", "zones"):
            return
        for key, child in node.children.items():
            self.node(child, args[1], (*path, key))

    def _scalar(self, node: Tree, kind: Kind, path: Path) -> None:
        assert node.text is not None
        refers = self.names.section(path)
        if refers:
            found = self.names.id(refers, node.text)
            if found is not None:
                node.meant = found
                return
        if typing.get_origin(kind.type) is tuple and kind.reads is None:
            self._list(node, kind.type, path)
            if node.children is not None:
                return
        result = read(node.text, kind)
        self._tell(node, result, path)
        if result.meant != node.text:
            node.meant = result.meant

    def _list(self, node: Tree, kind: Any, path: Path) -> None:
        """Several names that 、 parts: a list without its brackets."""
        assert node.text is not None
        inside = typing.get_args(kind)[0]
        if node.text and (twin(node.text[0]) or node.text[0]) in ("(", "<"):
            self._parentheses(node, path)
            return
        if "、" not in node.text or _is_section(bare(inside)[0]):
            return
        items: list[Tree] = []
        at = 0
        for part in node.text.split("、"):
            begin = at + len(part) - len(part.lstrip())
            mark = Mark(node.at.line, node.at.column + begin, max(1, len(part.strip())))
            items.append(Tree(mark if node.plainly else node.at, text=part.strip(), plainly=node.plainly))
            at += len(part) + 1
        node.children, node.text = items, None
        for i, item in enumerate(items):
            self.node(item, inside, (*path, i))

    def _parentheses(self, node: Tree, path: Path) -> None:
        """A list in parentheses or angle brackets."""
        assert node.text is not None
        first = node.text[0]
        shown = Phrase(f"a list does not begin with `{first}`", f"列表不能用 `{first}` 开头")
        hint = Phrase("put its items in brackets, like [one, two]", "各项写在方括号里，如 [one, two]")
        self._at(node.at._replace(width=1), "look-alike", shown, hint, path)
        inside = re.split(r"[,，、;；]", node.text.strip("()（）<>《》〈〉 "))
        node.children, node.text = [Tree(node.at, text=word.strip()) for word in inside], None

    def _tell(self, node: Tree, result: Read, path: Path) -> None:
        for column, code, message, hint in result.slips[:1]:  # the others of a value go with it
            at = Mark(node.at.line, node.at.column + (column if node.plainly else 0))
            self._at(at, code, message, hint, path)

    def _dashless(self, node: Tree, path: Path) -> None:
        """Keys where a list of sections belongs: its one item lost its dash."""
        assert isinstance(node.children, dict)
        first = next(iter(node.children.values()), None)
        at = first.key if first is not None and first.key is not None else node.at
        slip = said.no_dash(at.line - 1, at.column - 1)
        self.source.slip(slip, path)
        node.children = [Tree(node.at, children=node.children)]

    def _several(self, child: Tree, key: str, days: list[str], path: Path) -> str:
        """周一至周五: a working day, or five weekdays? Make-up workdays and holidays tell them apart. Returns the one key
        that may be meant; empty where it is none."""
        week = set(days) <= {"monday", "friday", "tuesday", "wednesday", "thursday"}
        one = "workday" if week else "weekend" if set(days) <= {"saturday", "sunday"} else ""
        which = (
            Phrase("make-up workdays as well", "含调休上班") if week else Phrase("both of them", "两天都含")
        )
        each = ", ".join(days)
        hint = (
            Phrase(
                f"write `{one}:` ({which.en}), or a line for each day",
                f"请写 `{one}:`（{which.zh}），或每天一行",
            )
            if one
            else Phrase(f"write a line for each day, like {each}", f"请每天写一行，如 {each}")
        )
        self._at(child.key or child.at, "several-days",
                 Phrase(f"`{key}` is several days", f"`{key}` 是好几天"), hint, (*path, key))  # fmt: skip
        return one

    def _at(self, at: Mark, code: Code, message: Phrase, hint: Phrase, path: Path) -> None:
        self.source.slip(Slip(at.line - 1, at.column - 1, code, message, hint, at.width), path)


def bare(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The type inside Annotated and Optional, and what Annotated says of it."""
    extra: tuple[Any, ...] = ()
    while True:
        origin = typing.get_origin(annotation)
        if origin is Annotated:
            annotation, *more = typing.get_args(annotation)
            extra = (*extra, *more)
        elif origin in (Union, types.UnionType):
            inner = [a for a in typing.get_args(annotation) if a is not type(None)]
            if len(inner) != 1:
                return annotation, extra
            annotation = inner[0]
        else:
            return annotation, extra


def _is_duration(info: FieldInfo) -> bool:
    _, extra = bare(info.annotation)
    return any(isinstance(e, Before) and e.func is parse_duration for e in (*info.metadata, *extra))


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)


def _own_name(path: Path) -> str:
    """The key that a value, or the list it is in, stands behind."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def _width(key: str) -> str:
    """A name in English letters and digits, whatever width they were typed in; another one as it is."""
    plain = folded(key).strip()
    return plain if plain.isascii() else key
