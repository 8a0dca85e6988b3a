"""The slot counter, run as anyone would run it, against controllers of both stacks."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from simulator.bacnet.bacpypes_front import BacpypesFront
from simulator.bacnet.front import DeviceSpec, ObjectSpec
from simulator.bacnet.rusty_front import RustyFront
from simulator.bacnet.served_front import ServedFront
from tests.networks import subnet
from tests.ports import free_udp

SCRIPT = Path(__file__).parents[2] / "tools" / "slots.py"


def controller(number: int) -> DeviceSpec:
    """Sixty objects, of which thirty setpoints and ten fans have priority arrays."""
    host = f"{subnet(44)}.{20 + number}"
    objects = [
        *(ObjectSpec("analog-value", n, f"SP{n}", "degrees-celsius", 26, 26, 0.1, ()) for n in range(1, 31)),
        *(ObjectSpec("binary-value", n, f"FAN{n}", None, 1, 1, None, ()) for n in range(1, 11)),
        *(ObjectSpec("analog-input", n, f"T{n}", "degrees-celsius", 24, None, 0.1, ()) for n in range(1, 11)),
        *(ObjectSpec("analog-value", n, f"CO2{n}", None, 600, None, 1, ()) for n in range(31, 41)),
    ]
    return DeviceSpec(f"d{number}", 2000 + number, host, free_udp(host), tuple(objects))


def site(path: Path, specs: list[DeviceSpec], priority: str = "") -> Path:
    """A site file with as much as the script reads."""
    lines = [f"  {s.name}: {{address: '{s.host}:{s.port}', instance: {s.instance}}}" for s in specs]
    path.write_text("\n".join([priority, "devices:", *lines]), "utf-8")
    return path


async def slots(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of one run."""
    run = await asyncio.create_subprocess_exec(
        sys.executable,
        str(SCRIPT),
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await run.communicate()
    assert run.returncode is not None
    return run.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("front", [RustyFront, BacpypesFront])
@pytest.mark.parametrize("stack", ["rusty", "bacpypes3"])
async def test_owned_slots_are_counted_across_all_controllers(
    tmp_path: Path, front: type[RustyFront | BacpypesFront], stack: str
) -> None:
    """Two stopped fans and forty held setpoints are owned; the knob at 13 is not, except when asked for."""
    specs = [controller(number) for number in (1, 2)]
    served: ServedFront = front(specs)
    await served.start()
    try:
        for spec in specs:
            for instance in range(1, 21):
                await served.command(spec.name, "analog-value", instance, 26.5, 10)
            await served.command(spec.name, "binary-value", 10, 0, 10)
            await served.command(spec.name, "analog-value", 30, 22, 13)
        file = site(tmp_path / "site.yaml", specs)
        assert await slots(file, "--stack", stack) == (0, "owned=42\n", "")
        status, out, _ = await slots(file, "--stack", stack, "--slot", "13", "--list")
        assert status == 0
        assert out.splitlines() == [
            "d1 analog-value 30 slot 13 = 22.0",
            "d2 analog-value 30 slot 13 = 22.0",
            "owned=2",
        ]
        assert (await slots(site(tmp_path / "nine.yaml", specs, "priority: 9"), "--stack", stack))[
            1
        ] == "owned=0\n"
    finally:
        await served.stop()


@pytest.mark.parametrize("stack", ["rusty", "bacpypes3"])
async def test_a_controller_that_does_not_answer_leaves_the_count_unknown(tmp_path: Path, stack: str) -> None:
    """Silence is not zero: the script names the controller, prints `owned=?` and exits 1."""
    specs = [controller(number) for number in (3, 4)]
    served = RustyFront(specs)
    await served.start()
    try:
        await served.set_silent("d4", True)
        file = site(tmp_path / "site.yaml", specs)
        status, out, err = await slots(file, "--stack", stack, "--timeout", "2")
    finally:
        await served.stop()
    assert (status, out) == (1, "owned=?\n")
    assert err.startswith("unread: d4 ")


async def test_a_file_without_devices_is_refused(tmp_path: Path) -> None:
    """No traceback for a file that is no site file."""
    broken = tmp_path / "site.yaml"
    broken.write_text("zones: {}", "utf-8")
    status, out, err = await slots(broken)
    assert (status, out) == (1, "")
    assert "no usable devices" in err
