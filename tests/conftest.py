"""What holds for every test: what may run beside what, how hard properties are tried, no skips in CI."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import settings

ON_A_WIRE = ("contract", "e2e")
"""Folders whose tests bind addresses of their own choice: one worker runs a folder's tests in turn."""

LONGEST_ID = 40
"""Characters of a string that may stand in a test's name."""

settings.register_profile("default", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=2_000)
settings.load_profile("default")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start processes."""
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give workers whole files, and the folders that are on a wire whole.

    Not `--dist loadgroup`: under pytest 9.2, xdist 3.8 forgets its groups without a word.
    """
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped] # xdist has none

    class ByWire(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return next((folder for folder in ON_A_WIRE if folder in path.split("/")), path)

    return ByWire(config, log)


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
