"""What was saved, how sure, and whether the year's target will be met."""

from __future__ import annotations

from scripts.dashboards import asking as a
from scripts.dashboards.asking import (
    RATIO,
    SHORT,
    B,
    meters,
    status,
)
from scripts.dashboards.board import Board
from scripts.dashboards.panels import (
    Ask,
    Look,
    bars,
    course,
    now,
)


def board() -> Board:
    """What was saved, how sure, and whether the year's target will be met."""
    made = Board(
        "savings",
        ("Savings", "节能"),
        ("What was saved, its interval, and the year against its target.", "节能量及其区间、全年目标。"),
        building=True,
    )
    claim = (
        "Of the reporting period so far; a saving may be claimed only where its interval leaves zero out.",
        "报告期至今；区间不含零才可声明节能。",
    )
    return (
        made.add(*status())
        .add(
            now(
                ("Saved", "节能率"),
                claim,
                Ask(f'building_method:energy_saved:ratio{{{B}, method="baseline"}}'),
                SHORT,
            ),
            now(
                ("At least", "下限"),
                ("Lower end of the 90 % interval.", "90% 区间下限。"),
                Ask(f'building_method:energy_saved_low:ratio{{{B}, method="baseline"}}'),
                SHORT,
            ),
            now(
                ("At most", "上限"),
                ("Upper end of the 90 % interval.", "90% 区间上限。"),
                Ask(f'building_method:energy_saved_high:ratio{{{B}, method="baseline"}}'),
                SHORT,
            ),
            now(
                ("Target", "目标"),
                ("Of this year, per area.", "本年度，单位面积。"),
                Ask(f'building_energy_target_ratio{{{B}, per="area"}}'),
                RATIO,
            ),
            now(
                ("Reduction so far", "已下降"),
                ("Against the same days of the reference year.", "与基准年同期相比。"),
                Ask(f'building_energy_reduction_ratio{{{B}, per="area"}}'),
                SHORT,
            ),
            now(
                ("Forecast", "全年预测"),
                ("If the months left fare as those before did.", "余下月份与已过月份相当时。"),
                Ask(f'building_energy_forecast_reduction_ratio{{{B}, per="area"}}'),
                SHORT,
            ),
        )
        .add(
            course(
                ("Saved, with its interval", "节能量及区间"),
                claim,
                [
                    Ask(f"building_energy_saved_joules{{{B}}} / 3.6e6", "{{method}}"),
                    Ask(f"building_energy_saved_low_joules{{{B}}} / 3.6e6", "{{method}}, low · 下限"),
                    Ask(f"building_energy_saved_high_joules{{{B}}} / 3.6e6", "{{method}}, high · 上限"),
                ],
                a.KWH,
            ),
            course(
                ("Baseline", "基准能耗"),
                ("What the days so far would have used.", "同期按原运行方式应有的能耗。"),
                [Ask(f"building_energy_baseline_joules{{{B}}} / 3.6e6", "{{method}}")],
                a.KWH,
            ),
        )
        .add(
            course(
                ("The year against its target", "全年目标"),
                ("Shares under the reference year, per area and per head.", "相对基准年的下降比例。"),
                [
                    Ask(f"building_energy_target_ratio{{{B}}}", "target · 目标, {{per}}"),
                    Ask(f"building_energy_reduction_ratio{{{B}}}", "so far · 至今, {{per}}"),
                    Ask(f"building_energy_forecast_reduction_ratio{{{B}}}", "forecast · 预测, {{per}}"),
                ],
                RATIO,
            ),
            course(
                ("Energy, a day", "近一日用电"),
                ("By meter; for watching, the ledger is exact.", "按表计；仅供观察，以台账为准。"),
                [Ask(meters(f"building_meter:energy_kilowatt_hours:increase1d{{{B}}}"), "{{name}}")],
                a.KWH,
            ),
        )
        .add(
            course(
                ("Power by meter", "功率"),
                ("Mean power of five minutes.", "五分钟平均功率。"),
                [Ask(meters(f"building_meter:power_watts:rate5m{{{B}}}"), "{{name}}")],
                Look("watt"),
            ),
            bars(
                ("Water", "用水"),
                ("In the time that is looked at.", "所选时段内。"),
                Ask(
                    meters(f"increase(building_meter_water_cubic_meters_total{{{B}}}[$__range])"), "{{name}}"
                ),
                Look("m3", decimals=2),
            ),
        )
    )
