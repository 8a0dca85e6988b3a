"""A survey as a site file: a new one in dry run and read-only, or what is new put into the one that is there.

Pure: text goes in and comes out. What a person wrote stays, comments and all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ruamel.yaml.comments import CommentedMap

from config.file import SiteFile
from config.objects import short
from config.phrase import Phrase
from config.roles import Role
from config.site import Site
from supervisor.field.pointlist.beginning import head
from supervisor.field.pointlist.cells import ident
from supervisor.field.pointlist.entries import flow, under
from supervisor.field.pointlist.rows import Row, rows_of
from supervisor.field.pointlist.table import Slip
from supervisor.field.pointlist.taking import take
from supervisor.field.pointlist.text import Document
from supervisor.field.survey.evidence import Seen
from supervisor.field.survey.guess import guess
from supervisor.field.survey.mapping import Left, Mapped, mapped, numbered
from supervisor.field.survey.objects import Survey, Thing

MOST_LEFT: Final = 400
"""Objects without a role that are listed at the end of the file; more are counted."""


@dataclass(slots=True)
class Written:
    """The text of a site file, what was done, and what a person should look at."""

    text: str
    lines: list[Phrase] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    templates: int = 0


def device_ids(survey: Survey, file: SiteFile | None = None) -> dict[int, str]:
    """The id of each device in the site file: as it is called there, else made of its own name."""
    have = {d.instance: id_ for id_, d in file.devices.items()} if file is not None else {}
    used = set(file.devices) if file is not None else set()
    for found in survey.devices.values():
        if found.instance not in have:
            have[found.instance] = ident(
                found.name or f"device-{found.instance}", f"device-{found.instance}", used
            )
            used.add(have[found.instance])
    return have


def begin(path: Path, survey: Survey) -> Written:
    """A new site file."""
    ids = device_ids(survey)
    found = mapped(survey, ids)
    rows = numbered(found.rows)
    text, file, site = head(path, rows)
    document = Document(text)
    taken = take(document.tree, file, site, rows)
    done = Written("", slips=list(taken.slips))
    _devices(document.tree, survey, ids)
    _meters(document.tree, found, ids)
    done.left, done.templates = found.left, len(document.tree.get("templates") or {})
    done.lines = [_counted(document.tree, found, survey)]
    done.text = _top(survey, found, ids, document.tree) + document.written() + _end(found.left, ids)
    return done


def again(text: str, file: SiteFile, site: Site, survey: Survey, offered: Iterable[str]) -> Written:
    """What is new, in the file that is there. `offered`: keys of objects that an earlier survey saw: what a person made of
    them, also nothing, stays."""
    ids = device_ids(survey, file)
    instances = {id_: d.instance for id_, d in file.devices.items()}
    old = set(offered) | {
        f"{instances[p.device]}/{p.object_type}:{p.instance}"
        for p in site.points.values()
        if p.device in instances
    }
    fresh = Survey(dict(survey.devices), {k: t for k, t in survey.things.items() if k not in old})
    found = mapped(fresh, ids, named=not file.templates)
    have = {row.key for row in rows_of(site, file)}
    machines = {(row.zones, row.equipment) for row in rows_of(site, file)}
    document = Document(text)
    rows, held = _beside(numbered(found.rows), file, have, machines)
    taken = take(document.tree, file, site, rows)
    _devices(
        document.tree, Survey({i: d for i, d in fresh.devices.items() if ids[i] not in file.devices}), ids
    )
    _meters(document.tree, found, ids)
    written = document.written()
    return Written(
        written,
        [*held, *taken.lines],
        list(taken.slips),
        found.left,
        len(document.tree.get("templates") or {}),
    )


def _beside(
    rows: Sequence[Row], file: SiteFile, have: set[Any], machines: set[Any]
) -> tuple[list[Row], list[Phrase]]:
    """Rows that touch nothing that is there: of zones that there are nothing is said, a place that is taken stays so."""
    kept, held = [], []
    for row in rows:
        said = dict(row.said)
        for column in ("name", "kind") if row.zones and row.zones[0] in file.zones else ():
            said.pop(column, None)
        if row.device in file.devices:
            said.pop("address", None)
            said.pop("instance", None)
        if row.zones and row.zones[0] in file.zones:
            said.pop("hours", None)
        elif row.zones and len(file.hours) > 1:
            said["hours"] = next(iter(file.hours))
        nth = row.nth
        while not row.equipment and row.zones and (row.zones, row.equipment, row.role, nth) in have:
            nth += 1
        changed = Row(row.zones, row.equipment, row.role, row.device, row.object, said, row.line, nth)
        if changed.key in have or ((row.zones, row.equipment) in machines and row.equipment):
            place = f"{row.device}/{short(row.object.object_type)}{row.object.instance}"
            where = "/".join([*row.zones, row.equipment, row.role.value])
            held.append(
                Phrase(
                    f"{place}: {where} is mapped already, by hand or before: left as it is",
                    f"{place}：{where} 已有映射，保持不变",
                )
            )
            continue
        have.add(changed.key)
        kept.append(changed)
    return kept, held


def _devices(tree: CommentedMap, survey: Survey, ids: Mapping[int, str]) -> None:
    """Every device that answered, also one of whose objects none is mapped."""
    for found in survey.devices.values():
        devices = under(tree, "devices")
        if ids[found.instance] in devices:
            continue
        entry = flow({"instance": found.instance})
        if found.address:
            entry["address"] = found.address
        devices[ids[found.instance]] = entry


def _meters(tree: CommentedMap, found: Mapped, ids: Mapping[int, str]) -> None:
    """Meters of which the name says what they count; the rest is left for whoever knows the switchboard."""
    had = {str(meter.get("subitem")) for meter in (tree.get("meters") or {}).values()}
    for role, thing in found.meters:
        words = f"{thing.name} {thing.description}"
        total = any(word in words.lower() for word in ("total", "main", "building", "总", "zongdian", "zd_"))
        subitem = "water" if role is Role.WATER else "total" if total else ""
        if not subitem or subitem in had or not thing.unit:
            found.left.append(
                Left(thing, _WHICH, guess(Seen(thing.name, thing.description, thing.unit, thing.object_type)))
            )
            continue
        had.add(subitem)
        name = ident(thing.name, "meter", set(tree.get("meters") or {}))
        at = f"{ids[thing.device]}/{thing.object_type}:{thing.instance}"
        entry = CommentedMap({"subitem": subitem, "point": flow({"at": at, "unit": thing.unit})})
        if thing.name:
            entry.insert(0, "name", thing.name)
        under(tree, "meters")[name] = entry


_WHICH: Final = Phrase(
    "a meter: which part of the building does it count? (meters: … subitem)",
    "计量表：计的是哪个分项？（meters: … subitem）",
)


def _counted(tree: CommentedMap, found: Mapped, survey: Survey) -> Phrase:
    zones, templates = len(tree.get("zones") or {}), len(tree.get("templates") or {})
    mapped_ = len(survey.things) - len(found.left)
    return Phrase(
        f"{len(survey.devices)} devices, {len(survey.things)} objects: {mapped_} have a role, {len(found.left)} are left to you; "
        f"{zones} zones, {templates} templates",
        f"{len(survey.devices)} 台控制器、{len(survey.things)} 个对象：{mapped_} 个已定角色，{len(found.left)} 个待人工确认；"
        f"{zones} 个区域、{templates} 个模板",
    )


# ------------------------------------------------------------------ remarks


def _top(survey: Survey, found: Mapped, ids: Mapping[int, str], tree: CommentedMap) -> str:
    """What an integrator should look at first, as comments."""
    no_unit = sorted(
        {row.role.value for row in found.rows if row.role in _COUNTED and not row.said.get("unit")}
    )
    silent = [d for d in survey.devices.values() if d.said]
    lines = [
        Phrase("made by discover; roles are guesses: nothing is written to any device before somebody says writable: true",
               "由 discover 生成；角色均为推测：未写 writable: true 之前不会写入任何设备"),
        Phrase("LOOK AT FIRST:", "请先核对："),
        Phrase("1. templates: each role against a device's own screen, start_stop and setpoints above all",
               "1. 模板：逐个角色与控制器界面核对，尤其是启停与设定"),
        Phrase("2. zones: made of the numbers in names; merge, rename, give areas and hours", "2. 区域：由名称中的编号得出；请合并、改名并填写面积与开放时间"),
        Phrase("3. fire alarm and windows: which way round is the contact? (invert: true)", "3. 火警与窗磁：触点方向？（invert: true）"),
    ]  # fmt: skip
    if found.escapes:
        some = ", ".join(found.escapes[:8])
        lines.append(Phrase(f"4. escape routes: lights of corridors, stairs, lobbies are never written ({some}); say which may be",
                            f"4. 疏散通道：走廊、楼梯、大堂照明默认不控制（{some}）；请注明哪些可以"))  # fmt: skip
    if no_unit:
        lines.append(
            Phrase(f"5. no unit was told for: {', '.join(no_unit)}", f"5. 未给出单位：{'、'.join(no_unit)}")
        )
    lines += [
        Phrase(f"! device {ids[d.instance]}: {d.said}", f"! 控制器 {ids[d.instance]}：{d.said}")
        for d in silent[:20]
    ]
    if found.left:
        lines.append(Phrase(f"{len(found.left)} objects have no role yet: they stand at the end, each with the reason",
                            f"{len(found.left)} 个对象尚无角色：列于文件末尾，并附原因"))  # fmt: skip
    return "".join(f"# {line.zh}\n# {line.en}\n" for line in map(_one_line, lines)) + "#\n"


_COUNTED: Final = frozenset({Role.TEMPERATURE, Role.HUMIDITY, Role.SETPOINT, Role.COOLING_SETPOINT, Role.HEATING_SETPOINT, Role.OUTDOOR_TEMPERATURE})  # fmt: skip


def _end(left: Sequence[Left], ids: Mapping[int, str]) -> str:
    if not left:
        return ""
    lines = ["\n# ---- 尚无角色 · no role yet\n"]
    for thing, why, guessed in left[:MOST_LEFT]:
        maybe = f" {guessed.role.value}? {guessed.confidence:.2f}:" if guessed.role is not None else ""
        told = " · ".join(part for part in (thing.name, thing.description) if part)
        lines.append(f"# {place(thing, ids)}  {_clean(told)} —{maybe} {why.zh} · {why.en}\n")
    if len(left) > MOST_LEFT:
        more = len(left) - MOST_LEFT
        lines.append(f"# 另有 {more} 个 · {more} more\n")
    return "".join(lines)


def place(thing: Thing, ids: Mapping[int, str]) -> str:
    """`ddc-1/AI3`."""
    return f"{ids[thing.device]}/{short(thing.object_type)}{thing.instance}"


def _one_line(said: Phrase) -> Phrase:
    return Phrase(_clean(said.en), _clean(said.zh))


def _clean(text: str) -> str:
    """Text of a device in a comment: one line, nothing that YAML does not take."""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:200]
