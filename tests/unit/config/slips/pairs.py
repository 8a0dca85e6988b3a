"""What a hand at a Chinese keyboard, in Notepad or from a spreadsheet writes, beside what it means or where it is named.

Each pair is an edit of the small site: a piece of it, and what stands there instead.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Taken(NamedTuple):
    """A slip with one meaning: what stood there, what is written, what that means."""

    old: str
    written: str
    meant: str


class Named(NamedTuple):
    """A slip that is named: what stood there, what is written with § before the place, its code, words of the message."""

    old: str
    written: str
    code: str
    words: str = ""
    severity: str = "error"


OFFICE: Final = "    workday: 09:00-17:30"
DAY: Final = "  - {date: 2026-09-30, close: 16:00}"
ZONES: Final = "  - zones: [server]"
ROOM: Final = "  room-1:\n    hours: office\n"
NAMED_ROOM: Final = "  room-1:\n    name: 201 办公室\n    hours: office\n"


def hours(written: str, meant: str) -> Taken:
    """A working day's hours."""
    return Taken(OFFICE, f"    workday: {written}", f"    workday: {meant}")


def date(written: str) -> Taken:
    """The thirtieth of September."""
    return Taken(DAY, f"  - {{date: {written}, close: 16:00}}", DAY)


def group(written: str, meant: str) -> Taken:
    """More lines of the office's hours."""
    return Taken(OFFICE, f"{OFFICE}\n    {written}", f"{OFFICE}\n    {meant}")


def stagger(written: str, meant: str) -> Taken:
    """A duration."""
    return Taken("priority: 10", f"stagger: {written}\npriority: 10", f"stagger: {meant}\npriority: 10")


def prestart(written: str, meant: str) -> Taken:
    """A longer duration."""
    whole = "rules: {{pre-close-off: {{prestart: {}}}}}\npriority: 10"
    return Taken("priority: 10", whole.format(written), whole.format(meant))


TAKEN: Final[dict[str, Taken]] = {
    # ---- hours
    "次日": hours("22:00-次日6:00", "22:00-06:00"),
    "第二天": hours("20:00至第二天早上6点", "20:00-06:00"),
    "上午到下午五点半": hours("上午8:00至下午5:30", "08:00-17:30"),
    "24点全角": hours("09:00-24：00", "09:00-24:00"),
    "两条横线": hours("09:00--17:30", "09:00-17:30"),
    "礼拜天休息": group("礼拜天: 休息", "sunday: closed"),
    "周日无": group("周日: 无", "sunday: closed"),
    "不开门": group("周六: 不开门", "saturday: closed"),
    "一刻钟": prestart("一刻钟", "15min"),
    "三刻钟": prestart("三刻钟", "45min"),
    "两小时": prestart("两小时", "2h"),
    "半小时的预启动": prestart("半小时", "30min"),
    "一点五小时": prestart("1.5小时", "90min"),
    "全角冒号的时间": hours("09：00-17：30", "09:00-17:30"),
    "波浪号": hours("09:00～17:30", "09:00-17:30"),
    "波浪号（日文）": hours("09:00〜17:30", "09:00-17:30"),
    "至": hours("09:00至17:30", "09:00-17:30"),
    "到": hours("09:00 到 17:30", "09:00-17:30"),
    "破折号": hours("09:00—17:30", "09:00-17:30"),
    "双破折号": hours("09:00——17:30", "09:00-17:30"),
    "en dash": hours("09:00–17:30", "09:00-17:30"),
    "全角减号": hours("09:00－17:30", "09:00-17:30"),
    "数学减号": hours("09:00−17:30", "09:00-17:30"),
    "顿号分两段": hours("09:00-12:00、13:00-17:30", "[09:00-12:00, 13:00-17:30]"),
    "方括号里的顿号": hours("[09:00-12:00、13:00-17:30]", "[09:00-12:00, 13:00-17:30]"),
    "忘了方括号": hours("09:00-12:00, 13:00-17:30", "[09:00-12:00, 13:00-17:30]"),
    "和": hours("09:00-12:00 和 13:00-17:30", "[09:00-12:00, 13:00-17:30]"),
    "全角数字": hours("０９:００-１７:３０", "09:00-17:30"),
    "全部全角": hours("０９：００～１７：３０", "09:00-17:30"),
    "点": hours("9点-17点半", "09:00-17:30"),
    "时分": hours("9时至17时30分", "09:00-17:30"),
    "上午下午": hours("上午9:00至下午5:30", "09:00-17:30"),
    "下午5点半": hours("上午9点到下午5点半", "09:00-17:30"),
    "下午省略": hours("下午2点到5点半", "14:00-17:30"),
    "早晚": hours("早8点到晚6点", "08:00-18:00"),
    "汉字数字": hours("九点至十七点半", "09:00-17:30"),
    "从到": hours("从9:00到17:30", "09:00-17:30"),
    "弯引号": hours("“09:00-17:30”", "09:00-17:30"),
    "直角引号": hours("「09:00-17:30」", "09:00-17:30"),
    "单弯引号": hours("‘09:00-17:30’", "09:00-17:30"),
    "两头同一个弯引号": hours("”09:00-17:30”", "09:00-17:30"),
    "英文引号": hours('"09:00-17:30"', "09:00-17:30"),
    "休息": group("saturday: 休息", "saturday: closed"),
    "关闭": group("saturday: 关闭", "saturday: closed"),
    "放假": group("saturday: 放假", "saturday: closed"),
    "全天": hours("全天", "24h"),
    "24小时": hours("24小时", "24h"),
    "全角空格在时间里": hours("09:00　-　17:30", "09:00-17:30"),
    "行尾全角空格": hours("09:00-17:30　", "09:00-17:30"),
    "行尾制表符": hours("09:00-17:30\t", "09:00-17:30"),
    "冒号后无空格的全角冒号": Taken(OFFICE, "    workday：09:00-17:30", OFFICE),
    "冒号后有空格的全角冒号": Taken(OFFICE, "    workday： 09:00-17:30", OFFICE),
    # ---- kinds of days
    "工作日": Taken(OFFICE, "    工作日: 09:00-17:30", OFFICE),
    "工作日：": Taken(OFFICE, "    工作日：09:00-17:30", OFFICE),
    "周一": group("周一: 10:00-17:30", "monday: 10:00-17:30"),
    "周二": group("周二：10:00-17:30", "tuesday: 10:00-17:30"),
    "星期三": group("星期三: 10:00-17:30", "wednesday: 10:00-17:30"),
    "周四": group("周四: 休息", "thursday: closed"),
    "礼拜五": group("礼拜五: 休息", "friday: closed"),
    "周六": group("周六: 09:00-12:00", "saturday: 09:00-12:00"),
    "周日": group("周日: 休息", "sunday: closed"),
    "礼拜天": group("礼拜天: 休息", "sunday: closed"),
    "星期日": group("星期日：休息", "sunday: closed"),
    "周末": group("周末: 09:00-12:00", "weekend: 09:00-12:00"),
    "节假日": group("节假日: 休息", "holiday: closed"),
    "调休": group("调休: 09:00-12:00", "makeup_workday: 09:00-12:00"),
    "大括号里的中文键": Taken(
        "  office:\n    workday: 09:00-17:30", "  office: {工作日：09:00-17:30， 周六：休息}".replace("，", "、"),
        "  office: {workday: 09:00-17:30, saturday: closed}",
    ),
    # ---- days
    "年月日": date("2026年9月30日"),
    "年月号": date("2026年9月30号"),
    "斜线日期": date("2026/9/30"),
    "点日期": date("2026.9.30"),
    "全角日期": date("２０２６－０９－３０"),
    "月日": Taken("summer: 06-01", "summer: 6月1日", "summer: 06-01"),
    # ---- durations
    "分钟": stagger("5分钟", "5min"),
    "秒": stagger("30秒", "30s"),
    "半分钟": stagger("半分钟", "30s"),
    "一分半钟": stagger("1分30秒", "90s"),
    "全角单位": stagger("５ｍｉｎ", "5min"),
    # ---- keys and structure
    "全角冒号的键": Taken("zones:\n  room-1:", "zones：\n  room-1：", "zones:\n  room-1:"),
    "全角字母的键": Taken("priority: 10", "ｐｒｉｏｒｉｔｙ: 10", "priority: 10"),
    "全角数字的值": Taken("priority: 10", "priority: １０", "priority: 10"),
    "全角冒号在大括号里": Taken(DAY, "  - {date：2026-09-30, close：16：00}", DAY),
    "顿号在大括号里": Taken(DAY, "  - {date: 2026-09-30、close: 16:00}", DAY),
    "弯引号的名称": Taken(ROOM, ROOM + "    name: “201 办公室”\n", ROOM + "    name: 201 办公室\n"),
    "弯引号里有逗号": Taken(DAY, DAY[:-1] + ", name: “放假, 提前”}", DAY[:-1] + ', name: "放假, 提前"}'),
    "弯引号里有单引号": Taken(ROOM, ROOM + "    name: “王's 办公室”\n", ROOM + "    name: \"王's 办公室\"\n"),
    "弯引号的键": Taken("priority: 10", "“priority”: 10", "priority: 10"),
    "顿号分两组": Taken(DAY, DAY[:-1] + ", groups: [office、common]}", DAY[:-1] + ", groups: [office, common]}"),
    "没有方括号的两组": Taken(
        DAY, "  - date: 2026-09-30\n    close: 16:00\n    groups: office、common",
        "  - date: 2026-09-30\n    close: 16:00\n    groups: [office, common]",
    ),
    "是": Taken("  room-1:\n", "  room-1:\n    dry_run: 是\n", "  room-1:\n    dry_run: true\n"),
    "否": Taken("dry_run: false", "dry_run: 否", "dry_run: false"),
    "有": Taken("escape_route: true", "escape_route: 有", "escape_route: true"),
    "真": Taken("escape_route: true", "escape_route: 真", "escape_route: true"),
    "全角的 true": Taken("escape_route: true", "escape_route: ｔｒｕｅ", "escape_route: true"),
    "空行里有全角空格": Taken("\nhours:\n", "　　\nhours:\n", "\nhours:\n"),
    "空行里有制表符": Taken("\nhours:\n", "\t\nhours:\n", "\nhours:\n"),
    "注释里什么都可以": Taken("\nhours:\n", "\n# 注释：“全角”，\t【都可以】\u200b\nhours:\n", "\nhours:\n"),
    # ---- a room by its name
    "按名称写区域": Taken(
        ROOM, NAMED_ROOM, NAMED_ROOM
    ),
    "冒号留在文字里": Taken(ROOM, ROOM + "    name: 地址：三楼\n", ROOM + '    name: "地址：三楼"\n'),
    "名称里的全角标点": Taken(ROOM, ROOM + "    name: 机房（一）、【新】，二楼。\n", ROOM + '    name: "机房（一）、【新】，二楼。"\n'),
    "名称里的全角空格": Taken(ROOM, ROOM + "    name: 张　三\n", ROOM + '    name: "张　三"\n'),
}  # fmt: skip

NAMED: Final[dict[str, Named]] = {
    # ---- look-alikes where they are no value's
    "全角逗号分组": Named(DAY, DAY[:-1] + ", groups: [office§，common]}", "look-alike", "，"),
    "全角分号分组": Named(DAY, DAY[:-1] + ", groups: [office§；common]}", "look-alike", "；"),
    "全角逗号分键": Named(DAY, "  - {date: 2026-09-30§，close: 16:00}", "look-alike", "，"),
    "全角逗号和全角冒号": Named(DAY, "  - {date：2026-09-30§，close：16:00}", "look-alike", "，"),
    "全角花括号": Named(DAY, "  - §｛date: 2026-09-30, close: 16:00}", "look-alike", "｛"),
    "全角右花括号": Named(DAY, "  - {date: 2026-09-30, close: 16:00§｝", "look-alike", "｝"),
    "全角方括号": Named(ZONES, "  - zones: §［server]", "look-alike", "［"),
    "黑方括号": Named(ZONES, "  - zones: [server§】", "look-alike", "】"),
    "圆括号": Named(ZONES, "  - zones: §（server）", "look-alike", "（"),
    "句号在行尾": Named("dry_run: false", "dry_run: false§。", "look-alike", "。"),
    "句号在括号后": Named(ZONES, ZONES + "§。", "look-alike", "。"),
    "句号当小数点": Named(ROOM, ROOM + "    area_m2: 26§。5\n", "look-alike", "。"),
    "全角句点": Named(ROOM, ROOM + "    area_m2: 26§．5\n", "look-alike", "．"),
    "时间后的句号": Named(OFFICE, f"{OFFICE}§。", "look-alike", "。"),
    "全角逗号的两段": Named(OFFICE, "    workday: 09:00-12:00§，13:00-17:30", "look-alike", "，"),
    "全角斜线": Named("fcu: ddc-1/10", "fcu: ddc-1§／10", "look-alike", "／"),
    "全角井号": Named("dry_run: false", "dry_run: false §＃ 演练", "look-alike", "＃"),
    "行首全角井号": Named("\nhours:\n", "\n§＃ 开放时间\nhours:\n", "look-alike", "＃"),
    "混用引号": Named(ROOM, ROOM + '    name: "201 办公室§”\n', "look-alike", "”"),
    "全角短横": Named(DAY, "  §－ {date: 2026-09-30, close: 16:00}", "look-alike", "－"),
    "en dash 作列表": Named(DAY, "  §– {date: 2026-09-30, close: 16:00}", "look-alike", "–"),
    "圆点作列表": Named(DAY, "  §• {date: 2026-09-30, close: 16:00}", "look-alike", "•"),
    "西里尔字母": Named("building: annex", "building: §аnnex", "look-alike", "Cyrillic"),
    "密码行不猜": Named("priority: 10", "database§：sqlite:///x\npriority: 10", "look-alike", "："),
    # ---- what nobody sees
    "制表符缩进": Named(OFFICE, "  §\tworkday: 09:00-17:30", "tab", "tab"),
    "制表符在冒号后": Named("dry_run: false", "dry_run:§\tfalse", "odd-space", "tab"),
    "不间断空格": Named("dry_run: false", "dry_run:§\u00a0false", "odd-space", "no-break"),
    "不间断空格缩进": Named(OFFICE, "§\u00a0   workday: 09:00-17:30", "odd-space", "no-break"),
    "不间断空格在名称里": Named(ROOM, ROOM + "    name: 201§\u00a0办公室\n", "odd-space", "no-break"),
    "全角空格缩进": Named(OFFICE, "§　  workday: 09:00-17:30", "odd-space", "full-width space"),
    "全角空格在冒号后": Named("dry_run: false", "dry_run:§　false", "odd-space", "full-width space"),
    "零宽空格": Named(ROOM, "  room-1:\n    hours: office§\u200b\n", "unseen-sign", "zero-width"),
    "零宽空格在引号里": Named(ROOM, '  room-1:\n    hours: "office§\u200b"\n', "unseen-sign", "zero-width"),
    "BOM 在中间": Named("dry_run: false", "§\ufeffdry_run: false", "unseen-sign", "U+FEFF"),
    "方向标记": Named("dry_run: false", "dry_run: false§\u200e", "unseen-sign", "U+200E"),
    # ---- spaces and dashes
    "冒号后少空格": Named("dry_run: false", "dry_run§:false", "missing-space", "colon"),
    "时间前少空格": Named(OFFICE, "    workday§:09:00-17:30", "missing-space", "colon"),
    "大括号里少空格": Named(DAY, "  - {date§:2026-09-30, close: 16:00}", "missing-space", "colon"),
    "设备少空格": Named("equipment: {fcu: ddc-1/10", "equipment: {fcu§:ddc-1/10", "missing-space", "colon"),
    "短横后少空格": Named(ZONES, "  §-zones: [server]", "missing-space", "dash"),
    "短横后少空格和括号": Named(DAY, "  §-{date: 2026-09-30, close: 16:00}", "missing-space", "dash"),
    "注释前少空格": Named(ROOM, "  room-1:\n    hours: office§# 办公室\n", "missing-space", "#"),
    "少短横": Named(DAY, f"{DAY}\n  §{{date: 2026-10-09, close: 16:00}}", "missing-dash", "dash"),
    "少短横的第一项": Named(DAY, f"  §{{date: 2026-10-09, close: 16:00}}\n{DAY}", "missing-dash", "dash"),
    "少短横的键": Named(DAY, f"{DAY}\n  §date: 2026-10-09\n    close: 16:00", "missing-dash", "dash"),
    "少短横的键，左对齐": Named(DAY, f"{DAY}\n  §date: 2026-10-09\n  close: 16:00", "missing-dash", "dash"),
    "只有一项又少短横": Named(ZONES, "    §zones: [server]", "missing-dash", "dash"),
    "井号吞掉名称": Named(ROOM, ROOM + "    name: §#3 会议室\n", "swallowed", "name"),
    "井号吞掉理由": Named("reason: servers", "reason: §#1 机房", "swallowed", "reason"),
    "大括号里井号吞掉名称": Named(DAY, DAY[:-1] + ", name: §#3 会议室}", "swallowed", "name"),
    "井号吞掉一半": Named(ROOM, ROOM + "    name: 会议室 §#3\n", "swallowed", "without", "warning"),
    # ---- keys
    "写了两次": Named("zones:\n", "zones:\n  spare: {hours: office}\n§zones:\n", "twice", "twice"),
    "中英文各写一次": Named(OFFICE, f"{OFFICE}\n    §工作日: 08:00-17:00", "twice", "工作日"),
    "两个全角空格缩进": Named(OFFICE, "§　　workday: 09:00-17:30", "odd-space", "full-width space"),
    "复制的行": Named("dry_run: false", "dry_run: false\n§dry_run: false", "twice", "twice"),
    "中文键": Named("hours:\n  office", "§开放时间:\n  office", "unknown-key", "开放时间"),
    "中文键，全角冒号": Named("zones:\n", "§区域：\n", "unknown-key", "区域"),
    "拼错的节": Named("hours:\n  office", "§hors:\n  office", "unknown-key", "hors"),
    "大写": Named("dry_run: false", "§Dry_Run: false", "unknown-key", "Dry_Run"),
    "周一至周五": Named(OFFICE, f"{OFFICE}\n    §周一至周五: 09:00-17:30", "several-days", "several days"),
    "周一到周五": Named(OFFICE, f"{OFFICE}\n    §周一到周五：09:00-17:30", "several-days", "several days"),
    "Mon-Fri": Named(OFFICE, f"{OFFICE}\n    §Mon–Fri: 09:00-17:30", "several-days", "several days"),
    "周六、周日": Named(OFFICE, f"{OFFICE}\n    §周六、周日: 休息", "several-days", "several days"),
    # ---- values
    "没有年": Named("2026-09-30", "§9月30日", "no-day", "of which year"),
    "不是日期": Named("2026-09-30", "§九月三十", "no-day", "no day"),
    "26度": Named(ROOM, ROOM + "    area_m2: 26§度\n", "not-a-number", "度"),
    "26℃": Named(ROOM, ROOM + "    area_m2: 26§℃\n", "not-a-number", "℃"),
    "平方米": Named(ROOM, ROOM + "    area_m2: 26 §平方米\n", "not-a-number", "平方米"),
    "二十六": Named(ROOM, ROOM + "    area_m2: §二十六\n", "not-a-number", "a number"),
    "千分位": Named(ROOM, ROOM + "    area_m2: 2§,600\n", "not-a-number", ",600"),
    "上午12点": Named(OFFICE, "    workday: §上午12点-17点", "no-time", "time of day"),
    "晚上到几点": Named(OFFICE, "    workday: §晚上7点到9点", "no-hours", "no opening hours"),
    "25点": Named(OFFICE, "    workday: §9点-25点", "no-time", "time of day"),
    "也许": Named("dry_run: false", "dry_run: §也许", "no-boolean", "true or false"),
    "30分": Named("priority: 10", "stagger: §三十来分\npriority: 10", "no-duration", "no duration"),
    "中文类型": Named("kind: server_room", "kind: §机房", "unknown-choice", "server_room"),
    "中文模板类型": Named("kind: fcu", "kind: §风机盘管", "unknown-choice", "fcu"),
    "没有这一组": Named(ROOM, "  room-1:\n    hours: §办公室\n", "unknown-name", "办公室"),
    "两行并一行": Named("dry_run: false\n", "dry_run: false priority§: 10\n", "yaml", "second"),
    "逗号当冒号": Named("dry_run: false", "§dry_run，false", "yaml", "no key"),
    "括号没关": Named(ZONES + "\n    rules: [window-off, summer-setpoint]\n", "  - zones: [server\n    rules§: [window-off]\n", "yaml", "bracket"),
    "引号没关": Named(ROOM, ROOM + '    name: §"201\n', "yaml", "quote"),
    "周一到周五作键": Named(OFFICE, "    §周一到周五: 09:00-17:30", "several-days", "several days"),
    "周一波浪周五": Named(OFFICE, "    §周一~周五: 09:00-17:30", "several-days", "several days"),
    "括号里的午休": Named(OFFICE, "    workday: 09:00-17:30§（午休）", "look-alike", "parenthesis"),
    "分的撇号": Named("priority: 10", "stagger: 15§′\npriority: 10", "look-alike", "U+2032"),
    "weekday": Named(OFFICE, "    §weekday: 09:00-17:30", "unknown-key", "weekday"),
    "关门作键": Named(DAY, "  - {date: 2026-09-30, §关门: 16:00}", "unknown-key", "关门"),
    "国庆节": Named(DAY, "  - {date: §国庆节, close: 16:00}", "no-day", "no day"),
    "9am": Named(OFFICE, "    workday: §9am-5:30pm", "no-time", "time of day"),
    "to": Named(OFFICE, "    workday: §09:00 to 17:30", "no-hours", "opening hours"),
    "minutes": Named("priority: 10", "stagger: §30 minutes\npriority: 10", "no-duration", "no duration"),
    "等号": Named("dry_run: false", "§dry_run = false", "yaml", "no key"),
    "圆点作短横线": Named(DAY, "  §• {date: 2026-09-30, close: 16:00}", "look-alike", "U+2022"),
    "大于等于": Named("special_days:", "rules: {summer-setpoint: {minimum: §≥26}}\nspecial_days:", "not-a-number", "a number"),
    # ---- warnings and notes
    "本年已过的日子": Named("2026-09-30", "§2026-03-31", "past", "stays for this year's account", "note"),
    "三十没有单位": Named(
        "special_days:", "rules: {pre-close-off: {lead: 30min, prestart: §30}}\nspecial_days:", "no-unit", "seconds", "warning"
    ),
    "过去的日子": Named("2026-09-30", "§2025-09-30", "past", "past", "warning"),
    "过长的夜": Named(OFFICE, "    workday: §17:30-09:00", "long-night", "night", "warning"),
    "八点半到五点半": Named(OFFICE, "    workday: §8点半到5点半", "long-night", "night", "warning"),
    "空的名称": Named(ROOM, ROOM + '    name: §""\n', "empty-name", "empty", "warning"),
}  # fmt: skip
