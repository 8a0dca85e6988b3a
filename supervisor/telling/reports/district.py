"""全区公示: every building of a district beside the others, by the same coefficients and the same target."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from config.phrase import Lang, Phrase
from config.site import Site
from config.subitems import carrier
from schedules.time import iso, local_date
from supervisor import __version__
from supervisor.ledger import statistics, tree
from supervisor.ledger.account import Account, read_until
from supervisor.ledger.coefficients import Table as Coefficients
from supervisor.ledger.periods import Period, parts_of, period
from supervisor.ledger.statistics import ENOUGH, Figure, in_units
from supervisor.savings import plan
from supervisor.telling import svg
from supervisor.telling.reports import standing
from supervisor.telling.reports.document import (
    Block,
    Cell,
    Document,
    Part,
    Plot,
    Row,
    Signatures,
    Table,
    Text,
)
from supervisor.telling.reports.facts import as_much, called
from supervisor.telling.reports.making import period_name
from supervisor.telling.reports.notice_part import REACHED, SIGN, by_unit, in_all, share, unsure
from supervisor.telling.reports.rows_part import anchor_of
from supervisor.telling.reports.standing import Standing


class Member(NamedTuple):
    """A building of the district. `schema`: where its rows stand; `figures` by meter."""

    schema: str
    site: Site
    stands: Standing
    figures: dict[str, Figure]
    then: Phrase
    """What the time that it is compared with is called."""
    until: float
    """Where its last booking ends, or the period."""

    @property
    def completeness(self) -> float:
        """Share of the time that lies between readings, of the least complete meter that counts; NaN where there is none."""
        counted = [self.figures[m.id].completeness for m in tree.counted(self.site)]
        return min((c for c in counted if not math.isnan(c)), default=math.nan)


class Unread(NamedTuple):
    """A building of which nothing can be told, and why."""

    schema: str
    why: Phrase


def member(
    connection: sa.Connection, schema: str, site: Site, of: Period, now: float, table: Coefficients, target: float, against: int
) -> Member:  # fmt: skip
    """A building's figures of a period by its own calendar, and of the year that it is compared with."""
    own = period(of.name, site.tz)
    until = read_until(connection, site, own, now)
    own = own._replace(end=max(own.start + 1.0, until))
    then = period(f"{against}{of.name[4:]}", site.tz)
    begun = [part for part in parts_of(period(of.name, site.tz), "month", site.tz) if part.start < own.end]
    then = then._replace(end=as_much(begun, against, own.end, site)[-1].end)
    this, before = (Account(p, _figures(connection, site, p), (), (), until=p.end) for p in (own, then))
    return Member(
        schema,
        site,
        standing.building(site, this, before, table, target),
        dict(this.figures),
        called(of, against),
        until,
    )


def _figures(connection: sa.Connection, site: Site, of: Period) -> dict[str, Figure]:
    """As complete as the time between readings is: the readings themselves may have moved to files on the building's own box."""
    read = {
        m.id: plan.asked(m, plan.figure_by_month(connection, m, of, site.tz))
        for m in site.meters.values() if not m.virtual
    }  # fmt: skip
    return tree.computed(site, read, statistics.together)


_TITLE: Final = Phrase("District energy notice", "全区公共机构能源资源消费公示")
_HEADS: Final = (
    Phrase("rank", "排名"), Phrase("building", "单位"), Phrase("floor area, m²", "建筑面积 m²"), Phrase("heads", "用能人数"),
    Phrase("electricity, kWh", "用电量 kWh"), Phrase("energy, kgce", "综合能耗 kgce"), Phrase("kgce/m²", "单位面积能耗 kgce/m²"),
    Phrase("kgce/head", "人均能耗 kgce/人"), Phrase("reduction per m²", "单位面积降幅"), Phrase("reduction per head", "人均降幅"),
    Phrase("reduction", "总量降幅"),
    Phrase("complete", "完整率"), Phrase("result", "结论"),
)  # fmt: skip
_TONES: Final = {True: "good", False: "bad", None: "faint"}
_ROWS: Final = Phrase("Ledger rows", "台账流水")
_ROW_HEADS: Final = (
    Phrase("building", "单位"), Phrase("schema", "数据库模式"), Phrase("meter", "表计"), Phrase("rows", "条数"), Phrase("amount", "用量"),
    Phrase("unit", "单位"), Phrase("complete", "完整率"),
)  # fmt: skip


def document(
    members: Sequence[Member], unread: Sequence[Unread], of: Period, now: float, site: Site, target: float, lang: Lang
) -> Document:  # fmt: skip
    """The ranking, and the rows that each figure is made of."""
    by = {m.stands.id: m for m in members}
    order = [by[s.id] for s in standing.ranked([m.stands for m in members])]
    parts = (_notice(order, unread, target, lang), _rows(order, lang))
    known = [m.until for m in members if any(f.rows for f in m.figures.values())]
    ends = [str(local_date(at - 1e-3, site.tz)) for at in (min(known), max(known))] if known else []
    last = " … ".join(dict.fromkeys(ends)) or Phrase("no data", "无数据").told(lang)
    basics = (
        (Phrase("Period", "统计期").told(lang), f"{period_name(of.name, lang)}"),
        (Phrase("Buildings", "楼宇数").told(lang), str(len(members) + len(unread))),
        (Phrase("Data until", "数据截至").told(lang), last),
        (Phrase("Target", "目标").told(lang), share(target)),
    )
    made = iso(now, site.tz)[:16].replace("T", " ")
    foot = Phrase(
        f"building-supervisor {__version__} · made {made} · all buildings by the coefficients of {site.name or site.building}",
        f"building-supervisor {__version__} · 编制于 {made} · 各楼宇统一采用{site.name or site.building}的折算系数",
    ).told(lang)
    title = f"{_TITLE.told(lang)} · {period_name(of.name, lang)}"
    return Document("district", title, lang, basics, parts, foot)


def _notice(order: Sequence[Member], unread: Sequence[Unread], target: float, lang: Lang) -> Part:
    judged = [m for m in order if m.stands.reached is not None]
    reached = sum(bool(m.stands.reached) for m in judged)
    lead = Phrase(
        f"{len(judged)} of {len(order) + len(unread)} buildings can be judged: {reached} {'reaches' if reached == 1 else 'reach'} the target of {share(target)},"
        f" {len(judged) - reached} {'misses' if len(judged) - reached == 1 else 'miss'} it.",
        f"共 {len(order) + len(unread)} 栋楼宇，可判定 {len(judged)} 栋：达到 {share(target)} 目标 {reached} 栋，未达到 {len(judged) - reached} 栋。",
    )
    blocks: list[Block] = [Text(lead.told(lang), "lead")]
    blocks.append(by_unit(_HEADS, list(_ranking(order, lang)), [m.stands for m in order], lang))
    shown = [m for m in order if m.stands.told is not None and m.stands.reached is not None][:30]
    if shown:
        said = Phrase("reduction, %", "降幅，%").told(lang)
        name = Phrase(f"target {share(target)}", f"目标 {share(target)}").told(lang)
        values = [100 * m.stands.told if m.stands.told is not None else None for m in shown]
        faint = [m.stands.reached is None for m in shown]
        blocks.append(Plot(
            svg.signed_bars(said, [m.stands.name for m in shown], values, 100 * target, name, faint), said
        ))  # fmt: skip
    blocks += [Text(unsure(m.stands, m.then).told(lang), "warning") for m in order if m.stands.open]
    blocks += [
        Text(f"{u.schema}{'：' if lang == 'zh' else ': '}{u.why.told(lang)}", "warning") for u in unread
    ]
    blocks.append(Text(Phrase(
        "Completeness: share of the time between readings. “!” marks less than 90 %: not judged. Not corrected for weather.",
        "完整率为读数之间所覆盖的时间比例；“!”表示低于 90 %，不作达标判定。未作气象修正。",
    ).told(lang), "note"))  # fmt: skip
    blocks.append(Signatures(tuple(s.told(lang) for s in SIGN)))
    return Part("district", _TITLE.told(lang), Phrase("Ranking", "排名").told(lang), tuple(blocks), wide=True)


def _ranking(order: Sequence[Member], lang: Lang) -> Iterator[Row]:
    place = 0
    for each in order:
        stands, now = each.stands, each.stands.whole
        place += stands.reached is not None
        power = now.carriers.get("electricity", Figure())
        coal = now.coal if now.energy_known else None
        marked, anchor = now.energy_marked, anchor_of(each.schema)
        complete = each.completeness
        yield (
            Cell(str(place) if stands.reached is not None else "–"), Cell(stands.name), Cell(now.area, 0), Cell(now.people, 0),
            Cell(in_units("electricity", power.amount) if power.rows else None, marked=power.marked and power.rows > 0, anchor=anchor, key=f"{each.schema}/electricity"),
            Cell(coal, marked=marked and coal is not None, anchor=anchor, key=f"{each.schema}/coal"),
            _per(coal, now.area, marked), _per(coal, now.people, marked), _reduction(stands.per_area, stands), _reduction(stands.per_head, stands),
            _reduction(in_all(stands), stands),
            Cell("–" if math.isnan(complete) else f"{100 * complete:.1f} %{' !' if complete < ENOUGH else ''}"),
            Cell(REACHED[stands.reached].told(lang), tone=_TONES[stands.reached]),
        )  # fmt: skip


def _per(coal: float | None, by: float | None, marked: bool) -> Cell:
    value = coal / by if coal is not None and by else None
    return Cell(value, marked=marked and value is not None)


def _reduction(value: float | None, of: Standing) -> Cell:
    tone = "" if value is None or of.marked or of.open else "good" if value >= of.target - 1e-12 else "bad"
    return Cell(value, marked=of.marked and value is not None, percent=True, tone=tone)


def _rows(order: Sequence[Member], lang: Lang) -> Part:
    rows: list[Row] = []
    anchors: list[str] = []
    for each in order:
        for n, meter in enumerate(tree.counted(each.site)):
            figure, kind = each.figures[meter.id], carrier(meter.subitem)
            complete = figure.completeness
            rows.append((
                Cell(each.stands.name), Cell(each.schema), Cell(meter.name or meter.id), Cell(float(figure.bookings), 0),
                Cell(in_units(kind, figure.amount) if figure.rows else None, marked=figure.marked and figure.rows > 0, key=f"{each.schema}/{meter.id}"),
                Cell(statistics.CARRIERS[kind][0]),
                Cell("–" if math.isnan(complete) else f"{100 * complete:.1f} %{' !' if complete < ENOUGH else ''}"),
            ))  # fmt: skip
            anchors.append(anchor_of(each.schema) if n == 0 else "")
    table = Table(tuple(h.told(lang) for h in _ROW_HEADS), tuple(rows), tuple(anchors))
    title = _ROWS.told(lang)
    return Part("rows", title, title, (table,), long=True)
