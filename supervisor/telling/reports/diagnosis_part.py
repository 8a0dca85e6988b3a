"""系统诊断及节能综合效益分析: what each rule did and each draft would bring; what nobody has reckoned is said to be unknown."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from config.phrase import Lang, Phrase
from config.rules import RuleId
from supervisor.core.daily import Kind
from supervisor.ledger.coefficients import co2_of
from supervisor.ledger.costs import paid
from supervisor.ledger.statistics import CARRIERS, COAL, KWH, by_carrier, in_units, kgce
from supervisor.savings.told import told, unit
from supervisor.savings.worth import worth
from supervisor.telling.reports.document import Block, Cell, Part, Row, Signatures, Table, Text
from supervisor.telling.reports.evidence_part import JUDGED
from supervisor.telling.reports.facts import Facts
from supervisor.telling.words import clauses, rule_title

_TITLE: Final = Phrase("Diagnosis and benefit of measures", "系统诊断及节能综合效益分析")
_SHEET: Final = Phrase("Diagnosis", "诊断与效益")
_UNKNOWN: Final = Phrase("not known", "未知")
_ABOVE: Final = "kelvin_hours_above_"
"""What the hours of heat are called in a rehearsal; the limit in °C follows."""
_HOW: Final = Phrase(
    "What a rule saves by itself is told by a rehearsal of the site without it: building-supervisor simulate SITE.yaml --against"
    " DRAFT.yaml --format json > draft.json, and then report … --rehearsal draft.json. What no rehearsal has reckoned is not known.",
    "单条规则的节能量由演练给出：将去除该规则的草案与现行站点文件对比，运行 building-supervisor simulate SITE.yaml --against DRAFT.yaml"
    " --format json > draft.json，再以 report … --rehearsal draft.json 载入。未经演练的一律记为未知。",
)
_SIGN: Final = (
    Phrase("Prepared by", "编制人"),
    Phrase("Checked by", "审核人"),
    Phrase("Approved by", "批准人"),
    Phrase("Date", "日期"),
)


def part(facts: Facts, lang: Lang) -> Part:
    """Rules, drafts, the meter's own word, and what they are worth."""
    blocks: list[Block] = [
        Text(Phrase("1. What the meter says", "一、计量结果").told(lang), "heading"), Text(_metered(facts).told(lang)),
        Text(Phrase("2. What each rule did", "二、各规则执行情况与效益").told(lang), "heading"), *_rules(facts, lang), Text(_HOW.told(lang), "note"),
        Text(Phrase("3. Drafts and retrofits", "三、草案与改造方案效益").told(lang), "heading"), *_drafts(facts, lang),
        Text(Phrase("4. What it is worth", "四、综合效益").told(lang), "heading"), *_worth(facts, lang),
        Signatures(tuple(s.told(lang) for s in _SIGN)),
    ]  # fmt: skip
    return Part("diagnosis", _TITLE.told(lang), _SHEET.told(lang), tuple(blocks))


def _metered(facts: Facts) -> Phrase:
    saving = facts.saving
    if saving.refused is not None:
        return Phrase(
            f"No saving against a baseline can be told: {saving.refused.en}",
            f"无法给出相对基准期的节能量：{saving.refused.zh}",
        )
    said = told(saving)
    if facts.reckoned is None:
        return said
    first, last = facts.reckoned
    return Phrase(f"{first} to {last}: {said.en}", f"{first} 至 {last}：{said.zh}")


def _rules(facts: Facts, lang: Lang) -> Iterator[Block]:
    seconds: defaultdict[tuple[str, str], float] = defaultdict(float)
    for row in facts.zone_days:
        seconds[row.kind, row.what] += row.value
    rows = []
    for rule in JUDGED:
        hand = facts.hands.get(rule.value)
        writes = float(sum(hand.results.values())) if hand is not None else 0.0
        kwh = _brought(facts, rule)
        rows.append((
            Cell(rule_title(rule, lang)), Cell(clauses(rule, lang)), Cell(writes, 0, key=f"rule/{rule}/writes"),
            Cell(float(hand.dry) if hand is not None else 0.0, 0), Cell(seconds[Kind.CORRECTION, rule], 0),
            Cell(seconds[Kind.BLOCKED, rule] / 3600.0, 1), Cell(seconds[Kind.VIOLATION, rule] / 3600.0, 1),
            Cell(kwh, 0) if kwh is not None else Cell(_UNKNOWN.told(lang), tone="faint"),
        ))  # fmt: skip
    heads = (
        Phrase("rule", "规则"), Phrase("clause", "依据"), Phrase("writes", "写入 次"), Phrase("of them dry", "试运行"),
        Phrase("proven corrections", "确认纠正 次"), Phrase("kept off in hours, h", "限制运行 h"), Phrase("outside, h", "不合规 h"),
        Phrase("would save, kWh", "预计节能 kWh"),
    )  # fmt: skip
    yield Table(tuple(h.told(lang) for h in heads), tuple(rows))
    yield Text(Phrase(
        "° a choice of this system: the document names the aim, not this rule.", "° 为本系统的具体做法：文件只规定目标，未规定此规则。"
    ).told(lang), "note")  # fmt: skip


def _brought(facts: Facts, rule: RuleId) -> float | None:
    """kWh of a rehearsal of which one side lacks this rule alone: that one never kept anything off or corrected by it."""
    for each in facts.rehearsals:
        runs = each["runs"]
        if len(runs) != 2:
            continue
        ours = [{r for r, n in run["compliance"]["enforcements"].items() if n} for run in runs]
        if ours[0] ^ ours[1] == {rule.value}:
            with_, without = runs if rule.value in ours[0] else runs[::-1]
            return _all(without) - _all(with_)
    return None


def _all(run: Mapping[str, Any]) -> float:
    return float(run["energy_kwh"]["electricity"]) + float(run["gas_kwh"] or 0.0)


def _drafts(facts: Facts, lang: Lang) -> Iterator[Block]:
    if not facts.rehearsals:
        yield Text(Phrase(
            "No draft was rehearsed: what a retrofit would bring is not known.", "尚无草案演练结果，改造方案的效益未知。"
        ).told(lang))  # fmt: skip
        return
    above = {n for each in facts.rehearsals for run in each["runs"] for n in _hot(run)}
    heads = (
        Phrase("draft", "方案"), Phrase("against", "对比"), Phrase("period", "期间"), Phrase("kWh", "用电 kWh"),
        Phrase("less, kWh", "节电 kWh"), Phrase("share", "节电率"), Phrase("gas less, kWh", "节气 kWh"), Phrase("kgce less", "节能 kgce"),
        Phrase("kgCO₂ less", "减碳 kgCO₂"), Phrase("CNY less", "节支 元"),
        Phrase(f"K·h over {'/'.join(sorted(above))} °C", f"高于 {'/'.join(sorted(above))} °C K·h"),
    )  # fmt: skip
    yield Table(
        tuple(h.told(lang) for h in heads),
        tuple(_draft(facts, each, lang) for each in facts.rehearsals),
    )
    yield Text(Phrase(
        "By the building's model: figures of a rehearsal, not of a meter. Less is better; a minus is more. Gas is told by its lower heating value, and as coal by"
        " 29,307 kJ/kgce (GB/T 2589); CO₂ is that of electricity. Money is at the mean prices of this report's period.",
        "以上为建筑模型演练值，非计量值；正值为减少，负值为增加。燃气按低位热值计，折标煤按 29307 kJ/kgce（GB/T 2589）；减碳仅计用电；节支按本期平均单价计算。",
    ).told(lang), "note")  # fmt: skip


def _draft(facts: Facts, each: Mapping[str, Any], lang: Lang) -> Row:
    """A comparison: what the draft takes less than what it is compared with."""
    first, other = _sides(facts, each["runs"])
    power = float(first["energy_kwh"]["electricity"])
    was = float(other["energy_kwh"]["electricity"]) if other is not None else None
    less = was - power if was is not None else None
    gas = float(other["gas_kwh"] or 0.0) - float(first["gas_kwh"] or 0.0) if other is not None else 0.0
    table, region = facts.terms.table, facts.site.statistics.region
    coal = kgce("electricity", less * KWH, table) + gas * KWH / COAL if less is not None else None
    hot = [next(iter(_hot(run).values()), None) for run in (first, other) if run is not None]
    money = _money(facts, less, gas) if less is not None else None
    return (
        Cell(str(first["label"])), Cell(str(other["label"]) if other is not None else "–"), Cell(_days(str(each["from"]), str(each["to"]), lang)),
        Cell(power, 0), Cell(less, 0, tone=_tone(less)),
        Cell(less / was if less is not None and was else None, percent=True), Cell(gas, 0), Cell(coal, 0, tone=_tone(coal)),
        Cell(less * co2_of(region, table).value if less is not None else None, 0),
        Cell(money, 0) if money is not None else Cell(_UNKNOWN.told(lang), tone="faint"),
        Cell(" / ".join("–" if h is None else f"{h:,.0f}" for h in hot)),
    )  # fmt: skip


def _days(first: str, last: str, lang: Lang) -> str:
    """A whole year by its number, which takes one line."""
    if (first[4:], last[4:]) == ("-01-01", "-12-31") and first[:4] == last[:4]:
        return Phrase(first[:4], f"{first[:4]} 年").told(lang)
    return f"{first} – {last}"


def _tone(less: float | None) -> str:
    return "good" if less and less > 0 else "bad" if less else ""


def _sides(
    facts: Facts, runs: Sequence[Mapping[str, Any]]
) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    """The draft, and what it is compared with: the site file in force is never the draft, whichever of the two was named first."""
    first, other = runs[0], runs[1] if len(runs) > 1 else None
    own = Path(facts.site.source).name
    if other is not None and Path(str(first["label"])).name == own != Path(str(other["label"])).name:
        return other, first
    return first, other


def _hot(run: Mapping[str, Any]) -> dict[str, float]:
    """By its limit in °C, how much occupied rooms stood above it, K·h."""
    found = {k.removeprefix(_ABOVE): v for k, v in run["comfort"].items() if k.startswith(_ABOVE)}
    return {limit: float(value) for limit, value in found.items() if value is not None}


def _money(facts: Facts, less: float, gas: float) -> float | None:
    """CNY less for kWh of electricity and of gas; None where a price that counts is not known. A cubic metre has the coal of its coefficient."""
    total = 0.0
    cubic_metres = gas * KWH / COAL / facts.terms.table["gas_kgce"].value
    for kind, units in (("electricity", less), ("gas", cubic_metres)):
        if not units:
            continue
        price = _price(facts, kind)
        if price is None:
            return None
        total += units * price
    return total


def _worth(facts: Facts, lang: Lang) -> Iterator[Block]:
    """Energy, coal, CO₂ and money of what the meter shows."""
    saving, table = facts.saving, facts.terms.table
    if saving.refused is not None:
        yield Text(Phrase(
            "Without a saving there is nothing to reckon: not known.", "无节能量，综合效益未知。"
        ).told(lang))  # fmt: skip
        return
    price = facts.price if facts.price is not None else _price(facts, saving.carrier)
    name_of_unit, scale = unit(saving.carrier)
    rows = []
    for name, much in (
        (Phrase("saved", "节能量"), saving.saved),
        (Phrase("90 %, low", "90 % 下限"), saving.low),
        (Phrase("90 %, high", "90 % 上限"), saving.high),
    ):
        each = worth(much, facts.site.statistics.region, price, table, saving.carrier)
        unknown = Cell(_UNKNOWN.told(lang), tone="faint")
        rows.append((
            Cell(name.told(lang)), Cell(much / scale, 0), Cell(each.kgce, 0), unknown if math.isnan(each.kgco2) else Cell(each.kgco2, 0),
            Cell(each.cny, 0) if each.cny is not None else unknown,
        ))  # fmt: skip
    heads = ("", name_of_unit, "kgce", "kgCO₂", Phrase("CNY", "元").told(lang))
    yield Table(heads, tuple(rows))
    if not saving.claimed:
        yield Text(
            Phrase(
                "The 90 % interval has zero in it: none of this may be claimed.",
                "90 % 区间包含零，以上不得作为节能量申报。",
            ).told(lang),
            "warning",
        )
    said = Phrase("neither a tariff nor costs are told: money is not known", "未提供电价表或费用，费用未知")
    if price is not None:
        of = Phrase("these days", "上述核算期") if facts.price is not None else Phrase("the period", "本期")
        said = Phrase(
            f"money at the mean price of {of.en}, {price:.4f} CNY/{CARRIERS[saving.carrier][0]}",
            f"费用按{of.zh}平均单价 {price:.4f} 元/{CARRIERS[saving.carrier][0]} 计算",
        )
    yield Text(said.told(lang), "note")


def _price(facts: Facts, kind: str) -> float | None:
    """CNY a unit in the report's period: the mean by the tariff, else what was paid in its months for what was counted."""
    bill = facts.bills.get(kind) if facts.bills else None
    if bill is not None and bill.whole and bill.mean is not None:
        return bill.mean
    if facts.terms.costs is None:
        return None
    cost = paid(facts.terms.costs, kind, [a.of.name for a in facts.parts])
    figure = by_carrier(facts.site, facts.whole.figures).get(kind)
    if cost is None or figure is None or not figure.rows or figure.amount <= 0:
        return None
    return cost / in_units(kind, figure.amount)
