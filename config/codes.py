"""What kinds of problems there are: a code for programs, which stays while sentences are reworded.

A slip says its own code; other problems are told by a piece of their English sentence, and a test sees that each of them
finds one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from config.phrase import Phrase


class Code(NamedTuple):
    """What a kind of problem is, and pieces of the sentences that tell of it."""

    means: Phrase
    told_by: tuple[str, ...] = ()


OTHER: Final = "other"
CODES: Final[dict[str, Code]] = {
    "look-alike": Code(Phrase("a sign of another keyboard that only looks like the one that belongs here", "全角或形似的标点")),
    "odd-space": Code(Phrase("a space that is none of the space bar's", "特殊空格（全角、不间断空格、制表符等）")),
    "unseen-sign": Code(Phrase("a character that nobody sees", "看不见的字符")),
    "tab": Code(Phrase("a tab that indents", "用制表符缩进"), ("a tab is used to indent",)),
    "missing-space": Code(Phrase("a space is missing behind a colon or a dash, or before `#`", "冒号、短横线后或 # 前少空格")),
    "missing-dash": Code(Phrase("an item of a list without its dash", "列表项缺短横线")),
    "swallowed": Code(Phrase("a `#` makes a comment of what was meant", "# 使内容成了注释")),
    "several-days": Code(Phrase("a key that names several days", "一个键写了多天")),
    "not-a-number": Code(Phrase("a number with something else in it", "不是数字"), ("this must be a number", "this must be a whole number")),
    "missing-file": Code(Phrase("a file that is not there, or is none", "找不到文件，或不是文件"), ("there is no such file", "there is no file", "not a file", "cannot be read")),
    "too-large": Code(Phrase("more than a site file has", "超出站点文件应有的规模"), (" MB; a site file", "nested too deep", "multiply this file", " MiB; such a file")),
    "encoding": Code(Phrase("not UTF-8 text", "不是 UTF-8 文本"), ("not UTF-8", "UTF-16", "binary file", "GB18030")),
    "empty-file": Code(Phrase("nothing in it", "文件为空"), ("the file is empty", "nothing but comments")),
    "unknown-choice": Code(Phrase("a word that is none of the choices", "不在可选之列"), (" known here", "is not one of the choices", "does not belong to equipment", "is no sensor of a zone", "no unit of energy", "the unit `", "is no country code", "is a word of Chinese", "is not measured in")),
    "yaml": Code(
        Phrase("the text cannot be read as YAML", "不符合 YAML 语法"),
        ("not readable as YAML", "this line", "bracket", "quote is opened", "anchor", "a second document", "a list item",
         "a second `:`", "already complete", "cannot begin with", "double quotes", "is not allowed in YAML", "the tag ",
         "a key must be a word", "`<<` merges"),
    ),
    "not-a-section": Code(Phrase("a value, a list or keys where another of them belongs", "应为一节、列表或值，写成了别的"), ("this must be a list", "this must be a section", "this must be a text", "at the top; it must be")),
    "twice": Code(Phrase("written twice, or taken already", "重复"), ("is written twice", "is already", "is taken by", "is named twice", "is mapped twice", "is in it twice", "names a zone and shared", "is also ours", "reads the same object", "is our own address", "from the same day")),
    "unknown-key": Code(Phrase("a key that the section does not have", "未知的键"), ("unknown key",)),
    "unknown-name": Code(Phrase("a name that nothing in the file has", "引用了不存在的名称"), ("there is no device", "there is no meter", "there is no zone", "there is no group", "there is no template", "there is no organisation", "there is no time zone", "there is no ")),
    "version": Code(Phrase("the version of the file's form", "文件版本"), ("its version", "of the site file is not known")),
    "missing": Code(
        Phrase("something that must be written is not", "缺少必填内容"),
        (" is missing", "are given", "has no end date", "gives no reason", "nobody answers", "has no object", "nothing is written here",
         "may not be empty", "has no hours", "need the dates", "needs the heating period", "neither an outdoor", "has neither",
         "needs an address", "needs a heartbeat", "does not say", "is computed from nothing", "in which unit"),
    ),
    "no-boolean": Code(Phrase("neither true nor false", "不是 true 或 false"), ("this must be true or false",)),
    "no-hours": Code(Phrase("no opening hours", "不是开放时间"), ("these are no opening hours", "opening intervals", "opening hours have", "opening at 24:00", "same minute")),
    "no-time": Code(Phrase("no time of day", "不是时刻"), ("no time of day",)),
    "no-duration": Code(Phrase("no duration", "不是时长"), ("no duration", "a duration lies")),
    "no-day": Code(Phrase("no day", "不是日期"), ("this is no day", "no such day", "not every year", "of which year")),
    "no-object": Code(Phrase("no BACnet object, or no place of one", "不是 BACnet 对象或其位置"), ("BACnet object", "no such object", "no place of", "there is no object type", "last instance")),
    "no-address": Code(Phrase("no address", "不是地址"), ("is no address", "is no IP address", "broadcast address", "no station", "BBMD")),
    "no-identifier": Code(Phrase("not usable as an identifier", "不能用作标识"), ("as an identifier", "cannot name")),
    "out-of-range": Code(Phrase("outside the range", "超出范围"), ("outside the allowed range", "priorit", "must be below")),
    "looser": Code(Phrase("looser than the plan allows", "比方案宽松"), ("is looser than", "limits nothing")),
    "dates": Code(Phrase("days that do not fit together", "日期不合"), ("has either a date", "range of days", "ends before", "do not follow", "either hours or close", "is in the future", "does not say from when", "an earlier day", "begins on")),
    "past": Code(Phrase("a day that is over", "日期已过"), ("lapsed on", "season ended", "are past", "is past")),
    "long-night": Code(Phrase("open through a night of more than 14 hours", "跨夜超过 14 小时"), ("through the night until",)),
    "no-unit": Code(Phrase("a duration without its unit", "时长没有单位")),
    "empty-name": Code(Phrase("a name that is empty", "名称为空"), ("this name is empty",)),
    "nothing-writable": Code(Phrase("no point may be written", "没有可写的点位"), ("nothing here may be written",)),
    "never-holds": Code(Phrase("what never comes to anything here", "在此永不生效"), ("never holds", "is never open", "could not start", "cannot blink", "changes nothing")),
    "not-exempt": Code(Phrase("a rule from which nothing is exempt", "不可豁免的规则"), ("can be exempt from",)),
    "not-writable": Code(Phrase("what may never be written", "不可写"), ("cannot be writable", "cannot be written", "may be written from")),
    "circle": Code(Phrase("something that stands above itself", "自己在自己之上"), ("stands above itself", "from itself")),
    "equipment": Code(Phrase("equipment or its template that is not whole", "设备或其模板不完整"), ("template `", "a single setpoint", "only lights", "priority array", "is on or off")),
    "meter": Code(Phrase("a meter that contradicts itself", "计量表自相矛盾"), ("meter", "a vehicle", "parts", "no sum of both", "`point` is its object")),
    "point": Code(Phrase("a point that contradicts itself", "点位自相矛盾"), ("is a number", "is not a number", "is not an on/off", "would be stale", "scale", "low", "has it as")),
    "limits": Code(Phrase("limits that leave nothing between them", "上下限之间没有余地"), ("leave nothing between", "narrower than", "comfort band", "frost heating")),
    "network": Code(Phrase("addresses and ports that contradict each other", "网络设置矛盾"), ("proxy", "loopback", "foreign device")),
    "too-many": Code(Phrase("more problems than are shown", "问题太多，未全部列出"), ("more problems are not shown",)),
    OTHER: Code(Phrase("anything else", "其他")),
}  # fmt: skip
"""Stable: a code is never renamed. The first one fits by which a sentence is told."""


@lru_cache(maxsize=2048)
def code_of(sentence: str) -> str:
    """The code of a problem that says so in English."""
    return next(
        (name for name, code in CODES.items() if any(piece in sentence for piece in code.told_by)), OTHER
    )
