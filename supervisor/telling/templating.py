"""Jinja and the page's templates: together three megabytes, for those buildings at which somebody looks.

Outside the web's own room, whose servers and routes the process that compiles the templates has no use for.
"""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from supervisor.clockwork.turns import Work

LOADER = FileSystemLoader(Path(__file__).parent / "web" / "templates")

ENVIRONMENT = Environment(
    loader=LOADER,
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
ENVIRONMENT.filters["segment"] = lambda text: quote(str(text), safe="")
"""One segment of an address, whatever is in it."""


def names() -> list[str]:
    """The templates."""
    return ENVIRONMENT.list_templates(extensions=["html"])


def compiled() -> dict[str, bytes]:
    """Every template's code, marshalled: for a process apart, as it takes an eighth of a second, ten milliseconds of it at a stretch
    for the longest template."""
    codes = {}
    for name in names():
        source, file, _ = LOADER.get_source(ENVIRONMENT, name)
        codes[name] = marshal.dumps(ENVIRONMENT.compile(source, name, file))
    return codes


class _Compiled(BytecodeCache):
    """Where Jinja looks for a template's code before it compiles it."""

    def __init__(self, codes: Mapping[str, bytes]) -> None:
        self._codes = codes

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """A template goes by its name."""
        return name

    def load_bytecode(self, bucket: Bucket) -> None:
        """Its code, where there is one."""
        if (code := self._codes.get(bucket.key)) is not None:
            bucket.code = marshal.loads(code)  # noqa: S302 - of our own making

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Nothing is kept: a template is loaded once."""


def loaded(codes: Mapping[str, bytes]) -> Work[None]:
    """Load every template out of its code; those that are, are not loaded again. Together they take some milliseconds."""
    ENVIRONMENT.bytecode_cache = _Compiled(codes)
    for name in names():
        ENVIRONMENT.get_template(name)
        yield
    ENVIRONMENT.bytecode_cache = None
