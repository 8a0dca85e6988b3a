"""Limits that belong together: the lower beneath the upper, with room between them for the way back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from config.checks.context import Context
from config.problems import Path
from config.rules import BUILDING_ONLY, RuleSettings


class _Band(NamedTuple):
    """Keys of a rule's settings: `low` and `high` are crossed, and `margin` is the way back from each."""

    rule: str
    low: str
    high: str
    margin: str
    unit: str


_BANDS: Final = (
    _Band("mild-season-off", "outdoor_low", "outdoor_high", "outdoor_band", "K"),
    _Band("mild-season-off", "zone_low", "zone_high", "zone_band", "K"),
    _Band("mild-season-off", "", "humidity_high", "humidity_band", "%RH"),
    _Band("mild-season-off", "", "co2_high", "co2_band", "ppm"),
)

_FROST_BACK: Final = 1.0
"""K above `below` at which `freeze-protect` lets go again."""


def check_bands(ctx: Context) -> None:
    """Bands in which nothing would ever be normal, or from which there is no way back."""
    places: list[tuple[Path, RuleSettings]] = [(("rules",), ctx.site.rules)]
    places += [(("zones", id_, "rules"), zone.rules) for id_, zone in ctx.site.zones.items()]
    for path, rules in places:
        for band in _BANDS:
            if ctx.written(*path, band.rule):
                _check(ctx, band, path, rules)
        _frost(ctx, path, rules)
    _for_the_building(ctx)
    for where, low, high in _comforts(ctx):
        if low >= high:
            hint = "`low` is the colder end, as in {low: 19, high: 27}"
            ctx.error(where, f"the comfort band ends at {high:g} °C, below its beginning at {low:g} °C", hint)
        elif high - low < 1:
            ctx.warn(
                where, f"the comfort band from {low:g} to {high:g} °C is narrower than 1 K", "is this meant?"
            )


def _for_the_building(ctx: Context) -> None:
    """A zone's own number for what only the building has: it would change nothing."""
    for zone in ctx.site.zones:
        for rule, keys in BUILDING_ONLY.items():
            for key in sorted(keys):
                path: Path = ("zones", zone, "rules", str(rule), key)
                if ctx.written(*path):
                    message = f"{key} is a number of the whole building: here it changes nothing"
                    ctx.warn(path, message, f"write it under the building's own `rules: {rule}:`", key=True)


def _frost(ctx: Context, path: Path, rules: RuleSettings) -> None:
    """Frost heating stops 1 K above its limit: a setpoint beneath that would never let it stop."""
    below, setpoint = rules.freeze_protect.below, rules.freeze_protect.setpoint
    written = [k for k in ("setpoint", "below") if ctx.written(*path, "freeze-protect", k)]
    if written and setpoint < below + _FROST_BACK:
        ctx.error(
            (*path, "freeze-protect", written[0]),
            f"a room heated to {setpoint:g} °C never comes to {below + _FROST_BACK:g} °C, where frost heating stops",
            f"setpoint is at least {_FROST_BACK:g} K above below, as in {{below: 8, setpoint: 12}}",
        )


def _check(ctx: Context, band: _Band, path: Path, rules: RuleSettings) -> None:
    settings = getattr(rules, band.rule.replace("-", "_"))
    high, margin = getattr(settings, band.high), getattr(settings, band.margin)
    low = getattr(settings, band.low) if band.low else 0.0
    ways_back = margin * (2 if band.low else 1)
    if high - low >= ways_back and high > low:
        return
    written = [
        key for key in (band.low, band.high, band.margin) if key and ctx.written(*path, band.rule, key)
    ]
    if not written:
        return  # the zone changes another number of this rule: the building's line is told
    name = f"{band.low} {low:g}, " if band.low else ""
    ctx.error(
        (*path, band.rule, written[0]),
        f"{name}{band.high} {high:g} and {band.margin} {margin:g} leave nothing between them",
        f"between the limits there must be room for {ways_back:g} {band.unit} of way back",
    )


def _comforts(ctx: Context) -> Iterator[tuple[Path, float, float]]:
    if ctx.written("comfort"):
        yield ("comfort",), ctx.file.comfort.low, ctx.file.comfort.high
    for id_, zone in ctx.site.zones.items():
        if ctx.written("zones", id_, "comfort"):
            yield ("zones", id_, "comfort"), zone.comfort.low, zone.comfort.high
