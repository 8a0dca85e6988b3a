"""A PostgreSQL server of our own, on a Unix socket and no network: Debian's, begun anew and thrown away."""

from __future__ import annotations

import glob
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa

_FOLDERS: Final = [os.environ.get("PATH", ""), *sorted(glob.glob("/usr/lib/postgresql/*/bin"))]  # noqa: PTH207
_INITDB: Final = shutil.which("initdb", path=os.pathsep.join(_FOLDERS))
_PATIENCE: Final = 180.0
"""s for one of its programs, on a machine that runs much else."""


class Server:
    """A running server. `url` is its first database; `stop` and `start` as often as you like."""

    def __init__(self, folder: str) -> None:
        self._folder, self._data = folder, f"{folder}/data"
        self.url = f"postgresql://owner@/postgres?host={folder}"
        self._numbers = itertools.count(1)
        self.running = False

    def begin(self) -> None:
        """Make its files."""
        command = ["initdb", "-D", self._data, "-A", "trust", "-U", "owner", "-E", "UTF8", "--locale=C"]
        self._run([*command, "--no-sync"])

    def start(self) -> None:
        """Start it; it takes connections when this returns."""
        options = f"-k {self._folder} -c listen_addresses='' -c fsync=off -c shared_buffers=16MB"
        self._run(["pg_ctl", "-D", self._data, "-w", "-l", f"{self._folder}/log", "-o", options, "start"])
        self.running = True

    def stop(self) -> None:
        """Stop it as a crash does: who is connected is cut off, and nothing is tidied up."""
        self.running = False
        self._run(["pg_ctl", "-D", self._data, "-m", "immediate", "stop"])

    def restart(self) -> None:
        """Stop it as a crash does, and start it."""
        self.stop()
        self.start()

    def empty(self) -> str:
        """The URL of a new database with nothing in it."""
        name = f"empty{next(self._numbers)}"
        url = sa.make_url(self.url).set(drivername="postgresql+psycopg")
        self.does(url.render_as_string(hide_password=False), f"CREATE DATABASE {name} STRATEGY FILE_COPY")
        return url.set(database=name).render_as_string(hide_password=False)

    def user(self, url: str, name: str) -> str:
        """A new user who may make schemas in a database, and the address with that user."""
        self.does(
            url,
            f"CREATE ROLE {name} LOGIN",
            f"GRANT CREATE ON DATABASE {sa.make_url(url).database} TO {name}",
        )
        return sa.make_url(url).set(username=name).render_as_string(hide_password=False)

    def cut_off(self, url: str, user: str) -> None:
        """A user's connections are cut, and no new ones taken."""
        ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{user}'"
        self.does(url, f"ALTER ROLE {user} NOLOGIN", ended)

    def does(self, url: str, *commands: str) -> None:
        """Run commands as the owner, one after the other."""
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            for command in commands:
                connection.exec_driver_sql(command)

    def _run(self, command: list[str]) -> None:
        """Run one of PostgreSQL's programs; it refuses to run as root."""
        assert _INITDB, "initdb comes with Debian's package postgresql"
        program = Path(_INITDB).resolve().parent / command[0]
        user = "postgres" if os.geteuid() == 0 else None
        subprocess.run(
            [program, *command[1:]],
            check=True, cwd=self._folder, user=user, capture_output=True, timeout=_PATIENCE,
        )  # fmt: skip


@contextmanager
def server() -> Iterator[Server]:
    """A server that runs as long as the block does."""
    folder = tempfile.mkdtemp(prefix="pg")
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    made = Server(folder)
    try:
        made.begin()
        made.start()
        try:
            yield made
        finally:
            if made.running:
                made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
