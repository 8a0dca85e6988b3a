"""What every section of the site file has in common, and shorthands for writing one."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn, Self

from config.declared import REQUIRED, Declared

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.fields import FieldInfo
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

    from config.models import Model


class _Fields:
    """The keys of a class with all that pydantic knows of them: only for those who read files or tell of them."""

    def __get__(self, section: object, owner: type[Section]) -> Mapping[str, FieldInfo]:
        return model_of(owner).model_fields


class Section:
    """Frozen, no key that we do not know, no NaN; scalars arrive as the text that was written.

    A known key left empty (`special_days:` with every line under it commented out) counts as left out. Its methods are named as
    those of a pydantic model, which is made of each class once there is something to validate (`model_of`).
    """

    __slots__ = ("model_fields_set",)

    declared: ClassVar[dict[str, Any]] = {}
    """By key as our code has it, what is declared of it: a default, `Declared`, or REQUIRED."""
    model_fields: ClassVar = _Fields()
    model_fields_set: frozenset[str]
    """The keys that somebody wrote."""

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        own = inspect.get_annotations(cls)
        cls.declared = cls.declared | {name: cls.__dict__.get(name, REQUIRED) for name in own}
        for name in own:
            if name in cls.__dict__:
                delattr(cls, name)

    def __init__(self, **written: Any) -> None:
        """Raises pydantic's ValidationError. What says nothing is not validated: defaults are as they should be."""
        defaults = {} if written else {name: _default(said) for name, said in self.declared.items()}
        if not written and REQUIRED not in defaults.values():
            self._fill(defaults, frozenset())
        else:
            made = type(self).model_validate(written)
            self._fill(vars(made), made.model_fields_set)

    def _fill(self, values: Mapping[str, Any], written: frozenset[str]) -> None:
        object.__setattr__(self, "model_fields_set", written)
        vars(self).update(values)

    @classmethod
    def made(cls, values: Mapping[str, Any], written: frozenset[str]) -> Self:
        """A section of values that are known to be right, `written` those that somebody wrote."""
        section = cls.__new__(cls)
        section._fill(values, written)
        return section

    @classmethod
    def keys(cls) -> Iterator[str]:
        """Its keys, as our code has them."""
        return iter(cls.declared)

    # ------------------------------------------------------------------ as of a pydantic model

    @classmethod
    def model_validate(cls, data: Any) -> Self:
        """A section of what was written. Raises pydantic's ValidationError."""
        return data if isinstance(data, cls) else cls._taken(model_of(cls).model_validate(data))

    def model_copy(self, *, update: Mapping[str, Any]) -> Self:
        """The same with other values, which are not validated."""
        return self.made(vars(self) | dict(update), self.model_fields_set | frozenset(update))

    def model_dump(self, **how: Any) -> dict[str, Any]:
        """As plain data, `how` as pydantic takes it."""
        return _model(self).model_dump(**how)

    @classmethod
    def model_json_schema(cls, **how: Any) -> dict[str, Any]:
        """Its JSON schema, `how` as pydantic takes it."""
        return model_of(cls).model_json_schema(**how)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        def take(data: Any, inner: core_schema.ValidatorFunctionWrapHandler) -> Section:
            return data if isinstance(data, cls) else cls._taken(inner(data))

        return core_schema.no_info_wrap_validator_function(take, handler.generate_schema(model_of(cls)))

    @classmethod
    def _taken(cls, found: Model) -> Self:
        return cls.made(vars(found), frozenset(found.model_fields_set))

    # ------------------------------------------------------------------ a value

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self is other or vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).made, (vars(self), self.model_fields_set)

    def __str__(self) -> str:
        return " ".join(f"{name}={value!r}" for name, value in vars(self).items())

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"
        )


def _default(said: Any) -> Any:
    return said.value() if isinstance(said, Declared) else said


_MODELS: Final[dict[type[Section], type[Model]]] = {}


def model_of(section: type[Section]) -> type[Model]:
    """The pydantic model that validates a kind of section, made when there is first something to validate, or to tell of its keys."""
    from config.models import made_of

    if section not in _MODELS:
        _MODELS[section] = made_of(section, section.declared)
    return _MODELS[section]


def _model(section: Section) -> Model:
    """The model of a section's values, and of all sections in it."""
    inside = {name: _modelled(value) for name, value in vars(section).items()}
    return model_of(type(section)).model_construct(set(section.model_fields_set), **inside)


def _modelled(value: Any) -> Any:
    if isinstance(value, Section):
        return _model(value)
    if type(value) is tuple:
        return tuple(map(_modelled, value))
    if isinstance(value, dict):
        return {key: _modelled(each) for key, each in value.items()}
    return value


@dataclass(frozen=True)
class Shorthand:
    """Lets a section be written as one word: the value of `key`."""

    key: str

    def _expand(self, value: object) -> object:
        return {self.key: value} if isinstance(value, str | int | float) else value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(self._expand, handler(source))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        section = handler(core)
        own = handler.resolve_ref_schema(section).get("properties", {}).get(self.key, {"type": "string"})
        if own.get("type") == "string":  # how it is written limits texts alone, and stands beside both forms
            return {"anyOf": [{"type": "string"}, section], **{k: own[k] for k in ("pattern",) if k in own}}
        return {"anyOf": [{k: v for k, v in own.items() if k not in ("title", "default")}, section]}


class OneOrMore:
    """Lets a list of one be written without its brackets."""

    @staticmethod
    def _wrap(value: object) -> object:
        return value if value is None or isinstance(value, list | tuple) else [value]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(self._wrap, handler(source))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        many = handler(core)
        return {"anyOf": [many, many.get("items", {})]}
