"""Why the operating system refuses, in both languages: its own word, and the Chinese of those that people meet."""

from __future__ import annotations

import errno
import os
from typing import Final

from config.phrase import Phrase

_CHINESE: Final = {
    errno.ENOENT: "没有这个文件或目录",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许此操作",
    errno.EISDIR: "这是目录，不是文件",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.EEXIST: "文件已存在",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "超出磁盘配额",
    errno.EROFS: "文件系统为只读",
    errno.EIO: "读写出错（磁盘故障？）",
    errno.EBUSY: "资源被占用",
    errno.ENAMETOOLONG: "名称过长",
    errno.ELOOP: "符号链接循环",
    errno.EMFILE: "打开的文件过多",
    errno.ENFILE: "系统打开的文件过多",
    errno.ENOMEM: "内存不足",
    errno.EADDRINUSE: "地址已被占用",
    errno.EADDRNOTAVAIL: "本机没有这个地址",
    errno.ECONNREFUSED: "连接被拒绝",
    errno.ECONNRESET: "连接被对方重置",
    errno.ENETUNREACH: "网络不可达",
    errno.EHOSTUNREACH: "主机不可达",
    errno.ETIMEDOUT: "超时",
    errno.EPIPE: "管道已断开",
}


def reason(error: BaseException) -> Phrase:
    """Why something failed, without the name of the file. What has no Chinese here is quoted."""
    number = getattr(error, "errno", None)
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Phrase(said, _CHINESE.get(number, said) if number is not None else said)


def told(error: OSError) -> Phrase:
    """The same, with the file that it was about, as `str(error)` has it in English."""
    why = reason(error)
    if error.filename is None:
        return Phrase(str(error), why.zh)
    return Phrase(str(error), f"{os.fsdecode(error.filename)!s}：{why.zh}")
