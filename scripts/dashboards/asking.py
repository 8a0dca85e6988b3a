"""What dashboards ask: people's names joined to what has ids, and the states of a building as numbers with words."""

from __future__ import annotations

from typing import Final

from scripts.dashboards.panels import BLUE, GREEN, GREY, NO_DATA, ORANGE, RED, YELLOW, Ask, Look, now

B: Final = 'building="$building"'
"""The building that is looked at."""
RULE: Final = "{{title_zh}} · {{title}}"
"""A rule by its titles."""

SHARE = Look("percentunit", ((None, GREY), (0, RED), (0.9, ORANGE), (0.97, GREEN)), decimals=1, low=0, high=1)
CELSIUS = Look("celsius", decimals=1)
KWH = Look("kwatth", decimals=1)
SECONDS = Look("s")
COUNT_OF_BAD = Look("none", ((None, GREY), (0, GREEN), (1, RED)))
COUNT = Look("none")
HOURS = Look("h", ((None, GREY), (0, GREEN), (0.5, ORANGE), (4, RED)), decimals=1)
FLAG = Look("none", words={0: (("no", "否"), GREY), 1: (("yes", "是"), BLUE)})
GOOD = Look(
    "none", ((None, GREY), (0, RED), (1, GREEN)), {0: (("bad", "异常"), RED), 1: (("good", "正常"), GREEN)}
)
KEPT = Look(
    "none",
    ((None, GREY), (0, RED), (1, GREEN)),
    {0: (("out of limits", "不合规"), RED), 1: (("within", "合规"), GREEN)},
)
Z = 'building="$building", zone="$zone"'
"""The zone that is looked at."""
RATIO = Look("percentunit", decimals=1)
SHORT = Look("percentunit", ((None, RED), (0, YELLOW), (0.05, GREEN)), decimals=1)
NAME, ZONE, DEVICE, METER = ("name", "名称"), ("zone", "区域"), ("controller", "控制器"), ("meter", "表计")
BUILDING = ("building", "楼宇")


def zones(expr: str, labels: str = "name") -> str:
    """With the zone's name, and its floor or kind where `labels` says so."""
    return f"{expr} * on (building, zone) group_left ({labels}) group by (building, zone, {labels}) (building_zone_info)"


def rules(expr: str) -> str:
    """With the rule's titles."""
    titles = "title, title_zh"
    return f"{expr} * on (building, rule) group_left ({titles}) group by (building, rule, {titles}) (building_rule_info)"


def devices(expr: str) -> str:
    """With the controller's name."""
    return f"{expr} * on (building, device) group_left (name) group by (building, device, name) (building_device_info)"


def meters(expr: str) -> str:
    """With the meter's name."""
    return f"{expr} * on (building, meter) group_left (name) group by (building, meter, name) (building_meter_info)"


def buildings(expr: str) -> str:
    """With the building's name."""
    return f"{expr} * on (building) group_left (name) group by (building, name) (building_info)"


def counted(expr: str, where: str) -> str:
    """How many there are: 0 while the supervisor lives and there is none, nothing once it does not answer."""
    return (
        f"count by (building) ({expr}) or on (building) (0 * group by (building) (building_info{{{where}}}))"
    )


FIRE = Look(
    "none",
    ((None, GREY), (0, GREEN), (1, RED)),
    {
        0: (("clear", "正常"), GREEN),
        1: (("clearing", "解除中"), ORANGE),
        2: (("FIRE ALARM", "火警"), RED),
        3: (("input unknown", "输入未知"), RED),
    },
)
SEASON = Look(
    "none",
    words={
        1: (("spring", "春季"), GREEN),
        2: (("summer", "夏季"), ORANGE),
        3: (("autumn", "秋季"), YELLOW),
        4: (("winter", "冬季"), BLUE),
    },
)
DRY = Look(
    "none",
    ((None, GREY), (0, GREEN), (1, YELLOW)),
    {0: (("enforcing", "执行中"), GREEN), 1: (("dry run", "试运行"), YELLOW)},
)
READY = Look(
    "none",
    ((None, GREY), (0, ORANGE), (1, GREEN)),
    {-1: (("silent", "失联"), RED), 0: (("waiting", "等待中"), ORANGE), 1: (("deciding", "运行中"), GREEN)},
)
UP = Look(
    "none",
    ((None, GREY), (0, RED), (1, GREEN)),
    {0: (("no answer", "无应答"), RED), 1: (("up", "在线"), GREEN)},
)


def coded(metric: str, label: str, codes: dict[str, int], where: str) -> str:
    """One of several states as the number that stands for it."""
    parts = (
        f'{code} * {metric}{{{label}="{state}"{"," if where else ""}{where}}}'
        for state, code in codes.items()
    )
    return f"sum by (building) ({' or '.join(parts)})"


def fire(where: str) -> str:
    """The fire-alarm input by `FIRE`'s numbers."""
    return coded(
        "building_fire_alarm", "state", {"clear": 0, "clearing": 1, "active": 2, "unknown": 3}, where
    )


def season(where: str) -> str:
    """The season by `SEASON`'s numbers."""
    return coded("building_season", "season", {"spring": 1, "summer": 2, "autumn": 3, "winter": 4}, where)


def status() -> list[object]:
    """The row on top of each dashboard of a building: does it answer, does it write, is there a fire."""
    return [
        now(
            ("Gateway", "网关"),
            (
                f"Whether the rules are decided. “{NO_DATA}” where it does not answer.",
                "是否在判断规则。无应答时显示无数据，而不是绿色。",
            ),
            Ask(f"max by (building) (building_supervisor_ready{{{B}}})"),
            READY,
        ),
        now(
            ("Mode", "模式"),
            (
                "In dry run nothing is written, and broken rules raise no alert.",
                "试运行期间不写入，违规不报警。",
            ),
            Ask(f"max by (building) (building_supervisor_dry_run{{{B}}})"),
            DRY,
        ),
        now(
            ("Zones in dry run", "试运行区域"),
            ("Zones in which writes are only pretended.", "仅模拟写入的区域数。"),
            Ask(f"sum by (building) (building_zone_dry_run{{{B}}})"),
            Look("none", ((None, GREY), (0, GREEN), (1, YELLOW))),
        ),
        now(
            ("Fire alarm", "火警"),
            (
                "What the fire-alarm input says; nothing is written during an alarm. No data where none is wired.",
                "火警输入状态；火警期间不写入。未接线时无数据。",
            ),
            Ask(fire(B)),
            FIRE,
        ),
        now(("Season", "季节"), ("The season in force.", "当前执行的季节。"), Ask(season(B)), SEASON),
        now(
            ("Outdoor", "室外"),
            ("Outdoor temperature.", "室外温度。"),
            Ask(f"building_outdoor_temperature_celsius{{{B}}}"),
            CELSIUS,
        ),
    ]
