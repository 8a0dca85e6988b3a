"""Numbers looser than the plan, in zones that an exemption takes out of the rule: they limit nothing, and are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from config.codes import Coded
from config.phrase import Phrase
from config.problems import Problem, Severity, dotted
from config.source import Source
from config.values import parse_duration


class _Limit(NamedTuple):
    """A number that the plan's text fixes: `sign` is +1 where less of it is looser, −1 where more is."""

    rule: str
    key: str
    text: str
    sign: int
    read: Callable[[str], float]

    def looser(self, written: object) -> bool:
        """True for a readable number on the loose side of the plan's."""
        if not isinstance(written, str):
            return False
        try:
            return (self.read(self.text) - self.read(written)) * self.sign > 0
        except ValueError:
            return False  # said where every number is read


_LIMITS = (
    _Limit("summer-setpoint", "minimum", "26", 1, float),
    _Limit("winter-setpoint", "maximum", "20", -1, float),
    _Limit("pre-close-off", "lead", "30min", 1, parse_duration),
)


def settle_exempt(source: Source, data: Any) -> None:
    """Put the plan's number in the place of a looser one where the zone is exempt from its rule, with a warning.

    An exemption, in force or lapsed, takes the zone out of the rule as a whole; the day after its last the plan's
    number applies. A looser number without one stays, to be refused. `data` is changed in place.
    """
    zones = data.get("zones") if isinstance(data, dict) else None
    for zone, entry in zones.items() if isinstance(zones, dict) else ():
        for limit in _LIMITS:
            settings = _under(_under(entry, "rules"), limit.rule)
            if not limit.looser(settings.get(limit.key)):
                continue
            until = _exempt_until(data.get("exemptions"), zone, limit.rule)
            if until is None:
                continue
            _warn(source, zone, limit, settings[limit.key], until)
            settings[limit.key] = limit.text


def _under(section: Any, key: str) -> dict[str, Any]:
    below = section.get(key) if isinstance(section, dict) else None
    return below if isinstance(below, dict) else {}


def _exempt_until(exemptions: Any, zone: str, rule: str) -> str | None:
    """The end of a zone's last exemption from a rule as it is written, or None where it has none."""
    found = [
        str(each.get("until"))
        for each in (exemptions if isinstance(exemptions, list) else ())
        if isinstance(each, dict)
        and zone in _words(each.get("zones"))
        and rule in _words(each.get("rules"))
        and each.get("until")
    ]
    return max(found, default=None)


def _words(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _warn(source: Source, zone: str, limit: _Limit, written: str, until: str) -> None:
    assert source.tree is not None  # there is no data without a tree
    node, path = source.tree.find(("zones", zone, "rules", limit.rule, limit.key))
    message = Coded(
        "looser",
        f"`{written}` limits nothing: {zone} is exempt from {limit.rule} as a whole until {until}, "
        f"and afterwards the plan's {limit.text} applies",
        f"`{written}` 不起作用：{zone} 在 {until} 前整体豁免 {limit.rule}，此后按方案的 {limit.text} 执行",
    )
    hint = Phrase("delete it: the exemption is enough", "请删去：有豁免即可")
    at = node.at
    source.problems.append(
        Problem(
            source.file, at.line, at.column, dotted(path), message, hint, Severity.WARNING, width=at.width
        )
    )
