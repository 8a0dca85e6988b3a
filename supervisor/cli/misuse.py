"""What the parser of command lines says, in both languages."""

from __future__ import annotations

import re
import sys
from typing import IO, Any, Final

import typer

from config.phrase import Phrase
from supervisor.cli.language import spoken

UsageError: Final[type[Any]] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "UsageError")
"""The parser's own; typer keeps it to itself."""
_KNOWN: Final = (
    (r"No such option: (\S+)(?: \(Possible options: (.*)\))?", "没有选项 {0}", "；是否指 {1}？"),
    (r"No such command '(.*?)'\.(?: Did you mean (.*)\?)?", "没有命令 '{0}'", "；是否指 {1}？"),
    (r"No such command '(.*?)'\. ?Did you mean (.*)\?", "没有命令 '{0}'", "；是否指 {1}？"),
    (r"Missing command\.", "缺少命令", ""),
    (r"Missing argument (\S+?)\.", "缺少参数 {0}", ""),
    (r"Missing option (.+?)\.(?: (.*))?", "缺少选项 {0}", ""),
    (r"Option (\S+) requires an argument\.", "选项 {0} 后面要有值", ""),
    (r"Option (\S+) requires (\d+) arguments\.", "选项 {0} 后面要有 {1} 个值", ""),
    (r"Option (\S+) does not take a value\.", "选项 {0} 不带值", ""),
    (r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)", "多出的参数（{0}）", ""),
    (r"Invalid value for (.+?): (.*)", "{0} 的值不对：{1:said}", ""),
    (r"Invalid value: (.*)", "值不对：{0:said}", ""),
    (r"Value error, (.*)", "{0:said}", ""),
    (r"Input should be (less|greater) than or equal to (.+)", "应{0:than}等于 {1}", ""),
    (r"Input should be (less|greater) than (.+)", "应{0:than} {1}", ""),
    (r"Input should be a valid integer.*", "应为整数", ""),
    (r"Input should be a valid number.*", "应为数字", ""),
    (r"(.+) is not one of (.+)\.", "{0} 不在可选之列：{1}", ""),
    (r"(.+) is not a valid (?:integer|int)( range)?\.", "{0} 不是整数", ""),
    (r"(.+) is not a valid (?:float|number)( range)?\.", "{0} 不是数字", ""),
    (r"(.+) is not a valid boolean\.", "{0} 不是 true 或 false", ""),
    (r"(.+) is not in the range (.+)\.", "{0} 不在范围 {1} 内", ""),
    (r"(.+) is no number that can be waited for", "{0} 不是可以等待的时长", ""),
)
"""The parser's sentences, and the Chinese of each; the last part is said where there is something to suggest."""


_THAN: Final = {"less": "小于", "greater": "大于"}


def in_both(message: str) -> Phrase:
    """A sentence of the parser; one that is not known here is quoted."""
    for pattern, chinese, more in _KNOWN:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found is None:
            continue
        parts = [part or "" for part in found.groups()]
        said = chinese
        for n, part in enumerate(parts):
            said = said.replace(f"{{{n}:than}}", _THAN.get(part, ""))
            said = said.replace(f"{{{n}:said}}", in_both(part).zh).replace(f"{{{n}}}", part)
        if more and parts[-1]:
            said += more.replace("{1}", parts[-1])
        return Phrase(message, said)
    return Phrase(message, f"命令行有误：{message}")


class Misuse(UsageError):  # type: ignore[misc] # the parser's class is Any to us
    """A command line that cannot be read, told in the reader's language."""

    def __init__(self, cause: Any) -> None:
        super().__init__(cause.message, cause.ctx)
        self.cause = cause

    def format_message(self) -> str:
        """The sentence alone."""
        message: str = self.cause.format_message()
        return in_both(message).told(spoken())

    def show(self, file: IO[Any] | None = None) -> None:
        """Usage, where to find help, and what is wrong."""
        out = file or sys.stderr
        if self.ctx is not None:
            try_ = f"'{self.ctx.command_path} {self.ctx.help_option_names[-1]}'"
            usage = self.ctx.get_usage()
            out.write(f"{usage if spoken() == 'en' else usage.replace('Usage:', '用法：')}\n")
            out.write(Phrase(f"Try {try_} for help.\n\n", f"说明见 {try_}\n\n").told(spoken()))
        out.write(Phrase("Error: ", "错误：").told(spoken()) + self.format_message() + "\n")
