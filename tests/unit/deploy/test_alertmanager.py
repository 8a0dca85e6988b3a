"""Whom Alertmanager tells: each alert's owner, and the person answerable where it is critical."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.tools.alertmanager import DEPLOYED
from tests.unit.deploy.test_promtool import alert_rules

CONFIG = DEPLOYED / "alertmanager.yml"


def amtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Debian's amtool."""
    program = shutil.which("amtool")
    assert program, "amtool comes with Debian's package prometheus-alertmanager"
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def receivers(**labels: str) -> set[str]:
    """Who is told of an alert with these labels."""
    told = amtool(
        "config", "routes", "test", f"--config.file={CONFIG}", *(f"{k}={v}" for k, v in labels.items())
    )
    assert told.returncode == 0, told.stderr
    return set(told.stdout.strip().split(","))


def test_alertmanager_accepts_the_configuration() -> None:
    """`amtool check-config`, with its templates."""
    checked = amtool("check-config", str(CONFIG))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "1 templates" in checked.stdout


@pytest.mark.parametrize(
    "kind", sorted({(rule["labels"]["owner"], rule["labels"]["severity"]) for rule in alert_rules().values()})
)
def test_an_alert_goes_to_its_owner_and_what_is_critical_to_the_person_answerable_too(
    kind: tuple[str, str],
) -> None:
    """第一责任人 hears of what is critical and of a missed target; nobody is passed over."""
    owner, severity = kind
    expected = {owner, "principal"} if severity == "critical" else {owner}
    assert receivers(alertname="Any", unit="jiedao-office", owner=owner, severity=severity) == expected


def test_an_alert_that_is_nobodys_goes_to_the_duty_operator() -> None:
    """An alert of a site's own, without an owner, is not lost."""
    assert receivers(alertname="Mine", severity="warning") == {"operator"}
