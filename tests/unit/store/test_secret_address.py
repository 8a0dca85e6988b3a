"""Whatever a database or its driver says, the password in its address is never shown: in the log, on the page, by doctor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from supervisor.cli.doctor import _store
from supervisor.cli.main import app
from supervisor.core.known import Known
from supervisor.daemon import logs
from supervisor.daemon.storewatch import StoreWatch
from supervisor.ledger.keeping import Keeping
from supervisor.ledger.ledger import Ledger
from supervisor.store import StoreProblem
from supervisor.store.problems import explain, make_url
from supervisor.store.readings import Batch
from supervisor.store.writer import Store
from tests.site_files import site_of_file

EXAMPLES = Path(__file__).resolve().parents[3] / "config/examples"
PASSWORD = "s3cr\u00e9t/p@ss w0rd"
WRITTEN = "s3cr%C3%A9t%2Fp%40ss%20w0rd"
URL = f"postgresql://keeper:{WRITTEN}@127.0.0.1:1/ledger?sslpassword=0ther-s3cret&connect_timeout=2"
SAYS = (
    f"connection to {URL} failed",
    f"could not parse 'host=db user=keeper password={PASSWORD} dbname=x'",
    f"could not parse \"host=db password='it''s \\\\'{PASSWORD}' dbname=x\"",
    f"FATAL: {PASSWORD!r} is not right",
    f"another database: postgresql+psycopg://somebody:{WRITTEN}@elsewhere/x does not know sslpassword=0ther-s3cret",
    "no such thing: postgres://keeper:s3cr+x@db",
)


def shown(text: str) -> list[str]:
    """The pieces of a secret that stand in a text."""
    return [piece for piece in ("s3cr", "w0rd", "s3cret", "0ther", "%2Fp") if piece in text]


@pytest.mark.parametrize("said", SAYS)
def test_a_drivers_own_words_are_passed_on_without_a_secret(said: str) -> None:
    """Whole address, connection string, quoted or as it stands in the address: what is left still says what happened."""
    error = OperationalError("INSERT INTO kv VALUES (%s)", {"key": "x"}, psycopg.OperationalError(said))
    problem = explain(error, make_url(URL))
    for text in (str(problem), problem.said.en, problem.said.zh):
        assert "127.0.0.1:1/ledger" in text
        assert shown(text) == []


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """The log as it goes out."""
    logs.configure()
    yield capsys


async def test_neither_the_log_nor_the_page_shows_it(
    logged: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server goes away under a running daemon, with its address in the driver's words and in the traceback."""
    site = site_of_file(EXAMPLES / "office.yaml")
    store, ledger = Store("sqlite://", inline=True), Ledger(site, Known(site))
    store.open()
    store.url = make_url(URL)

    def broken(connection: sa.Connection, batch: Batch) -> None:
        raise OperationalError("INSERT", {}, psycopg.OperationalError(SAYS[0]))

    monkeypatch.setattr("supervisor.store.readings.keep", broken)
    watch = StoreWatch(store, lambda said: None)
    keeping = Keeping(store, tmp_path, lambda: ledger)
    ledger.samples.give_back(())
    monkeypatch.setattr(keeping, "_batches", lambda: [Batch()])
    await keeping.keep()
    try:
        await store.keep_readings(Batch())
    except StoreProblem:
        structlog.get_logger().exception("not kept")
    said = logged.readouterr().err
    assert "readings wait on the disk" in said
    assert "Traceback" in said or "frames" in said
    assert watch.problem is not None
    assert [shown(text) for text in (said, watch.problem.en, watch.problem.zh)] == [[], [], []]
    store.close()


@pytest.mark.parametrize("verb", ["verify", "meters"])
def test_no_verb_shows_it(verb: str, tmp_path: Path) -> None:
    """Of a server that is not there: the address is named as far as it may be."""
    site = tmp_path / "site.yaml"
    text = (EXAMPLES / "office.yaml").read_text(encoding="utf-8")
    site.write_text(f"{text}\ndatabase: {URL}\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["ledger", verb, str(site), "--state-dir", str(tmp_path)])
    assert done.exit_code == 1, done.output
    assert "127.0.0.1:1/ledger" in " ".join(done.output.split())
    assert shown(done.output) == []


async def test_doctor_does_not_show_it(tmp_path: Path) -> None:
    """What it finds of a server that is not there."""
    site = site_of_file(EXAMPLES / "office.yaml")
    store, found = await _store(replace(site, database=URL), tmp_path)
    store.close()
    said = f"{found}"
    assert "127.0.0.1:1/ledger" in said
    assert shown(said) == []
