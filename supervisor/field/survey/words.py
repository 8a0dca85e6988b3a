"""Words of points' names and descriptions, and what they are about: English, Chinese, pinyin, vendors' abbreviations.

Brick's classes (`Zone_Air_Temperature_Sensor`) and Haystack's markers (`zone air temp sensor`) are made of these words too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_LATIN: Final[Mapping[str, str]] = {
    # what is measured
    "temp": "temp temperature tmp tempr tmpr temps t wd wendu znt wdsd sdwd rmt rmtmp spctmp rtemp sptemp",
    "room": "room rm zone zn znt rmt space spc spctmp rmtmp indoor sn shinei fangjian nat rtemp",
    "humid": "humidity humid rh hum hmd shidu zn-h znh rmh xdsd",
    "co2": "co2 carbondioxide eryanghuatan",
    "lux": "lux illuminance illum lightlevel brightness zhaodu",
    "outdoor": "outdoor outside oa oat oah oatemp odt osa osat ambient sw shiwai swwd exterior weather",
    "occ": "occupancy occupied occ pir presence motion pres youren renti rtgy rg-occ occupant",
    "window": "window win wnd windows chuangci chuang wincontact cc-win",
    "energy": "energy kwh kilowatthour wh mwh dianneng dianliang diandu ygdd consumption",
    "water": "water yongshui shuiliang shuibiao",
    # what is done
    "set": "setpoint setpt stpt sp setpoints set spt settemp tset sheding sdwd wdsd sdz tempadjust sollwert setpnt spnt stp",
    "cool": "cool cooling clg clgsp cl clng zhileng zl coolsp spc",
    "heat": "reheat heat heating htg htgsp zhire zr heatsp sph",
    "cmd": "cmd command comd enable ena en ctrl control ctl kz kongzhi setup req request",
    "onoff": "onoff startstop kgj ss start qt qiting kg kaiguan on",
    "stop": "stop off tingzhi",
    "switch": "switch swch",
    "status": "status sts stat stt state zt zhuangtai fb fbk feedback proof fk fankui sta monitor",
    "run": "run running yx yunxing operating operation yxzt runsts",
    "fault": "fault flt gz guzhang trip tripped malfunction error failure fail",
    "alarm": "alarm alm bj baojing alert firealarm fas xfbj facp",
    "hand": "hand manual man local shoudong loc",
    "auto": "auto automatic remote zidong rem",
    "handauto": "handauto hoa szd shouzidong automan manauto localremote handoffauto autohand",
    "mode": "mode moshi ms airconmode opmode systemmode operationmode",
    "action": "thermostate runningmode action thermostatus",
    "change": "changeover summerwinter winsum",
    "heartbeat": "heartbeat watchdog xintiao",
    # equipment
    "fcu": "fcu fancoil fjpg fp fc fengjipanguan",
    "vrf": "vrf vrv idu indoorunit multisplit dlj duolianji",
    "split": "split ftkt fenti",
    "vav": "vav vavbox fpb vma bfl",
    "ahu": "ahu rtu airhandler airhandling ktx ktjz",
    "aircon": "kt kongtiao ac hvac aircon airconditioner",
    "humidifier": "heater electricheater djr jsq uv sterilizer ionizer ionizer recovery wheel economizer compressor dehumid humidifier humidify dehumidifier jiashi",
    "fresh": "doas pau mau fau oahu xfj xinfeng freshair xfjz",
    "lights": "light lights lighting lamp luminaire ltg lt lgt zm zhaoming dg deng dengguang lum ltgckt",
    "plugs": "plug plugs socket sockets receptacle outlet cz chazuo recep",
    # what it is of, if not of a room
    "supply": "supply discharge da dat sa sat sf sfan supplyair dischargeair sfwd",
    "return": "return ra rat hf hfwd huifeng returnair",
    "mixed": "mixed mat ma exhaust ea eat relief preheat coil leaving entering lat",
    "medium": "tank dhw domestic lqt lqb rsb bsb xhb ldb ldsb beng heatpump chw hw chws chwr hws hwr cws cwr chilledwater hotwater condenser chiller boiler pump pmp primary secondary "
    "tower coolingtower ct lengshui reshui lengque shuibeng lengji supplywater returnwater steam glycol pipe",
    "fan": "fan fj fengji",
    "speed": "med mid gs ds zs dangwei fspd speed spd fanspeed airflowrate fs fengsu vfd vsd freq frequency hz stage",
    "flow": "airflow flow cfm velocity fenglliang flowrate liuliang",
    "actuator": "damper dmpr dpr valve vlv fadu fm kd position pos",
    "pressure": "pressure press dp static yali yacha",
    "power": "power kw current amps voltage volt demand watt watts gonglv amp pf phase",
    "filter": "filter fltr guolv lvwang",
    "door": "door mc menci",
    "blind": "swing direction vane airdirection blind blinds curtain shade shutter louver chuanglian louvre",
    "gas": "co voc tvoc hcho pm pm25 gas",
    # what makes it another thing
    "limit": "limit high low hi lo min max minimum maximum shangxian xiaxian hilimit lolimit upper lower",
    "offset": "span range increment step ratio gain pid kp ti offset bias deadband db calibration cal differential diff adjust adj shift correction buchang piancha slope trim "
    "warmer cooler tol hysteresis band",
    "mirror": "average avg mean current present display readback dial knob effective eff active actual act current-sp working calculated calc loop common-alarm ctlstpt",
    "unocc": "frost freeze vacation absent sleep comfort-off jieneng unoccupied unocc standby stby night ngt setback setup-back bypass nocc nite economy eco away warmup",
    "schedule": "schedule sched sch timer holiday calendar override ovr ovrd timedoverride",
    "count": "count counter hours runtime runhours hrs time timeout delay minutes seconds duration interval total-time",
    "today": "today daily yesterday month monthly year week peak tariff jinri benyue",
    "reactive": "reactive kvar kvarh varh apparent kva",
    "reset": "controlmode shed loadshed shutdown permissive interlock reset ack acknowledge test lock lockout prohibit prohibition inhibit disable permit allow forced remotecontrol",
    "comm": "comm communication online offline comms tongxun",
    "code": "spare reserved reserve code sign version firmware serial address",
    "setting": "scene dimming dim group color colour",
    "vital": "crac crah lab laboratory pharmacy vaccine incubator ups network rack it server ups datacenter fridge freezer refrigerator medical jifang fuwuqi elevator lift security cctv",
    "pumpfan": "hfj pfj bfj pf bf psfj curtainfan exhaustfan ef rf returnfan exhfan returnairfan ex",
    "life": "obstruction aviation beacon estop stair stairs staircase louti emergency emerg emg eml emlt elt ltem egress evac evacuation escape exit lifesafety fire smoke sprinkler "
    "firedamper fireman fas facp pressurization stairwell xiaofang xfbj yingji shusan paiyan yjzm yj sszm pyfj fhf refuge emer "
    "firealarm",
    "fire": "fire firealarm fas xfbj facp xiaofang",
    "detail": "damper smoke sprinkler hydrant shutter firedamper",
    "level": "level",
    "sensor": "sensor sensing detector indicator pilot",
    "": "common contact panel general unit-no thermostat main position-no condition conditioning function "
    "information constant content standard control-panel controller corridor floor station office meeting building lobby reading value point input output analog binary present device object network",
    "gang": "ckt circuit row hl huilu relay contactor zone-lt bank",
}  # fmt: skip

_CHINESE: Final[Mapping[str, str]] = {
    # a longer word that is found hides the shorter ones in it
    "life": "备用照明 安全照明 警卫照明 航空障碍 障碍灯 障碍照明 楼梯 急停 前室 消防 应急 疏散 逃生 安全出口 排烟 正压送风 防火 喷淋 消火栓 气体灭火 烟感 避难 事故照明 事故",
    "fire": "火警 火灾报警 消防报警 火灾 消防联动信号 消防信号",
    "room": "室内 房间 室温 区域 室内机温度 办公室",
    "temp": "温度 室温 回温 水温 室内温",
    "humid": "湿度 相对湿度",
    "co2": "二氧化碳 CO2",
    "lux": "照度 光照度 光照 亮度值",
    "outdoor": "室外 户外 新风温度 新风湿度 室外机",
    "occ": "人体感应 人体 有人 人感 占用 存在 红外感应 移动感应 人员状态 无人 有无人",
    "window": "窗磁 窗户 开窗 窗状态 窗 外窗",
    "blind": "窗帘 百叶 遮阳 橱窗 窗口式",
    "door": "门磁 房门 门禁 门",
    "energy": "电能 电量 电度 有功电度 用电量 能耗 热量 冷量 总有功",
    "water": "用水量 水量 水表 自来水 累计流量",
    "set": "设定值 设定 给定 设置",
    "cool": "制冷 供冷 冷却设定 夏季 夏",
    "heat": "制热 供热 采暖 供暖 冬季 冬",
    "cmd": "控制 命令 指令 远控 遥控",
    "onoff": "启停 开关 启动 起停 开/关 启/停 开机 开关机 通断",
    "status": "状态 反馈 信号 监测",
    "run": "运行 运转 工作状态 工作",
    "fault": "故障 跳闸 过载",
    "alarm": "报警 告警 火警 火灾报警 消防报警 消防联动信号 消防信号",
    "handauto": "手自动 手/自动 手动自动 手动/自动 本地/远程 就地/远程 远程/就地 远程/本地 手自动转换 本地远程 自动/手动",
    "mode": "模式 工况",
    "change": "冷热切换 冬夏切换 冬夏转换 季节切换 季节转换 冷暖切换 冬/夏 冷热转换 冬夏",
    "action": "运行动作 当前动作",
    "heartbeat": "心跳 看门狗",
    "fcu": "风机盘管 风盘 盘管",
    "vrf": "多联机 室内机 VRV",
    "split": "分体空调 分体机 分体",
    "vav": "变风量 变风量箱",
    "ahu": "空调箱 空调机组 组合式空调 空气处理",
    "aircon": "空调 空调机",
    "humidifier": "压缩机 电加热 加热器 紫外 杀菌 除尘 转轮 热回收 净化 加湿 除湿 加湿器",
    "fresh": "新风机组 新风机 新风",
    "lights": "照明 灯光 灯具 灯 筒灯 灯带",
    "plugs": "插座",
    "supply": "送风 出风 供风",
    "return": "回风",
    "mixed": "混风 排风 表冷 盘管温度 预热 露点",
    "medium": "冷冻水 冷却水 热水 冷水 供水 回水 冷机 水泵 循环泵 补水 冷却塔 锅炉 换热 主机 冷水机组 热泵 水箱 集水井 水管 水温 蒸汽",
    "fan": "风机",
    "speed": "风速 档位 频率 变频 转速 风量档 高速 中速 低速 高档 中档 低档 高风 中风 低风",
    "flow": "风量 流量",
    "actuator": "风阀 水阀 阀门 阀 开度 电动阀 调节阀 防冻阀",
    "pressure": "压力 压差 静压",
    "power": "功率 电流 电压 功率因数 相电",
    "filter": "过滤网 滤网 过滤器 初效 中效",
    "gas": "甲醛 一氧化碳 燃气 天然气 PM2.5 煤气",
    "limit": "上限 下限 高限 低限 最大 最小 超限 过高 过低 高报 低报 高温 低温",
    "offset": "比例 积分 增益 步长 补偿 修正 偏差 死区 偏移 校正 回差 增量",
    "mirror": "平均 当前 显示 实时 实际 有效 当前设定",
    "unocc": "节能 无人时 待机 夜间 值班 节能温度 防冻 防冻开关 非工作",
    "schedule": "时间表 日程 定时 计划 假日 联动",
    "count": "累计时间 运行时间 小时 延时 次数 计时 时长",
    "today": "今日 昨日 本日 当日 本月 当月 上月 年度 尖峰 峰时 谷时 日用 月用",
    "reactive": "无功 视在",
    "reset": "停机 联锁 连锁 复位 消音 测试 锁定 禁止 屏蔽 允许 强制",
    "comm": "通讯 通信 在线 离线",
    "code": "备用 预留 代码 版本 编号码 标志",
    "setting": "场景 调光 亮度 色温 编组",
    "vital": "精密空调 恒温恒湿 实验室 药品 疫苗 消控室 监控室 变电 弱电 网络 交换机 服务器 UPS 机房 冰箱 冷藏 医疗 电梯 安防 监控 弱电间 配电 手术 数据中心 值守",
    "pumpfan": "排风机 回风机 送排风 排气扇 风幕 补风 排气",
    "stop": "停止 关机 关闭",
    "sensor": "传感器 探测器 探测 指示灯",
    "gang": "回路",
}  # fmt: skip


def _turned(by_subject: Mapping[str, str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for subject, words in by_subject.items():
        for word in words.split():
            found.setdefault(word, set()).add(subject)
    return {word: frozenset(subjects) for word, subjects in found.items()}


LATIN: Final = _turned(_LATIN)
"""What a Latin word may be about."""
CHINESE: Final = _turned(_CHINESE)
"""What a Chinese word may be about."""
