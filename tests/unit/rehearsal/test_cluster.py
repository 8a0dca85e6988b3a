"""Several buildings rehearsed on a Dask cluster: a real scheduler and a real worker, each a process of its own, at ports
of the kernel's choice."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.processes import verb
from tests.unit.rehearsal import small
from tests.waiting import eventually

DAY = ("--from", "2026-07-09", "--to", "2026-07-09", "--format", "json")
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@contextmanager
def _process(program: str, *arguments: object) -> Iterator[None]:
    """One of Dask's programs, until the block ends."""
    command = [sys.executable, "-m", f"distributed.cli.{program}", *map(str, arguments), "--no-dashboard"]
    with subprocess.Popen(command, **QUIET) as process:  # type: ignore[call-overload]  # two files, by name
        try:
            yield
        finally:
            process.terminate()


def _address(file: Path) -> str:
    """Where the scheduler says that it listens; nothing while it has not said so."""
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["address"])
    except (FileNotFoundError, ValueError):
        return ""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """The address of a scheduler that has one worker."""
    said = tmp_path / "scheduler.json"
    with _process("dask_scheduler", "--host", "127.0.0.1", "--port", 0, "--scheduler-file", said):
        address = eventually(lambda: _address(said), 60, "the scheduler listens")
        options = ("--nworkers", 1, "--nthreads", 1, "--no-nanny", "--local-directory", tmp_path)
        with _process("dask_worker", address, "--host", "127.0.0.1", *options):
            yield address


def _figures(*arguments: object) -> list[dict[str, Any]]:
    """What `simulate` prints of each site."""
    done = verb("simulate", *map(str, arguments), *DAY, within=240.0)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["sites"]
    return found


def test_two_buildings_on_a_cluster_come_out_as_on_this_machine(cluster: str, tmp_path: Path) -> None:
    """The sites go there as text; the same figures come back, in the order in which they were named."""
    sites = [
        small.written(tmp_path, "one.yaml", small.ZONES[3:4]),
        small.written(tmp_path, "two.yaml", small.ZONES[3:4], small.HEAD.replace("17:30", "16:00")),
    ]
    there = _figures(*sites, "--scheduler", cluster)
    assert len(there) == len(sites)
    assert there == _figures(*sites)
    assert there[0] != there[1]


def _days_done(scheduler: str) -> int:
    """How many simulated days the cluster has been told of, over all parts that are being lived."""
    from distributed import Client

    with Client(scheduler, set_as_default=False) as client:
        told = client.run_on_scheduler(_told)
    return int(told)


def _told(dask_scheduler: Any) -> int:
    variables = dask_scheduler.extensions["variables"].variables
    return sum(max(0, int(said["value"])) for name, said in variables.items() if "-days-" in name)


def _left(scheduler: str) -> int:
    """Tasks and variables of ours that are still at the scheduler."""
    from distributed import Client

    with Client(scheduler, set_as_default=False) as client:
        return int(client.run_on_scheduler(_things))


def _things(dask_scheduler: Any) -> int:
    return len(dask_scheduler.tasks) + len(dask_scheduler.extensions["variables"].variables)


def test_ctrl_c_on_a_cluster_gives_what_there_is(cluster: str, tmp_path: Path) -> None:
    """Both sides' same days, exit 130, no traceback; nothing goes on at the cluster, and nothing of ours stays there."""
    path = small.written(tmp_path, zones=small.ZONES[3:4])
    words = ("--against", "today", "--from", "2026-06-01", "--to", "2026-08-31", "--scheduler", cluster)
    with subprocess.Popen(  # of a shell in the background it would inherit that Ctrl-C is ignored
        ["env", "--default-signal=INT", sys.executable, "-m", "supervisor", "simulate", str(path), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        eventually(lambda: _days_done(cluster) >= 3, 120, "some days are lived")
        children = psutil.Process(running.pid).children(recursive=True)
        os.killpg(running.pid, signal.SIGINT)
        out, err = running.communicate(timeout=120)
    assert running.returncode == 130, err
    assert "Traceback" not in err and "Error" not in err, err
    days = {int(n) for n in re.findall(r"interrupted: \S+ counts \d+ hours, (\d+) days", out)}
    assert len(days) == 1 and 1 <= days.pop() < 92, out
    assert "electricity" in out
    assert not psutil.wait_procs(children, timeout=30)[1]
    eventually(lambda: _left(cluster) == 0, 60, "nothing is left at the cluster")
