"""From a room to the person: somebody breaks a rule, Prometheus sees it, Alertmanager tells its owner, and tells the end of it.

Debian's Prometheus and Alertmanager with the files of deploy/, a daemon on real BACnet, a relay that takes the mail.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import MORNING, SPEED
from tests.e2e.processes import Building, DaemonProcess
from tests.e2e.sites import office
from tests.tools.alertmanager import running_alertmanager
from tests.tools.mailbox import Mail, Mailbox, mailbox
from tests.tools.prometheus import Prometheus, running_prometheus
from tests.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.thorough]

FAN = "f1-hall/fcu-east/start_stop"
PATIENCE = 240.0
"""Wall seconds for what takes some: three processes, each looking every second or two, on a busy machine."""
BROKEN = "政务服务大厅 不合规已 15 分钟：开空调时不开窗"


def _mails(box: Mailbox, who: str, mark: str) -> list[Mail]:
    """Mails to `who` with a line that begins with `mark` and tells of the hall's window."""
    return [m for m in box.of(who) if any(x.startswith(mark) and BROKEN in x for x in m.text.splitlines())]


def _firing(prometheus: Prometheus, alert: str) -> list[float]:
    return prometheus.values(f'ALERTS{{alertname="{alert}", alertstate="firing", zone="f1-hall"}}')


def test_a_broken_rule_is_told_to_its_owner_and_so_is_its_end(tmp_path: Path) -> None:
    """Somebody at the front end holds the hall's fan on while its window is open: the manager hears of the rule and the
    operator of the override, by the room's name; the hand is taken back, and both hear that it is over."""
    files = office(tmp_path)
    with (
        mailbox() as box,
        Building(files, start=MORNING, speed=SPEED) as building,
        DaemonProcess(files, tmp_path / "state", start=MORNING, speed=SPEED) as daemon,
        running_alertmanager(box.port, tmp_path / "alertmanager") as alertmanager,
        running_prometheus(
            f"http://127.0.0.1:{files.http}", tmp_path / "prometheus", alertmanager.netloc, "3s"
        ) as prometheus,
    ):
        daemon.ready()
        eventually(lambda: prometheus.target()["health"] == "up", PATIENCE, "it is scraped")
        building.window("f1-hall", True)
        building.command(FAN, 1, 8)
        eventually(lambda: _firing(prometheus, "BuildingZoneOutOfCompliance"), PATIENCE, "the alert fires")
        eventually(lambda: _mails(box, "manager", "●"), PATIENCE, "the manager hears of it")
        eventually(
            lambda: any("f1-hall start_stop 被其他系统占用" in m.text for m in box.of("operator")),
            PATIENCE,
            "the operator hears of the override",
        )
        assert not _mails(box, "principal", "●"), "a warning is not for the person answerable"
        building.command(FAN, None, 8)
        building.window("f1-hall", False)
        eventually(lambda: not _firing(prometheus, "BuildingZoneOutOfCompliance"), PATIENCE, "it is over")
        eventually(
            lambda: _mails(box, "manager", "○ 已恢复 resolved"), PATIENCE, "the manager hears of the end"
        )
