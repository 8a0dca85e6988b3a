"""The arms of a trial as site files: the one in force, a draft, or `today`, written out in full so that a replay is exact."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from config.phrase import Phrase, same
from config.problems import ok
from config.rules import RuleId
from config.site import Site
from config.trial import Arm, Commissioning

if TYPE_CHECKING:
    from config.source import Mark, Tree

OF_THE_PLAN: Final = (
    RuleId.WINDOW_OFF, RuleId.PRE_CLOSE_OFF, RuleId.LIGHTS_CLOSE, RuleId.VACANCY_OFF, RuleId.CORRIDOR_DELAY,
    RuleId.MILD_SEASON_OFF, RuleId.SUMMER_SETPOINT, RuleId.WINTER_SETPOINT, RuleId.PLUG_CLOSE,
)  # fmt: skip
"""Rules that are off on the days of `today`. What protects people and equipment stays, and so does what a person holds."""
_ALIKE: Final = (
    "building", "tz", "devices", "bacnet", "points", "meters", "database", "http", "priority", "calendar",
)  # fmt: skip
"""What both arms must have in common: they are the same building on the same wire."""


class Found(NamedTuple):
    """What keeps a draft from being an arm, and what to do about it."""

    message: Phrase
    hint: Phrase


class NoArm(ValueError):
    """An arm that cannot be run now, and why."""

    def __init__(self, said: Phrase) -> None:
        super().__init__(said.en)
        self.said = said


def arm_of(site: Site, arm: Arm) -> Site:
    """A site file as one arm of its trial runs it. Raises NoArm."""
    if site.trial is None or arm is Arm.POLICY:
        return replace(site, arm=arm if site.trial is not None else "")
    made = _today(site, site.trial.commissioning) if arm is Arm.TODAY else _draft(site)
    return replace(made, trial=site.trial, arm=arm, savings=site.savings, source=site.source, made_of=site)


# ---------------------------------------------------------------- a draft


def draft_problems(site: Site) -> Iterator[Found]:
    """Why the draft that a site's trial names is no arm."""
    if site.trial is None or site.trial.draft is None:
        return
    from config.load import load as load_alone  # what reads a file is no small thing to keep

    loaded = load_alone(site.trial.draft)
    if loaded.site is None:
        first = next(p for p in loaded.problems if p.is_error)
        yield Found(
            Phrase(f"the draft is not sound: {first.file}:{first.line}: {first.message}",
                   f"草案有误：{first.file} 第 {first.line} 行：{first.message_zh or first.message}"),
            same(f"building-supervisor check {site.trial.draft}"),
        )  # fmt: skip
        return
    yield from _unlike(site, loaded.site)


def _unlike(site: Site, draft: Site) -> Iterator[Found]:
    differ = [name for name in _ALIKE if getattr(site, name) != getattr(draft, name)]
    differ += [name for name in ("zones", "shared") if set(getattr(site, name)) != set(getattr(draft, name))]
    if differ:
        yield Found(
            Phrase(f"the draft is of another building: {', '.join(differ)} differ", f"草案不是同一栋楼：{'、'.join(differ)} 不同"),
            Phrase("rules, hours, season and base may differ; points, meters and devices may not",
                   "规则、时间、季节、base 可以不同；点位、表计和控制器必须相同"),
        )  # fmt: skip
    dry = [z for z, zone in draft.zones.items() if z in site.zones and zone.dry_run > site.zones[z].dry_run]
    freed = sorted(
        {f"{zone}: {rule}" for zone, rule in _exempt(draft)}
        - {f"{zone}: {rule}" for zone, rule in _exempt(site)}
    )
    assert site.trial is not None
    given = site.trial.commissioning
    if (dry or freed) and (given is None or given.until < site.trial.end):
        what = ", ".join([*(f"{zone}: dry_run" for zone in dry), *freed][:3])
        yield Found(
            Phrase(f"the draft is looser than the plan ({what}), and nobody answers for that", f"草案比方案宽松（{what}），而没有人对此负责"),
            Phrase("an arm is as strict as the plan, or stricter; or add `commissioning: {approver: …, reason: …, until: …}` "
                   "for the whole trial",
                   "试验各组不得低于方案要求；否则请写明覆盖整个试验的 `commissioning: {approver: 批准人, reason: 原因, until: 截止日}`"),
        )  # fmt: skip


def _exempt(site: Site) -> Iterator[tuple[str, RuleId]]:
    for zone in site.zones.values():
        for exemption in zone.exemptions:
            yield from ((zone.id, rule) for rule in exemption.rules)


def _draft(site: Site) -> Site:
    assert site.trial is not None
    assert site.trial.draft is not None
    problem = next(draft_problems(site), None)
    if problem is not None:
        raise NoArm(problem.message)
    from config.load import load as load_alone

    loaded = load_alone(Path(site.trial.draft))
    assert loaded.site is not None  # it was read a moment ago
    return loaded.site


# ---------------------------------------------------------------- today


def _today(site: Site, given: Commissioning | None) -> Site:
    """The file in force with every rule of the plan exempt and every piece of equipment handed back to its controller."""
    if given is None:
        raise NoArm(Phrase("nobody has approved the days of `today`", "`today` 的日期没有批准"))
    from config.load import load_text

    text = handed_back(site.text, tuple(site.zones), given)
    loaded = load_text(text, site.source)
    if loaded.site is None or not ok(loaded.problems):
        raise NoArm(
            Phrase("the days of `today` cannot be written as a site file", "无法生成 `today` 的站点文件")
        )
    return loaded.site


def handed_back(text: str, zones: tuple[str, ...], given: Commissioning) -> str:
    """The text of a site file for the days of `today`; the rest of it as it was written."""
    from config.source import Mark, read_source

    tree = read_source(text.encode(), "").tree
    assert tree is not None  # it is the file in force
    exemption = (
        f"{{zones: {json.dumps(list(zones))}, rules: {json.dumps([str(rule) for rule in OF_THE_PLAN])}, "
        f"reason: {json.dumps(given.reason, ensure_ascii=False)}, "
        f"approver: {json.dumps(given.approver, ensure_ascii=False)}, until: {given.until}}}"
    )
    edits = [(mark, "supervisor", "controller") for mark in set(_bases(tree))]
    lines = text.split("\n")
    had = tree.child("exemptions")
    if had is None or not had.children:
        if had is not None and had.key is not None:  # `exemptions: []`, or nothing behind the colon
            end = max(had.key.line, had.at.line)
            lines[had.key.line - 1 : end] = [""] * (end - had.key.line + 1)
        lines.append(f"exemptions: [{exemption}]\n")
    else:
        mark = had.at
        if lines[mark.line - 1][mark.column - 1] == "[":
            edits.append((Mark(mark.line, mark.column), "[", f"[{exemption}, "))
        else:
            edits.append((Mark(mark.line, mark.column), "", f"- {exemption}\n{' ' * (mark.column - 1)}"))
    for mark, old, new in sorted(edits, key=lambda edit: edit[0][:2], reverse=True):
        line, column = lines[mark.line - 1], mark.column - 1
        tail = line[column:]
        lines[mark.line - 1] = line[:column] + (tail.replace(old, new, 1) if old else new + tail)
    return "\n".join(lines)


def _bases(tree: Tree) -> Iterator[Mark]:
    """Where equipment is said to be decided over by the supervisor."""
    for section in ("templates", "equipment"):
        yield from _own(tree.child(section))
    zones = tree.child("zones")
    for zone in (
        (zones.children or {}).values() if zones is not None and isinstance(zones.children, dict) else ()
    ):
        yield from _own(zone.child("equipment"))


def _own(section: Tree | None) -> Iterator[Mark]:
    if section is None or not isinstance(section.children, dict):
        return
    for each in section.children.values():
        base = each.child("base")
        if base is not None and base.text == "supervisor":
            yield base.at
