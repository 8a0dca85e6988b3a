"""What holds for every test: what may run beside what, how hard properties are tried, no skips in CI."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

HERE = Path(__file__).parent
ON_A_WIRE = ("contract", "e2e")
"""Folders whose tests bind addresses of their own choice: one worker runs a folder's tests in turn."""

LONGEST_ID = 40
"""Characters of a string that may stand in a test's name."""

settings.register_profile("default", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=2_000)
settings.load_profile("default")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that start processes, and keep each wire's tests on one worker."""
    for item in items:
        folder = _folder(item.path)
        if folder == "e2e":
            item.add_marker(pytest.mark.e2e)
        if folder in ON_A_WIRE and config.pluginmanager.hasplugin("xdist"):
            item.add_marker(pytest.mark.xdist_group(folder))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A long value has no place in a test's name: it cannot be read, and a random one differs by worker."""
    return argname if isinstance(val, str) and len(val) > LONGEST_ID else None


def _folder(path: Path) -> str | None:
    return path.relative_to(HERE).parts[0] if path.is_relative_to(HERE) else None


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
