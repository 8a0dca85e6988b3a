"""What a daemon says of itself when it starts, and when it is told to stop."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from config.file import Http
from config.phrase import Lang, Phrase, columns, same
from config.site import Site
from supervisor import __version__


class Introduction(NamedTuple):
    """Who it is: `writable` of `points` are written, unless it is `dry`."""

    site: Site
    dry: bool
    state_dir: Path

    @property
    def writable(self) -> int:
        """Points that the site file lets us write."""
        return sum(point.writable for point in self.site.points.values())

    @property
    def page(self) -> str:
        """Where the page is served: by the first of its names, else by the address that it listens at."""
        return page_of(self.site.http)

    @property
    def bind(self) -> str:
        """Our end of the wire, as the site file has it; empty where it is found by the controllers' addresses."""
        bacnet = self.site.bacnet
        if bacnet.sc is not None and self.site.hidden:
            return bacnet.sc.hub
        return f"{bacnet.bind}:{bacnet.port}" if bacnet.bind is not None else ""

    def logged(self) -> Mapping[str, Any]:
        """For a line of the log."""
        return {
            "version": __version__,
            "building": self.site.building,
            "mode": "dry run" if self.dry else "live",
            "zones": len(self.site.zones),
            "points": len(self.site.points),
            "writable": self.writable,
            "priority": self.site.priority,
            "bind": self.bind or f"by the controllers' addresses, port {self.site.bacnet.port}",
            "page": self.page,
            "state_dir": str(self.state_dir),
        }

    def lines(self, lang: Lang) -> list[str]:
        """For a person at a terminal."""
        site, port = self.site, self.site.bacnet.port
        mode = (
            Phrase(
                "dry run: everything is decided and audited, nothing is written",
                "试运行：照常演算、审计，不下发",
            )
            if self.dry
            else Phrase("live: what the rules decide is written", "正式运行：按规则下发")
        )
        points, writable = len(site.points), self.writable
        found = Phrase(f"found by the controllers' addresses, port {port}", f"按控制器地址选定，端口 {port}")
        pairs = [
            (Phrase("building", "建筑"), same(f"{site.name} ({site.building})")),
            (Phrase("mode", "方式"), mode),
            (
                Phrase("points", "点位"),
                Phrase(f"{writable} of {points} writable", f"{points} 个，其中可写 {writable} 个"),
            ),
            (Phrase("priority", "优先级"), same(site.priority)),
            (Phrase("BACnet", "BACnet"), same(self.bind) if self.bind else found),
            (Phrase("page", "页面"), same(self.page)),
            (Phrase("state", "状态目录"), same(self.state_dir)),
        ]
        named = [(label.told(lang), said.told(lang)) for label, said in pairs]
        wide = max(columns(label) for label, _ in named) + 2
        return [
            f"building-supervisor {__version__}",
            *(f"  {label}{' ' * (wide - columns(label))}{said}" for label, said in named),
        ]


def page_of(http: Http) -> str:
    """The address of the page, as somebody types it."""
    host = http.names[0] if http.names else http.bind
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f"http://{host}:{http.port}/"
    if address.is_unspecified:
        return f"http://{socket.gethostname()}:{http.port}/"
    return f"http://[{host}]:{http.port}/" if address.version == 6 else f"http://{host}:{http.port}/"


def stopping(owned: int) -> Phrase:
    """What is said as soon as a stop is asked for."""
    return Phrase(f"stopping: {owned} slots are let go of", f"正在停止：释放 {owned} 个占用")
