"""The first look at the page since the start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from jinja2 import Environment

from supervisor.clockwork.turns import at_once
from supervisor.telling import templating
from supervisor.telling.web import render


async def test_fifty_pages_that_are_open_over_a_restart_have_the_templates_compiled_once_and_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One template alone would hold up the loop for ten milliseconds: here they are only loaded."""
    asked: list[Any] = []
    codes = templating.compiled()

    def elsewhere(what: Callable[[], Any]) -> Any:
        asked.append(what)
        monkeypatch.setattr(Environment, "compile", refused)
        return codes

    def refused(*_: Any) -> None:
        raise AssertionError("compiled in the daemon")

    monkeypatch.setattr(render, "_translated", [])
    monkeypatch.setattr(render, "_translating", asyncio.Lock())
    monkeypatch.setattr(render, "apart", elsewhere)
    assert templating.ENVIRONMENT.cache is not None
    templating.ENVIRONMENT.cache.clear()
    await asyncio.gather(*(render.templates() for _ in range(50)))
    assert asked == [templating.compiled]
    assert templating.ENVIRONMENT.get_template("headline.html").name == "headline.html"


def test_a_template_that_the_process_apart_did_not_know_is_compiled_here() -> None:
    """The page is told late rather than never."""
    assert templating.ENVIRONMENT.cache is not None
    templating.ENVIRONMENT.cache.clear()
    at_once(templating.loaded({}))
    assert len(templating.ENVIRONMENT.cache) == len(templating.names())
