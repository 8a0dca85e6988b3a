"""系统诊断及节能综合效益分析: what each rule did and each draft would bring; what nobody has reckoned is said to be unknown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from config.phrase import Lang, Phrase
from config.rules import RuleId
from supervisor.core.daily import Kind
from supervisor.ledger.costs import paid
from supervisor.ledger.statistics import KWH, by_carrier, in_units, kgce
from supervisor.savings.told import told
from supervisor.savings.worth import worth
from supervisor.telling.reports.document import Block, Cell, Part, Signatures, Table, Text
from supervisor.telling.reports.evidence_part import JUDGED
from supervisor.telling.reports.facts import Facts
from supervisor.telling.words import clauses, rule_title

_TITLE: Final = Phrase("Diagnosis and benefit of measures", "系统诊断及节能综合效益分析")
_SHEET: Final = Phrase("Diagnosis", "诊断与效益")
_UNKNOWN: Final = Phrase("not known", "未知")
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
        Phrase("rule", "规则"), Phrase("clause", "依据"), Phrase("writes", "写入 次"), Phrase("of them dry", "其中模拟"),
        Phrase("proven corrections", "确认纠正 次"), Phrase("kept off in hours, h", "限制运行 h"), Phrase("outside, h", "不合规 h"),
        Phrase("would save, kWh", "预计节能 kWh"),
    )  # fmt: skip
    yield Table(tuple(h.told(lang) for h in heads), tuple(rows))


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
    table, rows = facts.terms.table, []
    for each in facts.rehearsals:
        runs = each["runs"]
        first, other = runs[0], runs[1] if len(runs) > 1 else None
        power = float(first["energy_kwh"]["electricity"])
        was = float(other["energy_kwh"]["electricity"]) if other is not None else None
        less = was - power if was is not None else None
        gas = float(other["gas_kwh"] or 0.0) - float(first["gas_kwh"] or 0.0) if other is not None else 0.0
        coal = kgce("electricity", less * KWH, table) if less is not None else None
        hot = [run["comfort"].get("kelvin_hours_above_26") for run in runs]
        rows.append((
            Cell(str(first["label"])), Cell(str(other["label"]) if other is not None else "–"), Cell(f"{each['from']} – {each['to']}"),
            Cell(power, 0), Cell(was, 0), Cell(less, 0, tone="good" if less and less > 0 else "bad" if less else ""),
            Cell(less / was if less is not None and was else None, percent=True), Cell(gas, 0), Cell(coal, 0),
            Cell(" / ".join("–" if h is None else f"{h:.0f}" for h in hot)),
        ))  # fmt: skip
    heads = (
        Phrase("draft", "方案"), Phrase("against", "对比"), Phrase("period", "期间"), Phrase("kWh", "用电 kWh"), Phrase("against, kWh", "对比用电 kWh"),
        Phrase("less, kWh", "节电 kWh"), Phrase("share", "节电率"), Phrase("gas less, kWh", "节气 kWh"), Phrase("kgce", "折标煤 kgce"),
        Phrase("K·h over 26 °C", "高于 26 °C K·h"),
    )  # fmt: skip
    yield Table(tuple(h.told(lang) for h in heads), tuple(rows))
    yield Text(Phrase(
        "By the building's model: figures of a rehearsal, not of a meter. Electricity is reckoned as coal; gas is not, since the model has no"
        " heating value of the place.",
        "以上为建筑模型演练值，非计量值；折标煤仅计电力。",
    ).told(lang), "note")  # fmt: skip


def _worth(facts: Facts, lang: Lang) -> Iterator[Block]:
    """kWh, coal, CO₂ and money of what the meter shows."""
    saving, table = facts.saving, facts.terms.table
    if saving.refused is not None:
        yield Text(Phrase(
            "Without a saving there is nothing to reckon: not known.", "无节能量，综合效益未知。"
        ).told(lang))  # fmt: skip
        return
    price = _price(facts)
    rows = []
    for name, joules in (
        (Phrase("saved", "节能量"), saving.saved),
        (Phrase("90 %, low", "90 % 下限"), saving.low),
        (Phrase("90 %, high", "90 % 上限"), saving.high),
    ):
        each = worth(joules, facts.site.statistics.region, price, table)
        rows.append((
            Cell(name.told(lang)), Cell(each.kwh, 0), Cell(each.kgce, 0), Cell(each.kgco2, 0),
            Cell(each.cny, 0) if each.cny is not None else Cell(_UNKNOWN.told(lang), tone="faint"),
        ))  # fmt: skip
    heads = (
        Phrase("", ""),
        Phrase("kWh", "kWh"),
        Phrase("kgce", "kgce"),
        Phrase("kgCO₂", "kgCO₂"),
        Phrase("CNY", "元"),
    )
    yield Table(tuple(h.told(lang) for h in heads), tuple(rows))
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
        said = Phrase(
            f"money at the mean price of the period, {price:.4f} CNY/kWh",
            f"费用按本期平均单价 {price:.4f} 元/kWh 计算",
        )
    yield Text(said.told(lang), "note")


def _price(facts: Facts) -> float | None:
    """CNY/kWh: the mean by the tariff, else what was paid in the months of the period for what was counted."""
    bill = facts.bills.get("electricity") if facts.bills else None
    if bill is not None and bill.whole and bill.mean is not None:
        return bill.mean
    if facts.terms.costs is None:
        return None
    cost = paid(facts.terms.costs, "electricity", [a.of.name for a in facts.parts])
    figure = by_carrier(facts.site, facts.whole.figures).get("electricity")
    if cost is None or figure is None or not figure.rows or figure.amount <= 0:
        return None
    return cost / in_units("electricity", figure.amount)
