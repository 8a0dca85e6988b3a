"""A device that is a broker of MQTT: how it is reached, and which topic plays which object."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Annotated, Final

from config.codes import Coded
from config.declared import After, field
from config.phrase import Phrase
from config.section import Section
from config.values import Duration, Misread, ObjectRef, parse_object

_ADDRESS: Final = re.compile(r"mqtts?://[^\s/@?#]+")
INVERTED: Final = "contact"
"""The last name of a path whose `true` means closed (zigbee2mqtt, Zigbee's IAS zone): it is read as open or not."""


class Topic(Section):
    """What plays one object: a topic's payload, or what stands at `path` in it.

    A reading counts for `refresh` after it was said, and is unknown from then on: what repeats itself every ten minutes is
    given half an hour. `values` says what its words mean; on, off, true, false, open, closed … are known.
    """

    topic: str = field(min_length=1, max_length=1000)
    path: str = ""
    refresh: Duration = field(gt=0, le=7 * 86400)
    time: str = "last_seen"
    """Where in the payload its own time stands: ISO 8601 with an offset, or seconds or milliseconds since 1970."""
    availability: str | None = None
    values: dict[str, int] = field(default_factory=dict)


def _address(value: str) -> str:
    """An address without anybody's password in it: the file is kept, and shown. Raises Misread."""
    if _ADDRESS.fullmatch(value):
        return value
    remedy = Phrase(
        "write mqtt://host:1883 or mqtts://host:8883; user and password have keys of their own",
        "写成 mqtt://主机:1883 或 mqtts://主机:8883；用户名与口令另有各自的键",
    )
    raise Misread(Coded("no-address", "this is no address of a broker", "这不是 MQTT 服务器地址"), remedy)


class Broker(Section):
    """A broker of MQTT, and who we are to it.

    Files are beside the site file. A password is never in the site file itself, which is kept for the audit.
    """

    broker: Annotated[str, After(_address)]
    user: str | None = None
    password_file: str | None = None
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None


class Mqtt(Broker):
    """A broker that is read: its topics by the object that each plays."""

    topics: dict[str, Topic] = field(min_length=1)


def _level(value: str) -> str:
    """Levels of a topic that others follow. Raises Misread."""
    if value and not value.startswith("$") and not value.endswith("/") and not set("+#\0") & set(value):
        return value
    raise Misread(
        Coded("broker", "this is no beginning of a topic", "这不是主题的开头"),
        Phrase("write levels without + and #, like building", "写不含 + 与 # 的层级，例如 building"),
    )


class Taken(Section):
    """What is taken from a broker at `…/set`: overtime, a release, a value held by hand, each with an end and a name.

    A broker tells nobody who publishes: `name` stands for all who may, and what a message says of itself beside it.
    """

    name: str = field(min_length=1, max_length=60)
    lasts: Duration = field(default=7200.0, gt=0, le=12 * 3600)
    """s for which a value is held where the message says no end; a site choice, at most what the page may hold."""


class Publish(Broker):
    """Where the building's state is published, for others to read; nothing is taken from there but by `requests`.

    Retained at `prefix/building/zone/role`, and as Home Assistant's devices under `discovery`. Who is where is personal data: the
    broker's own list says who may read it, and who may ask.
    """

    prefix: Annotated[str, After(_level)] = "building"
    discovery: Annotated[str, After(_level)] = "homeassistant"
    requests: Taken | None = None

    @property
    def discovered(self) -> bool:
        """Whether zones are told to Home Assistant, too."""
        return self.discovery != "off"


def topics(mqtt: Mqtt) -> Iterator[tuple[str, ObjectRef, Topic]]:
    """Its topics: each as it is written, the object that it plays, and what it is. What names no object is left out."""
    for written, topic in mqtt.topics.items():
        with contextlib.suppress(Misread):
            yield written, parse_object(written), topic
