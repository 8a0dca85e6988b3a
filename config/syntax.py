"""YAML's own syntax errors, in plain words and at the place where somebody would mend them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ruamel.yaml.error import MarkedYAMLError

from config.problems import Problem

INDENT = "compare the indentation, brackets and quotes with the lines above"
_COLON = "write the colon `:` of an English keyboard, and a space after it"


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


Finding = tuple[int, int, str, str]
"""Line and column from 0, message, hint."""


def syntax_problem(error: MarkedYAMLError, file: str, text: str) -> Problem:
    """The problem behind an error of the YAML parser."""
    mark, context = error.problem_mark or error.context_mark, error.context_mark
    if mark is None:
        return Problem(file, 1, 1, "", f"not readable as YAML: {error.problem}", INDENT)
    begun = context if context is not None else mark
    lines, words = text.splitlines(), (error.problem or "").strip()
    place = _Place(mark.line, mark.column, begun.line, begun.column, lines, words)
    for words, explain in _EXPLAIN.items():
        if words in place.problem:
            line, column, message, hint = _tab(place) or explain(place)
            break
    else:
        message = f"not readable as YAML: {place.problem}"
        line, column, message, hint = _tab(place) or (place.line, place.column, message, INDENT)
    return Problem(file, line + 1, column + 1, "", message, hint)


def _tab(at: _Place) -> Finding | None:
    """A tab among the spaces that indent the line."""
    tab = at.text[: len(at.text) - len(at.text.lstrip())].find("\t")
    if tab < 0:
        return None
    return at.line, tab, "a tab is used to indent", "YAML indents with spaces only"


def _keyless(at: _Place) -> Finding | None:
    """The line above, where it has no key: a forgotten space, or a colon of a Chinese keyboard."""
    above = at.line - 1
    while above >= 0 and (not at.lines[above].strip() or at.lines[above].lstrip().startswith("#")):
        above -= 1
    written = at.lines[above].split(" #")[0].rstrip() if above >= 0 else ""
    if not written or written.endswith(":") or ": " in written:
        return None
    column = len(written) - len(written.lstrip())
    return above, column, "this line has no key with a `: ` and a value", _COLON


def _stray(at: _Place) -> Finding:
    message = "this line does not belong to what stands above it"
    return _keyless(at) or (at.line, at.column, message, INDENT)


def _no_mapping_here(at: _Place) -> Finding:
    """A colon where none may be: twice in a line, after a line without one, or in a line too deep."""
    if ": " in at.text[: at.column]:
        hint = "put the value in quotes, if the colon belongs to it"
        return at.line, at.column, "a second `:` on this line", hint
    column = len(at.text) - len(at.text.lstrip())
    message = "this line is indented deeper than the one above allows"
    hint = "line it up with its neighbours, or begin a section above with a key and nothing behind its `:`"
    return _keyless(at) or (at.line, column, message, hint)


def _not_in_block(at: _Place) -> Finding:
    """Something that does not continue the block above it."""
    if "'<scalar>'" in at.problem:
        hint = "put the whole value in quotes"
        return at.line, at.column, "something follows a value that is already complete", hint
    if "']'" in at.problem or "'}'" in at.problem:
        return at.line, at.column, "this closes a bracket that was not opened", "delete it"
    if at.problem.endswith("'-'"):
        hint = f"the block began in line {at.from_line + 1} with keys; a list cannot go on with it"
        return at.line, at.column, "a list item `-` among keys", hint
    hint = f"line it up with line {at.from_line + 1}, which begins in column {at.from_column + 1}"
    return at.line, at.column, "this line is indented differently from its neighbours", hint


def _open_bracket(at: _Place) -> Finding:
    opened = f"line {at.from_line + 1}, column {at.from_column + 1}"
    message = f"the bracket opened in {opened} is not closed before this"
    return at.line, at.column, message, "add the closing bracket, or a comma between the items"


def _bad_start(at: _Place) -> Finding:
    found = at.text[at.column : at.column + 1]
    return at.line, at.column, f"a value cannot begin with `{found}`", "put the value in quotes"


def _open_quote(at: _Place) -> Finding:
    return at.from_line, at.from_column, "a quote is opened here and never closed", "add the closing quote"


def _no_anchor(at: _Place) -> Finding:
    hint = "define the anchor (&name) above, or write the value in quotes"
    return at.line, at.column, "this refers to an anchor (&name) that is not defined above", hint


def _second_document(at: _Place) -> Finding:
    hint = "a site file is one document; delete the line"
    return at.line, at.column, "a second document begins here (`---`)", hint


def _no_colon(at: _Place) -> Finding:
    return at.from_line, at.from_column, "this line has no key with a `: ` and a value", _COLON


def _bad_escape(at: _Place) -> Finding:
    hint = "write the text in single quotes, where `\\` means itself"
    return at.line, at.column, "a `\\` that means nothing in double quotes", hint


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
}
