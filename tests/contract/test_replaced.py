"""A controller is swapped for another vendor's under a running daemon, on both stacks: writes_caused=0."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from supervisor.daemon.socket import NoDaemon, ask
from tests.contract import wire
from tests.contract.scripted import ScriptedDevice, Thing
from tests.contract.servers import CONTROLLER, DRIVER, INSTANCE, MOVED
from tests.ports import free_tcp

RUN, SETPOINT, ROOM = (5, 1), (2, 1), (0, 1)
NIGHT = "2026-07-15T20:30:00+08:00"
"""A Wednesday in summer, long after hours: the unit is held off."""

SITE = """\
version: 1
building: swap
timezone: Asia/Shanghai
dry_run: false
stagger: 0.1s
hours: {{office: 09:00-17:30}}
season: {{method: dates, dates: {{spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}}}
zones:
  room:
    hours: office
    equipment: {{fcu: controller/0}}
templates:
  fcu:
    kind: fcu
    points:
      start_stop: {{object: binary-value:1, writable: true}}
      cooling_setpoint: {{object: analog-value:1, writable: true}}
      temperature: analog-input:1
devices:
  controller: {{instance: {instance}, address: {host}:{port}, timeout: 0.5s, poll: 1s}}
bacnet: {{stack: {stack}, bind: {bind}, port: {ours}}}
http: {{port: {http}}}
"""


def site_of(stack: str, port: int, http: int, bind: str = DRIVER) -> str:
    """The site file of one controller, and of a daemon beside it on the next port."""
    return SITE.format(
        instance=INSTANCE, host=CONTROLLER, port=port, stack=stack, bind=bind, ours=port + 1, http=http
    )


def swapped_things(prefix: str) -> dict[tuple[int, int], Thing]:
    """A unit that runs at 22 °C, its objects' names after whoever programmed it."""
    return {
        RUN: Thing(b"", wire.enumerated(1), name=f"{prefix}run"),
        SETPOINT: Thing(b"", wire.real(22.0), name=f"{prefix}setpoint"),
        ROOM: Thing(wire.real(24.5), name=f"{prefix}room"),
    }


class Daemon:
    """`building-supervisor run` on the site file, and its control socket."""

    def __init__(self, folder: Path, port: int, stack: str) -> None:
        self.site, self.state = folder / "swap.yaml", folder / "state"
        self.http = free_tcp()
        self.site.write_text(
            site_of(stack, port, self.http),
            encoding="utf-8",
        )
        self._log = (folder / "log").open("w+", encoding="utf-8")
        self._process = self._run()

    def _run(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "supervisor", "run", str(self.site), "--state-dir", str(self.state), "--start", NIGHT],
            stdout=self._log, stderr=self._log,
        )  # fmt: skip

    async def restart(self) -> None:
        """End it, and start it again."""
        await self.stop()
        self._process = self._run()

    async def ask(self, **request: Any) -> dict[str, Any]:
        """One request at the control socket; nothing while nobody answers."""
        assert self._process.poll() is None, self.log()
        try:
            return await ask(self.state, request)
        except NoDaemon:
            return {}

    async def until(self, happened: Callable[[dict[str, Any]], bool], **request: Any) -> dict[str, Any]:
        """The first answer to a request that is as wanted."""
        async with asyncio.timeout(60):
            while True:
                answer = await self.ask(**request)
                if answer and happened(answer):
                    return answer
                await asyncio.sleep(0.2)

    def log(self) -> str:
        """What it has said."""
        return Path(self._log.name).read_text(encoding="utf-8")

    async def doctor(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`building-supervisor doctor` beside it."""
        command = [
            sys.executable,
            "-m",
            "supervisor",
            "doctor",
            str(self.site),
            "--state-dir",
            str(self.state),
            *words,
        ]
        return await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, timeout=60, check=False
        )

    async def stop(self) -> None:
        """End it, and wait."""
        if self._process.poll() is None:
            self._process.terminate()
            await asyncio.to_thread(self._process.wait, 30)


async def _held_off(daemon: Daemon, device: ScriptedDevice) -> None:
    """Until the unit is off, its setpoint is corrected, and the daemon says that it holds both: a slot counts as
    owned from the intent on, which comes before the write."""
    async with asyncio.timeout(60):
        while (device.present(RUN), device.present(SETPOINT)) != (wire.enumerated(0), wire.real(26.0)):
            await asyncio.sleep(0.1)
    await daemon.until(lambda said: said["owned"] == 2, do="status")


async def _missed(daemon: Daemon) -> None:
    """Until the daemon has noticed that its controller is silent."""
    async with asyncio.timeout(60):
        while "device left alone" not in daemon.log():
            await asyncio.sleep(0.1)


@pytest.fixture
async def old(port: int) -> AsyncIterator[ScriptedDevice]:
    """The controller that the integrator mapped."""
    device = ScriptedDevice(INSTANCE, (CONTROLLER, port), swapped_things(""))
    await device.start()
    yield device
    await device.stop()


@pytest.fixture
async def daemon(stack: str, port: int, old: ScriptedDevice, tmp_path: Path) -> AsyncIterator[Daemon]:
    """The daemon, which holds the unit off for the night."""
    made = Daemon(tmp_path, port, stack)
    yield made
    await made.stop()


async def test_a_swapped_controller_is_not_written_until_a_person_accepts_it(
    daemon: Daemon, old: ScriptedDevice
) -> None:
    """Another vendor's controller, with other objects, answers at the same address and instance. The unit runs
    there, the rule wants it off, and nothing is written; page, explain and doctor say why; accepted, it is off."""
    await _held_off(daemon, old)
    await old.stop()
    await _missed(daemon)
    new = ScriptedDevice(INSTANCE, old.where, swapped_things("VAV "))
    new.vendor, new.model = 7, "other"
    await new.start()
    try:
        said = await daemon.until(lambda said: bool(said["quarantined"]), do="status")
        assert "vendor 7, was 999" in said["quarantined"]["controller"]
        assert "binary-value:1 is called “VAV run”, was “run”" in said["quarantined"]["controller"]
        await asyncio.sleep(3)
        explained = await daemon.ask(do="explain", point="room/fcu/start_stop")
        assert explained["winner"]["value"] is False
        assert explained["quarantine"].startswith("quarantined, another device in its place: vendor 7")
        assert (explained["present"]["value"], explained["present"]["quality"]) != (True, "good")
        doctor = await daemon.doctor()
        assert doctor.returncode == 1
        assert "✗ device controller: quarantined" in doctor.stdout
        assert "doctor --accept controller" in doctor.stdout
        assert "device quarantined, nothing is written to it: vendor 7" in daemon.log()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{daemon.http}") as page:
            metrics, ready = (await page.get("/metrics")).text, (await page.get("/readyz")).text
            (room,) = (await page.get("/api/zones")).json()["zones"]
        assert 'building_supervisor_device_up{building="swap",device="controller"} 0.0' in metrics
        assert "controller: quarantined, another device in its place" in ready
        assert "quarantined" in room["why"]["hvac"]["withheld"]["en"]
        print(f"writes_caused={len(new.writes)}")
        assert new.writes == []

        accepted = await daemon.doctor("--accept", "controller", "--by", "李工")
        assert (accepted.returncode, accepted.stdout) == (0, "controller accepted; it is written again\n")
        async with asyncio.timeout(90):
            while new.present(RUN) != wire.enumerated(0):
                await asyncio.sleep(0.2)
        assert (await daemon.ask(do="status"))["quarantined"] == {}
        again = await daemon.doctor("--accept", "controller")
        assert again.returncode == 1
        assert "controller is not in quarantine, and answers in one place" in again.stderr
    finally:
        await daemon.stop()
        await new.stop()
        await old.start()


async def test_a_controller_with_new_firmware_is_the_same_controller(
    daemon: Daemon, old: ScriptedDevice
) -> None:
    """Its model name carries the new revision; vendor and objects are as they were: it is written as ever."""
    await _held_off(daemon, old)
    await old.stop()
    await _missed(daemon)
    new = ScriptedDevice(INSTANCE, old.where, swapped_things(""))
    new.model = "by hand, revision 2"
    await new.start()
    try:
        async with asyncio.timeout(60):
            while new.present(RUN) != wire.enumerated(0):
                await asyncio.sleep(0.2)
        assert (await daemon.ask(do="status"))["quarantined"] == {}
    finally:
        await daemon.stop()
        await new.stop()
        await old.start()


async def test_what_answers_elsewhere_is_written_at_a_persons_word_only(
    daemon: Daemon, old: ScriptedDevice
) -> None:
    """The controller is unplugged, and one that says the same of itself announces itself elsewhere, where the site file does
    not have it. Status, page, explain and doctor say where, and nothing is written there; accepted, it is, and so it is by the
    next start; the old one is back at its address, and is the one that is asked."""
    await _held_off(daemon, old)
    await old.stop()
    await _missed(daemon)
    there = ScriptedDevice(INSTANCE, (MOVED, old.where[1]), swapped_things(""))
    await there.start()
    place = "{}:{}".format(*there.where)
    try:
        async with asyncio.timeout(60):
            while not (said := await daemon.ask(do="status")).get("elsewhere"):
                there._send(wire.i_am(INSTANCE), (DRIVER, old.where[1] + 1))
                await asyncio.sleep(0.5)
        assert place in said["elsewhere"]["controller"]
        await asyncio.sleep(3)
        assert there.log == []
        assert place in (await daemon.ask(do="explain", point="room/fcu/start_stop"))["elsewhere"]
        doctor = await daemon.doctor()
        assert f"✗ device controller: something at {place} says that it is this device" in doctor.stdout
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{daemon.http}") as page:
            assert place in (await page.get("/")).text

        accepted = await daemon.doctor("--accept", "controller", "--by", "李工")
        assert accepted.returncode == 0, accepted.stderr
        await _held_off(daemon, there)
        assert "as was accepted" in (await daemon.ask(do="status"))["elsewhere"]["controller"]

        await daemon.restart()
        there.writes.clear()
        await _held_off(daemon, there)

        await old.start()
        await daemon.until(lambda said: not said["elsewhere"], do="status")
        there.log.clear()
        await _held_off(daemon, old)
        await asyncio.sleep(2)
        assert wire.WRITE_PROPERTY not in there.log
    finally:
        await daemon.stop()
        await there.stop()
        if old._transport is None or old._transport.is_closing():
            await old.start()
