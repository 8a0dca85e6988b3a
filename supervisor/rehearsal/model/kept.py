"""A calibration as a file beside the site file: what was fitted, how sure it is, and how far off it was on days not seen."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from config.phrase import Phrase
from simulator.people.seen import Seen
from simulator.plant.building import Building
from supervisor.rehearsal.model import people
from supervisor.rehearsal.model.checked import Ahead
from supervisor.rehearsal.model.fit import Fit, every
from supervisor.rehearsal.model.parameters import Group
from supervisor.rehearsal.model.record import Floats

VERSION: Final = 1


class BadCalibration(ValueError):
    """A file that is none, or another building's."""

    def __init__(self, said: Phrase) -> None:
        super().__init__(said.en)
        self.said = said


@dataclass(frozen=True, eq=False)
class Calibration:
    """What is known of a building by its record."""

    building_id: str
    first: str
    last: str
    """Days of the record, ISO."""
    fit: Fit
    ahead: Ahead
    weather: str
    seen: Seen | None
    """People as presence sensors saw them; None where there is none."""
    doubts: tuple[Phrase, ...] = ()
    """What of the record was left out, or should be looked at."""

    def building(self, base: Building) -> Building:
        """The site file's building as calibrated, at the most probable."""
        return self.fit.building(base)

    def drawn(self, base: Building, seed: int, number: int) -> Building:
        """One of the buildings that the data leave possible: the same for the same seed and number."""
        return self.fit.building(base, self.fit.draw(np.random.default_rng([seed, number])))


def path_beside(source: str, building: str) -> Path:
    """Where the calibration of a building is looked for: beside its site file, by the building's name."""
    return Path(source).parent / f"{building}.calibration.json"


def save(calibration: Calibration, path: Path) -> None:
    """Write it, whole or not at all, for its owner alone: it tells when people were in. Raises OSError."""
    new = path.with_name(path.name + ".new")
    try:
        new.touch(mode=0o600)
        new.write_text(
            json.dumps(as_json(calibration), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def as_json(calibration: Calibration) -> dict[str, Any]:
    """As the file has it; figures that are not known are null."""
    fit, seen = calibration.fit, calibration.ahead
    told = every(len(fit.groups))
    return {
        "version": VERSION,
        "building": calibration.building_id,
        "from": calibration.first,
        "to": calibration.last,
        "weather": calibration.weather,
        "parameters": [p.name for p in told],
        "groups": [{"name": g.name, "zones": list(g.zones)} for g in fit.groups],
        "theta": fit.theta.tolist(),
        "covariance": fit.covariance.tolist(),
        "fit": {"air_k": _number(fit.air_error), "meters": {k: _number(v) for k, v in fit.meter_error.items()}},
        "ahead": {
            "days": seen.days,
            "night_k": _number(seen.night),
            "day_k": _number(seen.day),
            "week_k": _number(seen.week),
            "meters": {k: _number(v) for k, v in seen.meters.items()},
        },
        "doubts": [list(doubt) for doubt in calibration.doubts],
        "people": people.as_json(calibration.seen) if calibration.seen is not None else {},
    }  # fmt: skip


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def load(path: Path, building: str) -> Calibration:
    """Read a calibration of `building`. Raises BadCalibration, OSError."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        found = _calibration(told)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadCalibration(
            Phrase(
                f"{path} is no calibration of this version: make it anew with building-supervisor calibrate",
                f"{path} 不是本版本的校准文件：请重新运行 building-supervisor calibrate",
            )
        ) from error
    if found.building_id != building:
        raise BadCalibration(
            Phrase(
                f"{path} is the calibration of {found.building_id}, not of {building}",
                f"{path} 是 {found.building_id} 的校准文件，不是 {building} 的",
            )
        )
    return found


def _calibration(told: Mapping[str, Any]) -> Calibration:
    """From what the file says. Raises ValueError, KeyError, TypeError, AttributeError."""
    groups = tuple(Group(str(g["name"]), tuple(map(str, g["zones"]))) for g in told["groups"])
    names = [p.name for p in every(len(groups))]
    theta, covariance = _floats(told["theta"]), _floats(told["covariance"])
    fits = told["version"] == VERSION and told["parameters"] == names
    if not fits or theta.shape != (len(names),) or covariance.shape != (len(names), len(names)):
        raise ValueError("another version")
    np.linalg.cholesky(covariance)
    seen = told["ahead"]
    return Calibration(
        told["building"], told["from"], told["to"],
        Fit(groups, theta, covariance, _known(told["fit"]["air_k"]), dict(told["fit"]["meters"])),
        Ahead(
            int(seen["days"]), _known(seen["night_k"]), _known(seen["day_k"]), _known(seen["week_k"]),
            {str(k): _known(v) for k, v in seen["meters"].items()},
        ),
        str(told["weather"]), people.of_json(told["people"]),
        tuple(Phrase(str(en), str(zh)) for en, zh in told.get("doubts", ())),
    )  # fmt: skip


def _known(value: Any) -> float:
    return math.nan if value is None else float(value)


def _floats(values: Any) -> Floats:
    found = np.array(values, dtype=np.float64)
    if not np.isfinite(found).all():
        raise ValueError("figures that are none")
    return found
