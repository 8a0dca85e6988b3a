"""The building's calendar in controllers' Calendar objects: what a push would change, the push itself, and the night's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final, NamedTuple

from config.calendar_objects import CalendarObject
from config.phrase import Phrase
from config.site import Site
from drivers.dates import Span
from drivers.protocol import DriverError
from drivers.refused import in_both
from schedules.closures import Closures, closures, spans
from schedules.days import Calendars
from schedules.time import Instant, local_date
from supervisor.core.asking import Refused
from supervisor.core.views import Fire
from supervisor.gateway import Gateway
from supervisor.gateway.date_lists import difference
from supervisor.store import queries
from supervisor.store.writer import Store

WORDS: Final[Mapping[str, Phrase]] = {
    "holidays": Phrase("public holidays", "节假日"),
    "makeup_workdays": Phrase("make-up workdays", "调休上班日"),
    "closed": Phrase("days closed", "休息日"),
    "opened": Phrase("days opened", "开放日"),
}
NIGHT: Final = Phrase("each night", "每晚自动")
Tell = Callable[[str, str, str], None]
"""A line of the audit: who, English, Chinese."""


class Building(NamedTuple):
    """What is needed of a building to push its calendar."""

    site: Site
    days: Calendars
    gateway: Gateway
    store: Store
    now: Instant

    @property
    def today(self) -> date:
        """The date at the site."""
        return local_date(self.now, self.site.tz)


async def answer(building: Building, request: Mapping[str, Any], fire: Fire, tell: Tell) -> dict[str, Any]:
    """`{push, yes, name, at}`: what each listed object has and should have; with `yes` it is written. Raises Refused."""
    objects = _chosen(building.site, str(request.get("at") or ""))
    who = " ".join(str(request.get("name") or "").split())
    yes = bool(request.get("yes"))
    if yes and not who:
        raise Refused("a name is needed: --by NAME", "需要姓名：--by 姓名")
    if yes and fire.owns_building:
        raise Refused("the fire alarm owns the building: nothing is written", "火警期间不写入任何内容")
    told = [await _one(building, object_, who if yes else "", tell) for object_ in objects]
    return {"objects": told, "dry_run": building.gateway.date_lists.dry, "written": yes}


def _chosen(site: Site, at: str) -> Sequence[CalendarObject]:
    if not site.calendar_objects:
        raise Refused("the site file lists no calendar_objects", "配置文件未列出 calendar_objects")
    found = [object_ for object_ in site.calendar_objects if at in ("", object_.at)]
    if not found:
        known = ", ".join(object_.at for object_ in site.calendar_objects)
        raise Refused(f"{at} is not listed; one of {known}", f"未列出 {at}；可选 {known}")
    return found


async def _one(building: Building, object_: CalendarObject, who: str, tell: Tell) -> dict[str, Any]:
    """Look at one object, and write it where somebody says so and it is not right already."""
    meant = closures(object_, building.days, building.today)
    said: dict[str, Any] = {
        "at": object_.at, "days": object_.days, "hours": object_.hours, "years": list(meant.years),
        "count": len(meant.days), "refresh": object_.refresh,
    }  # fmt: skip
    if not meant.years:
        return said | _problem(_unknown(building))
    try:
        left = difference(await building.gateway.date_lists.look(object_), meant.days)
    except DriverError as error:
        return said | _problem(in_both(str(error)))
    said |= {"adds": _listed(left.adds), "goes": _listed(left.goes), "patterns": list(left.patterns)}
    if who and not left.none:
        said |= await _pushed(building, object_, meant, who, tell)
    return said


async def _pushed(
    building: Building, object_: CalendarObject, meant: Closures, who: str, tell: Tell
) -> dict[str, Any]:
    words, years = WORDS[object_.days], ", ".join(map(str, meant.years))
    what = Phrase(f"{words.en} of {years}: {len(meant.days)}", f"{years} 年{words.zh}：{len(meant.days)} 天")
    why = Phrase(f"{who}: {what.en}", f"{who}：{what.zh}")
    done = await building.gateway.date_lists.push(object_, meant.days, why, _citation(building.site))
    tell(
        who, f"{object_.at}: {what.en}: {done.result}", f"{object_.at}：{what.zh}：{RESULTS[done.result].zh}"
    )
    if done.result == "ok":
        building.store.put_kv(_key(object_), _listed(meant.days))
    return {"result": done.result} | (_problem(in_both(done.detail)) if done.detail else {})


RESULTS: Final[Mapping[str, Phrase]] = {
    "ok": Phrase("written and read back", "已写入并读回"),
    "dry_run": Phrase("dry run: audited, not written", "试运行：已记录，未写入"),
    "refused": Phrase("refused by the controller", "控制器拒绝"),
    "failed": Phrase("failed", "失败"),
    "mismatch": Phrase("read back otherwise", "读回不一致"),
}


async def nightly(building: Building, fire: Fire, tell: Tell, alert: Callable[[str, str], None]) -> None:
    """Write each list that opted in and whose days have changed since we wrote it; one that others changed is told instead."""
    for object_ in building.site.calendar_objects:
        if not object_.refresh or fire.owns_building:
            continue
        meant = closures(object_, building.days, building.today)
        if not meant.years:
            said = _unknown(building)
            alert(f"{object_.at}: {said.en}", f"{object_.at}：{said.zh}")
            continue
        try:
            entries = await building.gateway.date_lists.look(object_)
        except DriverError as error:
            said = in_both(str(error))
            alert(f"{object_.at}: {said.en}", f"{object_.at}：{said.zh}")
            continue
        left = difference(entries, meant.days)
        if left.none:
            continue
        kept = await building.store.read(partial(queries.value, key=_key(object_)))
        there = _listed(_days(entries))
        if left.patterns or (left.goes and kept != there):
            alert(
                f"{object_.at} holds days that we did not write: calendar --push --yes takes it over",
                f"{object_.at} 中有并非本系统写入的日期：用 calendar --push --yes 接管",
            )
            continue
        said_ = await _pushed(building, object_, meant, NIGHT.en, tell)
        if said_["result"] not in ("ok", "dry_run"):
            why = RESULTS[said_["result"]]
            alert(f"{object_.at}: {why.en}", f"{object_.at}：{why.zh}")


def _days(entries: Sequence[object]) -> list[date]:
    return list(difference([e for e in entries if isinstance(e, Span)], ()).goes)


def _key(object_: CalendarObject) -> str:
    return f"calendar/{object_.at}"


def _listed(days: Sequence[date]) -> list[str]:
    """Spans as `2026-10-01/2026-10-08`, a day by itself as it is."""
    return [str(a) if a == b else f"{a}/{b}" for a, b in spans(days)]


def _unknown(building: Building) -> Phrase:
    year = building.today.year
    return Phrase(
        f"the holidays of {year} are not known: nothing is written (calendar.holiday_cn)",
        f"{year} 年节假日安排未知：不写入（calendar.holiday_cn）",
    )


def _problem(said: Phrase) -> dict[str, Any]:
    return {"error": said.en, "error_zh": said.zh}


def _citation(site: Site) -> str:
    return (
        "国务院办公厅关于部分节假日安排的通知"
        if site.calendar.country == "CN"
        else f"holidays of {site.calendar.country}"
    )
