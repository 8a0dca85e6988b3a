"""Style, scripts and icon: read and packed once, kept by the browser, and asked after instead of sent again."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

KEPT: Final = "private, no-cache"
"""The browser may keep it, and asks each time whether it is still so (RFC 9111 §5.2.2.4): an update is seen at once."""


_TYPES: Final = {
    ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png",
    ".ico": "image/vnd.microsoft.icon", ".json": "application/json", ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json", ".html": "text/html",
}  # fmt: skip
"""By the ends of names; every type that there is would be a third of a megabyte."""


class _File(NamedTuple):
    plain: bytes
    packed: bytes
    media_type: str
    tag: str


class Static:
    """The files of a folder, by the names that they had when this was made: nothing else is ever read."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, _File] = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                media_type = _TYPES.get(path.suffix, "text/plain")
                tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
                packed = gzip.compress(content, 9, mtime=0)
                self._files[path.relative_to(folder).as_posix()] = _File(content, packed, media_type, tag)

    async def file(self, request: Request) -> Response:
        """One file, packed where that is understood; 304 where the browser has it; 404 for any other name."""
        found = self._files.get(request.path_params["name"])
        if found is None:
            return PlainTextResponse("Not Found", 404)
        headers = {"Cache-Control": KEPT, "ETag": found.tag, "Vary": "Accept-Encoding"}
        if found.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        packs = "gzip" in request.headers.get("accept-encoding", "")
        if packs:
            headers["Content-Encoding"] = "gzip"
        return Response(found.packed if packs else found.plain, media_type=found.media_type, headers=headers)
