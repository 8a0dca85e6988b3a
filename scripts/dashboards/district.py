"""All buildings, a row each."""

from __future__ import annotations

from scripts.dashboards import asking as a
from scripts.dashboards.asking import (
    BUILDING,
    RATIO,
    SHORT,
)
from scripts.dashboards.board import Board
from scripts.dashboards.panels import (
    GREEN,
    GREY,
    RED,
    YELLOW,
    Ask,
    Look,
    course,
    now,
    table,
)

HEARD = (
    "(max by (building) (building_supervisor_ready) or on (building) (-1 * group by (building) (last_over_time(building_info[1d]))))"
    " * on (building) group_left (name) topk by (building) (1, group by (building, name) (last_over_time(building_info[1d])))"
)
"""Each building that was heard of within a day: whether it decides, or -1 where it is silent."""


def board() -> Board:
    """All buildings, a row each."""
    every = "building_info"
    rows = table(
        ("Buildings", "各楼宇"),
        (
            "A row for each building heard of within a day; empty cells are not known.",
            "一天内有过数据的楼宇；空白为未知，而非合格。",
        ),
        [
            (Ask(HEARD, "gateway · 网关"), a.READY),
            (Ask("max by (building) (building_supervisor_dry_run)", "mode · 模式"), a.DRY),
            (Ask(a.fire(""), "fire · 火警"), a.FIRE),
            (Ask("building:zone_compliant:ratio", "compliance now · 当前合规率"), a.SHARE),
            (Ask("building:zone_compliant:ratio1d", "compliance, a day · 近一日合规率"), a.SHARE),
            (Ask("building:noncompliant_zone_hours:increase1d", "zone-hours out · 超限区域小时"), a.HOURS),
            (
                Ask("1 - avg by (building) (building_supervisor_device_up)", "controllers down · 控制器离线"),
                Look("percentunit", ((None, GREY), (0, GREEN), (0.001, RED)), decimals=0),
            ),
            (Ask("max by (building) (building_method:energy_saved:ratio)", "saved · 节能率"), RATIO),
            (
                Ask(
                    'max by (building) (building_energy_forecast_reduction_ratio{per="area"})',
                    "year's forecast · 全年预测",
                ),
                SHORT,
            ),
        ],
        {"name": BUILDING},
        (24, 12),
    )
    return (
        Board(
            "district",
            ("Buildings of the district", "全区楼宇"),
            ("Every building that this Prometheus hears of.", "本 Prometheus 收到数据的全部楼宇。"),
        )
        .add(
            now(
                ("Buildings", "楼宇数"),
                ("That answer now.", "当前有应答的楼宇数。"),
                Ask(f"count({every})"),
                a.COUNT,
            ),
            now(
                ("Silent", "失联"),
                ("Heard of within a day, and not now.", "一天内有过数据，现在没有。"),
                Ask(
                    "count(group by (building) (last_over_time(building_info[1d])) unless on (building) building_info) or 0 * count(building_info)"
                ),
                a.COUNT_OF_BAD,
            ),
            now(
                ("In dry run", "试运行"),
                ("Buildings in which nothing is written.", "不写入的楼宇数。"),
                Ask("sum(building_supervisor_dry_run)"),
                Look("none", ((None, GREY), (0, GREEN), (1, YELLOW))),
            ),
            now(
                ("Fire alarms", "火警"),
                ("Buildings with a fire alarm now.", "当前火警的楼宇数。"),
                Ask('sum(building_fire_alarm{state="active"})'),
                a.COUNT_OF_BAD,
            ),
            now(
                ("Compliance", "合规率"),
                ("Of all that can be judged.", "全部可判断的（区域，规则）。"),
                Ask("avg(building_zone_compliant)"),
                a.SHARE,
            ),
            now(
                ("Alerts", "报警"),
                ("Firing now, information left out.", "当前报警数，提示级除外。"),
                Ask(
                    'count(ALERTS{alertname=~"Building.*", alertstate="firing", severity!="info"}) or 0 * count(building_info)'
                ),
                a.COUNT_OF_BAD,
            ),
        )
        .add(rows)
        .add(
            course(
                ("Compliance", "合规率"),
                ("Share of what can be judged that is within limits.", "可判断部分中合规的比例。"),
                [Ask(a.buildings("building:zone_compliant:ratio"), "{{name}}")],
                a.SHARE,
            ),
            course(
                ("Energy, a day", "近一日用电"),
                ("Of each building's main meters.", "各楼总表。"),
                [
                    Ask(
                        a.buildings(
                            'sum by (building) (building_meter:energy_kilowatt_hours:increase1d{subitem="total"})'
                        ),
                        "{{name}}",
                    )
                ],
                a.KWH,
            ),
        )
    )
