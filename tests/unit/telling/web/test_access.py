"""Who may read the page: this machine freely, others with a token, and nobody under a borrowed name."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.datastructures import Headers

from supervisor.clockwork.turns import parts_in_turns
from supervisor.telling.snapshot import Snapshot
from supervisor.telling.web import Access, build_app, hash_token, new_token
from tests.tools.fake_building import fake_building

TOKEN, STORED = new_token()
PATHS = [
    "/",
    "/live",
    "/metrics",
    "/readyz",
    "/api/building",
    "/api/zones",
    "/api/events",
    "/static/page.css",
]


async def no_metrics() -> AsyncIterator[bytes]:
    """Nothing to scrape."""
    return parts_in_turns(iter(()))


async def look() -> Snapshot:
    """The building."""
    return fake_building()


def asking(
    access: Access, *, client: str = "127.0.0.1", host: str = "127.0.0.1:8026", **headers: str
) -> httpx.AsyncClient:
    """Somebody at `client` who asks for the page under the name `host`."""
    app = build_app(look, no_metrics, lambda: True, lambda: True, access=lambda: access)
    transport = httpx.ASGITransport(app, client=(client, 40000))
    return httpx.AsyncClient(transport=transport, base_url="http://page", headers={"host": host, **headers})


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8026", "localhost:8026", "localhost", "[::1]:8026", "LOCALHOST:9999"]
)
async def test_this_machine_reads_freely(host: str) -> None:
    """By each of its own names."""
    async with asking(Access(), host=host) as client:
        assert (await client.get("/api/building")).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8026", "192.0.2.7:8026", "", "[::1", "a:b",
     "localhost:80:80", "[::1]x"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics", "/nowhere"])
async def test_a_page_elsewhere_cannot_point_its_own_name_at_us(host: str, path: str) -> None:
    """DNS rebinding: a browser here, led by a foreign name, gets nothing whatever it asks for."""
    async with asking(Access(), host=host) as client:
        assert (await client.get(path)).status_code == 421


async def test_the_configured_address_and_names_are_ours() -> None:
    """Bound to 192.0.2.7 and called `gateway.local`, both work; the next address does not."""
    access = Access(bind="192.0.2.7", names=("Gateway.local",))
    for host, status in (("192.0.2.7:8026", 200), ("gateway.local", 200), ("192.0.2.8:8026", 421)):
        async with asking(access, host=host) as client:
            assert (await client.get("/")).status_code == status


async def test_bound_to_every_address_any_literal_address_will_do_but_no_name() -> None:
    """0.0.0.0 says nothing of our names, and rebinding needs a name."""
    access = Access(bind="0.0.0.0")
    for host, status in (("192.0.2.7:8026", 200), ("[2001:db8::7]:8026", 200), ("evil.example", 421)):
        async with asking(access, host=host) as client:
            assert (await client.get("/")).status_code == status


@pytest.mark.parametrize("path", PATHS)
async def test_off_this_machine_reading_needs_a_token(path: str) -> None:
    """Occupancy is personal data: without a token not even the style sheet."""
    access = Access(bind="192.0.2.7", tokens=(STORED,))
    async with asking(access, client="192.0.2.50", host="192.0.2.7") as client:
        refused = await client.get(path)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Basic ")


async def test_a_load_balancer_may_ask_for_the_pulse_without_a_token() -> None:
    """`/healthz` says one word and nothing of the building."""
    async with asking(Access(bind="192.0.2.7"), client="192.0.2.50", host="192.0.2.7") as client:
        assert (await client.get("/healthz")).text == "ok\n"


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
        ("Basic " + base64.b64encode(f"anyone:{TOKEN}".encode()).decode(), 200),
        (f"Bearer {TOKEN}x", 401),
        (f"Bearer {STORED}", 401),
        ("Bearer ", 401),
        ("Basic !!!", 401),
        ("Basic " + base64.b64encode(b"\xff\xfe").decode(), 401),
        ("Basic " + base64.b64encode(b"nobody").decode(), 401),
        (f"Digest {TOKEN}", 401),
    ],
)  # fmt: skip
async def test_a_token_is_a_bearer_or_a_browsers_password(authorization: str, status: int) -> None:
    """Prometheus sends a bearer, a browser asks for a password; the stored hash itself opens nothing."""
    access = Access(bind="192.0.2.7", tokens=(hash_token("another"), STORED))
    async with asking(access, client="192.0.2.50", host="192.0.2.7", authorization=authorization) as client:
        assert (await client.get("/metrics")).status_code == status


async def test_a_proxy_on_this_machine_does_not_make_the_world_local() -> None:
    """A request that came through a proxy needs the token, though the proxy itself is local."""
    async with asking(Access(tokens=(STORED,)), **{"x-forwarded-for": "198.51.100.9"}) as client:
        assert (await client.get("/")).status_code == 401


@pytest.mark.parametrize(
    "header",
    ["Forwarded", "Via", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "X-Original-URL", "CF-Connecting-IP",
     "True-Client-IP", "X-Client-IP", "X-Envoy-External-Address", "Cdn-Loop", "X-Forwarded"],
)  # fmt: skip
async def test_whatever_header_a_proxy_adds_shows_that_it_is_one(header: str) -> None:
    """Not four of them: each that some proxy is known to add."""
    async with asking(Access(), **{header: "x"}) as client:
        assert (await client.get("/api/zones")).status_code == 401
        assert (await client.get("/healthz")).status_code == 200


async def test_behind_a_declared_proxy_nobody_is_local() -> None:
    """It adds nothing to what it passes on: the site file says that it is there, and all need a token."""
    for headers, status in (({}, 401), ({"authorization": f"Bearer {TOKEN}"}, 200)):
        async with asking(Access(tokens=(STORED,), proxy=True), **headers) as client:
            for path in ("/", "/metrics", "/api/zones", "/readyz"):
                assert (await client.get(path)).status_code == status


@pytest.mark.parametrize("path", [*PATHS[:1], *PATHS[2:], "/nowhere", "/healthz"])
async def test_every_answer_carries_the_security_headers(path: str) -> None:
    """Also those that refuse or do not find."""
    async with asking(Access()) as client:
        headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == ("private, no-cache" if path.startswith("/static/") else "no-store")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/", "/api/zones", "/metrics", "/static/page.css"])
async def test_nothing_can_be_changed_from_here(method: str, path: str) -> None:
    """There is no endpoint that changes state, for anybody."""
    async with asking(Access()) as client:
        assert (await client.request(method, path)).status_code == 405


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fapp.py", "/static/"]
)
async def test_only_the_static_files_are_served(path: str) -> None:
    """No way up out of the folder, and no listing of it."""
    async with asking(Access()) as client:
        assert (await client.get(path)).status_code == 404


def test_an_address_of_no_known_peer_is_not_trusted() -> None:
    """A server that cannot say who asks gets no free reading."""
    assert not Access().may_read(None, Headers({}))
    assert Access().may_read("::ffff:127.0.0.1", Headers({}))
    assert not Access().may_read("::ffff:192.0.2.1", Headers({}))


async def test_a_token_is_refused_from_the_moment_that_it_is_taken_out() -> None:
    """The next request with it is the first that is refused; no restart is needed."""
    stored: tuple[str, ...] = (STORED,)
    app = build_app(
        look, no_metrics, lambda: True, lambda: True, access=lambda: Access("192.0.2.7", tokens=stored)
    )
    transport = httpx.ASGITransport(app, client=("192.0.2.50", 40000))
    headers = {"host": "192.0.2.7", "authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://page", headers=headers) as client:
        assert (await client.get("/api/zones")).status_code == 200
        stored = ()
        assert (await client.get("/api/zones")).status_code == 401
