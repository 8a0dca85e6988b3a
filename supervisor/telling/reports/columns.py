"""The columns of figures of a period: its months, the whole where there are several, the year that it is compared with, the change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from config.phrase import Lang, Phrase
from supervisor.ledger.account import Account
from supervisor.telling.reports.document import Cell
from supervisor.telling.reports.facts import Facts

WHOLE, BEFORE, CHANGE = "whole", "before", "change"
_SUM: Final = Phrase("total", "合计")
_CHANGE: Final = Phrase("change", "同比")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Columns:
    """The columns of figures of a period: its months, the whole where there are several, and the year before."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.several = len(facts.parts) > 1 or facts.parts[0].of.name != facts.of.name
        self.names = [a.of.name for a in facts.parts]
        """Keys of the parts."""
        self.accounts: list[tuple[str, Account]] = list(zip(self.names, facts.parts, strict=True))
        if self.several:
            self.accounts.append((WHOLE, facts.whole))
        if facts.whole_before is not None:
            self.accounts.append((BEFORE, facts.whole_before))

    @property
    def last(self) -> str:
        """Key of the column that is the whole period."""
        return WHOLE if self.several else self.names[0]

    def heads(self, lang: Lang) -> list[str]:
        """Their headings."""
        said = [f"{int(n[5:7])}{'月' if lang == 'zh' else ''}" if self.several else n for n in self.names]
        if lang == "en" and self.several:
            said = [_MONTHS[int(n[5:7]) - 1] for n in self.names]
        if self.several:
            said.append(_SUM.told(lang))
        return said + (
            [self.facts.then.told(lang), _CHANGE.told(lang)] if self.facts.whole_before is not None else []
        )

    def change(self, stem: str, cells: Sequence[Cell]) -> list[Cell]:
        """The change against the year before, which is the last of the cells, of the whole, which is the one before it."""
        if self.facts.whole_before is None:
            return []
        then, now = cells[-1].value, cells[-2].value
        known = isinstance(now, float) and isinstance(then, float) and then != 0
        value = now / then - 1 if known else None  # type: ignore[operator]
        marked = cells[-1].marked or cells[-2].marked
        formula = f"{{{stem}/{self.last}}}/{{{stem}/{BEFORE}}}-1" if known else ""
        return [Cell(value, marked=marked and known, formula=formula, percent=True, key=f"{stem}/{CHANGE}")]

    def summed(self, stem: str) -> str:
        """The whole as a workbook reckons it: its months together."""
        return f"SUM({{{stem}/{self.names[0]}}}:{{{stem}/{self.names[-1]}}})"


def capital(text: str) -> str:
    """With a capital letter."""
    return text[:1].upper() + text[1:]
