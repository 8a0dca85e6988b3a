"""What validates a section: a pydantic model, made of what the section declares."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config.declared import REQUIRED, Declared


class Model(BaseModel):
    """Frozen, no key that we do not know, no NaN; a known key left empty counts as left out."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        allow_inf_nan=False,
        str_strip_whitespace=True,
        populate_by_name=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        known = {field.alias or name for name, field in cls.model_fields.items()}
        return {key: value for key, value in data.items() if value is not None or key not in known}


def made_of(section: type, declared: Mapping[str, Any]) -> type[Model]:
    """The model of a class, by what is declared of its keys."""
    hints = typing.get_type_hints(section, include_extras=True)
    said = {
        "__module__": section.__module__,
        "__qualname__": section.__qualname__,
        "__doc__": section.__doc__,
        "__annotations__": {name: _natively(hints[name]) for name in declared},
        **{name: _field(each) for name, each in declared.items() if each is not REQUIRED},
    }
    made: type[Model] = types.new_class(section.__name__, (Model,), exec_body=lambda body: body.update(said))
    return made


def _field(said: Any) -> Any:
    """A default, or what is declared of a key, as pydantic has it."""
    if not isinstance(said, Declared):
        return said
    if said.make is not None:
        return Field(default_factory=said.make, **said.rest)
    return Field(**said.rest) if said.default is REQUIRED else Field(said.default, **said.rest)


def _natively(hint: Any) -> Any:
    """A type in which what is declared of a value stands in pydantic's own words."""
    origin = get_origin(hint)
    if origin is None or origin is Literal:
        return hint
    if origin is Annotated:
        inner, *marks = get_args(hint)
        return Annotated[(_natively(inner), *map(_field, marks))]
    inside = tuple(_natively(each) for each in get_args(hint))
    if inside == get_args(hint):
        return hint
    return Union[inside] if origin in (Union, types.UnionType) else origin[inside]  # noqa: UP007 - made of a tuple
