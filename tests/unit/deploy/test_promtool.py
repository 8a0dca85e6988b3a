"""The files in deploy/ that an operator copies: valid, and each alert shown to fire and to stay quiet."""

from __future__ import annotations

import configparser
import functools
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from supervisor.telling.metrics.definitions import DEFINITIONS, Kind
from supervisor.telling.needs import Owner
from tests.tools.prometheus import DEPLOY, ROOT, panel_queries

RULES = sorted((DEPLOY / "rules").glob("*.yml"))
TESTS = sorted((DEPLOY / "tests").glob("*.yml"))


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Debian's promtool."""
    program = shutil.which("promtool")
    assert program, "promtool comes with Debian's package prometheus"
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)


@functools.cache
def load(path: Path) -> Any:
    """A YAML file as plain data, which nobody changes."""
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def alert_rules() -> dict[str, Any]:
    """Alert → its rule."""
    groups = load(DEPLOY / "rules" / "alerts.yml")["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def alerts() -> list[str]:
    """The names of all alerts."""
    return list(alert_rules())


def test_prometheus_accepts_the_configuration() -> None:
    """`promtool check config`, with the rule files that it names; and the job for who has a configuration already."""
    snippets = ("scrape-snippet.yml", "district-remote-write.yml", "district-federation.yml")
    for config in ("prometheus.yml", *snippets):
        checked = promtool("check", "config", DEPLOY / config)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    jobs = [load(DEPLOY / config)["scrape_configs"] for config in ("prometheus.yml", "scrape-snippet.yml")]
    assert jobs[0][0].items() <= jobs[1][0].items()


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_the_rules_do_what_they_say(path: Path) -> None:
    """`promtool test rules`: stories in series, with the alerts that follow."""
    tested = promtool("test", "rules", path)
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize("alert", alerts())
def test_each_alert_is_shown_to_fire_and_to_stay_quiet(alert: str) -> None:
    """A firing case, and in the same story a series or a time at which it does not fire."""
    stories = [
        (test, case)
        for path in (DEPLOY / "tests").glob("alerts*.yml")
        for test in load(path)["tests"]
        for case in test["alert_rule_test"]
        if case["alertname"] == alert
    ]
    assert [case for _, case in stories if case.get("exp_alerts")], "never shown to fire"
    quiet_at_times = [case for _, case in stories if not case.get("exp_alerts")]
    quiet_beside = [
        test for test, case in stories if len(test["input_series"]) > len(case.get("exp_alerts", ()))
    ]
    assert quiet_at_times or quiet_beside, "never shown to stay quiet"


@pytest.mark.parametrize("alert", alerts())
def test_each_alert_says_whose_it_is_in_both_languages_and_what_to_do(alert: str) -> None:
    """`severity`, `unit` and `owner` to route by, and a section of the runbook, English before Chinese."""
    rule = alert_rules()[alert]
    labels, told = rule["labels"], rule["annotations"]
    assert labels["severity"] in {"critical", "warning", "info"}
    assert labels["owner"] in {*Owner, "principal"}
    assert labels["unit"]
    page, _, section = told["runbook_url"].partition("#")
    assert section == alert.lower()
    pages = (ROOT / page).read_text(encoding="utf-8")
    said = pages.partition(f"### {alert}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    for text in (told["summary"], told["description"], said):
        assert re.search("[a-z]{3}", text)
        assert re.search("[\u4e00-\u9fff]{2}", text)
    assert said.count("\n1. ") == 2, "what to do, in each language"


def test_each_recording_rule_is_tried() -> None:
    """A recorded name is asked for in a story."""
    groups = load(DEPLOY / "rules" / "recording.yml")["groups"]
    recorded = {rule["record"] for group in groups for rule in group["rules"]}
    stories = "".join(path.read_text(encoding="utf-8") for path in TESTS)
    expressions = "".join(str(rule["expr"]) for rule in alert_rules().values())
    assert not {name for name in recorded if name not in stories and name not in expressions}


@pytest.mark.thorough
def test_an_alert_test_that_expects_too_little_fails(tmp_path: Path) -> None:
    """The stories can fail: with an expected alert struck out, promtool objects."""
    folder = tmp_path / "prometheus"
    shutil.copytree(DEPLOY, folder)
    tests = folder / "tests" / "alerts.yml"
    text = tests.read_text(encoding="utf-8")
    assert 'zone: "205", rule: summer-setpoint, severity: warning' in text
    tests.write_text(text.replace('zone: "205", rule: summer-setpoint, severity: warning', 'zone: "204"', 1))
    assert promtool("test", "rules", tests).returncode != 0


def names_in(expression: str) -> set[str]:
    """The supervisor's metrics that a query asks for."""
    return set(re.findall(r"\bbuilding_[a-z_0-9]+\b(?!:)", expression))


def exported() -> set[str]:
    """Every series name of the supervisor's."""
    names = {definition.name for definition in DEFINITIONS}
    for definition in DEFINITIONS:
        if definition.kind is Kind.HISTOGRAM:
            names |= {f"{definition.name}_{part}" for part in ("bucket", "sum", "count")}
    return names


def test_dashboards_and_rules_ask_only_for_metrics_that_exist() -> None:
    """A renamed metric does not leave a silent panel or an alert that never fires."""
    asked: set[str] = set()
    for _, expression in panel_queries():
        asked |= names_in(expression)
    for path in RULES:
        for group in load(path)["groups"]:
            for rule in group["rules"]:
                # recorded names are `level:metric:operation`; their level is no metric
                asked |= names_in(re.sub(r"[a-z_]+:[a-z_]+:[a-z_0-9]+", "", rule["expr"]))
    assert asked <= exported()


def test_the_unit_runs_as_nobody_special() -> None:
    """Its own user, no capabilities, a read-only system, and time enough to hand the points back."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    unit.read(ROOT / "deploy" / "systemd" / "building-supervisor.service", encoding="utf-8")
    service = unit["Service"]
    assert service["User"] == "building-supervisor"
    assert (service["CapabilityBoundingSet"], service["NoNewPrivileges"]) == ("", "yes")
    assert (service["ProtectSystem"], service["KillSignal"]) == ("strict", "SIGTERM")
    assert int(service["TimeoutStopSec"]) >= 30
