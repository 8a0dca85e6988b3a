"""Words by which devices call the states of their objects, in both languages, and what each says of a point of some kind.

One table; words and phrases are parted by commas. A word stands here only where it can hardly mean anything else at a point of that kind: "Active", "State 1", "Standby",
a contact that is "made" say nothing, and nothing is made of them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from config.phrase import Phrase
from config.roles import Mode, Role

_MODES: Final[dict[str, str]] = {
    Mode.OFF: "off, stop, stopped, shutdown, shut down, 关, 关机, 关闭, 停, 停止, 停机",
    Mode.COOL: "cool, cooling, clg, summer, 制冷, 供冷, 冷, 冷风, 冷气, 冷水, 夏, 夏季, 夏天",
    Mode.HEAT: "heat, heating, htg, winter, 制热, 供热, 供暖, 采暖, 热, 暖, 热风, 暖风, 暖气, 热水, 冬, 冬季, 冬天",
    Mode.AUTO: "auto, automatic, 自动",
    Mode.FAN: "fan, vent, ventilate, ventilation, 送风, 通风, 吹风",
    Mode.DRY: "dry, drying, dehumidify, dehumidification, dehum, 除湿, 抽湿",
}  # fmt: skip
_SWITCHED: Final[dict[str, str]] = {
    "on": (
        "on, run, running, start, started, enable, enabled, occupied, "
        "开, 开启, 打开, 开机, 启动, 启用, 启, 运行, 运转, 合闸, 亮, 点亮, 开灯"
    ),
    "off": (
        "off, stop, stopped, not running, shutdown, shut down, disable, disabled, unoccupied, un occupied, not occupied, "
        "关, 关闭, 关机, 停, 停止, 停机, 停运, 停用, 分闸, 灭, 熄灭, 熄, 关灯, 未运行, 未启动, 不运行"
    ),
}  # fmt: skip
_PRESENT: Final[dict[str, str]] = {
    "somebody": (
        "occupied, occupancy, presence, present, motion, movement, somebody, someone, "
        "有人, 占用, 在室, 有人在, 检测到人, 感应到人"
    ),
    "nobody": (
        "unoccupied, un occupied, non occupied, not occupied, no occupancy, vacant, vacancy, empty, absent, absence, nobody, no one, no presence, no motion, no movement, "
        "无人, 没人, 未占用, 无人在, 空闲, 空置"
    ),
}  # fmt: skip
_WINDOW: Final[dict[str, str]] = {
    "open": "open, opened, window open, 开, 打开, 开启, 开窗, 窗开, 未关, 未关闭, 敞开",
    "closed": "closed, close, shut, window closed, not open, 关, 关闭, 关窗, 窗关, 关好, 未开",
}  # fmt: skip
_FIRE: Final[dict[str, str]] = {
    "fire": (
        "fire, alarm, fire alarm, in alarm, alarm active, "
        "火警, 报警, 告警, 警报, 火灾, 火灾报警, 火灾告警, 消防报警, 有火警"
    ),
    "no fire": (
        "normal, no alarm, no fire, not in alarm, ok, okay, clear, cleared, healthy, "
        "正常, 无火警, 无报警, 无告警, 未报警, 无火灾"
    ),
}  # fmt: skip
_FAULT: Final[dict[str, str]] = {
    "fault": (
        "fault, faulted, faulty, alarm, in alarm, trip, tripped, failure, failed, fail, error, abnormal, malfunction, "
        "故障, 报警, 告警, 异常, 跳闸, 过载, 有故障"
    ),
    "no fault": (
        "normal, ok, okay, healthy, good, no fault, no alarm, no error, no failure, not tripped, not in alarm, "
        "正常, 无故障, 无报警, 无告警, 无异常, 未报警, 良好"
    ),
}  # fmt: skip
_HAND: Final[dict[str, str]] = {
    "hand": "hand, manual, local, 手动, 手, 就地, 本地, 现场",
    "automatic": "auto, automatic, remote, 自动, 自控, 远程, 远控, 遥控, 远方",
}  # fmt: skip
_KINDS: Final = {
    Role.START_STOP: _SWITCHED, Role.RUN_STATUS: _SWITCHED, Role.OCCUPANCY: _PRESENT, Role.WINDOW: _WINDOW,
    Role.FIRE_ALARM: _FIRE, Role.FAULT: _FAULT, Role.HAND_AUTO: _HAND,
    Role.MODE: _MODES, Role.ACTION: _MODES, Role.CHANGEOVER: _MODES,
}  # fmt: skip
"""A heartbeat is toggled: which of its states is called what is all the same."""

SENSES: Final[dict[str, Phrase]] = {
    Mode.OFF: Phrase("off", "关"), Mode.COOL: Phrase("cool", "制冷"), Mode.HEAT: Phrase("heat", "制热"),
    Mode.AUTO: Phrase("auto", "自动"), Mode.FAN: Phrase("fan", "送风"), Mode.DRY: Phrase("dry", "除湿"),
    "on": Phrase("on", "开"), "somebody": Phrase("somebody", "有人"), "nobody": Phrase("nobody", "无人"),
    "open": Phrase("open", "开窗"), "closed": Phrase("closed", "关窗"), "fire": Phrase("fire", "火警"),
    "no fire": Phrase("no fire", "无火警"), "fault": Phrase("fault", "故障"), "no fault": Phrase("no fault", "无故障"),
    "hand": Phrase("hand", "手动"), "automatic": Phrase("automatic", "自动"),
}  # fmt: skip
"""What a state may mean, for people."""

SENSE_OF_FLAG: Final[dict[Role, tuple[str, str]]] = {
    role: (names[1], names[0])
    for role, names in ((role, tuple(kind)) for role, kind in _KINDS.items() if kind is not _MODES)
}
"""What a role's no and its yes mean."""

_LATIN: Final = re.compile(r"[a-z]+|[\u3400-\u9fff]+|[^\W\d_]+")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FILLERS: Final = frozenset(["mode", "state", "status", "cmd", "command", "only", "position"])
"""Words beside which another one means what it means alone."""
_BEFORE: Final = ("已", "处于")
_AFTER: Final = ("模式", "状态", "工况", "中")


def _turned(kind: dict[str, str]) -> dict[str, str]:
    return {word: meant for meant, words in kind.items() for word in words.split(", ")}


_BY_ROLE: Final = {role: _turned(kind) for role, kind in _KINDS.items()}


def judged(role: Role) -> bool:
    """Whether there are words for the states of a role."""
    return role in _BY_ROLE


@lru_cache(maxsize=4_096)
def sense(role: Role, text: str) -> str | None:
    """What a text means as a state of a point of that role; None where it does not say so clearly, or cannot be read.

    Whole words: "Heat/Cool" and "关(检修)" say two things or an unknown one, and so nothing.
    """
    known = _BY_ROLE.get(role)
    if known is None:
        return None
    spelt = _HUMP.sub(" ", unicodedata.normalize("NFKC", text)).casefold()
    words = [_bare(word) for word in _LATIN.findall(spelt)]
    words = [word for word in words if word not in _FILLERS]
    if (whole := known.get(" ".join(words))) is not None:
        return whole
    found = {known.get(word) for word in words}
    return found.pop() if len(found) == 1 else None


def _bare(word: str) -> str:
    """A Chinese word without what is merely beside it: 已停止, 运行中, 制热模式."""
    for before in _BEFORE:
        word = word.removeprefix(before)
    for after in _AFTER:
        if len(word) > len(after):
            word = word.removesuffix(after)
    return word
