"""Discovery on real datagrams: quick controllers, slow ones behind a router, dead ones, and a run that is killed."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from config.load import load
from drivers.bacnet.bac0.driver import Bac0Driver
from simulator.bacnet.front import DeviceSpec, ObjectSpec
from simulator.bacnet.rusty_front import RustyFront
from supervisor.field.survey.objects import Survey
from supervisor.field.survey.walk import Walk, telling
from tests.contract.conftest import OURS
from tests.contract.router import Router, routed
from tests.contract.servers import CONTROLLER, DRIVER, NEIGHBOUR
from tests.contract.surveyed import Surveyed, SurveyedStation, fan_coils
from tests.networks import subnet

TRUNK = 2001


async def test_a_device_is_read_whole(port: int) -> None:
    """Its list, names, descriptions, units and states, in a few requests; nothing of it is written."""
    device = Surveyed(1001, (CONTROLLER, port), fan_coils(4))
    device.begin()
    await device.start()
    driver = Bac0Driver(DRIVER, port + 1, [], OURS)
    await driver.start()
    try:
        met = await driver.who_is_there(f"{CONTROLLER}:{port}", None, 5.0)
        assert [each.instance for each in met] == [1001]
        walk = Walk(driver, Survey())
        await walk.all(met)
    finally:
        await driver.stop()
        await device.stop()
    assert walk.survey.devices[1001].whole
    assert len(walk.survey.things) == 20
    room = walk.survey.things["1001/analog-input:0"]
    assert (room.name, room.description, room.unit) == ("FCU-3-01_RoomTemp", "室内温度", "degC")
    assert walk.survey.things["1001/multi-state-value:0"].states == ["Off", "Cool", "Heat"]
    assert len(device.log) < 25, "twenty objects are not asked one by one"
    assert not device.writes


async def test_a_slow_device_behind_a_router_one_property_at_a_time(port: int) -> None:
    """No ReadPropertyMultiple, a list that does not fit: read by index, told as it goes, and not read again when resumed."""
    router = Router((CONTROLLER, port), TRUNK)
    station = SurveyedStation(1012, 12, fan_coils(2))
    station.begin(slow=0.02)
    router.wire(station)
    await router.start()
    said: list[str] = []
    async with routed("bac0", port, []) as (driver, ear):
        ear.routers.append(router)
        assert isinstance(driver, Bac0Driver)
        met = await driver.who_is_there(None, None, 1.0)
        assert [each.address for each in met] == ["2001:12"]
        walk = Walk(driver, Survey())
        beat = asyncio.create_task(
            telling(walk, lambda walk: said.append(str(dict(walk.doing))), lambda _: None, 0.2)
        )
        await walk.all(met)
        beat.cancel()
        assert len(walk.survey.things) == 10
        assert not walk.survey.devices[1012].said
        assert any("/11" in line or "/10" in line for line in said), "how far it is, is told"
        half = Survey.of(json.loads(json.dumps(walk.survey.kept())))
        half.devices[1012].whole = False
        del half.things["1012/analog-input:10"]
        station.asked.clear()
        again = Walk(driver, half)
        await again.all(met)
        asked = {(key, number) for key, number, _ in station.asked if key[0] != 8}
        assert {key for key, _ in asked} == {(0, 10)}
        assert len(again.survey.things) == 10
    await router.stop()


async def test_a_device_that_falls_silent_is_told_and_the_others_are_read(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One dead controller does not spoil the survey: its failure stands at it."""
    monkeypatch.setattr("drivers.bacnet.bac0.survey.PATIENCE", 1.0)
    good, bad = (
        Surveyed(1001, (CONTROLLER, port), fan_coils(1)),
        Surveyed(1002, (NEIGHBOUR, port), fan_coils(1)),
    )
    for device in (good, bad):
        device.begin()
        await device.start()
    bad.deaf_after = -1
    bad.asked = []
    driver = Bac0Driver(DRIVER, port + 1, [], OURS)
    await driver.start()
    try:
        bad.deaf_after = None
        met = [
            each
            for host in (CONTROLLER, NEIGHBOUR)
            for each in await driver.who_is_there(f"{host}:{port}", None, 5.0)
        ]
        bad.deaf_after = -1
        walk = Walk(driver, Survey())
        await walk.all(met)
    finally:
        await driver.stop()
        await good.stop()
        await bad.stop()
    assert walk.survey.devices[1001].whole
    assert not walk.survey.devices[1002].whole
    assert "no answer" in walk.survey.devices[1002].said


def _verb(folder: Path, at: str, port: int, *words: str) -> Sequence[str]:
    command = [
        sys.executable,
        "-m",
        "supervisor",
        "discover",
        "--at",
        at,
        "--bind",
        f"{DRIVER}/24",
        "--port",
        str(port),
    ]
    return [*command, "-o", str(folder / "site.yaml"), "--lang", "en", *words]


@pytest.mark.thorough
async def test_killed_in_the_middle_it_goes_on_where_it_was(port: int, tmp_path: Path) -> None:
    """kill -9 while a slow device is read: the second run says that it goes on, and asks for nothing that it has."""
    device = Surveyed(1001, (CONTROLLER, port), fan_coils(12))
    device.begin(slow=0.25)
    await device.start()
    words = _verb(tmp_path, f"{CONTROLLER}:{port}", port + 1)
    first = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    kept = tmp_path / "site.yaml.survey"
    async with asyncio.timeout(300):
        while not (kept.exists() and len(json.loads(kept.read_text())["half"]["things"]) >= 16):
            await asyncio.sleep(0.2)
    os.kill(first.pid, signal.SIGKILL)
    told, _ = await first.communicate()
    assert re.search(rb"0/1 devices, \d+ objects", told)
    had = {(t["object_type"], t["instance"]) for t in json.loads(kept.read_text())["half"]["things"]}
    device.asked.clear()
    second = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told, _ = await second.communicate()
    await device.stop()
    assert second.returncode == 0, told.decode()
    assert b"going on" in told
    numbers = {
        "analog-input": 0,
        "analog-value": 2,
        "binary-input": 3,
        "binary-output": 4,
        "multi-state-value": 19,
    }
    again = {key for key, _, _ in device.asked} & {(numbers[kind], instance) for kind, instance in had}
    assert not again
    site = load(tmp_path / "site.yaml").site
    assert site is not None
    assert len(site.points) == 60


@pytest.mark.thorough
async def test_forty_devices_of_sixty_objects(port: int, tmp_path: Path) -> None:
    """2,400 objects become 480 fan coils of one template; the file passes `check` and nothing in it is writable."""
    made = [
        DeviceSpec(f"DDC-{n + 1}", 1000 + n, f"{subnet(11)}.{n + 1}", port, tuple(_objects(n + 1)))
        for n in range(40)
    ]
    front = RustyFront(made)
    await front.start()
    words = _verb(tmp_path, f"{subnet(11)}.1-40:{port}", port + 1)
    run = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told, _ = await run.communicate()
    await front.stop()
    assert run.returncode == 0, told.decode()
    assert not front.writes
    site = load(tmp_path / "site.yaml").site
    assert site is not None
    assert len(site.points) == 2400
    assert len({e.template for e in site.all_equipment}) == 1
    assert not any(point.writable for point in site.points.values())
    assert all(device.address for device in site.devices.values())


def _objects(floor: int) -> list[ObjectSpec]:
    found = []
    for n in range(12):
        name, base = f"FCU-{floor}-{n + 1:02d}", 10 * n
        found += [
            ObjectSpec("analog-input", base, f"{name}_RoomTemp", "degrees-celsius", 21.0, None, None, ()),
            ObjectSpec("binary-output", base, f"{name}_Start", None, 0, 0, None, ()),
            ObjectSpec("binary-input", base, f"{name}_Run", None, 0, None, None, ()),
            ObjectSpec("analog-value", base, f"{name}_CoolSp", "degrees-celsius", 26.0, 26.0, None, ()),
            ObjectSpec("multi-state-value", base, f"{name}_Mode", None, 1, 1, None, ("Off", "Cool", "Heat")),
        ]
    return found
