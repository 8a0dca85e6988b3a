"""The supervisor as a BACnet device of its own, for the building's front end."""

from __future__ import annotations

from typing import Annotated

from config.codes import Coded
from config.declared import After, field
from config.phrase import Phrase
from config.section import Section
from config.values import Duration, Misread

LONGEST_NAME = 64
"""Octets of an Object_Name in UTF-8: what every front end shows, and what fits the shortest APDU beside all else."""


def _name(value: str) -> str:
    """An Object_Name (ASHRAE 135 §12.11.2). Raises Misread."""
    if value.strip() and value.isprintable() and len(value.encode()) <= LONGEST_NAME:
        return value
    raise Misread(
        Coded("no-identifier", "this is no name of a device", "这不能用作设备名称"),
        Phrase(
            f"up to {LONGEST_NAME} octets of UTF-8 on one line, unique in the building",
            f"单行文字，UTF-8 编码不超过 {LONGEST_NAME} 字节，全楼唯一",
        ),
    )


class BacnetDevice(Section):
    """What the building's front end sees of us on BACnet; its device instance is `bacnet: instance`.

    With `enabled_point` the front end may switch supervision off, as `release` does, for `expires` at most: it comes back by itself.
    `port` is for `stack: rusty`, which cannot share the port of `bacnet:`.
    """

    name: Annotated[str, After(_name)] | None = None
    port: int | None = field(None, ge=1, le=65535)
    enabled_point: bool = False
    expires: Duration = field(4 * 3600.0, ge=60, le=12 * 3600)


OWN_PORT = 47809
"""UDP port where `stack: rusty` serves the device, unless the site file says another: the next after BACnet's own."""
