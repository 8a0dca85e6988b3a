"""Energy and savings as the page tells them: each saving with its interval, the year against its target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from config.phrase import Lang, Phrase
from supervisor.savings import targets
from supervisor.telling.snapshot import SavingStatus, Snapshot
from supervisor.telling.words import word

JOULES_PER_KWH: Final = 3.6e6
_METHODS: Final = {
    "baseline": Phrase("against the baseline", "与基准年相比"),
    "trial": Phrase("by the randomised trial", "随机试验"),
    "model": Phrase("against a model without the rules", "与无规则模型相比"),
}
_DIVISORS: Final = {"area": Phrase("per m²", "单位建筑面积"), "head": Phrase("per head", "人均")}
_UNKNOWN: Final = "?"
_VERDICTS: Final = {True: ("on", "g_met"), False: ("bad", "g_missed"), None: ("unknown", "g_unknown")}


@dataclass(frozen=True, slots=True)
class SavingLine:
    """A saving by one method: kWh as text, its 90 % interval, share of what would have been used.

    `zero`, `from_`, `wide` and `at` place nought, the interval and the figure on a bar of 100.
    """

    method: str
    saved: str
    low: str
    high: str
    share: str
    sure: bool
    """The interval is on one side of nought."""
    zero: float
    from_: float
    wide: float
    at: float


@dataclass(frozen=True, slots=True)
class TargetLine:
    """A year's target, what it stands at and what it will come to, in per cent; `tone` says whether it will be met."""

    name: str
    target: str
    reduction: str
    forecast: str
    tone: str
    verdict: str


def saving_lines(snapshot: Snapshot, lang: Lang) -> list[SavingLine]:
    """A line a method."""
    return [_saving(_named(_METHODS, method, lang), status) for method, status in snapshot.savings.items()]


def _saving(name: str, status: SavingStatus) -> SavingLine:
    least, most = min(status.low, status.saved, 0.0), max(status.high, status.saved, 0.0)
    span = (most - least) or 1.0

    def on(value: float) -> float:
        return round(100 * (value - least) / span, 1)

    share = f"{100 * status.saved / status.baseline:+.1f}\u00a0%" if status.baseline > 0 else _UNKNOWN
    return SavingLine(
        name, _kwh(status.saved), _kwh(status.low), _kwh(status.high), share.replace("-", "−"),
        status.low > 0 or status.high < 0,
        on(0.0), on(status.low), round(on(status.high) - on(status.low), 1), on(status.saved),
    )  # fmt: skip


def target_lines(snapshot: Snapshot, lang: Lang) -> Iterator[TargetLine]:
    """Per area and per head, of those whose divisor is told."""
    for of, year in snapshot.targets.items():
        coming = [year.forecast] if year.forecast is not None else []
        tone, verdict = _VERDICTS[targets.verdict(coming, year.target, year.unbooked or 0.0)]
        yield TargetLine(
            _named(_DIVISORS, of, lang), _percent(year.target), _percent(year.reduction), _percent(year.forecast),
            tone, word(verdict, lang),
        )  # fmt: skip


def _named(names: dict[str, Phrase], key: str, lang: Lang) -> str:
    return names[key].told(lang) if key in names else key


def _percent(share: float | None) -> str:
    return _UNKNOWN if share is None else f"{100 * share:.1f}\u00a0%".replace("-", "−")


def _kwh(joules: float) -> str:
    return f"{joules / JOULES_PER_KWH:,.0f}".replace("-", "−")
