"""An explanation, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from config.phrase import Lang, Phrase, columns
from config.roles import Role
from supervisor.core.wording import command

_PROTECTION = 7
"""Slots 1 to 7 belong to life safety, critical equipment and minimum on/off (ASHRAE 135 table 19-1)."""
_LABELS: Final = {
    "dry run": "试运行", "device": "控制器", "is": "现值", "doubt": "存疑", "decided": "决定", "because": "理由", "clause": "条款",
    "but": "然而", "states": "状态文字", "lost": "落选", "next": "下次变化", "unit": "单位", "input": "依据", "slots": "写入位", "fallback": "回落值",
    "slot": "写入位", "trial": "试验",
}  # fmt: skip
_SWITCHED: Final = ("start_stop", "run_status")
"""Roles that are on or off, rather than yes or no."""
_UNHEARD: Final = {"en": "the device has not answered", "zh": "控制器未应答"}
_QUALITIES: Final = {
    "good": "有效",
    "stale": "过期",
    "fault": "控制器报故障",
    "invalid": "无效",
    "missing": "无读数",
}


def in_words(answer: Mapping[str, Any], lang: Lang = "en") -> str:
    """The explanation as a person reads it, in one language."""
    return "\n".join(_Told(answer, lang).lines())


class _Told:
    """One explanation in one language."""

    def __init__(self, answer: Mapping[str, Any], lang: Lang) -> None:
        self.answer, self.lang = answer, lang

    def lines(self) -> Iterator[str]:
        """Line by line, what it is first, when it changes last."""
        answer = self.answer
        yield f"{answer['point']}  ({answer['device']} {answer['object']})  {answer['now']}"
        if answer.get("dry_run"):
            yield self._line("dry run", Phrase("decided and audited, not written", "只演算、审计，不下发"))
        if arm := answer.get("arm"):
            yield self._line("trial", Phrase(f"{arm} is the arm of the day", f"今日试验组：{arm}"))
        if answer.get("quarantine"):
            why = self._of(answer, "quarantine")
            yield self._line("device", Phrase(f"{why}: nothing is written to it", f"{why}：不再写入"))
        if answer.get("elsewhere"):
            yield self._line("device", self._of(answer, "elsewhere"))
        present = answer["present"]
        yield self._line("is", f"{self._value(present['value'])}  [{self._age(present)}]")
        yield from self._unit(answer.get("unit"))
        if states := answer.get("states"):
            yield self._line("states", states[self.lang])
        if present.get("doubt"):
            yield self._line("doubt", self._of(present, "doubt"))
        yield from self._decided()
        if behind := answer.get("not_followed"):
            yield self._line("but", behind[self.lang])
        for loser in answer["losers"]:
            wanted, why = self._value(loser["value"], relinquish=True), self._of(loser, "reason")
            rule, to = loser["rule"], loser["lost_to"]
            yield self._line(
                "lost",
                Phrase(
                    f"{rule} wanted {wanted}: {why} (lost to {to})",
                    f"{rule} 要求 {wanted}：{why}（让位于 {to}）",
                ),
            )
        yield from self._slots()
        yield self._line("next", self._next(answer["next_change"]))

    def _line(self, label: str, said: Phrase | str) -> str:
        name = label if self.lang == "en" else _LABELS[label]
        text = said if isinstance(said, str) else said.told(self.lang)
        return f"  {name}{' ' * max(1, 10 - columns(name))}{text}"

    def _of(self, entry: Mapping[str, Any], key: str) -> str:
        """What an entry says under a key, in this language as far as it is there."""
        return str(entry.get(f"{key}_zh") or entry[key]) if self.lang == "zh" else str(entry[key])

    def _decided(self) -> Iterator[str]:
        winner = self.answer["winner"]
        if winner is None:
            undecided = Phrase("not decided yet", "尚未决定").told(self.lang)
            why = self._of(self.answer, "not_writable") if "not_writable" in self.answer else undecided
            yield self._line("decided", Phrase(f"nothing: {why}", f"无：{why}"))
            return
        withheld = Phrase("", "")
        if self.answer.get("quarantine"):
            withheld = Phrase("  (not written: quarantined)", "（未写入：已隔离）")
        value, rule, title = self._value(winner["value"], relinquish=True), winner["rule"], winner["title_zh"]
        yield self._line(
            "decided",
            Phrase(f"{value}  by {rule}{withheld.en}", f"{value}  规则 {rule} {title}{withheld.zh}"),
        )
        yield self._line("because", self._of(winner, "reason"))
        yield self._line("clause", f"{winner['citation']}  《{winner['document']}》")
        for entry in winner["inputs"]:
            yield self._input(entry)

    def _input(self, entry: Mapping[str, Any]) -> str:
        """A reading that the decision rests on, and what is wrong with it."""
        beneath = (
            Phrase("  ← beneath our slot", "  ← 我方占位之下").told(self.lang) if entry.get("beneath") else ""
        )
        doubt = f"  {self._of(entry, 'doubt')}" if entry.get("doubt") else ""
        value = entry["value"]
        if isinstance(value, bool) and entry["point"].endswith(_SWITCHED):
            value = command(value, zh=self.lang == "zh")
        elif isinstance(value, bool):
            value = Phrase("yes" if value else "no", "是" if value else "否").told(self.lang)
        if value is None:
            value = Phrase("not known", "未知").told(self.lang)
        return self._line("input", f"{entry['point']} = {value}  [{self._age(entry)}]{beneath}{doubt}")

    def _unit(self, unit: Mapping[str, Any] | None) -> Iterator[str]:
        """What the controller says of the number, in the site file's unit."""
        if unit is None:
            return
        said = self._of(unit, "said")
        if unit["mismatch"]:
            yield self._line("unit", Phrase(f"not believed, not written: {said}", f"不采信、不写入：{said}"))
            return
        takes = [Phrase(f"from {unit['low']:g}", f"自 {unit['low']:g}")] if unit["low"] is not None else []
        takes += [Phrase(f"to {unit['high']:g}", f"至 {unit['high']:g}")] if unit["high"] is not None else []
        if unit["step"] is not None:
            takes.append(Phrase(f"in steps of {unit['step']:.4g}", f"步长 {unit['step']:.4g}"))
        ranged = " ".join(each.told(self.lang) for each in takes)
        took = Phrase(f", takes values {ranged}", f"，可取 {ranged}").told(self.lang) if takes else ""
        doubt = Phrase(f"  ({said})", f"（{said}）").told(self.lang) if unit["said"] else ""
        yield self._line("unit", f"{unit['unit']}{took}{doubt}")

    def _slots(self) -> Iterator[str]:
        answer = self.answer
        if "slots" not in answer:
            return
        for slot in answer["slots"]:
            mark = Phrase("  ← ours", "  ← 我方") if slot["ours"] else self._not_ours(slot["priority"])
            name = Phrase("slot", "写入位").told(self.lang)
            yield f"  {name} {slot['priority']:<4} {self._value(slot['value'])}{mark.told(self.lang)}"
        if answer["priority_array"] and not answer.get("slots_read", True):
            why = (answer.get("slots_unread") or _UNHEARD)[self.lang]
            yield self._line("slots", Phrase(f"not read yet: {why}", f"尚未读到：{why}"))
        elif not answer["slots"]:
            none = Phrase("no priority array", "没有优先级数组")
            yield self._line("slots", Phrase("all NULL", "全部为空") if answer["priority_array"] else none)
        back = self._value(answer["fallback"])
        yield self._line("fallback", Phrase(f"{back} when our slot is NULL", f"我方占位为空时：{back}"))

    def _not_ours(self, priority: int) -> Phrase:
        """Whose a slot is that is not ours: protection, another master, or somebody else in our own slot."""
        override, winner = self.answer.get("override"), self.answer.get("winner") or {}
        if self.answer.get("foreign_in_our_slot") is not None and priority == winner.get("priority"):
            return Phrase(
                "  ← our slot, but not our value: reported, never overwritten",
                "  ← 我方占位，但不是我方的值：上报，绝不改写",
            )
        if override is None or override["priority"] != priority:
            return Phrase("", "")
        if priority <= _PROTECTION:
            return Phrase("  ← protection: recorded, never judged", "  ← 保护动作：记录，不评判")
        return Phrase(
            "  ← another master: respected, and counted while it is outside the rules",
            "  ← 其他系统：予以尊重，超出规则期间计入",
        )

    def _next(self, change: Mapping[str, Any] | None) -> Phrase:
        if change is None:
            return Phrase("none within a week, by the clock alone", "仅按时钟，一周内无变化")
        at, rule, value = change["at"], change["rule"], self._value(change["value"], relinquish=True)
        return Phrase(f"{at}  {value} by {rule}", f"{at}  {value}，规则 {rule}")

    def _value(self, value: object, *, relinquish: bool = False) -> str:
        if value is None:
            said = Phrase("relinquish (NULL)", "交还（NULL）") if relinquish else Phrase("not known", "未知")
            return said.told(self.lang)
        if isinstance(value, bool | float | int):
            return command(value, Role(self.answer["role"]), zh=self.lang == "zh")
        return str(value)

    def _age(self, entry: Mapping[str, Any]) -> str:
        quality = str(entry["quality"])
        shown = quality if self.lang == "en" else _QUALITIES.get(quality, quality)
        if entry["age_s"] is None:
            return shown
        age, since = f"{entry['age_s']:.0f}", entry["since"]
        return Phrase(f"{shown}, {age} s old, since {since}", f"{shown}，{age} 秒前，自 {since}").told(
            self.lang
        )
