"""What `doctor` finds: one line each in the language of whoever reads it, and once where the same is said of many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from config.phrase import Lang, Phrase
from config.site import Site

MARKS = {"ok": "✓", "note": "·", "bad": "✗"}
MANY = frozenset({"point", "device"})
"""Of what there are many, and the same may be said of each."""
FALLS_BACK = Phrase('falls back to "on" when our slot is NULL', "我方占位清空后，该点回落为“开”")
FREE = Phrase("free", "空闲")
HUB: Final = "BACnet/SC hub"
_THINGS: Final = {
    "point": "点位", "points": "个点位", "device": "控制器", "devices": "台控制器", "clock": "时钟", "database": "数据库",
    "state folder": "状态目录", "old readings": "往月读数", "daemon": "守护进程", "HTTP port": "HTTP 端口", "BACnet/SC hub": "BACnet/SC 集线器", "certificate": "证书", "BACnet port": "BACnet 端口", "stack": "协议栈",
    "trunk": "总线", "network": "网络",
}  # fmt: skip
"""What a line is about, by the word that it begins with."""
_CHOSEN: Final = Phrase(" (chosen by the devices' addresses)", "（按控制器地址选定）")


class Finding(NamedTuple):
    """One check: `ok`, `note` or `bad`; what it is about, and what is so."""

    level: str
    what: str
    said: Phrase

    def line(self, lang: Lang) -> str:
        """As it is printed."""
        if lang == "en":
            return f"{MARKS[self.level]} {self.what}: {self.said.en}"
        return f"{MARKS[self.level]} {_about(self.what)}：{self.said.zh}"


def _about(what: str) -> str:
    what = what.replace(_CHOSEN.en, _CHOSEN.zh)
    count, _, many = what.partition(" ")
    if count.isdecimal() and many in _THINGS:
        return f"{count} {_THINGS[many]}"
    for word in sorted(_THINGS, key=len, reverse=True):
        if what == word or what.startswith(word + " "):
            return _THINGS[word] + what.removeprefix(word)
    return what


def of_hub(site: Site, active: str | None, problem: Phrase) -> Iterator[Finding]:
    """How it stands with the hub: `primary` or `failover`, or None and why."""
    if (sc := site.bacnet.sc) is None:
        return
    what = f"{HUB} {sc.hub}"
    if active is None:
        yield Finding("bad", what, problem)
    elif active == "failover":
        said = Phrase(f"not reached; connected to {sc.failover}", f"未连接；现用备用集线器 {sc.failover}")
        yield Finding("note", what, said)
    else:
        yield Finding("ok", what, Phrase("connected", "已连接"))


def chosen(bind: str | None) -> str:
    """What stands behind an address that nobody wrote."""
    return "" if bind is not None else _CHOSEN.en


def folded(found: Sequence[Finding], alike: Mapping[str, str] | None = None) -> list[Finding]:
    """In the same order; where the same is said of many points or devices, once, with all their names.

    `alike`: point → template and role. Points of one template are told by that, with how many, in the place of their names.
    """
    groups: dict[tuple[str, str, Phrase], list[str]] = {}
    for finding in found:
        kind, _, name = finding.what.partition(" ")
        same = kind if kind in MANY else finding.what
        groups.setdefault((finding.level, same, finding.said), []).append(name if kind in MANY else "")
    lines = []
    for (level, what, said), names in groups.items():
        if what not in MANY:
            lines.append(Finding(level, what, said))
        elif len(names) == 1:
            lines.append(Finding(level, f"{what} {names[0]}", said))
        else:
            named = by_template(names, alike or {})
            every = Phrase(f"{said.en}: {', '.join(named)}", f"{said.zh}：{'、'.join(named)}")
            lines.append(Finding(level, f"{len(names)} {what}s", every))
    return lines


FEW = 3
"""Points of a template that are named; of more it is said how many there are, and which is the first."""


def by_template(names: Sequence[str], alike: Mapping[str, str]) -> list[str]:
    """Names, where they stand; more than a few of one template and role as one: `fcu/start_stop ×60 (f2-201/fcu/start_stop …)`."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(alike.get(name, name), []).append(name)
    told = []
    for group, members in groups.items():
        if len(members) <= FEW:
            told += members
        else:
            told.append(f"{group} ×{len(members)} ({members[0]} …)")
    return told


def templates_of(site: Site) -> dict[str, str]:
    """Template and role of each point of equipment."""
    return {
        point.id: f"{equipment.template}/{point.role}"
        for equipment in site.all_equipment
        for point in equipment.points.values()
    }


def mismatch(point: str, why: Phrase) -> Finding:
    """A point whose number nobody can take."""
    said = Phrase(f"not believed, and not written: {why.en}", f"读数不采信、不写入：{why.zh}")
    return Finding("bad", f"point {point}", said)


def called_otherwise(point: str, why: Phrase) -> Finding:
    """A point whose states its device calls otherwise than the site file."""
    said = Phrase(f"the device's own texts contradict: {why.en}", f"设备的状态文字与配置不符：{why.zh}")
    return Finding("bad", f"point {point}", said)


def accepting(device: str, why: Phrase) -> Phrase:
    """Why a device is not written, and the word that ends it."""
    return Phrase(
        f"{why.en}; nothing is written to it; if that is right: doctor --accept {device}",
        f"{why.zh}；不再写入；若属实：doctor --accept {device}",
    )
