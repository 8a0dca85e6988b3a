"""Whatever the API's own description allows, and much that it does not, finds no defect.

A file of its own, among the slow ones: the library that makes the requests takes seconds to load and to think of them.
"""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis.generation import GenerationMode

from supervisor.telling.web.openapi import described
from tests.unit.telling.web.test_hostile import TOKEN
from tests.unit.telling.web.test_schema import app

schema = schemathesis.openapi.from_dict(described())
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])


@schema.parametrize()
def test_no_request_finds_a_defect(case: Any) -> None:
    """Generated requests, allowed and not: never a 5xx but the health checks' own."""
    case.headers["Authorization"] = f"Bearer {TOKEN}"
    case.headers.setdefault("Host", "localhost")
    answer = case.call(app=app(), base_url="http://localhost")
    assert answer.status_code < 500 or (case.path in ("/healthz", "/readyz") and answer.status_code == 503)
