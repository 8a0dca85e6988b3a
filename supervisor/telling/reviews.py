"""What a reviewer would ask about, as people read it: a line each, and then check by check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from config.phrase import Lang, Phrase
from supervisor.ledger.review import TOLD, Asked, Check
from supervisor.telling.aligned import aligned

_NOTHING = Phrase("nothing to ask about", "未发现问题")
_NOT_JUDGED = Phrase("not judged", "未审核")


def told(
    period: str, found: Sequence[tuple[str, Phrase]], reviewed: Sequence[Asked], lang: Lang
) -> list[str]:
    """Faults and what is asked about, then each check with its result, and why what was not judged was not."""
    colon = Phrase(": ", "：").told(lang)
    lines = [f"{about}: {what.told(lang)}" for about, what in found]
    lines += [f"{each.about}: {each.what.told(lang)}" for each in reviewed if each.judged]
    if not lines:
        lines = [f"{period}{colon}{_NOTHING.told(lang)}"]
    rows = [[f"  {TOLD[check].told(lang)}", result] for check, result in _results(reviewed, lang)]
    lines += ["", Phrase("the reviewers' checks:", "审核项：").told(lang), *aligned(rows)]
    open_ = [f"  {each.about}: {each.what.told(lang)}" for each in reviewed if not each.judged]
    return [*lines, *(["", f"{_NOT_JUDGED.told(lang)}{colon}".rstrip(), *open_] if open_ else [])]


def _results(reviewed: Sequence[Asked], lang: Lang) -> Iterator[tuple[Check, str]]:
    for check in Check:
        asked = sum(each.check is check and each.judged for each in reviewed)
        left = sum(each.check is check and not each.judged for each in reviewed)
        said = []
        if asked:
            said.append(Phrase(f"{asked} to explain", f"{asked} 项需说明").told(lang))
        if left:
            said.append(Phrase(f"{left} not judged", f"{left} 项未审核").told(lang))
        yield check, Phrase(", ", "，").told(lang).join(said) or _NOTHING.told(lang)
