"""What a calibration found, for people: every figure with its spread, and what the data could not tell."""

from __future__ import annotations

from collections.abc import Iterator

from config.phrase import Lang, Phrase, columns
from config.subitems import SUBITEMS
from supervisor.core.rules import BY_ID
from supervisor.rehearsal.model.fit import KEPT, every
from supervisor.rehearsal.model.kept import Calibration
from supervisor.rehearsal.model.parameters import OF_BUILDING, Parameter
from supervisor.rehearsal.model.relive import Relived
from supervisor.rehearsal.model.used import MISSED, Z90

KWH = 3.6e6
"""J."""
_UNTOLD = Phrase("not told by these data: as before", "数据无法区分，沿用原值")
_FRESH = [p.name for p in OF_BUILDING].index("fresh")
_BUILDING = Phrase("whole building", "全楼")


def lines(of: Calibration, lang: Lang) -> Iterator[str]:
    """The report of `calibrate`."""
    days = f"{of.first} … {of.last}"
    zones = sum(len(group.zones) for group in of.fit.groups)
    span = Phrase(f"{days}, {zones} zones", f"{days}，{zones} 个区域")
    yield f"{of.building_id}: {span.told(lang)}"
    yield Phrase(f"weather: {of.weather}", f"气象：{of.weather}").told(lang)
    yield from (said.told(lang) for said in _errors(of))
    yield from (said.told(lang) for said in _people(of))
    if of.doubts:
        yield Phrase("to be looked at:", "请检查：").told(lang)
        yield from (f"  {said.told(lang)}" for said in of.doubts)
    yield ""
    yield _row("", "", "90 %")
    told = every(len(of.fit.groups))
    per_group = (len(told) - _whole()) // len(of.fit.groups)
    for place, (parameter, value, spread) in enumerate(
        zip(told, of.fit.theta.tolist(), of.fit.spread.tolist(), strict=True)
    ):
        number = place // per_group
        where = of.fit.groups[number].name if number < len(of.fit.groups) else _BUILDING.told(lang)
        yield _row(where, parameter.said.told(lang), interval(parameter, value, spread, lang))
    yield ""
    if told[-_whole() + _FRESH].spread <= float(of.fit.spread[-_whole() + _FRESH]):
        yield Phrase(
            "outdoor air with the unit, fans and the efficiency of cooling cannot be told apart by days without heating: intervals follow all three",
            "仅有制冷的记录无法区分机组新风量、风机与制冷效率：前两项沿用原值，区间计入三者",
        ).told(lang)
    yield Phrase(
        f"an interval of what is saved also allows ± {Z90 * MISSED:.0%} of it for what the model itself misses"
        " (docs/validation.md)",
        f"节能量的区间另计入模型自身的偏差：其 ± {Z90 * MISSED:.0%}（docs/validation.md）",
    ).told(lang)
    yield Phrase(
        "× is a factor on what the site file or its defaults say", "× 为相对站点文件（或默认值）的倍数"
    ).told(lang)


def _whole() -> int:
    return len(every(0))


def interval(parameter: Parameter, value: float, spread: float, lang: Lang) -> str:
    """A figure with its 90 % interval; or that it is as uncertain as it was before."""
    low, high = (min(parameter.high, max(parameter.low, value + sign * Z90 * spread)) for sign in (-1.0, 1.0))
    shown = [f"{parameter.shown(each):.2f}" for each in (value, low, high)]
    unit = "× " if parameter.unit == "×" else ""
    after = "" if parameter.unit == "×" else f" {parameter.unit}"
    text = f"{unit}{shown[0]} ({shown[1]} … {shown[2]}){after}"
    return f"{text}  {_UNTOLD.told(lang)}" if spread > KEPT * parameter.spread else text


def _errors(of: Calibration) -> Iterator[Phrase]:
    seen = of.ahead
    night, day, week = (f"± {k:.2f} K" for k in (seen.night, seen.day, seen.week))
    yield Phrase(
        f"on {seen.days} days not seen: a night ahead {night}, a day {day}, the whole time {week}",
        f"在未参与校准的 {seen.days} 天上：提前一夜 {night}，一天 {day}，全程 {week}",
    )
    for subitem, off in seen.meters.items():
        name = SUBITEMS[subitem].name
        yield Phrase(f"  {name.en}: {off:+.1%} over these days", f"  {name.zh}：期间合计偏差 {off:+.1%}")
    if not seen.meters:
        yield Phrase(
            "  no sub-meter of air conditioning or of all electricity: what cold and heat cost is as before",
            "  没有空调或总用电计量：冷热耗电沿用原值",
        )


def _people(of: Calibration) -> Iterator[Phrase]:
    if of.seen is None:
        yield Phrase("people: no presence sensor, as --people says", "人员：无人体传感器，按 --people 设定")
        return
    days, empty = len(of.seen.days), f"{of.seen.empty:.0%}"
    yield Phrase(
        f"people: {days} days as seen; rooms empty {empty} of their opening hours",
        f"人员：按 {days} 天的传感器记录；开放时间内整间无人 {empty}",
    )
    for group in (group for group in of.seen.together if len(group) > 1):
        yield Phrase(f"  empty together: {', '.join(group)}", f"  同时无人：{'、'.join(group)}")


def _row(where: str, what: str, figure: str) -> str:
    return f"{_left(where, 20)} {_left(what, 32)} {figure}".rstrip()


def _left(text: str, width: int) -> str:
    return text + " " * max(0, width - columns(text))


def saved(of: Relived, lang: Lang) -> Iterator[str]:
    """The report of `calibrate --saved`."""
    kwh = [f"{joules / KWH:,.0f}" for joules in (of.saved, of.low, of.high, of.today, of.lived)]
    share = f" ({of.saved / of.today:.1%})" if of.today else ""
    days = f"{of.days:.0f}"
    yield Phrase(
        f"{days} days lived again: control saved {kwh[0]} kWh{share}, 90 %: {kwh[1]} … {kwh[2]}",
        f"重演 {days} 天：控制节能 {kwh[0]} kWh{share}，90 % 区间 {kwh[1]} … {kwh[2]}",
    ).told(lang)
    yield Phrase(
        f"  as before {kwh[3]} kWh, as recorded {kwh[4]} kWh", f"  按原方式 {kwh[3]} kWh，按记录 {kwh[4]} kWh"
    ).told(lang)
    if not of.rules:
        yield Phrase(
            "  no rule of ours held anything in that time: a dry run saves nothing",
            "  该时段内没有规则执行：试运行不产生节能",
        ).told(lang)
        return
    heads = (
        Phrase("by rule, each alone", "各规则单独计"),
        Phrase("off h", "停机 h"),
        Phrase("setpoints", "纠正设定"),
    )
    rule_head, off, setpoints = (head.told(lang) for head in heads)
    yield f"  {_left(rule_head, 44)}{_right('kWh', 9)}{_right(off, 9)}{_right(setpoints, 11)}"
    for rule, did in of.rules.items():
        name = _left(f"{rule} {BY_ID[rule].title.told(lang)}" if lang == "zh" else rule, 44)
        yield f"  {name}{did.saved / KWH:>9,.0f}{did.blocked_hours:>9,.0f}{did.corrected:>11}"
    yield Phrase(
        "  two rules may save the same joule: they need not add up to the whole",
        "  两条规则可能节约同一份能量，各规则单独节能之和不必等于合计",
    ).told(lang)


def _right(text: str, width: int) -> str:
    return " " * max(0, width - columns(text)) + text
