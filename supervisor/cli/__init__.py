"""The command line: `building-supervisor VERB`."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Entry point. Ctrl-C while the verbs are still being loaded, a second and more on a small box, is one like any other."""
    try:
        from supervisor.cli.main import main as verbs
    except KeyboardInterrupt:
        sys.exit(130)
    verbs()
