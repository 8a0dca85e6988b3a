"""The command line: `building-supervisor VERB`."""

from __future__ import annotations

from supervisor.cli.main import main

__all__ = ["main"]
