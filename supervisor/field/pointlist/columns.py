"""What the columns of a points list are called, and the words in their cells, in English and in Chinese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeVar

from config.phrase import Phrase
from config.roles import ROLES, EquipmentKind, Role, ZoneKind

COLUMNS: Final[Mapping[str, Phrase]] = {
    "zone": Phrase("zone", "区域"),
    "name": Phrase("name", "区域名称"),
    "kind": Phrase("kind", "区域类型"),
    "hours": Phrase("hours", "开放时间"),
    "equipment": Phrase("equipment", "设备"),
    "type": Phrase("type", "设备类型"),
    "template": Phrase("template", "模板"),
    "role": Phrase("role", "角色"),
    "device": Phrase("device", "控制器"),
    "instance": Phrase("instance", "设备实例号"),
    "address": Phrase("address", "地址"),
    "object": Phrase("object", "对象"),
    "unit": Phrase("unit", "单位"),
    "scale": Phrase("scale", "倍率"),
    "factor": Phrase("factor", "变比"),
    "invert": Phrase("invert", "取反"),
    "states": Phrase("states", "状态"),
    "priority_array": Phrase("priority_array", "优先级数组"),
    "writable": Phrase("writable", "可写"),
    "low": Phrase("low", "下限"),
    "high": Phrase("high", "上限"),
    "escape_route": Phrase("escape_route", "消防通道"),
}
"""In the order in which they are printed."""
NEEDED: Final = ("role", "device", "object")
"""Without these a table is no points list."""
ALSO: Final[Mapping[str, Sequence[str]]] = {
    "zone": ("room", "房间", "房间号", "区域号", "区域编号", "位置"),
    "name": ("zone name", "room name", "房间名称", "名称"),
    "kind": ("zone kind", "房间类型", "用途"),
    "hours": ("opening hours", "时间组", "开放时间组"),
    "equipment": ("unit name", "设备名称", "设备编号", "回路"),
    "type": ("equipment type", "equipment kind", "设备种类"),
    "role": ("point", "function", "点位", "点名", "点位名称", "功能", "用途说明", "点类型"),
    "device": ("controller", "ddc", "控制器编号", "控制器名称"),
    "instance": ("device instance", "device id", "实例号", "设备号", "控制器实例号", "bacnet id"),
    "address": ("ip", "ip address", "ip地址", "ip 地址", "控制器地址"),
    "object": ("bacnet object", "bacnet对象", "bacnet 对象", "对象号", "点号"),
    "unit": ("units",),
    "writable": ("write", "读写", "是否可写", "写"),
    "low": ("min", "minimum", "最小值", "最小"),
    "high": ("max", "maximum", "最大值", "最大"),
    "states": ("state text", "多态", "状态表"),
    "escape_route": ("escape route", "疏散通道", "消防疏散通道"),
}
ROLE_WORDS: Final[Mapping[Role, Sequence[str]]] = {
    Role.TEMPERATURE: ("温度", "房间温度", "室内温度", "回风温度", "room temperature"),
    Role.HUMIDITY: ("湿度", "室内湿度"),
    Role.CO2: ("co2浓度", "二氧化碳浓度"),
    Role.OCCUPANCY: ("占用", "人体感应", "人感", "人体", "presence"),
    Role.WINDOW: ("窗", "窗磁", "窗户", "window contact"),
    Role.LUX: ("光照", "光照度", "illuminance"),
    Role.START_STOP: ("开关", "启停控制", "开关控制", "on/off", "command"),
    Role.RUN_STATUS: ("运行状态", "状态", "开关状态", "status"),
    Role.FAULT: ("故障报警", "故障状态", "alarm"),
    Role.HAND_AUTO: ("手/自动", "手自动状态", "本地远程"),
    Role.COOLING_SETPOINT: ("制冷设定温度", "夏季设定", "冷设定", "cooling"),
    Role.HEATING_SETPOINT: ("制热设定温度", "冬季设定", "热设定", "heating"),
    Role.SETPOINT: ("设定温度", "设定", "温度设定值"),
    Role.MODE: ("运行模式", "工作模式"),
}
TYPE_WORDS: Final[Mapping[EquipmentKind, Sequence[str]]] = {
    EquipmentKind.FCU: ("风机盘管", "盘管", "fan coil", "fan-coil"),
    EquipmentKind.VRF: ("多联机", "vrv", "室内机"),
    EquipmentKind.SPLIT: ("分体空调", "分体机"),
    EquipmentKind.VAV: ("变风量", "变风量箱", "vavbox", "vav box"),
    EquipmentKind.AHU: ("空调箱", "空调机组", "组合式空调"),
    EquipmentKind.FRESH_AIR: ("新风", "新风机", "新风机组", "doas"),
    EquipmentKind.PLANT: ("冷热站", "机房设备"),
    EquipmentKind.LIGHTS: ("照明", "灯", "灯光", "灯具", "照明回路", "lighting", "light"),
    EquipmentKind.PLUGS: ("插座", "sockets", "plug"),
    EquipmentKind.SENSORS: ("传感器", "sensor", "probe"),
}
KIND_WORDS: Final[Mapping[ZoneKind, Sequence[str]]] = {
    ZoneKind.OFFICE: ("办公室", "办公"),
    ZoneKind.MEETING: ("会议室", "会议"),
    ZoneKind.HALL: ("大厅", "服务厅"),
    ZoneKind.LOBBY: ("门厅", "大堂"),
    ZoneKind.CORRIDOR: ("走廊", "过道"),
    ZoneKind.STAIR: ("楼梯", "楼梯间"),
    ZoneKind.SERVER_ROOM: ("机房", "信息机房", "server room"),
    ZoneKind.CLINIC: ("医务室", "诊室"),
    ZoneKind.ARCHIVE: ("档案室", "档案"),
    ZoneKind.DUTY: ("值班室", "值班"),
    ZoneKind.OTHER: ("其他",),
}
_YES: Final = frozenset({"yes", "y", "true", "1", "是", "可写", "读写", "rw", "r/w", "w", "√", "✓", "x"})
_NO: Final = frozenset({"no", "n", "false", "0", "否", "只读", "r", "ro", "不可写", "×", "-"})
_UNIT = re.compile(r"[\((\[].*?[\))\]]")
K = TypeVar("K", bound=StrEnum)


def plain(text: str) -> str:
    """A word as it is compared: half-width, small, without spaces at its ends."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def column_of(heading: str) -> str | None:
    """Which column a heading names; what stands in brackets is a remark (`low (°C)`)."""
    word = plain(_UNIT.sub("", unicodedata.normalize("NFKC", heading)))
    for key, said in COLUMNS.items():
        if word in (key, key.replace("_", " "), plain(said.en), plain(said.zh), *ALSO.get(key, ())):
            return key
    return None


def role_of(text: str) -> Role | None:
    """A role by its name in the site file, its Chinese, or what integrators call it."""
    word = plain(text)
    underscored = word.replace(" ", "_").replace("-", "_")
    for role, spec in ROLES.items():
        if underscored == role.value or word in (spec.meaning_zh, *ROLE_WORDS.get(role, ())):
            return role
    return None


def type_of(text: str) -> EquipmentKind | None:
    """A kind of equipment."""
    return _one(EquipmentKind, TYPE_WORDS, text)


def kind_of(text: str) -> ZoneKind | None:
    """A kind of zone."""
    return _one(ZoneKind, KIND_WORDS, text)


def _one(kinds: type[K], words: Mapping[K, Sequence[str]], text: str) -> K | None:
    word = plain(text)
    for kind in kinds:
        if word.replace(" ", "_").replace("-", "_") == kind.value or word in words[kind]:
            return kind
    return None


def flag_of(text: str) -> bool | None:
    """Yes or no; None for what is neither."""
    word = plain(text)
    return True if word in _YES else False if word in _NO else None
