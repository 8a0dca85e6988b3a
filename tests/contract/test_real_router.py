"""A whole daemon before bacpypes3's own router and a controller of bacpypes3's own objects, each a process, on real datagrams."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from supervisor.daemon.socket import NoDaemon, ask
from tests.contract.servers import BACPYPES, BEHIND, DRIVER, INSTANCE, RELAY
from tests.contract.test_replaced import NIGHT, SITE
from tests.ports import free_tcp

HERE = Path(__file__).parent


@asynccontextmanager
async def _process(script: str, *words: str) -> AsyncIterator[subprocess.Popen[str]]:
    """One of our scripts, from when it says that it is ready."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / script), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == "ready\n"
        yield process
    finally:
        process.kill()
        await asyncio.to_thread(process.communicate)


async def _until(state: Path, happened: Callable[[dict[str, Any]], bool], **request: Any) -> dict[str, Any]:
    async with asyncio.timeout(90):
        while True:
            try:
                said = await ask(state, request)
            except NoDaemon:
                said = {}
            if said and happened(said):
                return said
            await asyncio.sleep(0.2)


def _building(http: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{http}/api/building", timeout=10) as answer:
        return dict(json.load(answer))


async def test_a_daemon_supervises_a_controller_behind_a_real_router(
    stack: str, port: int, tmp_path: Path
) -> None:
    """It is found by Who-Is through a BBMD and a router, its setpoint of 24 is raised to 26 over it, a change of its room's
    temperature comes back the same way, and its slot is empty when the daemon has gone."""
    http = free_tcp()
    text = SITE.format(
        instance=INSTANCE, host="X", port=0, stack=stack, bind=DRIVER, ours=port + 1, http=http
    )
    foreign = f"foreign: {{bbmd: {RELAY}:{port}, ttl: 60s}}"
    text = text.replace(" address: X:0, timeout: 0.5s,", " timeout: 3s,")
    text = text.replace(f"port: {port + 1}}}", f"port: {port + 1}, {foreign}}}")
    assert foreign in text
    site, state = tmp_path / "far.yaml", tmp_path / "state"
    site.write_text(text, encoding="utf-8")
    where = (f"{RELAY}:{port}", f"{BEHIND}:{port + 1}", f"{BACPYPES}:{port}")
    controller = _process("bacpypes_device.py", str(INSTANCE), BACPYPES, str(port), "40")
    async with controller as device, _process("bacpypes_router.py", *where):
        with (tmp_path / "log").open("w") as log:
            daemon = subprocess.Popen(
                [sys.executable, "-m", "supervisor", "run", str(site), "--state-dir", str(state), "--start", NIGHT],
                stdout=log, stderr=log,
            )  # fmt: skip
        try:
            await _until(state, lambda said: said["ready"] and said["owned"] >= 1, do="status")
            point = "room/fcu/cooling_setpoint"
            said = await _until(state, lambda said: bool(said.get("ours")), do="explain", point=point)
            assert said["ours"] == 26.0, said
            assert device.stdin is not None
            device.stdin.write("31.5\n")
            device.stdin.flush()
            async with asyncio.timeout(60):
                while "31.5" not in json.dumps(
                    await ask(state, {"do": "explain", "point": "room/fcu/temperature"})
                ):
                    await asyncio.sleep(0.2)
            (told,) = (await asyncio.to_thread(_building, http))["devices"]
            assert (told["up"], told["habits"]) == (True, [])
        finally:
            daemon.terminate()
            code = await asyncio.to_thread(daemon.wait, 60)
        assert code == 0, (tmp_path / "log").read_text()
    assert "not released" not in (tmp_path / "log").read_text()
