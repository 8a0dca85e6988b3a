"""What counts as enforced: the equipment followed, not only the slot."""

from __future__ import annotations

import pytest

from config.roles import Role
from config.rules import RuleId
from drivers.readings import Quality
from supervisor.core.known import Known
from supervisor.gateway.events import Enforced
from supervisor.records.proof import PROOF_WITHIN, Proof
from tests.site_files import site_of_text
from tests.unit.gateway.gateway_world import site_text

NOW = 1_784_100_000.0
FAN = "o1/ac/start_stop"


@pytest.fixture
def known() -> Known:
    """An office whose fan coil has a run status and a hand switch."""
    text = site_text().replace(
        "      start_stop: {object: binary-value:1, writable: true}\n      cooling_setpoint",
        "      start_stop: {object: binary-value:1, writable: true}\n"
        "      run_status: binary-input:1\n      hand_auto: binary-input:2\n      cooling_setpoint",
        1,
    )
    site = site_of_text(text)
    return Known(site)


def _shown(known: Known, role: Role, value: bool) -> None:
    known.put_value(f"o1/ac/{role}", value, Quality.GOOD, NOW)


def _off() -> Proof:
    proof = Proof()
    proof.add(Enforced(FAN, "window-off", False, NOW))
    return proof


def test_a_fan_that_stops_when_told_is_an_enforcement(known: Known) -> None:
    """The command was read back, and a little later the run status follows."""
    proof = _off()
    _shown(known, Role.RUN_STATUS, True)
    assert list(proof.settled(known, NOW + 5)) == []
    _shown(known, Role.RUN_STATUS, False)
    assert list(proof.settled(known, NOW + 9)) == [("o1", RuleId.WINDOW_OFF)]
    assert list(proof.settled(known, NOW + 20)) == []


def test_a_fan_that_runs_on_is_none(known: Known) -> None:
    """The slot says off, the contactor is welded: nothing was enforced."""
    proof = _off()
    _shown(known, Role.RUN_STATUS, True)
    assert list(proof.settled(known, NOW + PROOF_WITHIN + 1)) == []
    _shown(known, Role.RUN_STATUS, False)
    assert list(proof.settled(known, NOW + PROOF_WITHIN + 2)) == []


def test_a_fan_switched_to_hand_is_none(known: Known) -> None:
    """Somebody has turned the switch at the unit: whatever it does is not our doing."""
    proof = _off()
    _shown(known, Role.HAND_AUTO, True)
    _shown(known, Role.RUN_STATUS, False)
    assert list(proof.settled(known, NOW + 5)) == []


def test_a_setpoint_needs_no_run_status(known: Known) -> None:
    """Its read-back is the deed."""
    proof = Proof()
    proof.add(Enforced("o1/ac/cooling_setpoint", "summer-setpoint", 26.0, NOW))
    assert list(proof.settled(known, NOW + 1)) == [("o1", RuleId.SUMMER_SETPOINT)]


def test_an_air_handler_that_stops_counts_for_each_zone_that_it_serves() -> None:
    """One correction, and both rooms were corrected by it."""
    site = site_of_text(site_text(extra="equipment: {ahu: {template: fcu, at: d1/900, serves: [o1, o2]}}"))
    proof, known = Proof(), Known(site)
    proof.add(Enforced("ahu/start_stop", "pre-close-off", False, NOW))
    assert list(proof.settled(known, NOW + 5)) == [("o1", RuleId.PRE_CLOSE_OFF), ("o2", RuleId.PRE_CLOSE_OFF)]
