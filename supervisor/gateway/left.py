"""What could not be let go: which point, why, and what a person can do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from config.phrase import Lang, Phrase
from drivers.protocol import DriverError, Silent
from supervisor.gateway.commandable import Commandable

A_SCREEN: Final = 20
"""Points that are named line by line; of more, three for each device and reason: the database knows them all. A site choice."""
_NAMED: Final = 3


class Why(StrEnum):
    """Why a slot is not known to be empty."""

    SILENT = "silent"
    """The device did not answer, or not in time."""
    UNCLEAR = "not legible"
    """It answers, and what it says cannot be read, or is no answer to what was asked."""
    JOURNAL = "not recorded"
    """The database had not taken the row that is to precede the write."""
    REFUSED = "refused"
    """It said no."""
    UNPROVEN = "not read back"
    """It was told to let go, and did not answer when the slot was read back."""
    STAYS = "not empty"
    """It acknowledged, and the slot is not empty all the same."""
    WAITED = "not tried"
    """Its turn did not come."""
    DEFECT = "internal error"
    QUARANTINED = "quarantined"
    """Another device is in its place: not ours to write."""
    FOREIGN = "not ours"
    """The slot holds what we did not write: not ours to write."""
    NO_ARRAY = "no priority array"
    """There is no slot to look into."""


NOT_OURS = frozenset({Why.QUARANTINED, Why.FOREIGN, Why.NO_ARRAY})
"""Left, named, and no failure: what is there is not ours to write, or not ours to know."""

_WORDS = {
    Why.SILENT: Phrase("does not answer", "无应答"),
    Why.UNCLEAR: Phrase("answers, but not so that its slot can be read", "有应答，但读不出该优先级"),
    Why.JOURNAL: Phrase("the database has not taken its row yet", "数据库尚未写入其记录"),
    Why.REFUSED: Phrase("refuses to let go", "拒绝释放"),
    Why.UNPROVEN: Phrase("was told to let go, and could not be read back", "已发出释放，但未能回读确认"),
    Why.STAYS: Phrase("acknowledged, but the slot is not empty", "已应答，但该优先级仍有值"),
    Why.WAITED: Phrase("its turn did not come before the end", "结束前未轮到"),
    Why.DEFECT: Phrase("internal error", "内部错误"),
    Why.QUARANTINED: Phrase("quarantined, not ours to write", "已隔离，不由本系统写入"),
    Why.FOREIGN: Phrase("our slot holds what we did not write: left alone", "该优先级的值非本系统写入：保持不动"),
    Why.NO_ARRAY: Phrase("no priority array: whether we hold it cannot be read", "无优先级数组：无法读出是否仍被占用"),
}  # fmt: skip

_AGAIN = Phrase(
    "release {site} --offline lets go of it; so does the next start",
    "执行 release {site} --offline，或重新启动，即可释放",
)
_BY_HAND = Phrase(
    "empty the slot with the controller's own tool (write NULL at our priority)",
    "用控制器自带工具清空该优先级（写入 NULL）",
)
_TO_DO = {
    Why.SILENT: Phrase("see to {device}'s power and network; then " + _AGAIN.en, "检查 {device} 的电源与网络；然后" + _AGAIN.zh),
    Why.UNCLEAR: Phrase(
        "restart {device} or look at its own display; then " + _AGAIN.en, "重启 {device} 或查看其本机显示；然后" + _AGAIN.zh
    ),
    Why.UNPROVEN: Phrase("once {device} answers steadily, " + _AGAIN.en, "待 {device} 应答稳定后，" + _AGAIN.zh),
    Why.JOURNAL: Phrase(
        "see who holds the database, or whether its disk is failing; then " + _AGAIN.en,
        "检查数据库是否被其他程序占用、磁盘是否故障；然后" + _AGAIN.zh,
    ),
    Why.WAITED: _AGAIN,
    Why.DEFECT: Phrase("please report it; " + _AGAIN.en, "请反馈；" + _AGAIN.zh),
    Why.REFUSED: Phrase("see whether {device} may be written; " + _BY_HAND.en, "检查 {device} 是否允许写入；" + _BY_HAND.zh),
    Why.STAYS: Phrase("see what else writes {device}; " + _BY_HAND.en, "检查是否另有系统写入 {device}；" + _BY_HAND.zh),
    Why.QUARANTINED: Phrase(
        "doctor {site} --accept {device} if it was replaced, then release {site} --offline; else " + _BY_HAND.en,
        "若确已更换：doctor {site} --accept {device}，再执行 release {site} --offline；否则" + _BY_HAND.zh,
    ),
    Why.FOREIGN: Phrase(
        "if no other system writes at our priority: release {site} --offline --lost-journal",
        "若无其他系统使用该优先级：release {site} --offline --lost-journal",
    ),
    Why.NO_ARRAY: Phrase("look at {device}'s own display", "查看 {device} 本机显示"),
}  # fmt: skip


class Left(NamedTuple):
    """A point that still holds a value at our priority, or may. `detail` is what was heard, in English."""

    point: str
    device: str
    place: str
    why: Why
    detail: str = ""

    @property
    def ours(self) -> bool:
        """Whether it would be ours to let go; False for what is only named."""
        return self.why not in NOT_OURS

    def in_words(self) -> Phrase:
        """Why it is left, as a person reads it."""
        words = _WORDS[self.why]
        if not self.detail or self.detail.startswith(words.en):
            return words
        return Phrase(f"{words.en} ({self.detail})", f"{words.zh}（{self.detail}）")

    def to_do(self, site: str = "SITE.yaml") -> Phrase:
        """What a person can do about it; `site` is the site file as commands name it."""
        en, zh = _TO_DO[self.why]
        return Phrase(en.format(device=self.device, site=site), zh.format(device=self.device, site=site))


def left(c: Commandable, why: Why, detail: str = "") -> Left:
    """A commandable point as one that is left."""
    slot = f" slot {c.key.priority}" if c.key.priority else ""
    return Left(
        c.name, c.key.device, f"{c.key.device} {c.key.object_type}:{c.key.instance}{slot}", why, detail
    )


def unheard(error: DriverError) -> Why:
    """Why a slot could not be read for now: its device says nothing, or nothing that tells what is in it."""
    return Why.SILENT if isinstance(error, Silent) else Why.UNCLEAR


def told(points: Sequence[Left], site: str = "SITE.yaml", lang: Lang | None = None) -> list[str]:
    """Lines, in both languages where nobody named one, that name each point that is left and why, or of more than `A_SCREEN` each device and
    reason; then once for each kind and device what to do."""
    lines = []
    for what, why in _each(points) if len(points) <= A_SCREEN else _together(points):
        both = f"left: {what.en}: {why.en} · {why.zh}"
        said = Phrase(f"left: {what.en}: {why.en}", f"未释放：{what.zh}：{why.zh}")
        lines.append(said.told(lang) if lang is not None else both)
    for en, zh in dict.fromkeys(p.to_do(site) for p in points):
        todo = Phrase(f"  to do: {en}", f"  处理：{zh}")
        lines.append(todo.told(lang) if lang is not None else f"  to do: {en} · 处理：{zh}")
    return lines


def _each(points: Iterable[Left]) -> Iterator[tuple[Phrase, Phrase]]:
    """Each point, and why it is left."""
    for p in points:
        yield Phrase(f"{p.point} ({p.place})", f"{p.point}（{p.place}）"), p.in_words()


def _together(points: Iterable[Left]) -> Iterator[tuple[Phrase, Phrase]]:
    """How many of a device are left for one reason, the first of them by name, and that reason."""
    groups: dict[tuple[str, Why], list[Left]] = {}
    for p in points:
        groups.setdefault((p.device, p.why), []).append(p)
    for (device, why), of in groups.items():
        names = [p.point for p in of[:_NAMED]]
        what, n = Phrase(", ".join(names), "、".join(names)), len(of)
        if n > _NAMED:
            what = Phrase(f"{what.en} and {n - _NAMED} more", f"{what.zh} 等 {n} 个点")
        yield Phrase(f"{what.en} ({device})", f"{what.zh}（{device}）"), _WORDS[why]


def summary(points: Iterable[Left]) -> Phrase:
    """How many are left, by device and reason, in one line."""
    counts = Counter((p.device, p.why) for p in points)
    each = [(device, n, _WORDS[why]) for (device, why), n in counts.items()]
    return Phrase(
        "; ".join(f"{device}, {n} point{'s' if n > 1 else ''}: {why.en}" for device, n, why in each),
        "；".join(f"{device} {n} 个点：{why.zh}" for device, n, why in each),
    )
