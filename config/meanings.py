"""What each key of the site file means, in both languages: for editors, and for the reference page.

A key is described where its section declares it; sections that extend another share its words. `docs` of a rule's
settings say more: `docs/rules/<id>.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from config.phrase import Phrase
from config.section import Section

_Words = Mapping[str, Phrase]
_DAY: Final = Phrase(
    "that weekday's hours, where they differ from `workday`", "该星期几的时间（与工作日不同时）"
)
_PAUSE: Final = Phrase(
    "wait before a controller without priority array is corrected",
    "无优先级数组时，纠正前的宽限",
)
_TIMES: Final = Phrase(
    "corrections a day after which people are alerted instead",
    "每日纠正上限，超过则报警而不再写入",
)

MEANINGS: Final[Mapping[str, _Words]] = {
    "SiteFile": {
        "version": Phrase("version of this file's form: 1", "文件格式版本：1"),
        "building": Phrase("the building's identifier, a label of every metric", "建筑标识，用于所有指标"),
        "name": Phrase("what people call the building", "建筑名称"),
        "language": Phrase("zh or en: what the command line speaks; else the terminal's", "zh 或 en：命令行所用语言；不写则按终端"),
        "timezone": Phrase("IANA name, as `Asia/Shanghai`", "IANA 时区名"),
        "area_m2": Phrase("floor area in m², for energy per area: one figure, or a history of `{from: DAY, area_m2: …}`",
                          "建筑面积 m²，用于单位面积能耗；可写一个数，或按日期的历史 {from: 日期, area_m2: …}"),
        "heated_m2": Phrase("heated floor area in m², for heating energy per area; a figure or a history, as `area_m2`",
                            "供暖建筑面积 m²，用于单位供暖面积供暖能耗；写法同 area_m2"),
        "people": Phrase("headcount, for energy per head: one figure, or a history of `{from: DAY, people: …}`",
                         "用能人数，用于人均能耗；可写一个数，或按日期的历史 {from: 日期, people: …}"),
        "dry_run": Phrase("decide, audit and count, write nothing; a new site starts so", "只演算不下发；新楼默认"),
        "hours": Phrase("groups of opening hours", "开放时间分组"),
        "special_days": Phrase("days that differ from the calendar", "特殊日"),
        "calendar": Phrase("public holidays and files of special days", "节假日与日历文件"),
        "season": Phrase("how the season is found", "季节判定"),
        "comfort": Phrase("the band outside which occupied time is discomfort", "舒适温度范围"),
        "rules": Phrase("numbers of the rules, for the whole building", "各规则参数（全楼）"),
        "exemptions": Phrase("zones that rules leave alone, until a date", "豁免"),
        "zones": Phrase("rooms, or rooms controlled together", "区域"),
        "equipment": Phrase("equipment that serves several zones", "多区共用设备"),
        "points": Phrase("points of the whole building", "全楼点位"),
        "meters": Phrase("meters of energy and water", "计量表"),
        "organisations": Phrase("organisations that use a part of the building each", "单位：各自使用楼内一部分的机构"),
        "statistics": Phrase("region, coefficients and costs of the statistics", "统计所用的区域、折算系数与费用"),
        "templates": Phrase("kinds of equipment, mapped once", "设备模板"),
        "devices": Phrase("BACnet devices", "BACnet 控制器"),
        "priority": Phrase("our slot of the priority array, 9 to 16", "写入优先级，9–16"),
        "stagger": Phrase(
            "time between two starts, because demand is charged; by the site clock, so `--speed` shortens it",
            "错峰启动间隔；按现场时钟，随 --speed 加快",
        ),
        "writes_per_minute": Phrase(
            "more writes than this a minute wait; by the wall clock, whatever `--speed` says",
            "每分钟写入上限；按实际时钟，不随 --speed 变化",
        ),
        "settle": Phrase(
            "how long a saved file rests before it is taken up; what makes the building be written more waits for "
            "`reload --yes` all the same",
            "文件保存后静置多久才生效；使写入增多的改动一律须经 `reload --yes` 确认",
        ),
        "bacnet": Phrase("our own end of the wire", "本机 BACnet 设置"),
        "http": Phrase("where page and metrics are served", "页面与指标服务"),
        "calendar_objects": Phrase(
            "Calendar objects of controllers that are written as our calendar is, so that they know the holidays without us",
            "按本系统日历写入控制器的日历对象，使其脱离本系统也知道节假日",
        ),
        "publish": Phrase("a broker of MQTT to which the building's state is published", "将建筑状态发布到 MQTT 服务器"),
        "bacnet_device": Phrase("a BACnet device of our own, for the building's front end", "供楼宇前端读取的本机 BACnet 设备"),
        "readings_for": Phrase(
            "how long readings stay in the database as they came: then points are kept by the hour, and months of meters in files",
            "读数在数据库中按原样保留多久：之后测点按小时汇总，计量表按月转存为文件",
        ),
        "database": Phrase("database URL; SQLite in the state folder by default", "数据库地址；默认 SQLite"),
        "audit_years": Phrase(
            "years that the audit is kept; a signed checkpoint stands for what is older",
            "审计记录保存年数；更早的由签名检查点代表",
        ),
        "plant": Phrase("plant room, units and lamps, for the rehearsal", "冷热源、末端与灯具（用于预演）"),
        "energyplus": Phrase("an EnergyPlus model, for the rehearsal", "EnergyPlus 模型（用于预演）"),
        "savings": Phrase("what savings are reckoned against", "节能量核算基准"),
        "targets": Phrase("by how much less a year, per area and per head", "节能目标：每年下降多少（单位面积、人均）"),
        "tariff": Phrase("what energy and water cost, one tariff or a history of them", "能源与水的价格，一套或按时间先后多套"),
        "trial": Phrase("a randomised trial: a coin says how the building runs on each day", "随机对照试验：由抽签决定每天的运行方式"),
    },
    "Targets": {
        "a_year": Phrase("share by which the year shall be under the reference year", "每年下降比例"),
        "against": Phrase("a fixed reference year, from which the target is compounded; the year before by default",
                          "固定参考年，目标逐年累计；默认为上一年"),
    },
    "Tariff": {
        "from": Phrase("the day from which it holds", "起始日"),
        "prices": Phrase("CNY/kWh by period, as the bill has them", "各时段到户电价（元/kWh）"),
        "hours": Phrase("which hours are sharp, peak, valley or deep valley; the rest is flat; the first entry that fits a day holds",
                        "尖峰、高峰、低谷、深谷时段，其余为平段；取第一条适用的"),
        "water": Phrase("CNY/m³", "水价（元/m³）"),
        "gas": Phrase("CNY/m³", "气价（元/m³）"),
        "heat": Phrase("CNY/GJ", "热价（元/GJ）"),
        "cold": Phrase("CNY/GJ", "冷价（元/GJ）"),
    },
    "TariffHours": {
        "months": Phrase("months that it is for; all by default", "适用月份；默认全年"),
        "days": Phrase("kinds of day that it is for (workday, weekend, holiday); all by default", "适用日类型（工作日、周末、节假日）；默认全部"),
        "sharp": Phrase("hours of the sharp peak", "尖峰时段"),
        "peak": Phrase("hours of the peak", "高峰时段"),
        "valley": Phrase("hours of the valley", "低谷时段"),
        "deep_valley": Phrase("hours of the deep valley", "深谷时段"),
        "prices": Phrase("prices of these months, where they differ", "这些月份的电价（不同时）"),
    },
    "Prices": {
        "sharp": Phrase("sharp peak, CNY/kWh", "尖峰电价（元/kWh）"),
        "peak": Phrase("peak, CNY/kWh", "高峰电价（元/kWh）"),
        "flat": Phrase("flat, CNY/kWh", "平段电价（元/kWh）"),
        "valley": Phrase("valley, CNY/kWh", "低谷电价（元/kWh）"),
        "deep_valley": Phrase("deep valley, CNY/kWh", "深谷电价（元/kWh）"),
    },
    "Trial": {
        "name": Phrase("another name begins another trial", "名称；换名即为新的试验"),
        "compare": Phrase(
            "`today`, the controllers by themselves, against this file; or a draft: another site file beside this one",
            "`today`（控制器自行运行）与本文件对比；或本文件与另一份草案文件对比",
        ),
        "start": Phrase("first day; the schedule is drawn before it", "首日；此前完成抽签"),
        "blocks": Phrase("blocks of twelve weeks; after each one the trial may be read", "区组数，每组 12 周，每组结束后方可查看结果"),
        "seed": Phrase("any whole number: who knows it can draw the schedule anew", "任意整数；凭此可复现抽签"),
        "meters": Phrase("meters whose sum is compared; the building's electricity by default", "参与比较的表计；默认为全楼用电"),
        "exclude": Phrase(
            "days that do not count: with a fire alarm, with freeze protection, or with a person's request (overtime, by hand)",
            "不计入的日期：火警（fire）、防冻保护（freeze）、人工请求（requests：加班、手动）",
        ),
        "events": Phrase("days known beforehand that do not count, and why", "事先已知不计入的日期及原因"),
        "adjust": Phrase(
            "what sensors saw that is taken out of a day as the weather is: presence (default), windows; none where there are no sensors",
            "像气温一样从每日能耗中扣除的传感器所见：presence（有人，默认）、windows（开窗）；没有传感器时不扣除",
        ),
        "commissioning": Phrase("who answers for days on which the plan's rules are off", "批准停用规则的调试许可"),
    },
    "Commissioning": {
        "approver": Phrase("who answers for it", "批准人"),
        "reason": Phrase("why, for whoever audits it", "原因"),
        "until": Phrase("its last day", "截止日"),
    },
    "Savings": {
        "baseline": Phrase("a whole year, or several, as the building was run before", "基准期：实施前的一整年或数年"),
        "since": Phrase("first day that is reckoned; the day after the baseline by default", "核算起始日；默认为基准期次日"),
        "meters": Phrase("meters whose sum is reckoned; the building's electricity by default", "参与核算的表计；默认为全楼用电"),
        "weather": Phrase(
            "CSV of daily mean outdoor temperatures, °C (`2025-01-31,4.2`), for days that no sensor of ours recorded",
            "室外日平均气温 CSV，°C（如 2025-01-31,4.2），用于没有自有记录的日期",
        ),
        "events": Phrase("days that do not count, and why", "不参与核算的日期及原因"),
    },
    "DateRange": {"from": Phrase("first day", "起始日"), "to": Phrase("last day, included", "结束日（含）")},
    "NonRoutine": {
        "from": Phrase("first day", "起始日"),
        "to": Phrase("last day, included", "结束日（含）"),
        "note": Phrase("what was out of the ordinary", "特殊情况说明"),
        "adds": Phrase("kWh a day (of gas and water: m³, of petrol and diesel: L) that it added, taken off (negative: spared); without it the days do not count",
                       "每天多用的电量 kWh（燃气、水为 m³，汽油、柴油为 L），予以扣除（负数为少用）；不写则当日不参与核算"),
    },
    "WeekHours": {
        "workday": Phrase("hours of a working day, make-up workdays included", "工作日（含调休上班）时间"),
        "monday": _DAY,
        "tuesday": _DAY,
        "wednesday": _DAY,
        "thursday": _DAY,
        "friday": _DAY,
        "saturday": _DAY,
        "sunday": _DAY,
        "weekend": Phrase("hours of a day off that is no holiday; closed by default", "周末时间；默认关闭"),
        "holiday": Phrase("hours of a public holiday; closed by default", "法定节假日时间；默认关闭"),
        "makeup_workday": Phrase("hours of a make-up workday, where they differ", "调休上班日时间（不同时）"),
    },
    "SpecialDayEntry": {
        "date": Phrase("one day", "单日"),
        "from": Phrase("first day of several", "起始日"),
        "to": Phrase("last day of several, included", "结束日（含）"),
        "hours": Phrase("that day's hours, or `closed`", "当日时间，或 closed"),
        "close": Phrase("the day's own hours, closing early", "提前关闭时刻"),
        "groups": Phrase("groups of hours that it is for; all by default", "适用的时间分组；默认全部"),
        "name": Phrase("what people call it", "名称"),
    },
    "Exemption": {
        "zones": Phrase("the zones", "区域"),
        "rules": Phrase("the rules that leave them alone", "豁免的规则"),
        "reason": Phrase("why", "理由"),
        "approver": Phrase("who answers for it", "批准人"),
        "until": Phrase("its last day; then it lapses with an alert", "截止日，过后失效并报警"),
    },
    "Season": {
        "method": Phrase("`dates`, `temperature` (GB/T 42074-2022) or `heating`", "判定方式：固定日期、室外气温或供暖期"),
        "dates": Phrase("first day of each season", "各季起始日"),
        "heating": Phrase("district-heating period: winter", "集中供暖期，即冬季"),
        "override": Phrase("a manager's word, for a while", "人工指定，限期有效"),
        "hemisphere": Phrase("south mirrors spring and autumn", "南半球则春秋互换"),
        "weather": Phrase(
            "EPW file of the place's typical year, at most 20 MiB: for `plan`, and until there is an own outdoor record",
            "典型年气象文件 EPW（不超过 20 MiB）：用于计划及尚无室外记录时",
        ),
    },
    "SeasonDates": {
        "spring": Phrase("first day, MM-DD", "起始日 月-日"),
        "summer": Phrase("first day, MM-DD", "起始日 月-日"),
        "autumn": Phrase("first day, MM-DD", "起始日 月-日"),
        "winter": Phrase("first day, MM-DD", "起始日 月-日"),
    },
    "HeatingDates": {"from": Phrase("first day, MM-DD", "起始日"), "to": Phrase("last day, MM-DD", "结束日")},
    "SeasonOverride": {
        "season": Phrase("the season in force", "指定季节"),
        "until": Phrase("its last day", "截止日"),
        "name": Phrase("who says so", "指定人"),
    },
    "Calendar": {
        "country": Phrase("ISO 3166 code; CN has make-up workdays", "国家代码；CN 含调休"),
        "subdivision": Phrase("state or province, as the `holidays` package names it", "州省代码"),
        "holiday_cn": Phrase("yearly notices in holiday-cn's JSON form", "放假通知（holiday-cn JSON）"),
        "ics": Phrase(
            ".ics files of special days, at most 1 MiB each, as are the notices",
            "特殊日 .ics 文件；与放假通知同样，每个不超过 1 MiB",
        ),
    },
    "IcsEntry": {
        "file": Phrase("the file, beside the site file", "文件（相对本文件所在目录）"),
        "means": Phrase(
            "word of a title → `closed`, `worked` or `nothing`; an event that is not plain needs one",
            "标题中的词 → closed（休息）、worked（上班）或 nothing（无关）；含义不明的日程须在此说明",
        ),
    },
    "Comfort": {
        "low": Phrase("°C, colder is discomfort", "下限 °C"),
        "high": Phrase("°C, hotter is discomfort", "上限 °C"),
    },
    "PointEntry": {
        "writable": Phrase("may be written; read-only until this says so", "允许写入；默认只读"),
        "invert": Phrase("active means no, as on a normally closed contact", "取反，如常闭触点"),
        "unit": Phrase("the controller's own unit, as degF; what the device's Units says by default",
                       "控制器单位，如 degF；默认取设备的 Units"),
        "scale": Phrase("what one count of an accumulator is worth in that unit; what the device's Scale says by default",
                        "累加器每个计数的单位值；默认取设备的 Scale"),
        "factor": Phrase("by which what is read is multiplied, as a transformer's ratio", "倍率，如互感器变比"),
        "states": Phrase("state number → mode, of a multi-state object", "状态号与模式对应"),
        "state_texts": Phrase(
            "false: what the device calls its states (Active_Text, State_Text) is wrong, and is not held against this file",
            "false：设备自己的状态文字（Active_Text、State_Text）有误，不与本配置核对",
        ),
        "priority_array": Phrase(
            "false: the object has none; when we let go, its value is put back as it was, as far as the limits in force allow, "
            "and never to on",
            "false：无优先级数组；释放时恢复原值，但不超出现行限值，也不恢复为开",
        ),
        "low": Phrase("least value to write, in `unit` (without it, in the role's own: °C)", "允许写入的最小值（按 unit；未写则按 °C）"),
        "high": Phrase("greatest value to write, in the same unit", "允许写入的最大值（同上）"),
        "poll": Phrase("how often to read it; the device's by default", "轮询间隔"),
        "stale_after": Phrase("age beyond which it is unknown; six polls, and 5 min at least, unless written",
                              "超过此时长视为未知；不写则为六个轮询周期，至少 5 分钟"),
    },
    "TemplatePointEntry": {"object": Phrase("object, counted from the equipment's offset", "对象（相对偏移）")},
    "EquipmentPointEntry": {"object": Phrase("object, where it differs from the template", "对象（与模板不同时）")},
    "PlacedPointEntry": {"at": Phrase("`device/object-type:instance`", "控制器/对象")},
    "Template": {
        "kind": Phrase("what it is: fcu, vrf, ahu, lights …", "设备类型"),
        "base": Phrase(
            "`controller`: we only restrict; `supervisor`: we decide always",
            "controller：只限制；supervisor：全权控制",
        ),
        "compressor": Phrase("has a compressor, so restarts wait", "含压缩机，重启需等待"),
        "on_exit": Phrase("at our stop: `release`, or `hold` with a heartbeat", "退出时释放，或凭心跳保持"),
        "warn": Phrase("`blink` before the lights go off", "关灯前闪烁提醒"),
        "points": Phrase("role → point", "角色与点位"),
    },
    "EquipmentEntry": {
        "template": Phrase("the template; the entry's own name by default", "模板；默认同名"),
        "at": Phrase("`device/offset`", "控制器/起始点号"),
        "name": Phrase("what people call it", "名称"),
        "base": Phrase("in place of the template's", "覆盖模板"),
        "warn": Phrase("in place of the template's", "覆盖模板"),
        "escape_route": Phrase("true: never written. Must be said in circulation zones", "疏散照明：true 则永不写入；走廊楼梯门厅必填"),
        "smoke_control": Phrase("a smoke or dual-use fan; refused", "消防或兼用风机；拒绝接管"),
        "writable": Phrase("false takes it off the allow-list", "false 则不写入"),
        "points": Phrase("points that differ from the template's", "与模板不同的点位"),
    },
    "SharedEquipmentEntry": {"serves": Phrase("the zones that request it; of a lighting circuit, those that it lights", "服务的区域；照明回路写所照的区域")},
    "Envelope": {
        "orientation": Phrase("where its windows look", "朝向"),
        "window_share": Phrase("glass share of the outer wall", "窗墙比"),
        "u_wall": Phrase("W/(m²K) of the wall", "外墙传热系数"),
        "u_window": Phrase("W/(m²K) of the window", "外窗传热系数"),
        "u_roof": Phrase("W/(m²K) of the roof", "屋面传热系数"),
        "shgc": Phrase("solar heat gain coefficient of the window", "外窗太阳得热系数"),
        "infiltration": Phrase("air changes an hour, windows shut", "渗透换气次数（关窗）"),
        "mass": Phrase("thermal mass class of ISO 13790", "热容等级 ISO 13790"),
        "height": Phrase("storey height in m", "层高 m"),
    },
    "Plant": {
        "chiller_cop": Phrase("of the chiller at rating; 4.8", "冷水机组额定 COP；4.8"),
        "heater": Phrase("what makes the heating water: gas, heat_pump or electric; gas", "热源：燃气、热泵或电；默认燃气"),
        "air_heater": Phrase("what feeds the heating coils of air handlers and fresh air; as heater",
                             "空调机组、新风机组加热盘管的热源；默认同 heater"),
        "reheat": Phrase("what feeds the coils of VAV boxes; as heater", "变风量末端再热盘管的热源；默认同 heater"),
        "unit_heater": Phrase("how VRF, split and rooftop units heat; heat_pump", "多联机、分体机、屋顶机的制热方式；默认热泵"),
        "boiler_efficiency": Phrase("by lower heating value; 0.90", "锅炉效率（低热值）；0.90"),
        "heat_pump_cop": Phrase("of the heat pump at 7 °C outside; 3.0", "热泵 COP（室外 7 °C）；3.0"),
        "pump_share": Phrase("pumps, W per W of installed cooling; 0.035", "水泵功率与装机冷量之比；0.035"),
        "unit_cooling_cop": Phrase("of VRF and split units; 3.6", "多联机、分体机制冷 COP；3.6"),
        "unit_heating_cop": Phrase("of VRF and split units; 3.2", "多联机、分体机制热 COP；3.2"),
        "heat_recovery": Phrase("of air handlers and fresh air, 0 to 0.95; 0", "空调/新风机组显热回收效率；0"),
        "lighting_w_m2": Phrase(
            "lamps of offices and rooms of no special kind, W/m²; 8.0", "办公及一般房间照明功率密度；8.0"
        ),
    },
    "EnergyPlus": {
        "model": Phrase("IDF or epJSON file, or a model's name in the package", "模型文件，或内置模型名"),
        "zones": Phrase("our zone → the model's zone", "区域对应"),
        "timesteps": Phrase("steps an hour", "每小时步数"),
    },
    "ZoneEntry": {
        "name": Phrase("what people call it", "名称"),
        "kind": Phrase("what it is used for: office, meeting, corridor …", "用途"),
        "hours": Phrase("its group of opening hours", "开放时间分组"),
        "floor": Phrase("storey", "楼层"),
        "area_m2": Phrase("floor area in m²", "面积 m²"),
        "people": Phrase("people in it when full; from its area by default", "额定人数；默认按面积"),
        "dry_run": Phrase(
            "true: nothing is written in this zone, nor to shared equipment all of whose zones say so",
            "true：本区不下发；所服务区域均为 true 的共用设备亦不下发",
        ),
        "rules": Phrase("numbers that differ here", "本区规则参数"),
        "comfort": Phrase("comfort band that differs here", "本区舒适范围"),
        "equipment": Phrase("name → equipment", "设备"),
        "sensors": Phrase("role → point, or points of which the worst counts", "传感器"),
        "envelope": Phrase("for the rehearsal: walls and glass", "围护结构（用于预演）"),
        "lighting_w_m2": Phrase("for the rehearsal: lamps, W/m²", "照明功率密度（用于预演）"),
        "equipment_w_m2": Phrase("for the rehearsal: machines, W/m²", "设备功率密度（用于预演）"),
    },
    "Device": {
        "instance": Phrase("BACnet device instance: its identity", "设备实例号，即身份"),
        "address": Phrase(
            "`host:port`, `network:station` behind a router, or a VMAC on BACnet/SC; looked for by Who-Is without it",
            "地址；路由器后写 网络号:站号，BACnet/SC 写 VMAC；缺省时以 Who-Is 查找",
        ),
        "name": Phrase("what people call it", "名称"),
        "timeout": Phrase("time that one call may take, retries included", "单次调用时限（含重试）"),
        "max_in_flight": Phrase("requests at the same time", "并发请求数"),
        "requests_per_second": Phrase(
            "cap, for MS/TP; devices of one network behind a router share the lowest, 10 if none is stated",
            "每秒请求上限（MS/TP）；同一路由网络共用最低值，缺省为 10",
        ),
        "cov": Phrase("subscribe to changes of value", "订阅变化上报 COV"),
        "poll": Phrase("how often to read its points", "轮询间隔"),
        "heartbeat": Phrase("object that we toggle each minute", "心跳点，每分钟翻转"),
        "mqtt": Phrase(
            "a broker of MQTT in place of a BACnet device: its topics play the objects; `instance` is any free number",
            "以 MQTT 服务器代替 BACnet 设备：主题对应对象；`instance` 任取未用的号",
        ),
    },
    "Broker": {
        "broker": Phrase("`mqtt://host:1883`, or `mqtts://host:8883` for TLS", "服务器地址；TLS 用 mqtts"),
        "user": Phrase("our name to the broker", "用户名"),
        "password_file": Phrase("file that holds the password alone, beside the site file", "只含口令的文件"),
        "ca": Phrase("who signs the broker's certificate (PEM); the system's by default", "服务器证书的签发者（PEM）；缺省用系统的"),
        "certificate": Phrase("our certificate (PEM)", "本端证书（PEM）"),
        "key": Phrase("its key (PEM)", "证书私钥（PEM）"),
    },
    "CalendarObject": {
        "at": Phrase("controller and object, like `ddc-1/calendar:1`; its whole list becomes ours", "控制器与对象，如 `ddc-1/calendar:1`；整份日期表归本系统"),
        "days": Phrase(
            "`holidays` and `makeup_workdays` are the state's; `closed` and `opened` are a group's days other than its weekday has it",
            "`holidays` 节假日、`makeup_workdays` 调休上班（国家规定）；`closed`、`opened` 为某区域组与平常星期不同的休息或开放日",
        ),
        "hours": Phrase("group of opening hours, for `closed` and `opened`", "区域组，用于 closed 与 opened"),
        "refresh": Phrase("write it each night where the calendar has changed", "日历有变化时每晚自动写入"),
    },
    "Publish": {
        "prefix": Phrase("first levels of our topics: `building/<building>/<zone>/<role>`", "本系统主题的开头"),
        "discovery": Phrase("Home Assistant's discovery prefix; `off` for none", "Home Assistant 发现前缀；off 为不用"),
        "requests": Phrase(
            "take requests at `…/set`: overtime, release, values held by hand; without it none is taken",
            "接受 `…/set` 上的请求：加班、释放、手动；不写则一概不接受",
        ),
    },
    "Taken": {
        "name": Phrase("who asks, for the audit: who may publish there is the broker's affair", "请求方名称，写入审计；谁可发布由服务器管"),
        "lasts": Phrase("how long a value is held where the message says no end", "消息未注明结束时间时，手动持续多久"),
    },
    "BacnetDevice": {
        "name": Phrase(
            "its name, unique in the building; `building-supervisor-<building>` by default",
            "设备名称，全楼唯一；缺省为 building-supervisor-<建筑>",
        ),
        "port": Phrase(
            "its UDP port with `stack: rusty`, 47809 by default; `stack: bac0` shares the port of `bacnet:`",
            "`stack: rusty` 时设备的 UDP 端口，缺省 47809；`stack: bac0` 与 `bacnet:` 共用",
        ),
        "enabled_point": Phrase(
            "serve a commandable Enabled: the front end may then switch supervision off, as `release` does",
            "提供可写的 Enabled 点：前端可借此停用管控，等同 `release`",
        ),
        "expires": Phrase(
            "after which supervision switched off there comes back by itself, up to 12 h; by the site clock",
            "停用多久后自动恢复，最长 12 小时；按现场时钟",
        ),
    },
    "Mqtt": {
        "topics": Phrase("object, like `binary-input:1` → the topic that plays it", "对象 → 主题"),
    },
    "Topic": {
        "topic": Phrase("one topic, without + and #", "主题，不含 + 与 #"),
        "path": Phrase(
            "where in a JSON payload: `occupancy`, `AM2301.Temperature`, `params.0.value`; "
            "`contact: true` means closed and is read so",
            "JSON 中的位置；`contact: true` 即闭合，已按此读取",
        ),
        "refresh": Phrase(
            "how long a reading counts: not repeated within it, it is unknown", "多久未重复即视为未知"
        ),
        "time": Phrase("where in the payload its own time stands", "报文自带时间的位置"),
        "availability": Phrase(
            "topic that says online or offline, also as `{\"state\": \"online\"}`; it never renews a reading",
            "在线状态主题；不更新读数",
        ),
        "values": Phrase("word in the payload → number", "报文用词 → 数值"),
    },
    "Vehicle": {
        "model": Phrase("make and model", "车型"),
        "standard": Phrase("L/100 km by the standard of its model", "该车型百公里油耗标准（L/100 km）"),
        "tank": Phrase("L that its tank holds: a larger fill is a slip", "油箱容积（L），超出即为录入错误"),
    },
    "Meter": {
        "name": Phrase("what people call it", "名称"),
        "subitem": Phrase("which part of the ledger", "分项"),
        "point": Phrase("cumulative reading; without it the meter is read by hand, or imported", "累计读数点；缺省为人工抄表或导入"),
        "unit": Phrase("unit of a meter that is read by hand", "人工抄表的单位"),
        "of": Phrase("computed from other meters: `[+main, -tenant]`", "由其他表计算的虚拟表：`[+main, -tenant]`"),
        "vehicle": Phrase("it is a vehicle's card: fills and its odometer, by hand", "车辆油耗卡：加油量与里程，人工录入"),
        "accuracy": Phrase("class of accuracy, as its plate says", "准确度等级（铭牌）"),
        "verify_by": Phrase("when its verification is due; told 30 days before", "检定到期日，提前 30 天提醒"),
        "since": Phrase("the first day on which it counted: before it nothing is asked of it", "启用日期：此前不要求其数据"),
        "until": Phrase("the last day on which it counted, where it was exchanged or taken out: after it nothing is asked of it",
                        "停用日期（换表或拆除）：此后不要求其数据"),
        "parent": Phrase("the meter above it", "上级表"),
        "organisation": Phrase("the organisation that uses what it counts; what stands beneath it follows, unless it says otherwise",
                               "用量所属单位；其下级表随之，除非另有说明"),
        "heating": Phrase("what it counts heats the building; by default heat does, and nothing else",
                          "用于供暖；默认热力计入供暖，其余不计"),
        "interval": Phrase("how often a reading is kept", "保存间隔"),
        "rated": Phrase("the most it can count, kW or m³/h: anything above is no consumption", "最大可能用量，kW 或 m³/h；超出即为异常"),
        "digits": Phrase("digits before the point, after which it begins again at 0", "整数位数，满后归零"),
        "always_on": Phrase("something behind it is always on, so that standing still is a fault", "其后始终有用量，停走即为故障"),
    },
    "AreaEntry": {
        "from": Phrase("the first day on which it holds", "自哪天起"),
        "area_m2": Phrase("floor area in m²", "面积 m²"),
    },
    "PeopleEntry": {
        "from": Phrase("the first day on which it holds", "自哪天起"),
        "people": Phrase("headcount", "人数"),
    },
    "Organisation": {
        "name": Phrase("what people call it", "单位名称"),
        "area_m2": Phrase("its floor area in m², a figure or a history", "该单位建筑面积 m²，一个数或历史"),
        "people": Phrase("its headcount, a figure or a history", "该单位用能人数，一个数或历史"),
    },
    "Statistics": {
        "region": Phrase("whose grid's CO₂ factor of 2023 counts; elsewhere replace `electricity_co2` by a file",
                         "采用哪个区域电网的 2023 年排放因子；其他地区用系数文件替换 electricity_co2"),
        "coefficients": Phrase("CSV of coefficients that replace ours: name,value,unit,basis,source",
                               "替换折算系数的 CSV：name,value,unit,basis,source（名称、数值、单位、口径、来源）"),
        "costs": Phrase("CSV of what was paid: month,carrier,cost; without it no unit price is judged",
                        "费用 CSV：month,carrier,cost（月份、能源、金额元）；没有则不审核单价"),
        "quotas": Phrase("CSV of constraint and guidance values (GB/T 51161, or the province's): kind,climate,constraint,guidance,unit,source",
                         "约束值和引导值 CSV（GB/T 51161 或地方标准）：kind,climate,constraint,guidance,unit,source"),
        "kind": Phrase("kind of building, as the quotas name it", "建筑类型，与能耗指标表一致"),
        "climate": Phrase("climate zone, as the quotas name it", "气候区，与能耗指标表一致"),
    },
    "Bacnet": {
        "stack": Phrase("`bac0`, or `rusty` for large sites", "协议栈；大型项目用 rusty"),
        "bind": Phrase(
            "our own address on the controllers' network; found by their addresses without it",
            "本机在控制网的地址；缺省时按控制器地址推断",
        ),
        "port": Phrase("our own UDP port", "本机 UDP 端口"),
        "instance": Phrase("our own device instance", "本机设备实例号"),
        "cov_lifetime": Phrase("lifetime of a subscription", "COV 订阅时长"),
        "foreign": Phrase("register as a foreign device with another subnet's BBMD", "作为外部设备注册到其他网段的 BBMD"),
        "bbmd": Phrase("be this subnet's BBMD", "充当本网段的 BBMD"),
        "sc": Phrase("BACnet/SC: hub and certificates; with `stack: rusty`", "BACnet/SC：集线器与证书；须用 stack: rusty"),
    },
    "SecureConnect": {
        "hub": Phrase("the primary hub, `wss://host:port`", "主集线器 URI"),
        "failover": Phrase("the hub for when the primary is away", "备用集线器 URI"),
        "ca": Phrase("who signs the hubs' and devices' certificates (PEM)", "签发各节点证书的 CA（PEM）"),
        "certificate": Phrase("our certificate (PEM), with the intermediate ones", "本端证书（PEM），含中间证书"),
        "key": Phrase("its private key (PEM), readable by nobody else", "证书私钥（PEM），他人不可读"),
    },
    "Foreign": {
        "bbmd": Phrase("the BBMD's `host:port`", "BBMD 地址"),
        "ttl": Phrase("how long a registration lasts; renewed at half of it", "注册有效期；过半即续"),
    },
    "Bbmd": {"peers": Phrase("BBMDs of the other subnets, `host:port`", "其他网段的 BBMD 地址")},
    "Http": {
        "bind": Phrase("address to serve at; loopback by default", "监听地址；默认仅本机"),
        "port": Phrase("TCP port", "端口"),
        "names": Phrase("further host names under which the page is reached", "允许的主机名"),
        "tokens": Phrase("hashes that `token` prints: who may read from elsewhere", "令牌散列：允许远程读取者"),
        "proxy": Phrase("a proxy on this machine passes requests on: all need a token", "本机有反向代理：读取均需令牌"),
    },
    "Building": {
        "outdoor_temperature": Phrase("outdoor air", "室外温度"),
        "outdoor_humidity": Phrase("outdoor air", "室外湿度"),
        "fire_alarm": Phrase("input of the fire alarm", "火警输入"),
        "changeover": Phrase("the plant heats or cools (two-pipe)", "两管制冷热切换"),
    },
    "FireAlarm": {"clear_for": Phrase("clear for this long before writing resumes", "解除后等待时长")},
    "FreezeProtect": {
        "below": Phrase("°C at which heating starts", "启动温度 °C"),
        "confirm_for": Phrase("so long a reading has to stand before heating starts, or stops; two polls at least",
                              "读数须持续多久才启动或停止防冻，至少两个轮询周期"),
        "setpoint": Phrase("°C to heat to", "防冻设定 °C"),
        "rise_within": Phrase("no rise within this: alert", "此时长内未升温则报警"),
    },
    "MinOff": {"off_for": Phrase("least time between stop and restart", "停机至重启最短间隔")},
    "WindowOff": {
        "open_for": Phrase("open this long: off", "开窗多久停空调"),
        "closed_for": Phrase("closed this long: on again", "关窗多久恢复"),
        "tell_after": Phrase("open this long: the manager is told to close it", "开启多久后提醒管理员关窗"),
        "suspect_days": Phrase("open through so many working days without a change: suspect", "连续几个工作日无变化视为可疑"),
    },
    "PreCloseOff": {
        "lead": Phrase("off this long before closing", "下班前多久关空调"),
        "prestart": Phrase("may start this long before opening", "上班前多久可开"),
    },
    "LightsClose": {
        "delay": Phrase("off this long after closing", "下班后多久关灯"),
        "warn_before": Phrase("warning this long before", "提前多久提醒"),
        "unknown_delay": Phrase("the same where nobody can be sensed", "无人感传感器时的延时"),
    },
    "VacancyOff": {
        "hvac_after": Phrase("nobody for this long: air conditioning off", "无人多久关空调"),
        "lights_after": Phrase("nobody for this long: lights off", "无人多久关灯"),
    },
    "CorridorDelay": {
        "delay": Phrase("nobody for this long: off", "无人多久关灯"),
        "dark_below": Phrase("lx below which it is dark", "照度低于此值视为暗"),
    },
    "MildSeasonOff": {
        "outdoor_low": Phrase("°C, normal weather from", "正常天气下限"),
        "outdoor_high": Phrase("°C, normal weather to", "正常天气上限"),
        "outdoor_band": Phrase("K, way back", "室外回差"),
        "zone_low": Phrase("°C, colder suspends the rule", "室温下限"),
        "zone_high": Phrase("°C, hotter suspends the rule", "室温上限"),
        "zone_band": Phrase("K, way back", "室温回差"),
        "humidity_high": Phrase("%RH, damper suspends the rule", "湿度上限"),
        "humidity_band": Phrase("%RH, way back", "湿度回差"),
        "co2_high": Phrase("ppm, staler suspends the rule", "CO₂ 上限"),
        "co2_band": Phrase("ppm, way back", "CO₂ 回差"),
        "suspend_for": Phrase("a suspension lasts this long at least", "暂停执行的最短时间"),
        "run_for": Phrase("a unit that was let run stays on this long at least", "放行的设备至少运行多久"),
    },
    "SummerSetpoint": {
        "minimum": Phrase("°C, least cooling setpoint", "制冷设定下限"),
        "grace": _PAUSE,
        "corrections_a_day": _TIMES,
    },
    "WinterSetpoint": {
        "maximum": Phrase("°C, greatest heating setpoint", "制热设定上限"),
        "grace": _PAUSE,
        "corrections_a_day": _TIMES,
    },
    "PlugClose": {"delay": Phrase("sockets off this long after closing", "下班后多久关插座")},
}  # fmt: skip


def meaning(section: type[Section], key: str) -> Phrase | None:
    """What a key means, by its name in the file; None for one that nobody has described."""
    for model in section.__mro__:
        found = MEANINGS.get(model.__name__, {}).get(key)
        if found is not None:
            return found
    return None
