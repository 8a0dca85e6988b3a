"""What holds for every test: what may run beside what, how hard properties are tried, no skips in CI."""

from __future__ import annotations

import functools
import gc
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import structlog
import typer.testing
from hypothesis import HealthCheck, settings

from tests.postgres import Server, server

os.environ["CACHE_DIRECTORY"] = os.devnull
"""What a rehearsal comes to is lived by each test, and nothing is kept in the cache of whoever tests."""

LONGEST_FIRST = ("test_demo.py",)
"""Files that wait longer than others compute: whoever begins with them does not wait for them in the end."""

REAL = ("e2e", "wire", "fuzz", "contract", "upload")
"""Folders whose files wait for wires and processes, by how long: spread over the files that compute."""

BY_THEN = 0.85
"""Share of what computes by which the last file that waits has begun: short files fill what is left of the run."""

THOROUGH = (
    "contract/test_bac0_faults.py", "contract/test_bac0_honest.py", "contract/test_bac0_traps.py", "contract/test_doctor.py", "contract/test_replaced.py", "contract/test_slow.py",
    "e2e/test_boot.py", "e2e/test_demo_energyplus.py", "e2e/test_devices.py", "e2e/test_intent_first.py", "e2e/test_lamps.py", "e2e/test_letting_go.py", "e2e/test_lost_store.py", "e2e/test_slots.py",
    "fuzz/test_storm.py", "unit/cli/test_streams.py",
    "unit/config/test_many_mistakes.py", "unit/core/test_any_days.py", "unit/core/test_machine.py", "unit/gateway/test_crash.py",
    "unit/house/test_ci.py", "unit/rehearsal/test_cluster.py", "unit/rehearsal/test_empty_rooms.py",
    "unit/rehearsal/test_faults.py", "unit/rehearsal/test_fit.py", "unit/rehearsal/test_fleet.py", "unit/rehearsal/test_process.py",
    "unit/rehearsal/test_same_decisions.py", "unit/rehearsal/test_served.py", "unit/simulator/test_plant_contract.py",
    "unit/simulator/test_plant_energyplus.py", "unit/soak/test_soak.py", "unit/store/test_moving.py", "unit/telling/web/test_schema_tried.py", "wire/test_lossy_day.py",
)  # fmt: skip
"""Files that take half of all the processor's time and rarely fail: `make thorough`, with what is marked so in other files."""

DICE = os.environ.get("DICE", "")
"""What the dice of the tests begin with, besides each one's name: with another word they all fall otherwise, and none may fail."""

LONGEST_ID = 40
"""Characters of a string that may stand in a test's name."""

# Whether a property holds is no matter of luck in a run that says yes or no: it is tried on the same examples each time, however slow the
# machine. `make fuzz ARGS=--properties` draws others, and so does a word for the DICE.
SLOW = [HealthCheck.too_slow]
settings.register_profile("default", deadline=None, derandomize=not DICE, suppress_health_check=SLOW)
# A process builds its tree of verbs once, which takes a thirtieth of a second; typer's runner would for each command of a test.
typer.testing._get_command = functools.cache(typer.testing._get_command)  # type: ignore[attr-defined] # a name of its own

# No logger remembers how it was first used: that would outlast the test.
_LOUD = structlog.get_config()
_configure = structlog.configure
structlog.configure = lambda **how: _configure(**(how | {"cache_logger_on_first_use": False}))

settings.register_profile("fuzz", deadline=None, max_examples=2_000, suppress_health_check=SLOW)
settings.load_profile("default")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Files that `make test` leaves out whole are not read by each of its workers."""
    left_out = config.option.markexpr == "not thorough" and collection_path.as_posix().endswith(THOROUGH)
    return True if left_out else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the tests that start processes, and those that `make test` leaves out."""
    if "e2e" in item.path.parts:
        item.add_marker(pytest.mark.e2e)
    if item.path.as_posix().endswith(THOROUGH):
        item.add_marker(pytest.mark.thorough)


def pytest_collection(session: pytest.Session) -> None:
    """What is collected stays, and has no circles to speak of: a fifth of the collection went into looking for them."""
    gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """From here on the collector looks at what tests make, not at nine thousand tests again and again."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Workers are given files in this order: beside one that waits others compute, from the start to the end."""
    places = _places(list(dict.fromkeys(item.path for item in items)))
    items.sort(key=lambda item: places[item.path])


def _places(files: Sequence[Path]) -> dict[Path, float]:
    """Where in the run each file comes, between 0 and 1; within a file all stays as it is."""
    waiting = sorted((file for file in files if _waits(file) < len(REAL)), key=_longest_first)
    computing = [file for file in files if _waits(file) == len(REAL)]
    places = {file: BY_THEN * place / len(waiting) for place, file in enumerate(waiting)}
    return places | {file: (place + 0.5) / len(computing) for place, file in enumerate(computing)}


def _longest_first(file: Path) -> tuple[int, int]:
    name = file.name
    long = LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST)
    return long, _waits(file)


def _waits(file: Path) -> int:
    """Of which of the folders whose files wait a file is; their number where it is of none."""
    return next((place for place, folder in enumerate(REAL) if folder in file.parts), len(REAL))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """What is spread by chance, like the pauses between retries, falls the same for a test in every run, whatever ran before."""
    random.seed(f"{DICE} {item.nodeid}")


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A verb that a test calls here, in this process, says how loud to log: that is over with the test, and where a fixture of
    many tests called it, before the next one begins."""
    _as_loud_as_at_first()
    yield
    _as_loud_as_at_first()


def _as_loud_as_at_first() -> None:
    if structlog.get_config() != _LOUD:
        structlog.configure(**_LOUD)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server for all tests of a worker; whoever stops it starts it again."""
    with server() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database: what is true of one kind is tried on the other."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite3'}"
    found: Server = request.getfixturevalue("postgres")
    return found.empty()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A long value has no place in a test's name: it cannot be read, and a random one differs by worker."""
    return argname if isinstance(val, str) and len(val) > LONGEST_ID else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was skipped, where skipping is not allowed."""
    if skipped := _skipped(terminalreporter):
        terminalreporter.section("skipped, which CI does not allow")
        for report in skipped:
            terminalreporter.line(f"{report.nodeid}: {report.longrepr}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a test that did not run is not a test that passed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and session.exitstatus == pytest.ExitCode.OK and _skipped(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _skipped(reporter: pytest.TerminalReporter) -> list[pytest.TestReport]:
    if not os.environ.get("CI"):
        return []
    return list(reporter.stats.get("skipped", ()))
