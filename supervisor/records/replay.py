"""A recorded day decided again: the same readings through the same rules must give the same answers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from config.phrase import Phrase, Said
from config.site import Site
from drivers.readings import PriorityArray, Quality, Reading, Slot
from schedules.days import calendars
from schedules.seasons import Season
from schedules.time import Instant, iso
from schedules.types import Overtime
from supervisor.core.decider import BUILDING, Decider
from supervisor.core.known import Known
from supervisor.core.turn import Step, Turn
from supervisor.core.views import Manual, Release
from supervisor.records.recording import Seen, answers_of
from supervisor.store import queries, recording
from supervisor.store.gateways import address
from supervisor.store.problems import StoreProblem
from supervisor.store.recording import RecordRow
from supervisor.store.writer import Store


class Replayed(NamedTuple):
    """How many decisions were made again, how many were the same, and the first that was not."""

    decisions: int
    matched: int
    difference: str | None


class Unplayable(Said, ValueError):
    """The recording cannot be replayed; the message says why."""


def replay(url: str, site: Site) -> Replayed:
    """Decide again all that a store has of a building. Raises StoreProblem, Unplayable, OSError."""
    store = Store(address(url, site.building), inline=True)
    store.open()
    try:
        rows = store.read_now(lambda connection: list(recording.all_rows(connection)))
        texts = {
            hash_: store.read_now(lambda connection, h=hash_: queries.config_text(connection, h))  # type: ignore[misc] # bound now
            for hash_ in {row.body["config"] for row in rows if "config" in row.body}
        }
    finally:
        store.close()
    if not rows:
        raise Unplayable(Phrase("nothing is recorded in this store", "此数据库中没有记录"))
    return replay_rows(rows, texts, site)


def replay_rows(rows: Iterable[RecordRow], texts: Mapping[str, str | None], site: Site) -> Replayed:
    """The same of rows; `texts` are site files by their hash. Raises Unplayable."""
    decisions = matched = 0
    difference: str | None = None
    player: _Player | None = None
    for row in rows:
        body = row.body
        if "config" in body:
            player = _Player(_site(body, texts, site), body)
        if player is None:
            # The beginning was forgotten with its day: what stood then is not known.
            continue
        count, same, found = player.step(body)
        decisions, matched = decisions + count, matched + same
        difference = difference or found
    if player is None:
        raise Unplayable(
            Phrase(
                "the recording has no beginning: it is older than what is kept",
                "记录没有开头：早于所保留的内容",
            )
        )
    return Replayed(decisions, matched, difference)


def _site(body: Mapping[str, Any], texts: Mapping[str, str | None], site: Site) -> Site:
    """The site file of that day; calendar files are looked for beside the one of today."""
    if body["config"] == site.config_hash:
        return site
    text = texts.get(body["config"])
    if text is None:
        raise Unplayable(
            Phrase(
                f"the site file {body['config'][:12]} of that day is not in the store",
                f"数据库中没有当日的站点文件 {body['config'][:12]}",
            )
        )
    from config.load import load_text

    loaded = load_text(text, site.source)
    if loaded.site is None:
        raise Unplayable(
            Phrase(
                f"the site file {body['config'][:12]} of that day is no longer understood",
                f"当日的站点文件 {body['config'][:12]} 已无法读懂",
            )
        )
    if loaded.site.building != site.building:
        raise Unplayable(
            Phrase(
                f"what is recorded there is of {loaded.site.building}, not of {site.building}",
                f"其中的记录属于 {loaded.site.building}，不是 {site.building}",
            )
        )
    return loaded.site


class _Player:
    """One run of the daemon, from its first row on."""

    def __init__(self, site: Site, first: Mapping[str, Any]) -> None:
        self.site = site
        self._season: tuple[Season, Instant] = (Season.SUMMER, math.inf)
        self._failed: list[str] = []
        self.known = Known(site)
        self.decider = Decider(
            site, self.known, calendars(site).tables, lambda _at: self._season, first["memory"],
            guarded=True,
        )  # fmt: skip
        owners = {p: owner for p in site.points if (owner := self.decider.owner(p)) is not None}
        self._seen = Seen(self.known, owners)
        self._owners = owners
        self._decided: dict[str, Any] = {}
        self._doubted: set[str] = set()
        """Places that were told something else than was recorded, and have not decided since."""

    def step(self, body: Mapping[str, Any]) -> tuple[int, int, str | None]:
        """Make a recorded step again: how many decisions, how many the same, the first difference."""
        self._take(body)
        self.decider.ask(body["asked"])
        turn: Turn[object] = self.decider.take_turn(body["at"])
        step = turn.step
        self._failed += [f"{what}: {error!r}" for what, error in step.failed]
        answers = answers_of(step)
        self._decided.update(body["decisions"])
        wrong = [p for p, answer in answers.items() if self._decided.get(p) != answer]
        found = self._seen_otherwise(step, body) or self._answered_otherwise(answers, wrong, body)
        if found is not None and not wrong:
            # Decided on other readings: none of what follows from them counts as the same.
            self._doubted |= self._told_otherwise(step, body)
        wrong += [p for p in answers if self._place(p) in self._doubted and p not in wrong]
        self._doubted -= {self._place(p) for p in answers}
        return len(answers), len(answers) - len(wrong), found

    def _take(self, body: Mapping[str, Any]) -> None:
        known = self.known
        for point, (value, quality, at, since) in body["readings"].items():
            known.recall(point, Reading(value, Quality(quality), _instant(at), _instant(since)))
        for point, array in body["arrays"].items():
            known.put_array(point, None if array is None else _array(array))
        for point, ours in body["ours"].items():
            known.put_ours(point, ours)
        for point in body["readings"]:
            # A zone that was left alone, and wakes sooner or later for it, does so again; whom to ask is said by the row.
            self.decider.touch(point)
        if "season" in body:
            name, until = body["season"]
            self._season = (Season(name), math.inf if until is None else until)
        if "overtime" in body:
            self.decider.overtime = {
                zone: tuple(Overtime(*request) for request in requests)
                for zone, requests in body["overtime"].items()
            }
        if "manual" in body:
            self.decider.manual = {p: Manual(*word) for p, word in body["manual"].items()}
        if "released" in body:
            self.decider.released = {p: Release(*request) for p, request in body["released"].items()}

    def _seen_otherwise(self, step: Step, body: Mapping[str, Any]) -> str | None:
        seen = self._seen.by(step.zones, body["readings"])
        for place, digest in body["seen"].items():
            if seen.get(place) != digest:
                readings = {p: r for p, r in body["readings"].items() if self._place(p) == place}
                shown = ", ".join(f"{p} = {r[0]}" for p, r in readings.items()) or "nothing new"
                return f"{self._when(body)} {place or 'building'}: other readings than those decided on ({shown})"
        if set(seen) != set(body["seen"]):
            return f"{self._when(body)} asked {sorted(set(seen) ^ set(body['seen']))} differently"
        return self._failed[0] if self._failed else None

    def _answered_otherwise(
        self, answers: Mapping[str, Any], wrong: list[str], body: Mapping[str, Any]
    ) -> str | None:
        if wrong:
            point = wrong[0]
            return (
                f"{self._when(body)} {point}: recorded {_said(self._decided.get(point))}, "
                f"decided {_said(answers[point])}"
            )
        if len(answers) != body["answers"]:
            return f"{self._when(body)} {body['answers']} decisions recorded, {len(answers)} made"
        return None

    def _told_otherwise(self, step: Step, body: Mapping[str, Any]) -> set[str]:
        """The places that saw other readings."""
        seen = self._seen.by(step.zones, body["readings"])
        return {place for place, digest in body["seen"].items() if seen.get(place) != digest}

    def _place(self, point: str) -> str:
        owner = self._owners.get(point, BUILDING)
        return owner if owner in self.site.zones else BUILDING

    def _when(self, body: Mapping[str, Any]) -> str:
        return iso(body["at"], self.site.tz)


def _said(answer: object) -> str:
    if not isinstance(answer, list):
        return "nothing"
    return f"{str(answer[0]).lstrip('~')} ({answer[1]})"


def _instant(value: float | None) -> Instant:
    return -math.inf if value is None else value


def _array(array: list[Any]) -> PriorityArray:
    return PriorityArray(tuple(Slot(*slot) for slot in array[0]), *array[1:])


__all__ = ["Replayed", "StoreProblem", "Unplayable", "replay", "replay_rows"]
