"""What an operator of Prometheus relies on: names, labels, units, and absence while unknown."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from config.rules import RuleId
from supervisor.core.tally import Totals
from supervisor.telling.metrics import Metrics, metrics_reference
from supervisor.telling.metrics.definitions import DEFINITIONS
from supervisor.telling.metrics.reference import series_a_zone
from supervisor.telling.snapshot import Snapshot
from tests.tools.fake_building import fake_building

GOLDEN = Path(__file__).parent / "golden" / "metrics.txt"


def exposition(snapshot: Snapshot) -> str:
    """One scrape of the building, with one reaction and one scan observed."""
    metrics = Metrics(snapshot.building, lambda: snapshot, process=False)
    metrics.observe_reaction(0.3)
    metrics.observe_scan("ddc-1", 0.02)
    return metrics.text().decode()


def test_the_whole_exposition_is_as_agreed() -> None:
    """A renamed metric, label or unit is seen in review: the golden file changes with it."""
    assert exposition(fake_building()) == GOLDEN.read_text(encoding="utf-8")


def test_promtool_has_no_complaint() -> None:
    """`promtool check metrics` says nothing about names, units, types or help texts."""
    promtool = shutil.which("promtool")
    assert promtool, "promtool comes with Debian's package prometheus"
    text = Metrics("b", fake_building).text()
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_names_with_signs_of_their_own_arrive_as_they_are() -> None:
    """A per cent sign, a quote, a backslash: in the building's name, and in label values of families with one, two and three labels."""
    building, zone = 'Haus "50 %s" \\ %%', "50 % \\n %d"
    zones = tuple(replace(each, id=zone) for each in fake_building().zones[:1])
    shown = replace(fake_building(), building=building, zones=zones)
    told = {
        family.name: sample.labels
        for family in text_string_to_metric_families(exposition(shown))
        for sample in family.samples
        if sample.labels.get("zone", zone) == zone
    }
    assert {labels["building"] for labels in told.values()} == {building}
    assert {len(labels) for labels in told.values() if "zone" in labels} >= {2, 3}
    assert told["building_zone_info"]["zone"] == told["building_zone_compliant"]["zone"] == zone


def test_unknown_is_absent_never_zero() -> None:
    """A zone whose controller is silent has no temperature, people, window, HVAC or judged rule of those."""
    lines = exposition(fake_building()).splitlines()
    silent = [line for line in lines if 'zone="f3-open-west"' in line]
    assert not [
        line for line in silent if "temperature" in line or "_occupied{" in line or "_hvac_on" in line
    ]
    assert not [line for line in silent if "zone_compliant" in line and "window-off" in line]
    assert [line for line in silent if "zone_compliant" in line and "pre-close-off" in line]


def test_a_building_that_has_told_nothing_yet_can_be_scraped() -> None:
    """Before the first reading there is a page of metrics, and no invented values in it."""
    empty = fake_building(
        zones=(), devices=(), meters=(), overrides=(), totals=Totals(), events=(), pairs=(), season=None,
        outdoor_temperature=None, calendar_valid_until=None, fire="not wired",
    )  # fmt: skip
    text = exposition(empty)
    assert 'building_info{building="jiedao-office"' in text
    assert "building_season" not in text
    assert "building_fire_alarm" not in text


def test_what_a_person_held_is_counted_though_no_rule_of_the_plan_applies() -> None:
    """As the zone's day counts it; a zone that is gone is not told for ever."""
    counts = {("f2-office-201", RuleId.MANUAL): 2, ("gone", RuleId.WINDOW_OFF): 5}
    text = exposition(fake_building(totals=replace(fake_building().totals, enforcements=counts)))
    rows = [line for line in text.splitlines() if line.startswith("building_rule_enforcements_total{")]
    held = 'building_rule_enforcements_total{building="jiedao-office",rule="manual",zone="f2-office-201"} 2.0'
    assert held in rows
    assert not any('zone="gone"' in row for row in rows)


def test_counters_begin_at_zero_so_that_the_first_enforcement_is_an_increase() -> None:
    """Each (zone, rule) pair that applies is there from the start; others are not."""
    text = exposition(fake_building(totals=Totals(), pairs=(("f2-office-201", RuleId.WINDOW_OFF),)))
    rows = [line for line in text.splitlines() if line.startswith("building_rule_enforcements_total{")]
    assert rows == [
        'building_rule_enforcements_total{building="jiedao-office",rule="window-off",zone="f2-office-201"} 0.0'
    ]


def test_two_points_of_one_role_overridden_are_one_series() -> None:
    """Two fan coils of the hall in manual must not break the scrape with a duplicate series."""
    held = fake_building().overrides[0]
    text = exposition(fake_building(overrides=(held, held)))
    assert text.count("building_foreign_override{") == 1


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda d: d.name)
def test_every_metric_is_in_the_reference(definition: object) -> None:
    """The reference page lists each metric by its name."""
    assert f"| `{definition.name}` |" in metrics_reference()  # type: ignore[attr-defined]  # a Definition


def test_a_zone_has_no_more_series_than_the_reference_says() -> None:
    """Whoever plans storage multiplies: 1,000 zones are 1,000 times what the page states."""
    own, by_rule = series_a_zone()
    building = fake_building(overrides=())
    lines = exposition(building).splitlines()
    for zone in building.zones:
        found = [line for line in lines if f'zone="{zone.id}"' in line]
        rules = len({rule for at, rule in building.pairs if at == zone.id})
        assert 0 < len(found) <= own + by_rule * rules
    assert f"up to {own} series of its own and up to {by_rule} for each rule" in metrics_reference()


def test_a_scan_is_counted_in_every_bucket_that_it_fits() -> None:
    """`le` means at most: exactly 10 ms is within 0.01; controllers are counted apart, names are escaped."""
    metrics = Metrics("b%s", lambda: fake_building(building="b%s"), process=False)
    for device, seconds in (("ddc-1", 0.01), ("ddc-1", 60.0), ('a "b"', 0.3)):
        metrics.observe_scan(device, seconds)
    lines = metrics.text().decode().splitlines()
    name = "building_supervisor_scan_seconds"
    one = [line for line in lines if line.startswith(name) and 'device="ddc-1"' in line]
    assert f'{name}_bucket{{building="b%s",device="ddc-1",le="0.005"}} 0.0' in one
    assert f'{name}_bucket{{building="b%s",device="ddc-1",le="0.01"}} 1.0' in one
    assert f'{name}_bucket{{building="b%s",device="ddc-1",le="30.0"}} 1.0' in one
    assert f'{name}_bucket{{building="b%s",device="ddc-1",le="+Inf"}} 2.0' in one
    assert f'{name}_count{{building="b%s",device="ddc-1"}} 2.0' in one
    assert f'{name}_sum{{building="b%s",device="ddc-1"}} 60.01' in one
    assert f'{name}_sum{{building="b%s",device="a \\"b\\""}} 0.3' in lines
    assert not any(line.startswith("# TYPE process") for line in lines)
