"""YAML's own syntax errors, in plain words and at the place where somebody would mend them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ruamel.yaml.error import MarkedYAMLError

from config.codes import Coded
from config.phrase import Phrase
from config.problems import Problem

INDENT = Phrase(
    "compare the indentation, brackets and quotes with the lines above", "请与上面几行对比缩进、括号和引号"
)
_COLON = Phrase(
    "write the colon `:` of an English keyboard, and a space after it",
    "用英文输入法的冒号 `:`，其后加一个空格",
)
_NO_KEY = Coded("yaml", "this line has no key with a `: ` and a value", "这一行没有“键: 值”")
_QUOTE_IT = Phrase("put the value in quotes", "给值加上引号")
_DELETE = Phrase("delete it", "请删去")


class _Place(NamedTuple):
    """Where YAML gave up, where what it was reading began (from 0), and the lines of the file."""

    line: int
    column: int
    from_line: int
    from_column: int
    lines: list[str]
    problem: str

    @property
    def text(self) -> str:
        return self.lines[self.line] if 0 <= self.line < len(self.lines) else ""


Finding = tuple[int, int, Coded, Phrase]
"""Line and column from 0, message, hint."""


def syntax_problem(error: MarkedYAMLError, file: str, text: str) -> Problem:
    """The problem behind an error of the YAML parser."""
    mark, context = error.problem_mark or error.context_mark, error.context_mark
    if mark is None:
        return Problem(file, 1, 1, "", unreadable(error.problem), INDENT)
    begun = context if context is not None else mark
    lines, words = text.splitlines(), (error.problem or "").strip()
    place = _Place(mark.line, mark.column, begun.line, begun.column, lines, words)
    for words, explain in _EXPLAIN.items():
        if words in place.problem:
            line, column, message, hint = _tab(place) or explain(place)
            break
    else:
        message = unreadable(place.problem)
        line, column, message, hint = _tab(place) or (place.line, place.column, message, INDENT)
    return Problem(file, line + 1, column + 1, "", message, hint)


def unreadable(why: object) -> Coded:
    """What the parser says where nothing plainer is known."""
    return Coded("yaml", f"not readable as YAML: {why}", f"不是可读的 YAML（解析器原文：{why}）")


def _tab(at: _Place) -> Finding | None:
    """A tab among the spaces that indent the line."""
    tab = at.text[: len(at.text) - len(at.text.lstrip())].find("\t")
    if tab < 0:
        return None
    said = Coded("tab", "a tab is used to indent", "缩进用了制表符（Tab）")
    return at.line, tab, said, Phrase("YAML indents with spaces only", "YAML 只用空格缩进")


def _keyless(at: _Place) -> Finding | None:
    """The line above, where it has no key: a forgotten space, or a colon of a Chinese keyboard."""
    above = at.line - 1
    while above >= 0 and (not at.lines[above].strip() or at.lines[above].lstrip().startswith("#")):
        above -= 1
    written = at.lines[above].split(" #")[0].rstrip() if above >= 0 else ""
    if not written or written.endswith(":") or ": " in written:
        return None
    column = len(written) - len(written.lstrip())
    return above, column, _NO_KEY, _COLON


def _stray(at: _Place) -> Finding:
    message = Coded("yaml", "this line does not belong to what stands above it", "这一行不属于上面的内容")
    return _keyless(at) or (at.line, at.column, message, INDENT)


def _no_mapping_here(at: _Place) -> Finding:
    """A colon where none may be: twice in a line, after a line without one, or in a line too deep."""
    if ": " in at.text[: at.column]:
        hint = Phrase("put the value in quotes, if the colon belongs to it", "若冒号属于值，请给值加引号")
        return at.line, at.column, Coded("yaml", "a second `:` on this line", "这一行有第二个 `:`"), hint
    column = len(at.text) - len(at.text.lstrip())
    message = Coded(
        "yaml", "this line is indented deeper than the one above allows", "这一行的缩进比上一行所允许的更深"
    )
    hint = Phrase(
        "line it up with its neighbours, or begin a section above with a key and nothing behind its `:`",
        "与相邻行对齐；或在上面用一个冒号后为空的键开始一节",
    )
    return _keyless(at) or (at.line, column, message, hint)


def _not_in_block(at: _Place) -> Finding:
    """Something that does not continue the block above it."""
    if "'<scalar>'" in at.problem:
        said = Coded("yaml", "something follows a value that is already complete", "值已完整，其后还有内容")
        return at.line, at.column, said, Phrase("put the whole value in quotes", "给整个值加引号")
    if "']'" in at.problem or "'}'" in at.problem:
        said = Coded("yaml", "this closes a bracket that was not opened", "这里的右括号没有对应的左括号")
        return at.line, at.column, said, _DELETE
    if at.problem.endswith("'-'"):
        hint = Phrase(
            f"the block began in line {at.from_line + 1} with keys; a list cannot go on with it",
            f"这一段从第 {at.from_line + 1} 行起是键，不能接着写列表",
        )
        return at.line, at.column, Coded("yaml", "a list item `-` among keys", "键之间混入了列表项 `-`"), hint
    hint = Phrase(
        f"line it up with line {at.from_line + 1}, which begins in column {at.from_column + 1}",
        f"与第 {at.from_line + 1} 行对齐，该行从第 {at.from_column + 1} 列开始",
    )
    said = Coded("yaml", "this line is indented differently from its neighbours", "这一行的缩进与相邻行不同")
    return at.line, at.column, said, hint


def _open_bracket(at: _Place) -> Finding:
    message = Coded(
        "yaml",
        f"the bracket opened in line {at.from_line + 1}, column {at.from_column + 1} is not closed before this",
        f"第 {at.from_line + 1} 行第 {at.from_column + 1} 列的左括号到此仍未闭合",
    )
    hint = Phrase(
        "add the closing bracket, or a comma between the items", "补上右括号，或项与项之间的英文逗号"
    )
    return at.line, at.column, message, hint


def _bad_start(at: _Place) -> Finding:
    found = at.text[at.column : at.column + 1]
    return (
        at.line,
        at.column,
        Coded("yaml", f"a value cannot begin with `{found}`", f"值不能以 `{found}` 开头"),
        _QUOTE_IT,
    )


def _open_quote(at: _Place) -> Finding:
    said = Coded("yaml", "a quote is opened here and never closed", "这里的引号没有闭合")
    return at.from_line, at.from_column, said, Phrase("add the closing quote", "补上右引号")


def _no_anchor(at: _Place) -> Finding:
    said = Coded(
        "yaml",
        "this refers to an anchor (&name) that is not defined above",
        "这里引用的锚点（&name）在上面没有定义",
    )
    hint = Phrase(
        "define the anchor (&name) above, or write the value in quotes",
        "在上面定义锚点（&name），或给值加引号",
    )
    return at.line, at.column, said, hint


def _second_document(at: _Place) -> Finding:
    hint = Phrase("a site file is one document; delete the line", "一个站点文件只有一份文档；请删去这一行")
    return (
        at.line,
        at.column,
        Coded("yaml", "a second document begins here (`---`)", "这里又开始了一份文档（`---`）"),
        hint,
    )


def _no_colon(at: _Place) -> Finding:
    return at.from_line, at.from_column, _NO_KEY, _COLON


def _bad_escape(at: _Place) -> Finding:
    hint = Phrase(
        "write the text in single quotes, where `\\` means itself", "改用单引号，其中 `\\` 就是它自己"
    )
    return (
        at.line,
        at.column,
        Coded("yaml", "a `\\` that means nothing in double quotes", "双引号中的 `\\` 没有意义"),
        hint,
    )


def _no_value(at: _Place) -> Finding:
    """A bracket with a comma too many, or a file of which only the first part was saved."""
    if "<stream end>" in at.problem:
        said = Coded("yaml", "the file ends here, within a bracket", "文件到此中断，括号尚未闭合")
        hint = Phrase("was it saved whole? Write what is missing", "是否没有保存完整？请补全")
        return at.line, at.column, said, hint
    found = at.text[at.column : at.column + 1]
    said = Coded("yaml", f"a value is missing before this `{found}`", f"这里的 `{found}` 前面缺少值")
    return at.line, at.column, said, Phrase("write the value, or delete the sign", "写上值，或删去该符号")


def _not_here(at: _Place) -> Finding:
    said = Coded("yaml", "a list item or a key cannot begin here", "列表项或键不能从这里开始")
    return at.line, at.column, said, Phrase("begin it on a line of its own", "请另起一行")


def _nameless(at: _Place) -> Finding:
    said = Coded("yaml", "`&` or `*` without a name", "`&` 或 `*` 后面没有名称")
    return at.line, at.column, said, _QUOTE_IT


_EXPLAIN: dict[str, Callable[[_Place], Finding]] = {
    "mapping values are not allowed here": _no_mapping_here,
    "expected '<document start>'": _stray,
    "expected <block end>": _not_in_block,
    "expected ',' or": _open_bracket,
    "cannot start any token": _bad_start,
    "found unexpected end of stream": _open_quote,
    "found undefined alias": _no_anchor,
    "but found another document": _second_document,
    "could not find expected ':'": _no_colon,
    "unknown escape character": _bad_escape,
    "expected the node content": _no_value,
    "entries are not allowed here": _not_here,
    "keys are not allowed here": _not_here,
    "expected alphabetic or numeric": _nameless,
}
