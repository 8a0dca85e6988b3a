"""What is wrong with a device or its line, in both languages: drivers say it in English, where it is found out."""

from __future__ import annotations

import re
from typing import Final

from config.phrase import Phrase
from supervisor.telling.refused_secure import SECURE

_EXACT: Final = {
    "other": "其他原因", "configuration in progress": "设备正在配置", "device busy": "设备忙",
    "invalid data type": "数据类型不符", "no space for object": "设备没有空间容纳该对象",
    "no space to add list element": "设备的列表已满", "no space to write property": "设备没有空间写入",
    "operational problem": "设备运行异常", "read access denied": "不允许读取", "service request denied": "设备拒绝该请求",
    "timeout": "设备报告超时", "unknown object": "设备中没有该对象", "unknown property": "该对象没有此属性",
    "unsupported object type": "设备不支持该对象类型", "value out of range": "数值超出范围",
    "write access denied": "不允许写入", "invalid array index": "数组下标无效", "COV subscription failed": "变化上报（COV）申请失败",
    "not a COV property": "该属性不支持变化上报（COV）", "optional functionality not supported": "设备不支持该可选功能",
    "property is not an array": "该属性不是数组", "no such device in the site file": "站点文件中没有该设备",
    "the driver is not started": "驱动尚未启动", "it says now this and now that of itself": "设备对自身的说法前后不一",
    "it says now this and now that of our slot": "设备对我方占位的说法前后不一",
    "its objects' names could not be read": "读不到其对象名称", "buffer overflow": "缓冲区溢出",
    "inconsistent parameters": "参数不一致", "invalid parameter data type": "参数数据类型不符", "invalid tag": "标签无效",
    "missing required parameter": "缺少必需参数", "parameter out of range": "参数超出范围", "too many arguments": "参数过多",
    "undefined enumeration": "枚举值未定义", "unrecognized service": "设备不支持该服务",
    "invalid APDU in this state": "报文与当前状态不符", "preempted by higher priority task": "被更高优先级的任务中断",
    "segmentation not supported": "设备不支持分段", "security error": "安全错误", "insufficient security": "安全级别不足",
    "window size out of range": "窗口大小超出范围", "application exceeded reply time": "设备应用应答超时",
    "out of resources": "设备资源不足", "TSM timeout": "事务超时", "APDU too long": "报文过长",
    **SECURE,
}  # fmt: skip
"""What drivers say word for word; the names of ASHRAE 135 §18 are in `drivers.bacnet.refusals`."""

_SHAPED: Final = (
    Phrase(r"no answer within (\S+) s", r"\1 秒内无应答"),
    Phrase(r"does not answer; asked again in (\S+) s", r"无应答，\1 秒后再询问"),
    Phrase(r"unreadable answer: (.*)", r"应答无法解读：\1"),
    Phrase(r"cannot be reached: (.*)", r"网络不可达：\1"),
    Phrase(r"cannot open (.*)", r"无法打开 \1"),
    Phrase(r"(\S+) is not host:port", r"\1 不是“主机:端口”"),
    Phrase(r"error class (\d+) code (\d+)", r"错误类 \1 代码 \2"),
    Phrase(r"reason (\d+)", r"原因 \1"),
    Phrase(r"the hub is not reached: (.*)", r"未能连接集线器：\1"),
    Phrase(r"the hub refuses us: error class (\d+) code (\d+)", r"集线器拒绝连接：错误类 \1 代码 \2"),
    Phrase(r"the hub refuses the connection: TLS alert (\S+)", r"集线器拒绝连接：TLS 警报 \1"),
    Phrase(r"UDP port (\d+) on (\S+) is taken; stop the other program or choose another port", r"\2 的 UDP 端口 \1 已被占用；请停止占用它的程序，或换一个端口"),
    Phrase(r"(\S+) is not an address of this machine", r"\1 不是本机的地址"),
    Phrase(r"cannot bind (\S+): (.*)", r"无法绑定 \1：\2"),
    Phrase(r"'(\S+)' is not an IPv4 address, with or without /bits", r"\1 不是 IPv4 地址（可带 /位数）"),
    Phrase(r"0\.0\.0\.0 has no broadcast address: name the interface's own address", "0.0.0.0 没有广播地址：请写网卡自己的地址"),
    Phrase(r"a device at (\S+) has our own UDP port, (\d+), on this machine: .*",
           r"控制器 \1 与本程序使用同一个 UDP 端口 \2：采用 `stack: bac0` 时请给 `bacnet: port` 换一个端口，或写 `stack: rusty`"),
    Phrase(r"cannot tell which of this machine's addresses faces the controllers \(.*\): say `bacnet: \{bind: …\}` with one of (.*)",
           r"无法判断本机哪个地址面向控制器：请写 `bacnet: {bind: …}`，可选 \1"),
    Phrase(r"BAC0 runs once in a process, and it does already", "BAC0 在一个进程中只能运行一次，现已在运行"),
    Phrase(r"(\S+) is not an address", r"\1 不是地址"),
    Phrase(r"(\S+) is no address: (.*)", r"\1 不是地址，写法如：\2"),
    Phrase(r"priority (\d+) is not ours: 9 to 16 are", r"优先级 \1 不归本系统，可用 9 到 16"),
    Phrase(r"an object without a priority array has nothing to release", "没有优先级数组的对象无从释放"),
    Phrase(r"no object type (\S+)", r"没有对象类型 \1"),
    Phrase(r"no instance (\S+)", r"没有实例号 \1"),
    Phrase(r"no such broker in the site file", "站点文件中没有该 MQTT 服务器"),
    Phrase(r"a topic has no priority array", "主题没有优先级数组"),
)  # fmt: skip


_QUOTED: Final = "驱动报告："
"""Before words that are a library's own."""


def in_both(message: str) -> Phrase:
    """What a driver said of a device, in both languages. Words that it did not choose itself are quoted."""
    return Phrase(message, _chinese(message))


def _chinese(message: str) -> str:
    for head, zh in (Phrase("rejected: ", "设备拒收："), Phrase("aborted: ", "设备中止：")):
        if message.startswith(head):
            return zh + _chinese(message.removeprefix(head))
    if message in _EXACT:
        return _EXACT[message]
    for shape, zh in _SHAPED:
        if re.fullmatch(shape, message):
            return re.sub(shape, zh, message)
    of, colon, what = message.partition(": ")
    if colon and " " not in of and not (told := _chinese(what)).startswith(_QUOTED):
        return f"{of}：{told}"
    return f"{_QUOTED}{message}"
