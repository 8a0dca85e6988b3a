"""What kinds of problems there are: each message of a check carries its code, which stays while its words are changed."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from config.phrase import Phrase

Code: TypeAlias = Literal[
    "look-alike",
    "odd-space",
    "unseen-sign",
    "tab",
    "missing-space",
    "missing-dash",
    "swallowed",
    "several-days",
    "not-a-number",
    "missing-file",
    "too-large",
    "encoding",
    "empty-file",
    "unknown-choice",
    "yaml",
    "not-a-section",
    "twice",
    "unknown-key",
    "unknown-name",
    "version",
    "missing",
    "no-boolean",
    "no-hours",
    "no-time",
    "no-duration",
    "no-day",
    "no-object",
    "no-address",
    "no-identifier",
    "out-of-range",
    "looser",
    "dates",
    "past",
    "long-night",
    "no-unit",
    "empty-name",
    "nothing-writable",
    "never-holds",
    "not-exempt",
    "not-writable",
    "circle",
    "equipment",
    "meter",
    "point",
    "limits",
    "network",
    "broker",
    "trial",
    "calendar",
    "certificate",
    "table",
    "weather",
    "simulation",
    "profile",
    "too-many",
    "other",
]
"""Stable: a code is never renamed, and none means two things."""


class Coded(Phrase):
    """What is wrong, in both languages, with the code of its kind: a problem says no other."""

    code: Code

    def __new__(cls, code: Code, en: str, zh: str) -> Coded:
        """Of a code, English and Chinese."""
        made = tuple.__new__(cls, (en, zh))
        made.code = code
        return made

    def __reduce__(self) -> tuple[type[Coded], tuple[Code, str, str]]:
        """Problems travel between processes."""
        return Coded, (self.code, self.en, self.zh)


CODES: Final[dict[Code, Phrase]] = {
    "look-alike": Phrase(
        "a sign of another keyboard that only looks like the one that belongs here", "全角或形似的标点"
    ),
    "odd-space": Phrase("a space that is none of the space bar's", "特殊空格（全角、不间断空格、制表符等）"),
    "unseen-sign": Phrase("a character that nobody sees", "看不见的字符"),
    "tab": Phrase("a tab that indents", "用制表符缩进"),
    "missing-space": Phrase(
        "a space is missing behind a colon or a dash, or before `#`", "冒号、短横线后或 # 前少空格"
    ),
    "missing-dash": Phrase("an item of a list without its dash", "列表项缺短横线"),
    "swallowed": Phrase("a `#` makes a comment of what was meant", "# 使内容成了注释"),
    "several-days": Phrase("a key that names several days", "一个键写了多天"),
    "not-a-number": Phrase("a number with something else in it", "不是数字"),
    "missing-file": Phrase("a file that is not there, or is none", "找不到文件，或不是文件"),
    "too-large": Phrase("more than a site file has", "超出站点文件应有的规模"),
    "encoding": Phrase("not UTF-8 text", "不是 UTF-8 文本"),
    "empty-file": Phrase("nothing in it", "文件为空"),
    "unknown-choice": Phrase("a word that is none of the choices", "不在可选之列"),
    "yaml": Phrase("the text cannot be read as YAML", "不符合 YAML 语法"),
    "not-a-section": Phrase(
        "a value, a list or keys where another of them belongs", "应为一节、列表或值，写成了别的"
    ),
    "twice": Phrase("written twice, or taken already", "重复"),
    "unknown-key": Phrase("a key that the section does not have", "未知的键"),
    "unknown-name": Phrase("a name that nothing in the file has", "引用了不存在的名称"),
    "version": Phrase("the version of the file's form", "文件版本"),
    "missing": Phrase("something that must be written is not", "缺少必填内容"),
    "no-boolean": Phrase("neither true nor false", "不是 true 或 false"),
    "no-hours": Phrase("no opening hours", "不是开放时间"),
    "no-time": Phrase("no time of day", "不是时刻"),
    "no-duration": Phrase("no duration", "不是时长"),
    "no-day": Phrase("no day", "不是日期"),
    "no-object": Phrase("no BACnet object, or no place of one", "不是 BACnet 对象或其位置"),
    "no-address": Phrase("no address", "不是地址"),
    "no-identifier": Phrase("not usable as an identifier", "不能用作标识"),
    "out-of-range": Phrase("outside the range", "超出范围"),
    "looser": Phrase("looser than the plan allows", "比方案宽松"),
    "dates": Phrase("days that do not fit together", "日期不合"),
    "past": Phrase("a day that is over", "日期已过"),
    "long-night": Phrase("open through a night of more than 14 hours", "跨夜超过 14 小时"),
    "no-unit": Phrase("a duration without its unit", "时长没有单位"),
    "empty-name": Phrase("a name that is empty", "名称为空"),
    "nothing-writable": Phrase("no point may be written", "没有可写的点位"),
    "never-holds": Phrase("what never comes to anything here", "在此永不生效"),
    "not-exempt": Phrase("a rule from which nothing is exempt", "不可豁免的规则"),
    "not-writable": Phrase("what may never be written", "不可写"),
    "circle": Phrase("something that stands above itself", "自己在自己之上"),
    "equipment": Phrase("equipment or its template that is not whole", "设备或其模板不完整"),
    "meter": Phrase("a meter that contradicts itself", "计量表自相矛盾"),
    "point": Phrase("a point that contradicts itself", "点位自相矛盾"),
    "limits": Phrase("limits that leave nothing between them", "上下限之间没有余地"),
    "network": Phrase("addresses and ports that contradict each other", "网络设置矛盾"),
    "broker": Phrase("settings of a broker that do not fit together", "MQTT 服务器设置不合"),
    "trial": Phrase("a trial that could not be run or read so", "试验无法如此进行或判读"),
    "certificate": Phrase(
        "a certificate that a hub would refuse, or that ends soon", "证书不被集线器接受，或即将到期"
    ),
    "calendar": Phrase(
        "a calendar file that cannot be used, or contradicts the notice", "日历文件不可用，或与放假通知不符"
    ),
    "table": Phrase("a table of coefficients or costs with a bad row", "系数表或费用表有误"),
    "weather": Phrase("a weather file that is not whole, or from elsewhere", "气象文件不完整，或来自别处"),
    "simulation": Phrase("what a rehearsal cannot live", "无法演练"),
    "profile": Phrase("a data centre's profile", "数据中心上传配置"),
    "too-many": Phrase("more problems than are shown", "问题太多，未全部列出"),
    "other": Phrase("anything else", "其他"),
}
"""What each of them means: `docs/reference/problem-codes.md`."""
