"""What every section of the site file has in common, and shorthands for writing one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


class Section(BaseModel):
    """Frozen, no key that we do not know, no NaN; scalars arrive as the text that was written.

    A known key left empty (`special_days:` with every line under it commented out) counts as left out.
    """

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


@dataclass(frozen=True)
class Shorthand:
    """Lets a section be written as one word: the value of `key`."""

    key: str

    def _expand(self, value: object) -> object:
        return {self.key: value} if isinstance(value, str | int | float) else value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
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
        return core_schema.no_info_before_validator_function(self._wrap, handler(source))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        many = handler(core)
        return {"anyOf": [many, many.get("items", {})]}
