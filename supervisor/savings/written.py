"""Figures as people read them, in both languages: a space before the per cent sign, and a minus that is one."""

from __future__ import annotations


def percent(share: float, digits: int = 1, sign: str = "") -> str:
    """A share: 2.7 %. `sign` `+`: with its sign, whichever it is."""
    return f"{100 * share:{sign}.{digits}f} %".replace("-", "−")


def whole(value: float) -> str:
    """A figure in whole units, thousands apart: −10,237."""
    return f"{value:,.0f}".replace("-", "−")
