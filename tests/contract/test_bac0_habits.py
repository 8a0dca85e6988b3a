"""BAC0's habits stay inside: files, environment, loggers, terminal, ports."""

from __future__ import annotations

import asyncio
import inspect
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from drivers.bacnet.bac0.driver import Bac0Driver
from drivers.protocol import Misconfigured, Target
from tests.contract.conftest import OURS
from tests.contract.servers import DRIVER


def _run(script: str, home: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=home,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_start_leaves_no_trace(tmp_path: Path, port: int) -> None:
    """No `~/.BAC0`, no `.env` loaded, no handler, no output, and the display hook as it was."""
    (tmp_path / ".env").write_text("LEAKED=yes\n")
    done = _run(
        f"""
        import asyncio, logging, os, sys
        from drivers.bacnet.bac0.driver import Bac0Driver
        hook, home = sys.displayhook, os.environ["HOME"]

        async def main():
            driver = Bac0Driver("{DRIVER}", {port}, [], {OURS})
            await driver.start()
            await asyncio.sleep(0.1)
            await driver.stop()

        asyncio.run(main())
        assert "LEAKED" not in os.environ
        assert sys.displayhook is hook
        assert os.environ["HOME"] == home
        loggers = [l for n, l in logging.root.manager.loggerDict.items() if n.startswith("BAC0_Root")]
        loggers = [l for l in loggers if isinstance(l, logging.Logger)]
        assert len(loggers) > 20
        assert not [l for l in loggers if l.handlers or not l.propagate]
        """,
        tmp_path,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


async def test_a_start_reads_no_source_file(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """BAC0 has the source of all its callers looked up for each line that it logs and nobody hears: among the modules of all tests a
    third of a second a start."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("the stack is looked through")

    monkeypatch.setattr(inspect, "stack", never)
    driver = Bac0Driver(DRIVER, port, [], OURS)
    await driver.start()
    await driver.stop()


def test_importing_the_driver_does_not_import_bac0(tmp_path: Path) -> None:
    """BAC0 costs a third of a second and 20 MB: it is loaded by `start`."""
    done = _run(
        """
        import sys
        import drivers.bacnet.bac0.driver
        assert "BAC0" not in sys.modules
        """,
        tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")


async def test_one_driver_a_process_and_the_next_after_it(port: int) -> None:
    """BAC0 keeps its state in its classes: the second is refused, and accepted once the first has stopped."""
    first, second = (Bac0Driver(DRIVER, port, [], OURS) for _ in range(2))
    await first.start()
    with pytest.raises(Misconfigured, match="once in a process"):
        await second.start()
    await first.stop()
    await second.start()
    await second.stop()


@pytest.mark.parametrize("bind", ["0.0.0.0", "eth0", "10.0.0.1/40", ""])
async def test_a_bind_address_that_cannot_be_is_reported(bind: str) -> None:
    """An interface's name, no address at all, or the one for "any", from which nothing can be broadcast."""
    with pytest.raises(Misconfigured):
        await Bac0Driver(bind, 47808, [], OURS).start()


async def test_a_device_address_that_is_none_concerns_that_device_alone() -> None:
    """One typing error in the site file does not keep the others from being read."""
    driver = Bac0Driver(DRIVER, 47808, [Target("hall", 1, "not an address", 1, 1.0)], OURS)
    with pytest.raises(Misconfigured, match="not host:port"):
        await driver.identify("hall")


@pytest.mark.parametrize("turns", [1, 2, 3])
async def test_ctrl_c_while_the_sockets_are_opened_leaves_no_traceback(
    port: int, turns: int, caplog: pytest.LogCaptureFixture
) -> None:
    """bacpypes3 opens them in tasks whose own callbacks take a result for granted: cancelled, each logged an error."""
    driver = Bac0Driver(DRIVER, port, [], OURS)
    starting = asyncio.create_task(driver.start())
    for _ in range(turns):
        await asyncio.sleep(0)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await asyncio.sleep(0.05)
    await driver.stop()
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []
