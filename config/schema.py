"""The JSON schema of the site file, by which editors complete and underline."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from config.file import SiteFile
from config.meanings import meaning
from config.section import Section


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a site file.

    It knows keys, types and ranges; names and meanings are what `check` is for. In an editor with the YAML
    language server: `# yaml-language-server: $schema=site.schema.json` as the file's first line.
    """
    schema = SiteFile.model_json_schema(by_alias=True)
    for name, model in sections().items():
        described = schema if model is SiteFile else schema["$defs"].get(name, {})
        for key, field in described.get("properties", {}).items():
            said = meaning(model, key)
            if said is not None and "$ref" not in field:
                field["description"] = f"{said.en} · {said.zh}"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "building-supervisor site file",
        **{key: value for key, value in schema.items() if key != "title"},
    }


@cache
def sections() -> dict[str, type[Section]]:
    """Every kind of section of a site file by its name. Other files have sections, too, which are described elsewhere."""
    return {model.__name__: model for model in _below(Section) if model.__module__.startswith("config.")}


def _below(model: type[Section]) -> Iterator[type[Section]]:
    for each in model.__subclasses__():
        yield each
        yield from _below(each)
