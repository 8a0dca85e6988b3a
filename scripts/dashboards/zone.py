"""One zone: its climate, its people, and which rule held."""

from __future__ import annotations

from scripts.dashboards import asking as a
from scripts.dashboards.asking import (
    RULE,
    B,
    Z,
    rules,
    status,
)
from scripts.dashboards.board import Board
from scripts.dashboards.panels import (
    ORANGE,
    Ask,
    Look,
    bars,
    course,
    now,
    states,
    table,
)


def board() -> Board:
    """One zone: its climate, its people, and which rule held."""
    made = Board(
        "zone",
        ("Zone", "区域"),
        ("One room: temperature, setpoints, people, rules.", "单个区域：温度、设定、人员与规则。"),
        building=True,
        zone=True,
    )
    band = Look("none", words={0: (("no", "否"), "dark-blue"), 1: (("yes", "是"), ORANGE)})
    return (
        made.add(*status())
        .add(
            now(
                ("Temperature", "室温"),
                ("Now.", "当前。"),
                Ask(f"building_zone_temperature_celsius{{{Z}}}"),
                a.CELSIUS,
            ),
            now(
                ("Cooling setpoint", "制冷设定"),
                ("In force.", "当前执行。"),
                Ask(f'building_zone_setpoint_celsius{{{Z}, mode="cooling"}}'),
                a.CELSIUS,
            ),
            now(
                ("Heating setpoint", "供暖设定"),
                ("In force.", "当前执行。"),
                Ask(f'building_zone_setpoint_celsius{{{Z}, mode="heating"}}'),
                a.CELSIUS,
            ),
            now(
                ("Mode of the zone", "区域模式"),
                ("Whether writes are real here.", "该区域是否实际写入。"),
                Ask(f"building_zone_dry_run{{{Z}}}"),
                a.DRY,
            ),
            now(
                ("Overtime", "加班"),
                ("Kept open at a person's request.", "应请求保持开放。"),
                Ask(f"building_zone_overtime{{{Z}}}"),
                a.FLAG,
            ),
            now(
                ("Window contact", "窗磁"),
                ("1: it does not behave as a window does.", "是否可疑。"),
                Ask(f"1 - building_zone_contact_suspect{{{Z}}}"),
                a.GOOD,
            ),
        )
        .add(
            course(
                ("Temperature and setpoints", "温度与设定"),
                ("A gap is a gap: nothing was known.", "中断处为未知。"),
                [
                    Ask(f"building_zone_temperature_celsius{{{Z}}}", "room · 室温"),
                    Ask(f'building_zone_setpoint_celsius{{{Z}, mode="cooling"}}', "cooling · 制冷设定"),
                    Ask(f'building_zone_setpoint_celsius{{{Z}, mode="heating"}}', "heating · 供暖设定"),
                    Ask(f"building_outdoor_temperature_celsius{{{B}}}", "outdoor · 室外"),
                ],
                a.CELSIUS,
                (24, 9),
            ),
        )
        .add(
            states(
                ("What goes on", "状态"),
                ("Opening hours, people, windows, equipment.", "开放时间、人员、窗户与设备。"),
                [
                    Ask(f"building_zone_open{{{Z}}}", "open · 开放"),
                    Ask(f"building_zone_occupied{{{Z}}}", "occupied · 有人"),
                    Ask(f"building_zone_window_open{{{Z}}}", "window · 开窗"),
                    Ask(f"building_zone_hvac_on{{{Z}}}", "air conditioning · 空调"),
                    Ask(f"building_zone_lights_on{{{Z}}}", "lights · 照明"),
                ],
                band,
                (24, 7),
            ),
        )
        .add(
            states(
                ("Rules", "规则"),
                (
                    "Within limits, or not; where a band ends it cannot be judged.",
                    "合规与否；中断处无法判断。",
                ),
                [Ask(rules(f"building_zone_compliant{{{Z}}}"), RULE)],
                a.KEPT,
                (24, 7),
            ),
        )
        .add(
            bars(
                ("Time out of limits", "超限时长"),
                ("In the time that is looked at.", "所选时段内。"),
                Ask(
                    rules(
                        f"sum by (building, rule) (increase(building_rule_violation_seconds_total{{{Z}}}[$__range]))"
                    ),
                    RULE,
                ),
                a.SECONDS,
            ),
            bars(
                ("Kept off in hours", "开放时间内受控停用"),
                ("What enforcing the rules kept off.", "执行规则造成的停用时间。"),
                Ask(
                    rules(
                        f"sum by (building, rule) (increase(building_rule_blocked_seconds_total{{{Z}}}[$__range]))"
                    ),
                    RULE,
                ),
                a.SECONDS,
            ),
        )
        .add(
            course(
                ("Discomfort", "不舒适度"),
                (
                    "Kelvin outside the comfort band while somebody is there, mean.",
                    "有人时超出舒适范围的温差，均值。",
                ),
                [
                    Ask(
                        f"rate(building_zone_discomfort_kelvin_seconds_total{{{Z}}}[$__rate_interval])",
                        "{{direction}}",
                    )
                ],
                Look("kelvin", decimals=2),
            ),
            table(
                ("Who holds what", "谁在占用"),
                (
                    "Other masters, people by this supervisor, protection (by its slot).",
                    "其他系统、通过本系统的手动，以及保护（显示优先级）。",
                ),
                [
                    (Ask(f"building_foreign_override{{{Z}}}", "other master · 其他系统"), a.FLAG),
                    (Ask(f"building_manual{{{Z}}}", "by hand · 手动"), a.FLAG),
                    (Ask(f"building_release{{{Z}}}", "released · 已释放"), a.FLAG),
                    (Ask(f"building_protection_slot{{{Z}}}", "protection slot · 保护优先级"), a.COUNT),
                ],
                {"role": ("point", "点位")},
                (12, 8),
            ),
        )
    )
