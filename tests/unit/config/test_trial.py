"""A trial as it is written: no rule of the plan is off without somebody who answers for it, in both languages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from config.load import load
from config.trial import Arm
from tests.site_files import site_of_file

TEXT = """
version: 1
building: hall
timezone: Asia/Shanghai
dry_run: false
hours: {office: {workday: 09:00-17:00}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
zones: {room: {hours: office, sensors: {temperature: ddc/analog-input:50}}}
points: {outdoor_temperature: ddc/analog-input:60}
meters:
  main: {subitem: total, point: {at: ddc/analog-input:70, unit: kWh}}
  water: {subitem: water, point: {at: ddc/analog-input:71, unit: m3}}
devices: {ddc: {instance: 1001, address: 192.0.2.1}}
trial:
  start: 2027-03-01
  seed: 7
  commissioning: {approver: Li Wei, reason: what it saves, until: 2027-08-15}
"""


def _told(folder: Path, text: str) -> list[tuple[int, str, str, str, str, str]]:
    path = folder / "site.yaml"
    path.write_text(text)
    return [(p.line, p.path, p.message, p.hint, p.message_zh, p.hint_zh) for p in load(path).problems]


def test_a_sound_trial_is_two_blocks_of_today_against_the_file(tmp_path: Path) -> None:
    """Approved until its last day: nothing to say."""
    path = tmp_path / "site.yaml"
    path.write_text(TEXT)
    site = site_of_file(path)
    assert site.trial is not None
    assert site.trial.arms == (Arm.TODAY, Arm.POLICY)
    assert site.trial.end == date(2027, 8, 16)


@pytest.mark.parametrize(
    ("was", "is_", "line", "where", "said", "zh"),
    [
        ("  commissioning: {approver: Li Wei, reason: what it saves, until: 2027-08-15}\n", "  compare: today\n",
         17, "trial.compare", "every rule of the plan would be off", "全部停用"),
        ("until: 2027-08-15", "until: 2027-08-14", 17, "trial.commissioning.until", "goes on after this, until 2027-08-15", "没有批准"),
        ("seed: 7", "seed: 7\n  blocks: 3", 18, "trial.commissioning.until", "until 2027-11-07", "没有批准"),
        ("seed: 7", "seed: 7\n  meters: [mian]", 17, "trial.meters[0]", "there is no meter `mian`", ""),
        ("seed: 7", "seed: 7\n  meters: [main, water]", 17, "trial.meters", "count different things", "种类不同"),
        ("  main: {subitem: total, point: {at: ddc/analog-input:70, unit: kWh}}\n", "", 13, "trial", "no meter of the building's electricity", "没有可供比较"),
        ("points: {outdoor_temperature: ddc/analog-input:60}\n", "", 13, "trial", "needs the weather", "室外气温"),
        ("seed: 7", "seed: 7\n  events: [{from: 2027-05-02, to: 2027-05-01, note: a fair}]", 17, "trial.events[0].to",
         "ends before it begins", "结束日早于起始日"),
        ("zones: {room: {hours: office, sensors: {temperature: ddc/analog-input:50}}}\n", "", 13, "trial", "there is no zone", "没有区域"),
        ("  seed: 7\n", "", 14, "trial.seed", "`seed` is missing in `trial`", "`trial` 缺少 `seed`"),
        ("approver: Li Wei, ", "", 17, "trial.commissioning.approver", "`approver` is missing in `commissioning`", "`commissioning` 缺少"),
    ],
)  # fmt: skip
def test_what_makes_a_trial_unlawful_or_worth_nothing_is_refused(
    tmp_path: Path, was: str, is_: str, line: int, where: str, said: str, zh: str
) -> None:
    """At its line, with what to do."""
    assert was in TEXT
    told = _told(tmp_path, TEXT.replace(was, is_))
    assert len(told) == 1, told
    at, path, message, hint, message_zh, hint_zh = told[0]
    assert (at, path) == (line, where)
    assert said in message
    assert hint
    assert zh in message_zh
    if zh:
        assert hint_zh


def test_a_trial_can_be_planned_before_the_building_is_live(tmp_path: Path) -> None:
    """A dry run with a trial is loaded, with a warning that nothing is drawn yet, and by when that must be over."""
    path = tmp_path / "site.yaml"
    path.write_text(TEXT.replace("dry_run: false", "dry_run: true"))
    loaded = load(path)
    assert loaded.site is not None
    assert loaded.site.trial is not None
    (told,) = loaded.problems
    assert told.severity == "warning"
    assert (told.line, told.path) == (14, "trial")
    assert "is not drawn yet" in told.message
    assert "trial plan" in told.hint
    assert "2027-03-01" in told.hint_zh
