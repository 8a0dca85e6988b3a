"""The API's own description: every address is in it. `test_schema_tried` asks what it allows, and much that it does not."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Route

from supervisor.telling.web.openapi import described
from tests.unit.telling.web.test_hostile import HASHED, TOKEN, Gate

API = ("/api/", "/metrics", "/healthz", "/readyz")


def app() -> Starlette:
    """The application, and a daemon that agrees to all."""
    found = Gate().app
    assert isinstance(found, Starlette)
    return found


def test_every_address_for_programs_is_described() -> None:
    """And none that is not there; with the method that it takes."""
    routes = {
        (route.path, method.lower())
        for route in app().routes if isinstance(route, Route) and route.path.startswith(API)
        for method in route.methods or () if method != "HEAD"
    }  # fmt: skip
    assert routes == {(path, method) for path, methods in described()["paths"].items() for method in methods}
    assert HASHED != TOKEN
