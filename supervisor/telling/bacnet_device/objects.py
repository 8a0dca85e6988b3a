"""The objects of the device: their instances are what front ends are mapped to, and never change."""

from __future__ import annotations

from dataclasses import dataclass

from config.phrase import Lang, Phrase
from drivers.bacnet.serving.items import Item, Kind
from supervisor.telling.bacnet_device.picture import MODES, Mode

HEARTBEAT = Phrase(
    "toggles each minute while the rules are decided; still for two minutes: the supervisor does not live",
    "决策循环正常时每分钟翻转；两分钟不变即表示本系统已停",
)
MODE = Phrase("who has the building now", "当前由谁控制")
COMPLIANT = Phrase("zones that comply with every rule that can be judged", "各项可判定规则均符合的区域数")
VIOLATED = Phrase("zones outside a rule now", "当前违反规则的区域数")
UNJUDGED = Phrase("zones of which no rule can be judged now", "当前无法判定的区域数")
REFUSAL = Phrase(
    "why the supervisor refused a write last; empty: it has not", "最近一次拒绝写入的原因；空表示没有"
)
ENABLED = Phrase(
    "inactive hands every point back, until the stated time is over",
    "写 inactive 即交还全部测点，到时自动恢复",
)
ENABLED_STATES = (Phrase("switched off", "已停用"), Phrase("enabled", "启用"))
_BEATS = (Phrase("tick", "嘀"), Phrase("tock", "嗒"))


@dataclass(frozen=True, slots=True)
class Objects:
    """All but Enabled, which lives as long as the daemon does."""

    heartbeat: Item
    mode: Item
    compliant: Item
    violated: Item
    unjudged: Item
    refusal: Item

    @property
    def all(self) -> tuple[Item, ...]:
        """In the order of the object list."""
        return self.heartbeat, self.mode, self.compliant, self.violated, self.unjudged, self.refusal


def made(lang: Lang) -> Objects:
    """The objects before anything is known: counts say that they are not known."""

    def count(instance: int, name: str, about: Phrase) -> Item:
        return Item(Kind.ANALOG_VALUE, instance, name, about.told(lang), 0.0, fault=True)

    beats = tuple(each.told(lang) for each in _BEATS)
    states = tuple(MODES[each].told(lang) for each in Mode)
    return Objects(
        Item(Kind.BINARY_VALUE, 1, "Heartbeat", HEARTBEAT.told(lang), 0, beats),
        Item(Kind.MULTI_STATE_VALUE, 1, "Mode", MODE.told(lang), Mode.STARTING, states),
        count(1, "Zones compliant", COMPLIANT),
        count(2, "Zones violated", VIOLATED),
        count(3, "Zones not judged", UNJUDGED),
        Item(Kind.TEXT_VALUE, 1, "Last refusal", REFUSAL.told(lang), ""),
    )
