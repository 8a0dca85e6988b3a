"""Meters: each is read, or computed from others, or a vehicle's card; none stands above itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from config.checks.context import DEVICE, METER, Context, delete
from config.codes import Coded
from config.metering import Meter
from config.phrase import Phrase
from config.problems import Path
from config.resolve import part_of
from config.subitems import carrier

_ONE_OF_THEM = Phrase("delete one of them", "请删去其中一个")


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
        _life(ctx, name, meter)
        _parent(ctx, name, meter, circular)


def _source(ctx: Context, name: str, meter: Meter) -> None:
    """Where its figures come from: exactly one place."""
    if meter.point is not None:
        ctx.known(meter.point.at.device, "devices", DEVICE, ("meters", name, "point", "at"))
        if meter.unit is not None:
            ctx.error(
                ("meters", name, "unit"),
                Coded(
                    "meter",
                    "the unit of a meter with `point` is its point's",
                    "有 `point` 的表，其单位属于该点",
                ),
                Phrase("write it there: point: {at: …, unit: kWh}", "请写在那里：point: {at: …, unit: kWh}"),
            )
    elif meter.unit is None and meter.of is None and meter.vehicle is None:
        ctx.error(
            ("meters", name),
            Coded(
                "missing",
                f"meter `{name}` has neither `point` nor `unit`",
                f"计量表 `{name}` 既没有 `point` 也没有 `unit`",
            ),
            Phrase(
                "`point` is its object; a meter that is read by hand has `unit: kWh`, or m3, L; a computed one `of: [+a, -b]`",
                "`point` 是它的对象；人工抄读的表写 `unit: kWh`（或 m3、L）；计算得出的表写 `of: [+a, -b]`",
            ),
        )
    for key in ("of", "vehicle"):
        if getattr(meter, key) is not None and meter.point is not None:
            hint = Phrase(f"delete `point`, or `{key}`", f"请删去 `point` 或 `{key}`")
            said = Coded(
                "meter",
                f"meter `{name}` is read and has `{key}`, too",
                f"计量表 `{name}` 已有读数来源，又写了 `{key}`",
            )
            ctx.error(("meters", name, key), said, hint)
    if meter.of is not None and meter.vehicle is not None:
        said = Coded("meter", "a vehicle's card is not computed from meters", "车辆卡不由其他表计算")
        ctx.error(("meters", name, "of"), said, _ONE_OF_THEM)


def _computed(ctx: Context, name: str, meter: Meter, endless: set[str]) -> None:
    """A meter that is computed from others: they are there, of its kind, each once, and none needs it itself."""
    path: Path = ("meters", name, "of")
    for key in ("unit", "rated", "digits", "always_on", "interval"):
        if key in meter.model_fields_set:
            message = Coded(
                "meter", f"a computed meter has no `{key}` of its own", f"计算得出的表没有自己的 `{key}`"
            )
            hint = Phrase(f"delete `{key}`: it follows from its parts", f"请删去 `{key}`：由其组成部分决定")
            ctx.error(("meters", name, key), message, hint)
    if not meter.of:
        ctx.error(
            path,
            Coded("missing", f"meter `{name}` is computed from nothing", f"计量表 `{name}` 没有计算的来源"),
            Phrase("name its parts, like `of: [+main, -tenant]`", "写明组成部分，如 `of: [+main, -tenant]`"),
        )
    if name in endless:
        ctx.error(
            path,
            Coded("circle", f"meter `{name}` is computed from itself", f"计量表 `{name}` 由自己算出"),
            Phrase("its parts are other meters, which do not need it", "其组成部分应是其他表，且不依赖于它"),
        )
    seen: set[str] = set()
    for i, text in enumerate(meter.of or ()):
        part, _ = part_of(text)
        if part in seen:
            ctx.error(
                (*path, i), Coded("twice", f"`{part}` is in it twice", f"`{part}` 出现了两次"), _ONE_OF_THEM
            )
        seen.add(part)
        if not ctx.known(part, "meters", METER, (*path, i)):
            continue
        other = ctx.file.meters.get(part)
        if other is not None and carrier(other.subitem) != carrier(meter.subitem):
            message = Coded(
                "meter",
                f"`{part}` counts {carrier(other.subitem)}, `{name}` {carrier(meter.subitem)}: no sum of both",
                f"`{part}` 计量 {carrier(other.subitem)}，`{name}` 计量 {carrier(meter.subitem)}：不能相加",
            )
            hint = Phrase("what is added up flows through all of them", "相加的应是同一种能源")
            ctx.error((*path, i), message, hint)


def _vehicle(ctx: Context, name: str, meter: Meter) -> None:
    if meter.subitem not in ("petrol", "diesel"):
        message = Coded(
            "meter",
            f"a vehicle takes petrol or diesel, not {meter.subitem}",
            f"车辆用汽油（petrol）或柴油（diesel），不是 {meter.subitem}",
        )
        ctx.error(
            ("meters", name, "vehicle"),
            message,
            Phrase(
                "write `subitem: petrol`; charging is metered like any socket",
                "写 `subitem: petrol`；充电按普通插座计量",
            ),
        )
    if meter.unit not in (None, "L"):
        said = Coded("meter", "a vehicle's fuel is counted in litres", "车辆燃油以升计")
        ctx.error(("meters", name, "unit"), said, delete("unit"))
    for key in ("rated", "digits", "always_on", "interval"):
        if key in meter.model_fields_set:
            said = Coded("meter", f"a vehicle's card has no `{key}`", f"车辆卡没有 `{key}`")
            ctx.error(("meters", name, key), said, delete(key))


def _life(ctx: Context, name: str, meter: Meter) -> None:
    """It counts from one day to a later one; a computed one as long as those that it is computed from."""
    for key in ("since", "until"):
        if meter.of is not None and getattr(meter, key) is not None:
            said = Coded(
                "meter", f"a computed meter has no `{key}` of its own", f"计算得出的表没有自己的 `{key}`"
            )
            ctx.error(("meters", name, key), said, delete(key))
    if meter.since is not None and meter.until is not None and meter.until < meter.since:
        said = Coded(
            "dates", f"meter `{name}` ends before it begins", f"计量表 `{name}` 的停用日期早于启用日期"
        )
        ctx.error(("meters", name, "until"), said, Phrase("exchange the two days", "请对调两个日期"))


def _parent(ctx: Context, name: str, meter: Meter, circular: set[str]) -> None:
    if meter.parent is None:
        return
    path: Path = ("meters", name, "parent")
    if not ctx.known(meter.parent, "meters", METER, path):
        return
    if name in circular:
        said = Coded("circle", f"meter `{name}` stands above itself", f"计量表 `{name}` 成了自己的上级")
        ctx.error(path, said, Phrase("a parent is the meter upstream", "parent 是上游的表"))
    parent = ctx.file.meters.get(meter.parent)
    if parent is not None and carrier(parent.subitem) != carrier(meter.subitem):
        said = Coded(
            "meter",
            "a water meter and an electricity meter cannot be parent and child",
            "水表与电表不能互为上下级",
        )
        ctx.error(path, said, delete("parent"))


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
