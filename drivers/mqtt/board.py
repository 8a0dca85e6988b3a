"""What the topics of one broker have said, how long ago, and what of it still counts. Pure: time is an argument.

Two clocks: `now` is the loop's, on which things age; `wall` is the calendar's, for messages that carry a time of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from config.mqtt import Topic
from config.points import Raw
from config.values import ObjectRef
from drivers.mqtt.payload import Silence, online, parsed, said, time_of


class Held(NamedTuple):
    """What an object was last said to be, and when, on the loop's clock."""

    value: Raw
    at: float


class Board:
    """The objects that one broker's topics play. Its size is theirs: whatever comes replaces what was there."""

    def __init__(self, plays: Mapping[ObjectRef, Topic]) -> None:
        self._plays = plays
        self._objects: dict[str, list[ObjectRef]] = {}
        self._watched: dict[str, list[ObjectRef]] = {}
        for place, topic in plays.items():
            self._objects.setdefault(topic.topic, []).append(place)
            if topic.availability is not None:
                self._watched.setdefault(topic.availability, []).append(place)
        self._held: dict[ObjectRef, Held] = {}
        self._away: set[str] = set()
        self.topics = tuple(dict.fromkeys([*self._objects, *self._watched]))
        """What is subscribed to, each once."""

    def take(
        self, topic: str, payload: bytes, *, retained: bool, now: float, wall: float
    ) -> Iterable[ObjectRef]:
        """A message; the objects of which something is to be told now."""
        document = parsed(payload)
        told: dict[ObjectRef, None] = {}
        for place in self._objects.get(topic, ()):
            if self._say(place, document, retained, now, wall):
                told[place] = None
        if topic in self._watched and (here := online(document)) is not None:
            (self._away.discard if here else self._away.add)(topic)
            told.update(dict.fromkeys(self._watched[topic]))
        return told

    def _say(self, place: ObjectRef, document: object, retained: bool, now: float, wall: float) -> bool:
        topic = self._plays[place]
        value = said(document, topic, place.object_type)
        if isinstance(value, Silence):
            return False
        at = now
        if (stamp := time_of(document, topic.time, wall)) is not None:
            at = now - max(0.0, wall - stamp)
        elif retained:
            # The broker kept it, for how long nobody knows. What we heard ourselves is at least no older than it was.
            known = self._held.get(place)
            if known is None:
                return False
            at = known.at
        before = self._held.get(place)
        if before is not None and before.at > at:
            return False
        self._held[place] = Held(value, at)
        return True

    def topic(self, place: ObjectRef) -> str | None:
        """Where an object is told."""
        topic = self._plays.get(place)
        return topic.topic if topic is not None else None

    def at(self, place: ObjectRef, now: float) -> Held:
        """What counts of an object now; value None: nothing does."""
        held, topic = self._held.get(place), self._plays.get(place)
        if held is None or topic is None or now - held.at > topic.refresh or topic.availability in self._away:
            return Held(None, now)
        return held

    def expired(self, last: float, now: float) -> Iterator[ObjectRef]:
        """Objects whose last word stopped counting between two instants."""
        for place, held in self._held.items():
            if last < held.at + self._plays[place].refresh <= now:
                yield place
