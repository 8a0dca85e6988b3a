"""A trial in sentences: what was drawn, what it shows, what does not count."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from config.phrase import Phrase
from config.trial import Arm, Sees
from supervisor.ledger.statistics import KWH
from supervisor.savings.trial.estimate import MEASURED, Taken
from supervisor.savings.trial.reading import ENOUGH, WHY, Look, Reading
from supervisor.savings.trial.usual import YEAR

ARMS: Final = {
    Arm.TODAY: Phrase("today", "今日方式（today）"),
    Arm.POLICY: Phrase("the file in force", "现行文件（policy）"),
    Arm.DRAFT: Phrase("the draft", "草案（draft）"),
}
SEEN: Final = {
    Sees.PRESENCE: Phrase("the hours with somebody in", "有人时长"),
    Sees.WINDOWS: Phrase("the hours with a window open", "开窗时长"),
}


def told(look: Look, reading: Reading) -> Phrase:
    """What a look shows. Nothing is claimed where its interval leaves zero in."""
    reference, treatment = (ARMS[arm] for arm in reading.record.drawn.arms)
    after = Phrase(f"trial, after {look.block * 12} weeks", f"试验第 {look.block * 12} 周末")
    e = look.found
    if e is None:
        return Phrase(f"{after.en}: too few pairs of days that count", f"{after.zh}：可比较的配对日过少")
    figures = f"{e.saved / KWH:.1f} kWh ({e.share:.1%}; 90 %: {look.low / KWH:.1f} … {look.high / KWH:.1f})"
    en, zh = [], []
    if look.claimed:
        en.append(f"{after.en}: {treatment.en} saves against {reference.en}, a day, {figures}")
        zh.append(f"{after.zh}：{treatment.zh}较{reference.zh}每日节能 {figures}")
    else:
        least = f"{(look.high - look.low) / 2 / KWH:.1f} kWh"
        en.append(
            f"{after.en}: no saving can be claimed: a day {figures}, and under {least} these days show none"
        )
        zh.append(f"{after.zh}：尚不能认定节能：每日 {figures}，低于 {least} 的节能量无法识别")
    en.append(f"{e.pairs} pairs")
    zh.append(f"{e.pairs} 对")
    for each in e.taken:
        said = sensed_told(each)
        en.append(said.en)
        zh.append(said.zh)
    if e.chance < 0.05:
        en.append(f"a day is felt on the next ({e.felt / KWH:.1f} kWh of it)")
        zh.append(f"前几日的运行方式影响当日（其中 {e.felt / KWH:.1f} kWh）")
    return Phrase("; ".join(en), "；".join(zh))


def sensed_told(each: Taken) -> Phrase:
    """Whether what sensors saw was taken out, and if not, why."""
    name = SEEN[each.name]
    if each.used:
        return Phrase(f"{name.en} taken out", f"已扣除{name.zh}的影响")
    if math.isnan(each.chance):
        return Phrase(
            f"{name.en} not taken out: sensors measured it on {each.share:.0%} of the days with work, and {MEASURED:.0%} are needed",
            f"未扣除{name.zh}的影响：仅 {each.share:.0%} 的工作日有传感器数据，至少需要 {MEASURED:.0%}",
        )
    return Phrase(
        f"{name.en} not taken out: the arms differ in it (by chance {each.chance:.3f}), so it is part of what they do",
        f"未扣除{name.zh}的影响：两组之间本身不同（偶然概率 {each.chance:.3f}），属于运行方式的效果",
    )


def before_told(days: int) -> Phrase:
    """Whether the year before says what a day of its kind uses."""
    if days >= YEAR:
        return Phrase(
            f"what a day of its kind uses is learnt from the year before: {days} days",
            f"各类日子的常规用能由上一年 {days} 天得出",
        )
    return Phrase(
        f"nothing is learnt from the year before: {days} days of it have energy and weather, and {YEAR} are needed; ledger import brings them",
        f"未利用上一年的数据：只有 {days} 天同时有能耗和气温，需要 {YEAR} 天；可用 ledger import 导入",
    )


def lines(reading: Reading) -> Iterator[Phrase]:
    """The trial so far, a line each."""
    drawn = reading.record.drawn
    reference, treatment = (ARMS[arm] for arm in drawn.arms)
    last, weeks = drawn.end - timedelta(1), drawn.blocks * 12
    yield Phrase(
        f"trial {drawn.name}: {treatment.en} against {reference.en}, {drawn.start} to {last}, {weeks} weeks; schedule {drawn.hash[:16]}",
        f"试验 {drawn.name}：{treatment.zh}对比{reference.zh}，{drawn.start} 至 {last}，共 {weeks} 周；日程摘要 {drawn.hash[:16]}",
    )
    for block, length in sorted(reading.record.lengths.items()):
        if length > 1:
            yield Phrase(
                f"from block {block + 1} on arms of {length} days", f"第 {block + 1} 组起每段 {length} 天"
            )
    for name, (one, two) in reading.counts.items():
        why = Phrase("days that count", "计入天数") if name == "counted" else WHY[name]
        yield Phrase(
            f"{why.en}: {one} of {reference.en}, {two} of {treatment.en}",
            f"{why.zh}：{reference.zh} {one} 天，{treatment.zh} {two} 天",
        )
    if reading.gone:
        yield Phrase(
            f"the site file does not name {', '.join(reading.gone)} any more, with which the trial was drawn: all figures are without"
            " them. Name them again, or say so wherever the figures are told",
            f"抽签时计入的 {'、'.join(reading.gone)} 已不在站点文件中，所有数值均不含其用量：请恢复，或在引用数值时注明",
        )
    yield Phrase(
        "which days are worked is told by the calendar of the site file as it is now",
        "是否上班按当前站点文件的日历判断",
    )
    if reading.unlike:
        yield Phrase(
            f"pairs of a day with work and one without, or one after a holiday, not compared: {reading.unlike}",
            f"一天上班、一天不上班或为长假后首日而不作比较的配对：{reading.unlike}",
        )
    if reading.before is not None:
        yield before_told(reading.before)
    if reading.seen is None:
        yield Phrase(
            "which of the year's temperatures both arms have seen is not known: season: weather: names a typical year",
            "全年气温未知，无法说明两组经历了其中多少：在 season: weather: 中指定典型年",
        )
    else:
        short = reading.seen < ENOUGH
        yield Phrase(
            f"both arms have seen {reading.seen:.0%} of the year's temperatures"
            + (": what is found is of these, not of a year" if short else ""),
            f"两组都经历过全年 {reading.seen:.0%} 的气温"
            + ("：结论只适用于这些天气，不能代表全年" if short else ""),
        )
    for look in reading.looks:
        yield told(look, reading)
    if reading.next_look is not None:
        yield Phrase(
            f"next look: {reading.next_look}; until then nothing is estimated",
            f"下次查看：{reading.next_look}；此前不作估计",
        )
