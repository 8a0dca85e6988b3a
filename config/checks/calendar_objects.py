"""Calendar objects that are written: a controller of the file, each once, with a group of hours where one is meant."""

from __future__ import annotations

from config.checks.context import DEVICE, HOURS, Context, delete
from config.codes import Coded
from config.phrase import Phrase
from config.problems import Path


def check_calendar_objects(ctx: Context) -> None:
    """What each entry names is there."""
    seen: set[str] = set()
    for i, entry in enumerate(ctx.file.calendar_objects):
        path: Path = ("calendar_objects", i)
        if ctx.broken(*path):
            continue
        if ctx.known(entry.device, "devices", DEVICE, (*path, "at")):
            device = ctx.file.devices.get(entry.device)
            if device is not None and device.mqtt is not None:
                ctx.error(
                    (*path, "at"),
                    Coded(
                        "unknown-name",
                        f"`{entry.device}` is a broker of MQTT",
                        f"`{entry.device}` 是 MQTT 服务器",
                    ),
                    Phrase("name a BACnet controller", "请写 BACnet 控制器"),
                )
        if entry.at in seen:
            ctx.error(
                (*path, "at"),
                Coded("twice", f"`{entry.at}` is named twice", f"`{entry.at}` 写了两次"),
                Phrase("give each list an object of its own", "每份日期表须用各自的对象"),
            )
        seen.add(entry.at)
        if entry.days in ("closed", "opened"):
            if entry.hours is None:
                ctx.error(
                    path,
                    Coded(
                        "missing",
                        f"whose days? `{entry.days}` needs a group of hours",
                        f"哪个区域组？`{entry.days}` 须注明 hours",
                    ),
                    Phrase("add `hours: office`", "请加 `hours: office`"),
                )
            else:
                ctx.known(entry.hours, "hours", HOURS, (*path, "hours"))
        elif entry.hours is not None:
            ctx.error(
                (*path, "hours"),
                Coded(
                    "calendar",
                    f"`{entry.days}` are the state's, of no group",
                    f"`{entry.days}` 是国家规定的，不分区域组",
                ),
                delete("hours"),
            )
