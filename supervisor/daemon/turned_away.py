"""Requests for a change that the page turned away: each is counted, and the audit has them, a flood folded into a line a minute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from config.phrase import Phrase
from supervisor.clockwork.clock import Clock
from supervisor.clockwork.folded import Folded
from supervisor.store.rows import NoticeRow

WHY: Final[Mapping[str, Phrase]] = {
    "token": Phrase("no token that is known", "没有有效令牌"),
    "origin": Phrase("asked for by another page", "请求来自其他页面"),
    "host": Phrase("asked under a name that is not ours", "请求使用了非本机的主机名"),
    "size": Phrase("too long to be a request", "请求过长"),
    "senseless": Phrase("it makes no sense, or cannot be done", "请求无法理解或无法执行"),
    "widening": Phrase("the building would be written more by it", "将增加写入，须在命令行确认"),
}
SHOWN: Final = 60
"""Characters of a path that are repeated."""


class TurnedAway:
    """Of one daemon."""

    def __init__(
        self, clock: Clock, notice: Callable[[NoticeRow], None], building: Callable[[], str]
    ) -> None:
        self._clock, self._notice, self._building = clock, notice, building
        self._folded = Folded()
        self.counts: Counter[str] = Counter(dict.fromkeys(WHY, 0))

    def __call__(self, why: str, path: str, peer: str) -> None:
        """One was: why (a key of `WHY`), its path, and the address that it came from."""
        self.counts[why] += 1
        if times := self._folded.times((why, peer)):
            said, where = WHY[why], path.encode("unicode_escape").decode()[:SHOWN]
            row = NoticeRow(
                self._clock.now(), "operator", "refused", self._building(),
                f"a request for a change was turned away: {said.en} ({where}, from {peer or '?'}, {times} times)",
                f"拒绝了更改请求：{said.zh}（{where}，来自 {peer or '?'}，{times} 次）",
            )  # fmt: skip
            self._notice(row)
