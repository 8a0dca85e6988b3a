"""`min-off`: a compressor that has just stopped rests before it starts again."""

from __future__ import annotations

from config.phrase import Phrase
from config.roles import Role
from config.rules import RuleId
from supervisor.core.citations import EQUIPMENT, Citation
from supervisor.core.decisions import Because, Demand
from supervisor.core.now import Now
from supervisor.core.rule import Compliance, Memory, Rule, Verdict
from supervisor.core.rules.common import At, hvac, switch
from supervisor.core.views import EquipmentView, Facts, ZoneView

CONFIRM_FOR = 60.0
"""s for which a status must say that a unit stands which is commanded on; a site choice: to stop a running compressor for one
false reading would be the short cycle that it is to be spared."""


def evaluate(view: ZoneView, facts: Facts, memory: Memory, now: Now) -> Verdict:
    """Hold a stopped compressor off until it has rested; never an off, never an on."""
    demands: list[Demand] = []
    for equipment in hvac(view):
        because = resting(equipment, view.zone.rules.min_off.off_for, now)
        if because is not None:
            demands.extend(switch(equipment, False, because))
    return Verdict(tuple(demands), Compliance.YES)


def resting(view: EquipmentView, rest: float, now: Now) -> Because | None:
    """Why a compressor that stands still by our word must not start yet; None when it may."""
    point = view.start_stop
    if point is None or not view.equipment.compressor:
        return None
    # Where the status is not known the command has to do: a rest too many harms nobody.
    state = view.state if view.state.good else point.present
    if not state.good or state.value:
        return None
    stopped = state.since
    ours = view.equipment.base == "supervisor" or point.ours is False
    if not ours or now.reached(stopped + rest):
        return None
    if _contradicted(view) and not now.reached(stopped + CONFIRM_FOR):
        return None
    return Because("compressor stopped at {}, rests {:.0f} min", "压缩机 {} 停机，需停 {:.0f} 分钟",
                   (At(stopped), rest / 60))  # fmt: skip


def _contradicted(view: EquipmentView) -> bool:
    """Whether its status says that it stands, and its command that it runs."""
    point, status = view.start_stop, view.run_status
    if point is None or status is None or not status.good:
        return False
    return not status.value and point.present.good and bool(point.present.value)


MIN_OFF = Rule(
    id=RuleId.MIN_OFF,
    title=Phrase("Compressor rest", "压缩机最短停机"),
    text=Phrase(
        (
            "Compressor equipment that stopped less than 10 minutes ago is not let start yet. It never delays an "
            "off and never writes on; lights and fan-coil fans are not concerned. A status that says stopped while the command "
            "says on counts once it has stood for a minute."
        ),
        "压缩机设备停机不足 10 分钟时推迟重新启动；不推迟停机，不写启动；不涉及灯具与风机盘管。命令为开而状态为停时，持续满 1 分钟才作数。",
    ),
    cites=(Citation(EQUIPMENT, "最短停机", site_choice=True, ours=Phrase("shortest rest", "最短停机")),),
    reads=(Role.RUN_STATUS, Role.START_STOP),
    writes=(Role.START_STOP,),
    applies=lambda zone: any(e.compressor for e in zone.equipment),
    evaluate=evaluate,
    regards_sensors=False,
    example=(
        ("10:00", "a window opens; the split unit stops", "off by window-off"),
        ("10:05", "the window is closed for a minute", "still off: min-off, until 10:11"),
    ),
    yields_to_equal=True,
)
