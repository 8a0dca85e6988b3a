"""Devices and our own end of the wire: identities, addresses, ports."""

from __future__ import annotations

import ipaddress
import re

from config.checks.context import Context
from config.problems import Path
from config.values import DEFAULT_PORT

_ROUTED = re.compile(r"(\d+):(\d+)")
"""`network:station`, unlike `host:port`."""


def check_devices(ctx: Context) -> None:
    """Each device has an identity and an address of its own, and can be reached from where we bind."""
    bind = _bind(ctx, ("bacnet", "bind"), ctx.file.bacnet.bind)
    page = _bind(ctx, ("http", "bind"), ctx.file.http.bind)
    if page is not None and page.is_loopback and ctx.file.http.names and not ctx.file.http.proxy:
        hint = "say `proxy: true` under http:, or whoever comes through it reads without a token"
        ctx.warn(("http", "names"), "a name of a page on loopback: is there a proxy in front of it?", hint)
    instances = {ctx.file.bacnet.instance: "this program itself (bacnet: instance)"}
    addresses: dict[tuple[str, int], str] = {}
    for name, device in ctx.file.devices.items():
        path: Path = ("devices", name)
        if not ctx.written(*path):
            continue
        taken = instances.setdefault(device.instance, name)
        if taken != name:
            hint = "every device instance exists once in a building"
            ctx.error((*path, "instance"), f"instance {device.instance} is taken by {taken}", hint)
        address = _address(ctx, (*path, "address"), device.address)
        if address is not None:
            taken = addresses.setdefault(address, name)
            if taken != name:
                message = f"{address[0]}:{address[1]} is already the address of {taken}"
                ctx.error((*path, "address"), message, "give each device its own address or port")
        if bind is not None and bind.is_loopback:
            _on_loopback(ctx, path, address)
    _any_interface(ctx, bind)
    _between_subnets(ctx, bind)


def _on_loopback(ctx: Context, path: Path, address: tuple[str, int] | None) -> None:
    """bacpypes3 delivers datagrams for any 127.x address on its own port to itself."""
    if address is None:
        if ctx.written(*path, "address") or ctx.file.bacnet.foreign is not None:
            return
        hint = "add `address: 127.0.0.11:47809`: nobody hears a Who-Is broadcast on loopback"
        ctx.error(path, f"device `{path[-1]}` needs an address, as bacnet: bind is loopback", hint, key=True)
    elif address[0].startswith("127.") and address[1] == ctx.file.bacnet.port:
        message = f"port {address[1]} is also ours (bacnet: port); on loopback the two must differ"
        ctx.error((*path, "address"), message, f"serve the device on another port, like {address[1] + 1}")


def _any_interface(ctx: Context, bind: _Ip | None) -> None:
    """Neither stack can broadcast from every interface at once."""
    if bind is not None and bind.is_unspecified:
        hint = "leave it out: the address that faces the controllers is found by their addresses; or name it"
        ctx.error(("bacnet", "bind"), f"`{bind}` has no broadcast address", hint)


def _between_subnets(ctx: Context, bind: _Ip | None) -> None:
    """A foreign device registers with somebody else's BBMD; a BBMD is its subnet's own."""
    bacnet = ctx.file.bacnet
    if bacnet.foreign is not None and bacnet.bbmd is not None and ctx.written("bacnet", "bbmd"):
        hint = "keep `foreign` where another subnet has a BBMD, `bbmd` where this subnet needs one"
        ctx.error(("bacnet", "bbmd"), "one end cannot be a foreign device and a BBMD at once", hint, key=True)
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
                path, f"`{text}` is our own address (bacnet: bind)", "name the BBMD of the other subnet"
            )
        elif found in seen:
            ctx.error(path, f"`{text}` is named twice", "each BBMD is named once")
        seen[found] = text


def _bbmd(ctx: Context, path: Path, text: str) -> tuple[str, int] | None:
    host, _, port = text.partition(":")
    try:
        address = ipaddress.IPv4Address(host)
        number = int(port or DEFAULT_PORT)
    except ValueError:
        ctx.error(path, f"`{text}` is no IP address with a port", "write host:port, like 10.0.0.1:47808")
        return None
    if not 1 <= number <= 65535 or address.is_unspecified or address.is_multicast:
        hint = "write the BBMD's own address and port, like 10.0.0.1:47808"
        ctx.error(path, f"`{text}` cannot be a BBMD's address", hint)
        return None
    return str(address), number


_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


def _bind(ctx: Context, path: Path, bind: str | None) -> _Ip | None:
    if bind is None:
        return None
    try:
        return ipaddress.ip_interface(bind).ip
    except ValueError:
        hint = "write the address of one of this machine's networks, like 192.168.1.5/24"
        ctx.error(path, f"`{bind}` is no IP address", hint)
        return None


def _address(ctx: Context, path: Path, address: str | None) -> tuple[str, int] | None:
    if address is None:
        return None
    if (routed := _ROUTED.fullmatch(address)) is not None:
        return _behind_a_router(ctx, path, address, int(routed[1]), int(routed[2]))
    host, _, port = address.partition(":")
    number = int(port) if port else DEFAULT_PORT
    numeric = host.replace(".", "").isdigit()
    if numeric:
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            ctx.error(path, f"`{host}` is no IP address", "write host:port, like 192.168.1.20:47808")
            return None
    if not 1 <= number <= 65535:
        ctx.error(path, f"port {number} is outside the allowed range", "from 1 to 65535; BACnet's is 47808")
        return None
    return host, number


def _behind_a_router(
    ctx: Context, path: Path, address: str, network: int, station: int
) -> tuple[str, int] | None:
    """`network:station`: an MS/TP or ARCNET device behind a router."""
    if not 1 <= network <= 65_534 or station > 255:
        hint = "write network:station, like 2001:12, or host:port, like 192.168.1.20:47808"
        ctx.error(path, f"`{address}` is no station behind a router", hint)
        return None
    return str(network), station
