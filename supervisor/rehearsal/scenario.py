"""What is rehearsed: a site, run by its rules or as people run it today, through days, in a weather, by a seed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from config.codes import Coded
from config.phrase import Phrase
from config.problems import Problem, Severity
from config.site import Site, Zone
from config.source import read_source
from schedules.days import Calendars
from schedules.time import Instant, instant_of
from schedules.weather.epw import EpwWeather, read_epw
from schedules.weather.series import Weather, on_clock
from simulator.faults import NEVER, Faults
from simulator.people.character import People
from simulator.people.habits import Habits
from simulator.people.seen import Seen
from simulator.plant import building as physical
from simulator.plant import possible
from simulator.plant.choice import model_problems
from simulator.plant.energyplus_files import wheel_weather
from simulator.plant.from_site import HANDLERS, building_of, unserved
from simulator.plant.kind import PlantKind
from simulator.plant.network import NoRoom, network_of
from simulator.weather import SHANGHAI, SyntheticShanghai
from supervisor.rehearsal.crowd import HABITS

TODAY = "today"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One building for one run. `controlled` False: as people run it today, without our rules."""

    site: Site
    days: Calendars
    weather: Weather
    seed: int
    first: dt.date
    last: dt.date
    """Included."""
    label: str
    controlled: bool = True
    plant: PlantKind = PlantKind.RC
    building: physical.Building | None = None
    """The physical building, where it is not the one that the site file describes."""
    people: People = People.USUAL
    habits: Habits = HABITS[People.USUAL]
    faults: Faults = NEVER
    seen: Seen | None = None
    """People as presence sensors saw them; None: as `habits` have it."""

    @property
    def start(self) -> Instant:
        """Midnight at the site."""
        return _midnight(self.first, self.site.tz)

    @property
    def end(self) -> Instant:
        """The midnight after the last day."""
        return _midnight(self.last + dt.timedelta(days=1), self.site.tz)

    @property
    def hours(self) -> int:
        """Whole hours from start to end."""
        return round((self.end - self.start) / 3600.0)


@lru_cache(maxsize=64)
def _midnight(day: dt.date, tz: ZoneInfo) -> Instant:
    """Remembered: a run asks for its start at every event."""
    return instant_of(day, 0, tz)


def problems(site: Site, plant: PlantKind = PlantKind.RC) -> list[Problem]:
    """Why a site's building cannot be simulated, as `check` would say it; empty where it can."""
    found = model_problems(site) if plant is PlantKind.ENERGYPLUS else []
    building = building_of(site)
    told = possible.problems(building)
    for problem in told or _unconnected(building):
        where, column = _place(site, problem.path, building)
        message = Coded(
            "simulation", f"cannot be simulated: {problem.message.en}", f"无法演练：{problem.message.zh}"
        )
        found.append(Problem(site.source, where, column, problem.path, message, problem.hint))
    return found + [_unserved(site, zone) for zone in unserved(site)]


def _unserved(site: Site, zone: Zone) -> Problem:
    """A box without air would cool nothing all year, and every figure would be that of another building."""
    line, column = _line(site, zone.id)
    air = next((e.id for e in site.shared.values() if e.kind in HANDLERS), None)
    whole = f"`equipment: {{ahu: {{template: ahu, at: …, serves: [{zone.id}]}}}}`"
    serves = Phrase(f"add {whole}", f"加 {whole}")
    if air is not None:
        serves = Phrase(f"add {zone.id} to `serves:` of {air}", f"把 {zone.id} 加到 {air} 的 `serves:`")
    return Problem(
        site.source,
        line,
        column,
        f"zones.{zone.id}",
        Coded(
            "simulation",
            f"cannot be simulated: the VAV box of zone {zone.id} has no air handler: nothing would cool or heat it",
            f"无法演练：区域 {zone.id} 的变风量末端没有空调机组供风，既不制冷也不制热",
        ),
        Phrase(
            f"{serves.en}; an air handler that is not ours to command has a template without start_stop: `ahu: {{kind: ahu}}`",
            f"{serves.zh}；不由本系统控制的机组，其模板不写启停点：`ahu: {{kind: ahu}}`",
        ),
    )


def _unconnected(building: physical.Building) -> Iterator[possible.BuildingProblem]:
    """Zones whose parts, each possible by itself, make no room."""
    for number, zone in enumerate(building.zones):
        try:
            network_of((zone,))
        except NoRoom as error:
            message = Phrase(
                error.said.en.removeprefix(f"{zone.id}: "), f"围护结构参数组合不出一个房间：{error.said.zh}"
            )
            hint = Phrase(
                "more floor area, a better wall (u_wall), a lower storey (height) or a heavier mass",
                "加大面积、改善墙体（u_wall）、降低层高（height）或加大蓄热（mass）",
            )
            yield possible.BuildingProblem(f"zones.{number}.envelope", message, hint)


def _place(site: Site, path: str, building: physical.Building) -> tuple[int, int]:
    """Line and column of the zone that a problem of the physics is about; the file's first line otherwise."""
    parts = path.split(".")
    if parts[0] == "zones" and len(parts) > 1 and parts[1].isdigit():
        return _line(site, building.zones[int(parts[1])].id)
    return 1, 1


def _line(site: Site, zone: str) -> tuple[int, int]:
    tree = read_source(site.text.encode(), site.source).tree
    if tree is None:
        return 1, 1
    node, _ = tree.find(("zones", zone))
    mark = node.key if node.key is not None else node.at
    return mark.line, mark.column


def weather_of(
    path: Path | None, seed: int, site: Site | None = None
) -> tuple[Weather | None, list[Problem]]:
    """The weather of a file, or the synthetic year of a seed; or every problem of the file.

    A name that is no file may be that of a weather file in EnergyPlus's wheel: `usa_co_denver`.
    Weather from elsewhere goes by the clock of `site`, with a warning: its noon is to be noon.
    """
    if path is None:
        return _synthetic(seed, site)
    named = wheel_weather() if _is_name(path) else None
    if named is not None:
        if str(path) not in named:
            names = ", ".join(sorted(named))
            known = Phrase(f"an EPW file, or one of: {names}", f"可用 EPW 文件，或以下之一：{names}")
            missing = Coded("missing-file", "there is no such weather file", "没有这个气象文件")
            return None, [Problem(str(path), 1, 1, "", missing, known if named else _NO_NAMES)]
        path = named[str(path)]
    read = read_epw(path)
    found = [
        Problem(p.file, max(1, p.line), max(1, p.column), "", Coded("weather", *p.said), p.remedy)
        for p in read.problems
    ]
    if read.weather is None or site is None:
        return read.weather, found
    return _at_home(read.weather, str(path), site)


def weather_file(path: Path) -> Path:
    """The file of a weather that `weather_of` can read."""
    return wheel_weather()[str(path)] if _is_name(path) else path


def _is_name(path: Path) -> bool:
    return not path.suffix and not path.exists()


_NO_NAMES = Phrase(
    "an EPW file; names such as usa_co_denver come with pip install 'pyenergyplus-lbnl>=26.1'",
    "可用 EPW 文件；usa_co_denver 之类的名称须先 pip install 'pyenergyplus-lbnl>=26.1'",
)
_FOREIGN = 3.0
"""h between the clocks of a building and of its weather from which the weather is from elsewhere. Site choice: within
one country a zone's noon is up to two hours off (Urumqi, on the clock of Beijing)."""


def _synthetic(seed: int, site: Site | None) -> tuple[Weather, list[Problem]]:
    if site is None:
        return SyntheticShanghai(seed), []
    offset, south = _standard_time(site.tz), site.season.hemisphere == "south"
    if offset == SHANGHAI.utc_offset and not south:
        return SyntheticShanghai(seed), []
    place = on_clock(SHANGHAI, offset)
    weather = SyntheticShanghai(seed, place._replace(latitude=-place.latitude) if south else place)
    message = Phrase(
        f"{site.tz.key} has the weather of Shanghai: {weather.label}",
        f"{site.tz.key} 用的是上海的气象：{weather.label}",
    )
    hint = Phrase("--weather FILE.epw gives the weather of the place", "用 --weather 文件.epw 给出当地气象")
    return weather, [_warning(site.source, message, hint)]


def _at_home(weather: EpwWeather, file: str, site: Site) -> tuple[Weather, list[Problem]]:
    """A file's weather by the building's clock, with what does not fit the building."""
    found = []
    home, away = _standard_time(site.tz), weather.site.utc_offset
    if (weather.site.latitude < 0.0) is not (site.season.hemisphere == "south"):
        half = Phrase("south", "南半球") if site.season.hemisphere == "south" else Phrase("north", "北半球")
        message = Phrase(
            f"weather at latitude {weather.site.latitude:g}, and a building in the {half.en}",
            f"气象在纬度 {weather.site.latitude:g}，建筑在{half.zh}",
        )
        hint = Phrase(
            "season: {hemisphere: north} or south, in the site file",
            "站点文件中写 season: {hemisphere: north} 或 south",
        )
        found.append(_warning(file, message, hint))
    if abs(home - away) >= _FOREIGN:
        weather = weather.moved(home)
        message = Phrase(
            f"weather of UTC{away:+g}, and a building of UTC{home:+g}: its hours are taken by the building's clock",
            f"气象为 UTC{away:+g}，建筑为 UTC{home:+g}：各小时按建筑的时钟取用",
        )
        hint = Phrase(
            "timezone in the site file, or weather of the place", "检查站点文件的 timezone，或换用当地气象"
        )
        found.append(_warning(file, message, hint))
    return weather, found


def _warning(file: str, message: Phrase, hint: Phrase) -> Problem:
    return Problem(file, 1, 1, "", Coded("weather", *message), hint, Severity.WARNING)


def _standard_time(tz: ZoneInfo) -> float:
    """Hours east of UTC, without daylight saving."""
    winter = dt.datetime(2026, 1, 1, tzinfo=tz)
    return (
        (winter.utcoffset() or dt.timedelta()) - (winter.dst() or dt.timedelta())
    ).total_seconds() / 3600.0
