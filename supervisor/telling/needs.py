"""What needs somebody: each thing with its cause, the next step, and whose it is.

Pure: a snapshot in, needs out, gravest first. How long one has stood is remembered by its key (`Standing`): a snapshot knows
only an instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from config.phrase import Phrase, same
from config.roles import ROLES, Role
from schedules.time import Instant
from supervisor.clockwork.turns import Work, at_once
from supervisor.core.rules import BY_ID
from supervisor.core.views import Fire
from supervisor.telling.snapshot import Override, Snapshot, ZoneStatus


class Owner(StrEnum):
    """Whose it is to mend."""

    MANAGER = "manager"
    INTEGRATOR = "integrator"
    OFFICER = "officer"
    OPERATOR = "operator"


OWNERS: Final[Mapping[Owner, Phrase]] = {
    Owner.MANAGER: Phrase("facility manager", "物业管理员"),
    Owner.INTEGRATOR: Phrase("controls contractor", "自控维保单位"),
    Owner.OFFICER: Phrase("energy officer", "能源管理员"),
    Owner.OPERATOR: Phrase("duty operator", "值班人员"),
}


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that somebody has to see to.

    `key` is the same for as long as it is the same thing; `since` is known only where the snapshot says it (a controller's last
    answer); `zone` and `rule` are where to look, or empty.
    """

    key: str
    tone: str
    what: Phrase
    where: Phrase
    cause: Phrase
    step: Phrase
    owner: Owner
    zone: str = ""
    since: Instant | None = None


_BUILDING = Phrase("the building", "整栋楼")


def needs(snapshot: Snapshot) -> list[Need]:
    """Everything that needs somebody now; what is grave first, and in each the order of the file."""
    return at_once(looked_for(snapshot))


def looked_for(snapshot: Snapshot) -> Work[list[Need]]:
    """The same, some zones at a time: a thousand of them are a few milliseconds."""
    found: list[Need] = []
    counted = not Fire(snapshot.fire).owns_building  # nothing may be written then, and lamps are to be on
    for source in _BEFORE_ZONES:
        found += source(snapshot)
        yield
    for first in range(0, len(snapshot.zones), AT_ONCE):
        some = snapshot.zones[first : first + AT_ONCE]
        found += [need for zone in some for need in _of_zone(zone)]
        if counted:
            found += [need for zone in some for need in _out_of_limits(zone)]
        yield
    for source in _AFTER_ZONES:
        found += source(snapshot)
        yield
    return sorted(_together(found), key=lambda need: need.tone != "bad")


def _together(found: Iterable[Need]) -> Iterator[Need]:
    """What has one cause is one thing: a full disk holds up every room, and is told once."""
    alike: dict[tuple[Phrase, Phrase], list[Need]] = {}
    for need in found:
        alike.setdefault((need.what, need.cause), []).append(need)
    for needs_ in alike.values():
        first, rooms = needs_[0], list(dict.fromkeys(need.where for need in needs_))
        if len(rooms) > 1:
            more = len(rooms) - 1
            where = Phrase(f"{rooms[0].en} and {more} more", f"{rooms[0].zh}等 {len(rooms)} 处")
            first = replace(first, where=where, key=f"{first.what.en}/{first.cause.en}")
        yield first


class Standing:
    """Since when each need has stood: the first look that saw it. After a restart that is the first look since."""

    def __init__(self) -> None:
        self._since: dict[str, Instant] = {}

    def seen(self, found: Iterable[Need], now: Instant) -> Mapping[str, Instant]:
        """The same needs keep their instant; what is over is forgotten."""
        before = self._since
        self._since = {need.key: before.get(need.key, need.since or now) for need in found}
        return self._since


def _whole_building(snapshot: Snapshot) -> Iterator[Need]:
    if snapshot.fire == Fire.UNKNOWN:
        yield Need(
            "fire", "bad", Phrase("fire-alarm input unknown", "火警输入未知"), _BUILDING,
            Phrase("the input does not answer, or is not believed", "该输入无应答，或不可采信"),
            Phrase("check the input's controller and its wiring", "检查该输入所在控制器及接线"), Owner.INTEGRATOR,
        )  # fmt: skip
    if snapshot.store_problem is not None:
        yield Need(
            "store", "bad", Phrase("nothing is recorded, so nothing is written", "无法记录，因此不写入"), _BUILDING,
            snapshot.store_problem,
            Phrase("make room on the disk, or bring the database back", "清理磁盘，或恢复数据库"), Owner.INTEGRATOR,
        )  # fmt: skip
    if snapshot.audit_valid is False:
        yield Need(
            "audit", "bad", Phrase("the audit's chain is broken", "审计链断裂"), _BUILDING,
            Phrase("a row was altered or is missing", "有记录被改动或缺失"),
            Phrase("run building-supervisor ledger verify, and keep the file", "运行 building-supervisor ledger verify，并保留原文件"),
            Owner.OFFICER,
        )  # fmt: skip
    if snapshot.problem is not None:
        yield Need(
            "reload", "bad", Phrase("the saved site file is not in force", "已保存的配置未生效"), _BUILDING,
            snapshot.problem,
            Phrase("mend the line and save again", "按提示改好该行后重新保存"), Owner.MANAGER,
        )  # fmt: skip
    if snapshot.waiting is not None:
        yield Need(
            "waiting", "warn", Phrase("a saved site file waits for a word", "已保存的配置待确认"), _BUILDING,
            Phrase("; ".join(w.en for w in snapshot.waiting.why), "；".join(w.zh for w in snapshot.waiting.why)),
            Phrase(
                "`reload SITE.yaml` shows the difference, `--yes --by NAME` takes it up; or save the file without it",
                "`reload SITE.yaml` 查看差别，`--yes --by 姓名` 使其生效；或改回文件",
            ),
            Owner.MANAGER,
        )  # fmt: skip
    if snapshot.front_end is not None and not snapshot.front_end.enabled:
        who = snapshot.front_end.who
        yield Need(
            "front-end", "bad", Phrase("switched off from the front end", "已被楼宇前端停用"), _BUILDING,
            Phrase(f"{who} wrote inactive to Enabled: every point is handed back", f"{who} 将 Enabled 写为 inactive：全部测点已交还"),
            Phrase(
                "ask whoever runs the front end; writing active or NULL there ends it, and it ends by itself",
                "询问前端值班人员；在前端写 active 或 NULL 即恢复，到时也会自动恢复",
            ),
            Owner.MANAGER,
        )  # fmt: skip
    if not snapshot.announced:
        yield Need(
            "calendar", "warn", Phrase("holidays not announced", "放假安排未公布"), _BUILDING,
            Phrase("this year is run by weekday", "当年暂按星期运行"),
            Phrase("update the calendar once the notice is out", "通知发布后更新日历"), Owner.MANAGER,
        )  # fmt: skip


def _connections(snapshot: Snapshot) -> Iterator[Need]:
    hub = snapshot.hub
    if hub is not None and hub.active is None and hub.problem is not None:
        yield Need(
            "hub", "bad", Phrase("BACnet/SC hub not reached", "未能连接 BACnet/SC 集线器"), _BUILDING, hub.problem,
            Phrase("see to what it says; docs/how-to/bacnet-sc.md goes through the reasons", "按所述原因处理；各原因见 docs/how-to/bacnet-sc.md"),
            Owner.INTEGRATOR,
        )  # fmt: skip
    if hub is not None and hub.active == "failover":
        yield Need(
            "hub/failover", "warn", Phrase("on the failover hub", "正使用备用集线器"), _BUILDING,
            Phrase("the primary BACnet/SC hub is not reached", "未能连接 BACnet/SC 主集线器"),
            Phrase("bring the primary back: there is no third", "恢复主集线器：没有第三台可用"), Owner.INTEGRATOR,
        )  # fmt: skip
    for trouble in snapshot.certificate_troubles:
        yield Need(
            f"certificate/{trouble.use}/{trouble.file}", "bad" if trouble.grave else "warn",
            Phrase("certificate", "证书"), same(trouble.use.replace("bacnet-sc", "BACnet/SC")), trouble.what, trouble.step, Owner.INTEGRATOR,
        )  # fmt: skip


def _devices(snapshot: Snapshot) -> Iterator[Need]:
    for device in snapshot.devices:
        where = same(device.name or device.id)
        if device.quarantine is not None:
            yield Need(
                f"device/{device.id}", "bad", Phrase("another controller in its place", "疑似已更换的控制器"), where,
                device.quarantine,
                Phrase("if it was replaced on purpose, tell it with building-supervisor doctor SITE.yaml --accept DEVICE", "如确已更换，用 building-supervisor doctor SITE.yaml --accept 控制器 确认"),
                Owner.INTEGRATOR,
            )  # fmt: skip
        elif device.answers and device.problem is not None and snapshot.ready:
            yield Need(
                f"device/{device.id}", "bad", Phrase("controller answers, but not as it should", "控制器有应答，但不可采用"), where,
                device.problem,
                Phrase("compare it with the site file, restart it; building-supervisor doctor tells more", "与站点文件核对，必要时重启；building-supervisor doctor 可查详情"),
                Owner.INTEGRATOR, since=device.last_answer,
            )  # fmt: skip
        elif not device.up and snapshot.ready:
            yield Need(
                f"device/{device.id}", "bad", Phrase("controller does not answer", "控制器无应答"), where,
                Phrase(f"{device.points} points are not known", f"{device.points} 个点的状态未知"),
                Phrase("check its power and its cable; building-supervisor doctor tells more", "检查电源与网线；building-supervisor doctor 可查详情"),
                Owner.INTEGRATOR, since=device.last_answer,
            )  # fmt: skip


def _points(snapshot: Snapshot) -> Iterator[Need]:
    for device in snapshot.devices:
        if device.elsewhere is not None:
            name = device.name or device.id
            yield Need(
                f"elsewhere/{device.id}", "bad", Phrase("answers in another place", "在其他位置应答或被冒称"),
                same(name), device.elsewhere,
                Phrase("find out which of the two is yours", "查明两者中哪一台是本楼设备"), Owner.INTEGRATOR,
            )  # fmt: skip
    for mismatch in snapshot.mismatches:
        if mismatch.states:
            yield Need(
                f"states/{mismatch.point}", "bad",
                Phrase("the device's texts contradict the site file", "设备的状态文字与配置不符"),
                same(mismatch.point), mismatch.said,
                Phrase("find out at the device which is right, and correct the site file", "现场核实何者正确，并改正配置"),
                Owner.INTEGRATOR,
            )  # fmt: skip
            continue
        yield Need(
            f"unit/{mismatch.point}", "bad", Phrase("unit contradicts the site file", "单位与配置不符"),
            same(mismatch.point), mismatch.said,
            Phrase("correct the point's unit in the site file", "在配置中改正该点的单位"), Owner.INTEGRATOR,
        )  # fmt: skip


def _of_zone(zone: ZoneStatus) -> Iterator[Need]:
    where = same(zone.name)
    for trouble in zone.unwritten:
        yield Need(
            f"unwritten/{trouble.point}", "bad", Phrase("not carried out", "未执行"), where, trouble.why,
            Phrase("see to the unit or its controller", "检查该设备或其控制器"), Owner.INTEGRATOR, zone.id,
        )  # fmt: skip
    for trouble in zone.doubtful:
        yield Need(
            f"doubtful/{trouble.point}", "warn", Phrase("reading not believed", "读数不可采信"), where, trouble.why,
            Phrase("check the sensor", "检查该传感器"), Owner.INTEGRATOR, zone.id,
        )  # fmt: skip
    if zone.contact_suspect:
        yield Need(
            f"contact/{zone.id}", "warn", Phrase("window contact suspect", "窗磁可疑"), where,
            Phrase("it does not behave as a window does", "其变化不像窗户"),
            Phrase("check the contact and its wiring", "检查窗磁及接线"), Owner.INTEGRATOR, zone.id,
        )  # fmt: skip


def _out_of_limits(zone: ZoneStatus) -> Iterator[Need]:
    where = same(zone.name)
    broken = [rule for rule, compliant in zone.compliance.items() if compliant is False]
    for rule in broken:
        yield Need(
            f"rule/{zone.id}/{rule}", "bad", Phrase("out of limits", "不合规"), where, BY_ID[rule].title,
            Phrase("the line below says why it stands", "下方该区域一行说明了原因"), Owner.MANAGER, zone.id,
        )  # fmt: skip


def _overrides(snapshot: Snapshot) -> Iterator[Need]:
    names = {zone.id: zone.name for zone in snapshot.zones}
    for override in snapshot.overrides:
        name = names.get(override.zone, override.zone)
        yield Need(
            f"override/{override.point}", "warn", _held_by(override), same(name),
            _which(override), _let_go(override), Owner.OPERATOR, override.zone,
        )  # fmt: skip


def _held_by(override: Override) -> Phrase:
    if not override.priority:
        return Phrase("switched to hand on site", "现场已切到手动")
    if override.priority == 8:
        return Phrase("held by hand from another system", "在其他系统中手动控制")
    return Phrase(
        f"held by another system (slot {override.priority})", f"被其他系统占用（{override.priority} 级）"
    )


def _which(override: Override) -> Phrase:
    """A point in a manager's words: its equipment, and what it is there."""
    _, _, equipment = override.point.rpartition("/")[0].rpartition("/")
    known = ROLES.get(Role(override.role)) if override.role in list(Role) else None
    zh = known.meaning_zh if known is not None else override.role
    return Phrase(f"{equipment}: {override.role.replace('_', ' ')}", f"{equipment}：{zh}")


def _let_go(override: Override) -> Phrase:
    if not override.priority:
        return Phrase("turn its switch back to automatic", "将现场开关拨回自动")
    return Phrase(
        "release it where it was set: front end or controller panel",
        "在设置它的地方释放：前端系统或控制器面板",
    )


def _meters(snapshot: Snapshot) -> Iterator[Need]:
    for meter in snapshot.meters:
        if not meter.healthy and snapshot.ready:
            name = meter.name or meter.id
            why = Phrase("; ".join(t.en for t in meter.troubles), "；".join(t.zh for t in meter.troubles))
            yield Need(
                f"meter/{meter.id}", "warn", Phrase("meter faulty", "表计异常"), same(name),
                why if meter.troubles else Phrase("no reading", "没有读数"),
                Phrase("read it by eye, and have it seen to", "现场核对读数并报修"), Owner.OFFICER,
            )  # fmt: skip


def _lapsed(snapshot: Snapshot) -> Iterator[Need]:
    names = {zone.id: zone.name for zone in snapshot.zones}
    for zone, rule in snapshot.lapsed:
        name = names.get(zone, zone)
        yield Need(
            f"lapsed/{zone}/{rule}", "warn", Phrase("exemption has lapsed", "豁免已到期"), same(name),
            BY_ID[rule].title,
            Phrase("have it approved anew, or take its lines out", "重新报批，或从配置中删除"), Owner.MANAGER, zone,
        )  # fmt: skip


_BEFORE_ZONES: Final[tuple[Callable[[Snapshot], Iterator[Need]], ...]] = (
    _whole_building, _connections, _devices, _overrides, _points,
)  # fmt: skip
_AFTER_ZONES: Final[tuple[Callable[[Snapshot], Iterator[Need]], ...]] = (_meters, _lapsed)
AT_ONCE: Final = 100
"""Zones that are looked at before others may have their turn: half a millisecond."""
