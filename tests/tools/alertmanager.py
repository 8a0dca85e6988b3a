"""Debian's real Alertmanager, run with deploy/alertmanager as it is, but for the mail relay and how long it gathers."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.ports import free_tcp
from tests.waiting import last_answer

DEPLOYED = Path(__file__).resolve().parents[2] / "deploy" / "alertmanager"


class Alertmanager:
    """One that runs at `netloc` (host:port)."""

    def __init__(self, netloc: str) -> None:
        self.netloc = netloc

    def ready(self) -> bool:
        """It has started."""
        try:
            return httpx.get(f"http://{self.netloc}/-/ready").status_code == 200
        except httpx.TransportError:
            return False

    def post(self, alerts: Sequence[Mapping[str, Mapping[str, str]]]) -> None:
        """Alerts as Prometheus sends them."""
        httpx.post(f"http://{self.netloc}/api/v2/alerts", json=list(alerts)).raise_for_status()


@contextmanager
def running_alertmanager(relay: int, folder: Path, gather: str = "2s") -> Iterator[Alertmanager]:
    """It mails to the relay at that port of loopback; each `group_wait` and `group_interval` is `gather`."""
    program = shutil.which("prometheus-alertmanager")
    assert program, "prometheus-alertmanager is a Debian package: scripts/debian-packages test"
    folder.mkdir(exist_ok=True)
    shutil.copytree(DEPLOYED, folder / "etc")
    config = folder / "etc" / "alertmanager.yml"
    text = config.read_text(encoding="utf-8")
    assert "smtp_smarthost: localhost:25" in text
    text = text.replace("smtp_smarthost: localhost:25", f"smtp_smarthost: 127.0.0.1:{relay}")
    config.write_text(re.sub(r"(group_wait|group_interval): \w+", rf"\1: {gather}", text), encoding="utf-8")
    running = Alertmanager(f"127.0.0.1:{free_tcp()}")
    words = [
        program, f"--config.file={config}", f"--storage.path={folder / 'data'}",
        f"--web.listen-address={running.netloc}", "--cluster.listen-address=", "--log.level=warn",
    ]  # fmt: skip
    with (
        (folder / "alertmanager.log").open("wb") as log,
        subprocess.Popen(words, stdout=log, stderr=log) as process,
    ):
        try:
            assert last_answer(lambda: process.poll() is not None or running.ready(), bool, 60)
            assert process.poll() is None, (folder / "alertmanager.log").read_text(encoding="utf-8")
            yield running
        finally:
            process.terminate()
            process.wait(20)
