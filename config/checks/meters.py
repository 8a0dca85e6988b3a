"""Meters: each is read, or computed from others, or a vehicle's card; none stands above itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from config.checks.context import Context
from config.metering import Meter
from config.problems import Path
from config.resolve import part_of
from config.subitems import carrier


def check_meters(ctx: Context) -> None:
    """What each is made of, and where it stands."""
    meters = ctx.file.meters
    circular = _circular({name: (meter.parent,) for name, meter in meters.items()})
    computed = {name: [part_of(part)[0] for part in meter.of or ()] for name, meter in meters.items()}
    endless = _circular(computed)
    for name, meter in meters.items():
        _source(ctx, name, meter)
        if meter.of is not None:
            _computed(ctx, name, meter, endless)
        if meter.vehicle is not None:
            _vehicle(ctx, name, meter)
        _parent(ctx, name, meter, circular)


def _source(ctx: Context, name: str, meter: Meter) -> None:
    """Where its figures come from: exactly one place."""
    if meter.point is not None:
        ctx.known(meter.point.at.device, "devices", "device", ("meters", name, "point", "at"))
        if meter.unit is not None:
            ctx.error(
                ("meters", name, "unit"),
                "the unit of a meter with `point` is its point's",
                "write it there: point: {at: …, unit: kWh}",
            )
    elif meter.unit is None and meter.of is None and meter.vehicle is None:
        ctx.error(
            ("meters", name),
            f"meter `{name}` has neither `point` nor `unit`",
            "`point` is its object; a meter that is read by hand has `unit: kWh`, or m3, L; a computed one `of: [+a, -b]`",
        )
    for key in ("of", "vehicle"):
        if getattr(meter, key) is not None and meter.point is not None:
            hint = f"delete `point`, or `{key}`"
            ctx.error(("meters", name, key), f"meter `{name}` is read and has `{key}`, too", hint)
    if meter.of is not None and meter.vehicle is not None:
        ctx.error(
            ("meters", name, "of"), "a vehicle's card is not computed from meters", "delete one of them"
        )


def _computed(ctx: Context, name: str, meter: Meter, endless: set[str]) -> None:
    """A meter that is computed from others: they are there, of its kind, each once, and none needs it itself."""
    path: Path = ("meters", name, "of")
    for key in ("unit", "rated", "digits", "always_on", "interval"):
        if key in meter.model_fields_set:
            message = f"a computed meter has no `{key}` of its own"
            ctx.error(("meters", name, key), message, f"delete `{key}`: it follows from its parts")
    if not meter.of:
        ctx.error(
            path, f"meter `{name}` is computed from nothing", "name its parts, like `of: [+main, -tenant]`"
        )
    if name in endless:
        ctx.error(
            path,
            f"meter `{name}` is computed from itself",
            "its parts are other meters, which do not need it",
        )
    seen: set[str] = set()
    for i, text in enumerate(meter.of or ()):
        part, _ = part_of(text)
        if part in seen:
            ctx.error((*path, i), f"`{part}` is in it twice", "delete one of them")
        seen.add(part)
        if not ctx.known(part, "meters", "meter", (*path, i)):
            continue
        other = ctx.file.meters.get(part)
        if other is not None and carrier(other.subitem) != carrier(meter.subitem):
            message = (
                f"`{part}` counts {carrier(other.subitem)}, `{name}` {carrier(meter.subitem)}: no sum of both"
            )
            ctx.error((*path, i), message, "what is added up flows through all of them")


def _vehicle(ctx: Context, name: str, meter: Meter) -> None:
    if meter.subitem not in ("petrol", "diesel"):
        message = f"a vehicle takes petrol or diesel, not {meter.subitem}"
        ctx.error(
            ("meters", name, "vehicle"),
            message,
            "write `subitem: petrol`; charging is metered like any socket",
        )
    if meter.unit not in (None, "L"):
        ctx.error(("meters", name, "unit"), "a vehicle's fuel is counted in litres", "delete `unit`")
    for key in ("rated", "digits", "always_on", "interval"):
        if key in meter.model_fields_set:
            ctx.error(("meters", name, key), f"a vehicle's card has no `{key}`", f"delete `{key}`")


def _parent(ctx: Context, name: str, meter: Meter, circular: set[str]) -> None:
    if meter.parent is None:
        return
    path: Path = ("meters", name, "parent")
    if not ctx.known(meter.parent, "meters", "meter", path):
        return
    if name in circular:
        ctx.error(path, f"meter `{name}` stands above itself", "a parent is the meter upstream")
    parent = ctx.file.meters.get(meter.parent)
    if parent is not None and carrier(parent.subitem) != carrier(meter.subitem):
        ctx.error(
            path, "a water meter and an electricity meter cannot be parent and child", "delete `parent`"
        )


def _circular(named: Mapping[str, Iterable[str | None]]) -> set[str]:
    """The names that lead back to themselves, however long the chains: what is left when those that lead to an end are
    taken away, from both ends."""
    onward: dict[str, set[str]] = {
        name: {to for to in others if to is not None and to in named} for name, others in named.items()
    }
    backward: dict[str, set[str]] = {name: set() for name in named}
    for name, others in onward.items():
        for to in others:
            backward[to].add(name)
    left = set(named)
    for edges, reverse in ((onward, backward), (backward, onward)):
        counts = {name: len(edges[name] & left) for name in left}
        ends = [name for name, count in counts.items() if count == 0]
        while ends:
            name = ends.pop()
            left.discard(name)
            for before in reverse[name] & left:
                counts[before] -= 1
                if counts[before] == 0:
                    ends.append(before)
    return left
