"""The reference page of the site file, from the models that read it: `python -m config.reference`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from config.file import SiteFile
from config.meanings import meaning
from config.objects import OBJECTS
from config.schema import sections
from config.units import UNITS

_Schema = dict[str, Any]
_DURATION = "seconds, or"
"""How a duration's own description begins."""
_HOURS = "09:00-17:30, closed"
_HEAD = """\
# The site file · 站点文件

Every key, section by section, as `building-supervisor check` reads it; generated from the code. An editor with the
YAML language server completes and underlines by `building-supervisor schema > site.schema.json` and this first line:
`# yaml-language-server: $schema=site.schema.json`. Each key explains itself in both languages when the mouse is over it; a line that
`check` would refuse is red. What an editor's own YAML cannot read (a key followed by `：`) is red there, and taken by `check`.

Durations are seconds, or `90s`, `15min`, `4h`, `1d`, `15分钟`. Hours are `09:00-17:30`, a list of them, `24h` or `closed`, and may
pass midnight. A key without a default must be written. What each rule does with its numbers: [rules](../rules/).
"""


_UNITS = """
## Units · 单位

What a number is counted in is read from the device (its Units, and an accumulator's Scale) when it is adopted, and need not be
written. `unit` is for a device that does not say it, or says `no-units` (95). Where file and device disagree, and where the
device counts in a vendor's own unit (256 and up) or in one of another quantity, the value is no evidence and nothing is
written to the point: log, page, `doctor`, `explain` and `building_supervisor_point_unit_mismatch` say which.
A device that says no unit is taken to count in the role's (°C, %RH, ppm, lx, m3), and `doctor` lists it; energy has none that
goes without saying.

`scale` is for an accumulator whose device does not offer its Scale: what one count is worth in `unit`. `factor` multiplies
whatever is read, as the ratio of a meter's current transformers does; no device says it. Prescale and a pulse converter's
Scale_Factor are worked into Present_Value by the device itself. A command is kept within Min_Pres_Value and Max_Pres_Value,
and moved onto the object's Resolution (whole numbers where it holds nothing else) to the side that keeps the rule.

单位与累加器的 Scale 在接管设备时读取；`unit`、`scale` 只用于设备未说明的情况，`factor` 为倍率（如互感器变比）。
配置与设备不一致、或单位无法识别时，该点不采信、不写入，并在日志、页面、doctor、explain 和指标中说明。
"""
_STATES = """
## States · 状态

Which state means what is said by the file (`states`, `invert`). What the device itself calls them (State_Text, Active_Text and
Inactive_Text, Number_Of_States) is read a few seconds after it was first read, before the first write to the point, and again after it
was replaced or restarted. Where a text clearly means another state ("Heat", 制热 for what the file calls cool; "Off", 停止
for what it calls on; 无人, "Closed", "Normal"), nothing is written there and what we hold is let go of; a sensor's reading is no
evidence, a fire alarm is believed and its all-clear is not; log, page, `doctor`, `explain` and
`building_supervisor_point_state_mismatch` say which. A text that is missing, not legible, or says nothing ("State 1", "Active") is no
contradiction. `state_texts: false` says that the device's texts are wrong.

各状态的含义以本文件（states、invert）为准。设备自己的状态文字在首次读数之后、首次写入该点之前读取；文字明确表示另一种状态时
（如文件写制冷而设备写“制热”，文件写开而设备写“停止”），不写入并释放已占用的优先级；传感器读数不采信；火警报警照常采信，解除则不采信。
文字缺失、乱码或无含义（如“State 1”“Active”）不作判断。若是设备的文字有误，请写 state_texts: false。
"""
_OBJECTS = """
## Object types · 对象类型
"""
_MEASURES = {
    "degC": "temperature · 温度", "J": "energy · 能量", "m3": "water · 水量", "%RH": "humidity · 湿度",
    "ppm": "CO₂ · 二氧化碳", "lx": "light · 照度",
}  # fmt: skip


def reference() -> str:
    """The page, as Markdown."""
    schema = SiteFile.model_json_schema(by_alias=True)
    defined = schema.pop("$defs")
    parts = [_HEAD, *_section("SiteFile", "The whole file · 整个文件", schema)]
    for name in _in_order(schema, defined):
        if "properties" in defined[name]:
            parts += _section(name, name, defined[name])
        else:
            names = ", ".join(f"`{each}`" for each in defined[name]["enum"])
            parts.append(f"\n## {name}\n\n{defined[name].get('description', '').strip()}\n\n{names}")
    return "\n".join([*parts, *_units(), *_objects()])


def _units() -> Iterator[str]:
    """What a number may be counted in, and BACnet's number for it."""
    yield _UNITS
    yield _STATES
    yield "| unit · 单位 | of · 量 | one is · 换算 | BACnet Units |\n|---|---|---|---|"
    for name, unit in UNITS.items():
        shift = f" {'−' if unit.shift < 0 else '+'} {abs(unit.shift):.6g}" if unit.shift else ""
        number = f"{unit.number}" if unit.number is not None else "—"
        yield f"| `{name}` | {_MEASURES[unit.base]} | {unit.scale:.10g} {unit.base}{shift} | {number} |"


def _objects() -> Iterator[str]:
    """Which objects a point may name."""
    yield _OBJECTS
    yield "| object type · 对象类型 | holds · 内容 | can be commanded · 可写 |\n|---|---|---|"
    for name, type_ in OBJECTS.items():
        yield f"| `{name}` | {type_.holds.value} | {'yes · 是' if type_.commanded else 'no · 否'} |"


def _in_order(schema: _Schema, defined: Mapping[str, _Schema]) -> list[str]:
    """Sections as the file's reader meets them, each once."""
    found: dict[str, None] = {}
    waiting = [schema]
    while waiting:
        for name in re.findall(r'"#/\$defs/(\w+)"', json.dumps(waiting.pop(0))):
            if name not in found:
                found[name] = None
                waiting.append(defined[name])
    return list(found)


def _section(name: str, title: str, schema: _Schema) -> Iterator[str]:
    model = sections()[name]
    text = str(schema.get("description", "")).strip() if model is not SiteFile else ""
    yield f"\n## {title}\n" + (f"\n{text}\n" if text else "")
    yield "| key | meaning · 含义 | written as | default |\n|---|---|---|---|"
    required = schema.get("required", ())
    for key, field in schema["properties"].items():
        said = meaning(model, key)
        words = f"{said.en} · {said.zh}" if said is not None else ""
        default = "" if key in required else _default(field)
        yield f"| `{key}` | {words} | {_written(field)} | {default} |"


def _default(field: _Schema) -> str:
    value = field.get("default")
    if value is None or value == "" or isinstance(value, dict | list):
        return "—"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    unit = "s" if field.get("description", "").startswith(_DURATION) else ""
    return f"`{value:g}{unit}`" if isinstance(value, float) else f"`{value}`"


def _written(field: _Schema) -> str:
    """A field's type in words; sections are links within the page."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if _HOURS in str(field):
        return "hours"
    if "anyOf" in field:
        kinds = [_written(each) for each in field["anyOf"] if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(kind for kind in kinds if kind))
    if "enum" in field:
        return ", ".join(f"`{each}`" for each in field["enum"])
    if "description" in field:
        said = str(field["description"])
        return "duration" + _range(field) if said.startswith(_DURATION) else said
    return _plain(field)


def _plain(field: _Schema) -> str:
    kind = field.get("type", "text")
    if kind == "array":
        return f"list of {_written(field['items'])}" if "items" in field else "list"
    if kind == "object":
        inner = [*field.get("patternProperties", {}).values()]
        if isinstance(field.get("additionalProperties"), dict):
            inner.append(field["additionalProperties"])
        return f"name: {_written(inner[0])}" if inner else "section"
    names = {"string": "text", "integer": "whole number", "boolean": "`true`, `false`"}
    return names.get(kind, str(kind)) + _range(field)


def _range(field: _Schema) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    above, below = field.get("exclusiveMinimum"), field.get("exclusiveMaximum")
    parts = [
        f"{words} {value:g}"
        for words, value in (("from", low), ("over", above), ("to", high), ("under", below))
        if value is not None
    ]
    return f" {' '.join(parts)}" if parts else ""


if __name__ == "__main__":
    sys.stdout.write(reference() + "\n")
