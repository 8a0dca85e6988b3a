"""Files that are no site file at all, and YAML that cannot be read."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from config.load import check, load, load_bytes, load_text


@pytest.mark.parametrize(
    ("data", "line", "column", "message"),
    [
        (b"", 1, 1, "the file is empty"),
        (b" \n\t\n", 1, 1, "the file is empty"),
        (b"\xef\xbb\xbf", 1, 1, "the file is empty"),
        (b"# only\n# comments\n", 1, 1, "the file has nothing but comments"),
        (b"\n- a\n- b\n", 2, 1, "the file is a list at the top; it must be keys with values"),
        (b"hello\n", 1, 1, "the file is a single value at the top; it must be keys with values"),
        (b"\x7fELF\x02\x01\x00\x00", 1, 1, "this is a binary file, not text"),
        ("version: 1\n".encode("utf-16"), 1, 1, "this is UTF-16 text, which Notepad calls Unicode"),
        ("version: 1\n".encode("utf-16-le"), 1, 1, "this is UTF-16 text, which Notepad calls Unicode"),
        (b"PK\x03\x04" + bytes(60), 1, 1, "this is a binary file, not text"),
        (b"version: 1\nname: caf\xe9\n", 2, 10, "not UTF-8: byte 0xE9 at offset 20"),
        ("version: 1\nname: 办公楼\n".encode("gb18030"), 2, 7, "not UTF-8: byte 0xB0 at offset 17"),
    ],
)
def test_a_file_that_is_no_site_file(data: bytes, line: int, column: int, message: str) -> None:
    """Empty, a list, binary, another encoding: said in plain words, with the place."""
    (problem,) = load_bytes(data, "site.yaml").problems
    assert (problem.file, problem.line, problem.column) == ("site.yaml", line, column)
    assert problem.message == message
    assert problem.hint


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("version: 1\nhours:\n\toffice: 1\n", 3, 1, "a tab is used to indent"),
        ('version: 1\nname: "abc\n', 2, 7, "a quote is opened here and never closed"),
        ("name: a\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> draft\n", 2, 1, "were not merged"),
        ("name: a\n=======\nb: 2\n", 2, 1, "were not merged"),
        ("version: 1\nname: a: b\n", 2, 8, "a second `:`"),
        ("version: 1\nhours: [a, b\nzones: {}\n", 3, 6, "opened in line 2, column 8 is not closed"),
        ("version 1\nbuilding: x\n", 1, 1, "no key with a `: `"),
        ("version 1 \n# 注释\nbuilding: x\n", 1, 1, "no key with a `: `"),
        ("version: 1\n  building: x\n", 2, 3, "indented deeper"),
        ("hours:\n  a:\n    workday: closed\n   b: 1\n", 4, 4, "indented differently"),
        ("hours:\n  a: 1\n  - b\n", 3, 3, "a list item"),
        ("name: 'x' y\n", 1, 11, "already complete"),
        ("name: [x]]\n", 1, 10, "not opened"),
        ('name: "\\q"\n', 1, 9, "means nothing in double quotes"),
        ("version: *x\n", 1, 10, "anchor"),
        ("version: 1\n---\nversion: 1\n", 2, 1, "a second document begins here"),
        ("version: 1\nname: a\x07b\n", 2, 8, "U+0007"),
        ("version: 1\nname: @x\n", 2, 7, "cannot begin with `@`"),
        ("a: &a [*a]\n", 1, 4, "this anchor contains itself"),
        ("a: {b: c,\n", 2, 1, "the file ends here"),
        ("a: [b,, c]\n", 1, 7, "a value is missing before this `,`"),
        ("a: - b\n", 1, 4, "cannot begin here"),
        ("a: *\n", 1, 5, "without a name"),
    ],
)
def test_yaml_that_cannot_be_read(text: str, line: int, column: int, words: str) -> None:
    """The place of a syntax error, and what to do."""
    (problem,) = load_text(text).problems
    assert (problem.line, problem.column) == (line, column)
    assert words in problem.message
    assert problem.hint


@pytest.mark.parametrize(
    ("old", "new", "line", "column"),
    [
        ("annex", '"annex', 2, 11),
        ("annex", "'annex\n# it's the one behind", 2, 11),
        ("close: 16:00}", 'name: "early, close: 16:00}', 13, 30),
        ("[window-off,", "['window-off,", 21, 13),
        ("{fcu: ddc-1/10,", '{fcu: "ddc-1/10,', 29, 22),
    ],
)
def test_a_quote_that_was_left_open_is_told_where_it_was_opened(
    small: str, today: dt.date, old: str, new: str, line: int, column: int
) -> None:
    """Not where the next quote of the file stands, thirty lines below; and nothing else follows from it."""
    text = small.replace(old, new, 1).replace("Wang Min", '"Wang Min" # it\'s him')
    (problem,) = load_text(text, today=today).problems
    assert (problem.line, problem.column) == (line, column)
    assert problem.message == "a quote is opened here and never closed"


def test_a_quoted_text_may_go_on_in_lines_that_stand_deeper(small: str, today: dt.date) -> None:
    """As YAML has it: a second paragraph of a reason, though it looks like a key."""
    text = small.replace("reason: servers", 'reason: "servers\n\n      window-off: by no means"')
    loaded = load_text(text, today=today)
    assert loaded.problems == []
    assert loaded.site is not None
    assert loaded.site.exemptions[0].reason == "servers\nwindow-off: by no means"


@pytest.mark.parametrize("written", ['机房"', "机房”", '机房"  # 已批准'])
def test_a_quote_that_was_not_opened_is_named(small: str, today: dt.date, written: str) -> None:
    """It would stand in every report; 55" are inches, and a text may quote somebody."""
    (problem,) = load_text(small.replace("servers", written), today=today).problems
    assert (problem.severity, problem.column) == ("warning", 15)
    assert "was not opened" in problem.message
    for meant in ('屏幕 55"', 'the "big" one', "“大”机房", "workers'"):
        assert load_text(small.replace("servers", meant), today=today).problems == []


def test_a_tag_and_a_list_as_key_are_named_where_they_stand() -> None:
    """Tags of other programs mean nothing here."""
    problems = {(p.line, p.column): p.message for p in load_text("version: !x 1\n? [a]\n: b\n").problems}
    assert "tag !x" in problems[(1, 10)]
    assert "key must be a word" in problems[(2, 3)]


def test_a_file_that_multiplies_itself_is_refused_quickly() -> None:
    """Ten aliases of ten aliases of ten: the billion laughs."""
    lines = ["a: &a [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]" for i in range(9)]
    (problem,) = load_text("\n".join(lines)).problems
    assert "multiply" in problem.message


def test_a_file_with_nothing_but_mistakes_is_cut_short() -> None:
    """Nobody mends thousands at a time."""
    problems = load_text("".join(f"k{i}: 1\n" for i in range(2000))).problems
    assert len(problems) == 501
    assert "more problems are not shown" in problems[-1].message


def test_a_file_far_too_large_is_refused_unread() -> None:
    """Somebody gives the trend archive instead of the site."""
    (problem,) = load_bytes(b"a: b\n" * 500_000, "x").problems
    assert "2.5 MB" in problem.message


@pytest.mark.parametrize("text", ["[" * 5000, "a: " + "{a: " * 60 + "1" + "}" * 60])
def test_a_file_nested_too_deep_is_refused(text: str) -> None:
    """No recursion error reaches anybody."""
    assert "nested too deep" in load_text(text).problems[0].message


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    """Both are said with the name that was given."""
    (missing,) = check(tmp_path / "none.yaml")
    assert (missing.file, missing.message) == (str(tmp_path / "none.yaml"), "there is no such file")
    (folder,) = check(tmp_path)
    assert folder.message == "this is a folder, not a file"
    (odd,) = check("a\0b")
    assert "cannot be read" in odd.message


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(small: str, today: dt.date) -> None:
    """The file was saved with Notepad."""
    data = b"\xef\xbb\xbf" + small.replace("\n", "\r\n").encode()
    assert load_bytes(data, "site.yaml", today).problems == []
    (problem,) = load_bytes(data.replace(b"building: annex", b"building: Annex"), "s", today).problems
    assert (problem.line, problem.column) == (2, 11)


def test_anchors_and_merge_keys_are_yaml_like_any_other(small: str, today: dt.date) -> None:
    """An integrator writes settings once and merges them."""
    text = small.replace(
        "  room-1:\n    hours: office\n", "  room-1: &room\n    hours: office\n    area_m2: 25\n"
    ).replace("  room-2:\n    hours: office\n", "  room-2:\n    <<: *room\n    floor: 2\n")
    site = load_text(text, today=today).site
    assert site is not None
    assert (site.zones["room-2"].area_m2, site.zones["room-2"].floor) == (25, 2)
    assert site.zones["room-1"].floor is None


def test_an_anchor_may_be_used_again_without_noise(recwarn: pytest.WarningsRecorder) -> None:
    """The parser would warn on stderr."""
    assert load_text("a: &x 1\nb: &x 2\nc: *x\n").problems
    assert not recwarn.list


def test_words_that_older_yaml_reads_as_something_else_stay_words(small: str, today: dt.date) -> None:
    """`no`, `on` and `1e3` as names; numbers with a leading zero keep it."""
    text = small.replace("building: annex", "building: no\nname: 007")
    site = load_text(text, today=today).site
    assert site is not None
    assert (site.building, site.name) == ("no", "007")


def test_the_hash_is_that_of_the_bytes_on_disk(small: str, tmp_path: Path) -> None:
    """Each decision carries it, so that a replay is exact."""
    path = tmp_path / "site.yaml"
    path.write_text(small)
    loaded = load(path)
    assert loaded.site is not None
    assert len(loaded.site.config_hash) == 64
    longer = load_text(small + "\n").site
    assert longer is not None
    assert loaded.site.config_hash != longer.config_hash
    assert (loaded.site.source, loaded.site.text) == (str(path), small)


def test_a_pipe_to_which_nobody_writes_is_not_waited_for(tmp_path: Path) -> None:
    """A FIFO in the place of the site file reads as an empty one."""
    os.mkfifo(tmp_path / "site.yaml")
    assert [p.message for p in load(tmp_path / "site.yaml").problems] == ["the file is empty"]
