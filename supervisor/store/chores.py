"""What housekeeping asks of a SQLite database: a copy of itself."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa


def copy_to(connection: sa.Connection, target: Path) -> None:
    """Copy a SQLite database into a file, in the place of what is there; all of it or nothing."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    connection.execute(sa.text("VACUUM INTO :file"), {"file": str(part)})
    part.chmod(0o600)  # it tells who was where
    part.replace(target)
