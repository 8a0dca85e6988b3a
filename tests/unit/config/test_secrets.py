"""What may be a secret is not quoted: an excerpt stands on the page, in the log and in the terminal of whoever helps."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from config.load import load_text
from config.problems import as_json, render_all
from config.secrets import masked

SECRET = "hunter2"
WRITTEN = [
    "database: ['postgresql://bs:hunter2@10.0.0.1/bs']",
    "database: {url: 'postgresql://bs:hunter2@10.0.0.1/bs'}",
    "databse: postgresql://bs:hunter2@10.0.0.1/bs",
    "database:\n  - postgresql://bs:\n    hunter2@10.0.0.1/bs",
    "database: [\n  'postgresql://bs\n\n  :hunter2', x\n  ]",
    "database:\n- hunter2",
    "database: {hunter2: 1, hunter2: 2}",
    "database:\n  hunter2: 1\n  hunter2: 2",
    'database: "postgresql://bs:hunter2@10.0.0.1/bs',
    "database: 'postgresql://bs:hunter2@h' @bs",
    "database: %hunter2",
    "database: !hunter2!x y",
    "database: a: hunter2",
    "database: *hunter2",
    "? database\n: [hunter2]",
    "database: x\ndatabase: hunter2",
    "link: &hunter2 x\ndatabase: [*hunter2]",
    "name: &db [hunter2]\ndatabase: *db",
    "http: {tokens: [hunter2]}",
    "http: {tokens: hunter2hunter2}",
    "http: {tokens: {hunter2: x}}",
    "http: {port: many, tokens: [hunter2]}",
    "http: {token: hunter2}",
    "http:\n  tokens:\n    - hunter2\n  port: many",
    "http: {toknes: [hunter2]}",
    "http:\n  password: hunter2",
    "mqtt: {broker: 'mqtt://bs:hunter2@10.0.0.1'}",
    "mqtt:\n  host: broker.local\n  username: bs\n  Passwort: hunter2",
    "mqtt:\n  key_file: hunter2",
    "api_key: hunter2",
    "口令: hunter2",
    "bacnet: {bind: 'udp://bs:hunter2@10.0.0.1'}",
    "season: {weather: 'https://bs:hunter2@10.0.0.1/x.epw', methd: x}",
    "timezone: 'x?password=hunter2'",
    "# database: hunter2\n%",
    "database: hunter2\n\tx: 1",
    "database： postgresql://bs:hunter2@10.0.0.1/bs",
]


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("above", [True, False])
def test_no_problem_of_a_file_tells_its_secret(written: str, above: bool, small: str, today: dt.date) -> None:
    """Whatever is wrong with that line, or with its neighbour: place and message are told, the secret is not."""
    text = f"{written}\n{small}" if above else f"{small}\n{written}\n"
    for broken in (text, text.replace("zones:", "zoens:"), text + "\n- x", "{" + text):
        loaded = load_text(broken, "site.yaml", today)
        assert loaded.problems
        assert SECRET not in render_all(loaded.problems, loaded.text)
        assert SECRET not in json.dumps(as_json(loaded.problems))
        assert SECRET not in str(loaded.problems)


def test_what_is_no_site_file_is_not_quoted(today: dt.date) -> None:
    """A key, a list of users, a program's environment, named by mistake: what is wrong, and nothing of it."""
    for text in (
        "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n",
        "root:hunter2:19000:0:99999:7:::\n",
        "HUNTER=hunter2\n",
        "a: hunter2\n\tb: c\n",
    ):
        loaded = load_text(text, "id_rsa", today)
        assert loaded.problems
        assert SECRET not in render_all(loaded.problems, loaded.text)


def test_what_is_no_secret_is_quoted_as_before(small: str, today: dt.date) -> None:
    """The line above a secret and the line beneath it keep their excerpts; a misspelt key is named."""
    text = small.replace("dry_run", "dry_rnu") + "\ndatbase: x\npriorty: 12\n"
    said = render_all(*load_text(text, "site.yaml", today)[1:])
    assert "unknown key `datbase`" in said
    assert "did you mean `database`?" in said
    assert "| priorty: 12" in said
    assert "| datbase" not in said
    assert "not quoted" in said


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://bs:hunter2@host/bs", "postgresql://…@host/bs"),
        ("postgresql+psycopg://bs:hun/ter2@2@host:5432/bs", "postgresql+psycopg://…@host:5432/bs"),
        ("bs:hunter2@host/bs", "…@host/bs"),
        ("postgresql://host/bs?user=bs&password=hunter2", "postgresql://host/bs?user=…&password=…"),
        ("postgresql://bs:hun?ter2@host/bs", "postgresql://…@host/bs"),
        ("sqlite:////var/lib/x.sqlite3", "sqlite:////var/lib/x.sqlite3"),
        ("/var/lib/x.sqlite3", "/var/lib/x.sqlite3"),
    ],
)
def test_an_address_is_shown_without_what_opens_it(address: str, shown: str) -> None:
    """User, password and parameters are left out; where it leads stays."""
    assert masked(address) == shown
