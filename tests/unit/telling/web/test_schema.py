"""The API's own description: every address is in it, and whatever it allows, and much that it does not, finds no defect."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from schemathesis.generation import GenerationMode
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


schema = schemathesis.openapi.from_dict(described())
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])


@pytest.mark.thorough
@schema.parametrize()
def test_no_request_finds_a_defect(case: Any) -> None:
    """Generated requests, allowed and not: never a 5xx but the health checks' own."""
    case.headers["Authorization"] = f"Bearer {TOKEN}"
    case.headers.setdefault("Host", "localhost")
    answer = case.call(app=app(), base_url="http://localhost")
    assert answer.status_code < 500 or (case.path in ("/healthz", "/readyz") and answer.status_code == 503)
