"""One building: what is wrong, where, since when."""

from __future__ import annotations

from scripts.dashboards import asking as a
from scripts.dashboards.asking import (
    RULE,
    ZONE,
    B,
    counted,
    meters,
    rules,
    status,
    zones,
)
from scripts.dashboards.board import Board
from scripts.dashboards.panels import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    Ask,
    Look,
    bars,
    course,
    now,
    states,
    table,
)


def board() -> Board:
    """One building: what is wrong, where, since when."""
    made = Board(
        "building", ("Building", "楼宇"), ("How one building stands.", "单栋楼宇的状况。"), building=True
    )
    broken = rules(zones(f"((building_zone_compliant{{{B}}} == 0) + 1)", "name, floor"))
    return (
        made.add(*status())
        .add(
            now(
                ("Compliance", "合规率"),
                ("Share of what can be judged now.", "当前可判断部分的合规率。"),
                Ask(f"avg by (building) (building_zone_compliant{{{B}}})"),
                a.SHARE,
            ),
            now(
                ("Out of limits", "不合规"),
                ("(zone, rule) pairs out of limits now.", "当前不合规的（区域，规则）数。"),
                Ask(counted(f"building_zone_compliant{{{B}}} == 0", B)),
                a.COUNT_OF_BAD,
            ),
            now(
                ("Held by others", "他人占用"),
                ("Points that another master holds above our slot.", "被其他系统占用的点位。"),
                Ask(counted(f"building_foreign_override{{{B}}}", B)),
                Look("none", ((None, GREY), (0, GREEN), (1, ORANGE))),
            ),
            now(
                ("By hand, released", "手动与释放"),
                (
                    "Points that a person holds, or asked to let go of, through this supervisor.",
                    "通过本系统手动或释放的点位。",
                ),
                Ask(counted(f"building_manual{{{B}}} or building_release{{{B}}}", B)),
                Look("none", ((None, GREY), (0, GREEN), (1, BLUE))),
            ),
            now(
                ("Overtime", "加班"),
                ("Zones that are kept open at a person's request.", "应请求保持开放的区域。"),
                Ask(f"sum by (building) (building_zone_overtime{{{B}}})"),
                Look("none", ((None, GREY), (0, GREEN), (1, BLUE))),
            ),
            now(
                ("Controllers down", "控制器离线"),
                ("Controllers that do not answer.", "无应答的控制器数。"),
                Ask(
                    f"count by (building) (building_supervisor_device_up{{{B}}}) - sum by (building) (building_supervisor_device_up{{{B}}})"
                ),
                a.COUNT_OF_BAD,
            ),
        )
        .add(
            table(
                ("Out of limits now", "当前不合规"),
                ("Which rooms, by which rule.", "哪些房间，违反哪条规则。"),
                [(Ask(broken, "state · 状态"), Look(words={1: (("out of limits", "不合规"), RED)}))],
                {
                    "name": ZONE,
                    "floor": ("floor", "楼层"),
                    "title_zh": ("rule", "规则"),
                    "title": ("rule in English", "规则（英文）"),
                },
                (12, 8),
            ),
            course(
                ("Compliance by rule", "各规则合规率"),
                ("Share of the zones that can be judged.", "可判断区域中的比例。"),
                [Ask(rules(f"avg by (building, rule) (building_zone_compliant{{{B}}})"), RULE)],
                a.SHARE,
            ),
        )
        .add(
            bars(
                ("Zone-hours out of limits", "超限区域小时"),
                (
                    "In the time that is looked at: two zones for half an hour each are one.",
                    "所选时段内：两个区域各半小时计一小时。",
                ),
                Ask(
                    rules(
                        f"sum by (building, rule) (increase(building_rule_violation_seconds_total{{{B}}}[$__range])) / 3600"
                    ),
                    RULE,
                ),
                a.HOURS,
            ),
            course(
                ("Corrections", "纠正次数"),
                ("Corrections that reached the controller and were read back.", "已执行并回读的纠正。"),
                [
                    Ask(
                        rules(
                            f"sum by (building, rule) (increase(building_rule_enforcements_total{{{B}}}[$__rate_interval]))"
                        ),
                        RULE,
                    )
                ],
                a.COUNT,
            ),
        )
        .add(
            course(
                ("In use", "使用情况"),
                ("Zones by what goes on in them.", "各状态的区域数。"),
                [
                    Ask(f"sum(building_zone_open{{{B}}})", "open · 开放"),
                    Ask(f"sum(building_zone_occupied{{{B}}})", "occupied · 有人"),
                    Ask(f"sum(building_zone_hvac_on{{{B}}})", "air conditioning · 空调"),
                    Ask(f"sum(building_zone_lights_on{{{B}}})", "lights · 照明"),
                    Ask(f"sum(building_zone_window_open{{{B}}})", "window open · 开窗"),
                ],
                a.COUNT,
            ),
            course(
                ("Power by meter", "功率"),
                ("Mean power of five minutes.", "五分钟平均功率。"),
                [Ask(meters(f"building_meter:power_watts:rate5m{{{B}}}"), "{{name}}")],
                Look("watt"),
            ),
        )
        .add(
            states(
                ("Zones by rule", "各区域各规则"),
                ("Where a band ends, nothing is known.", "色带中断处为未知。"),
                [Ask(rules(zones(f"building_zone_compliant{{{B}}}")), "{{name}} · {{title_zh}}")],
                a.KEPT,
                (24, 14),
            ),
        )
    )
