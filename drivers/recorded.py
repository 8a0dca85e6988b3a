"""A recorded device: its objects and what it answered, as a YAML file that people can read and a simulated device can play."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias, get_args

from config.objects import OBJECTS
from config.phrase import Phrase, Said
from config.reading import MIB, read_at_most
from drivers.raw import Item, Kind, Raw

VERSION: Final = 1
MAX_BYTES: Final = 64 * MIB
"""A fixture of ten thousand objects has some thirty."""
PROPERTIES: Final[Mapping[int, str]] = {
    4: "active-text", 12: "application-software-version", 22: "cov-increment", 23: "date-list", 28: "description",
    31: "device-type", 36: "event-state", 44: "firmware-revision", 45: "high-limit", 46: "inactive-text", 56: "local-date",
    57: "local-time", 58: "location", 59: "low-limit", 62: "max-apdu-length-accepted", 65: "max-pres-value", 69: "min-pres-value",
    70: "model-name", 74: "number-of-states", 75: "object-identifier", 76: "object-list", 77: "object-name", 79: "object-type",
    81: "out-of-service", 84: "polarity", 85: "present-value", 87: "priority-array", 96: "protocol-object-types-supported",
    97: "protocol-services-supported", 98: "protocol-version", 103: "reliability", 104: "relinquish-default",
    106: "resolution", 107: "segmentation-supported", 110: "state-text", 111: "status-flags", 112: "system-status",
    117: "units", 120: "vendor-identifier", 121: "vendor-name", 139: "protocol-revision", 155: "database-revision",
    168: "profile-name", 185: "prescale", 187: "scale", 188: "scale-factor", 371: "property-list", 373: "blink-warn-enable",
    377: "egress-time", 486: "tags",
}  # fmt: skip
"""BACnetPropertyIdentifier (ASHRAE 135-2020 §21) by its name; any other goes by `property-NNN`."""
_TYPES: Final[Mapping[int, str]] = {
    **{type_.number: name for name, type_ in OBJECTS.items()},
    6: "calendar", 8: "device", 9: "event-enrollment", 10: "file", 15: "notification-class", 16: "program", 17: "schedule",
    20: "trend-log", 29: "structured-view", 56: "network-port",
}  # fmt: skip
_HEAD: Final = """\
# A BACnet device as it answered, recorded by building-supervisor. `octets` are what is played again; `is` is for people.
# 一台 BACnet 设备的应答记录：`octets` 用于重放，`is` 供人阅读。
"""


class Asked(NamedTuple):
    """One question: an object's property, or an element of it."""

    item: Item
    number: int
    element: int | None = None


SILENCE: Final = Raw("silence")


class NoFixture(Said, OSError):
    """A file that is no recorded device; `said` tells what is wrong with it."""


@dataclass
class Recorded:
    """One device. `many`: what it answered to a ReadPropertyMultiple."""

    instance: int
    answers: dict[Asked, Raw] = field(default_factory=dict)
    together: dict[Asked, Raw] = field(default_factory=dict)
    """What was answered to a ReadPropertyMultiple of the one property, where a ReadProperty got neither value nor error."""
    many: Raw = SILENCE
    left_out: int = 0
    """Properties that were not asked for, since they name other devices."""

    @property
    def items(self) -> list[Item]:
        """Its objects, in the order in which they were read."""
        return list(dict.fromkeys(asked.item for asked in self.answers))


Shown: TypeAlias = Mapping[Asked, str]
"""What a value is, for people."""


def written(recorded: Recorded, at: str, shown: Shown) -> Iterator[str]:
    """The file's lines. `at`: when, ISO 8601."""
    yield _HEAD
    yield f"version: {VERSION}\nrecorded: {at}\ndevice: {recorded.instance}\n"
    yield f"read-property-multiple: {_flow(recorded.many)}\nobjects:\n"
    last: Item | None = None
    for asked, raw in recorded.answers.items():
        if asked.item != last:
            last = asked.item
            yield f"  {named(last)}:\n"
        index = "" if asked.element is None else f"[{asked.element}]"
        yield f'    "{PROPERTIES.get(asked.number, f"property-{asked.number}")}{index}": {_flow(raw, shown.get(asked), recorded.together.get(asked))}\n'


def named(item: Item) -> str:
    """An object as people write it."""
    return f"{_TYPES.get(item[0], f'type-{item[0]}')}:{item[1]}"


def _flow(raw: Raw, shown: str | None = None, together: Raw | None = None) -> str:
    told: dict[str, Any] = ({} if shown is None else {"is": shown}) | _told(raw)
    if together is not None:
        told["together"] = _told(together)
    return json.dumps(told, ensure_ascii=False)


def _told(raw: Raw) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if raw.kind in ("value", "other"):
        told["octets" if raw.kind == "value" else "other"] = raw.octets.hex()
    else:
        told[raw.kind] = list(raw.numbers)
    return told | {"ms": round(raw.seconds * 1000)}


def read(path: Path) -> Recorded:
    """A recorded device. Raises NoFixture, OSError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        tree = YAML(typ="safe", pure=False).load(read_at_most(path, MAX_BYTES).decode("utf-8"))
        return _made(tree)
    except (YAMLError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise NoFixture(
            Phrase(f"{path}: this is no recorded device: {first}", f"{path}：不是设备记录：{first}")
        ) from error


def _made(tree: Any) -> Recorded:
    if tree["version"] != VERSION:
        raise ValueError(f"version {tree['version']}")
    types, names = ({name: n for n, name in table.items()} for table in (_TYPES, PROPERTIES))
    found = Recorded(int(tree["device"]), many=_raw(tree["read-property-multiple"]))
    for object_, properties in tree["objects"].items():
        kind, _, instance = object_.rpartition(":")
        item = (types[kind] if kind in types else int(kind.removeprefix("type-")), int(instance))
        for key, answer in properties.items():
            name, _, index = key.partition("[")
            number = names[name] if name in names else int(name.removeprefix("property-"))
            asked = Asked(item, number, int(index.rstrip("]")) if index else None)
            found.answers[asked] = _raw(answer)
            if "together" in answer:
                found.together[asked] = _raw(answer["together"])
    return found


def _raw(told: Mapping[str, Any]) -> Raw:
    seconds = float(told.get("ms", 0)) / 1000
    if "octets" in told:
        return Raw("value", bytes.fromhex(told["octets"]), (), seconds)
    if "other" in told:
        return Raw("other", bytes.fromhex(told["other"]), (), seconds)
    kind = next((k for k in get_args(Kind) if k in told), None)
    if kind is None:
        raise ValueError("an answer that is neither value nor refusal")
    return Raw(kind, b"", tuple(int(n) for n in told[kind]), seconds)
