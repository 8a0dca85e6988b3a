"""How fast the wire is read, written and listened to: our drivers and their peers in one run on the same devices.

`python -m tests.bench.bench_wire` prints a table of values a second, processor time a value and latencies (ms, p50 /
p99; of COV from our write to the notification of it), and what is asked of the ratios. Each peer runs alone in a
process of its own, against the same controllers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from config.site import Site
from drivers.bacnet.kinds import KINDS
from drivers.protocol import Address
from tests.bench import machine
from tests.bench.peers import PEERS, PRIORITY, Peer
from tests.bench.wired import CLIENT, CLIENT_PORT, ROOT, bench_site, by_device, controllers, parts

NPM: Final = "@bacnet-js/client"
NPM_VERSION: Final = "3.3.2"
AIMS: Final = (
    ("ours-rusty", "bac0-readMultiple", 30.0),
    ("ours-rusty", "rusty-bacnet", 0.6),
    ("ours-bac0", "bacpypes3", 0.9),
)
"""Ratios of values a second that the issue asks for."""

MOST_TIMES: Final = 4.0
"""Times a datagram's own processor time there and back that a value may cost, from our driver into the state."""

LATE: Final = 2.0
"""Seconds after which a notification counts as lost."""

PATIENCE: Final = 45
"""Seconds that a peer may take."""

Result = dict[str, Any]


async def measure(peer: Peer, site: Site, seconds: float, count: int) -> Result:
    """Throughput of sweeps over all devices, then latencies of one call after another, in seconds."""
    devices = list(by_device(site).values())
    await peer.open()
    await asyncio.gather(*(peer.sweep(device) for device in devices))
    start, cpu, values = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - start < seconds:
        values += sum(await asyncio.gather(*(peer.sweep(device) for device in devices)))
    took, used = time.perf_counter() - start, time.process_time() - cpu
    part, setpoint = parts(devices[0], peer.max_apdu)[0], _setpoint(devices[0])
    result: Result = {"values_per_s": values / took, "cpu_us_per_value": used / values * 1e6}
    result["rpm"] = await _timed(lambda _: peer.batch(part), count)
    result["read"] = await _timed(lambda _: peer.one(setpoint), count)
    result["write"] = await _timed(lambda i: peer.write(setpoint, 24.0 + i % 2), count)
    result["cov"], result["lost"] = await _notified(peer, setpoint, count)
    await peer.close()
    return result


def _setpoint(device: list[Address]) -> Address:
    return next(address for address in device if address.object_type == "analog-value")


async def _timed(call: Callable[[int], Awaitable[object]], count: int) -> list[float]:
    took = []
    for index in range(count):
        start = time.perf_counter()
        await call(index)
        took.append(time.perf_counter() - start)
    return took


async def _notified(peer: Peer, setpoint: Address, count: int) -> tuple[list[float], int]:
    """From our write to the notification of it, and how many did not come in time."""
    told = asyncio.Event()
    if not await peer.watch(setpoint, told.set):
        return [], 0
    await asyncio.sleep(0.2)
    took = []
    for index in range(count):
        told.clear()
        start = time.perf_counter()
        await peer.write(setpoint, 26.0 + index % 2)
        try:
            async with asyncio.timeout(LATE):
                await told.wait()
        except TimeoutError:
            continue
        took.append(time.perf_counter() - start)
    return took, count - len(took)


def _npm(site: Site, seconds: float, count: int) -> Result | str:
    """The npm package, installed into a folder that is gone afterwards; or why not."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return "node or npm is not installed"
    devices = list(by_device(site).values())
    plan = {
        "client": CLIENT,
        "port": CLIENT_PORT,
        "seconds": seconds,
        "count": count,
        "priority": PRIORITY,
        "where": site.devices[devices[0][0].device].address,
        "setpoint": _wire(_setpoint(devices[0])),
        "parts": [
            {"where": site.devices[part[0].device].address, "objects": [_wire(a) for a in part]}
            for device in devices
            for part in parts(device)
        ],
    }
    with tempfile.TemporaryDirectory() as folder:
        install = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", f"{NPM}@{NPM_VERSION}"]
        done = subprocess.run(install, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            return f"npm install failed: {done.stderr.strip().splitlines()[-1:]}"
        script = str(Path(__file__).with_name("npm_peer.mjs"))
        done = subprocess.run(
            [node, script, folder], input=json.dumps(plan), capture_output=True, text=True, timeout=120
        )
    if done.returncode:
        return f"it failed: {done.stderr.strip().splitlines()[-1:]}"
    result: Result = json.loads(done.stdout)
    return result


def _wire(address: Address) -> tuple[int, int]:
    return KINDS[address.object_type].number, address.instance


def _apart(name: str, options: argparse.Namespace) -> Result | str:
    """A peer in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.bench_wire", "--peer", name]
    command += ["--devices", str(options.devices), "--zones", str(options.zones)]
    command += ["--seconds", str(options.seconds), "--count", str(options.count)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"not done within {PATIENCE} s"
    if done.returncode:
        return f"it failed: {done.stderr.strip().splitlines()[-1:]}"
    result: Result = json.loads(done.stdout.splitlines()[-1])
    return result


def _row(name: str, result: Result | str) -> str:
    if isinstance(result, str):
        return f"| {name} | {result} | | | | | |"
    cells = [f"{result['values_per_s']:,.0f}", f"{result['cpu_us_per_value']:.1f}"]
    for what in ("read", "rpm", "write", "cov"):
        took = sorted(result[what])
        cells.append(f"{_ms(took, 0.5)} / {_ms(took, 0.99)}" if took else "–")
    if result.get("lost"):
        cells[-1] += f" ({result['lost']} lost)"
    return f"| {name} | " + " | ".join(cells) + " |"


def _ms(took: list[float], share: float) -> str:
    return f"{took[min(len(took) - 1, int(len(took) * share))] * 1e3:.2f}"


def _ratio(results: dict[str, Result | str], over: str, under: str, aim: float) -> str:
    one, other = results.get(over), results.get(under)
    if not isinstance(one, dict) or not isinstance(other, dict):
        return f"| {over} / {under} | not measured | | ≥ {aim:g} | |"
    wall = one["values_per_s"] / other["values_per_s"]
    work = other["cpu_us_per_value"] / one["cpu_us_per_value"]
    return (
        f"| {over} / {under} | {wall:.2f} | {work:.2f} | ≥ {aim:g} | {'met' if wall >= aim else 'NOT met'} |"
    )


def _times(results: dict[str, Result | str], name: str) -> str:
    one, floor = results.get(name), results.get("udp-echo")
    if not isinstance(one, dict) or not isinstance(floor, dict):
        return f"| {name} | not measured | | |"
    times = one["cpu_us_per_value"] / floor["cpu_us_per_value"]
    aim, met = (
        (f"< {MOST_TIMES:g}", "met" if times < MOST_TIMES else "NOT met")
        if name == "ours-rusty"
        else ("", "")
    )
    return f"| {name} | {times:.1f} | {aim} | {met} |"


def main() -> None:
    """Run one peer, or all of them and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", choices=list(PEERS))
    parser.add_argument("--devices", type=int, default=10)
    parser.add_argument("--zones", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--count", type=int, default=300)
    options = parser.parse_args()
    if options.peer:
        stack = "bac0" if options.peer == "ours-bac0" else "rusty"
        site = bench_site(options.devices, options.zones, stack)
        print(
            json.dumps(asyncio.run(measure(PEERS[options.peer](site), site, options.seconds, options.count)))
        )
        return
    print("| client | values/s | CPU µs a value | read | RPM | write | COV |")
    print("|---|---|---|---|---|---|---|")
    results: dict[str, Result | str] = {}
    with controllers(options.devices, options.zones):
        for name in PEERS:
            results[name] = _apart(name, options)
            print(_row(name, results[name]), flush=True)
        site = bench_site(options.devices, options.zones)
        results[NPM] = _npm(site, options.seconds, options.count)
        print(_row(f"{NPM} {NPM_VERSION}", results[NPM]))
    print("\n| | values/s | values per CPU second | aim | |")
    print("|---|---|---|---|---|")
    for over, under, aim in AIMS:
        print(_ratio(results, over, under, aim))
    print("\n| CPU of a value, in times of udp-echo's | | aim | |\n|---|---|---|---|")
    for name in ("ours-rusty", "rusty-bacnet", NPM):
        print(_times(results, name))
    versions = ", ".join(f"{name} {version(name)}" for name in ("rusty-bacnet", "bacpypes3", "BAC0"))
    print(f"\n{versions}, node {_node()}; {machine.described()}")


def _node() -> str:
    node = shutil.which("node")
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False) if node else None
    return done.stdout.strip() if done is not None else "none"


if __name__ == "__main__":
    main()
