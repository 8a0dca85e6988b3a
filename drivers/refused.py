"""What is wrong with a device or its line, in both languages: drivers say it in English, where it is found out."""

from __future__ import annotations

import functools
import re
from typing import Final

from config.phrase import Phrase
from drivers.refused_secure import SECURE

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
    "it is no text in UTF-8": "不是 UTF-8 文本", "a change was lost": "丢失了一次变化上报",
    "it is cut off": "报文不完整", "it is NULL": "值为 NULL", "it is about another object": "说的是另一对象",
    "it is about other objects": "说的是其他对象", "it is about other objects than asked": "说的是未询问的对象",
    "it is about another object, or cut off": "说的是另一对象，或报文不完整", "it is about another service": "说的是另一服务",
    "it says more than was asked": "多于所问", "it has more than a value": "除值之外还有其他内容",
    "it lacks the present value": "缺少 Present_Value", "it left the name out": "未给出名称",
    "its object list has no length": "对象列表没有长度", "no list of objects": "不是对象列表", "not an array": "不是数组",
    "an element of an array that was not asked for": "含有未询问的数组元素", "not a bit string": "不是位串", "nothing of its Device object": "未说明其 Device 对象", "not an error class and code": "不是错误类与代码",
    "octets without a frame": "不成报文的字节", "a number without octets": "没有内容的数值",
    "a value of a constructed type": "值是结构类型", "a value of the wrong length": "值的长度不对",
    "text where a number belongs": "应为数值处是文本", "no scale": "没有 Scale", "no prescale": "没有 Prescale",
    "not a range of dates": "不是日期范围", "not an entry of a calendar": "不是日历条目",
    "a date of the wrong length": "日期长度不对", "a week and day of the wrong length": "星期条目长度不对",
    "no longer gives its slots one by one": "不再逐个给出优先级", "the port was closed": "端口已关闭",
    "the driver did not return in time": "驱动未按时返回", "no answer": "无应答", "topics are only read": "主题只读，不写入",
    "a broker is not followed: its address is changed in the site file": "MQTT 服务器不会自动跟随：请在站点文件中更改其地址",
    "no wire of this site speaks BACnet": "本站点没有 BACnet 线路", "its wire knows no Calendar objects": "其线路没有 Calendar 对象",
    "with `stack: rusty` the device needs a UDP port of its own": "采用 `stack: rusty` 时本机设备需要自己的 UDP 端口",
    "with `stack: bac0` the device shares the port of `bacnet:`": "采用 `stack: bac0` 时本机设备与 `bacnet:` 共用端口",
    "it may have been replaced or started anew while it was asked who it is": "询问其身份期间，它可能已被更换或重新启动",
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
    Phrase(r"device (\d+) answers at (\S+), not device (\d+)", r"在 \2 应答的是设备 \1，而非设备 \3"),
    Phrase(r"another device answers at (\S+), not device (\d+)", r"在 \1 应答的是另一台设备，而非设备 \2"),
    Phrase(r"a priority array of (\d+) slots", r"优先级数组有 \1 项，应为 16 项"),
    Phrase(r"it says that it has no priority array, and had one: whether slot (\d+) still holds our value cannot be read",
           r"该对象原有优先级数组，现称没有：无法读出优先级 \1 是否仍有本系统的值"),
    Phrase(r"nothing is written while it is not recognised: (.*)", r"未能确认其身份，暂不写入：\1"),
    Phrase(r"unreadable (?:change|error): (.*)", r"报文无法解读：\1"),
    Phrase(r"(\d+) values instead of one", r"应为一个值，却有 \1 个"),
    Phrase(r"a value of (?:data)?type (.*)", r"值的类型为 \1"),
    Phrase(r"tag (\d+) is missing", r"缺少标签 \1"),
    Phrase(r"tag (\d+) has the wrong length", r"标签 \1 的长度不对"),
    Phrase(r"a scale of 10\^(\S+)", r"倍率为 10^\1"),
    Phrase(r"it left its (.*) out", r"未给出其 \1"),
    Phrase(r"it is (\w+)", r"报文是 \1"),
    Phrase(r"read together with (.*)", r"与 \1 一同读取"),
    Phrase(r"(\S+) is not a value to write", r"\1 不是可写入的值"),
    Phrase(r"(\S+) takes (.*), not (\S+)", r"\1 只接受 \2，不接受 \3"),
    Phrase(r"internal error: (.*)", r"内部错误：\1"),
    Phrase(r"the hub is not reached: (.*)", r"未能连接集线器：\1"),
    Phrase(r"the hub refuses us: error class (\d+) code (\d+)", r"集线器拒绝连接：错误类 \1 代码 \2"),
    Phrase(r"the hub refuses the connection: TLS alert (\S+)", r"集线器拒绝连接：TLS 警报 \1"),
    Phrase(r"UDP port (\d+) on (\S+) is taken; stop the other program or choose another port", r"\2 的 UDP 端口 \1 已被占用；请停止占用它的程序，或换一个端口"),
    Phrase(r"(\S+) is not an address of this machine", r"\1 不是本机的地址"),
    Phrase(r"cannot bind (\S+): (.*)", r"无法绑定 \1：\2"),
    Phrase(r"the broker at (\S+) lets us in no more: (.*)", r"\1 的 MQTT 服务器不再让本程序登录：\2"),
    Phrase(r"the broker does not let us read (.*)", r"MQTT 服务器不允许本程序读取 \1"),
    Phrase(r"'?(\S+?)'? is not an IPv4 address, with or without /bits", r"\1 不是 IPv4 地址（可带 /位数）"),
    Phrase(r"0\.0\.0\.0 has no broadcast address: name the interface's own address", "0.0.0.0 没有广播地址：请写网卡自己的地址"),
    Phrase(r"a device at (\S+) has our own UDP port, (\d+), on this machine: .*",
           r"控制器 \1 与本程序使用同一个 UDP 端口 \2：采用 `stack: bac0` 时请给 `bacnet: port` 换一个端口，或写 `stack: rusty`"),
    Phrase(r"cannot tell which of this machine's addresses faces the controllers \(there is no way to any of them just now: is the network up\?\): say `bacnet: \{bind: …\}` with one of (.*)",
           r"目前没有通往控制器的网络：请检查网络是否已连接；或写 `bacnet: {bind: …}`，可选 \1"),
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
    Phrase(r"the read-back differs", "回读值与写入值不同"),
    Phrase(r"the slot holds it, but the present value is (\S+)", r"优先级中已有该值，但当前值为 \1"),
    Phrase(r"masked by slot (\d+)", r"被 \1 级遮蔽"),
    Phrase(r"not read back: (.*)", r"未能回读：\1"),
    Phrase(r"not renewed before it could be written", "写入之前未再次确认"),
)  # fmt: skip


_QUOTED: Final = "驱动报告："
"""Before words that are a library's own."""


@functools.lru_cache(maxsize=1024)
def in_both(message: str) -> Phrase:
    """What a driver said of a device, in both languages. Words that it did not choose itself are quoted."""
    return Phrase(message, _known(message) or f"{_QUOTED}{message}")


def _known(message: str) -> str | None:
    """Its Chinese; None where nobody foresaw it."""
    for head, zh in (Phrase("rejected: ", "设备拒收："), Phrase("aborted: ", "设备中止：")):
        if message.startswith(head):
            what = message.removeprefix(head)
            return zh + (_known(what) or what)
    if message in _EXACT:
        return _EXACT[message]
    for shape, zh in _SHAPED:
        if found := re.fullmatch(shape, message):
            return re.sub(r"\\(\d)", lambda number: _part(found[int(number[1])]), zh)
    of, colon, what = message.partition(": ")
    if colon and " " not in of and (told := _known(what)) is not None:
        return f"{of}：{told}"
    return None


def _part(said: str) -> str:
    """What stands within a sentence: a cause that is known by itself, or a name, a number, words that are not ours."""
    return _known(said) or said
