"""bacpypes3's controller with long names, whose answers it cuts into segments longer than a frame."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from tests.contract import bacpypes_device


def _wordy(analogs: int) -> list[Any]:
    made: list[Any] = _objects(analogs)
    for item in made:
        item.objectName = (
            f"{item.objectName} of the third office from the lift in the eastern wing of the annex " * 2
        )
    return made


_objects = bacpypes_device._objects
bacpypes_device._objects = _wordy

if __name__ == "__main__":
    asyncio.run(bacpypes_device.main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
