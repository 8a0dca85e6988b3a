"""Keys, values and sections that are not written as they should be."""

from __future__ import annotations

import datetime as dt

import pytest

from config.load import load_text
from tests.unit.config.conftest import Broken


def test_an_unknown_key_names_the_nearest(broken: Broken) -> None:
    """A manager writes dry_runn."""
    problem = broken(("dry_run: false", "§dry_runn: false"))
    assert problem.message == "unknown key `dry_runn`"
    assert problem.hint == "did you mean `dry_run`?"
    assert problem.path == "dry_runn"


def test_an_unknown_key_deep_inside_names_the_nearest_of_its_section(broken: Broken) -> None:
    """A zone's key is misspelt in a flow mapping of a template's point."""
    problem = broken(("binary-output:5, writable", "binary-output:5, §writeable"))
    assert problem.hint == "did you mean `writable`?"
    assert problem.path == "templates.lights.points.start_stop.writeable"


def test_an_unknown_key_that_resembles_nothing_lists_what_there_is(broken: Broken) -> None:
    """Hours do not know colours."""
    problem = broken(("    workday: 09:00-17:30", "    workday: 09:00-17:30\n    §zzz: 1"))
    assert "workday" in problem.hint
    assert "saturday" in problem.hint


def test_a_key_written_twice_says_where_the_other_is(broken: Broken) -> None:
    """YAML would silently take the last one."""
    problem = broken(("dry_run: false", "dry_run: false\n§dry_run: true"))
    assert problem.message == "the key `dry_run` is written twice"
    assert problem.hint == "it is already in line 4; keep one of the two"


def test_the_same_zone_written_twice_is_a_duplicate_key(broken: Broken) -> None:
    """Two integrators add room-2."""
    problem = broken(("  server:\n", "  §room-2:\n    hours: office\n  server:\n"))
    assert problem.path == "zones.room-2"


@pytest.mark.parametrize("written", ["25:00", "0900", "17:60", "4am sharp", "24:01", "1320"])
def test_a_time_that_is_no_time_of_day(broken: Broken, written: str) -> None:
    """An early closing must be a time of day."""
    problem = broken(("close: 16:00", f"close: §{written}"))
    assert problem.message == f"`{written}`: this is no time of day"
    assert problem.hint == "write it like 08:30, from 00:00 to 24:00"
    assert problem.path == "special_days[0].close"


@pytest.mark.parametrize("written", ["22:00", "9:00", "'22:00'", "22:00:00"])
def test_a_time_without_quotes_simply_works(small: str, today: dt.date, written: str) -> None:
    """YAML 1.1 would read 22:00 as 1320."""
    loaded = load_text(small.replace("16:00", written), today=today)
    assert loaded.site is not None
    assert loaded.site.special_days[0].close in (22 * 60, 9 * 60)


@pytest.mark.parametrize("written", ["09:00-25:30", "from nine to five", "09:00", "09:00-09:00"])
def test_opening_hours_that_are_none(broken: Broken, written: str) -> None:
    """Whatever stands there is quoted, and the ways to write hours are named."""
    problem = broken(("    workday: 09:00-17:30", f"    workday: §{written}"))
    assert problem.message.startswith(f"`{written}`: ")
    assert problem.path == "hours.office.workday"


def test_opening_intervals_that_overlap(broken: Broken) -> None:
    """Lunch cannot begin after it ended."""
    problem = broken(("workday: 09:00-17:30", "workday: §[09:00-13:00, 12:00-17:30]"))
    assert "overlap" in problem.message


@pytest.mark.parametrize("written", ["a while", "-5min", "30 parsecs", "true"])
def test_a_duration_that_is_none(broken: Broken, written: str) -> None:
    """Durations are seconds, or a number with its unit."""
    problem = broken(("priority: 10", f"stagger: §{written}\npriority: 10"))
    assert problem.message == f"`{written}`: this is no duration"
    assert problem.hint == "write seconds, or like 90s, 15min, 4h"


@pytest.mark.parametrize("written", ["2026-02-30", "2026-13-01", "30.9.2026", "20260930"])
def test_a_day_that_is_in_no_calendar(broken: Broken, written: str) -> None:
    """The thirtieth of February is nobody's day off."""
    problem = broken(("2026-09-30", f"§{written}"))
    assert problem.hint == "write YYYY-MM-DD, like 2026-10-01"


def test_a_zone_without_hours(broken: Broken) -> None:
    """The zone's own line is where something is missing."""
    problem = broken(("  room-1:\n    hours: office\n", "  §room-1:\n"))
    assert problem.message == "no opening hours are given"
    assert problem.path == "zones.room-1.hours"
    assert "hours: office" in problem.hint


def test_hours_left_empty_count_as_missing(broken: Broken) -> None:
    """The group's name was deleted and the key left standing."""
    problem = broken(("  room-1:\n    hours: office\n", "  room-1:\n    §hours:\n"))
    assert problem.message == "no opening hours are given"


@pytest.mark.parametrize("priority", range(1, 9))
def test_priorities_one_to_eight_are_refused(broken: Broken, priority: int) -> None:
    """They belong to life safety and to the manual operator."""
    problem = broken(("priority: 10", f"priority: §{priority}"))
    assert "life safety" in problem.message
    assert problem.hint == "leave it out for the default, 10, or choose 9 to 16"


@pytest.mark.parametrize("priority", ["0", "17", "-1"])
def test_priorities_beyond_the_array_are_refused(broken: Broken, priority: int) -> None:
    """An array has sixteen slots."""
    assert "9 to 16" in broken(("priority: 10", f"priority: §{priority}")).hint


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("until: 2028-12-31", "the exemption has no end date"),
        ("reason: servers", "the exemption gives no reason"),
        ("approver: Wang Min", "nobody answers for the exemption"),
    ],
)
def test_an_exemption_must_be_answered_for(broken: Broken, key: str, message: str) -> None:
    """Reason, approver and end date: without one of them the file is refused."""
    problem = broken((f"    {key}\n", ""), ("- zones: [server]", "- §zones: [server]"))
    assert problem.message == message
    assert problem.path == f"exemptions[0].{key.partition(':')[0]}"


def test_an_unknown_rule_names_the_nearest(broken: Broken) -> None:
    """Rules have fixed names."""
    problem = broken(("rules: [window-off,", "rules: [§window-of,"))
    assert problem.message == "`window-of` is no rule known here"
    assert problem.hint == "did you mean `window-off`?"


def test_an_unknown_role_names_the_nearest(broken: Broken) -> None:
    """Roles are keys of a template's points."""
    problem = broken(("      temperature: analog", "      §temprature: analog"))
    assert problem.message == "`temprature` is no role known here"
    assert problem.hint == "did you mean `temperature`?"


def test_an_unknown_kind_of_zone_names_the_nearest(broken: Broken) -> None:
    """A staircase is a stair."""
    assert broken(("kind: stair", "kind: §stairs")).hint == "did you mean `stair`?"


@pytest.mark.parametrize(
    ("rule", "setting", "words"),
    [
        ("summer-setpoint", "minimum: §24", "cooling to below 26"),
        ("winter-setpoint", "maximum: §22", "heating to above 20"),
        ("pre-close-off", "lead: §10min", "last half hour"),
    ],
)
def test_a_limit_looser_than_the_plan_needs_an_exemption(
    broken: Broken, rule: str, setting: str, words: str
) -> None:
    """Local limits may only be stricter."""
    problem = broken(("special_days:", f"rules: {{{rule}: {{{setting}}}}}\nspecial_days:"))
    assert words in problem.message
    assert "exemption" in problem.hint


@pytest.mark.parametrize("until", ["2028-12-31", "2020-01-01"])
def test_an_exempt_zone_may_say_a_looser_limit_and_is_told_what_holds(
    small: str, today: dt.date, until: str
) -> None:
    """The exemption takes the zone out of the rule; when it has lapsed the plan's 26 °C applies, not the 24."""
    text = small.replace("  server:\n", "  server:\n    rules: {summer-setpoint: {minimum: 24}}\n")
    loaded = load_text(text.replace("until: 2028-12-31", f"until: {until}"), today=today)
    assert loaded.site is not None
    assert loaded.site.zones["server"].rules.summer_setpoint.minimum == 26.0
    (told,) = [p for p in loaded.problems if p.path == "zones.server.rules.summer-setpoint.minimum"]
    assert not told.is_error
    assert f"until {until}, and afterwards the plan's 26 applies" in told.message


def test_an_exemption_from_another_rule_allows_no_looser_limit(small: str, today: dt.date) -> None:
    """The server room is exempt in summer: that says nothing of winter, nor of the room next door."""
    for zone, rule in (
        ("server", "winter-setpoint: {maximum: 22}"),
        ("room-1", "summer-setpoint: {minimum: 24}"),
    ):
        text = small.replace(f"  {zone}:\n", f"  {zone}:\n    rules: {{{rule}}}\n")
        problems = load_text(text, today=today).problems
        assert [p.is_error for p in problems] == [True]
        assert "looser than the plan" in problems[0].message


def test_a_number_out_of_range_says_the_range(broken: Broken) -> None:
    """A share of glass is at most 0.9."""
    problem = broken(("  room-1:\n", "  room-1:\n    envelope: {window_share: §1.5}\n"))
    assert problem.message == "`1.5` is outside the allowed range: at most 0.9"
    assert problem.hint == "from 0 to 0.9"


@pytest.mark.parametrize("written", [".nan", "nan", "inf", "many"])
def test_a_number_that_is_none(broken: Broken, written: str) -> None:
    """Not even YAML's own NaN."""
    problem = broken(("  room-1:\n", f"  room-1:\n    area_m2: §{written}\n"))
    assert "a number" in problem.message


def test_a_list_where_a_section_is_expected(broken: Broken) -> None:
    """Meters written with dashes."""
    problem = broken(("  main: {subitem: total, point: {at: ddc-2/analog-input:2, unit: kWh}}\n", ""),
                     ("  water: {subitem: water, point: ddc-2/analog-input:3}", "  §- main"))  # fmt: skip
    assert problem.message == "this must be a section of keys"
    assert "without `-`" in problem.hint


def test_an_identifier_must_fit_labels_and_topics(broken: Broken) -> None:
    """Chinese names belong in name."""
    problem = broken(("  room-1:\n    hours: office\n", "  §一号室:\n    hours: office\n"),
                     ("serves: [room-1, room-2]", "serves: [room-2]"))  # fmt: skip
    assert "`name:` may be any text" in problem.hint


@pytest.mark.parametrize("version", ["2", "0", "one"])
def test_another_version_of_the_file(broken: Broken, version: str) -> None:
    """A newer file needs a newer program, an older one an upgrade."""
    problem = broken(("version: 1", f"version: §{version}"))
    assert problem.message == f"version {version} of the site file is not known"
    assert "check --migrate" in problem.hint


def test_a_file_without_version(broken: Broken) -> None:
    """It points to the first line and to the upgrade."""
    problem = broken(("version: 1\nbuilding", "§building"))
    assert problem.message == "the file does not say its version"
    assert "check --migrate" in problem.hint


def test_a_section_that_is_required_but_missing(small: str, today: dt.date) -> None:
    """Zones that name hours are not reported on top of the missing section."""
    start, end = small.index("hours:\n  office"), small.index("special_days:")
    problems = load_text(small[:start] + small[end:], today=today).problems
    assert [p.path for p in problems] == ["hours"]


def test_sections_with_every_line_commented_out_count_as_absent(small: str, today: dt.date) -> None:
    """A manager comments out the only special day."""
    text = small.replace("  - {date: 2026-09-30, close: 16:00}", "  # nothing this year")
    assert load_text(text, today=today).problems == []


def test_every_problem_is_reported_at_once(small: str, today: dt.date) -> None:
    """One bad section hides no other: structure and meaning together, in the file's order."""
    text = (
        small.replace("timezone: Asia/Shanghai", "timezone: Asia/Shangai")
        .replace("workday: 09:00-17:30", "workday: 09:00-25:30")
        .replace("zones: [server]", "zones: [servr]")
        .replace("fcu: ddc-1/20", "fcu: ddc-1/x")
        .replace("lights: ddc-1/20", "lights: ddc-9/20")
        .replace("{at: ddc-2/10, escape_route: true}", "{at: ddc-2/10}")
        .replace("kind: server_room", "kind: serverroom")
        .replace("instance: 12", "instance: 11")
        .replace("priority: 10", "priority: 8")
    )
    loaded = load_text(text, today=today)
    assert loaded.site is None
    assert [p.path for p in loaded.problems] == [
        "timezone",
        "hours.office.workday",
        "exemptions[0].zones[0]",
        "zones.room-2.equipment.fcu",
        "zones.room-2.equipment.lights",
        "zones.server.kind",
        "zones.stair.equipment.lights",
        "devices.ddc-2.instance",
        "priority",
    ]


def test_positions_stay_right_after_a_broken_item_of_a_list(small: str, today: dt.date) -> None:
    """The second exemption's zone is found although the first item of its list is broken."""
    text = small.replace("zones: [server]", "zones: [[nested], servr]")
    assert [(p.path, p.column) for p in load_text(text, today=today).problems] == [
        ("exemptions[0].zones[0]", 13),
        ("exemptions[0].zones[1]", 23),
    ]


def test_a_list_whose_only_entry_is_wrong_is_not_called_empty_too(broken: Broken) -> None:
    """`rules: [all]`: that there is no such rule is said, and nothing else."""
    problem = broken(("rules: [window-off, summer-setpoint]", "rules: [§all]"))
    assert problem.message == "`all` is no rule known here"


@pytest.mark.parametrize("key", ["rules: [window-off, summer-setpoint]", "zones: [server]"])
def test_a_key_that_must_be_there_is_not_to_be_deleted_where_it_is_empty(broken: Broken, key: str) -> None:
    """Deleted, the next check would say that it is missing."""
    problem = broken((key, f"{key.split()[0]} §[]"))
    assert (problem.message, problem.hint) == ("this may not be empty", "write at least one")
