"""How a verb stands on the command line: `--lang` on each, its help and its errors in the reader's language."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from supervisor.cli import language
from supervisor.cli.helping import helped
from supervisor.cli.misuse import Misuse, UsageError


class _Spoken:
    """What commands and groups share."""

    params: list[Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not any(language.OPTION in getattr(p, "opts", ()) for p in self.params):
            self.params.append(_option())

    def get_help(self, ctx: Any) -> str:
        """In the reader's language, no wider than the terminal."""
        return helped(self, ctx, language.spoken())


@cache
def _option() -> Any:
    """`--lang` as typer makes it; its value is heeded before it is parsed."""
    tiny = typer.Typer(add_completion=False)

    @tiny.command()
    def _(
        lang: Annotated[
            language.Tongue | None,
            typer.Option(language.OPTION, help=f"{language.HELP.en} · {language.HELP.zh}"),
        ] = None,
    ) -> None: ...

    option = next(p for p in typer.main.get_command(tiny).params if language.OPTION in p.opts)
    option.expose_value = False
    return option


class Verb(_Spoken, TyperCommand):
    """A command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Heed the language first; what the parser refuses is told in it."""
        language.heed(args)
        try:
            return super().parse_args(ctx, args)
        except UsageError as error:
            raise _told(error) from None


class Verbs(_Spoken, TyperGroup):
    """A group of commands, or all of them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Heed the language first; at the root, forget that of an earlier command line."""
        if ctx.parent is None:
            language.begin()
        language.heed(args)
        try:
            return super().parse_args(ctx, args)
        except UsageError as error:
            raise _told(error) from None

    def invoke(self, ctx: Any) -> Any:
        """The same for what is refused between a group and its command."""
        try:
            return super().invoke(ctx)
        except UsageError as error:
            raise _told(error) from None


def _told(error: Any) -> Any:
    """The parser's error in the reader's language; a help page that was asked for by silence is no error."""
    return (
        error if isinstance(error, Misuse) or type(error).__name__ == "NoArgsIsHelpError" else Misuse(error)
    )
