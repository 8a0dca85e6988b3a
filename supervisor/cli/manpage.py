"""The manual page, by the verbs' own help: `python -m supervisor.cli.manpage en|zh`, as scripts/docs runs it (man(7))."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Final

from config.phrase import LANGS, Lang, Phrase
from supervisor.cli.helping import paragraphs, records, worded

NAME: Final = "building-supervisor"
_HEADS: Final = {
    "name": Phrase("NAME", "名称"),
    "synopsis": Phrase("SYNOPSIS", "用法"),
    "options": Phrase("OPTIONS", "选项"),
    "commands": Phrase("COMMANDS", "命令"),
    "exit": Phrase("EXIT STATUS", "退出码"),
    "environment": Phrase("ENVIRONMENT", "环境变量"),
}
_WHAT: Final = Phrase(
    "enforce a building's energy conservation plan over BACnet", "经 BACnet 执行建筑节能方案"
)
_EXITS: Final = (
    ("0", Phrase("It is done.", "完成。")),
    ("1", Phrase("Something is wrong with the input, or with the world.", "输入或环境有误。")),
    ("2", Phrase("Misuse: an option or an argument that cannot be.", "用法有误：选项或参数不可用。")),
    ("130", Phrase("Ended by Ctrl-C.", "被 Ctrl-C 中断。")),
)
_ENVIRONMENT: Final = (
    (
        "LC_ALL, LC_MESSAGES, LANG",
        Phrase(
            "The language, where neither --lang nor the site file names one.",
            "既无 --lang、站点文件也未写 language 时所用的语言。",
        ),
    ),
    ("NO_COLOR", Phrase("Anything: no colour, on a terminal either.", "非空时不使用颜色，终端上也不用。")),
)


def page(lang: Lang) -> str:
    """The whole page in one language, in the macros of man(7)."""
    import typer

    from supervisor.cli.main import app

    command: Any = typer.main.get_command(app)
    ctx = typer.Context(command, info_name=NAME)
    return "\n".join([f".TH {NAME.upper()} 1", *_body(command, ctx, lang)]) + "\n"


def _body(command: Any, ctx: Any, lang: Lang) -> Iterator[str]:
    yield _section("name", lang)
    yield f"{escaped(NAME)} \\- {escaped(_WHAT.told(lang))}"
    yield _section("synopsis", lang)
    yield f".B {escaped(NAME)}"
    yield escaped("[OPTIONS] COMMAND [ARGS]...")
    yield _section("options", lang)
    yield from _records(command, ctx, lang)
    yield _section("commands", lang)
    yield from _verbs(command, ctx, lang)
    for section, rows in (("exit", _EXITS), ("environment", _ENVIRONMENT)):
        yield _section(section, lang)
        for name, said in rows:
            yield from _tagged(name, said.told(lang))


def _verbs(group: Any, ctx: Any, lang: Lang) -> Iterator[str]:
    import typer

    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if command is None or command.hidden:
            continue
        inner = typer.Context(command, info_name=name, parent=ctx)
        usage = [inner.command_path.removeprefix(f"{NAME} "), *command.collect_usage_pieces(inner)]
        yield f".SS {escaped(' '.join(usage))}"
        for said in paragraphs(command.help):
            yield ".PP"
            yield escaped(worded(" ".join(said.told(lang).split()), lang))
        yield from _records(command, inner, lang)
        if hasattr(command, "list_commands"):
            yield from _verbs(command, inner, lang)


def _records(command: Any, ctx: Any, lang: Lang) -> Iterator[str]:
    for rows in records(command, ctx, lang).values():
        for name, said in rows:
            yield from _tagged(name, worded(said, lang))


def _tagged(name: str, said: str) -> Iterator[str]:
    yield ".TP"
    yield f".B {escaped(name)}"
    yield escaped(" ".join(said.split()) or "\N{EN DASH}")


def _section(name: str, lang: Lang) -> str:
    return f".SH {_HEADS[name].told(lang)}"


def escaped(text: str) -> str:
    """A text that roff takes as it is: no escape, no dash that is typeset as a hyphen, no line that is a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text[:1] in (".", "'") else text


if __name__ == "__main__":
    sys.stdout.write(page(next(lang for lang in LANGS if lang == sys.argv[1])))
