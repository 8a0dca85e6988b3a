"""Devices and our own end of the wire: identities, addresses, ports."""

from __future__ import annotations

import ipaddress

from config.checks.context import Context
from config.problems import Path
from config.values import DEFAULT_PORT


def check_devices(ctx: Context) -> None:
    """Each device has an identity and an address of its own, and can be reached from where we bind."""
    bind = _bind(ctx, ("bacnet", "bind"), ctx.file.bacnet.bind)
    _bind(ctx, ("http", "bind"), ctx.file.http.bind)
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


def _on_loopback(ctx: Context, path: Path, address: tuple[str, int] | None) -> None:
    """bacpypes3 delivers datagrams for any 127.x address on its own port to itself."""
    if address is None:
        if ctx.written(*path, "address"):
            return
        hint = "add `address: 127.0.0.11:47809`: nobody hears a Who-Is broadcast on loopback"
        ctx.error(path, f"device `{path[-1]}` needs an address, as bacnet: bind is loopback", hint, key=True)
    elif address[0].startswith("127.") and address[1] == ctx.file.bacnet.port:
        message = f"port {address[1]} is also ours (bacnet: port); on loopback the two must differ"
        ctx.error((*path, "address"), message, f"serve the device on another port, like {address[1] + 1}")


def _bind(ctx: Context, path: Path, bind: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_interface(bind).ip
    except ValueError:
        hint = "write the address of one of this machine's networks, like 192.168.1.5/24"
        ctx.error(path, f"`{bind}` is no IP address", hint)
        return None


def _address(ctx: Context, path: Path, address: str | None) -> tuple[str, int] | None:
    if address is None:
        return None
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
