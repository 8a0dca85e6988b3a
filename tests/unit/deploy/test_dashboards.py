"""The dashboards of deploy/grafana: what an importer, a reader and Prometheus make of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from scripts.dashboards.boards import all_boards
from tests.tools.prometheus import DASHBOARDS, ROOT, as_grafana_asks, panel_queries
from tests.unit.deploy.test_promtool import RULES, load, promtool

UNITS = {
    "none", "percentunit", "celsius", "kelvin", "kwatth", "watt", "s", "h", "m3", "bytes", "dateTimeAsIso",
    "dateTimeFromNow", "short",
}  # fmt: skip
"""Units as Grafana spells them (packages/grafana-data, valueFormats/categories.ts)."""
NOW = {"stat", "table", "bargauge"}


def read(path: Path) -> Any:
    """One dashboard."""
    return json.loads(path.read_text(encoding="utf-8"))


everyone = pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)


def test_the_files_are_what_is_built() -> None:
    """`python -m scripts.dashboards deploy/grafana/dashboards` has been run since the last change."""
    assert {path.stem: path.read_text(encoding="utf-8") for path in DASHBOARDS} == {
        board.name: board.text() for board in all_boards()
    }


def test_there_is_one_for_each_question() -> None:
    """District, building, zone, evidence, savings, gateway health."""
    assert [path.stem for path in DASHBOARDS] == [
        "building", "district", "evidence", "gateway", "savings", "zone",
    ]  # fmt: skip


@everyone
def test_grafanas_own_model_reads_it_without_loss(path: Path) -> None:
    """Read into the SDK's types and written again it is the same file."""
    register_default_plugins()
    again = json.loads(JSONEncoder().encode(Dashboard.from_json(read(path))))
    assert again == read(path)


@everyone
def test_it_is_imported_as_it_is(path: Path) -> None:
    """A fixed uid, no id of another Grafana's, no inputs to fill in, and one variable that chooses the data source."""
    board, text = read(path), path.read_text(encoding="utf-8")
    assert board["uid"] == f"building-supervisor-{path.stem}"
    assert not {"id", "__inputs", "__requires"} & board.keys()
    assert "${DS_" not in text
    assert [v["name"] for v in board["templating"]["list"] if v["type"] == "datasource"] == ["datasource"]
    assert set(re.findall(r'"uid": "([^"]+)"', text)) == {"${datasource}", board["uid"]}


@everyone
def test_its_panels_are_whole_and_in_both_languages(path: Path) -> None:
    """Each has its place, a title and a meaning, English · Chinese, and a unit that Grafana knows."""
    taken: set[tuple[int, int]] = set()
    panels = read(path)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 5
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
        for told in (panel["title"], panel["description"]):
            english, _, chinese = told.partition(" · ")
            assert re.search("[A-Za-z]{2}", english), told
            assert re.search("[\u4e00-\u9fff]", chinese), told
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS


@everyone
def test_a_supervisor_that_died_is_nowhere_green(path: Path) -> None:
    """Nothing is filled up with 0; what is of now is asked for now; what is not known is grey, and says so."""
    for panel in read(path)["panels"]:
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults["noValue"] == "no data · 无数据"
        assert defaults["thresholds"]["steps"][0]["color"] != "green", panel["title"]
        for target in panel["targets"]:
            assert "vector(" not in target["expr"], panel["title"]
            assert target["instant"] is (panel["type"] in NOW), panel["title"]
        if panel["type"] == "timeseries":
            assert defaults["custom"]["spanNulls"] is False


@pytest.mark.parametrize("name", ["building", "zone", "evidence", "savings", "gateway"])
def test_dry_run_and_fire_are_on_top(name: str) -> None:
    """Whoever looks at figures sees at once whether they mean anything."""
    (path,) = (path for path in DASHBOARDS if path.stem == name)
    top = [panel for panel in read(path)["panels"] if panel["gridPos"]["y"] == 0]
    asked = " ".join(target["expr"] for panel in top for target in panel["targets"])
    assert {"building_supervisor_dry_run", "building_fire_alarm", "building_supervisor_ready"} <= set(
        re.findall(r"\w+", asked)
    )


def test_rooms_meters_controllers_and_rules_go_by_their_names() -> None:
    """No legend shows an id where people have a name for it."""
    for path in DASHBOARDS:
        for panel in read(path)["panels"]:
            for target in panel["targets"]:
                shown = re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat") or "")
                assert not {"zone", "device", "meter", "rule", "building"} & set(shown), panel["title"]


def test_prometheus_can_read_every_query(tmp_path: Path) -> None:
    """Each as a rule of one file, which promtool parses."""
    rules = [
        {"record": f"panel:{n}", "expr": as_grafana_asks(expr, "b")}
        for n, (_, expr) in enumerate(panel_queries())
    ]
    made = tmp_path / "panels.yml"
    made.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")
    checked = promtool("check", "rules", made)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert len(rules) > 100


def test_recorded_names_that_panels_ask_for_are_recorded() -> None:
    """A renamed recording rule leaves no silent panel."""
    recorded = {
        rule["record"]
        for path in RULES
        for group in load(path)["groups"]
        for rule in group["rules"]
        if "record" in rule
    }
    asked = {name for _, expr in panel_queries() for name in re.findall(r"[a-z_]+:[a-z_]+:[a-z_0-9]+", expr)}
    assert asked <= recorded


def test_grafana_is_provisioned_without_touching_anybodys_own() -> None:
    """A data source of its own name and uid, never the default; a folder of its own."""
    provisioning = ROOT / "deploy" / "grafana" / "provisioning"
    (source,) = load(provisioning / "datasources" / "building-supervisor.yaml")["datasources"]
    assert (source["type"], source["isDefault"]) == ("prometheus", False)
    assert source["uid"] == "building-supervisor-prometheus"
    (provider,) = load(provisioning / "dashboards" / "building-supervisor.yaml")["providers"]
    assert (provider["type"], provider["name"]) == ("file", "building-supervisor")
