"""Takes what is asked at `…/set`: only what the page and the command line can ask, each with a name and an end.

On a connection of its own, by MQTT 5: the broker keeps longer messages from us, and says of each whether it was retained. A
retained request is an old one, and is not carried out; nor is one that came while we were away, since no session is kept.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from config.mqtt import Publish
from config.phrase import Phrase
from drivers.mqtt.broker import BREATH, Connection, denied
from schedules.time import Instant
from supervisor.core.asking import Refused
from supervisor.telling.mqtt.asked import RELEASE, Current
from supervisor.telling.mqtt.gate import MINUTE, Gate, Inbox, Lines
from supervisor.telling.mqtt.payload import LONGEST, SHOWN, short

if TYPE_CHECKING:
    from aiomqtt import Client, Message

RESULTS: Final = ("accepted", "refused", "retained", "limited")
"""What became of a message: carried out; refused, and told why; retained, so old; more than anybody looks at."""
PACKET: Final = 4 * LONGEST
"""Octets of a packet that the broker may send us: what is somewhat too long is told so, what is much too long never comes."""
TOPIC: Final = 400
"""Characters of a topic that is answered."""
_END: Final = "/set"
_RETAINED: Final = Phrase(
    "a retained request is an old one: publish it without retain",
    "保留消息视为旧请求，不执行：请勿带 retain 发布",
)
_TOO_MANY: Final = Phrase("too many requests: wait some seconds", "请求过多：请稍候数秒")

Ask = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""How the daemon is asked. Raises Refused, ValueError."""
Tell = Callable[[str, str, str, str], None]
"""A person's request in the audit: zone, who, English, Chinese."""


class Requests:
    """Requests of one broker. `counts` are kept by RESULTS; `askable` and `now` are the building's as they are."""

    def __init__(
        self, to: Publish, askable: Current, now: Callable[[], Instant], ask: Ask, tell: Tell, counts: Counter[str],
        trouble: Callable[[str], None] = lambda why: None,
    ) -> None:  # fmt: skip
        assert to.requests is not None  # whoever starts this has looked
        self._to, self._taken, self._askable, self._now = to, to.requests, askable, now
        self._ask, self._tell, self.counts, self._trouble = ask, tell, counts, trouble
        self.counts.update(dict.fromkeys(RESULTS, 0))
        self._gate, self._lines = Gate(), Lines()
        self._before = f"{to.prefix}/{askable.site.building}/"
        self._waiting: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Take requests until cancelled; a broker that is away is tried again."""
        from aiomqtt import ProtocolVersion
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.MaximumPacketSize = PACKET
        connection = Connection(
            "requests", self._to, told=self._trouble, protocol=ProtocolVersion.V5, properties=properties, queue_type=partial(Inbox, dropped=self._drop)
        )  # fmt: skip
        telling = asyncio.create_task(self._summary(), name="mqtt requests not told")
        try:
            await connection.run(partial(self._serve, ready=connection.ready))
        finally:
            for task in (telling, *self._waiting):
                task.cancel()

    async def _serve(self, connected: Client, ready: Callable[[Iterable[str]], None]) -> None:
        from paho.mqtt.subscribeoptions import SubscribeOptions

        options = SubscribeOptions(qos=1, retainAsPublished=True)
        refused: list[str] = []
        for levels in ("+/+", "+/+/+"):
            topic = f"{self._before}{levels}{_END}"
            refused += denied((topic,), await connected.subscribe(topic, options=options))
        ready(refused)
        count = 0
        async for message in connected.messages:
            await self._take(connected, message)
            count += 1
            if count % BREATH == 0:
                await asyncio.sleep(0)

    async def _take(self, connected: Client, message: Message) -> None:
        topic = str(message.topic)
        place = topic.removeprefix(self._before).removesuffix(_END)
        loop = asyncio.get_running_loop().time()
        known = place in self._askable().places
        if not self._gate.lets(place if known else "", loop):
            self._drop()
            return
        payload = message.payload if isinstance(message.payload, bytes) else str(message.payload).encode()
        if message.retain:
            if payload:  # an empty one clears what was retained
                await self._refuse(connected, topic, place, "retained", _RETAINED)
            return
        try:
            wanted = self._askable().asked(place, payload, self._taken, self._now())
        except Refused as refused:
            await self._refuse(connected, topic, place, "refused", refused.phrase)
            return
        if not self._gate.lets_ask(loop):
            await self._refuse(connected, topic, place, "limited", _TOO_MANY)
            return
        work = self._carry_out(connected, topic, place, wanted, _id(payload))
        if wanted[0]["do"] != RELEASE:
            await work
            return
        task = asyncio.create_task(
            work, name="mqtt release"
        )  # it waits for controllers; others do not wait for it
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _carry_out(
        self, connected: Client, topic: str, place: str, wanted: list[dict[str, Any]], id_: str | int | None
    ) -> None:
        """Ask the daemon for each point; a group is carried out where one of its points is."""
        told: list[dict[str, Any]] = []
        refused: list[Phrase] = []
        for request in wanted:
            try:
                answer = await self._ask(request)
            except Refused as error:
                refused.append(error.phrase)
            except ValueError as error:
                refused.append(Phrase(str(error), "请求中有无法使用的值"))
            else:
                told.append({k: v for k, v in answer.items() if v is not None})
        if not told:
            await self._refuse(connected, topic, place, "refused", refused[0], id_)
            return
        self.counts["accepted"] += 1
        said: dict[str, Any] = {"ok": True, "done": told}
        if refused:
            said["refused"] = [each._asdict() for each in refused]
        await self._answer(connected, topic, said, id_)

    async def _refuse(
        self, connected: Client, topic: str, place: str, result: str, why: Phrase, id_: str | int | None = None
    ) -> None:  # fmt: skip
        self.counts[result] += 1
        if self._lines.lets(asyncio.get_running_loop().time()):
            zone = place.partition("/")[0]
            zone = zone if zone in self._askable().groups else ""
            shown = short(place)
            self._tell(zone, self._taken.name, f"{shown}: refused: {why.en}", f"{shown}：拒绝：{why.zh}")
        await self._answer(connected, topic, {"ok": False, "error": why.en, "error_zh": why.zh}, id_)

    async def _answer(
        self, connected: Client, topic: str, said: dict[str, Any], id_: str | int | None
    ) -> None:
        """At `…/set/result`, not retained: it is for who asked, now."""
        if len(topic) <= TOPIC:
            told = said if id_ is None else said | {"id": id_}
            await connected.publish(f"{topic}/result", json.dumps(told, ensure_ascii=False), qos=0)

    def _drop(self) -> None:
        self.counts["limited"] += 1
        self._lines.missed()

    async def _summary(self) -> None:
        """Once a minute, how many were not told one by one."""
        while True:
            await asyncio.sleep(MINUTE)
            if more := self._lines.more():
                self._tell("", self._taken.name, f"{more} more requests refused", f"另有 {more} 个请求被拒绝")


def _id(payload: bytes) -> str | int | None:
    """What a request calls itself, so that its answer can be told from others; of a length that is no burden."""
    try:
        document = json.loads(payload) if len(payload) <= LONGEST else None
    except (ValueError, RecursionError):
        return None
    id_ = document.get("id") if isinstance(document, dict) else None
    return id_ if isinstance(id_, int) or (isinstance(id_, str) and len(id_) <= SHOWN) else None


async def take(
    to: Publish, askable: Current, now: Callable[[], Instant], ask: Ask, tell: Tell, counts: Counter[str],
    trouble: Callable[[str], None] = lambda why: None,
) -> None:  # fmt: skip
    """Take requests until cancelled. `trouble` hears why the broker is not reached, and an empty text once it is."""
    await Requests(to, askable, now, ask, tell, counts, trouble).run()
