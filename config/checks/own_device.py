"""The device that we are ourselves: where it is served, and what it lets others do."""

from __future__ import annotations

from config.checks.context import Context
from config.codes import Coded
from config.own_device import OWN_PORT
from config.phrase import Phrase


def check_own_device(ctx: Context) -> None:
    """Its port is free of our client's, and is there only where it is needed; who opts in is told what that means."""
    device, bacnet = ctx.file.bacnet_device, ctx.file.bacnet
    if device is None or not ctx.written("bacnet_device"):
        return
    if bacnet.stack == "bac0" and device.port is not None:
        ctx.error(
            ("bacnet_device", "port"),
            Coded("network", "with `stack: bac0` the device shares the port of `bacnet:`", "`stack: bac0` 时设备与 `bacnet:` 共用端口"),
            Phrase("delete `port`", "请删去 `port`"),
        )  # fmt: skip
    if bacnet.stack == "rusty":
        port = device.port if device.port is not None else OWN_PORT
        if port == bacnet.port:
            where = ("bacnet_device", "port") if device.port is not None else ("bacnet_device",)
            ctx.error(
                where,
                Coded("twice", f"UDP port {port} is that of `bacnet:` already", f"UDP 端口 {port} 已用于 `bacnet:`"),
                Phrase("give the device another, like 47809", "请为设备另选端口，例如 47809"),
            )  # fmt: skip
        if bacnet.foreign is not None:
            ctx.warn(
                ("bacnet_device",),
                Coded(
                    "network",
                    "as a foreign device the front end's broadcasts are not heard at the device's own port",
                    "作为外部设备（foreign）时，设备的独立端口收不到前端的广播",
                ),
                Phrase(
                    f"name it to the front end by address and port {port}, or say `stack: bac0`",
                    f"请在前端按地址与端口 {port} 添加，或改用 `stack: bac0`",
                ),
            )
    if ctx.written("bacnet_device", "expires") and not device.enabled_point:
        ctx.warn(
            ("bacnet_device", "expires"),
            Coded("never-holds", "nothing expires without `enabled_point: true`", "没有 `enabled_point: true`，`expires` 不起作用"),
            Phrase("add it, or delete `expires`", "请补上，或删去 `expires`"),
        )  # fmt: skip
