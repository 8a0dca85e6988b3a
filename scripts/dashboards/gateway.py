"""The supervisor itself: does it answer, keep time, keep records, reach its controllers."""

from __future__ import annotations

from scripts.dashboards import asking as a
from scripts.dashboards.asking import (
    DEVICE,
    RATIO,
    B,
    counted,
    devices,
    status,
)
from scripts.dashboards.board import Board
from scripts.dashboards.panels import (
    GREEN,
    RED,
    Ask,
    Look,
    course,
    now,
    states,
    table,
)


def board() -> Board:
    """The supervisor itself: does it answer, keep time, keep records, reach its controllers."""
    made = Board(
        "gateway",
        ("Gateway health", "网关"),
        ("The supervisor and its controllers.", "监管程序及其控制器。"),
        building=True,
    )
    when = Look("dateTimeFromNow")
    p = "histogram_quantile({q}, sum by (le) (rate(building_supervisor_reaction_seconds_bucket{{{b}}}[$__rate_interval])))"
    return (
        made.add(*status())
        .add(
            now(
                ("Clock", "时钟"),
                ("The computer's clock is believed.", "时钟是否可信。"),
                Ask(f"building_supervisor_clock_trusted{{{B}}}"),
                a.GOOD,
            ),
            now(
                ("Clock against Prometheus", "时钟偏差"),
                ("Fast is above 0.", "快为正。"),
                Ask(
                    f"building_supervisor_clock_timestamp_seconds{{{B}}} - timestamp(building_supervisor_clock_timestamp_seconds{{{B}}})"
                ),
                Look("s", ((None, RED), (-30, GREEN), (30, RED)), decimals=1),
            ),
            now(
                ("Store", "数据库"),
                ("It takes rows; else nothing is written.", "可写入；否则不下发。"),
                Ask(f"building_supervisor_store_up{{{B}}}"),
                a.GOOD,
            ),
            now(
                ("Configuration", "配置"),
                ("What is on disk is sound.", "磁盘上的配置是否有效。"),
                Ask(f"building_supervisor_config_last_reload_successful{{{B}}}"),
                a.GOOD,
            ),
            now(
                ("Loaded", "载入时间"),
                ("When the configuration was last loaded.", "最近一次载入配置。"),
                Ask(f"building_supervisor_config_last_reload_timestamp_seconds{{{B}}} * 1000"),
                when,
            ),
            now(
                ("Waits for a word", "待确认"),
                ("A saved configuration waits for `reload --yes`.", "已保存的配置等待确认。"),
                Ask(f"building_supervisor_config_waiting{{{B}}}"),
                a.FLAG,
            ),
        )
        .add(
            now(
                ("Points", "点位"),
                ("That are read.", "读取的点位数。"),
                Ask(f"building_supervisor_points{{{B}}}"),
                a.COUNT,
            ),
            now(
                ("Stale points", "过期点位"),
                ("Of which nothing is known.", "状态未知。"),
                Ask(f"building_supervisor_stale_points{{{B}}}"),
                a.COUNT_OF_BAD,
            ),
            now(
                ("Slots held", "占用写入级"),
                ("That are ours now.", "当前由本系统占用。"),
                Ask(f"building_supervisor_owned_slots{{{B}}}"),
                a.COUNT,
            ),
            now(
                ("Contradicted", "与设备不符"),
                (
                    "Points that are neither believed nor written, for their unit or what their states are called.",
                    "因单位或状态文字不符而不采信、不写入的点位。",
                ),
                Ask(
                    counted(
                        f"building_supervisor_point_unit_mismatch{{{B}}} or building_supervisor_point_state_mismatch{{{B}}}",
                        B,
                    )
                ),
                a.COUNT_OF_BAD,
            ),
            now(
                ("Memory", "内存"),
                ("Of the process.", "进程占用。"),
                Ask(
                    f'process_resident_memory_bytes{{job="building-supervisor"}} and on (instance) building_info{{{B}}}'
                ),
                Look("bytes"),
            ),
            now(
                ("Version", "版本"),
                ("Of the supervisor.", "监管程序版本。"),
                Ask(f"building_info{{{B}}}", "{{version}}"),
                Look("none", words={1: (("running", "运行"), GREEN)}),
            ),
        )
        .add(
            table(
                ("Controllers", "控制器"),
                (
                    "Those that do not answer are red; their zones are unknown.",
                    "红色为无应答，其区域状态未知。",
                ),
                [
                    (Ask(devices(f"building_supervisor_device_up{{{B}}}"), "state · 状态"), a.UP),
                    (
                        Ask(devices(f"building_supervisor_doubtful_points{{{B}}}"), "doubtful · 不可采信"),
                        a.COUNT_OF_BAD,
                    ),
                ],
                {"name": DEVICE},
                (12, 8),
            ),
            course(
                ("Scan time", "扫描时间"),
                ("Of a controller's polled points, mean.", "各控制器轮询一遍的平均时间。"),
                [
                    Ask(
                        devices(
                            f"rate(building_supervisor_scan_seconds_sum{{{B}}}[$__rate_interval]) / rate(building_supervisor_scan_seconds_count{{{B}}}[$__rate_interval])"
                        ),
                        "{{name}}",
                    )
                ],
                Look("s", decimals=3),
            ),
        )
        .add(
            course(
                ("Reading to write", "反应时间"),
                ("From a reading to the write that answers it.", "从读数到写入。"),
                [Ask(p.format(q=0.5, b=B), "p50"), Ask(p.format(q=0.99, b=B), "p99")],
                Look("s", decimals=3),
            ),
            states(
                ("Controllers over time", "控制器在线"),
                ("Where a band ends, the supervisor itself did not answer.", "色带中断处为监管程序无应答。"),
                [Ask(devices(f"building_supervisor_device_up{{{B}}}"), "{{name}}")],
                a.UP,
                (12, 8),
            ),
        )
        .add(
            states(
                ("Helpers", "辅助任务"),
                ("What runs beside the daemon.", "与主循环并行的任务。"),
                [Ask(f"building_supervisor_helper_up{{{B}}}", "{{helper}}")],
                a.GOOD,
                (12, 8),
            ),
            course(
                ("Processor", "处理器"),
                ("Share of one core.", "占单核比例。"),
                [
                    Ask(
                        f'rate(process_cpu_seconds_total{{job="building-supervisor"}}[$__rate_interval]) and on (instance) building_info{{{B}}}',
                        "process",
                    )
                ],
                RATIO,
            ),
        )
    )
