"""Limits that belong together: the lower beneath the upper, with room between them for the way back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from config.checks.context import MEANT, Context
from config.codes import Coded
from config.phrase import Phrase
from config.problems import NO_REMEDY, Path
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
            hint = Phrase(
                "`low` is the colder end, as in {low: 19, high: 27}",
                "`low` 是较冷的一端，如 {low: 19, high: 27}",
            )
            said = Coded(
                "limits",
                f"the comfort band ends at {high:g} °C, below its beginning at {low:g} °C",
                f"舒适区间的上限 {high:g} °C 低于下限 {low:g} °C",
            )
            ctx.error(where, said, hint)
        elif high - low < 1:
            narrow = Coded(
                "limits",
                f"the comfort band from {low:g} to {high:g} °C is narrower than 1 K",
                f"舒适区间 {low:g} 到 {high:g} °C 不足 1 K",
            )
            ctx.warn(where, narrow, MEANT)


def _for_the_building(ctx: Context) -> None:
    """A zone's own number for what only the building has: it would change nothing."""
    for zone in ctx.site.zones:
        for rule, keys in BUILDING_ONLY.items():
            for key in sorted(keys):
                path: Path = ("zones", zone, "rules", str(rule), key)
                if ctx.written(*path):
                    message = Coded(
                        "never-holds",
                        f"{key} is a number of the whole building: here it changes nothing",
                        f"{key} 是整栋建筑的参数：写在这里不起作用",
                    )
                    hint = Phrase(
                        f"write it under the building's own `rules: {rule}:`",
                        f"请写到整栋建筑的 `rules: {rule}:` 下",
                    )
                    ctx.warn(path, message, hint, key=True)


def _frost(ctx: Context, path: Path, rules: RuleSettings) -> None:
    """Frost heating stops 1 K above its limit: a setpoint beneath that would never let it stop."""
    below, setpoint = rules.freeze_protect.below, rules.freeze_protect.setpoint
    written = [k for k in ("setpoint", "below") if ctx.written(*path, "freeze-protect", k)]
    if written and setpoint < below + _FROST_BACK:
        ctx.error(
            (*path, "freeze-protect", written[0]),
            Coded(
                "limits",
                f"a room heated to {setpoint:g} °C never comes to {below + _FROST_BACK:g} °C, where frost heating stops",
                f"加热到 {setpoint:g} °C 的房间达不到防冻停止的 {below + _FROST_BACK:g} °C",
            ),
            Phrase(
                f"setpoint is at least {_FROST_BACK:g} K above below, as in {{below: 8, setpoint: 12}}",
                f"setpoint 至少比 below 高 {_FROST_BACK:g} K，如 {{below: 8, setpoint: 12}}",
            ),
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
    name = Phrase(f"{band.low} {low:g}, ", f"{band.low} {low:g}、") if band.low else NO_REMEDY
    ctx.error(
        (*path, band.rule, written[0]),
        Coded(
            "limits",
            f"{name.en}{band.high} {high:g} and {band.margin} {margin:g} leave nothing between them",
            f"{name.zh}{band.high} {high:g} 与 {band.margin} {margin:g} 之间没有余地",
        ),
        Phrase(
            f"between the limits there must be room for {ways_back:g} {band.unit} of way back",
            f"上下限之间应留出 {ways_back:g} {band.unit} 的回差",
        ),
    )


def _comforts(ctx: Context) -> Iterator[tuple[Path, float, float]]:
    if ctx.written("comfort"):
        yield ("comfort",), ctx.file.comfort.low, ctx.file.comfort.high
    for id_, zone in ctx.site.zones.items():
        if ctx.written("zones", id_, "comfort"):
            yield ("zones", id_, "comfort"), zone.comfort.low, zone.comfort.high
