"""BACnet/SC: hubs that can be gone to, on a stack that speaks it, and devices that are where they are said to be."""

from __future__ import annotations

from urllib.parse import urlsplit

from config.checks.context import Context
from config.codes import Coded
from config.phrase import Phrase
from config.problems import Path
from config.secure import behind_hub, is_vmac

SC: Path = ("bacnet", "sc")
RESERVED = {"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"}
"""Nobody's address, and everybody's (ASHRAE 135 §AB.1.5.2)."""


def check_secure(ctx: Context) -> None:
    """What the file says of BACnet/SC; the certificates themselves are looked at by `supervisor.sitefile.certificates`."""
    sc = ctx.file.bacnet.sc
    for name, device in ctx.file.devices.items():
        path: Path = ("devices", name, "address")
        if is_vmac(device.address) and ctx.written(*path) and not ctx.broken(*SC):
            _vmac(ctx, path, str(device.address), secure=sc is not None)
    if sc is None or not ctx.written(*SC):
        return
    if ctx.file.bacnet.stack != "rusty":
        ctx.error(
            SC,
            Coded("network", "`stack: bac0` does not speak BACnet/SC", "`stack: bac0` 不支持 BACnet/SC"),
            Phrase("write `stack: rusty` under bacnet:", "请在 bacnet: 下写 `stack: rusty`"),
            key=True,
        )
    for key in ("hub", "failover"):
        if (uri := getattr(sc, key)) is not None:
            _port(ctx, (*SC, key), uri)
    if sc.failover == sc.hub:
        ctx.error(
            (*SC, "failover"),
            Coded("twice", "the failover hub is the primary hub", "备用集线器与主集线器相同"),
            Phrase("name another hub, or leave `failover` out", "请写另一台集线器，或不写 `failover`"),
        )
    brokers = (d for d in ctx.file.devices.values() if d.mqtt is None)
    if not any(behind_hub(sc, device.address) for device in brokers):
        ctx.warn(
            SC,
            Coded("never-holds", "no device is behind this hub", "没有控制器接在此集线器上"),
            Phrase(
                "devices on BACnet/SC have no address, or a VMAC like 02:1a:2b:3c:4d:5e",
                "BACnet/SC 控制器不写地址，或写 VMAC，如 02:1a:2b:3c:4d:5e",
            ),
            key=True,
        )


def _port(ctx: Context, path: Path, uri: str) -> None:
    try:
        port = urlsplit(uri).port
    except ValueError:
        port = 0
    if port == 0:
        ctx.error(
            path,
            Coded("out-of-range", "the hub's port is outside the allowed range", "集线器端口超出范围"),
            Phrase("from 1 to 65535; without one it is 443", "1 至 65535；不写则为 443"),
        )


def _vmac(ctx: Context, path: Path, address: str, *, secure: bool) -> None:
    if not secure:
        ctx.error(
            path,
            Coded("missing", f"`{address}` is a VMAC, and there is no BACnet/SC hub", f"`{address}` 是 VMAC，而未配置 BACnet/SC 集线器"),
            Phrase("add `sc:` with its hub under bacnet:", "请在 bacnet: 下加 `sc:` 并写明集线器"),
        )  # fmt: skip
    elif address.lower() in RESERVED:
        ctx.error(
            path,
            Coded("no-address", f"`{address}` is no node's VMAC", f"`{address}` 不是节点的 VMAC"),
            Phrase("write the device's own, or leave the address out", "请写控制器自己的 VMAC，或不写地址"),
        )
