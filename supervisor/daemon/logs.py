"""Logs: JSON off a terminal, plain lines on one; a line a state change, repeats counted. No line shows a value of the code."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Callable

import structlog

from config.phrase import Lang
from config.secrets import covered
from supervisor.clockwork.folded import Folded
from supervisor.daemon.spoken_log import renderer, without_chinese


class _Stderr:
    """Whatever standard error is when a line is written: loggers are kept, and a stream may be replaced meanwhile."""

    def write(self, text: str) -> int:
        """Write."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush."""
        sys.stderr.flush()


class _Libraries(logging.Handler):
    """What libraries say, in our lines: each thing once a minute, with how often it was said."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._folded = Folded()

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        try:
            if times := self._folded.times((record.name, record.levelno, str(record.msg))):
                tell = (
                    structlog.get_logger().error
                    if record.levelno >= logging.ERROR
                    else structlog.get_logger().warning
                )
                tell(record.getMessage(), what=record.name, times=times, exc_info=record.exc_info)
        except Exception:  # a line that cannot be written must not end what is told of
            self.handleError(record)


def _covered(render: Callable[..., str | bytes]) -> structlog.typing.Processor:
    """A renderer whose lines show no user's part of an address, whoever wrote it into an error."""

    def rendered(logger: object, method: str, event: structlog.typing.EventDict) -> str:
        return covered(str(render(logger, method, event)))

    return rendered


def coloured() -> bool:
    """Whether a terminal is written in colour: not where NO_COLOR is set (no-color.org), nor on one that has none."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def configure(*, quiet: bool = False, lang: Callable[[], Lang] = lambda: "en", person: bool = False) -> None:
    """Send structlog, and the libraries' warnings, to standard error. `quiet` keeps everything below a warning;
    `lang`: what a person at a terminal reads, asked for each line. `person`: it is a verb's reader, told in words off a terminal, too."""
    level = logging.WARNING if quiet else logging.INFO
    terminal = sys.stderr.isatty()
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    if terminal or person:
        processors.append(structlog.processors.format_exc_info)  # plain: no values of the code
        render = renderer(
            lang,
            coloured=terminal and coloured(),
            width=lambda: shutil.get_terminal_size().columns if terminal else None,
        )
        processors.append(_covered(render))
    else:
        # The values of a stack's variables would be passwords, tokens, and who was where.
        frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        processors += [
            without_chinese,
            structlog.processors.ExceptionRenderer(frames),
            _covered(structlog.processors.JSONRenderer(ensure_ascii=False)),
        ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(_Stderr()),  # type: ignore[arg-type]  # it prints to it, no more
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    if not any(isinstance(handler, _Libraries) for handler in root.handlers):
        root.addHandler(_Libraries())
