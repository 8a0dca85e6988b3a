"""A building whose statistics are told at a terminal, as an energy officer asks for them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from supervisor.cli.main import app

HEAD = """version: 1
building: hall
name: 区政府大楼
timezone: Asia/Shanghai
hours: {office: {workday: "08:30-17:30"}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
devices: {ddc: {address: 127.0.0.9, instance: 9}}
zones: {r: {kind: office, hours: office, sensors: {temperature: ddc/analog-input:1}}}
"""


class Hall:
    """A building, its files, and its verbs."""

    def __init__(self, folder: Path, rest: str, database: str | None = None) -> None:
        """Its database is SQLite in its state folder, or where `database` says."""
        self.folder, self.site = folder, folder / "hall.yaml"
        where = f'database: "{database}"\n' if database is not None else ""
        self.site.write_text(HEAD + where + rest, encoding="utf-8")
        self._told: dict[tuple[str, ...], list[dict[str, dict[str, Any]]]] = {}

    def does(self, verb: str, *arguments: str, code: int = 0) -> str:
        """What a verb of the ledger says, and that it ends so."""
        done = CliRunner().invoke(
            app, ["ledger", verb, str(self.site), *arguments, "--state-dir", str(self.folder / "state")]
        )
        assert done.exit_code == code, done.output
        return done.output

    def file(self, name: str, text: str) -> Path:
        """A file beside the site file."""
        self._told.clear()
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def reads(self, meter: str, rows: Iterable[tuple[dt.datetime, float]]) -> None:
        """Import a meter's readings."""
        lines = "".join(f"{at:%Y-%m-%dT%H:%M},{value!r}\n" for at, value in rows)
        self.does("import", str(self.file("readings.csv", lines)), "--meter", meter)

    def imports(self, text: str) -> None:
        """Import rows of time,meter,value."""
        self.does("import", str(self.file("readings.csv", text)))

    def statistics(self, period: str, *more: str) -> list[dict[str, dict[str, Any]]]:
        """The statistics as programs read them: by part of the period, `of/kind/key` → figure."""
        if (period, *more) not in self._told:
            body = json.loads(self.does("statistics", "--period", period, "--format", "json", *more))
            self._told[(period, *more)] = [
                {f"{f['of']}/{f['kind']}/{f['key']}": f for f in p["figures"]} for p in body["periods"]
            ]
        return self._told[(period, *more)]

    def sheet(self, period: str) -> dict[str, dict[str, str]]:
        """The exported rows by meter."""
        rows = csv.DictReader(io.StringIO(self.does("export", "--period", period)))
        return {row["meter"]: row for row in rows}

    def form(self, period: str, edition: str = "2025-11") -> dict[str, dict[str, str]]:
        """The lines of the statistics form by name."""
        rows = csv.DictReader(io.StringIO(self.does("export", "--period", period, "--form", edition)))
        return {row["指标"]: row for row in rows}

    def raw(self, query: str, meter: str) -> Any:
        """What plain SQL says of a meter's raw readings: `r(at, value, before)`, oldest first."""
        with sqlite3.connect(self.folder / "state" / "supervisor.sqlite3") as database:
            (found,) = database.execute(
                "WITH r AS (SELECT at, value, lag(value) OVER (ORDER BY at) AS before FROM readings "
                f"JOIN series ON series.id = readings.series WHERE name LIKE 'meter/{meter}/%') {query}"
            ).fetchone()
        return found


def hours(first: str, values: Iterable[float]) -> list[tuple[dt.datetime, float]]:
    """A reading an hour from a day's midnight on."""
    start = dt.datetime.fromisoformat(first)
    return [(start + dt.timedelta(hours=n), value) for n, value in enumerate(values)]
