"""Where EnergyPlus finds its model and its weather: names and paths in, documents and an EPW file out."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import subprocess
import sys
import tempfile
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import numpy as np

from config.phrase import Phrase, same
from config.reasons import reason
from schedules.time import Instant
from schedules.weather import air, sun
from schedules.weather.series import Weather
from simulator.plant.energyplus_model import VERSION, Document, ModelProblem, Unusable

_SUFFIXES = (".idf", ".epjson")
_VERSION = re.compile(r"^\s*version\s*,\s*([0-9.]+)", re.IGNORECASE | re.MULTILINE)
_INSTALL = same("pip install 'pyenergyplus-lbnl>=26.1'")
"""What the extra `energyplus` brings: this installs it wherever the program itself came from."""
_PER_HOUR = 6
"""Samples that make the mean radiation of an hour."""


def installed() -> bool:
    """Whether the extra is there, and whole: half of an installation is none."""
    try:
        import_module("pyenergyplus.dataset")
    except ImportError:
        return False
    return True


def wheel_models() -> dict[str, Path]:
    """The models inside the wheel by name: `small_office`, `ashrae_office_small`. Empty where it is not installed."""
    if not installed():
        return {}
    from pyenergyplus.dataset import ashrae_models, ref_models

    named = {**ref_models, **{f"ashrae_{name}": path for name, path in ashrae_models.items()}}
    return {name: Path(path) for name, path in named.items()}


def wheel_weather() -> dict[str, Path]:
    """The weather files inside the wheel by name, as `usa_co_denver`."""
    if not installed():
        return {}
    from pyenergyplus.dataset import weather_files

    return {name: Path(path) for name, path in weather_files.items()}


def model_path(model: str, folder: Path) -> Path:
    """The file of a model: a name in the wheel, or a path relative to `folder`. Raises Unusable."""
    if not installed():
        raise Unusable(
            [ModelProblem((), Phrase("EnergyPlus is not installed", "未安装 EnergyPlus"), _INSTALL)]
        )
    named = wheel_models()
    if model in named:
        return named[model]
    if not model.lower().endswith(_SUFFIXES):
        names = ", ".join(sorted(named))
        hint = Phrase(
            f"an .idf or .epJSON file, or one of: {names}", f".idf 或 .epJSON 文件，或以下之一：{names}"
        )
        missing = Phrase(f"there is no model `{model}`", f"没有模型 `{model}`")
        raise Unusable([ModelProblem(("model",), missing, hint)])
    path = folder / model
    if not path.is_file():
        hint = Phrase(f"it is looked for beside the site file, as {path}", f"在站点文件旁查找：{path}")
        missing = Phrase(f"there is no model file `{model}`", f"没有模型文件 `{model}`")
        raise Unusable([ModelProblem(("model",), missing, hint)])
    return path


def read_model(path: Path) -> Document:
    """The model as epJSON, an IDF converted by EnergyPlus itself: not to be written to. Raises Unusable."""
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        why = reason(error)
        message = Phrase(f"{path.name} cannot be read: {why.en}", f"{path.name} 无法读取：{why.zh}")
        hint = Phrase("see that it is there and who may read it", "检查文件是否存在、谁有读取权限")
        raise Unusable([ModelProblem(("model",), message, hint)]) from error


@lru_cache(maxsize=2)
def _read(path: Path, _changed: int) -> Document:
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix.lower() == ".idf":
        _check_version(path, _VERSION.search(text))
        return _converted(path)
    document = _json(path, text)
    version = next(iter(document.get("Version", {}).values()), {}).get("version_identifier", "")
    _check_version(path, re.match(r"([0-9.]+)", str(version)))
    return document


def _json(path: Path, text: str) -> Document:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise Unusable(
            [
                ModelProblem(
                    ("model",),
                    Phrase(f"{path.name} is not JSON: {error}", f"{path.name} 不是 JSON：{error}"),
                    Phrase("write it again from its source", "请由源文件重新生成"),
                )
            ]
        ) from error
    sound = isinstance(document, dict) and all(
        isinstance(kind, dict) and all(isinstance(thing, dict) for thing in kind.values())
        for kind in document.values()
    )
    if not sound:
        raise Unusable(
            [
                ModelProblem(
                    ("model",),
                    Phrase(f"{path.name} is no epJSON model", f"{path.name} 不是 epJSON 模型"),
                    Phrase("object types, then names, then fields", "依次为对象类型、名称、字段"),
                )
            ]
        )
    return document  # type: ignore[no-any-return] # its shape was just looked at


def _check_version(path: Path, found: re.Match[str] | None) -> None:
    if found is None:
        hint = Phrase(
            f"a whole model begins with `Version,{VERSION};`", f"完整的模型以 `Version,{VERSION};` 开头"
        )
        unsaid = Phrase(f"{path.name} does not say its version", f"{path.name} 未写明版本")
        raise Unusable([ModelProblem(("model",), unsaid, hint)])
    if not re.fullmatch(rf"{re.escape(VERSION)}(\.0)?", found.group(1)):
        message = Phrase(
            f"{path.name} is of EnergyPlus {found.group(1)}, and {VERSION} is installed",
            f"{path.name} 属于 EnergyPlus {found.group(1)}，所装为 {VERSION}",
        )
        hint = Phrase(
            f"bring it to {VERSION} with EnergyPlus's IDFVersionUpdater",
            f"请用 EnergyPlus 的 IDFVersionUpdater 升级到 {VERSION}",
        )
        raise Unusable([ModelProblem(("model",), message, hint)])


def _converted(path: Path) -> Document:
    """An IDF as epJSON. EnergyPlus's state is a process's: it gets one of its own."""
    with tempfile.TemporaryDirectory(prefix="energyplus-") as folder:
        engine = [sys.executable, "-m", "simulator.plant.energyplus_engine", "convert", str(path), folder]
        done = subprocess.run(engine, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603 - our own module
        written = sorted(Path(folder).glob("*.epJSON"))
        if done.returncode or not written:
            raise Unusable(complaints(Path(folder), path.name))
        return _json(path, written[0].read_text(encoding="utf-8"))


def complaints(folder: Path, name: str) -> list[ModelProblem]:
    """What EnergyPlus's error file says, as problems of the model."""
    try:
        lines = (folder / "eplusout.err").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    found: list[str] = []
    for line in lines:
        severe = re.match(r"\s*\*\*\s+(?:Severe|Fatal)\s+\*\*\s*(.*)", line)
        more = re.match(r"\s*\*\*\s+~~~\s+\*\*\s*(.*)", line)
        if severe:
            found.append(severe.group(1).strip())
        elif more and found:
            found[-1] += f" {more.group(1).strip()}"
    hint = Phrase(
        "so says EnergyPlus of the model; open it there", "以上为 EnergyPlus 对该模型的原话；请在其中打开模型"
    )
    silent = Phrase(f"{name}: EnergyPlus stopped without saying why", f"{name}：EnergyPlus 未说明原因就停止")
    said = [Phrase(f"{name}: {text}", f"{name}：{text}") for text in found[:10]] or [silent]
    return [ModelProblem(("model",), each, hint) for each in said]


# ---------------------------------------------------------------------- weather


def local_day(time: Instant, weather: Weather) -> dt.date:
    """The date at an instant by the weather's standard time, which is EnergyPlus's."""
    return dt.datetime.fromtimestamp(time + weather.site.utc_offset * 3600.0, dt.UTC).date()


def midnight(day: dt.date, weather: Weather) -> Instant:
    """When a date begins by the weather's standard time."""
    return dt.datetime.combine(day, dt.time(), dt.UTC).timestamp() - weather.site.utc_offset * 3600.0


def write_epw(weather: Weather, first: dt.date, last: dt.date, path: Path) -> None:
    """The days of any weather as an EPW file of real dates, so that both plants see the same.

    Temperatures, humidity and wind are those of each hour's end, radiation the mean of the hour before it: EnergyPlus,
    "Auxiliary Programs", EPW data dictionary. What the physics here does not know is written as missing.
    """
    start = midnight(first, weather)
    hours = ((last - first).days + 1) * 24
    ends = start + np.arange(1, hours + 1, dtype=np.float64) * 3600.0
    now = weather.series(ends)
    inside = (np.arange(_PER_HOUR, dtype=np.float64) + 0.5) / _PER_HOUR * 3600.0 - 3600.0
    times = (ends[:, None] + inside).ravel()
    through = weather.series(times)
    height = np.maximum(0.0, sun.position(times, weather.site.latitude, weather.site.longitude).cos_zenith)
    direct = through.direct_normal
    diffuse = through.diffuse
    whole = diffuse + direct * height
    mean = [x.reshape(hours, _PER_HOUR).mean(axis=1) for x in (through.infrared, whole, direct, diffuse)]
    pressure = air.pressure_at(weather.site.altitude)
    dew = air.dew_point(now.dry_bulb, now.relative_humidity)
    lines = _head(weather, first, last)
    for n in range(hours):
        day = first + dt.timedelta(days=n // 24)
        infrared, glob, beam, sky = (float(x[n]) for x in mean)
        lines.append(
            f"{day.year},{day.month},{day.day},{n % 24 + 1},0,?,"
            f"{now.dry_bulb[n]:.3f},{dew[n]:.3f},{now.relative_humidity[n]:.2f},{pressure:.0f},"
            f"9999,9999,{infrared:.2f},{glob:.2f},{beam:.2f},{sky:.2f},999999,999999,999999,9999,"
            f"180,{now.wind[n]:.2f},5,5,9999,99999,9,999999999,999,0.999,0,88,999,0,0"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _head(weather: Weather, first: dt.date, last: dt.date) -> list[str]:
    site = weather.site
    name = re.sub(r"[^\w -]", " ", site.name)
    place = f"{site.latitude:.3f},{site.longitude:.3f},{site.utc_offset:g},{site.altitude:.1f}"
    weekday = first.strftime("%A")
    period = f"{first.month}/{first.day}/{first.year},{last.month}/{last.day}/{last.year}"
    return [
        f"LOCATION,{name},-,-,building-supervisor,999999,{place}",
        "DESIGN CONDITIONS,0",
        "TYPICAL/EXTREME PERIODS,0",
        "GROUND TEMPERATURES,0",
        "HOLIDAYS/DAYLIGHT SAVINGS,Yes,0,0,0",
        f"COMMENTS 1,{re.sub(r'[,;]', ' ', weather.label)}",
        "COMMENTS 2,-",
        f"DATA PERIODS,1,1,Data,{weekday},{period}",
    ]


def days_until(start: Instant, end: Instant, weather: Weather) -> tuple[dt.date, dt.date]:
    """First and last date that a run from `start` to `end` touches."""
    return local_day(start, weather), local_day(max(start, math.nextafter(end, start)), weather)
