"""What a reviewer asks: is the record whole, what was done, who is exempt."""

from __future__ import annotations

from scripts.dashboards import asking as a
from scripts.dashboards.asking import (
    METER,
    RULE,
    B,
    counted,
    meters,
    rules,
    status,
)
from scripts.dashboards.board import Board
from scripts.dashboards.panels import (
    GREEN,
    GREY,
    ORANGE,
    Ask,
    Look,
    bars,
    course,
    now,
    table,
)


def board() -> Board:
    """What a reviewer asks: is the record whole, what was done, who is exempt."""
    made = Board(
        "evidence",
        ("Evidence", "证据"),
        ("That the record is whole, and what it says.", "记录是否完整，以及做了什么。"),
        building=True,
    )
    until = Look("dateTimeAsIso")
    return (
        made.add(*status())
        .add(
            now(
                ("Audit chain", "审计链"),
                ("Every row carries the hash of the one before it.", "每行携带前一行的哈希。"),
                Ask(f"building_audit_chain_valid{{{B}}}"),
                a.GOOD,
            ),
            now(
                ("Audit rows", "审计行数"),
                ("It never falls.", "只增不减。"),
                Ask(f"building_audit_rows{{{B}}}"),
                a.COUNT,
            ),
            now(
                ("Audit head", "审计头"),
                (
                    "First 48 bits of the last hash, for `ledger verify --head`.",
                    "最后一行哈希的前 48 位，用于 ledger verify --head。",
                ),
                Ask(f"building_audit_head{{{B}}}"),
                a.COUNT,
            ),
            now(
                ("Holidays known until", "日历有效至"),
                ("End of the last announced year.", "最后已公布年份。"),
                Ask(f"building_calendar_valid_until_timestamp_seconds{{{B}}} * 1000"),
                until,
            ),
            now(
                ("Exemptions lapsed", "豁免到期"),
                ("That the site file still names.", "配置中仍列出的。"),
                Ask(counted(f"building_exemption_lapsed{{{B}}}", B)),
                Look("none", ((None, GREY), (0, GREEN), (1, ORANGE))),
            ),
            now(
                ("Meters faulty", "表计异常"),
                ("Meters whose figures are no evidence now.", "当前数据不可采信的表计。"),
                Ask(
                    f"count by (building) (building_meter_healthy{{{B}}}) - sum by (building) (building_meter_healthy{{{B}}})"
                ),
                a.COUNT_OF_BAD,
            ),
        )
        .add(
            course(
                ("Writes by result", "写入结果"),
                (
                    "ok, refused, failed, read back otherwise, dry run.",
                    "成功、拒绝、失败、回读不符、试运行。",
                ),
                [
                    Ask(
                        f"sum by (result) (increase(building_supervisor_writes_total{{{B}}}[$__rate_interval]))",
                        "{{result}}",
                    )
                ],
                a.COUNT,
            ),
            course(
                ("Compliance of the last day, by rule", "近一日各规则合规率"),
                ("Share of the judged time within limits.", "可判断时间内合规的比例。"),
                [Ask(rules(f"building_rule:zone_compliant:ratio1d{{{B}}}"), RULE)],
                a.SHARE,
            ),
        )
        .add(
            course(
                ("Zone-hours out of limits, a day", "近一日超限区域小时"),
                ("By rule.", "按规则。"),
                [Ask(rules(f"building_rule:noncompliant_zone_hours:increase1d{{{B}}}"), RULE)],
                a.HOURS,
            ),
            bars(
                ("Kept off in hours", "开放时间内受控停用"),
                (
                    "What enforcing the rules kept off, in the time that is looked at.",
                    "所选时段内执行规则造成的停用。",
                ),
                Ask(
                    rules(
                        f"sum by (building, rule) (increase(building_rule_blocked_seconds_total{{{B}}}[$__range]))"
                    ),
                    RULE,
                ),
                a.SECONDS,
            ),
        )
        .add(
            table(
                ("Meters", "表计"),
                ("Health, and until when each is verified.", "状态与检定有效期。"),
                [
                    (Ask(meters(f"building_meter_healthy{{{B}}}"), "health · 状态"), a.GOOD),
                    (
                        Ask(
                            meters(f"building_meter_verified_until_timestamp_seconds{{{B}}}") + " * 1000",
                            "verified until · 检定至",
                        ),
                        until,
                    ),
                ],
                {"name": METER},
                (12, 8),
            ),
            course(
                ("Audit rows", "审计行数"),
                ("A step down is a cut, or a store begun anew.", "下降表示被截断或重建数据库。"),
                [Ask(f"building_audit_rows{{{B}}}", "rows · 行")],
                a.COUNT,
            ),
        )
    )
