"""The JSON schema of the site file, by which editors complete and underline."""

from __future__ import annotations

from typing import Any

from config.file import SiteFile


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a site file.

    It knows keys, types and ranges; names and meanings are what `check` is for. In an editor with the YAML
    language server: `# yaml-language-server: $schema=site.schema.json` as the file's first line.
    """
    schema = SiteFile.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "building-supervisor site file",
        **{key: value for key, value in schema.items() if key != "title"},
    }
