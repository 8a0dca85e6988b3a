"""What a browser asks for beside the address."""

from __future__ import annotations

from starlette.requests import Request

from config.phrase import LANGS, Lang

SHOWN = 80
"""Characters of what was asked for that are repeated on a page."""


def language(request: Request) -> Lang:
    """`?lang=`, else the first of the browser's languages that we speak, else Chinese."""
    wanted = [request.query_params.get("lang", "")]
    wanted += request.headers.get("accept-language", "").split(",")
    for entry in wanted:
        for lang in LANGS:
            if entry.strip().lower().startswith(lang):
                return lang
    return "zh"


def up_from(request: Request) -> str:
    """From the address as the browser has it, in which `%2F` parts no folders, up to the first page's: `../`."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return "../" * (raw.partition(b"?")[0].count(b"/") - 1)


def shortened(asked: str) -> str:
    """What was asked for, as far as a page repeats it."""
    return asked[:SHOWN]
