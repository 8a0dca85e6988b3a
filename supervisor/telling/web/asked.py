"""What a browser asks for beside the address."""

from __future__ import annotations

from starlette.requests import Request

from config.phrase import LANGS, Lang


def language(request: Request) -> Lang:
    """`?lang=`, else the first of the browser's languages that we speak, else Chinese."""
    wanted = [request.query_params.get("lang", "")]
    wanted += request.headers.get("accept-language", "").split(",")
    for entry in wanted:
        for lang in LANGS:
            if entry.strip().lower().startswith(lang):
                return lang
    return "zh"
