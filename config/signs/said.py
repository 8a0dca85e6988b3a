"""What is said of a slip: one place for its words, in both languages, and its stable code."""

from __future__ import annotations

from config.phrase import Phrase
from config.signs.alike import called, odd_space, twin, unseen
from config.signs.edits import Slip


def sign(line: int, column: int, found: str, instead: str | None = None) -> Slip:
    """A sign that is not the one which it looks like."""
    name, plain = called(found), instead if instead is not None else twin(found)
    message = Phrase(f"{name.en} stands here", f"这里是{name.zh}")
    if unseen(found):
        hint = Phrase("delete it: nobody sees it", "请删除：它看不见")
        return Slip(line, column, "unseen-sign", message, hint)
    if odd_space(found):
        hint = Phrase("write spaces with the space bar", "请改用空格键输入的半角空格")
        return Slip(line, column, "odd-space", message, hint)
    if not plain:
        return Slip(line, column, "look-alike", message, Phrase("delete it", "请删除"))
    hint = Phrase(f"write `{plain}`, as an English keyboard has it", f"请改用英文半角 `{plain}`")
    return Slip(line, column, "look-alike", message, hint)


def tab(line: int, column: int) -> Slip:
    """A tab among the spaces that indent a line."""
    return Slip(
        line,
        column,
        "tab",
        Phrase("a tab is used to indent", "这里用了制表符 Tab 缩进"),
        Phrase("YAML indents with spaces only", "请改用空格缩进，与上下行对齐"),
    )


def no_space(line: int, column: int, after: str) -> Slip:
    """A colon or a dash to which the next word sticks."""
    what = Phrase("colon", "冒号") if after == ":" else Phrase("dash", "短横线")
    return Slip(
        line,
        column,
        "missing-space",
        Phrase(f"a space is missing after the {what.en} `{after}`", f"{what.zh} `{after}` 后面少一个空格"),
        Phrase(f"write `{after} `, with a space", f"请写成 `{after} `，后面加一个半角空格"),
    )


def open_quote(line: int, column: int) -> Slip:
    """A quote without its other one: all that follows would be its text."""
    return Slip(
        line,
        column,
        "yaml",
        Phrase("a quote is opened here and never closed", "这里的引号没有闭合"),
        Phrase("add the closing quote", "补上右引号"),
    )


def unopened(line: int, column: int) -> Slip:
    """A quote behind a text that has none before it."""
    return Slip(
        line,
        column,
        "yaml",
        Phrase(
            "this quote was not opened: it counts as part of the text",
            "这个引号没有对应的左引号，按内容的一部分处理",
        ),
        Phrase("delete it, or write one before the text as well", "请删去，或在前面也加上引号"),
        error=False,
    )


def conflict(line: int) -> Slip:
    """A line that git put between two versions of a place."""
    return Slip(
        line,
        0,
        "yaml",
        Phrase("two versions of this place were not merged", "此处有两个版本尚未合并"),
        Phrase(
            "keep one of the two and delete the lines of `<<<<<<<`, `=======` and `>>>>>>>`",
            "两者只留其一，并删去 `<<<<<<<`、`=======`、`>>>>>>>` 这几行",
        ),
        width=7,
    )


def no_dash(line: int, column: int) -> Slip:
    """An item of a list without its dash."""
    return Slip(
        line,
        column,
        "missing-dash",
        Phrase("an item of a list begins here without its dash", "这里是列表的一项，前面少了短横线 `- `"),
        Phrase(
            "write `- ` before it, in line with the dashes of the other items",
            "请在前面加 `- `（短横线和空格），与同一列表的其他各项对齐",
        ),
    )


def swallowed(line: int, column: int, key: str, text: str, *, whole: bool) -> Slip:
    """A `#` that makes a comment of a name, or of its end."""
    message = Phrase(
        f"`#` begins a comment here: `{key}` is left {'empty' if whole else 'without it'}",
        f"`#` 之后都是注释：`{key}` {'成了空的' if whole else '不含这一部分'}",
    )
    hint = Phrase(
        f'write it in quotes, if it belongs to the text: `"{text}"`; a comment has a space after `#`',
        f'若属于内容请加引号：`"{text}"`；注释请在 `#` 后加一个空格',
    )
    return Slip(line, column, "swallowed", message, hint, error=whole)
