"""structlog without what it takes along: rich and pygments, for tracebacks in colours that nothing of ours shows, greenlet,
in whose threads nothing of ours runs, and colorama, for the colours of Windows.

Six megabytes for as long as the daemon lives, and a twentieth of a second at the start of each verb. Imported before
structlog is, which looks for them once and for all.
"""

from __future__ import annotations

import sys

_without = {"rich", "greenlet", "colorama"} - set(sys.modules)
if "structlog" not in sys.modules:
    sys.modules |= dict.fromkeys(_without)  # type: ignore[arg-type] # they cannot be imported meanwhile
    try:
        import structlog  # noqa: F401 - that it is imported now is all
    finally:
        for _name in _without:
            del sys.modules[_name]
