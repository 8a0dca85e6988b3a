"""The manual page: of the verbs' own help, in macros that man(7) has, in both languages."""

from __future__ import annotations

import re

import pytest
import typer

from config.phrase import LANGS, Lang
from supervisor.cli.main import app
from supervisor.cli.manpage import escaped, page

_MACROS = {"TH", "SH", "SS", "TP", "B", "PP"}
_CHINESE = re.compile(r"[一-鿿]")


@pytest.mark.parametrize("lang", LANGS)
def test_it_has_every_verb_and_option_and_no_foreign_macro(lang: Lang) -> None:
    """Each line is text or one of six macros; each verb is a section; no dash would be typeset as a hyphen."""
    lines = page(lang).splitlines()
    assert lines[0] == ".TH BUILDING-SUPERVISOR 1"
    assert {line[1:].split()[0] for line in lines if line.startswith(".")} == _MACROS
    sections = [line for line in lines if line.startswith(".SS ")]
    for name in typer.main.get_command(app).commands:  # type: ignore[attr-defined]
        assert any(line.startswith(f".SS {escaped(name)}") for line in sections), name
    assert not [
        line for line in lines[1:] if re.search(r"(?<!\\)-", line) or line.startswith("'") or not line
    ]
    assert "\\-\\-dry\\-run" in "".join(lines) and "NO_COLOR" in "".join(lines)


def test_each_page_has_one_language() -> None:
    """No Chinese sign in the English page; headings in Chinese in the other."""
    assert not _CHINESE.search(re.sub(r"--(?:name|by) \S+|Example: .*", "", page("en").replace("\\-", "-")))
    assert ".SH 退出码" in page("zh") and "Show this message" not in page("zh")


def test_what_roff_would_take_for_its_own_is_escaped() -> None:
    """A dot or an apostrophe at the beginning, a backslash, a dash."""
    assert [escaped(t) for t in (".x", "'x", "a\\b", "--at")] == ["\\&.x", "\\&'x", "a\\eb", "\\-\\-at"]
