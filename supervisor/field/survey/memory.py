"""The file of what was read, beside the site file: a survey that was stopped goes on from it, and the next one is compared with it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from config.objects import short
from config.phrase import Phrase
from supervisor.field.survey.objects import Survey

SUFFIX: Final = ".survey"
_VERSION: Final = 1
STALE: Final = 86_400.0
"""Seconds after which a survey that was stopped begins anew."""


@dataclass(slots=True)
class Memory:
    """`survey`: the last one that was whole; `half`: one that is under way; `offered`: objects that were put before a person."""

    survey: Survey = field(default_factory=Survey)
    half: Survey | None = None
    offered: set[str] = field(default_factory=set)
    at: float = 0.0
    """When the half was last added to, POSIX seconds."""

    def going_on(self, now: float) -> Survey:
        """What is under way, where it is not so old that the building may be another one; else a new one."""
        return self.half if self.half is not None and now - self.at < STALE else Survey()


def beside(site: Path) -> Path:
    """Where the file is."""
    return site.with_name(site.name + SUFFIX)


def recall(path: Path) -> Memory:
    """What was read before; nothing where the file is not there, or is none of ours."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["version"] != _VERSION:
            return Memory()
        half = Survey.of(kept["half"]) if kept.get("half") else None
        return Memory(Survey.of(kept["survey"]), half, set(map(str, kept["offered"])), float(kept["at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Memory()


def remember(path: Path, memory: Memory) -> None:
    """Keep it, whole or not at all. Raises OSError."""
    kept = {
        "version": _VERSION,
        "survey": memory.survey.kept(),
        "half": memory.half.kept() if memory.half is not None else None,
        "offered": sorted(memory.offered),
        "at": memory.at,
    }
    new = path.with_name(f".{path.name}.new")
    with new.open("w", encoding="utf-8") as file:
        json.dump(kept, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def differences(old: Survey, new: Survey) -> Iterator[Phrase]:
    """What devices say otherwise than the last time. A device that could not be read whole has lost nothing."""
    for instance, device in new.devices.items():
        before = old.devices.get(instance)
        if before is None:
            yield Phrase(f"new device {instance} {device.name}", f"新控制器 {instance} {device.name}")
        elif device.address and before.address and device.address != before.address:
            yield Phrase(
                f"device {instance} moved from {before.address} to {device.address}",
                f"控制器 {instance} 由 {before.address} 移至 {device.address}",
            )
    for instance, device in old.devices.items():
        if instance not in new.devices:
            yield Phrase(
                f"device {instance} {device.name} was not found this time",
                f"本次未发现控制器 {instance} {device.name}",
            )
    whole = {i for i, d in new.devices.items() if not d.said}
    for key, thing in new.things.items():
        was = old.things.get(key)
        at = f"{thing.device}/{short(thing.object_type)}{thing.instance}"
        if was is None:
            if thing.device in old.devices:
                yield Phrase(f"new object {at} {thing.name}", f"新对象 {at} {thing.name}")
            continue
        if was.name != thing.name:
            yield Phrase(
                f"{at} was called {was.name}, is called {thing.name}",
                f"{at} 原名 {was.name}，现名 {thing.name}",
            )
        if was.unit != thing.unit:
            yield Phrase(
                f"{at} {thing.name}: unit {was.unit or '-'} → {thing.unit or '-'}",
                f"{at} {thing.name}：单位 {was.unit or '-'} → {thing.unit or '-'}",
            )
    for key, thing in old.things.items():
        if key not in new.things and thing.device in whole:
            at = f"{thing.device}/{short(thing.object_type)}{thing.instance}"
            yield Phrase(
                f"gone: {at} {thing.name}; the site file still names it if it did",
                f"已消失：{at} {thing.name}；站点文件若有引用则保留",
            )
