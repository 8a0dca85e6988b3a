"""How wide a calibrated rehearsal's intervals are: what the level of heating and cooling is off by is in the share of all energy."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from supervisor.rehearsal.model.kept import Calibration
from supervisor.rehearsal.model.used import MISSED, Z90, Figures, Interval, intervals


def _shares(off: float, whole: tuple[float, float]) -> dict[str, Interval]:
    of = cast("Calibration", SimpleNamespace(ahead=SimpleNamespace(meters={"hvac": off})))
    found = intervals([(Figures(300.0, whole[0]), Figures(400.0, whole[1]))], of)
    return {each.name: each for each in found if each.name.endswith("_share")}


def _half(of: Interval) -> float:
    return (of.high - of.low) / 2 / of.value


@pytest.mark.parametrize("off", [0.0, 0.2])
def test_a_level_that_is_off_is_in_the_share_of_all_energy_and_not_in_that_of_hvac(off: float) -> None:
    """Lamps and machines take as much again as the units: a fifth that these are off is a tenth of the share of all that is saved."""
    found = _shares(off, (700.0, 800.0))
    assert _half(found["hvac_saved_share"]) == pytest.approx(Z90 * MISSED)
    assert _half(found["whole_saved_share"]) == pytest.approx(((Z90 * MISSED) ** 2 + (off / 2) ** 2) ** 0.5)
    alone = _shares(off, (300.0, 400.0))
    assert _half(alone["whole_saved_share"]) == pytest.approx(Z90 * MISSED)
