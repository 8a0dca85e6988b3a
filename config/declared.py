"""How the keys of a section are declared: defaults, limits, and what reads a value.

These are pydantic's own words for it, without pydantic: a daemon keeps sections for as long as it runs, and what validates
them, eight megabytes, is needed while a file is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

REQUIRED: Final = object()
"""In the place of a default: the key must be there."""


@dataclass(frozen=True, slots=True, eq=False)
class Declared:
    """What is declared of a key: its default, and the rest as `pydantic.Field` takes it."""

    default: Any
    make: Callable[[], Any] | None
    rest: Mapping[str, Any]

    def value(self) -> Any:
        """The default; REQUIRED where there is none."""
        return self.default if self.make is None else self.make()


def field(default: Any = REQUIRED, *, default_factory: Callable[[], Any] | None = None, **rest: Any) -> Any:
    """Declare a key as `pydantic.Field` does: `alias`, `ge`, `gt`, `le`, `lt`, `min_length`, `max_length`, `pattern`."""
    return Declared(default, default_factory, rest)


@dataclass(frozen=True, slots=True)
class Before:
    """What is written is read by a function first, which raises ValueError for what it cannot read."""

    func: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(self.func, handler(source))


@dataclass(frozen=True, slots=True)
class After:
    """A value of the right type is looked at by a function, which gives it back or raises ValueError."""

    func: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self.func, handler(source))


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """How a value is written, as the JSON schema says it."""

    schema: Mapping[str, Any]

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return dict(self.schema)
