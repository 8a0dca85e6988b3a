"""Who may read, and who may change: the Host check, tokens, and the headers that every answer carries.

Occupancy is personal data, so a reader on another machine needs a token; the
site file holds only its SHA-256 (tokens are 256 random bits, so a slow hash would add nothing).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TypeAlias

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPEN_PATHS = frozenset({"/healthz"})
"""Readable without a token: says one word about this process and nothing about the building."""

LONGEST_HEAD = 16_384
"""Octets of a request's head; browsers send one or two thousand."""
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SEARCHES = CONTENT_SECURITY_POLICY.replace("form-action 'none'", "form-action 'self'")
"""Of a page with a form."""
ASKS = {"Content-Security-Policy": SEARCHES, "Referrer-Policy": "same-origin"}
"""Of a page by which something is asked for. Where a page tells nobody where it is, a browser that sends its form without a script
says that it comes from nowhere (Origin: null, Fetch standard, section 3.2): so it tells us, and nobody else."""
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_FORWARDED = frozenset(
    {
        "forwarded", "via", "x-real-ip", "client-ip", "true-client-ip", "x-client-ip", "x-cluster-client-ip",
        "x-proxyuser-ip", "remote-addr", "x-remote-addr", "x-remote-ip", "x-remote-user", "cdn-loop", "x-scheme",
        "x-url-scheme", "front-end-https", "x-varnish", "x-arr-ssl", "x-arr-log-id", "x-host", "x-proxy-id",
    }
)  # fmt: skip
"""Headers that proxies add to what they pass on, each by its name."""
_FORWARDING = (
    "x-forward", "x-original-", "x-proxy-", "x-envoy-", "x-traefik-", "cf-", "fastly-", "x-amzn-", "x-appengine-",
    "x-azure-", "x-haproxy-", "x-real-", "x-goog-",
)  # fmt: skip
"""And families of them."""


TurnedAway: TypeAlias = Callable[[str, str, str], None]
"""Told of each request for a change that was refused: why, its path, and the address that it came from."""
WHY = {
    400: "senseless", 401: "token", 403: "origin", 404: "senseless", 405: "senseless", 409: "widening", 413: "size", 421: "host",
    431: "size",
}  # fmt: skip
"""Status of a refusal → why, in a word that metrics count by."""


def new_token() -> tuple[str, str]:
    """A fresh token for a person or a program, and the hash to store."""
    token = secrets.token_urlsafe(32)
    return token, hash_token(token)


def hash_token(token: str) -> str:
    """The stored form of a token: SHA-256, hex."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Access:
    """What may be asked for by which name, and by whom.

    `bind` is the configured address, `names` further host names under which the page is reached, `tokens` the
    stored hashes. With `proxy`, what comes from this machine may come from anywhere.
    """

    bind: str = "127.0.0.1"
    names: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    proxy: bool = False

    def host_allowed(self, host: str) -> bool:
        """False for a name that is not ours: a page elsewhere may have pointed its own name at this address.

        Bound to all addresses, any literal address will do: rebinding needs a name.
        """
        name = _host_name(host)
        if name is None:
            return False
        if (
            name == "localhost"
            or is_loopback(name)
            or name in {self.bind.lower(), *map(str.lower, self.names)}
        ):
            return True
        return self.bind in ("0.0.0.0", "::") and _is_address(name)  # noqa: S104  # compared, not bound

    def may_read(self, client: str | None, headers: Headers) -> bool:
        """True for this machine itself (and not through a proxy on it), or with a token that we know.

        A proxy that adds a header of those many shows by it. One that passes everything on as it is cannot be told
        from a browser at this machine: it has to be declared.
        """
        local = client is not None and is_loopback(client)
        if local and not self.proxy and not _forwarded(headers):
            return True
        token = _token(headers.get("authorization", ""))
        return token is not None and _known(hash_token(token), self.tokens)

    def may_change(self, token: str) -> bool:
        """True with a token that we know, wherever it is asked from."""
        return bool(token) and _known(hash_token(token), self.tokens)


def bearer(headers: Headers) -> str | None:
    """The token that a program gives; not the one that a browser keeps sending by itself."""
    authorization = headers.get("authorization", "")
    return _token(authorization) if authorization.partition(" ")[0].lower() == "bearer" else None


def _forwarded(headers: Headers) -> bool:
    return any(name in _FORWARDED or name.startswith(_FORWARDING) for name in headers)


def is_loopback(address: str) -> bool:
    """Whether a literal address is this machine's own."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool(found.is_loopback or (mapped is not None and mapped.is_loopback))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _host_name(host: str) -> str | None:
    """The name in a Host header without its port, lower case; None if it is not well formed."""
    host = host.strip().lower()
    if host.startswith("["):
        name, bracket, port = host[1:].partition("]")
        well_formed = bool(bracket) and (not port or (port[0] == ":" and port[1:].isdigit()))
        return name if name and well_formed else None
    name, colon, port = host.partition(":")
    return name if name and (not colon or port.isdigit()) else None


def _token(authorization: str) -> str | None:
    """From `Bearer …` (programs) or the password of `Basic …` (browsers ask for it by themselves)."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip() or None
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return decoded.partition(":")[2] or None


def _known(digest: str, stored: Iterable[str]) -> bool:
    """Compared with every stored hash in constant time, so that timing tells nothing."""
    found = False
    for known in stored:
        found |= hmac.compare_digest(digest.encode(), known.strip().lower().encode())
    return found


class AccessMiddleware:
    """Refuses what `access` does not allow now, and sets the security headers on every answer."""

    def __init__(
        self, app: ASGIApp, access: Callable[[], Access], refused: TurnedAway = lambda why, path, peer: None
    ) -> None:
        self._app = app
        self._access = access
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return  # nothing but HTTP is served

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                if scope["method"] not in ("GET", "HEAD") and (why := WHY.get(message["status"])) is not None:
                    self._refused(why, scope["path"], scope["client"][0] if scope.get("client") else "")
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers, access = Headers(scope=scope), self._access()
        if (
            len(scope["path"]) + sum(len(name) + len(value) for name, value in scope["headers"])
            > LONGEST_HEAD
        ):
            return PlainTextResponse("such a long request is none of a browser\n", 431)
        if not access.host_allowed(headers.get("host", "")):
            return PlainTextResponse("this server is not known by that name\n", 421)
        if scope["path"] in OPEN_PATHS:
            return _unwanted(scope["method"], headers)
        client = scope["client"][0] if scope.get("client") else None
        if access.may_read(client, headers):
            return _unwanted(scope["method"], headers)
        challenge = {"WWW-Authenticate": 'Basic realm="building-supervisor", charset="UTF-8"'}
        return PlainTextResponse("a token is needed\n", 401, headers=challenge)


def _unwanted(method: str, headers: Headers) -> PlainTextResponse | None:
    """The refusal of a question that brings a body: nothing here reads one. What is no question finds no route."""
    if method not in ("GET", "HEAD"):
        return None
    if headers.get("content-length", "0").strip("0") or "transfer-encoding" in headers:
        return PlainTextResponse("nothing is taken here, only told\n", 413)
    return None
