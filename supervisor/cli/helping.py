"""The help of a verb in one language, laid out by columns: a Chinese sign takes two.

A docstring and an option's help hold both: `English · 中文`, paragraph by paragraph. `split` takes them apart.
"""

from __future__ import annotations

import inspect
import re
import shutil
from collections.abc import Iterator
from typing import Any, Final

from config.phrase import Lang, Phrase, columns, filled, same

WIDEST: Final = 80
_SIGN: Final = "[一-鿿、，。；：（）“”]"
_CHINESE: Final = re.compile(r"[一-鿿]")
_WORDS: Final = {
    "usage": Phrase("Usage:", "用法："),
    "arguments": Phrase("Arguments:", "参数："),
    "options": Phrase("Options:", "选项："),
    "commands": Phrase("Commands:", "命令："),
}
_STANDARD: Final = (
    Phrase("Show this message and exit.", "显示本说明并退出。"),
    Phrase("Install completion for the current shell.", "为当前 shell 安装命令补全。"),
    Phrase(
        "Show completion for the current shell, to copy it or customize the installation.",
        "显示当前 shell 的补全脚本，以便复制或自行安装。",
    ),
    Phrase("[required]", "[必填]"),
    Phrase("[default: ", "[默认："),
    Phrase("; required]", "；必填]"),
    Phrase("Example: ", "例："),
)
"""What the parser adds by itself."""
_KINDS: Final = {
    "<float range>": Phrase("<number>", "<数>"), "<int range>": Phrase("<number>", "<整数>"), "<float>": Phrase("<number>", "<数>"),
    "<int>": Phrase("<number>", "<整数>"), "<str>": Phrase("<text>", "<文字>"), "<path>": Phrase("<path>", "<路径>"),
}  # fmt: skip
"""What the parser calls a kind of value → what people do."""
_RANGE: Final = re.compile(r"(-?[\d.]+)<=x<=(-?[\d.]+)")
_LEAST: Final = re.compile(r"x>=(-?[\d.]+)")
_SEMICOLON: Final = re.compile(r"(\[[^\]\n]*); (?=[^\]\n]*\]$)")


def split(text: str) -> Phrase:
    """`English · 中文` → both; a text of which there is one only is both."""
    en, dot, zh = text.rpartition(" · ")
    while dot and not _CHINESE.search(zh):
        en, dot, more = en.rpartition(" · ")
        zh = f"{more} · {zh}"
    if dot and not _CHINESE.search(en):
        return Phrase(en.strip(), zh.strip())
    return same(text.strip())


def paragraphs(text: str | None) -> list[Phrase]:
    """A docstring's paragraphs; each `Example:` is one."""
    clean = inspect.cleandoc(text or "").replace("\nExample:", "\n\nExample:")
    return [split(_joined(part)) for part in re.split(r"\n\s*\n", clean) if part.strip()]


def _joined(part: str) -> str:
    """The lines of a paragraph as one; between two Chinese signs a line's end is no space."""
    return " ".join(re.sub(rf"(?<={_SIGN})\s*\n\s*(?={_SIGN})", "", part).split())


def helped(command: Any, ctx: Any, lang: Lang) -> str:
    """The whole page."""
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)
    parts = [
        filled(
            f"{_WORDS['usage'].told(lang)}{' ' if lang == 'en' else ''}{_usage(command, ctx)}", width, hang=7
        ),
        "",
    ]
    for said in paragraphs(command.help):
        parts += [filled(worded(said.told(lang), lang), width, indent=2), ""]
    parts += _sections(command, ctx, lang, width)
    return "\n".join(parts).rstrip()


def _usage(command: Any, ctx: Any) -> str:
    return " ".join([ctx.command_path, *command.collect_usage_pieces(ctx)])


def records(command: Any, ctx: Any, lang: Lang) -> dict[str, list[tuple[str, str]]]:
    """Arguments and options of a verb: how each is written, and what it does, in one language."""
    found: dict[str, list[tuple[str, str]]] = {"arguments": [], "options": []}
    for param in command.get_params(ctx):
        kept, param.help = getattr(param, "help", None), split(getattr(param, "help", None) or "").told(lang)
        try:
            record = param.get_help_record(ctx)
        finally:
            param.help = kept
        if record is not None:
            record = (_kind(record[0], lang), record[1])
            found["arguments" if param.param_type_name == "argument" else "options"].append(record)
    return found


def _kind(name: str, lang: Lang) -> str:
    """How an option is written, the kind of its value as people call it."""
    name = re.sub(r"<list\[(\w+)\]>", lambda of: f"<{of[1].lower()}>", name)
    for parsers, said in _KINDS.items():
        name = name.replace(parsers, said.told(lang))
    return name


def _sections(command: Any, ctx: Any, lang: Lang, width: int) -> Iterator[str]:
    parts = records(command, ctx, lang)
    if hasattr(command, "list_commands"):
        subs = [(name, command.get_command(ctx, name)) for name in command.list_commands(ctx)]
        parts["commands"] = [(n, _first(sub, lang)) for n, sub in subs if sub is not None and not sub.hidden]
    for title, rows in parts.items():
        if rows:
            yield _WORDS[title].told(lang)
            yield from _table(rows, lang, width)
            yield ""


def _first(command: Any, lang: Lang) -> str:
    """The first sentence of a command's help: what a list of commands has room for."""
    said = next(iter(paragraphs(command.help)), Phrase("", "")).told(lang)
    return re.split(r"(?<=[.:;])(?=\s|$)|(?<=[。：；])", said)[0].rstrip(".。:：;；")


def _table(rows: list[tuple[str, str]], lang: Lang, width: int) -> Iterator[str]:
    left = min(max(columns(name) for name, _ in rows), 26) + 4
    for name, said in rows:
        text = filled(worded(said, lang), width, indent=left)
        if columns(name) + 2 > left - 2:
            yield f"  {name}"
            yield text
        else:
            yield f"  {name}{text[columns(name) + 2 :]}" if said else f"  {name}"


def worded(text: str, lang: Lang) -> str:
    """A help text with what typer itself says in it turned."""
    for said in _STANDARD:
        text = text.replace(said.en, said.told(lang))
    between, least = (" 至 ", "至少 ") if lang == "zh" else (" to ", "at least ")
    text = _RANGE.sub(lambda of: f"{_number(of[1])}{between}{_number(of[2])}", text)
    text = _LEAST.sub(lambda of: f"{least}{_number(of[1])}", text)
    return _SEMICOLON.sub(r"\1；", text) if lang == "zh" else text


def _number(text: str) -> str:
    """600 for 600.0."""
    return f"{float(text):.10g}"
