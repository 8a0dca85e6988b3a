"""A broker of one's own for a test: Debian's mosquitto, with passwords and TLS where they are asked for."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from aiomqtt import Client, MqttError

from tests.certificates import Authority
from tests.waiting import eventually

HOST = "127.0.0.1"
PATIENCE = 120.0
"""s that a loaded machine may take to start a broker."""


def _binary(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    assert found, f"{name} comes with Debian's package mosquitto"
    return found


class Mosquitto:
    """A broker on a free port of loopback. `stop` and `start` are a restart on the same port; nothing is kept over one
    unless `keep`."""

    def __init__(
        self, folder: Path, *, user: str = "", password: str = "", tls: bool = False, keep: bool = False
    ) -> None:
        self.folder, self.user, self.password, self.tls = folder, user, password, tls
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port: int = probe.getsockname()[1]
        lines = [
            f"listener {self.port} {HOST}",
            f"persistence {str(keep).lower()}",
            f"persistence_location {folder}/",
        ]
        lines += ["max_queued_messages 0", "user root"]
        if user:
            passwords = folder / "passwords"
            subprocess.run([_binary("mosquitto_passwd"), "-c", "-b", passwords, user, password], check=True, capture_output=True)  # fmt: skip
            passwords.chmod(0o600)
            lines += ["allow_anonymous false", f"password_file {passwords}"]
        else:
            lines.append("allow_anonymous true")
        if tls:
            certify(folder)
            lines += [
                f"cafile {folder}/ca.pem",
                f"certfile {folder}/server.pem",
                f"keyfile {folder}/server.key",
            ]
        self.conf = folder / "mosquitto.conf"
        self.conf.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As the site file has it."""
        return f"mqtt{'s' if self.tls else ''}://{HOST}:{self.port}"

    def start(self) -> None:
        """Start it; it answers when this returns."""
        self._process = subprocess.Popen(
            [_binary("mosquitto"), "-c", str(self.conf)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        eventually(self._listens, PATIENCE, "mosquitto listens")

    def _listens(self) -> bool:
        """Whether anybody does at its port."""
        try:
            socket.create_connection((HOST, self.port), 1.0).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """Stop it, as a restart does."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)
            self._process = None

    def client(self, **more: Any) -> Client:
        """A sensor's own connection."""
        import ssl

        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem")) if self.tls else None
        return Client(
            HOST, self.port, username=self.user or None, password=self.password or None, tls_context=context,
            timeout=PATIENCE, **more,
        )  # fmt: skip

    async def say(self, *messages: tuple[str, str | bytes], retain: bool = False) -> None:
        """What sensors say, one after the other."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                async with self.client() as client:
                    for topic, payload in messages:
                        await client.publish(topic, payload, qos=1, retain=retain)
                return
            except MqttError:
                if time.monotonic() > end:
                    raise
                await asyncio.sleep(0.05)


def certify(folder: Path) -> None:
    """An authority of one's own, and a certificate of it for 127.0.0.1: ca.pem, server.pem, server.key."""
    Authority(folder).issue("server")
