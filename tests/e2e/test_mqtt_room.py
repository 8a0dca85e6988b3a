"""One room on two wires: presence from a broker, the fan-coil unit on BACnet; and a person asks by the same broker."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.e2e.processes import Building, DaemonProcess
from tests.e2e.sites import SiteFiles, office, replaced
from tests.mosquitto import Mosquitto
from tests.waiting import SOON, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.thorough]
START = "2026-07-15T14:00:00+08:00"
FCU = "f2-office-201/fcu/start_stop"
PRESENCE = "zigbee2mqtt/room-201"
SET = "building/jiedao-office/f2-office-201/hvac_on/set"
ROOM = "    equipment: {fcu: ddc-2/10, lights: ddc-2/10}\n    name: 201 办公室"


def mixed(files: SiteFiles, broker: Mosquitto) -> None:
    """Room 201 has its presence by MQTT, and requests are taken."""
    text = files.daemon.read_text(encoding="utf-8")
    template = text.split("\n  fcu:")[1].split("\n  vav:")[0]
    template = "\n".join(line for line in template.split("\n") if "occupancy:" not in line)
    topic = f"{{topic: {PRESENCE}, path: occupancy, refresh: 15min}}"
    changes = {
        ROOM: ROOM.replace("fcu: ddc-2/10", "fcu: {template: fcu-mqtt, at: ddc-2/10}")
        + "\n    sensors: {occupancy: zb/binary-input:1}",
        "\n  vav:": f"\n  fcu-mqtt:{template}\n  vav:",
        "\ndevices:": f"\npublish: {{broker: '{broker.url}', requests: {{name: 前台, lasts: 1h}}}}\ndevices:\n"
        f"  zb: {{instance: 900001, mqtt: {{broker: '{broker.url}', topics: {{'binary-input:1': {topic}}}}}}}",
    }
    files.daemon.write_text(replaced(text, changes), encoding="utf-8")


def test_a_sensor_empties_a_room_on_bacnet_and_a_person_holds_it_by_mqtt(tmp_path: Path) -> None:
    """The sensor's clear stops the unit, its presence gives it back; a request holds it on against an empty room, a retained
    one does nothing, also after the broker was restarted; what was asked stands in the audit and in the metrics."""
    broker = Mosquitto(tmp_path, keep=True)
    broker.start()
    files = office(
        tmp_path,
        changes={"hvac_after: 15min": "hvac_after: 1min", "priority: 10 ": "stagger: 0.1s\npriority: 10 "},
    )
    mixed(files, broker)

    def say(topic: str, payload: dict[str, object], *, retain: bool = False) -> None:
        asyncio.run(broker.say((topic, json.dumps(payload)), retain=retain))

    def count(result: str) -> float | None:
        return daemon.metric("building_supervisor_mqtt_requests_total", result=result)

    try:
        say(SET, {"value": "off"}, retain=True)
        with (
            Building(files, start=START, speed=20.0) as building,
            DaemonProcess(files, tmp_path / "state", start=START, speed=20.0) as daemon,
        ):
            daemon.ready()
            eventually(lambda: count("retained") == 1, SOON, "the old request is seen, and left")
            say(PRESENCE, {"occupancy": False})
            eventually(lambda: not building.on(FCU), SOON, "nobody is there: off")
            assert daemon.explain(FCU)["winner"]["rule"] == "vacancy-off"
            say(PRESENCE, {"occupancy": True})
            eventually(lambda: building.on(FCU), SOON, "somebody is there: the controller's own again")
            say(PRESENCE, {"occupancy": False})
            eventually(lambda: not building.on(FCU), SOON, "off again")
            say(SET, {"value": "on", "for": "2h", "name": "王敏", "reason": "来访"})
            eventually(lambda: building.on(FCU), SOON, "held by hand")
            held = daemon.get("/api/building").json()["manual"]
            assert [(h["point"], h["name"], h["why"]) for h in held] == [(FCU, "王敏 (前台)", "来访")]
            broker.stop()
            broker.start()
            eventually(
                lambda: count("retained") == 2, 3 * SOON, "heard again; the kept request is as old as it was"
            )
            say(SET, {"end": True})
            eventually(lambda: not building.on(FCU), 3 * SOON, "no longer held")
            assert (count("accepted"), count("refused")) == (2, 0)
            told = [event["zh"] for event in daemon.get("/api/events").json()["events"]]
            assert any("王敏 (前台)" in line and "来访" in line for line in told)
            assert any("保留消息" in line for line in told)
    finally:
        broker.stop()
