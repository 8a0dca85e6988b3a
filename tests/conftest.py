"""What holds for every test: what may run beside what, how hard properties are tried, no skips in CI."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from tests.postgres import Server, server

LONGEST_FIRST = ("test_demo.py",)
"""Files that wait longer than others compute: whoever begins with them does not wait for them in the end."""

REAL = ("e2e", "wire", "fuzz", "contract")
"""Folders whose files take long, by how long; the others come after them."""

THOROUGH = (
    "contract/test_bac0_faults.py", "contract/test_bac0_honest.py", "contract/test_bac0_traps.py", "contract/test_doctor.py", "contract/test_replaced.py", "contract/test_slow.py",
    "e2e/test_demo_energyplus.py", "e2e/test_devices.py", "e2e/test_intent_first.py", "e2e/test_lost_store.py", "e2e/test_slots.py",
    "fuzz/test_storm.py", "unit/cli/test_streams.py",
    "unit/config/test_many_mistakes.py", "unit/core/test_any_days.py", "unit/core/test_machine.py", "unit/gateway/test_crash.py",
    "unit/house/test_ci.py", "unit/rehearsal/test_cluster.py", "unit/rehearsal/test_empty_rooms.py",
    "unit/rehearsal/test_faults.py", "unit/rehearsal/test_fleet.py", "unit/rehearsal/test_process.py",
    "unit/rehearsal/test_same_decisions.py", "unit/rehearsal/test_served.py", "unit/simulator/test_plant_contract.py",
    "unit/simulator/test_plant_energyplus.py", "unit/soak/test_soak.py", "unit/store/test_moving.py", "wire/test_lossy_day.py",
)  # fmt: skip
"""Files that take half of all the processor's time and rarely fail: `make thorough`, with what is marked so in other files."""

LONGEST_ID = 40
"""Characters of a string that may stand in a test's name."""

settings.register_profile("default", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=2_000)
settings.load_profile("default")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the tests that start processes, and those that `make test` leaves out."""
    if "e2e" in item.path.parts:
        item.add_marker(pytest.mark.e2e)
    if item.path.as_posix().endswith(THOROUGH):
        item.add_marker(pytest.mark.thorough)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first: workers are given files in this order."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> tuple[int, int]:
    """Place of a test's file among all files; within a file all stays as it is."""
    name, folders = item.path.name, item.path.parts
    long = LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST)
    return long, next((place for place, folder in enumerate(REAL) if folder in folders), len(REAL))


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A verb that a test calls here, in this process, says how loud to log: that is over with the test.

    structlog's loggers remember how they were first used; those are made to forget it.
    """
    before = structlog.get_config()
    yield
    if structlog.get_config() != before:
        structlog.configure(**before)
        for module in list(sys.modules.values()):
            for name in ("log", "_log"):
                logger = getattr(module, "__dict__", {}).get(name)
                if type(logger).__name__ == "BoundLoggerLazyProxy":
                    logger.__dict__.pop("bind", None)


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
