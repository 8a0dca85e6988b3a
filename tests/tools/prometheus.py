"""Debian's real Prometheus, run with deploy/prometheus against one supervisor, and the dashboard's questions to it."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.ports import free_tcp
from tests.waiting import last_answer

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy" / "prometheus"
DASHBOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
SCRAPE = "1s"
"""Instead of 15 s, so that a rate needs seconds and not minutes."""
RATE_INTERVAL, RANGE = "10s", "30s"


class Prometheus:
    """A running Prometheus at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=60)

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def get(self, path: str, **params: str) -> Any:
        """The `data` of an API answer; an error of Prometheus's is raised with its words."""
        answer = self._http.get(f"/api/v1/{path}", params=params).json()
        assert answer["status"] == "success", f"{params}: {answer.get('error')}"
        return answer["data"]

    def values(self, expression: str) -> list[float]:
        """The numbers that a query finds now; NaN is no number."""
        found = [float(sample["value"][1]) for sample in self.get("query", query=expression)["result"]]
        return [value for value in found if not math.isnan(value)]

    def ready(self) -> bool:
        """It has started."""
        try:
            return self._http.get("/-/ready").status_code == 200
        except httpx.TransportError:
            return False

    def target(self) -> dict[str, Any]:
        """The supervisor as a scrape target."""
        targets = self.get("targets")["activeTargets"]
        return dict(targets[0]) if targets else {"health": "unknown"}

    def rules(self) -> list[dict[str, Any]]:
        """Every recording and alert rule with its health."""
        return [rule for group in self.get("rules")["groups"] for rule in group["rules"]]


def panel_queries(*kinds: str) -> list[tuple[str, str]]:
    """(panel, query) of every panel of every dashboard; of these kinds alone, of one building, where they are named."""
    found = []
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
            if kinds and (panel["type"] not in kinds or path.stem == "district"):
                continue
            where = f"{path.stem}: {panel['title']}"
            found += [(f"{where} [{target['refId']}]", target["expr"]) for target in panel["targets"]]
    return found


def as_grafana_asks(expression: str, building: str, zone: str = "z") -> str:
    """The query with Grafana's variables filled in."""
    for variable, value in (
        ("$building", building), ("$zone", zone),
        ("$__rate_interval", RATE_INTERVAL), ("$__range", RANGE),
    ):  # fmt: skip
        expression = expression.replace(variable, value)
    return expression


SOMETIMES = re.compile(
    r"building_(foreign_override|manual|release|protection_slot)\{|building_energy_|:energy_saved|verified_until|== 0\)|humidity"
)
"""What is there only while somebody does something, or where a site file names a baseline, targets, verifications."""


def panels_without_data(prometheus: Prometheus, building: str, zone: str) -> list[str]:
    """Each panel whose query finds nothing now, with that query, but for those that only sometimes do."""
    return [
        f"{panel}: {expression}"
        for panel, expression in panel_queries()
        if not prometheus.values(as_grafana_asks(expression, building, zone))
        and (not SOMETIMES.search(expression) or "building_info" in expression)
    ]


def wait_until(happened: Callable[[], object], seconds: float) -> bool:
    """Ask again and again; False if it has not happened in that time."""
    return bool(last_answer(happened, bool, seconds))


@contextmanager
def running_prometheus(
    target: str,
    folder: Path,
    alertmanager: str = "",
    patience: str = "",
    central: str = "",
    gateway: str = "",
    daily: str = SCRAPE,
) -> Iterator[Prometheus]:
    """Prometheus with the configuration of deploy/, scraping `target` (a URL) each second, data in `folder`.

    It tells the Alertmanager at `alertmanager` (host:port), of what has stood for `patience` in place of each alert's `for`, and
    sends all to `central` (a URL) by remote write. To others it is `gateway`. What is reckoned by day is reckoned anew each `daily`.
    """
    folder.mkdir(exist_ok=True)
    config = _configuration(target, folder / "etc", alertmanager, patience, daily)
    if gateway:
        text = config.read_text(encoding="utf-8")
        named = text.replace("global:\n", f"global:\n  external_labels:\n    gateway: {gateway}\n", 1)
        config.write_text(named, encoding="utf-8")
    if central:
        _tell(config, central)
    with _running(config, folder) as prometheus:
        yield prometheus


@contextmanager
def running_federation(source: Prometheus, folder: Path) -> Iterator[Prometheus]:
    """The district's Prometheus, which asks the building's Prometheus `source`, by deploy/prometheus."""
    folder.mkdir(exist_ok=True)
    text = (DEPLOY / "district-federation.yml").read_text(encoding="utf-8")
    for deployed, here in (
        ("127.0.0.1:9090", urlsplit(source.url).netloc),
        ("scrape_interval: 15s", f"scrape_interval: {SCRAPE}"),
        ("scrape_timeout: 10s", f"scrape_timeout: {SCRAPE}"),
    ):
        assert deployed in text, f"deploy/prometheus/district-federation.yml no longer says {deployed!r}"
        text = text.replace(deployed, here)
    config = folder / "prometheus.yml"
    config.write_text(text, encoding="utf-8")
    with _running(config, folder) as prometheus:
        yield prometheus


def _tell(config: Path, central: str) -> None:
    """Let what scrapes by `config` send all to `central`, as deploy/prometheus has it."""
    snippet = (DEPLOY / "district-remote-write.yml").read_text(encoding="utf-8")
    deployed = "http://127.0.0.1:8428"
    assert deployed in snippet, f"deploy/prometheus/district-remote-write.yml no longer says {deployed!r}"
    with config.open("a", encoding="utf-8") as more:
        more.write(f"\n{snippet.replace(deployed, central)}")


@contextmanager
def _running(config: Path, folder: Path) -> Iterator[Prometheus]:
    program = shutil.which("prometheus")
    assert program, "prometheus comes with Debian's package prometheus"
    port = free_tcp()
    log = (folder / "prometheus.log").open("wb")
    process = subprocess.Popen(
        [
            program, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn", "--storage.remote.flush-deadline=5s",
        ],
        stdout=log, stderr=log,
    )  # fmt: skip
    prometheus = Prometheus(f"http://127.0.0.1:{port}")
    try:
        assert wait_until(lambda: process.poll() is not None or prometheus.ready(), 30)
        assert process.poll() is None, (folder / "prometheus.log").read_text(encoding="utf-8")
        yield prometheus
    finally:
        prometheus.close()
        process.terminate()
        process.wait(20)
        log.close()


@contextmanager
def running_victoria_metrics(folder: Path) -> Iterator[str]:
    """Debian's victoria-metrics with its data in `folder`: its URL. It shows at once what has come in."""
    program = shutil.which("victoria-metrics")
    assert program, "victoria-metrics is a Debian package of that name"
    netloc = f"127.0.0.1:{free_tcp()}"
    words = [
        program, f"-httpListenAddr={netloc}", f"-storageDataPath={folder / 'data'}", "-search.latencyOffset=0s",
        "-memory.allowedBytes=200MB",
    ]  # fmt: skip
    with (
        (folder / "victoria-metrics.log").open("wb") as log,
        subprocess.Popen(words, stdout=log, stderr=log) as process,
    ):
        try:
            assert wait_until(lambda: process.poll() is not None or _healthy(netloc), 60)
            assert process.poll() is None, (folder / "victoria-metrics.log").read_text(encoding="utf-8")
            yield f"http://{netloc}"
        finally:
            process.terminate()
            process.wait(20)


def _healthy(netloc: str) -> bool:
    try:
        return httpx.get(f"http://{netloc}/health").status_code == 200
    except httpx.TransportError:
        return False


def _configuration(target: str, folder: Path, alertmanager: str, patience: str, daily: str) -> Path:
    """A copy of deploy/prometheus that scrapes `target`, and looks at its rules, more often."""
    shutil.copytree(DEPLOY, folder)
    for rules in (folder / "rules").glob("*.yml"):
        text = rules.read_text(encoding="utf-8").replace("interval: 5m", f"interval: {daily}")
        text = re.sub(r"\bfor: \w+", f"for: {patience}", text) if patience else text
        rules.write_text(text, encoding="utf-8")
    config = folder / "prometheus.yml"
    text = config.read_text(encoding="utf-8")
    for deployed, here in (
        ("127.0.0.1:8026", urlsplit(target).netloc),
        ("127.0.0.1:9093", alertmanager or f"127.0.0.1:{free_tcp()}"),
        ("scrape_interval: 15s", f"scrape_interval: {SCRAPE}"),
        ("evaluation_interval: 15s", f"evaluation_interval: {SCRAPE}"),
        ("scrape_timeout: 10s", f"scrape_timeout: {SCRAPE}"),
    ):
        assert deployed in text, f"deploy/prometheus/prometheus.yml no longer says {deployed!r}"
        text = text.replace(deployed, here)
    config.write_text(text, encoding="utf-8")
    return config
