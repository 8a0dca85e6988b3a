"""A saving in one sentence: how much, how sure, and what is to be known of it."""

from __future__ import annotations

from datetime import date
from typing import Final

from config.phrase import Phrase
from supervisor.ledger.statistics import CARRIERS, KWH
from supervisor.savings.baseline import FAR, Saving
from supervisor.savings.odd import Odd
from supervisor.savings.plan import Stand
from supervisor.savings.targets import NAMES, Progress
from supervisor.savings.worth import Worth
from supervisor.savings.written import percent, whole

SEEN: Final = 0.05
"""Share of days with weather that the baseline never saw, from which on that is told."""


def told(saving: Saving, worth: Worth | None = None) -> Phrase:
    """The sentence of a saving. Nothing is claimed where the 90 % interval leaves zero in."""
    s = saving
    figures = span(s.saved, s.baseline, s.low, s.high, s.carrier)
    least = f"{amount(s.detectable, s.carrier)} ({percent(s.detectable / s.baseline)})"
    least_zh = f"{amount(s.detectable, s.carrier)}（{percent(s.detectable / s.baseline)}）"
    if s.claimed and s.saved < 0:
        loss = span(-s.saved, s.baseline, -s.high, -s.low, s.carrier)
        said = [Phrase(f"more used than by the baseline: {loss.en}", f"较基准期多用 {loss.zh}")]
        said.append(Phrase(f"the smallest that can be seen is {least}", f"可识别的最小变化量为 {least_zh}"))
    elif s.claimed:
        said = [Phrase(f"saved against the baseline: {figures.en}", f"较基准期节能 {figures.zh}")]
        if worth is not None:
            said.append(worth.said)
        said.append(Phrase(f"the smallest that can be seen is {least}", f"可识别的最小节能量为 {least_zh}"))
    else:
        said = [Phrase(
            f"no saving can be claimed: {figures.en}, and under {least} these data show none",
            f"尚不能认定节能：{figures.zh}，低于 {least_zh}的节能量无法识别",
        )]  # fmt: skip
    if s.normal is not None:
        n = s.normal
        year = span(n.saved, n.baseline, n.low, n.high, s.carrier)
        said.append(Phrase(f"in a typical year {year.en}", f"典型气象年节能 {year.zh}"))
    said += _of_the_days(s)
    said += _of_the_model(s)
    return Phrase("; ".join(p.en for p in said), "；".join(p.zh for p in said))


def unit(carrier: str) -> tuple[str, float]:
    """The unit that a saving is told in, and what is one of it: kWh of whatever is counted in J, m³ of gas and water, L of fuel."""
    name, scale, _ = CARRIERS[carrier]
    return ("kWh", KWH) if scale > 1 else (name, scale)


def amount(of: float, carrier: str) -> str:
    """So many J or m³, in whole units."""
    name, scale = unit(carrier)
    return f"{whole(of / scale)} {name}"


def span(saved: float, baseline: float, low: float, high: float, carrier: str) -> Phrase:
    """A saving in J or m³ with its share and its 90 % interval."""
    scale, share = unit(carrier)[1], percent(saved / baseline)
    ends = f"{whole(low / scale)} … {whole(high / scale)}"
    said = amount(saved, carrier)
    return Phrase(f"{said} ({share}; 90 %: {ends})", f"{said}（{share}；90 % 区间 {ends}）")


def days_en(count: int) -> str:
    """So many days, in English."""
    return f"{count} day" if count == 1 else f"{count} days"


_FORMS: Final = {
    "mean": Phrase("a mean", "均值"), "3PC": Phrase("3PC, a base and cooling", "3PC（基础加制冷）"),
    "3PH": Phrase("3PH, a base and heating", "3PH（基础加供暖）"), "4P": Phrase("4P, two slopes", "4P（一个拐点，两段斜率）"),
    "5P": Phrase("5P, a base, heating and cooling", "5P（基础加供暖、制冷）"),
}  # fmt: skip


def _of_the_days(s: Saving) -> list[Phrase]:
    """Which days were counted, and what was out of the ordinary."""
    said = [Phrase(days_en(s.days), f"{s.days} 天")]
    for each in s.events:
        if each.adds is None:
            said.append(
                Phrase(f"{days_en(each.days)} left out: {each.note}", f"剔除 {each.days} 天：{each.note}")
            )
        else:
            said.append(Phrase(
                f"{days_en(each.days)} less {each.adds:g} {unit(s.carrier)[0]} each: {each.note}",
                f"{each.days} 天每天扣除 {each.adds:g} {unit(s.carrier)[0]}：{each.note}",
            ))  # fmt: skip
    if s.beyond >= SEEN:
        said.append(Phrase(
            f"{percent(s.beyond, 0)} of the days had weather that the baseline never saw",
            f"{percent(s.beyond, 0)} 的日期气温超出基准期范围",
        ))  # fmt: skip
    if s.far:
        said.append(Phrase(
            f"{days_en(s.far)} left out: colder or warmer by more than {FAR:g} K than any of the baseline's",
            f"剔除 {s.far} 天：气温超出基准期范围 {FAR:g} K 以上",
        ))  # fmt: skip
    said += [_shifted(each, s.carrier) for each in s.shifts]
    return said + [_odd(each, s.carrier) for each in s.odd] + list(s.caveats)


def _shifted(each: Odd, carrier: str) -> Phrase:
    """A level that changed and stayed so, and what to do about it."""
    first, a_day = date.fromordinal(each.first), amount(abs(each.more) / each.days, carrier)
    more = Phrase("more", "多用") if each.more > 0 else Phrase("less", "少用")
    of = Phrase("baseline", "基准期") if each.before else Phrase("reporting period", "核算期")
    return Phrase(
        f"in the {of.en} the days from about {first} on used {a_day} {more.en} each than those before, to its end: what was added or taken away then is in "
        "the figures and no saving of the policy; name it under savings: events (adds), or take a baseline without the change",
        f"{of.zh}自 {first} 前后起直至期末，每天{more.zh} {a_day}：当时增减的设备或人员已计入上述数字，并非策略节能；请列入 savings: events（adds），或另选基准期",
    )  # fmt: skip


def _odd(each: Odd, carrier: str) -> Phrase:
    """What stands out, and what to do about it."""
    first, much = date.fromordinal(each.first), amount(abs(each.more), carrier)
    more = Phrase("more", "多用") if each.more > 0 else Phrase("less", "少用")
    of = Phrase("baseline", "基准期") if each.before else Phrase("reporting period", "核算期")
    which = Phrase(f"{days_en(each.days)} from {first} on", f"自 {first} 起 {each.days} 天")
    if each.days == 1:
        which = Phrase(str(first), f" {first} 当天")
    return Phrase(
        f"in the {of.en} {which.en} used {much} {more.en} than such days do: if that was out of the ordinary, name it "
        "under savings: events",
        f"{of.zh}{which.zh}比同类日期{more.zh} {much}：如属非常规事件，请列入 savings: events",
    )  # fmt: skip


def _of_the_model(s: Saving) -> list[Phrase]:
    """How well the baseline is known."""
    f = s.fitness
    figures = f"CV(RMSE) {percent(f.cv)}, NMBE {percent(round(f.bias, 4) + 0.0, 2, '+')}, R² {f.r2:.2f}"
    form = _FORMS[s.model.form.name]
    said = [Phrase(
        f"model {form.en}, {figures}; by Guideline 14's formula ± {amount(s.formula, s.carrier)}",
        f"模型 {form.zh}，{figures.replace(', ', '，')}；按 ASHRAE Guideline 14 公式 ± {amount(s.formula, s.carrier)}",
    )]  # fmt: skip
    if not s.model.weather:
        said.append(Phrase("no dependence on the weather was found", "未发现能耗与气温有关"))
    drift = s.drift
    if not drift.known:
        said.append(Phrase(
            f"drift not separable: ± {percent(drift.share)}", f"逐年漂移无法分离：± {percent(drift.share)}"
        ))  # fmt: skip
        if s.claimed and abs(s.saved) < drift.share * s.baseline:
            said.append(Phrase(
                "no more than buildings often change by themselves from year to year",
                "不超过建筑逐年自然变化的常见幅度",
            ))  # fmt: skip
    else:
        said.append(Phrase(
            f"drift between the baseline's years {percent(drift.share)}; the interval has ± {percent(drift.allowed)} for it",
            f"基准期各年之间漂移 {percent(drift.share)}，区间已计入 ± {percent(drift.allowed)}",
        ))  # fmt: skip
    return said


def year_told(stand: Stand) -> Phrase:
    """How the year stands per area or per head, and how it will end."""
    p, ahead = stand
    if p.reduction is None:
        return Phrase(
            f"{p.year} {NAMES[p.per].en}: nothing to compare with",
            f"{p.year} 年{NAMES[p.per].zh}：无可比数据",
        )
    if p.met is None and p.enough:
        return _open(p)
    if p.met is None:
        over = sum(m.over for m in p.months)
        return Phrase(
            f"{p.year} {NAMES[p.per].en}: not enough data to judge, {len(p.known)} of {over} months can be compared with {p.against}",
            f"{p.year} 年{NAMES[p.per].zh}能耗：数据不足，无法判定，{over} 个月中只有 {len(p.known)} 个月可与 {p.against} 年比较",
        )
    word_en, word_zh = Phrase("kept", "达到") if p.met else Phrase("missed", "未达到")
    less = p.reduction >= 0
    said = [Phrase(
        f"{p.year} {NAMES[p.per].en}: {percent(abs(p.reduction))} {'under' if less else 'over'} {p.against} so far, "
        f"the target of {percent(p.target)} less is {word_en}",
        f"{p.year} 年{NAMES[p.per].zh}能耗：较 {p.against} 年同期{'下降' if less else '上升'} {percent(abs(p.reduction))}，"
        f"{word_zh}下降 {percent(p.target)} 的目标",
    )]  # fmt: skip
    if ahead.refused is not None:
        said.append(ahead.refused)
    else:
        span = f"{percent(ahead.reduction)} ({percent(ahead.low)} … {percent(ahead.high)})"
        said.append(Phrase(f"the year is forecast to end {span} under", f"预计全年下降 {span}"))
    return Phrase("; ".join(x.en for x in said), "；".join(x.zh for x in said))


def _open(p: Progress) -> Phrase:
    """A year whose months are there, but for what is booked nowhere and could turn how it stands."""
    assert p.reduction is not None
    less = p.reduction >= 0
    gap = percent(max(p.lacks))
    return Phrase(
        f"{p.year} {NAMES[p.per].en}: {percent(abs(p.reduction))} {'under' if less else 'over'} {p.against} so far, but {gap} is booked nowhere, "
        f"as readings are missing: whether the target of {percent(p.target)} less is kept cannot be told",
        f"{p.year} 年{NAMES[p.per].zh}能耗：较 {p.against} 年同期{'下降' if less else '上升'} {percent(abs(p.reduction))}，"
        f"但缺读数，{gap} 的用量无记录，足以改变结论，无法判定是否达到下降 {percent(p.target)} 的目标",
    )
