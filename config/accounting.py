"""What the ledger divides and multiplies by: floor area, heads, who uses which part, coefficients and costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from config.declared import field
from config.section import Section
from config.values import Day

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


class AreaEntry(Section):
    """A floor area, and the day from which it holds; the first may be without one."""

    first: Annotated[Day | None, field(alias="from")] = None
    area_m2: float = field(gt=0, le=10_000_000)


class PeopleEntry(Section):
    """A headcount, and the day from which it holds; the first may be without one."""

    first: Annotated[Day | None, field(alias="from")] = None
    people: float = field(gt=0, le=1_000_000)


class History:
    """Lets a history of one figure be written as that figure: the value of `key`."""

    def __init__(self, key: str) -> None:
        self._key = key

    def _expand(self, value: object) -> object:
        if isinstance(value, str | int | float):
            return [{self._key: value}]
        return [value] if isinstance(value, dict) else value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(self._expand, handler(source))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        many = handler(core)
        return {"anyOf": [{"type": "number"}, many, many.get("items", {})]}


AreaHistory = Annotated[tuple[AreaEntry, ...], History("area_m2")]
PeopleHistory = Annotated[tuple[PeopleEntry, ...], History("people")]


class Organisation(Section):
    """An organisation (单位) that uses a part of the building: what its meters count is told by itself."""

    name: str = ""
    area_m2: AreaHistory = ()
    people: PeopleHistory = ()


class Statistics(Section):
    """What the statistics take from elsewhere.

    `coefficients`, `costs` and `quotas` are CSV files beside the site file: name,value,unit,basis,source; month,carrier,cost;
    kind,climate,constraint,guidance,unit,source. `kind` and `climate` name the row of the quotas that is the building's.
    """

    region: Literal[
        "national", "north", "northeast", "east", "central", "northwest", "south", "southwest"
    ] = "national"
    coefficients: str | None = None
    costs: str | None = None
    quotas: str | None = None
    kind: str | None = field(None, min_length=1)
    climate: str | None = field(None, min_length=1)
