"""The same rows on SQLite and, where this machine has its programs, on a real PostgreSQL server."""

from __future__ import annotations

import asyncio
import contextlib
import glob
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from supervisor.store import Store, StoreProblem, queries
from supervisor.store.rows import ResultRow
from tests.unit.supervisor.test_store import KEY, intent, slot

_FOLDERS = [os.environ.get("PATH", ""), *sorted(glob.glob("/usr/lib/postgresql/*/bin"))]  # noqa: PTH207
POSTGRES = shutil.which("initdb", path=os.pathsep.join(_FOLDERS))
BACKENDS = ["sqlite", *(["postgresql"] if POSTGRES else [])]


def _as_server(command: list[str], folder: str) -> None:
    """Run one of PostgreSQL's programs; it refuses to run as root."""
    program = Path(POSTGRES or "").resolve().parent / command[0]
    user = "postgres" if os.geteuid() == 0 else None
    subprocess.run(
        [program, *command[1:]], check=True, cwd=folder, user=user, capture_output=True, timeout=60
    )


class Server(NamedTuple):
    """A running server: its URL, and how to restart it."""

    url: str
    restart: Callable[[], None]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL server of our own, on a Unix socket and no network."""
    folder = tempfile.mkdtemp(prefix="pg")
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = f"{folder}/data"
    try:
        _as_server(["initdb", "-D", data, "-A", "trust", "-U", "owner", "-E", "UTF8", "--no-sync"], folder)
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        start = ["pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options]
        _as_server([*start, "start"], folder)
        try:
            url = f"postgresql://owner@/postgres?host={folder}"
            yield Server(url, lambda: _as_server([*start, "-m", "immediate", "restart"], folder))
        finally:
            _as_server(["pg_ctl", "-D", data, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_day_in_the_life_of_a_store(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Intents, results, journal, memory: written by one run, read by the next, the audit sound."""
    url = str(tmp_path / "store.db") if backend == "sqlite" else request.getfixturevalue("server").url
    store = Store(url)
    store.open()
    ids = await asyncio.gather(*(store.commit_intent(intent(wall=float(n)), slot(n)) for n in range(50)))
    await asyncio.gather(*(store.commit_result(ResultRow(i, 26.5, "ok", 26.0)) for i in ids[:-1]))
    store.put_kv("season", {"season": "spring"})
    store.put_kv("season", {"season": "summer"})
    await store.flush()
    store.close()

    store = Store(url)
    store.open()
    kept = await store.kept(since_wall=0.0)
    assert kept.slots == [slot(49.0)]
    assert [o.id for o in kept.open] == ids[-1:]
    assert kept.sent == {"o1/ac/start_stop": [0.0] * 8}
    await store.commit_result(ResultRow(ids[-1], 27.0, "failed"), drop=KEY)
    assert await store.read(queries.owned_slots) == []
    assert await store.read(lambda c: queries.value(c, "season")) == {"season": "summer"}
    newest = (await store.read(lambda c: queries.audit(c, limit=1)))[0]
    assert (newest["command"], newest["expires"], newest["result"]) == (False, None, "failed")
    assert await store.read(queries.broken_link) is None
    store.close()


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_database_that_restarts_is_used_again(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The server restarts under us: at most the commit that met it fails, and says so; the audit stays sound."""
    server = request.getfixturevalue("server") if backend == "postgresql" else None
    store = Store(server.url if server is not None else str(tmp_path / "store.db"))
    store.open()
    before = len(await store.read(queries.audit))
    await store.commit_intent(intent())
    if server is not None:
        await asyncio.to_thread(server.restart)
        with contextlib.suppress(StoreProblem):
            await store.commit_intent(intent())
    await store.commit_intent(intent())
    assert len(await store.read(queries.audit)) >= before + 2
    assert await store.read(queries.broken_link) is None
    store.close()
