"""Why a figure is not simply the difference of two readings: every cause has its name, and its words."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from config.phrase import Phrase


class Cause(StrEnum):
    """What was wrong with a meter's readings. The value is the name that files and metrics use."""

    SILENT = "silent"
    """Nothing came for longer than three and a half intervals."""
    STUCK = "stuck"
    """The figure stood still for longer than it ever does."""
    BACKWARDS = "backwards"
    """It fell, and neither zero, nor the register's end, nor another meter explains it."""
    JUMP = "jump"
    """It rose by more than can have been consumed, and came back."""
    ROLLOVER = "rollover"
    """It passed the register's end."""
    RESET = "reset"
    """It began again at nothing."""
    REPLACED = "replaced"
    """Another meter counts on from another figure."""
    BAD_ZERO = "zero_then_true"
    """A gateway answered 0, or nearly, until it had read the meter."""
    UNIT = "unit_change"
    """The same meter in another unit or scale."""
    NO_REGISTER = "no_register"
    """It falls as if it were power, or what was consumed in each interval."""
    SUB_OVER_MAIN = "sub_over_main"
    """The meters beneath count more than the one above them."""
    LEAK = "night_flow"
    """Water runs all night."""
    PHASE = "phase_missing"
    """One of three phases is not measured."""
    SCALE = "scale_change"
    """From a day on it counts a multiple, or a fraction, of what it did, by day and by night alike."""


TOLD: Final = MappingProxyType(
    {
        Cause.SILENT: Phrase("no reading came", "无读数"),
        Cause.STUCK: Phrase("the register stood still", "读数停滞"),
        Cause.BACKWARDS: Phrase("the register fell", "读数回退"),
        Cause.JUMP: Phrase("the register leapt and came back", "读数跳变后恢复"),
        Cause.ROLLOVER: Phrase("the register passed its end: repaired", "表底满量程翻转：已修正"),
        Cause.RESET: Phrase("the register began again at nothing", "表底清零"),
        Cause.REPLACED: Phrase("another meter counts on from another figure", "已换表，表底不连续"),
        Cause.BAD_ZERO: Phrase("zero was told until the true reading returned", "曾上报零值，后恢复真实读数"),
        Cause.UNIT: Phrase("the same meter in another unit: converted", "同一表计单位改变：已换算"),
        Cause.NO_REGISTER: Phrase(
            "it falls again and again, as power (kW) or import less export does and no register: nothing is booked",
            "读数反复下降，像是功率（kW）或进出相抵的净值，而不是表底：不计入",
        ),
        Cause.SUB_OVER_MAIN: Phrase("the meters beneath count more than this one", "下级表合计大于本表"),
        Cause.LEAK: Phrase("water runs all night: a leak is likely", "夜间持续用水：疑似漏水"),
        Cause.PHASE: Phrase("a phase is not measured", "缺相"),
        Cause.SCALE: Phrase(
            "it counts four times as much or more, or a quarter or less, by day and by night alike: was its multiplier (current transformer) changed?",
            "昼夜用量同时成倍变化（四倍以上或四分之一以下）：是否改了倍率（互感器）？",
        ),
    }
)
"""Every cause as people read it."""
