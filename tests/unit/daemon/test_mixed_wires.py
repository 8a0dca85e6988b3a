"""A room whose presence comes from zigbee2mqtt and whose fan-coil unit and lights are on BACnet, on the virtual clock."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from aiomqtt import Message

from config.load import load_text
from drivers.bacnet.serving.device import Hosting
from drivers.mqtt import driver
from drivers.mqtt.broker import Connection
from drivers.mqtt.driver import MqttDriver
from drivers.mux import Mux
from drivers.protocol import Address, Answer, Line, Misconfigured, Rejected, Write
from schedules.days import calendars
from schedules.time import instant_of
from supervisor.daemon.assemble import make_line
from supervisor.daemon.daemon import Daemon, Options
from supervisor.daemon.stopping import Stop
from supervisor.store.writer import Store
from tests.fakes import FakeDevice, FakeDriver, FakeObject, virtual_time, virtually
from tests.site_files import site_of_text
from tests.unit.savings.test_trial_lived import Paced

TEXT = """
version: 1
building: b
timezone: Asia/Shanghai
dry_run: false
stagger: 0s
hours: {office: {workday: 09:00-17:30}}
season: {method: dates, dates: {spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}
templates:
  fcu:
    kind: fcu
    base: supervisor
    points:
      start_stop: {object: binary-output:0, writable: true}
      temperature: analog-input:0
  lamps: {kind: lights, base: supervisor, points: {start_stop: {object: binary-output:1, writable: true}}}
zones:
  room:
    hours: office
    equipment: {fcu: ddc/0, lamps: {at: ddc/0, escape_route: false}}
    sensors: {occupancy: zb/binary-input:1}
points: {outdoor_temperature: ddc/analog-input:60}
devices:
  ddc: {instance: 1001, address: 192.0.2.1, poll: 60s}
  zb:
    instance: 9001
    poll: 60s
    mqtt:
      broker: mqtt://192.0.2.5
      topics:
        binary-input:1: {topic: zigbee2mqtt/room, path: occupancy, refresh: 15min, availability: zigbee2mqtt/room/availability}
"""
HOUR = 3600.0


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker is there, and the test says what it says; a virtual clock does not wait for threads."""

    async def there(self: Connection, serve: Callable[[Any], Any]) -> None:
        self.ready()
        await asyncio.Event().wait()

    async def at_once(function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    monkeypatch.setattr(Connection, "run", there)
    monkeypatch.setattr(driver, "LOOK", 20.0)
    monkeypatch.setattr(asyncio, "to_thread", at_once)


class Evening:
    """A winter's workday from 16:00 on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site = site_of_text(TEXT)
        self.fan, self.lamps = FakeObject(0), FakeObject(0)
        plain = {("analog-input", n): FakeObject(v, commandable=False) for n, v in ((0, 18.0), (60, 2.0))}
        controller = FakeDevice({("binary-output", 0): self.fan, ("binary-output", 1): self.lamps, **plain})
        self.bacnet = FakeDriver({"ddc": controller})
        zb = self.site.devices["zb"].mqtt
        assert zb is not None
        self.mqtt = MqttDriver({"zb": (9001, zb)})
        mux = Mux({"ddc": self.bacnet.line, "zb": Line(self.mqtt, self.mqtt)})
        self.line = Line(mux, mux)
        self.seen: dict[float, tuple[object, bool, bool]] = {}
        """Hour → what is known of presence, the fan, the lamps."""

    def says(self, payload: str, topic: str = "zigbee2mqtt/room", *, retain: bool = False) -> None:
        """A message at the broker."""
        message = Message(topic, payload.encode(), 1, retain, 1, None)
        self.mqtt._take(self.mqtt._devices["zb"], message)

    async def lived(
        self, until: float, story: Callable[[Evening], Coroutine[Any, Any, None]]
    ) -> dict[float, tuple[object, bool, bool]]:
        """Run the daemon until an hour; look at each half hour."""
        start = instant_of(_DAY, 16 * 60, self.site.tz)
        clock: Any = Paced(start)
        store = Store("sqlite://", inline=True)
        store.open()
        daemon = Daemon(
            self.site, calendars(self.site), lambda _: self.line, clock, store, Options(self.folder)
        )
        stop = Stop()
        tasks = [asyncio.create_task(daemon.run(stop)), asyncio.create_task(story(self))]
        for n in range(1, int((until - 16) * 2) + 1):
            await asyncio.sleep(HOUR / 2)
            reading = daemon.running.known.reading("room/occupancy")
            on = bool(self.fan.present), bool(self.lamps.present)
            self.seen[16 + n / 2] = (reading.value if reading.good else None, *on)
        tasks[1].cancel()
        stop.signal()
        await asyncio.gather(*tasks, return_exceptions=True)
        store.close()
        return self.seen


_DAY = dt.date(2026, 12, 2)


def test_a_clear_that_never_comes_does_not_heat_a_room_all_night(tmp_path: Path) -> None:
    """Somebody is there at 17:15, and the sensor's clear is lost: a quarter of an hour later nobody knows, and by six nothing
    runs. Being online all the while renews nothing."""

    async def story(evening: Evening) -> None:
        await asyncio.sleep(60)
        while True:
            if asyncio.get_running_loop().time() < 1.25 * HOUR:
                evening.says('{"occupancy": true}')
            evening.says('{"state": "online"}', "zigbee2mqtt/room/availability")
            evening.says('{"occupancy": true}', retain=True)
            await asyncio.sleep(300)

    seen = virtually(Evening(tmp_path).lived(20, story))
    assert seen[16.5] == (True, True, True)
    assert seen[18.0][0] is None
    assert not any(fan for at, (_, fan, _) in seen.items() if at >= 17.5)
    assert not any(lamps for at, (_, _, lamps) in seen.items() if at >= 18.5)
    assert not any(presence for at, (presence, _, _) in seen.items() if at >= 18)


def test_presence_that_is_repeated_keeps_its_lamps(tmp_path: Path) -> None:
    """The other way about: somebody does work late, and the sensor says so every five minutes."""

    async def story(evening: Evening) -> None:
        while True:
            await asyncio.sleep(300)
            evening.says('{"occupancy": true}')

    seen = virtually(Evening(tmp_path).lived(20, story))
    assert seen[20.0][0] is True
    assert seen[20.0][2]


@virtual_time
async def test_the_mux_sends_each_call_to_its_devices_wire_and_writes_no_topic(tmp_path: Path) -> None:
    """By the device alone; several writes at once too; a device of no wire is a mistake of the site file."""
    evening = Evening(tmp_path)
    mux: Any = evening.line.reader
    fan, presence = Address("ddc", "binary-output", 0), Address("zb", "binary-input", 1)
    await mux.start()
    await mux.write(fan, 1, 10)
    assert evening.fan.slots == {10: 1}
    with pytest.raises(Rejected):
        await mux.write(presence, 1, None)
    with pytest.raises(Misconfigured):
        await mux.read([Address("nowhere", "binary-input", 1)])
    if mux.write_many is not None:
        [refused] = await mux.write_many([Write(presence, 1, None)])
        assert isinstance(refused, Rejected)
    await asyncio.sleep(1)
    assert [a.value for a in await mux.read([presence])] == [None]
    evening.says('{"occupancy": false}')
    heard: list[Answer] = []

    async def listen() -> None:
        async for answer in mux.changes():
            heard.append(answer)  # noqa: PERF401 - as they come

    task = asyncio.create_task(listen())
    await asyncio.sleep(1)
    assert [(a.address, a.value) for a in heard] == [(presence, 0)]
    assert (await mux.identify("zb")).model == "MQTT"
    assert mux.reports(presence)
    await mux.stop()
    await asyncio.wait_for(task, 60)


GARBAGE = (
    "{", "[]", "\0", '{"occupancy": "maybe"}', '{"occupancy": null}', '{"occupancy": 1e999}', '{"occupancy": [1]}', "9" * 5000,
    '{"occupancy": 2}', "true" * 100,
)  # fmt: skip


@pytest.mark.thorough
def test_garbage_at_a_sensors_topic_causes_no_write(tmp_path: Path) -> None:
    """Live and retained, every minute for an hour and a half: the building is written as if the sensor said nothing."""

    async def silence(evening: Evening) -> None:
        await asyncio.Event().wait()

    async def garbage(evening: Evening) -> None:
        while True:
            for n, payload in enumerate(GARBAGE):
                evening.says(payload, retain=bool(n % 2))
                evening.says(payload, "zigbee2mqtt/room/availability", retain=bool(n % 2))
            await asyncio.sleep(60)

    def written(story: Callable[[Evening], Coroutine[Any, Any, None]], name: str) -> list[tuple[Any, ...]]:
        folder = tmp_path / name
        folder.mkdir()
        evening = Evening(folder)
        seen = virtually(evening.lived(17.5, story))
        assert all(presence is None for presence, _, _ in seen.values())
        return [(landed.address, landed.value, landed.priority) for landed in evening.bacnet.landed]

    quiet = written(silence, "silence")
    assert quiet
    assert written(garbage, "garbage") == quiet


def test_a_site_of_brokers_alone_can_be_a_bacnet_device_all_the_same() -> None:
    """Its front end speaks BACnet though its sensors do not; without the section no BACnet port is opened."""
    brokers = TEXT[: TEXT.index("  ddc:")].replace("ddc/0", "zb/0") + TEXT[TEXT.index("  zb:") :]
    brokers = brokers[: brokers.index("templates:")] + brokers[brokers.index("zones:") :]
    brokers = brokers.replace("    equipment: {fcu: zb/0, lamps: {at: zb/0, escape_route: false}}\n", "")
    brokers = brokers.replace("points: {outdoor_temperature: ddc/analog-input:60}\n", "")
    alone = load_text(brokers).site
    served = load_text(brokers + "bacnet: {stack: rusty, bind: 127.0.0.1}\nbacnet_device: {}\n").site
    assert alone is not None
    assert served is not None
    assert not isinstance(make_line(alone).reader, Hosting)
    host = make_line(served).reader
    assert isinstance(host, Hosting)
    assert not host.up
    assert host.carrier(47809).where.endswith(":47809")
