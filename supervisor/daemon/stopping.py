"""The stop of a daemon: how long it goes on, and what is said of those that hold it up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from config.phrase import Phrase
from supervisor.daemon.promises import PROMISE, RELEASE_WITHIN
from supervisor.gateway import Left, Patience
from supervisor.gateway.left import summary

log = structlog.get_logger()
SHOWN: Final = 10
"""Points that a line of the log names; the database knows them all, and `release --offline` tells them. A site choice."""


@dataclass
class Stop:
    """A stop that is asked for once, and a second time by whoever has had enough.

    It takes up to `within` seconds of wall time from when it was asked for. `say` tells an operator who waits for it
    what he should know, line by line.
    """

    within: float = RELEASE_WITHIN
    say: Callable[[Phrase], None] = lambda said: None
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    _until: float | None = None

    def signal(self) -> None:
        """SIGTERM or Ctrl-C: stop, and at once if that was said already."""
        if self.asked.is_set():
            self.enough.set()
        self.asked.set()

    async def watch(self) -> None:
        """Note when the stop was asked for: a service manager counts from there."""
        await self.asked.wait()
        self._until = asyncio.get_running_loop().time() + self.within

    def patience(self) -> Patience:
        """How long letting go may take from now on."""
        now = asyncio.get_running_loop().time()
        if self._until is None:
            self._until = now + self.within
        return Patience(max(PROMISE, self._until - now), PROMISE, self._late, self.enough)

    def _late(self, points: Sequence[Left]) -> None:
        """The promise is over, and some have not answered: the stop goes on, and says so."""
        now = asyncio.get_running_loop().time()
        seconds = max(0, round(self._until - now)) if self._until is not None else 0
        left = summary(points)
        if self.asked.is_set():
            what = "the stop goes on"
            end = Phrase("a second Ctrl-C or SIGTERM", "再按 Ctrl-C 或再发 SIGTERM")
        else:  # no daemon stops: somebody lets go without one
            what, end = "they are waited for", Phrase("Ctrl-C", "按 Ctrl-C")
        en = f"not let go of yet: {left.en}; {what} for up to {seconds} s, {end.en} ends it at once"
        zh = f"尚未释放：{left.zh}；最多再等 {seconds} 秒，{end.zh} 立即结束"
        log.warning(
            "still letting go", count=len(points), points=[p.point for p in points[:SHOWN]], problem=en, zh=zh
        )
        self.say(Phrase(en, zh))


def tell_left(points: Sequence[Left]) -> None:
    """What is left at the end of a stop, in the log: a line for each controller with its first points, however many they are."""
    by_device: dict[str, list[Left]] = {}
    for p in points:
        by_device.setdefault(p.device, []).append(p)
    for device, of in by_device.items():
        say = log.error if any(p.ours for p in of) else log.warning
        # one line for each kind, not for each point: what was heard of them differs by a number at most
        kinds = list({p.why: p for p in of}.values())
        why = joined([p.in_words() for p in kinds]) if len(of) <= SHOWN else summary(of)
        todo = joined(list(dict.fromkeys(p.to_do() for p in kinds)))
        say(
            "left", device=device, count=len(of), points=[p.point for p in of[:SHOWN]], where=[p.place for p in of[:SHOWN]],
            why=why.en, to_do=todo.en, zh=f"{why.zh}；{todo.zh}",
        )  # fmt: skip


def joined(said: Sequence[Phrase]) -> Phrase:
    """Several reasons in one."""
    return Phrase("; ".join(each.en for each in said), "；".join(each.zh for each in said))
