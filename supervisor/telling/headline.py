"""The one sentence on top of the page: what the building is under now, and how much of it needs somebody."""

from __future__ import annotations

from dataclasses import dataclass

from config.phrase import Phrase
from supervisor.core.views import Fire
from supervisor.telling.needs import Need
from supervisor.telling.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Headline:
    """The sentence and its tone: `good`, `warn`, `bad` or `info`."""

    tone: str
    text: Phrase


def headline(snapshot: Snapshot, needs: list[Need]) -> Headline:
    """Who has the building now, and how many things need somebody."""
    rest = _needed(len(needs))
    if snapshot.fire in (Fire.ACTIVE, Fire.CLEARING):
        return _said("bad", Phrase("Fire alarm: nothing is written", "火警：停止写入"), rest)
    if snapshot.clock_doubt is not None:
        return _said(
            "bad", Phrase("The clock is not believed: nothing is decided", "时钟不可信：暂不决策"), rest
        )
    if not snapshot.ready:
        return _said("info", Phrase("Starting: nothing is decided yet", "正在启动：尚未决策"), rest)
    if snapshot.dry_run:
        count = len(snapshot.holdable)
        return _said(
            "warn", Phrase(f"Dry run: {count} points decided, nothing written", f"试运行：{count} 个点只演算、不下发"), rest
        )  # fmt: skip
    stands, of = enforced(snapshot)
    if not of:
        return _said("warn", Phrase("Watching: no point may be written", "只监测：没有可写的点"), rest)
    tone = "bad" if any(n.tone == "bad" for n in needs) else "warn" if needs else "good"
    return _said(
        tone, Phrase(f"Enforcing {stands} of {of} points", f"正在管控 {of} 个点中的 {stands} 个"), rest
    )


def enforced(snapshot: Snapshot) -> tuple[int, int]:
    """How many of the points that may be written do, or could at once be made to do, what is decided; and of how many.

    Not those that another master holds, whose device is away or quarantined, or whose zone is a dry run.
    """
    points = set(snapshot.holdable)
    lost = {override.point for override in snapshot.overrides}
    lost |= {trouble.point for zone in snapshot.zones for trouble in zone.unwritten}
    lost |= {point for device in snapshot.devices if not device.up for point in device.writable}
    dry = tuple(f"{zone.id}/" for zone in snapshot.zones if zone.dry_run)
    lost |= {point for point in points if dry and point.startswith(dry)}
    return len(points - lost), len(points)


def _needed(count: int) -> Phrase:
    if not count:
        return Phrase("nothing needs you", "无待办事项")
    return Phrase(f"{count} need{'s' if count == 1 else ''} you", f"{count} 项待处理")


def _said(tone: str, what: Phrase, rest: Phrase) -> Headline:
    return Headline(tone, Phrase(f"{what.en}; {rest.en}", f"{what.zh}；{rest.zh}"))
