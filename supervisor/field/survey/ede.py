"""EDE files (Engineering Data Exchange, B.I.G.-EU, layouts 2.0 to 2.3), and lists that are like them, as objects.

Pure: octets go in. GBK, UTF-8 and UTF-16 with and without a mark; semicolons, commas and tabs.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from config.objects import OBJECTS, spelt_out
from config.phrase import Phrase
from config.values import MAX_INSTANCE
from supervisor.field.pointlist.table import Slip
from supervisor.field.survey.objects import Found, Survey, Thing, unit_of, words
from supervisor.ledger.sheets import decoded, lines_of

_ALSO: Final[Mapping[str, Sequence[str]]] = {
    "key": ("keyname",),
    "device": ("deviceobjinstance", "deviceinstance", "deviceobjectinstance", "deviceid", "device", "设备实例号", "控制器实例号",
               "控制器", "设备号", "deviceobjid"),
    "name": ("objectname", "name", "pointname", "point", "tag", "名称", "对象名称", "点名", "点名称", "点位", "点位名称", "objectidname"),
    "type": ("objecttype", "type", "bacnettype", "对象类型", "类型", "点类型"),
    "instance": ("objectinstance", "instance", "对象实例", "对象实例号", "实例", "实例号"),
    "object": ("object", "bacnetobject", "objectid", "objectidentifier", "对象", "点号", "bacnet对象"),
    "description": ("description", "desc", "objectdescription", "说明", "描述", "备注", "注释", "中文描述", "点位描述"),
    "unit": ("unitcode", "unit", "units", "engineeringunits", "单位"),
    "states": ("statetextreference", "statetext", "statetexts", "states", "状态", "状态文本", "状态表"),
    "context": ("devicename", "equipment", "system", "equip", "equiptype", "设备", "设备名称", "系统"),
    "role": ("role", "label", "expected", "truth", "expectedrole", "角色", "标签", "标注", "正确角色"),
}  # fmt: skip
_LAYOUT: Final = (
    "key", "device", "name", "type", "instance", "description", "", "", "", "", "", "", "", "states", "unit",
)  # fmt: skip
"""The columns of layout 2.x in their order, for a file whose heading was taken off."""
_DEVICE: Final = frozenset({"8", "device"})
_NUMBERED: Final = {str(kind.number): name for name, kind in OBJECTS.items()}
_NO_TABLE: Final = Phrase(
    "this is no EDE file: a heading with keyname, device, object-name, object-type and object-instance is looked for",
    "这不是 EDE 文件：需要含 keyname、device obj.-instance、object-name、object-type、object-instance 的表头",
)
_NO_TEXT: Final = Phrase(
    "this is no text: export the EDE as CSV, not as a workbook", "这不是文本：请导出为 CSV，而不是工作簿"
)


class Read(NamedTuple):
    """What a file holds, and its slips by line."""

    things: list[Thing]
    devices: dict[int, Found]
    slips: list[Slip]

    def survey(self) -> Survey:
        """Its devices and objects."""
        found = Survey(dict(self.devices))
        for thing in self.things:
            found.add(thing)
        return found


def read(data: bytes, state_texts: bytes | None = None) -> Read:
    """The objects of an EDE file; `state_texts`: the file of state texts that belongs to it."""
    text = _text(data)
    if text is None:
        return Read([], {}, [Slip(1, _NO_TEXT)])
    lines = lines_of(text)
    number, columns, delimiter = _heading(lines)
    if not columns:
        return Read([], {}, [Slip(1, _NO_TABLE)])
    reader = _Reader(columns, _states(state_texts))
    for n, line in enumerate(lines[number:], number + 1):
        if line.lstrip().startswith("#") or not line.strip(f'{delimiter} \t"'):
            continue
        try:
            cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
        except csv.Error:
            reader.slip(n, "this line is no CSV", "该行不是有效的 CSV")
            continue
        reader.take(n, cells)
    if not reader.things and not reader.slips:
        reader.slip(number, "there is no object in the file", "文件中没有对象")
    return Read(reader.things, reader.devices, reader.slips)


def _text(data: bytes) -> str | None:
    text = decoded(data)
    if text is not None and "\0" not in text:
        return text
    for encoding in ("utf-16-le", "utf-16-be"):  # without a mark: every second octet of its ASCII is nought
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and (";" in text or "," in text or "\t" in text):
            return text
    return None


def _heading(lines: Sequence[str]) -> tuple[int, dict[str, int], str]:
    """The line of the heading, which cell is what, what divides cells; a file without one goes by the layout."""
    best: tuple[int, dict[str, int], str] = (0, {}, ";")
    for number, line in enumerate(lines[:40], 1):
        for delimiter in (";", ",", "\t", "|"):
            found: dict[str, int] = {}
            for n, cell in enumerate(line.lstrip("# ").split(delimiter)):
                word = words(cell.strip('" '))
                key = next((k for k, names in _ALSO.items() if word in names), None)
                if key is not None and key not in found:
                    found[key] = n
            if len(found) > len(best[1]):
                best = (number, found, delimiter)
    names = best[1].keys()
    if ({"name"} <= names or {"description"} <= names) and (names & {"type", "object", "role"}):
        return best
    return _bare(lines)


def _bare(lines: Sequence[str]) -> tuple[int, dict[str, int], str]:
    for number, line in enumerate(lines[:40]):
        for delimiter in (";", ",", "\t"):
            cells = [cell.strip('" ') for cell in line.split(delimiter)]
            if len(cells) >= 6 and all(cells[n].isdecimal() for n in (1, 3, 4)) and not line.startswith("#"):
                return number, {key: n for n, key in enumerate(_LAYOUT) if key}, delimiter
    return 0, {}, ";"


def _states(data: bytes | None) -> dict[str, list[str]]:
    """State texts by their reference number (file 2 of the EDE set)."""
    found: dict[str, list[str]] = {}
    text = _text(data) if data is not None else None
    for line in lines_of(text) if text is not None else ():
        delimiter = max((";", ",", "\t"), key=line.count)
        cells = [cell.strip('" ') for cell in line.split(delimiter)]
        if cells and cells[0].isdecimal():
            found[cells[0]] = [cell for cell in cells[1:] if cell]
    return found


class _Reader:
    def __init__(self, columns: dict[str, int], states: Mapping[str, list[str]]) -> None:
        self.columns, self.states = columns, states
        self.things: list[Thing] = []
        self.devices: dict[int, Found] = {}
        self.slips: list[Slip] = []
        self.seen: dict[str, int] = {}

    def slip(self, line: int, en: str, zh: str, *, warning: bool = False) -> None:
        """What is wrong with a line."""
        self.slips.append(Slip(line, Phrase(en, zh), warning))

    def take(self, line: int, cells: Sequence[str]) -> None:
        """One line: an object, a device, or a slip."""
        given = {key: cells[n] if n < len(cells) else "" for key, n in self.columns.items()}
        device = given.get("device", "")
        labelled = "role" in self.columns
        number = int(device) if device.isdecimal() else 0
        if not labelled and (not device.isdecimal() or number > MAX_INSTANCE):
            self.slip(line, f"`{device}` is no device instance", f"“{device}”不是设备实例号")
            return
        if given.get("type", "").lower() in _DEVICE:
            self.devices[number] = Found(number, given.get("name", ""))
            return
        kind, instance = self._object(given)
        if not kind and not labelled:
            self.slip(
                line,
                f"object type `{given.get('type', '')}` is not read",
                f"对象类型“{given.get('type', '')}”未使用",
                warning=True,
            )
            return
        if instance is None and not labelled:
            self.slip(
                line,
                f"`{given.get('instance', '')}` is no object instance",
                f"“{given.get('instance', '')}”不是对象实例号",
            )
            return
        thing = Thing(
            number, kind, instance if instance is not None else line, given.get("name", "") or given.get("key", ""),
            given.get("description", ""), unit_of(given.get("unit", "")), self._texts(given.get("states", "")),
            given.get("context", ""), line, given.get("role") if labelled else None,
        )  # fmt: skip
        if not labelled and thing.key in self.seen:
            first = self.seen[thing.key]
            self.slip(
                line,
                f"{thing.key} stands in line {first} too",
                f"{thing.key} 与第 {first} 行重复",
                warning=True,
            )
            return
        self.seen[thing.key] = line
        self.things.append(thing)

    def _object(self, given: Mapping[str, str]) -> tuple[str, int | None]:
        kind, instance = given.get("type", ""), given.get("instance", "")
        if kind.upper().startswith("OBJECT_"):
            kind = kind[len("OBJECT_") :]  # as YABE writes it
        name = _NUMBERED.get(kind) or spelt_out(f"{kind}:{instance or 0}").partition(":")[0]
        if name not in OBJECTS and given.get("object"):
            name, _, instance = spelt_out(given["object"]).partition(":")
        fits = instance.isdecimal() and int(instance) <= MAX_INSTANCE
        return (name if name in OBJECTS else ""), (int(instance) if fits else None)

    def _texts(self, cell: str) -> list[str]:
        if cell.isdecimal():
            return self.states.get(cell, [])
        return [part.strip() for part in cell.replace("|", ",").replace("/", ",").split(",") if part.strip()]
