"""Jinja and the page's templates: together three megabytes, for those buildings at which somebody looks."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from supervisor.clockwork.turns import Work

TEMPLATES = Path(__file__).parent / "templates"

ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
ENVIRONMENT.filters["segment"] = lambda text: quote(str(text), safe="")
"""One segment of an address, whatever is in it."""


def translated() -> Work[None]:
    """Translate every template; those that are, are not translated again. Together they take a quarter of a second."""
    for name in ENVIRONMENT.list_templates(extensions=["html"]):
        ENVIRONMENT.get_template(name)
        yield
