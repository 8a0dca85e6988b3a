"""The JSON schema of the site file, by which editors complete, underline and explain."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from config import patterns
from config.file import SiteFile
from config.meanings import meaning
from config.meant.chinese import BOOLS
from config.phrase import Phrase
from config.roles import ROLES
from config.section import Section
from config.signs.words import DAYS

_Schema = dict[str, Any]
_TRUTHS: Final = f"^\\s*[\"'“”‘’]?(?:[Tt]rue|TRUE|[Ff]alse|FALSE|[Yy]es|[Nn]o|[Oo]n|[Oo]ff|ｔｒｕｅ|ｆａｌｓｅ|{'|'.join(BOOLS)})[\"'“”‘’]?\\s*$"
_WORD: Final[_Schema] = {"type": "string"}
"""A section written as one word."""
_TITLE: Final = "building-supervisor site file"


def json_schema() -> _Schema:
    """JSON Schema 2020-12 of a site file.

    It knows keys, types, ranges and how values are written, in Chinese as well; names and meanings are what `check` is
    for. In an editor with the YAML language server: `# yaml-language-server: $schema=site.schema.json` as the file's
    first line. Whatever `check` takes is not underlined, where the editor's own parser can read it.
    """
    schema = SiteFile.model_json_schema(by_alias=True)
    _loosened(schema)
    for name, model in sections().items():
        section = schema if model is SiteFile else schema["$defs"].get(name, {})
        _described(section, model)
    _days(schema["$defs"]["WeekHours"])
    _hoisted(schema, schema["$defs"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": _TITLE,
        **{key: value for key, value in schema.items() if key != "title"},
    }


def _described(section: _Schema, model: type[Section]) -> None:
    """Each key with its meaning in both languages, in each form that it may have; an empty one counts as left out."""
    properties = section.get("properties", {})
    for key, field in properties.items():
        said = meaning(model, key) or Phrase(f"numbers of the rule `{key}`", f"规则 `{key}` 的参数")
        text = f"{said.en} · {said.zh}"
        for form in _forms(field):
            if form != _WORD:
                form["description"] = text
        field["description"] = text
        if key not in section.get("required", ()) and field.get("type") != "null":
            properties[key] = _or_null(field)


def _forms(field: _Schema) -> Iterator[_Schema]:
    """A field's alternatives, and the entries of what has names."""
    for part in ("anyOf", "oneOf"):
        for form in field.get(part, ()):
            yield form
            yield from _forms(form)
    for entry in field.get("patternProperties", {}).values():
        yield entry
        yield from _forms(entry)
    if isinstance(field.get("additionalProperties"), dict):
        yield field["additionalProperties"]
        yield from _forms(field["additionalProperties"])


def _or_null(field: _Schema) -> _Schema:
    if "anyOf" in field:
        if not any(form.get("type") == "null" for form in field["anyOf"]):
            field["anyOf"].append({"type": "null"})
        return field
    if field.get("type") == "object":
        return {**field, "type": ["object", "null"]}
    keep: _Schema = {key: field[key] for key in ("description", "title", "default") if key in field}
    return {**keep, "anyOf": [field, {"type": "null"}]}


def _loosened(node: Any, within: str = "") -> None:
    """As the loader reads scalars: each is the text that was written, whatever an editor takes it for."""
    if isinstance(node, list):
        for each in node:
            _loosened(each, within)
        return
    if not isinstance(node, dict):
        return
    for key, value in list(node.items()):
        _loosened(value, key)
    if isinstance(node.get("title"), str):
        node.pop("title")  # a key in capitals: what it means stands in its description
    kind = node.get("type")
    if node == _WORD and within == "anyOf":
        return
    if kind == "string" and "enum" not in node and "const" not in node:
        node["type"] = ["string", "number", "boolean"]
    elif kind == "number":
        node |= {"type": ["number", "string"], "pattern": patterns.NUMBER}
    elif kind == "integer":
        node |= {"type": ["integer", "string"], "pattern": patterns.WHOLE}
    elif kind == "boolean":
        node |= {"type": ["boolean", "string"], "pattern": _TRUTHS}
    elif node.get("const") == 1:
        node.pop("const")
        node |= {"type": ["integer", "string"], "enum": [1, "1", "１"]}
    elif kind == "array" and isinstance(node.get("items"), dict):
        _listed(node)
    if "propertyNames" in node and str(node["propertyNames"].get("$ref", "")).endswith("/Role"):
        _roles(node)


def _listed(node: _Schema) -> None:
    """A list of words may be parted by 、 alone."""
    items = node["items"]
    if "string" in items.get("type", ()) or str(items.get("$ref", "")).endswith("/RuleId"):
        many = {key: node.pop(key) for key in ("type", "items", "minItems") if key in node}
        node["anyOf"] = [many, {"type": "string", "pattern": "、"}]


def _roles(node: _Schema) -> None:
    """Each role as a key of its own, so that an editor explains it."""
    entry = node.pop("additionalProperties")
    node.pop("propertyNames")
    node["additionalProperties"] = False
    node["properties"] = {
        role.value: {**entry, "description": f"{role.value.replace('_', ' ')} · {spec.meaning_zh}"}
        for role, spec in ROLES.items()
    }


def _days(week: _Schema) -> None:
    """Kinds of days by their Chinese names."""
    names: dict[str, list[str]] = {}
    for word, day in DAYS.items():
        names.setdefault(day, []).append(word)
    week["patternProperties"] = {
        f"^(?:{'|'.join(words)})$": copy.deepcopy(week["properties"][day]) for day, words in names.items()
    }


_LONG: Final = {
    patterns.HOURS: "HoursText", patterns.CLOCK: "ClockText", patterns.DURATION: "DurationText", patterns.DAY: "DayText",
    patterns.MONTH_DAY: "MonthDayText", patterns.OBJECT: "ObjectText", patterns.PLACE: "PlaceText",
    patterns.OFFSET: "OffsetText",
}  # fmt: skip


def _hoisted(node: Any, defined: _Schema) -> None:
    """Long patterns stand once, and are referred to."""
    if isinstance(node, list):
        for each in node:
            _hoisted(each, defined)
        return
    if not isinstance(node, dict):
        return
    name = _LONG.get(node["pattern"]) if isinstance(node.get("pattern"), str) else None
    if name is not None and node is not defined.get(name):
        defined[name] = {"pattern": node.pop("pattern")}
        node["allOf"] = [{"$ref": f"#/$defs/{name}"}]
    for value in list(node.values()):
        _hoisted(value, defined)


@cache
def sections() -> dict[str, type[Section]]:
    """Every kind of section of a site file by its name. Other files have sections, too, which are described elsewhere."""
    return {model.__name__: model for model in _below(Section) if model.__module__.startswith("config.")}


def _below(model: type[Section]) -> Iterator[type[Section]]:
    for each in model.__subclasses__():
        yield each
        yield from _below(each)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n")
