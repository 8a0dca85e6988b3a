"""The dashboards: district, building, zone, evidence, savings, gateway health."""

from __future__ import annotations

from scripts.dashboards import asking as a
from scripts.dashboards.asking import RULE, B, counted, devices, meters, rules, status, zones
from scripts.dashboards.board import Board
from scripts.dashboards.panels import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    YELLOW,
    Ask,
    Look,
    bars,
    course,
    now,
    states,
    table,
)

Z = 'building="$building", zone="$zone"'
RATIO = Look("percentunit", decimals=1)
SHORT = Look("percentunit", ((None, RED), (0, YELLOW), (0.05, GREEN)), decimals=1)
NAME, ZONE, DEVICE, METER = ("name", "名称"), ("zone", "区域"), ("controller", "控制器"), ("meter", "表计")
BUILDING = ("building", "楼宇")


HEARD = (
    "(max by (building) (building_supervisor_ready) or on (building) (-1 * group by (building) (last_over_time(building_info[1d]))))"
    " * on (building) group_left (name) topk by (building) (1, group by (building, name) (last_over_time(building_info[1d])))"
)
"""Each building that was heard of within a day: whether it decides, or -1 where it is silent."""


def district() -> Board:
    """All buildings, a row each."""
    every = "building_info"
    rows = table(
        ("Buildings", "各楼宇"), ("A row for each building heard of within a day; empty cells are not known.", "一天内有过数据的楼宇；空白为未知，而非合格。"),
        [
            (Ask(HEARD, "gateway · 网关"), a.READY),
            (Ask("max by (building) (building_supervisor_dry_run)", "mode · 模式"), a.DRY),
            (Ask(a.fire(""), "fire · 火警"), a.FIRE),
            (Ask("building:zone_compliant:ratio", "compliance now · 当前合规率"), a.SHARE),
            (Ask("building:zone_compliant:ratio1d", "compliance, a day · 近一日合规率"), a.SHARE),
            (Ask("building:noncompliant_zone_hours:increase1d", "zone-hours out · 超限区域小时"), a.HOURS),
            (Ask("1 - avg by (building) (building_supervisor_device_up)", "controllers down · 控制器离线"), Look("percentunit", ((None, GREY), (0, GREEN), (0.001, RED)), decimals=0)),
            (Ask("max by (building) (building_method:energy_saved:ratio)", "saved · 节能率"), RATIO),
            (Ask('max by (building) (building_energy_forecast_reduction_ratio{per="area"})', "year's forecast · 全年预测"), SHORT),
        ],
        {"name": BUILDING}, (24, 12),
    )  # fmt: skip
    return Board("district", ("Buildings of the district", "全区楼宇"), ("Every building that this Prometheus hears of.", "本 Prometheus 收到数据的全部楼宇。")).add(
        now(("Buildings", "楼宇数"), ("That answer now.", "当前有应答的楼宇数。"), Ask(f"count({every})"), a.COUNT),
        now(("Silent", "失联"), ("Heard of within a day, and not now.", "一天内有过数据，现在没有。"),
            Ask("count(group by (building) (last_over_time(building_info[1d])) unless on (building) building_info) or 0 * count(building_info)"), a.COUNT_OF_BAD),
        now(("In dry run", "试运行"), ("Buildings in which nothing is written.", "不写入的楼宇数。"), Ask("sum(building_supervisor_dry_run)"), Look("none", ((None, GREY), (0, GREEN), (1, YELLOW)))),
        now(("Fire alarms", "火警"), ("Buildings with a fire alarm now.", "当前火警的楼宇数。"), Ask('sum(building_fire_alarm{state="active"})'), a.COUNT_OF_BAD),
        now(("Compliance", "合规率"), ("Of all that can be judged.", "全部可判断的（区域，规则）。"), Ask("avg(building_zone_compliant)"), a.SHARE),
        now(("Alerts", "报警"), ("Firing now, information left out.", "当前报警数，提示级除外。"), Ask('count(ALERTS{alertname=~"Building.*", alertstate="firing", severity!="info"}) or 0 * count(building_info)'), a.COUNT_OF_BAD),
    ).add(rows).add(
        course(("Compliance", "合规率"), ("Share of what can be judged that is within limits.", "可判断部分中合规的比例。"), [Ask(a.buildings("building:zone_compliant:ratio"), "{{name}}")], a.SHARE),
        course(("Energy, a day", "近一日用电"), ("Of each building's main meters.", "各楼总表。"), [Ask(a.buildings('sum by (building) (building_meter:energy_kilowatt_hours:increase1d{subitem="total"})'), "{{name}}")], a.KWH),
    )  # fmt: skip


def building() -> Board:
    """One building: what is wrong, where, since when."""
    board = Board(
        "building", ("Building", "楼宇"), ("How one building stands.", "单栋楼宇的状况。"), building=True
    )
    broken = rules(zones(f"((building_zone_compliant{{{B}}} == 0) + 1)", "name, floor"))
    return board.add(*status()).add(
        now(("Compliance", "合规率"), ("Share of what can be judged now.", "当前可判断部分的合规率。"), Ask(f"avg by (building) (building_zone_compliant{{{B}}})"), a.SHARE),
        now(("Out of limits", "不合规"), ("(zone, rule) pairs out of limits now.", "当前不合规的（区域，规则）数。"), Ask(counted(f"building_zone_compliant{{{B}}} == 0", B)), a.COUNT_OF_BAD),
        now(("Held by others", "他人占用"), ("Points that another master holds above our slot.", "被其他系统占用的点位。"), Ask(counted(f"building_foreign_override{{{B}}}", B)), Look("none", ((None, GREY), (0, GREEN), (1, ORANGE)))),
        now(("By hand, released", "手动与释放"), ("Points that a person holds, or asked to let go of, through this supervisor.", "通过本系统手动或释放的点位。"), Ask(counted(f"building_manual{{{B}}} or building_release{{{B}}}", B)), Look("none", ((None, GREY), (0, GREEN), (1, BLUE)))),
        now(("Overtime", "加班"), ("Zones that are kept open at a person's request.", "应请求保持开放的区域。"), Ask(f"sum by (building) (building_zone_overtime{{{B}}})"), Look("none", ((None, GREY), (0, GREEN), (1, BLUE)))),
        now(("Controllers down", "控制器离线"), ("Controllers that do not answer.", "无应答的控制器数。"), Ask(f"count by (building) (building_supervisor_device_up{{{B}}}) - sum by (building) (building_supervisor_device_up{{{B}}})"), a.COUNT_OF_BAD),
    ).add(
        table(("Out of limits now", "当前不合规"), ("Which rooms, by which rule.", "哪些房间，违反哪条规则。"), [(Ask(broken, "state · 状态"), Look(words={1: (("out of limits", "不合规"), RED)}))],
              {"name": ZONE, "floor": ("floor", "楼层"), "title_zh": ("rule", "规则"), "title": ("rule in English", "规则（英文）")}, (12, 8)),
        course(("Compliance by rule", "各规则合规率"), ("Share of the zones that can be judged.", "可判断区域中的比例。"), [Ask(rules(f"avg by (building, rule) (building_zone_compliant{{{B}}})"), RULE)], a.SHARE),
    ).add(
        bars(("Zone-hours out of limits", "超限区域小时"), ("In the time that is looked at: two zones for half an hour each are one.", "所选时段内：两个区域各半小时计一小时。"),
             Ask(rules(f"sum by (building, rule) (increase(building_rule_violation_seconds_total{{{B}}}[$__range])) / 3600"), RULE), a.HOURS),
        course(("Corrections", "纠正次数"), ("Corrections that reached the controller and were read back.", "已执行并回读的纠正。"),
               [Ask(rules(f"sum by (building, rule) (increase(building_rule_enforcements_total{{{B}}}[$__rate_interval]))"), RULE)], a.COUNT),
    ).add(
        course(("In use", "使用情况"), ("Zones by what goes on in them.", "各状态的区域数。"), [
            Ask(f"sum(building_zone_open{{{B}}})", "open · 开放"), Ask(f"sum(building_zone_occupied{{{B}}})", "occupied · 有人"),
            Ask(f"sum(building_zone_hvac_on{{{B}}})", "air conditioning · 空调"), Ask(f"sum(building_zone_lights_on{{{B}}})", "lights · 照明"),
            Ask(f"sum(building_zone_window_open{{{B}}})", "window open · 开窗")], a.COUNT),
        course(("Power by meter", "功率"), ("Mean power of five minutes.", "五分钟平均功率。"), [Ask(meters(f"building_meter:power_watts:rate5m{{{B}}}"), "{{name}}")], Look("watt")),
    ).add(
        states(("Zones by rule", "各区域各规则"), ("Where a band ends, nothing is known.", "色带中断处为未知。"), [Ask(rules(zones(f"building_zone_compliant{{{B}}}")), "{{name}} · {{title_zh}}")], a.KEPT, (24, 14)),
    )  # fmt: skip


def zone() -> Board:
    """One zone: its climate, its people, and which rule held."""
    board = Board(
        "zone",
        ("Zone", "区域"),
        ("One room: temperature, setpoints, people, rules.", "单个区域：温度、设定、人员与规则。"),
        building=True,
        zone=True,
    )
    band = Look("none", words={0: (("no", "否"), "dark-blue"), 1: (("yes", "是"), ORANGE)})
    return board.add(*status()).add(
        now(("Temperature", "室温"), ("Now.", "当前。"), Ask(f"building_zone_temperature_celsius{{{Z}}}"), a.CELSIUS),
        now(("Cooling setpoint", "制冷设定"), ("In force.", "当前执行。"), Ask(f'building_zone_setpoint_celsius{{{Z}, mode="cooling"}}'), a.CELSIUS),
        now(("Heating setpoint", "供暖设定"), ("In force.", "当前执行。"), Ask(f'building_zone_setpoint_celsius{{{Z}, mode="heating"}}'), a.CELSIUS),
        now(("Mode of the zone", "区域模式"), ("Whether writes are real here.", "该区域是否实际写入。"), Ask(f"building_zone_dry_run{{{Z}}}"), a.DRY),
        now(("Overtime", "加班"), ("Kept open at a person's request.", "应请求保持开放。"), Ask(f"building_zone_overtime{{{Z}}}"), a.FLAG),
        now(("Window contact", "窗磁"), ("1: it does not behave as a window does.", "是否可疑。"), Ask(f"1 - building_zone_contact_suspect{{{Z}}}"), a.GOOD),
    ).add(
        course(("Temperature and setpoints", "温度与设定"), ("A gap is a gap: nothing was known.", "中断处为未知。"), [
            Ask(f"building_zone_temperature_celsius{{{Z}}}", "room · 室温"), Ask(f'building_zone_setpoint_celsius{{{Z}, mode="cooling"}}', "cooling · 制冷设定"),
            Ask(f'building_zone_setpoint_celsius{{{Z}, mode="heating"}}', "heating · 供暖设定"), Ask(f"building_outdoor_temperature_celsius{{{B}}}", "outdoor · 室外")], a.CELSIUS, (24, 9)),
    ).add(
        states(("What goes on", "状态"), ("Opening hours, people, windows, equipment.", "开放时间、人员、窗户与设备。"), [
            Ask(f"building_zone_open{{{Z}}}", "open · 开放"), Ask(f"building_zone_occupied{{{Z}}}", "occupied · 有人"), Ask(f"building_zone_window_open{{{Z}}}", "window · 开窗"),
            Ask(f"building_zone_hvac_on{{{Z}}}", "air conditioning · 空调"), Ask(f"building_zone_lights_on{{{Z}}}", "lights · 照明")], band, (24, 7)),
    ).add(
        states(("Rules", "规则"), ("Within limits, or not; where a band ends it cannot be judged.", "合规与否；中断处无法判断。"), [Ask(rules(f"building_zone_compliant{{{Z}}}"), RULE)], a.KEPT, (24, 7)),
    ).add(
        bars(("Time out of limits", "超限时长"), ("In the time that is looked at.", "所选时段内。"), Ask(rules(f"sum by (building, rule) (increase(building_rule_violation_seconds_total{{{Z}}}[$__range]))"), RULE), a.SECONDS),
        bars(("Kept off in hours", "开放时间内受控停用"), ("What enforcing the rules kept off.", "执行规则造成的停用时间。"), Ask(rules(f"sum by (building, rule) (increase(building_rule_blocked_seconds_total{{{Z}}}[$__range]))"), RULE), a.SECONDS),
    ).add(
        course(("Discomfort", "不舒适度"), ("Kelvin outside the comfort band while somebody is there, mean.", "有人时超出舒适范围的温差，均值。"), [Ask(f"rate(building_zone_discomfort_kelvin_seconds_total{{{Z}}}[$__rate_interval])", "{{direction}}")], Look("kelvin", decimals=2)),
        table(("Who holds what", "谁在占用"), ("Other masters, people by this supervisor, protection (by its slot).", "其他系统、通过本系统的手动，以及保护（显示优先级）。"), [
            (Ask(f"building_foreign_override{{{Z}}}", "other master · 其他系统"), a.FLAG), (Ask(f"building_manual{{{Z}}}", "by hand · 手动"), a.FLAG),
            (Ask(f"building_release{{{Z}}}", "released · 已释放"), a.FLAG), (Ask(f"building_protection_slot{{{Z}}}", "protection slot · 保护优先级"), a.COUNT)], {"role": ("point", "点位")}, (12, 8)),
    )  # fmt: skip


def evidence() -> Board:
    """What a reviewer asks: is the record whole, what was done, who is exempt."""
    board = Board(
        "evidence",
        ("Evidence", "证据"),
        ("That the record is whole, and what it says.", "记录是否完整，以及做了什么。"),
        building=True,
    )
    until = Look("dateTimeAsIso")
    return board.add(*status()).add(
        now(("Audit chain", "审计链"), ("Every row carries the hash of the one before it.", "每行携带前一行的哈希。"), Ask(f"building_audit_chain_valid{{{B}}}"), a.GOOD),
        now(("Audit rows", "审计行数"), ("It never falls.", "只增不减。"), Ask(f"building_audit_rows{{{B}}}"), a.COUNT),
        now(("Audit head", "审计头"), ("First 48 bits of the last hash, for `ledger verify --head`.", "最后一行哈希的前 48 位，用于 ledger verify --head。"), Ask(f"building_audit_head{{{B}}}"), a.COUNT),
        now(("Holidays known until", "日历有效至"), ("End of the last announced year.", "最后已公布年份。"), Ask(f"building_calendar_valid_until_timestamp_seconds{{{B}}} * 1000"), until),
        now(("Exemptions lapsed", "豁免到期"), ("That the site file still names.", "配置中仍列出的。"), Ask(counted(f"building_exemption_lapsed{{{B}}}", B)), Look("none", ((None, GREY), (0, GREEN), (1, ORANGE)))),
        now(("Meters faulty", "表计异常"), ("Meters whose figures are no evidence now.", "当前数据不可采信的表计。"), Ask(f"count by (building) (building_meter_healthy{{{B}}}) - sum by (building) (building_meter_healthy{{{B}}})"), a.COUNT_OF_BAD),
    ).add(
        course(("Writes by result", "写入结果"), ("ok, refused, failed, read back otherwise, dry run.", "成功、拒绝、失败、回读不符、试运行。"), [Ask(f"sum by (result) (increase(building_supervisor_writes_total{{{B}}}[$__rate_interval]))", "{{result}}")], a.COUNT),
        course(("Compliance of the last day, by rule", "近一日各规则合规率"), ("Share of the judged time within limits.", "可判断时间内合规的比例。"), [Ask(rules(f"building_rule:zone_compliant:ratio1d{{{B}}}"), RULE)], a.SHARE),
    ).add(
        course(("Zone-hours out of limits, a day", "近一日超限区域小时"), ("By rule.", "按规则。"), [Ask(rules(f"building_rule:noncompliant_zone_hours:increase1d{{{B}}}"), RULE)], a.HOURS),
        bars(("Kept off in hours", "开放时间内受控停用"), ("What enforcing the rules kept off, in the time that is looked at.", "所选时段内执行规则造成的停用。"), Ask(rules(f"sum by (building, rule) (increase(building_rule_blocked_seconds_total{{{B}}}[$__range]))"), RULE), a.SECONDS),
    ).add(
        table(("Meters", "表计"), ("Health, and until when each is verified.", "状态与检定有效期。"), [
            (Ask(meters(f"building_meter_healthy{{{B}}}"), "health · 状态"), a.GOOD), (Ask(meters(f"building_meter_verified_until_timestamp_seconds{{{B}}}") + " * 1000", "verified until · 检定至"), until)], {"name": METER}, (12, 8)),
        course(("Audit rows", "审计行数"), ("A step down is a cut, or a store begun anew.", "下降表示被截断或重建数据库。"), [Ask(f"building_audit_rows{{{B}}}", "rows · 行")], a.COUNT),
    )  # fmt: skip


def savings() -> Board:
    """What was saved, how sure, and whether the year's target will be met."""
    board = Board(
        "savings",
        ("Savings", "节能"),
        ("What was saved, its interval, and the year against its target.", "节能量及其区间、全年目标。"),
        building=True,
    )
    claim = (
        "Of the reporting period so far; a saving may be claimed only where its interval leaves zero out.",
        "报告期至今；区间不含零才可声明节能。",
    )
    return board.add(*status()).add(
        now(("Saved", "节能率"), claim, Ask(f'building_method:energy_saved:ratio{{{B}, method="baseline"}}'), SHORT),
        now(("At least", "下限"), ("Lower end of the 90 % interval.", "90% 区间下限。"), Ask(f'building_method:energy_saved_low:ratio{{{B}, method="baseline"}}'), SHORT),
        now(("At most", "上限"), ("Upper end of the 90 % interval.", "90% 区间上限。"), Ask(f'building_method:energy_saved_high:ratio{{{B}, method="baseline"}}'), SHORT),
        now(("Target", "目标"), ("Of this year, per area.", "本年度，单位面积。"), Ask(f'building_energy_target_ratio{{{B}, per="area"}}'), RATIO),
        now(("Reduction so far", "已下降"), ("Against the same days of the reference year.", "与基准年同期相比。"), Ask(f'building_energy_reduction_ratio{{{B}, per="area"}}'), SHORT),
        now(("Forecast", "全年预测"), ("If the months left fare as those before did.", "余下月份与已过月份相当时。"), Ask(f'building_energy_forecast_reduction_ratio{{{B}, per="area"}}'), SHORT),
    ).add(
        course(("Saved, with its interval", "节能量及区间"), claim, [
            Ask(f"building_energy_saved_joules{{{B}}} / 3.6e6", "{{method}}"), Ask(f"building_energy_saved_low_joules{{{B}}} / 3.6e6", "{{method}}, low · 下限"),
            Ask(f"building_energy_saved_high_joules{{{B}}} / 3.6e6", "{{method}}, high · 上限")], a.KWH),
        course(("Baseline", "基准能耗"), ("What the days so far would have used.", "同期按原运行方式应有的能耗。"), [Ask(f"building_energy_baseline_joules{{{B}}} / 3.6e6", "{{method}}")], a.KWH),
    ).add(
        course(("The year against its target", "全年目标"), ("Shares under the reference year, per area and per head.", "相对基准年的下降比例。"), [
            Ask(f"building_energy_target_ratio{{{B}}}", "target · 目标, {{per}}"), Ask(f"building_energy_reduction_ratio{{{B}}}", "so far · 至今, {{per}}"),
            Ask(f"building_energy_forecast_reduction_ratio{{{B}}}", "forecast · 预测, {{per}}")], RATIO),
        course(("Energy, a day", "近一日用电"), ("By meter; for watching, the ledger is exact.", "按表计；仅供观察，以台账为准。"), [Ask(meters(f"building_meter:energy_kilowatt_hours:increase1d{{{B}}}"), "{{name}}")], a.KWH),
    ).add(
        course(("Power by meter", "功率"), ("Mean power of five minutes.", "五分钟平均功率。"), [Ask(meters(f"building_meter:power_watts:rate5m{{{B}}}"), "{{name}}")], Look("watt")),
        bars(("Water", "用水"), ("In the time that is looked at.", "所选时段内。"), Ask(meters(f"increase(building_meter_water_cubic_meters_total{{{B}}}[$__range])"), "{{name}}"), Look("m3", decimals=2)),
    )  # fmt: skip


def gateway() -> Board:
    """The supervisor itself: does it answer, keep time, keep records, reach its controllers."""
    board = Board(
        "gateway",
        ("Gateway health", "网关"),
        ("The supervisor and its controllers.", "监管程序及其控制器。"),
        building=True,
    )
    when = Look("dateTimeFromNow")
    p = "histogram_quantile({q}, sum by (le) (rate(building_supervisor_reaction_seconds_bucket{{{b}}}[$__rate_interval])))"
    return board.add(*status()).add(
        now(("Clock", "时钟"), ("The computer's clock is believed.", "时钟是否可信。"), Ask(f"building_supervisor_clock_trusted{{{B}}}"), a.GOOD),
        now(("Clock against Prometheus", "时钟偏差"), ("Fast is above 0.", "快为正。"), Ask(f"building_supervisor_clock_timestamp_seconds{{{B}}} - timestamp(building_supervisor_clock_timestamp_seconds{{{B}}})"), Look("s", ((None, RED), (-30, GREEN), (30, RED)), decimals=1)),
        now(("Store", "数据库"), ("It takes rows; else nothing is written.", "可写入；否则不下发。"), Ask(f"building_supervisor_store_up{{{B}}}"), a.GOOD),
        now(("Configuration", "配置"), ("What is on disk is sound.", "磁盘上的配置是否有效。"), Ask(f"building_supervisor_config_last_reload_successful{{{B}}}"), a.GOOD),
        now(("Loaded", "载入时间"), ("When the configuration was last loaded.", "最近一次载入配置。"), Ask(f"building_supervisor_config_last_reload_timestamp_seconds{{{B}}} * 1000"), when),
        now(("Waits for a word", "待确认"), ("A saved configuration waits for `reload --yes`.", "已保存的配置等待确认。"), Ask(f"building_supervisor_config_waiting{{{B}}}"), a.FLAG),
    ).add(
        now(("Points", "点位"), ("That are read.", "读取的点位数。"), Ask(f"building_supervisor_points{{{B}}}"), a.COUNT),
        now(("Stale points", "过期点位"), ("Of which nothing is known.", "状态未知。"), Ask(f"building_supervisor_stale_points{{{B}}}"), a.COUNT_OF_BAD),
        now(("Slots held", "占用写入级"), ("That are ours now.", "当前由本系统占用。"), Ask(f"building_supervisor_owned_slots{{{B}}}"), a.COUNT),
        now(("Units in doubt", "单位不一致"), ("Points that are neither believed nor written.", "不采信也不写入的点位。"), Ask(counted(f"building_supervisor_point_unit_mismatch{{{B}}}", B)), a.COUNT_OF_BAD),
        now(("Memory", "内存"), ("Of the process.", "进程占用。"), Ask(f'process_resident_memory_bytes{{job="building-supervisor"}} and on (instance) building_info{{{B}}}'), Look("bytes")),
        now(("Version", "版本"), ("Of the supervisor.", "监管程序版本。"), Ask(f"building_info{{{B}}}", "{{version}}"), Look("none", words={1: (("running", "运行"), GREEN)})),
    ).add(
        table(("Controllers", "控制器"), ("Those that do not answer are red; their zones are unknown.", "红色为无应答，其区域状态未知。"), [
            (Ask(devices(f"building_supervisor_device_up{{{B}}}"), "state · 状态"), a.UP), (Ask(devices(f"building_supervisor_doubtful_points{{{B}}}"), "doubtful · 不可采信"), a.COUNT_OF_BAD)], {"name": DEVICE}, (12, 8)),
        course(("Scan time", "扫描时间"), ("Of a controller's polled points, mean.", "各控制器轮询一遍的平均时间。"), [Ask(devices(f"rate(building_supervisor_scan_seconds_sum{{{B}}}[$__rate_interval]) / rate(building_supervisor_scan_seconds_count{{{B}}}[$__rate_interval])"), "{{name}}")], Look("s", decimals=3)),
    ).add(
        course(("Reading to write", "反应时间"), ("From a reading to the write that answers it.", "从读数到写入。"), [Ask(p.format(q=0.5, b=B), "p50"), Ask(p.format(q=0.99, b=B), "p99")], Look("s", decimals=3)),
        states(("Controllers over time", "控制器在线"), ("Where a band ends, the supervisor itself did not answer.", "色带中断处为监管程序无应答。"), [Ask(devices(f"building_supervisor_device_up{{{B}}}"), "{{name}}")], a.UP, (12, 8)),
    ).add(
        states(("Helpers", "辅助任务"), ("What runs beside the daemon.", "与主循环并行的任务。"), [Ask(f"building_supervisor_helper_up{{{B}}}", "{{helper}}")], a.GOOD, (12, 8)),
        course(("Processor", "处理器"), ("Share of one core.", "占单核比例。"), [Ask(f'rate(process_cpu_seconds_total{{job="building-supervisor"}}[$__rate_interval]) and on (instance) building_info{{{B}}}', "process")], RATIO),
    )  # fmt: skip


def all_boards() -> list[Board]:
    """Every dashboard."""
    return [district(), building(), zone(), evidence(), savings(), gateway()]
