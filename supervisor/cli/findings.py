"""What `doctor` finds: one line each, and once where the same is said of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MARKS = {"ok": "✓", "note": "·", "bad": "✗"}
MANY = frozenset({"point", "device"})
"""Of what there are many, and the same may be said of each."""
FALLS_BACK = 'falls back to "on" when our slot is NULL'


class Finding(NamedTuple):
    """One check: `ok`, `note` or `bad`."""

    level: str
    what: str
    said: str


def folded(found: Sequence[Finding]) -> list[Finding]:
    """In the same order; where the same is said of many points or devices, once, with all their names."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for finding in found:
        kind, _, name = finding.what.partition(" ")
        same = kind if kind in MANY else finding.what
        groups.setdefault((finding.level, same, finding.said), []).append(name if kind in MANY else "")
    lines = []
    for (level, what, said), names in groups.items():
        if what not in MANY:
            lines.append(Finding(level, what, said))
        elif len(names) == 1:
            lines.append(Finding(level, f"{what} {names[0]}", said))
        else:
            lines.append(Finding(level, f"{len(names)} {what}s", f"{said}: {', '.join(names)}"))
    return lines


def mismatch(point: str, why: str) -> Finding:
    """A point whose number nobody can take."""
    return Finding("bad", f"point {point}", f"not believed, and not written: {why}")


def accepting(device: str, why: str) -> str:
    """Why a device is not written, and the word that ends it."""
    return f"{why}; nothing is written to it; if that is right: doctor --accept {device}"
