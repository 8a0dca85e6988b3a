"""`doctor` on real controllers, with no daemon: the address it works from, a swapped controller, its acceptance."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from tests.contract import wire
from tests.contract.scripted import ScriptedDevice
from tests.contract.servers import CONTROLLER, INSTANCE
from tests.contract.test_replaced import ROOM, site_of, swapped_things
from tests.ports import free_tcp


async def _doctor(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "supervisor",
        "doctor",
        str(site),
        "--state-dir",
        str(site.parent / "state"),
    ]
    return await asyncio.to_thread(
        subprocess.run, [*command, *words], capture_output=True, text=True, timeout=60, check=False
    )


def _each_line_is_chinese(said: str) -> None:
    """What `--lang zh` prints has no line in English alone."""
    left = [line for line in said.splitlines() if not any("\u4e00" <= c <= "\u9fff" for c in line)]
    assert left == []


async def test_the_integrator_reads_what_doctor_chose_and_accepts_a_new_controller(
    stack: str, port: int, tmp_path: Path
) -> None:
    """No `bind` in the site file: the address that faces the controller is chosen and shown. The controller is
    swapped before the daemon ever ran: a problem; accepted, it is none."""
    site = tmp_path / "swap.yaml"
    text = site_of(stack, port, free_tcp(), bind="X")
    patient = text.replace("timeout: 0.5s", "timeout: 5s")  # nothing is silent here
    site.write_text(patient.replace(" bind: X,", ""), encoding="utf-8")
    device = ScriptedDevice(INSTANCE, (CONTROLLER, port), swapped_things(""))
    await device.start()
    try:
        first = await _doctor(site)
        chosen = f"✓ BACnet port 127.0.0.1/8:{port + 1} (chosen by the devices' addresses): free"
        assert chosen in first.stdout, first.stdout + first.stderr
        assert f"✓ stack {stack}: 3.0 values a second" in first.stdout
        assert f"✓ device controller: scripted {INSTANCE} (by hand)" in first.stdout
        assert "0 problems" in first.stdout
        device.vendor, device.things = 7, swapped_things("VAV ")
        second = await _doctor(site)
        assert second.returncode == 1
        assert (
            "✗ device controller: quarantined, another device in its place: vendor 7, was 999"
            in second.stdout
        )
        chinese = await _doctor(site, "--lang", "zh")
        _each_line_is_chinese(chinese.stdout)
        assert "✗ 控制器 controller：已隔离，该位置为另一设备：厂商 7，原为 999" in chinese.stdout
        assert "（按控制器地址选定）：空闲" in chinese.stdout
        wrong = await _doctor(site, "--accept", "controler")
        assert wrong.returncode == 1
        assert "no device is called controler" in wrong.stderr
        accepted = await _doctor(site, "--accept", "controller")
        assert accepted.stdout.startswith("controller accepted: ")
        assert "0 problems" in (await _doctor(site)).stdout
        assert device.writes == []
    finally:
        await device.stop()


async def test_a_sensor_that_is_not_to_be_believed_is_no_tick(stack: str, port: int, tmp_path: Path) -> None:
    """Text in place of a figure, a figure that cannot be, a flag of the controller: each named with why, on the wire."""
    site = tmp_path / "swap.yaml"
    text = site_of(stack, port, free_tcp())
    site.write_text(text.replace("timeout: 0.5s", "timeout: 5s"), encoding="utf-8")
    things = swapped_things("")
    device = ScriptedDevice(INSTANCE, (CONTROLLER, port), things)
    await device.start()
    said = "✗ point room/fcu/temperature: "
    try:
        for value, flags, why in (
            (wire.text("---"), 0, "its controller says “---”, which is no temperature"),
            (wire.real(float("nan")), 0, "its controller says nan, which is no temperature"),
            (wire.real(131.0), 0, "131 degC lies outside"),
            (wire.real(24.5), 0b0100_0000, "flags 24.5 as faulty or out of service"),
            (wire.real(24.5), 0b0001_0000, "flags 24.5 as faulty or out of service"),
        ):
            things[ROOM].value, things[ROOM].flags = value, flags
            found = await _doctor(site)
            (line,) = [line for line in found.stdout.splitlines() if line.startswith(said)]
            assert why in line, line
            assert found.returncode == 1
    finally:
        await device.stop()
