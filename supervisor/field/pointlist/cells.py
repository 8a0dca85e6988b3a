"""What stands in the cells of a points list, each read by its column."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from config.objects import OBJECTS, spelt_out
from config.phrase import Phrase
from config.roles import ROLES, Mode, Role
from config.units import UNITS
from config.values import MAX_INSTANCE, ObjectRef
from supervisor.field.pointlist.columns import flag_of, kind_of, plain, role_of, type_of
from supervisor.field.pointlist.rows import figure
from supervisor.ledger.figures import number as number_of

_ADDRESS = re.compile(r"[0-9A-Za-z_.\-\[\]]+(:\d{1,5})?")
_LARGEST_INSTANCE: Final = 4_194_302
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
"""An identifier of the site file."""


class Misread(ValueError):
    """A cell that cannot be read; why, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.said = Phrase(en, zh)


def ident(text: str, fallback: str, used: set[str]) -> str:
    """An identifier for a name: its Latin letters and digits, else a word and a number."""
    made = re.sub(r"[^a-z0-9]+", "-", plain(text)).strip("-")[:50]
    if made and made not in used:
        return made
    made = made or fallback
    return next(name for n in range(1, 10_000) if (name := f"{made}-{n}") not in used)


def role_cell(given: dict[str, str]) -> Role:
    """The role of a row. Raises Misread."""
    text = given["role"]
    if not text:
        raise Misread("no role", "缺少角色")
    role = role_of(text)
    if role is None:
        raise Misread(
            f"there is no role `{text}`; roles: {', '.join(ROLES)}",
            f"没有“{text}”这个角色；可用：{'、'.join(spec.meaning_zh for spec in ROLES.values())}",
        )
    return role


def object_cell(given: dict[str, str]) -> ObjectRef:
    """The object of a row. Raises Misread."""
    text = given["object"]
    kind, _, number = spelt_out(text).partition(":")
    if not text:
        raise Misread("no object", "缺少对象")
    if kind not in OBJECTS or not number.isdigit():
        raise Misread(
            f"`{text}` is no BACnet object: write AI0, BO:3 or analog-input:0",
            f"“{text}”不是 BACnet 对象：请写 AI0、BO:3 或 analog-input:0",
        )
    if int(number) > MAX_INSTANCE:
        raise Misread(f"object instances end at {MAX_INSTANCE}", f"对象号最大为 {MAX_INSTANCE}")
    return ObjectRef(kind, int(number))


def _number(text: str) -> str:
    if not text:
        return ""
    sign = -1 if text.lstrip().startswith("-") else 1
    value = number_of(text.lstrip().lstrip("-"), comma=True)
    if value is None:
        raise Misread(f"`{text}` is no number", f"“{text}”不是数字")
    return figure(sign * value)


def _positive(text: str) -> str:
    value = _number(text)
    if value and float(value) <= 0:
        raise Misread(f"`{text}` is not above 0", f"“{text}”必须大于 0")
    return value


def _factor(text: str) -> str:
    value = _positive(text)
    return "" if value == "1" else value


def _unit(text: str) -> str:
    if not text or text in UNITS:
        return text
    word = plain(text)
    word = {
        "℃": "degc",
        "c": "degc",
        "摄氏度": "degc",
        "f": "degf",
        "千瓦时": "kwh",
        "度": "kwh",
        "%rh": "%rh",
    }.get(word, word)
    for unit in UNITS:
        if plain(unit) == word:
            return unit
    raise Misread(
        f"there is no unit `{text}`; units: {', '.join(UNITS)}", f"没有单位“{text}”；可用：{'、'.join(UNITS)}"
    )


def _flag(empty_is: str, default: str) -> Callable[[str], str]:
    def flag(text: str) -> str:
        if not text:
            return empty_is
        found = flag_of(text)
        if found is None:
            raise Misread(f"`{text}` is neither yes nor no", f"“{text}”既不是“是”也不是“否”")
        said = "yes" if found else "no"
        return "" if said == default else said

    return flag


def _states(text: str) -> str:
    found: dict[int, str] = {}
    for part in re.split(r"[\s;；、,，]+", text.strip()):
        if not part:
            continue
        number, _, word = re.sub("[:：]", "=", part).partition("=")
        mode = next((m for m in Mode if plain(word) in (m.value, *_MODES[m])), None)
        if not number.isdecimal() or mode is None:
            raise Misread(
                f"`{part}` is no state: write 1=cool 2=heat; modes: {', '.join(Mode)}",
                f"“{part}”不是状态：请写 1=cool 2=heat",
            )
        found[int(number)] = mode.value
    return " ".join(f"{n}={found[n]}" for n in sorted(found))


_MODES: Final = {
    Mode.OFF: ("关", "停"), Mode.COOL: ("制冷", "冷"), Mode.HEAT: ("制热", "热"), Mode.AUTO: ("自动",),
    Mode.FAN: ("送风", "通风"), Mode.DRY: ("除湿",),
}  # fmt: skip


def _type(text: str) -> str:
    kind = type_of(text)
    if kind is None:
        raise Misread(f"there is no kind of equipment `{text}`", f"没有“{text}”这种设备类型")
    return kind.value


def _kind(text: str) -> str:
    kind = kind_of(text)
    if kind is None:
        raise Misread(f"there is no kind of zone `{text}`", f"没有“{text}”这种区域类型")
    return kind.value


def _instance(text: str) -> str:
    if not text.isdecimal() or int(text) > _LARGEST_INSTANCE:
        raise Misread(f"`{text}` is no device instance (0 to {_LARGEST_INSTANCE})", f"“{text}”不是设备实例号")
    return str(int(text))


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise Misread(f"`{text}` is no address like 192.168.1.10", f"“{text}”不是地址，如 192.168.1.10")
    return text


def _template(text: str) -> str:
    if NAME.fullmatch(text):
        return text
    kind = type_of(text)
    return kind.value if kind is not None else ident(text, "template", set())


CELLS: Final[dict[str, Callable[[str], str]]] = {
    "name": lambda text: " ".join(text.split()), "kind": _kind, "hours": lambda text: text, "type": _type,
    "template": _template, "instance": _instance, "address": _address, "unit": _unit, "scale": _positive,
    "factor": _factor, "invert": _flag("", "no"), "states": _states, "priority_array": _flag("", "yes"),
    "writable": _flag("no", ""), "low": _number, "high": _number, "escape_route": _flag("", ""),
}  # fmt: skip
"""By column."""
