"""The rule pages, written from the rules themselves: `python -m supervisor.telling.rule_pages` rewrites docs/rules/."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

from config.declared import Declared
from config.roles import ROLES, Role
from config.rules import BUILDING_ONLY, Origin, RuleId, RuleSettings, Usual
from supervisor.core.citations import Citation
from supervisor.core.rule import Rule
from supervisor.core.rules import ALL

FOLDER = Path("docs") / "rules"
INDEX = "README.md"


class Default(NamedTuple):
    """One number of a rule: its key in the site file, its value and unit, and where it comes from."""

    key: str
    value: float
    unit: str
    text: str | None
    """Document and clause; None for a site choice."""
    low: float | None
    high: float | None
    usual: Usual
    """Beyond these it is taken, and asked about."""


def defaults(rule: RuleId) -> tuple[Default, ...]:
    """The numbers of a rule as the site file may set them, in its order."""
    for settings in RuleSettings.declared.values():
        if settings.rest["alias"] == rule:
            section = type(settings.default)
            hints = get_type_hints(section, include_extras=True)
            return tuple(_default(key, said, hints[key]) for key, said in section.declared.items())
    return ()


def _default(key: str, said: Any, hint: Any) -> Default:
    origin = next(mark for mark in get_args(hint) if isinstance(mark, Origin))
    value, rest = (said.default, said.rest) if isinstance(said, Declared) else (said, {})
    usual = next((mark for mark in get_args(hint) if isinstance(mark, Usual)), Usual())
    return Default(key, float(value), origin.unit, origin.text, rest.get("ge"), rest.get("le"), usual)


def _said(unit: str) -> str:
    return {"degC": "°C", "1/d": "a day"}.get(unit, unit)


def figure(value: float, unit: str) -> str:
    """A number with its unit, durations also in the unit that people use."""
    plain = f"{value:g} {_said(unit)}"
    if unit != "s" or value < 60:
        return plain
    hours = value >= 3600 and value % 3600 == 0
    return f"{plain} ({value / 3600:g} h)" if hours else f"{plain} ({value / 60:g} min)"


def page(rule: Rule) -> str:
    """The page of one rule, as Markdown."""
    lines = [
        f"# `{rule.id}` · {rule.title.zh}",
        "",
        f"*{rule.title.en}.* Precedence {ALL.index(rule) + 1} of {len(ALL)}: {_neighbours(rule)}",
        "",
        "## 规则",
        "",
        rule.text.zh,
        "",
        "## Rule",
        "",
        rule.text.en,
        "",
        "## 依据 · Citations",
        "",
        *(f"- {_citation(cite)}" for cite in rule.cites),
        "",
        "## 读取 · Reads",
        "",
        *_roles(rule.reads, "Nothing but the opening hours and the calendar."),
        "",
        "## 写入 · Writes",
        "",
        *_roles(rule.writes, "Nothing, ever."),
        "",
        "## 默认值 · Defaults",
        "",
        *_defaults_table(rule),
        "",
        "## 一天 · A day",
        "",
        *_table(("time", "what happens", "what follows"), rule.example),
    ]
    return "\n".join(lines) + "\n"


def _neighbours(rule: Rule) -> str:
    place = ALL.index(rule)
    if place == 0:
        return "it outranks every other rule."
    above = _link(ALL[place - 1])
    if place == len(ALL) - 1:
        return f"every other rule outranks it, {above} the least."
    return f"beneath {above}, above {_link(ALL[place + 1])}."


def _link(rule: Rule) -> str:
    return f"[`{rule.id}`]({rule.id}.md)"


def _citation(cite: Citation) -> str:
    en, title = cite.document.title
    if en != title:
        title = f"{title} ({en})"
    return f"**{cite.document.key}** {title}: {cite.clause}" + (" °" if cite.site_choice else "")


def _roles(roles: Sequence[Role], none: str) -> Iterator[str]:
    if not roles:
        yield none
    for role in roles:
        yield f"- `{role}` {ROLES[role].meaning_zh}"


def _defaults_table(rule: Rule) -> Iterator[str]:
    numbers = defaults(rule.id)
    if not numbers:
        yield "None: the rule has no numbers."
        return
    rows = [
        (f"`{d.key}`", figure(d.value, d.unit), _range(d), d.text if d.text is not None else "site choice °")
        for d in numbers
    ]
    yield f"In the site file under `rules: {rule.id}:`, {_reach(rule)}. ° is a site choice."
    yield ""
    yield from _table(("key", "default", "allowed", "origin"), rows)


def _reach(rule: Rule) -> str:
    """Where a rule's numbers may stand: some are of what only the building has."""
    building = [f"`{d.key}`" for d in defaults(rule.id) if d.key in BUILDING_ONLY.get(rule.id, ())]
    if len(building) == len(defaults(rule.id)):
        return "for the building"
    alone = f" ({', '.join(building)} for the building alone)" if building else ""
    return f"for the building or for one zone{alone}"


def _range(number: Default) -> str:
    usual = _between(*number.usual, number.unit)
    return ", ".join(
        part
        for part in (_between(number.low, number.high, number.unit), usual and f"usually {usual}")
        if part
    )


def _between(low: float | None, high: float | None, unit: str) -> str:
    if low is not None and high is not None:
        return f"{low:g} to {figure(high, unit)}"
    if low is not None:
        return f"≥ {figure(low, unit)}"
    return f"≤ {figure(high, unit)}" if high is not None else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def index() -> str:
    """The list of all rules, as Markdown."""
    rows = [(_link(rule), rule.title.zh, rule.title.en, str(rule.cites[0])) for rule in ALL]
    lines = [
        "# Rules",
        "",
        "Top first: where two rules want different things of one point, the upper one has it. Every page is",
        "written from the rule itself by `make docs`.",
        "",
        *_table(("rule", "规则", "in short", "citation"), rows),
    ]
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Every page of docs/rules/ by its file name."""
    return {INDEX: index(), **{f"{rule.id}.md": page(rule) for rule in ALL}}


def write(folder: Path) -> None:
    """Write every page; pages of rules that no longer exist go."""
    folder.mkdir(parents=True, exist_ok=True)
    current = pages()
    for old in sorted(folder.glob("*.md")):
        if old.name not in current:
            old.unlink()
    for name, text in current.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
