"""Words of Chinese for what the site file names in English: truths, kinds, roles, seasons, keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from config.roles import ROLES
from config.subitems import SUBITEMS

BOOLS: Final[dict[str, str]] = {
    **dict.fromkeys(("是", "对", "真", "有", "开", "要", "启用"), "true"),
    **dict.fromkeys(("否", "不", "不是", "假", "无", "没有", "关", "不要", "停用"), "false"),
}
"""What people write for yes and no."""
_CHOICES: Final[dict[str, str]] = {
    "办公室": "office", "办公": "office", "会议室": "meeting", "会议": "meeting", "大厅": "hall", "服务大厅": "hall",
    "门厅": "lobby", "大堂": "lobby", "走廊": "corridor", "过道": "corridor", "楼道": "corridor", "楼梯": "stair",
    "楼梯间": "stair", "机房": "server_room", "医务室": "clinic", "卫生室": "clinic", "档案室": "archive", "值班室": "duty",
    "其他": "other", "其它": "other",
    "风机盘管": "fcu", "多联机": "vrf", "分体": "split", "分体空调": "split", "变风量": "vav", "空调机组": "ahu",
    "空调箱": "ahu", "新风机": "fresh_air", "新风": "fresh_air", "新风机组": "fresh_air", "冷热源": "plant",
    "灯": "lights", "照明": "lights", "灯光": "lights", "插座": "plugs", "传感器": "sensors",
    "春": "spring", "夏": "summer", "秋": "autumn", "冬": "winter", "春季": "spring", "夏季": "summer",
    "秋季": "autumn", "冬季": "winter", "春天": "spring", "夏天": "summer", "秋天": "autumn", "冬天": "winter",
    "停": "off", "关": "off", "制冷": "cool", "制热": "heat", "自动": "auto", "送风": "fan", "除湿": "dry",
    "控制器": "controller", "本系统": "supervisor", "日期": "dates", "温度": "temperature", "供暖": "heating",
    "北": "N", "南": "S", "东": "E", "西": "W", "东北": "NE", "东南": "SE", "西北": "NW", "西南": "SW",
}  # fmt: skip
_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "版本": ("version",), "建筑": ("building",), "楼": ("building",), "名称": ("name",), "名字": ("name",),
    "时区": ("timezone",), "面积": ("area_m2",), "建筑面积": ("area_m2",), "人数": ("people",),
    "开放时间": ("hours",), "时间": ("hours",), "上班时间": ("hours",), "营业时间": ("hours",), "时段": ("hours",),
    "特殊日": ("special_days",), "特殊日子": ("special_days",), "日历": ("calendar",), "季节": ("season", "dates"),
    "规则": ("rules",), "豁免": ("exemptions",), "区域": ("zones",), "房间": ("zones",), "设备": ("equipment",),
    "点位": ("points",), "计量": ("meters",), "计量表": ("meters",), "电表": ("meters",), "表计": ("meters",),
    "模板": ("templates", "template"), "控制器": ("devices",), "优先级": ("priority",), "类型": ("kind",),
    "楼层": ("floor",), "传感器": ("sensors",), "理由": ("reason",), "原因": ("reason",), "批准人": ("approver",),
    "审批人": ("approver",), "批准": ("approver",), "到期": ("until",), "截止": ("until",), "截止日期": ("until",),
    "日期": ("date", "dates"), "关闭": ("close",), "提前关闭": ("close",), "关门": ("close",), "关门时间": ("close",), "下班": ("close",),
    "提前下班": ("close",), "weekday": ("workday",), "weekdays": ("workday",), "weekends": ("weekend",), "工作日": ("workday",), "分组": ("groups",), "组": ("groups",),
    "从": ("from",), "开始": ("from",), "到": ("to",), "结束": ("to",), "地址": ("address", "at"), "单位": ("unit",),
    "可写": ("writable",), "试运行": ("dry_run",), "演练": ("dry_run",), "单位名称": ("name",),
}  # fmt: skip


def meant_choice(word: str, choices: Iterable[str]) -> str | None:
    """The choice that a word of Chinese means; None where it means none of them."""
    known = set(choices)
    said = word.strip()
    found = _CHOICES.get(said)
    if found in known:
        return found
    roles = [role.value for role, spec in ROLES.items() if spec.meaning_zh == said]
    parts = [
        key for key, part in SUBITEMS.items() if said in (part.name.zh, part.name.zh.removesuffix("用电"))
    ]
    return next((each for each in (*roles, *parts) if each in known), None)


def meant_key(word: str, keys: Iterable[str]) -> str | None:
    """The key that a word of Chinese means, of those that a section may have; None where it means none of them."""
    known = set(keys)
    said = word.strip()
    return next((key for key in _KEYS.get(said, ()) if key in known), None) or meant_choice(said, known)
