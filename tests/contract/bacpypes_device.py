"""A controller made of bacpypes3's local objects, in a process of its own: `instance host port analogs`.

Prints `ready`, then takes lines on standard input: a number becomes the Present_Value of analog-input 1;
`forget` drops all subscriptions; `reset` does that too, empties all slots, and prints `ready` again.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from bacpypes3.ipv4.app import NormalApplication
from bacpypes3.local.analog import AnalogInputObject, AnalogValueObject
from bacpypes3.local.binary import BinaryValueObject
from bacpypes3.local.cmd import Commandable
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.multistate import MultiStateValueObject
from bacpypes3.pdu import IPv4Address
from bacpypes3.primitivedata import Null


class _Analog(Commandable, AnalogValueObject):  # type: ignore[misc]  # bacpypes3 has no types
    pass


class _Binary(Commandable, BinaryValueObject):  # type: ignore[misc]  # bacpypes3 has no types
    pass


class _State(Commandable, MultiStateValueObject):  # type: ignore[misc]  # bacpypes3 has no types
    pass


def _objects(analogs: int) -> list[Any]:
    common = {"statusFlags": [0, 0, 0, 0], "eventState": "normal", "outOfService": False}
    made: list[Any] = [
        AnalogInputObject(
            objectIdentifier=("analog-input", 1),
            objectName="room",
            presentValue=21.5,
            units="degrees-celsius",
            covIncrement=0.1,
            **common,
        ),
        _Binary(
            objectIdentifier=("binary-value", 1),
            objectName="run",
            presentValue="inactive",
            relinquishDefault="inactive",
            **common,
        ),
        _State(
            objectIdentifier=("multi-state-value", 1),
            objectName="mode",
            presentValue=1,
            relinquishDefault=1,
            numberOfStates=3,
            **common,
        ),
    ]
    setpoints = [
        _Analog(
            objectIdentifier=("analog-value", number),
            objectName=f"setpoint {number}",
            presentValue=24.0,
            relinquishDefault=24.0,
            units="degrees-celsius",
            covIncrement=0.1,
            **common,
        )
        for number in range(1, analogs + 1)
    ]
    return made + setpoints


def _forget(app: Any) -> None:
    for detection in list(app._cov_detections.values()):
        for subscription in list(detection.cov_subscriptions):
            app.cancel_subscription(subscription)


async def _reset(app: Any, objects: list[Any]) -> None:
    _forget(app)
    objects[0].presentValue = 21.5
    for item in objects[1:]:
        for slot in range(1, 17):
            await item.write_property("presentValue", Null(()), priority=slot)


async def main(instance: int, host: str, port: int, analogs: int) -> None:
    """Serve until standard input ends."""
    device = DeviceObject(
        objectIdentifier=("device", instance),
        objectName=f"bacpypes {instance}",
        modelName="local objects",
        vendorIdentifier=999,
        maxApduLengthAccepted=1476,
        segmentationSupported="segmented-both",
    )
    app = NormalApplication(device, IPv4Address(f"{host}:{port}"))
    objects = _objects(analogs)
    for item in objects:
        app.add_object(item)
    await app.normal.server._local_transport_ready.wait()
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        if line == "forget\n":
            _forget(app)
        elif line == "reset\n":
            await _reset(app, objects)
            print("ready", flush=True)
        else:
            objects[0].presentValue = float(line)
    app.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
