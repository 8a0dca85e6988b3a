"""Lines of the log for a person at a terminal: the time, how grave it is, what happened, in the person's language."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final

from config.phrase import Lang, Phrase, columns, filled
from drivers.refused import in_both
from supervisor.telling.words import rule_short

CHINESE: Final[Mapping[str, str]] = {
    "a change of value broke": "处理值变化通知时出错",
    "a listener failed": "一个监听者出错",
    "a request of another broke": "处理对方的请求时出错",
    "an earlier run's slots could not be released": "上次运行的占用未能释放",
    "backed up": "已备份",
    "broadcasts are not heard by the served device": "本机设备收不到广播",
    "bacnet/sc broke": "BACnet/SC 连接出错",
    "bacnet/sc certificates replaced": "BACnet/SC 证书已更换，重新连接",
    "bacnet/sc connected": "已连接 BACnet/SC 集线器",
    "bacnet/sc identity unreadable": "BACnet/SC 身份文件无法读取，已重新生成",
    "bacnet/sc not connected": "未能连接 BACnet/SC 集线器",
    "bacnet/sc vmac taken": "VMAC 已被占用，已更换",
    "broker connected": "已连接 MQTT 服务器",
    "broker given up for now": "暂不连接 MQTT 服务器",
    "broker not connected": "未能连接 MQTT 服务器",
    "broker refuses topics": "MQTT 服务器拒绝订阅部分主题",
    "changed": "已更改",
    "cov renewal broke": "续订 COV 时出错",
    "changes not told to the second port": "控制器不向第二个 UDP 端口报告变化，改由 BACnet 端口订阅",
    "cov refused": "控制器拒绝 COV 订阅",
    "cov subscription not renewed": "COV 订阅未能续订",
    "device answers again": "控制器恢复应答",
    "device down": "控制器无应答",
    "device found": "找到控制器",
    "device has another model name": "控制器型号名已变",
    "device left alone": "暂不访问该控制器",
    "device moved": "控制器地址已变",
    "device not polled through the second port": "控制器不响应第二个 UDP 端口，改由 BACnet 端口轮询",
    "device up": "控制器有应答",
    "fire alarm": "火警信号",
    "let go of old audit": "已移出旧审计",
    "let go without a record": "已释放，但未留下记录",
    "malformed HTTP": "HTTP 请求有误",
    "months of readings stay in the database": "月度读数仍留在数据库中",
    "moved": "已移动",
    "new store": "新建数据库",
    "no answer from the BBMD": "BBMD 无应答",
    "no change of value": "没有收到值变化通知",
    "no connection can be taken": "无法接受连接",
    "no earlier configuration": "没有更早的配置",
    "no record is kept": "未能留下记录",
    "not reloaded: the old configuration stays": "配置有误，沿用旧配置",
    "not saved": "未能保存",
    "nothing goes for its age: the clock leapt today": "时钟今日突变：不清理任何过期记录",
    "others could read it": "其他用户可读取它",
    "reading failed": "读取失败",
    "readings are in the database again": "读数重新写入数据库",
    "readings can be kept nowhere, and wait in memory": "读数无处可存，暂留内存",
    "readings wait on the disk": "读数暂存磁盘",
    "record of a device not readable": "控制器记录无法读取",
    "registered as a foreign device": "已注册为外部设备",
    "released": "已释放",
    "released an earlier run's slots": "已释放上次运行的占用",
    "reload failed": "重新读取失败",
    "reloaded": "配置已更新",
    "rules failed": "规则运算出错",
    "runs again": "恢复运行",
    "saved: it is read when it has rested": "文件已保存，静置后读取",
    "season record not readable": "季节记录无法读取",
    "slots in no journal": "日志中没有的占用",
    "started": "已启动",
    "device has started and did not say so": "控制器已重启而未通告",
    "still letting go": "仍在释放",
    "stopped, and will be started again": "已停止，将重新启动",
    "stopping": "正在停止",
    "the device of our own": "本机 BACnet 设备",
    "the device of our own is served": "本机 BACnet 设备已上线",
    "the BBMD has forgotten our registration": "BBMD 已忘记本机的注册，正在重新注册",
    "the BBMD refuses the registration": "BBMD 拒绝注册",
    "the clock is right: supervision begins": "时钟正确，开始监管",
    "the clock was set": "时钟被调整",
    "the database is away": "数据库不可用",
    "the database is there: supervision begins": "数据库可用，开始监管",
    "the file on disk waits: it writes more than what was accepted": "磁盘上的文件待确认：它比已确认的写入更多",
    "the files of the site cannot be read": "站点的文件无法读取",
    "the model gave no answer in time": "模型未在时限内给出结果",
    "the model gives no answer": "模型没有给出结果",
    "the model's answer is none": "模型的结果不可用",
    "the saved file waits": "已保存的文件待确认",
    "the site file was saved: it is read again": "站点文件已保存，重新读取",
    "the state folder is open to others": "状态目录对其他用户开放",
    "the look at who said I-Am broke": "处理 I-Am 时出错",
    "the service manager does not hear": "服务管理器没有应答",
    "the service manager's socket is of a kind that is not spoken here": "不支持服务管理器的这种套接字",
    "too many connections": "连接过多",
    "a temperature leapt: its unit is asked": "温度突变：正在核对其单位",
    "changes of value came faster than they could be taken": "变化上报来得太快，有遗漏：正在重新读取",
    "states of a point contradict": "设备的状态文字与配置不符：不采信、不写入",
    "states of a point: file and device agree again": "点的状态：文件与控制器已一致",
    "states not read": "未读到状态文字",
    "states not read before a write": "写入前未读到状态文字",
    "units of a device not read": "未能读取控制器的单位",
    "units not read yet": "尚未读到单位",
    "units of a point: file and device agree again": "点的单位：文件与控制器已一致",
    "units of a point: not believed, not written": "点的单位不符：不采信、不写入",
    "what was accepted cannot be kept": "已确认的内容无法保存",
    "what was accepted cannot be read": "已确认的内容无法读取",
    "where the device is accepted is not known": "不知该控制器在何处被确认",
}
"""What the log's lines begin with, in Chinese; in JSON they stay as they are, for programs go by them."""
ZH: Final = "what_zh"
"""The key of an event's Chinese, for a terminal; JSON has its English alone, for whoever filters by it."""
_LEVELS: Final = {
    "info": Phrase("", ""),
    "warning": Phrase("warning: ", "警告："),
    "error": Phrase("error: ", "错误："),
    "critical": Phrase("error: ", "错误："),
}
_COLOURS: Final = {"warning": "\x1b[33m", "error": "\x1b[31m", "critical": "\x1b[31m"}
_ENGLISH: Final = frozenset({"problem", "because", "why", "to_do"})
"""What of a line is told in English beside `zh`, which says all of it in Chinese."""
_FIRE: Final = {
    "not wired": "未接入",
    "clear": "正常",
    "active": "报警",
    "clearing": "解除中",
    "unknown": "未知",
}
"""How the fire alarm's input stands."""
_INTRODUCED: Final = frozenset({"started"})
"""Whose details a person has been told in an introduction."""


def without_chinese(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A processor of structlog for JSON: a phrase is its English."""
    event.pop(ZH, None)
    for key, value in event.items():
        if isinstance(value, Phrase):
            event[key] = value.en
    return event


def renderer(
    lang: Callable[[], Lang], *, coloured: bool, width: Callable[[], int | None] = lambda: None
) -> Callable[[object, str, Mapping[str, Any]], str]:
    """A renderer of structlog: `17:15:18  warning: device down  ddc-3, no answer`. Wall time of this machine. `width`:
    columns that a line takes at most, asked for each line; None for lines as long as they are."""

    def rendered(_logger: object, _method: str, event: Mapping[str, Any]) -> str:
        given = dict(event)
        said, level, raised = (
            str(given.pop("event")),
            str(given.pop("level", "info")),
            given.pop("exception", ""),
        )
        given.pop("timestamp", None)
        which, zh = lang(), given.pop(ZH, "")
        if zh:  # an event of the building, or of a device, with a sentence of its own
            said = Phrase(str(given.pop("what", said)), str(zh)).told(which)
        if alike := given.pop(
            "zh", ""
        ):  # the same in Chinese, of a line that has its English in several parts
            given = (
                given
                if which == "en"
                else {k: v for k, v in given.items() if k not in _ENGLISH} | {"zh": alike}
            )
        text = f"{_LEVELS.get(level, _LEVELS['info']).told(which)}{Phrase(said, CHINESE.get(said, said)).told(which)}"
        details = "" if said in _INTRODUCED else _details(given, which)
        line = _within(f"{time.strftime('%H:%M:%S')}  {text}{details}", width())
        if coloured and level in _COLOURS:
            line = line.replace(text, f"{_COLOURS[level]}{text}\x1b[0m", 1)
        return line + (f"\n{raised}" if raised else "")

    return rendered


def _within(line: str, width: int | None) -> str:
    """Broken between words; what follows stands beneath the text, not beneath the time."""
    if width is None or columns(line) <= width:
        return line
    gap = "\x01"  # the two spaces that part what is said are no place to lose one
    return filled(line.replace("  ", gap * 2), width, hang=10).replace(gap, " ")


def _details(given: Mapping[str, Any], lang: Lang) -> str:
    """What is told besides: names by themselves, figures with what they count; lists are told as events of their own."""
    shown = [
        value.told(lang)
        if isinstance(value, Phrase)
        else in_both(str(value)).told(lang)
        if key in ("reason", "error", "problem")
        else Phrase(str(value), _FIRE.get(str(value), str(value))).told(lang)
        if key == "input"
        else rule_short(str(value), lang)
        if key == "rule"
        else value
        if isinstance(value, str)
        else f"{key}={value}"
        for key, value in given.items()
        if value not in ("", None)
        and (isinstance(value, Phrase) or not isinstance(value, list | tuple | dict))
    ]
    return f"  {', '.join(shown)}" if shown else ""
