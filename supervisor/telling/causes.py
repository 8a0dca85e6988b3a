"""What was estimated and put right in a period, meter by meter: each cause with its share of the figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from config.phrase import Lang, Phrase
from config.site import Site
from config.subitems import carrier
from supervisor.ledger.account import Account
from supervisor.ledger.causes import TOLD, Cause
from supervisor.ledger.statistics import CARRIERS, GAP, SPLIT, Figure, in_units
from supervisor.telling.aligned import aligned, decimal

_MORE: Final = {
    SPLIT: Phrase(
        "readings on both sides of the period's start or end, divided by time", "跨期读数按时间分摊"
    ),
    GAP: Phrase("a gap between readings", "读数有缺口"),
}
_HEAD: Final = Phrase("estimated or put right, and its share of the figure:", "估算与修正，及其占比：")
_ESTIMATED: Final = Phrase("estimated in all", "估算合计")
LEAST: Final = 0.005
"""What is told to the hundredth is not told where it is less."""


def word(cause: str) -> Phrase:
    """A cause in words, with its name."""
    told = _MORE.get(cause) or TOLD[Cause(cause)]
    return Phrase(f"{told.en} ({cause})", f"{told.zh}（{cause}）")


def rows(kind: str, figure: Figure, lang: Lang) -> Iterator[list[str]]:
    """Words, amount, unit and share of each cause of one figure that is worth a hundredth; then what of it is estimated."""
    said = [
        (word(cause), amount)
        for cause, amount in figure.causes
        if abs(in_units(kind, amount)) >= LEAST or cause not in (SPLIT, GAP)
    ]
    if said and in_units(kind, figure.estimated) >= LEAST:
        said.append((_ESTIMATED, figure.estimated))
    for words, amount in said:
        share = f"{amount / figure.amount:.1%}" if figure.amount else ""
        yield [words.told(lang), decimal(in_units(kind, amount)), CARRIERS[kind][0], share]


def notes(site: Site, accounts: Iterable[Account], lang: Lang) -> list[str]:
    """A table of what was estimated and put right: the period, the meter, each cause with amount and share of the figure;
    empty where there is nothing."""
    table = [
        [f"  {this.of.name}", id_, *row]
        for this in accounts
        for id_, figure in this.figures.items()
        if not site.meters[id_].virtual  # of a computed meter its parts tell it
        for row in rows(carrier(site.meters[id_].subitem), figure, lang)
    ]
    return ["", _HEAD.told(lang), *aligned(table, (3, 5))] if table else []
