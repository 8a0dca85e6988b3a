"""What the pages promise and a machine can check is so: commands, options, metrics, defaults, limits, times."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from config.entries import PointEntry
from config.file import Bacnet, Comfort, Device, Foreign, Http, SiteFile
from config.source import MAX_BYTES
from config.values import DEFAULT_PORT
from drivers.bacnet import spared
from drivers.bacnet.arrays import SLOTS
from drivers.bacnet.peer import TRIES
from drivers.care import breaker, pacing, renewals
from schedules import days
from schedules.ics_text import MAX_EVENTS
from schedules.time import DAY
from schedules.weather import epw
from simulator import comfort
from simulator.faults import Faults
from simulator.people.character import Failing, People
from simulator.plant.building import CentralPlant
from simulator.plant.changeover import HEATING_MONTHS
from simulator.plant.energyplus_model import VERSION
from supervisor.cli import demo, on_the_wire
from supervisor.cli.main import app
from supervisor.cli.run import PROMISED
from supervisor.daemon import chores
from supervisor.daemon.promises import PROMISE, RELEASE_WITHIN
from supervisor.field.traffic import BAC0_VALUES
from supervisor.records.recording import KEPT, MOST_POINTS
from supervisor.rehearsal import account, job, program, run
from supervisor.rehearsal.controllers import PROGRAM_PRIORITY
from supervisor.telling.metrics.definitions import DEFINITIONS, Kind

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
UNIT = (ROOT / "deploy/systemd/building-supervisor.service").read_text(encoding="utf-8")


def _flat(text: str) -> str:
    return " ".join(text.split())


# ------------------------------------------------------------------ commands and options


def said(pattern: str) -> Iterator[tuple[str, str]]:
    """Page and command line, from console blocks and from words in the text, without comments."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in re.finditer(rf"(?:^\$ (?:\S*/|sudo )?|`){pattern}([^`\n]*)", text, re.MULTILINE):
            yield str(page.relative_to(ROOT)), found[1].split(" #")[0].strip()


COMMANDS = [(page, line) for page, line in said("building-supervisor ") if not line.startswith(("VERB", "["))]
GROUP: Any = typer.main.get_command(app)


def strange(line: str) -> list[str]:
    """Options of a command line that its verb does not have. AssertionError where there is no such verb."""
    command, words = _command(line)
    known = {
        option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
    }
    return [word for word in words if word.startswith("--") and word.split("=")[0] not in known | {"--help"}]


def _command(line: str) -> tuple[Any, list[str]]:
    verb, *rest = shlex.split(line.removesuffix("\\")) or [""]
    if verb.startswith("-"):
        return GROUP, [verb, *rest]
    assert verb in GROUP.commands, f"there is no verb {verb}"
    return GROUP.commands[verb], rest


@pytest.mark.parametrize(("page", "line"), sorted(set(COMMANDS)))
def test_a_command_that_a_page_shows_exists_with_each_option(page: str, line: str) -> None:
    """Whoever copies it is not told that there is no such option."""
    assert strange(line) == [], page


def test_an_option_or_a_verb_that_is_not_there_would_be_seen() -> None:
    """The search itself can fail."""
    assert strange("run x.yaml --dry-run --no-such") == ["--no-such"]
    with pytest.raises(AssertionError, match="no verb walk"):
        strange("walk x.yaml")


def test_commands_are_shown_at_all() -> None:
    """The search above finds what the pages show, and every verb but the smallest is shown outside its reference."""
    verbs = {line.split()[0] for page, line in COMMANDS if page != "docs/reference/commands.md"}
    assert {"check", "plan", "run", "demo", "simulate", "explain", "doctor", "release", "token"} <= verbs


def test_a_make_target_that_a_page_names_exists() -> None:
    """`make bench-path` and its kin."""
    targets = set(
        re.findall(r"^([a-z-]+)(?: [a-z-]+)*:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    targets |= {path.stem.replace("_", "-") for path in (ROOT / "tests/bench").glob("bench_*.py")}  # bench-%
    named = [(page, line.split()[0]) for page, line in said("make ") if line]
    assert [(page, target) for page, target in named if target not in targets] == []
    assert len(named) > 10


def test_options_of_the_simulator_exist() -> None:
    """`python -m simulator my.yaml` with what the pages add to it."""
    source = (ROOT / "simulator/__main__.py").read_text("utf-8")
    options = {
        word for _, line in said("python -m simulator ") for word in line.split() if word.startswith("--")
    }
    assert options
    assert [option for option in options if f'"{option}"' not in source] == []


# ------------------------------------------------------------------ metrics


def _series() -> set[str]:
    suffixes = ("_bucket", "_sum", "_count")
    histograms = {d.name + s for d in DEFINITIONS if d.kind is Kind.HISTOGRAM for s in suffixes}
    return {definition.name for definition in DEFINITIONS} | histograms


@pytest.mark.parametrize(
    "page",
    [*PAGES, *sorted(p for p in (ROOT / "deploy").rglob("*") if p.suffix in {".yml", ".yaml", ".json"})],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_each_metric_that_is_named_is_exported(page: Path) -> None:
    """In pages, rules, alerts and panels. What recording rules make has a colon in its name."""
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"(?<![\w:/.-])building_[a-z0-9_]+(?![\w:/*]|\.py)", text)
    assert sorted({name for name in named if name.rstrip("_") not in _series()}) == []


# ------------------------------------------------------------------ figures


class Promise(NamedTuple):
    """A page, the words that stand in it, and whether they are so."""

    page: str
    words: str
    so: Callable[[], bool]


def _default(model: Any, field: str) -> Any:
    return model.model_fields[field].default


def _chore_at(hour: str) -> bool:
    return f'("{hour}", self.back_up)' in (ROOT / "supervisor/daemon/chores.py").read_text("utf-8")


def _refused(value: int) -> bool:
    try:
        SiteFile.model_validate({"version": 1, "priority": value})
    except ValueError as error:
        return "priority" in {str(e["loc"][0]) for e in error.errors()}  # type: ignore[attr-defined] # pydantic's
    return False


PROMISES = [
    Promise("docs/reference/site-file.md", "`127.0.0.1`", lambda: _default(Http, "bind") == "127.0.0.1"),
    Promise("deploy/systemd/building-supervisor.service", "TimeoutStopSec=60", lambda: RELEASE_WITHIN < 60),
    Promise("README.md", "at sixty times its speed", lambda: demo.SPEED == 60),
    Promise("README.md", "<http://127.0.0.1:8026/>", lambda: (_default(Http, "bind"), _default(Http, "port")) == ("127.0.0.1", 8026)),
    Promise("README.md", "A new site starts with `dry_run: true`", lambda: _default(SiteFile, "dry_run") is True),
    Promise("README.md", "its points are read-only until the file says `writable: true`", lambda: _default(PointEntry, "writable") is False),
    Promise("README.md", "one priority from 9 to 16, never 1 to 8", lambda: [p for p in range(18) if not _refused(p)] == list(range(9, 17))),
    Promise("docs/how-to/go-live.md", "one from 9 to 16, 10 if nothing speaks against it", lambda: _default(SiteFile, "priority") == 10),
    Promise("docs/how-to/go-live.md", "The BACnet port (47808)", lambda: _default(Bacnet, "port") == DEFAULT_PORT == 47808),
    Promise("docs/how-to/install-as-a-service.md", "It needs UDP 47808", lambda: _default(Bacnet, "port") == 47808),
    Promise("docs/how-to/install-as-a-service.md", "it goes on for up to 55 s", lambda: RELEASE_WITHIN == 55),
    Promise("docs/how-to/install-as-a-service.md", "keeps everything else in `/var/lib/building-supervisor`", lambda: "StateDirectory=building-supervisor" in UNIT),
    Promise("docs/how-to/install-as-a-service.md", "Each night at 03:10", lambda: _chore_at("03:10")),
    Promise("docs/how-to/install-as-a-service.md", "and keeps seven", lambda: chores.BACKUPS == 7),
    Promise("docs/how-to/install-as-a-service.md", "no sign of life for 90 s is ended and started again", lambda: "WatchdogSec=90" in UNIT),
    Promise("docs/how-to/let-go.md", "within five seconds for every controller that answers", lambda: PROMISE < PROMISED == 5),
    Promise("docs/how-to/let-go.md", "`--release-within` (55 s, under the unit's `TimeoutStopSec=60`)", lambda: RELEASE_WITHIN == 55 and "TimeoutStopSec=60" in UNIT),
    Promise("docs/how-to/let-go.md", "A copy from 03:10", lambda: _chore_at("03:10")),
    Promise("docs/how-to/watch-with-prometheus.md", "<http://127.0.0.1:8026/metrics> unless changed", lambda: _default(Http, "port") == 8026),
    Promise("docs/how-to/change-hours.md", "at most 1 MiB and 5,000 events", lambda: days.MAX_BYTES == 1024 * 1024 and MAX_EVENTS == 5_000),
    Promise("docs/how-to/change-hours.md", "a weather file (EPW) 20 MiB", lambda: days.MAX_EPW_BYTES == epw.MAX_BYTES == 20 * 1024 * 1024),
    Promise("docs/how-to/change-hours.md", "the site file 2 MB", lambda: MAX_BYTES == 2_000_000),
    Promise("docs/how-to/difficult-networks.md", "foreign: {bbmd: 10.0.0.1:47808, ttl: 300s}", lambda: _default(Foreign, "ttl") == 300),
    Promise("docs/how-to/difficult-networks.md", "the lowest that is stated for any of them, 10 where none is", lambda: pacing.ROUTED == 10),
    Promise("docs/how-to/difficult-networks.md", "After three calls in a row without any answer (each is sent three times)", lambda: breaker.AFTER == TRIES == 3),
    Promise("docs/how-to/difficult-networks.md", "one probe goes out after 1, 2, 4, 8 and then every 15 s, ±20 %", lambda: (breaker.FIRST_PAUSE, breaker.LONGEST_PAUSE, breaker.JITTER) == (1, 15, 0.2)),
    Promise("docs/how-to/difficult-networks.md", "its `timeout` (3 s)", lambda: _default(Device, "timeout") == 3),
    Promise("docs/how-to/difficult-networks.md", "three times its slowest answer", lambda: on_the_wire.COPIES == TRIES == 3),
    Promise("docs/how-to/difficult-networks.md", "again after a minute, ever less\noften, hourly at the least", lambda: (spared.FIRST_AGAIN, spared.LONGEST_AGAIN) == (60, 3600)),
    Promise("docs/how-to/difficult-networks.md", "or never takes one, thrice in a\nrow", lambda: spared.IN_A_ROW == 3),
    Promise("docs/how-to/difficult-networks.md", "it is asked again every 10 minutes", lambda: renewals.REFUSED_AGAIN == 600),
    Promise("docs/how-to/difficult-networks.md", "is halved, to a minute at the least", lambda: renewals.SHORTEST == 60),
    Promise("docs/how-to/difficult-networks.md", "`stack: bac0` is good for 2,000 values a second", lambda: BAC0_VALUES == 2_000),
    Promise("docs/how-to/rehearse.md", "Each controller has its sixteen slots", lambda: SLOTS == 16),
    Promise("docs/how-to/rehearse.md", "its own schedule in slot 16", lambda: PROGRAM_PRIORITY == 16),
    Promise("docs/how-to/rehearse.md", "Any EPW file of 8,760 hours", lambda: epw.HOURS == 8760),
    Promise("docs/how-to/rehearse.md", "`tidy`, `usual`, `careless`", lambda: [str(p) for p in People] == ["tidy", "usual", "careless"]),
    Promise("docs/how-to/rehearse.md", "`never`, `usual`, `often`", lambda: [str(f) for f in Failing] == ["never", "usual", "often"]),
    Promise("docs/how-to/rehearse.md", "stand still for 1 to 48 h (each once a year; often: once a month)", lambda: (Faults().stuck_for, Faults().stuck_every, Faults.named(Failing.OFTEN).stuck_every) == ((1, 48), 365, 30)),
    Promise("docs/how-to/rehearse.md", "fall silent for 6 min to 6 h (each every 60 days; often: weekly)", lambda: (Faults().silent_for, Faults().silent_every, Faults.named(Failing.OFTEN).silent_every) == ((0.1, 6), 60, 7)),
    Promise("docs/how-to/rehearse.md", "A run of more than a hundred days", lambda: job.PARTED_AFTER == 100),
    Promise("docs/how-to/rehearse.md", "each from four days before its first", lambda: run.WARM_UP == 4 * DAY),
    Promise("docs/how-to/rehearse.md", "22 °C all year, air conditioning from 1 h before opening until 1 h after closing", lambda: (program.SETPOINT, program.BEFORE, program.AFTER) == (22, 3600, 3600)),
    Promise("docs/how-to/rehearse.md", "cooling from April to October and heating from November to March", lambda: {11, 12, 1, 2, 3} == HEATING_MONTHS),
    Promise("docs/how-to/rehearse.md", "occupied above 27 °C, below 19 °C", lambda: (account.HOT, account.COLD) == (27, 19) == (_default(Comfort, "high"), _default(Comfort, "low"))),
    Promise("docs/how-to/rehearse.md", "four times an hour: 1.2 met; 0.5 clo in summer, 1.0 in winter, 0.7 between", lambda: account.ASK_EVERY == 900 and (comfort.MET, comfort.CLO, comfort.CLO_MILD) == (1.2, {"summer": 0.5, "winter": 1.0}, 0.7)),
    Promise("docs/how-to/rehearse.md", "the exit code is then 130", lambda: "Exit(130)" in (ROOT / "supervisor/cli/simulate.py").read_text("utf-8")),
    Promise("docs/how-to/rehearse.md", "The daemon keeps, for three days", lambda: KEPT == 3 * DAY),
    Promise("docs/how-to/rehearse.md", "(sites of up to 2,000 points)", lambda: MOST_POINTS == 2_000),
    Promise("docs/how-to/rehearse-on-energyplus.md", ".idf or .epJSON of version 25.2", lambda: VERSION == "25.2"),
    Promise("docs/reference/site-file.md", "of the chiller at rating; 4.8", lambda: CentralPlant().chiller_cop == 4.8),
    Promise("docs/reference/site-file.md", "by lower heating value; 0.90", lambda: CentralPlant().boiler_efficiency == 0.9),
    Promise("docs/reference/site-file.md", "of the heat pump at 7 °C outside; 3.0", lambda: CentralPlant().heat_pump_cop == 3.0),
]  # fmt: skip


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: f"{promise.page}: {promise.words}")
def test_a_promise_stands_in_its_page_and_is_kept(promise: Promise) -> None:
    """Whoever changes the figure changes the page, and the other way round."""
    assert _flat(promise.words) in _flat((ROOT / promise.page).read_text(encoding="utf-8"))
    assert promise.so()
