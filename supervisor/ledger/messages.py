"""Readings of meters out of messages of an MQTT broker. Pure: topics and payloads go in.

A payload is a number, or JSON: an object with a figure, and a time and a meter where it has them, or a list of such objects.
Its keys are few (`KEYS`): a payload says much beside its figure, and its `hour`, its `总有功` in kW or its `ct` are none of a column's. Without a meter in it, `--meter` says which it is, or a
level of the topic is the meter's name. Without a time it counts when it came.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from config.phrase import Phrase
from config.site import Site
from supervisor.ledger.late import Row, reading_of

KEYS: Final = {
    "time": ("time", "timestamp", "ts", "at", "datetime", "date", "时间", "日期时间", "抄表时间", "采集时间", "读取时间", "时刻", "日期", "抄表日期", "read at"),
    "meter": ("meter", "meter_id", "id", "表号", "表", "表计", "计量表", "仪表", "电表", "水表", "设备"),
    "value": ("value", "reading", "register", "index", "读数", "示数", "表码", "表底", "表底数", "累计值", "累计读数", "累计", "数值", "值", "止码"),
    "unit": ("unit", "units", "单位", "计量单位"),
}  # fmt: skip
"""What a message's keys are called, the surest first: of two that say the same, `value` and 数值, that one counts. One that tells its `ct`
beside its kWh has multiplied by it."""
SHOWN = 60
"""Characters of a payload that are quoted."""


class Message(NamedTuple):
    """What came, and when, POSIX seconds."""

    topic: str
    payload: bytes
    at: float


class Bad(NamedTuple):
    """What is wrong with a message."""

    topic: str
    payload: str
    what: Phrase


def rows_of(messages: Iterable[Message], site: Site, meter: str | None) -> tuple[list[Row], list[Bad]]:
    """The readings of messages, and what is wrong with which; of two of one instant the last counts."""
    found: list[Row] = []
    wrong: list[Bad] = []
    for message in messages:
        text = message.payload.decode("utf-8", "replace").strip()
        quoted = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
        for cells in _cells(text):
            row = cells if isinstance(cells, Phrase) else _row(cells, message, site, meter)
            if isinstance(row, Row):
                found.append(row)
            else:
                wrong.append(Bad(message.topic, quoted, row))
    return found, wrong


def _row(cells: dict[str, str], message: Message, site: Site, meter: str | None) -> Row | Phrase:
    if meter is None and "meter" not in cells:
        levels = [level for level in message.topic.split("/") if level in site.meters]
        if len(levels) != 1:
            return Phrase("neither its topic nor its payload names one meter", "主题和内容均未指明唯一计量表")
        cells = {**cells, "meter": levels[0]}
    return reading_of({"time": repr(message.at), **cells}, site, meter, message.at + 1.0)


def _cells(text: str) -> Iterator[dict[str, str] | Phrase]:
    """The figures of a payload by the names of columns."""
    try:
        said = json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        yield Phrase("neither a number nor JSON", "既不是数值也不是 JSON")
        return
    for each in said if isinstance(said, list) else [said]:
        if isinstance(each, dict):
            named = _named(each)
            if named.get("value") is None:
                yield Phrase("no key is called value", "缺少键 value")
                continue
            yield {name: str(value) for name, value in named.items() if value is not None}
        elif isinstance(each, int | float | str) and not isinstance(each, bool):
            yield {"value": str(each)}
        else:
            yield Phrase("no figure in it", "其中没有读数")


def _named(said: dict[str, object]) -> dict[str, object]:
    """What an object says, by the names of columns."""
    plain: dict[str, object] = {}
    for key, value in said.items():
        if value is not None:
            plain.setdefault(key.strip().lower(), value)
    return {
        name: next(plain[key] for key in keys if key in plain)
        for name, keys in KEYS.items()
        if plain.keys() & set(keys)
    }
