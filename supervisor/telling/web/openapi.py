"""What programs may ask over HTTP, as OpenAPI 3.1: `python -m supervisor.telling.web.openapi` prints docs/reference/openapi.json."""

from __future__ import annotations

import json
import sys
from typing import Any, Final

from supervisor import __version__
from supervisor.telling.web.change import LONGEST_NAME

_TEXT: Final = {"type": "string", "maxLength": LONGEST_NAME}
_FIELDS: Final[dict[str, dict[str, Any]]] = {
    "point": {"type": "string", "maxLength": 300, "description": "zone/equipment/role"},
    "zone": {"type": "string", "maxLength": 300, "description": "a zone's id, or its name"},
    "value": {
        "type": ["string", "number", "boolean"],
        "description": "on, off, a number in the role's unit, or a mode",
    },
    "until": {
        "type": "string",
        "maxLength": 40,
        "description": "HH:MM by the building's clock, or ISO 8601 with offset",
    },
    "name": {**_TEXT, "description": "who asks"},
    "why": {**_TEXT, "description": "the reason"},
    "do": {"type": "string", "enum": ["hold", "end"]},
}
_CHANGES: Final[dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    "/api/manual": (
        "Hold a value by hand, or end it.",
        ("point", "value", "until", "name", "why", "do"),
        ("point", "name"),
    ),
    "/api/overtime": (
        "Keep a zone open until an hour.",
        ("zone", "until", "name"),
        ("zone", "until", "name"),
    ),
    "/api/release": (
        "Hand a zone's points back until an hour.",
        ("zone", "until", "name"),
        ("zone", "until", "name"),
    ),
    "/api/reload": ("Go back to the configuration before the one in force.", ("name",), ("name",)),
}
_READS: Final[dict[str, tuple[str, str]]] = {
    "/api/building": (
        "The building: facts, controllers, meters, overrides, the state of the configuration.",
        "application/json",
    ),
    "/api/zones": (
        "Every zone: what is measured, what decides it and why, what is next.",
        "application/json",
    ),
    "/api/events": ("The last events, the newest last.", "application/json"),
    "/metrics": ("Prometheus text format 0.0.4.", "text/plain"),
    "/healthz": ("The decision loop turns.", "text/plain"),
    "/readyz": ("The first decisions are made.", "text/plain"),
}
_REFUSED: Final = {
    "400": "It makes no sense, or cannot be done; why, in both languages.", "401": "No token that is known.",
    "403": "Asked for by another page.", "409": "The building would be written more by it.", "413": "Too long.",
    "421": "Asked under a name that is not this server's.", "431": "The head is too long.",
}  # fmt: skip


def described() -> dict[str, Any]:
    """The description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "building-supervisor", "version": __version__,
            "description": "Instants are ISO 8601 with the site's offset, energy in joules, times in seconds; not known is null.",
        },
        "paths": {**{path: {"get": _read(path)} for path in _READS}, **{path: {"post": _change(path)} for path in _CHANGES}},
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    }  # fmt: skip


def _read(path: str) -> dict[str, Any]:
    said, media_type = _READS[path]
    shape = {"type": "object"} if media_type == "application/json" else {"type": "string"}
    answers = {"200": {"description": said, "content": {media_type: {"schema": shape}}}}
    for status in ("401", "413", "421", "431"):
        answers[status] = {"description": _REFUSED[status]}
    told: dict[str, Any] = {"summary": said, "responses": answers}
    if path in ("/healthz", "/readyz"):
        answers["503"] = {"description": "Not so; why, a line each."}
    if path == "/healthz":
        told["security"] = []
    if path == "/api/events":
        answers["400"] = {"description": _REFUSED["400"]}
        limit = {"type": "integer", "minimum": 1, "maximum": 200}
        told["parameters"] = [{"name": "limit", "in": "query", "schema": limit}]
    return told


def _change(path: str) -> dict[str, Any]:
    said, fields, required = _CHANGES[path]
    body = {
        "type": "object",
        "properties": {name: _FIELDS[name] for name in fields},
        "required": list(required),
    }
    answers: dict[str, Any] = {
        "200": {"description": "Done; what was asked for as it was understood.", "content": _json()}
    }
    answers |= {status: {"description": text, "content": _json()} for status, text in _REFUSED.items()}
    content = {"application/json": {"schema": body}}
    return {"summary": said, "requestBody": {"required": True, "content": content}, "responses": answers}


def _json() -> dict[str, Any]:
    return {"application/json": {"schema": {"type": "object"}}}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(described(), indent=2, ensure_ascii=False) + "\n")
