"""What pydantic found, said in plain words, with the nearest key, the allowed range or the remedy."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from config.file import SiteFile
from config.problems import Path, did_you_mean, nearest
from config.roles import EquipmentKind, Mode, Role, ZoneKind
from config.rules import RuleId

_MISSING: dict[str, tuple[str, str]] = {
    "version": (
        "the file does not say its version",
        "write `version: 1` at the top; `check --migrate` upgrades an older file",
    ),
    "hours": ("no opening hours are given", "name a group of the section hours:, like `hours: office`"),
    "until": ("the exemption has no end date", "add `until: YYYY-MM-DD`; without one it is not accepted"),
    "reason": ("the exemption gives no reason", "add `reason:`, so that whoever audits it can follow"),
    "approver": ("nobody answers for the exemption", "add `approver:` with a name"),
    "timezone": ("the time zone is missing", "add `timezone: Asia/Shanghai`"),
    "object": ("the point has no object", "add `object: type:instance`, like `object: analog-input:3`"),
    "instance": ("the device instance is missing", "add `instance:`, as the controller's label says"),
    "at": ("where it is, is missing", "add `at: device/…`"),
}
_PLAIN: dict[str, tuple[str, str]] = {
    "bool": ("true or false", "write true or false"),
    "int": ("a whole number", "write digits only"),
    "float": ("a number", "write digits, with a point before decimals"),
    "finite_number": ("a number", "write digits, with a point before decimals"),
    "string": ("a text", "write a word, or a text in quotes"),
    "tuple": ("a list", "write a list, like [one, two]"),
    **dict.fromkeys(
        ("dict", "model", "model_attributes"),
        ("a section of keys", "write `key: value` lines beneath it, without `-`"),
    ),
}


def words(detail: ErrorDetails, parts: Path, text: str | None) -> tuple[str, str]:
    """Message and hint for one of pydantic's errors.

    `parts` is its location without `[key]`, `text` the value as it was written.
    """
    if text is not None:
        detail = {**detail, "input": text}
    kind = detail["type"]
    special = _SPECIAL.get(kind)
    if special is not None:
        return special(detail, parts)
    context = detail.get("ctx", {})
    written = detail["input"]
    if kind == "value_error":
        error = context["error"]
        return _quote(written) + str(error), getattr(
            error, "hint", "see the comments of config/examples/office.yaml"
        )
    family = kind.rsplit("_", 1)[0] if kind.endswith(("_type", "_parsing")) else kind
    if family in _PLAIN:
        meant, hint = _PLAIN[family]
        return f"{_quote(written)}this must be {meant}", hint
    return _quote(written) + detail["msg"], "see the comments of config/examples/office.yaml"


def _quote(written: Any) -> str:
    return f"`{written}`: " if isinstance(written, str | int | float) else ""


def _missing(detail: ErrorDetails, parts: Path) -> tuple[str, str]:
    name = str(parts[-1])
    if len(parts) == 1 and name == "hours":
        return (
            "no opening hours are given",
            "add a section hours: with a group, like `office: {workday: 09:00-17:30}`",
        )
    if name == "until" and parts[0] != "exemptions":
        return "the end date is missing", "add `until: YYYY-MM-DD`"
    return _MISSING.get(name, (f"`{name}` is missing", f"add `{name}:`"))


def _unknown_key(detail: ErrorDetails, parts: Path) -> tuple[str, str]:
    known = known_keys(parts[:-1])
    near = nearest(parts[-1], known)
    hint = f"did you mean `{near}`?" if near else did_you_mean(parts[-1], known, limit=20)
    return f"unknown key `{parts[-1]}`", hint


_KINDS: dict[Any, str] = {
    Role: "role",
    RuleId: "rule",
    Mode: "mode",
    ZoneKind: "kind of zone",
    EquipmentKind: "kind of equipment",
}


def _choice(detail: ErrorDetails, parts: Path) -> tuple[str, str]:
    if parts[-1:] == ("version",):
        hint = "this program reads version 1; `check --migrate` upgrades an older file"
        return f"version {detail['input']} of the site file is not known", hint
    annotation = _annotation(parts, of_key=detail["loc"][-1] == "[key]")
    choices = [str(c) for c in _choices(annotation)]
    what = _KINDS.get(_strip(annotation), "choice")
    if not choices:
        return f"`{detail['input']}` is not one of the choices", f"write {detail['ctx'].get('expected')}"
    return f"`{detail['input']}` is no {what} known here", did_you_mean(detail["input"], choices, limit=30)


_COMPARE = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}


def _range(detail: ErrorDetails, parts: Path) -> tuple[str, str]:
    key, words = _COMPARE[detail["type"]]
    limit = detail["ctx"][key]
    shown = f"{limit:g}" if isinstance(limit, float) else str(limit)
    loose = {
        ("summer-setpoint", "minimum"): "cooling to below 26 °C in summer",
        ("winter-setpoint", "maximum"): "heating to above 20 °C in winter",
        ("pre-close-off", "lead"): "air conditioning in the last half hour before closing",
    }.get((str(parts[-2]) if len(parts) > 1 else "", str(parts[-1])))
    if loose and detail["type"] == ("less_than_equal" if parts[-1] == "maximum" else "greater_than_equal"):
        hint = (
            "a stricter limit is allowed; zones that need a looser one are taken out of the rule by an exemption "
            "with reason, approver and until"
        )
        return f"`{detail['input']}` is looser than the plan, which forbids {loose}", hint
    return f"`{detail['input']}` is outside the allowed range: {words} {shown}", _bounds(parts)


def _bounds(parts: Path) -> str:
    info = _field(parts)
    low = high = None
    for item in info.metadata if info is not None else ():
        low = getattr(item, "ge", getattr(item, "gt", low))
        high = getattr(item, "le", getattr(item, "lt", high))
    return (
        f"from {low:g} to {high:g}"
        if low is not None and high is not None
        else f"from {low:g}"
        if low is not None
        else "leave it out for the default"
    )


def _pattern(detail: ErrorDetails, parts: Path) -> tuple[str, str]:
    if parts[-1:] == ("address",):
        return f"`{detail['input']}` is no address", "write host:port, like 192.168.1.20:47808"
    if parts[-1:] == ("country",):
        country, dash, part = str(detail["input"]).upper().partition("-")
        if dash and len(country) == 2 and part:
            return (
                f"`{detail['input']}` is no country code",
                f"write `country: {country}` and `subdivision: {part}`",
            )
        return f"`{detail['input']}` is no country code", "two capital letters, like CN"
    hint = "an identifier is small letters, digits, - and _, like f2-office-201; `name:` may be any text"
    return f"`{detail['input']}` is not usable as an identifier", hint


def _empty(detail: ErrorDetails, parts: Path) -> tuple[str, str]:
    return "this may not be empty", "write at least one, or delete the key"


_SPECIAL: dict[str, Callable[[ErrorDetails, Path], tuple[str, str]]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "enum": _choice,
    "literal_error": _choice,
    "string_pattern_mismatch": _pattern,
    "too_short": _empty,
    "string_too_short": _empty,
    **dict.fromkeys(_COMPARE, _range),
}


# ------------------------------------------------------------------------ what the models know at a path


def _strip(annotation: Any) -> Any:
    """The type inside Annotated and Optional."""
    while True:
        origin = typing.get_origin(annotation)
        if origin is Annotated:
            annotation = typing.get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            inner = [a for a in typing.get_args(annotation) if a is not type(None)]
            if len(inner) != 1:
                return annotation
            annotation = inner[0]
        else:
            return annotation


def _step(annotation: Any, part: str | int) -> Any:
    annotation = _strip(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, info in annotation.model_fields.items():
            if part in (name, info.alias):
                return info.annotation
        return None
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is dict:
        return args[1]
    if origin is tuple and isinstance(part, int):
        return args[0]
    if origin is tuple:  # a list of one, written without brackets
        return _step(args[0], part)
    return None


def _annotation(parts: Path, of_key: bool = False) -> Any:
    annotation: Any = SiteFile
    for part in parts[:-1] if of_key else parts:
        annotation = _step(annotation, part)
    if of_key:
        args = typing.get_args(_strip(annotation))
        return args[0] if args else None
    return annotation


def _field(parts: Path) -> Any:
    owner = _strip(_annotation(parts[:-1]))
    if isinstance(owner, type) and issubclass(owner, BaseModel):
        for name, info in owner.model_fields.items():
            if parts[-1] in (name, info.alias):
                return info
    return None


def known_keys(parts: Path) -> list[str]:
    """The keys that the section at a path may have."""
    owner = _strip(_annotation(parts))
    if typing.get_origin(owner) is tuple:
        owner = _strip(typing.get_args(owner)[0])
    if isinstance(owner, type) and issubclass(owner, BaseModel):
        return [info.alias or name for name, info in owner.model_fields.items()]
    return []


@cache
def all_keys() -> frozenset[str]:
    """Every key that a section of a site file may have."""
    todo: list[Any] = [SiteFile]
    seen: set[type[BaseModel]] = set()
    keys: set[str] = set()
    while todo:
        annotation = _strip(todo.pop())
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            if annotation not in seen:
                seen.add(annotation)
                for name, info in annotation.model_fields.items():
                    keys.add(info.alias or name)
                    todo.append(info.annotation)
        else:
            todo += typing.get_args(annotation)
    return frozenset(keys)


def _choices(annotation: Any) -> Iterable[Any]:
    annotation = _strip(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [member.value for member in annotation]
    if typing.get_origin(annotation) is Literal:
        return typing.get_args(annotation)
    return []
