"""What a calibration found, for people: every figure with its spread, and what the data could not tell."""

from __future__ import annotations

from collections.abc import Iterator

from config.phrase import Phrase, columns
from config.subitems import SUBITEMS
from supervisor.core.rules import BY_ID
from supervisor.rehearsal.model.fit import KEPT, every
from supervisor.rehearsal.model.kept import Calibration
from supervisor.rehearsal.model.parameters import Parameter
from supervisor.rehearsal.model.relive import Relived

Z90 = 1.6449
"""Two-sided 90 % quantile of the normal distribution."""
KWH = 3.6e6
"""J."""
_UNTOLD = Phrase("not told by these data: as before", "数据无法区分，沿用原值")
_BUILDING = Phrase("whole building", "全楼")


def lines(of: Calibration) -> Iterator[str]:
    """The report of `calibrate`, both languages in each line."""
    days = f"{of.first} … {of.last}"
    zones = sum(len(group.zones) for group in of.fit.groups)
    yield f"{of.building_id}: {days}, {zones} zones · {days}，{zones} 个区域"
    yield f"weather · 气象: {of.weather}"
    yield from _errors(of)
    yield from _people(of)
    yield ""
    yield _row("", "", "90 %")
    told = every(len(of.fit.groups))
    per_group = (len(told) - _whole()) // len(of.fit.groups)
    for place, (parameter, value, spread) in enumerate(
        zip(told, of.fit.theta.tolist(), of.fit.spread.tolist(), strict=True)
    ):
        number = place // per_group
        where = (
            of.fit.groups[number].name if number < len(of.fit.groups) else f"{_BUILDING.en} {_BUILDING.zh}"
        )
        what = f"{parameter.said.en} {parameter.said.zh}"
        yield _row(where, what, interval(parameter, value, spread))
    yield ""
    yield "× is a factor on what the site file or its defaults say · × 为相对站点文件（或默认值）的倍数"


def _whole() -> int:
    return len(every(0))


def interval(parameter: Parameter, value: float, spread: float) -> str:
    """A figure with its 90 % interval; or that it is as uncertain as it was before."""
    low, high = (min(parameter.high, max(parameter.low, value + sign * Z90 * spread)) for sign in (-1.0, 1.0))
    shown = [f"{parameter.shown(each):.2f}" for each in (value, low, high)]
    unit = "× " if parameter.unit == "×" else ""
    after = "" if parameter.unit == "×" else f" {parameter.unit}"
    text = f"{unit}{shown[0]} ({shown[1]} … {shown[2]}){after}"
    return f"{text}  {_UNTOLD.en} {_UNTOLD.zh}" if spread > KEPT * parameter.spread else text


def _errors(of: Calibration) -> Iterator[str]:
    seen = of.ahead
    yield (
        f"on {seen.days} days not seen · 在未参与校准的 {seen.days} 天上: "
        f"a night ahead · 提前一夜 ± {seen.night:.2f} K, a day · 一天 ± {seen.day:.2f} K, "
        f"the whole time · 全程 ± {seen.week:.2f} K"
    )
    for subitem, off in seen.meters.items():
        name = SUBITEMS[subitem].name
        yield f"  {name.en} {name.zh}: {off:+.1%} over these days · 期间合计偏差 {off:+.1%}"
    if not seen.meters:
        said = Phrase(
            "no sub-meter of air conditioning or of all electricity: what cold and heat cost is as before",
            "没有空调或总用电计量：冷热耗电沿用原值",
        )
        yield f"  {said.en} · {said.zh}"


def _people(of: Calibration) -> Iterator[str]:
    if of.seen is None:
        yield "people · 人员: no presence sensor, as --people says · 无人体传感器，按 --people 设定"
        return
    groups = [group for group in of.seen.together if len(group) > 1]
    yield (
        f"people · 人员: {len(of.seen.days)} days as seen; rooms empty {of.seen.empty:.0%} of their opening hours"
        f" · 按 {len(of.seen.days)} 天的传感器记录；开放时间内整间无人 {of.seen.empty:.0%}"
    )
    for group in groups:
        yield f"  empty together · 同时无人: {', '.join(group)}"


def _row(where: str, what: str, figure: str) -> str:
    return _left(where, 26) + _left(what, 50) + figure


def _left(text: str, width: int) -> str:
    return text + " " * max(1, width - columns(text))


def saved(of: Relived) -> Iterator[str]:
    """The report of `calibrate --saved`, both languages in each line."""
    kwh = [f"{joules / KWH:,.0f}" for joules in (of.saved, of.low, of.high, of.today, of.lived)]
    share = f" ({of.saved / of.today:.1%})" if of.today else ""
    yield (
        f"{of.days:.0f} days lived again · 重演 {of.days:.0f} 天: control saved · 控制节能 {kwh[0]} kWh{share}, "
        f"90 %: {kwh[1]} … {kwh[2]}; as before · 按原方式 {kwh[3]} kWh, as recorded · 按记录 {kwh[4]} kWh"
    )
    if not of.rules:
        said = Phrase(
            "no rule of ours held anything in that time: a dry run saves nothing",
            "该时段内没有规则执行：空跑不产生节能",
        )
        yield f"  {said.en} · {said.zh}"
        return
    yield _row("", "by rule, each alone · 各规则单独计", "kWh   off h 停机   setpoints 设定")
    for rule, did in of.rules.items():
        yield _row(
            "", f"{rule} {BY_ID[rule].title.zh}",
            f"{did.saved / KWH:>8,.0f} {did.blocked_hours:>8,.0f} {did.corrected:>8}",
        )  # fmt: skip
    said = Phrase(
        "two rules may save the same joule: what each saves alone need not add up to the whole",
        "两条规则可能节约同一份能量，各规则单独节能之和不必等于合计",
    )
    yield f"  {said.en} · {said.zh}"
