"""Readings out of an MQTT broker: real messages of a real mosquitto, and whatever else a topic may carry."""

from __future__ import annotations

import asyncio
import csv
import io
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiomqtt import Client, MqttError

from config.load import load_text
from supervisor.ledger.messages import Message, rows_of
from tests.unit.ledger.test_ledger_verbs import SITE, Office

HOST = "127.0.0.1"
NOW = 1_772_380_800.0
PATIENCE = 60.0
"""s that a loaded machine may take to start a broker."""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A building of its own."""
    return Office(tmp_path)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A broker of its own."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        free: int = probe.getsockname()[1]
    binary = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    assert binary, "mosquitto comes with Debian's package mosquitto"
    conf = tmp_path / "mosquitto.conf"
    conf.write_text(f"listener {free} {HOST}\nallow_anonymous true\npersistence false\n", encoding="utf-8")
    broker = subprocess.Popen([binary, "-c", str(conf)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        asyncio.run(_publish(free, []))
        yield free
    finally:
        broker.terminate()
        broker.wait(PATIENCE)


async def _publish(port: int, messages: list[tuple[str, str]]) -> None:
    """Retained, once the broker answers."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            async with Client(HOST, port) as client:
                for topic, payload in messages:
                    await client.publish(topic, payload, qos=1, retain=True)
                return
        except MqttError:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.05)


def test_what_a_broker_holds_is_imported(office: Office, port: int) -> None:
    """A plain figure named by its topic, and JSON with a time and a meter: three messages, then no more listening."""
    march = '[{"ts": "2026-03-01T00:00", "meter": "main", "value": 1000}, {"ts": 1774972800, "meter": "main", "value": 1500}]'
    messages = [
        ("b/meters/water/total", "160.5"),
        ("b/meters/gateway", march),
        ("b/meters/gas", '{"读数": 7}'),
    ]
    asyncio.run(_publish(port, messages))
    url = f"mqtt://{HOST}:{port}/b/meters/#"
    said = office.does("import", "--mqtt", url, "--count", "3", "--for", "60")
    assert "main: readings=2 booked=500.00 kWh" in said
    assert "water: readings=1" in said
    assert "gas: readings=1" in said


def test_a_bad_message_is_told_by_topic_and_payload_and_nothing_goes_in(office: Office, port: int) -> None:
    """All of them at once, in both languages."""
    asyncio.run(_publish(port, [("m/main", "1000"), ("m/water", "offline"), ("m/boiler", "5")]))
    said = office.does("import", "--mqtt", f"mqtt://{HOST}:{port}/m/+", "--count", "3", "--for", "60", code=1)
    assert "m/water: `offline`: neither a number nor JSON" in said
    assert "m/boiler: `5`: neither its topic nor its payload names one meter" in said
    assert "主题和内容均未指明唯一计量表" in said
    assert "nothing was imported" in said
    rows = csv.DictReader(io.StringIO(office.does("export", "--period", "2026")))
    assert {row["amount"] for row in rows} == {""}


def test_nobody_there_and_nothing_said(office: Office, port: int) -> None:
    """A broker that is away, a topic that is silent, an address that is none: one line each."""
    assert "no message came" in office.does(
        "import", "--mqtt", f"mqtt://{HOST}:{port}/none", "--for", "0.2", code=1
    )
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        nobody = probe.getsockname()[1]
    said = office.does("import", "--mqtt", f"mqtt://u:secret@{HOST}:{nobody}/x", "--for", "1", code=1)
    assert "does not let us listen" in said
    assert "secret" not in said
    for url in ("http://x/y", "mqtt://host", "mqtt://host:port/x"):
        assert "mqtt://broker" in office.does("import", "--mqtt", url, code=2)
    assert "either a file or --mqtt" in office.does("import", code=2)


@pytest.mark.parametrize(
    ("payload", "said"),
    [("12.5", 12.5), ("1.2e3", 1200.0), ('{"value": 0.00005}', 5e-05), ('{"value": "1.2345e+05"}', 123450.0), ('{"value": 12.5, "hour": 8}', 12.5),
     ('{"value": 1234.5, "总有功": 12.3}', 1234.5), ('{"数值": 3, "value": 12.5, "VALUE": 9}', 12.5), ('{"value": 12.5, "l": 3, "export": 8, "rate": 2}', 12.5),
     ('{"value": 12.5, "ct": 40}', 12.5), ('"12.5"', 12.5), ('{"value": "1,234.5"}', 1234.5), ("nan", "neither"), ("NaN", "is no reading"),
     ("-1", "below nothing"), ("5e-", "neither"), ('"1e-5x"', "is no reading"), ("true", "no figure"), ("{}", "no key is called value"), ('{"value": null}', "no key is called value"),
     ("[[1]]", "no figure"), ("", "neither"), ("\xff\x00", "neither"), ('{"value": 1, "time": "noon"}', "no time"),
     ('{"value": 1, "time": "2099-01-01"}', "future"), ('{"value": 1, "meter": "mian"}', "no meter"), ("[" * 9999, "neither")],
)  # fmt: skip
def test_whatever_a_topic_carries(payload: str, said: float | str) -> None:
    """A figure, or one sentence; never a traceback."""
    site = load_text(SITE, "hall.yaml").site
    assert site is not None
    rows, wrong = rows_of([Message("x/main", payload.encode(), NOW)], site, None)
    if isinstance(said, float):
        assert [(row.meter, row.value, row.at) for row in rows] == [("main", said, NOW)]
    else:
        assert not rows
        assert said in wrong[0].what.en
