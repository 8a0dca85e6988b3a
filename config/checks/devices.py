"""Devices and our own end of the wire: identities, addresses, ports."""

from __future__ import annotations

import ipaddress
import re

from config.checks.context import Context
from config.codes import Coded
from config.phrase import Phrase, same
from config.problems import Path
from config.secure import behind_hub, is_vmac
from config.values import DEFAULT_PORT

_ROUTED = re.compile(r"(\d+):(\d+)")
"""`network:station`, unlike `host:port`."""


def check_devices(ctx: Context) -> None:
    """Each device has an identity and an address of its own, and can be reached from where we bind."""
    bind = _bind(ctx, ("bacnet", "bind"), ctx.file.bacnet.bind)
    page = _bind(ctx, ("http", "bind"), ctx.file.http.bind)
    if page is not None and page.is_loopback and ctx.file.http.names and not ctx.file.http.proxy:
        hint = Phrase(
            "say `proxy: true` under http:, or whoever comes through it reads without a token",
            "请在 http: 下写 `proxy: true`，否则经由代理访问的人不需令牌即可读取",
        )
        said = Coded(
            "network",
            "a name of a page on loopback: is there a proxy in front of it?",
            "页面在本机回环地址上却有名称：前面是否有代理？",
        )
        ctx.warn(("http", "names"), said, hint)
    instances = {
        ctx.file.bacnet.instance: Phrase(
            "this program itself (bacnet: instance)", "本程序自己（bacnet: instance）"
        )
    }
    addresses: dict[tuple[str, int | None], str] = {}
    for name, device in ctx.file.devices.items():
        path: Path = ("devices", name)
        if not ctx.written(*path):
            continue
        owner = instances.setdefault(device.instance, same(name))
        if owner.en != name:
            hint = Phrase(
                "every device instance exists once in a building", "一栋建筑内每个设备实例号只能出现一次"
            )
            said = Coded(
                "twice",
                f"instance {device.instance} is taken by {owner.en}",
                f"实例号 {device.instance} 已被 {owner.zh} 占用",
            )
            ctx.error((*path, "instance"), said, hint)
        secure = behind_hub(ctx.file.bacnet.sc, device.address)
        address = _address(ctx, (*path, "address"), device.address)
        if address is not None:
            taken = addresses.setdefault(address, name)
            if taken != name:
                shown = f"{address[0]}:{address[1]}" if address[1] is not None else address[0]
                message = Coded(
                    "twice", f"{shown} is already the address of {taken}", f"{shown} 已是 {taken} 的地址"
                )
                hint = Phrase("give each device its own address or port", "请为每台控制器写各自的地址或端口")
                ctx.error((*path, "address"), message, hint)
        if bind is not None and bind.is_loopback and device.mqtt is None and not secure:
            _on_loopback(ctx, path, address)
    _any_interface(ctx, bind)
    _between_subnets(ctx, bind)


def _on_loopback(ctx: Context, path: Path, address: tuple[str, int | None] | None) -> None:
    """bacpypes3 delivers datagrams for any 127.x address on its own port to itself."""
    if address is None:
        if ctx.written(*path, "address") or ctx.file.bacnet.foreign is not None:
            return
        hint = Phrase(
            "add `address: 127.0.0.11:47809`: nobody hears a Who-Is broadcast on loopback",
            "加上 `address: 127.0.0.11:47809`：回环地址上没有设备听得到 Who-Is 广播",
        )
        said = Coded(
            "missing",
            f"device `{path[-1]}` needs an address, as bacnet: bind is loopback",
            f"控制器 `{path[-1]}` 需要写地址，因为 bacnet: bind 是回环地址",
        )
        ctx.error(path, said, hint, key=True)
    elif address[0].startswith("127.") and address[1] == ctx.file.bacnet.port:
        message = Coded(
            "twice",
            f"port {address[1]} is also ours (bacnet: port); on loopback the two must differ",
            f"端口 {address[1]} 也是本程序的端口（bacnet: port）；在回环地址上两者须不同",
        )
        hint = Phrase(
            f"serve the device on another port, like {address[1] + 1}",
            f"请让控制器用另一个端口，如 {address[1] + 1}",
        )
        ctx.error((*path, "address"), message, hint)


def _any_interface(ctx: Context, bind: _Ip | None) -> None:
    """Neither stack can broadcast from every interface at once."""
    if bind is not None and bind.is_unspecified:
        hint = Phrase(
            "leave it out: the address that faces the controllers is found by their addresses; or name it",
            "可以不写：按控制器的地址自动选定面向它们的地址；或写明地址",
        )
        said = Coded("no-address", f"`{bind}` has no broadcast address", f"`{bind}` 没有广播地址")
        ctx.error(("bacnet", "bind"), said, hint)


def _between_subnets(ctx: Context, bind: _Ip | None) -> None:
    """A foreign device registers with somebody else's BBMD; a BBMD is its subnet's own."""
    bacnet = ctx.file.bacnet
    if bacnet.foreign is not None and bacnet.bbmd is not None and ctx.written("bacnet", "bbmd"):
        hint = Phrase(
            "keep `foreign` where another subnet has a BBMD, `bbmd` where this subnet needs one",
            "别的子网有 BBMD 时留 `foreign`；本子网需要 BBMD 时留 `bbmd`",
        )
        said = Coded(
            "no-address",
            "one end cannot be a foreign device and a BBMD at once",
            "同一端不能既是外来设备（foreign）又是 BBMD",
        )
        ctx.error(("bacnet", "bbmd"), said, hint, key=True)
    seen: dict[tuple[str, int], str] = {}
    named: list[tuple[Path, str]]
    named = [(("bacnet", "foreign", "bbmd"), bacnet.foreign.bbmd)] if bacnet.foreign is not None else []
    if bacnet.bbmd is not None:
        named += [(("bacnet", "bbmd", "peers", i), peer) for i, peer in enumerate(bacnet.bbmd.peers)]
    for path, text in named:
        if not ctx.written(*path):
            continue
        found = _bbmd(ctx, path, text)
        if found is None:
            continue
        if bind is not None and found == (str(bind), bacnet.port):
            ctx.error(
                path,
                Coded(
                    "twice",
                    f"`{text}` is our own address (bacnet: bind)",
                    f"`{text}` 是本程序自己的地址（bacnet: bind）",
                ),
                Phrase("name the BBMD of the other subnet", "请写另一个子网的 BBMD"),
            )
        elif found in seen:
            said = Coded("twice", f"`{text}` is named twice", f"`{text}` 写了两次")
            ctx.error(path, said, Phrase("each BBMD is named once", "每个 BBMD 只写一次"))
        seen[found] = text


def _bbmd(ctx: Context, path: Path, text: str) -> tuple[str, int] | None:
    host, _, port = text.partition(":")
    try:
        address = ipaddress.IPv4Address(host)
        number = int(port or DEFAULT_PORT)
    except ValueError:
        ctx.error(
            path,
            Coded("no-address", f"`{text}` is no IP address with a port", f"`{text}` 不是带端口的 IP 地址"),
            Phrase("write host:port, like 10.0.0.1:47808", "写成 主机:端口，如 10.0.0.1:47808"),
        )
        return None
    if not 1 <= number <= 65535 or address.is_unspecified or address.is_multicast:
        hint = Phrase(
            "write the BBMD's own address and port, like 10.0.0.1:47808",
            "写 BBMD 自己的地址和端口，如 10.0.0.1:47808",
        )
        ctx.error(
            path,
            Coded("no-address", f"`{text}` cannot be a BBMD's address", f"`{text}` 不能是 BBMD 的地址"),
            hint,
        )
        return None
    return str(address), number


def _no_address(text: str) -> Coded:
    return Coded("no-address", f"`{text}` is no IP address", f"`{text}` 不是 IP 地址")


_HOST_AND_PORT = Phrase("write host:port, like 192.168.1.20:47808", "写成 主机:端口，如 192.168.1.20:47808")
_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


def _bind(ctx: Context, path: Path, bind: str | None) -> _Ip | None:
    if bind is None:
        return None
    try:
        return ipaddress.ip_interface(bind).ip
    except ValueError:
        hint = Phrase(
            "write the address of one of this machine's networks, like 192.168.1.5/24",
            "写本机某个网络的地址，如 192.168.1.5/24",
        )
        ctx.error(path, _no_address(bind), hint)
        return None


def _address(ctx: Context, path: Path, address: str | None) -> tuple[str, int | None] | None:
    """Host and port, network and station, or a VMAC and nothing."""
    if address is None:
        return None
    if is_vmac(address):
        return address.lower(), None
    if (routed := _ROUTED.fullmatch(address)) is not None:
        return _behind_a_router(ctx, path, address, int(routed[1]), int(routed[2]))
    host, _, port = address.partition(":")
    number = int(port) if port else DEFAULT_PORT
    try:
        found = ipaddress.IPv4Address(host)
    except ValueError:  # a host's name, too: neither stack asks anybody for its address
        ctx.error(path, _no_address(host), _HOST_AND_PORT)
        return None
    if _of_many(found, ctx.file.bacnet.bind):
        said = Coded(
            "no-address",
            f"`{host}` is no controller's own address: every one that hears it would be written",
            f"`{host}` 不是单台控制器的地址：凡收到者都会被写入",
        )
        ctx.error(path, said, _HOST_AND_PORT)
        return None
    if not 1 <= number <= 65535:
        ctx.error(
            path,
            Coded(
                "out-of-range", f"port {number} is outside the allowed range", f"端口 {number} 超出允许范围"
            ),
            Phrase("from 1 to 65535; BACnet's is 47808", "从 1 到 65535；BACnet 为 47808"),
        )
        return None
    return host, number


def _of_many(address: ipaddress.IPv4Address, bind: str | None) -> bool:
    """Whether an address is nobody's own: all hosts of a network, a group of them, or none (RFC 1122 §3.2.1.3).

    Of which network is known where we bind to one; its mask is 24 bits where it is not said.
    """
    if address.is_unspecified or address.is_multicast or address.is_reserved:
        return True
    if bind is None:
        return False
    try:
        network = ipaddress.IPv4Interface(bind if "/" in bind else f"{bind}/24").network
    except ValueError:
        return False
    ends = (network.network_address, network.broadcast_address)
    return network.prefixlen < 31 and not network.is_loopback and address in ends


def _behind_a_router(
    ctx: Context, path: Path, address: str, network: int, station: int
) -> tuple[str, int] | None:
    """`network:station`: an MS/TP or ARCNET device behind a router."""
    if not 1 <= network <= 65_534 or station > 255:
        hint = Phrase(
            "write network:station, like 2001:12, or host:port, like 192.168.1.20:47808",
            "写成 网络号:站号，如 2001:12；或 主机:端口，如 192.168.1.20:47808",
        )
        said = Coded(
            "no-address", f"`{address}` is no station behind a router", f"`{address}` 不是路由器后面的站"
        )
        ctx.error(path, said, hint)
        return None
    return str(network), station
