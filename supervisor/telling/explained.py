"""An explanation, as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.roles import Role
from supervisor.core.wording import command

_PROTECTION = 7
"""Slots 1 to 7 belong to life safety, critical equipment and minimum on/off (ASHRAE 135 table 19-1)."""


def in_words(answer: Mapping[str, Any]) -> str:
    """The explanation as a person reads it."""
    lines = [f"{answer['point']}  ({answer['device']} {answer['object']})  {answer['now']}"]
    if answer.get("dry_run"):
        lines.append("  dry run   decided and audited, not written")
    if answer.get("arm"):
        lines.append(f"  trial     {answer['arm']} is the arm of the day · 今日试验组：{answer['arm']}")
    if answer.get("quarantine"):
        lines.append(f"  device    {answer['quarantine']}: nothing is written to it")
    if answer.get("elsewhere"):
        lines.append(f"  device    {answer['elsewhere']}")
    present = answer["present"]
    lines.append(f"  is        {_value(answer, present['value'])}  [{_age(present)}]")
    lines += _unit_lines(answer.get("unit"))
    if present.get("doubt"):
        lines.append(f"  doubt     {present['doubt']}  {present['doubt_zh']}")
    winner = answer["winner"]
    if winner is None:
        lines.append(f"  decided   nothing: {answer.get('not_writable', 'not decided yet')}")
    else:
        withheld = "  (not written: quarantined · 未写入：已隔离)" if answer.get("quarantine") else ""
        lines.append(
            f"  decided   {_value(answer, winner['value'], relinquish=True)}  by {winner['rule']}  {winner['title_zh']}"
            + withheld
        )
        lines.append(f"  because   {winner['reason']}  {winner['reason_zh']}")
        lines.append(f"  clause    {winner['citation']}  《{winner['document']}》")
        lines += [_input(i) for i in winner["inputs"]]
    if behind := answer.get("not_followed"):
        lines.append(f"  but       {behind['en']}  {behind['zh']}")
    lines += [
        f"  lost      {loser['rule']} wanted {_value(answer, loser['value'], relinquish=True)}: "
        f"{loser['reason']} (lost to {loser['lost_to']})"
        for loser in answer["losers"]
    ]
    lines += _slot_lines(answer)
    change = answer["next_change"]
    told = (
        f"{change['at']}  {_value(answer, change['value'], relinquish=True)} by {change['rule']}"
        if change
        else "none within a week, by the clock alone"
    )
    lines.append(f"  next      {told}")
    return "\n".join(lines)


def _unit_lines(unit: Mapping[str, Any] | None) -> list[str]:
    """What the controller says of the number, in the site file's unit."""
    if unit is None:
        return []
    if unit["mismatch"]:
        return [f"  unit      not believed, not written: {unit['said']}  {unit['said_zh']}"]
    takes = [f"from {unit['low']:g}"] if unit["low"] is not None else []
    takes += [f"to {unit['high']:g}"] if unit["high"] is not None else []
    takes += [f"in steps of {unit['step']:.4g}"] if unit["step"] is not None else []
    took = f", takes values {' '.join(takes)}" if takes else ""
    doubt = f"  ({unit['said']}  {unit['said_zh']})" if unit["said"] else ""
    return [f"  unit      {unit['unit']}{took}{doubt}"]


def _input(entry: Mapping[str, Any]) -> str:
    """A reading that the decision rests on, and what is wrong with it."""
    beneath = "  ← beneath our slot" if entry.get("beneath") else ""
    doubt = f"  {entry['doubt']}  {entry['doubt_zh']}" if entry.get("doubt") else ""
    return f"  input     {entry['point']} = {entry['value']}  [{_age(entry)}]{beneath}{doubt}"


def _slot_lines(answer: Mapping[str, Any]) -> list[str]:
    if "slots" not in answer:
        return []
    lines = []
    for slot in answer["slots"]:
        mark = "  ← ours" if slot["ours"] else _not_ours(answer, slot["priority"])
        lines.append(f"  slot {slot['priority']:<4} {_value(answer, slot['value'])}{mark}")
    if answer["priority_array"] and not answer.get("slots_read", True):
        lines.append("  slots     not read yet: the device has not answered")
    elif not answer["slots"]:
        lines.append("  slots     all NULL" if answer["priority_array"] else "  slots     no priority array")
    lines.append(f"  fallback  {_value(answer, answer['fallback'])} when our slot is NULL")
    return lines


def _not_ours(answer: Mapping[str, Any], priority: int) -> str:
    """Whose a slot is that is not ours: protection, another master, or somebody else in our own slot."""
    override, winner = answer.get("override"), answer.get("winner") or {}
    if answer.get("foreign_in_our_slot") is not None and priority == winner.get("priority"):
        return "  ← our slot, but not our value: reported, never overwritten"
    if override is None or override["priority"] != priority:
        return ""
    if priority <= _PROTECTION:
        return "  ← protection: recorded, never judged"
    return "  ← another master: respected, and counted while it is outside the rules"


def _value(answer: Mapping[str, Any], value: object, *, relinquish: bool = False) -> str:
    if value is None:
        return "relinquish (NULL)" if relinquish else "not known"
    if isinstance(value, bool | float | int):
        return command(value, Role(answer["role"]))
    return str(value)


def _age(entry: Mapping[str, Any]) -> str:
    if entry["age_s"] is None:
        return str(entry["quality"])
    return f"{entry['quality']}, {entry['age_s']:.0f} s old, since {entry['since']}"
