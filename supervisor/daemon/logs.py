"""Logs: JSON off a terminal, plain lines on one; a line a state change."""

from __future__ import annotations

import logging
import sys

import structlog


class _Stderr:
    """Whatever standard error is when a line is written: loggers are kept, and a stream may be replaced meanwhile."""

    def write(self, text: str) -> int:
        """Write."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush."""
        sys.stderr.flush()


def configure(*, quiet: bool = False) -> None:
    """Send structlog to standard error. `quiet` keeps everything below a warning."""
    level = logging.WARNING if quiet else logging.INFO
    terminal = sys.stderr.isatty()
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    if terminal:
        processors.append(structlog.dev.ConsoleRenderer())
    else:
        processors += [
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(_Stderr()),  # type: ignore[arg-type]  # it prints to it, no more
        cache_logger_on_first_use=True,
    )
