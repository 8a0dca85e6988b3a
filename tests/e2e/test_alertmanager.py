"""Debian's Alertmanager with the files of deploy/, and a mail relay: who gets what, and how many messages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.alertmanager import Alertmanager, running_alertmanager
from tests.tools.mailbox import Mailbox, mailbox
from tests.tools.prometheus import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.thorough]

PATIENCE = 120.0


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A relay."""
    with mailbox() as opened:
        yield opened


@pytest.fixture
def alertmanager(box: Mailbox, tmp_path: Path) -> Iterator[Alertmanager]:
    """Alertmanager that mails to it."""
    with running_alertmanager(box.port, tmp_path) as running:
        yield running


def alert(
    alertname: str, owner: str, severity: str = "warning", unit: str = "jiedao-office", **labels: str
) -> dict[str, dict[str, str]]:
    """One as the rules make it."""
    about = labels.get("name", unit)
    return {
        "labels": {"alertname": alertname, "owner": owner, "severity": severity, "unit": unit, **labels},
        "annotations": {"summary": f"{about}: {alertname} · {about}：报警", "runbook_url": f"docs/runbook.md#{alertname.lower()}"},
    }  # fmt: skip


def test_fifty_rooms_of_one_dead_controller_are_one_message(box: Mailbox, alertmanager: Alertmanager) -> None:
    """The manager gets one mail of fifty rooms, the contractor one of the controller; what follows from it is not told."""
    rooms = [
        alert("BuildingZoneOutOfCompliance", "manager", zone=f"r{n}", name=f"{n} 办公室")
        for n in range(301, 351)
    ]
    down = alert("BuildingDeviceDown", "integrator", device="ddc-3", name="三楼 DDC")
    stale = alert("BuildingPointsStale", "integrator")
    doubtful = alert("BuildingPointsDoubtful", "integrator", device="ddc-3", name="三楼 DDC")
    alertmanager.post([*rooms, down, stale, doubtful])
    assert wait_until(lambda: box.of("manager") and box.of("integrator"), PATIENCE)
    (mail,) = box.of("manager")
    assert "50 × BuildingZoneOutOfCompliance" in mail.subject
    assert all(f"{n} 办公室" in mail.text for n in range(301, 351))
    (mail,) = box.of("integrator")
    assert "三楼 DDC" in mail.text
    assert "BuildingPoints" not in mail.text
    assert not box.of("principal")


def test_what_is_critical_reaches_its_owner_and_the_person_answerable(
    box: Mailbox, alertmanager: Alertmanager
) -> None:
    """A silent gateway: the contractor mends it, 第一责任人 knows; another unit's people are not in the same mail."""
    alertmanager.post(
        [
            alert("BuildingGatewaySilent", "integrator", "critical"),
            alert("BuildingAuditAltered", "officer", "critical", unit="school"),
        ]
    )
    assert wait_until(
        lambda: len(box.of("principal")) == 2 and box.of("integrator") and box.of("officer"), PATIENCE
    )
    assert sorted(mail.subject for mail in box.of("principal")) == [
        "[紧急 critical] jiedao-office: 1 × BuildingGatewaySilent",
        "[紧急 critical] school: 1 × BuildingAuditAltered",
    ]
    (mail,) = box.of("integrator")
    assert "docs/runbook.md#buildinggatewaysilent" in mail.text
