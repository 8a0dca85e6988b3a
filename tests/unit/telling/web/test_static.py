"""Style and scripts come packed, are kept by the browser, and are the only files that are ever given."""

from __future__ import annotations

import pytest

from tests.unit.telling.web.test_app import visiting

NAME = "/static/vendor/htmx-2.0.11.min.js"


async def test_a_script_comes_packed_once_and_is_asked_after_then() -> None:
    """A third of its octets, and none at all the second time; who cannot unpack gets it plain."""
    async with visiting() as client:
        first = await client.get(NAME)
        plain = await client.get(NAME, headers={"accept-encoding": "identity"})
        again = await client.get(NAME, headers={"if-none-match": first.headers["etag"]})
    assert first.content == plain.content
    assert int(first.headers["content-length"]) < len(plain.content) / 2
    assert first.headers["cache-control"] == "private, no-cache"
    assert "javascript" in first.headers["content-type"]
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "name", ["..%2Fapp.py", "../app.py", "%2Fetc%2Fpasswd", "vendor", "", "page.css%00", "x" * 3000]
)
async def test_no_other_file_is_given(name: str) -> None:
    """Whatever the name leads to."""
    async with visiting() as client:
        assert (await client.get(f"/static/{name}")).status_code in (404, 431)


async def test_a_first_paint_is_under_a_hundred_kilobytes() -> None:
    """The page and all that it asks for, as they go over the wire."""
    async with visiting() as client:
        page = await client.get("/?lang=zh")
        octets = len(page.content)
        for name in (
            "page.css",
            "page.js",
            "icon.svg",
            "vendor/htmx-2.0.11.min.js",
            "vendor/htmx-ext-sse-2.2.4.min.js",
        ):
            octets += int((await client.get(f"/static/{name}")).headers["content-length"])
    assert octets < 100_000
