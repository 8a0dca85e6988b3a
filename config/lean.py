"""structlog without what it takes along: rich and pygments, for tracebacks in colours that nothing of ours shows.

Five megabytes for as long as the daemon lives, and a twentieth of a second at the start of each verb. Imported before
structlog is, which looks for rich once and for all.
"""

from __future__ import annotations

import sys

if "structlog" not in sys.modules and "rich" not in sys.modules:
    sys.modules["rich"] = None  # type: ignore[assignment] # it cannot be imported meanwhile
    try:
        import structlog  # noqa: F401 - that it is imported now is all
    finally:
        del sys.modules["rich"]
