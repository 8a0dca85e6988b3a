"""The files for the centre above: hourly results by energy item, and the building's own data."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

from config.site import Site
from schedules.time import Instant, local_date
from supervisor.ledger.periods import Period, days_of
from supervisor.ledger.statistics import kgce
from supervisor.ledger.upload.hours import DECIMALS, Hours
from supervisor.ledger.upload.profile import BuildField, Upper


def written(site: Site, profile: Upper, hours: Hours, of: Period, out: Path, now: Instant) -> Iterator[Path]:
    """Write the files of a period beneath `out`, a folder a day or one for all; each file's path. Raises OSError."""
    for each in days_of(of, site.tz) if profile.per == "day" else [of]:
        inside = [n for n, begin in enumerate(hours.bounds[:-1]) if each.start <= begin < each.end]
        results = list(_results(site, profile, hours, inside))
        if not results:
            continue
        name = f"{profile.centre_id}{local_date(each.start, site.tz):%Y%m%d}"
        last = local_date(each.end - 1.0, site.tz)
        for kind, body in (("Build", _build(site, profile, last)), ("Energy", _energy(profile, results))):
            yield _write(out / name / f"{name}{kind}.xml", _root(profile, body, now, site.tz))


def _results(site: Site, profile: Upper, hours: Hours, inside: Sequence[int]) -> Iterator[ET.Element]:
    for hour in inside:
        start, end = (datetime.fromtimestamp(hours.bounds[n], site.tz) for n in (hour, hour + 1))
        twice = "B" if start.fold else ""
        for code, known in hours.by_code.items():
            if hour not in known:
                continue
            element = ET.Element("EnergyItemHourResult")
            coal = kgce(hours.carriers[code], known[hour].amount)
            for tag, text in (
                ("F_HourResultID", f"{profile.building_id}{start:%Y%m%d%H}{code}{twice}"),
                ("F_EnergyItemCode", code),
                ("F_StartHour", f"{start:%Y-%m-%d %H:%M:%S}"),
                ("F_EndHour", f"{end:%Y-%m-%d %H:%M:%S}"),
                ("F_HourValue", f"{hours.told(code, hour):.{DECIMALS}f}"),
                ("F_HourEquValue", f"{coal:.{DECIMALS}f}"),
                ("F_State", "1" if known[hour].valid else "0"),
            ):
                ET.SubElement(element, tag).text = text
            yield element


def _energy(profile: Upper, results: Sequence[ET.Element]) -> ET.Element:
    build = ET.Element("Build", id=profile.building_id)
    build.extend(results)
    return build


def _build(site: Site, profile: Upper, on: date) -> ET.Element:
    """The building as it is on a day."""
    name = site.name or site.building
    said: dict[str, str] = {
        "F_DataCenterID": profile.centre_id,
        "F_BuildName": name,
        "F_AliasName": name[:16],
    }
    if (area := site.area_m2.at(on)) is not None:
        said["F_TotalArea"] = f"{area:g}"
    said |= {str(tag): text for tag, text in profile.build.items()}
    build = ET.Element("Build", id=profile.building_id)
    base = ET.SubElement(build, "BuildBaseInfo", operation=profile.operation)
    for tag in get_args(BuildField):
        if tag in said:
            ET.SubElement(base, tag).text = said[tag]
    if profile.extra:
        more = ET.SubElement(build, "BuildExInfo", operation=profile.operation)
        for tag, text in profile.extra.items():
            ET.SubElement(more, tag).text = text
    return build


def _root(profile: Upper, build: ET.Element, now: Instant, tz: ZoneInfo) -> ET.Element:
    root = ET.Element("root")
    common = ET.SubElement(root, "common")
    ET.SubElement(common, "UploadDataCenterID").text = profile.centre_id
    ET.SubElement(common, "CreateTime").text = f"{datetime.fromtimestamp(now, tz):%Y-%m-%d %H:%M:%S}"
    ET.SubElement(root, "data").append(build)
    return root


def _write(path: Path, root: ET.Element) -> Path:
    """Whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.indent(root)
    beside = path.with_suffix(".new")
    with beside.open("wb") as file:
        ET.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return path
