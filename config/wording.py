"""What pydantic found, said in plain words, with the nearest key, the allowed range or the remedy."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from config import likely
from config.codes import Coded
from config.declared import Before
from config.file import SiteFile
from config.meanings import meaning
from config.phrase import Phrase, same
from config.problems import Path, did_you_mean, meant, nearest
from config.roles import EquipmentKind, Mode, Role, ZoneKind
from config.rules import RuleId
from config.section import Section
from config.values import parse_duration

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Said = tuple[Coded, Phrase]
"""A message and its hint."""
_COMMENTS = Phrase(
    "see the comments of config/examples/office.yaml", "参看 config/examples/office.yaml 中的注释"
)
_MISSING: dict[str, Said] = {
    "version": (
        Coded("version", "the file does not say its version", "文件未写明版本"),
        Phrase(
            "write `version: 1` at the top; `check --migrate` upgrades an older file",
            "在开头写 `version: 1`；旧文件可用 `check --migrate` 升级",
        ),
    ),
    "hours": (
        Coded("missing", "no opening hours are given", "未写开放时间"),
        Phrase(
            "name a group of the section hours:, like `hours: office`",
            "写 hours: 一节中的组名，如 `hours: office`",
        ),
    ),
    "until": (
        Coded("missing", "the exemption has no end date", "豁免未写截止日期"),
        Phrase(
            "add `until: YYYY-MM-DD`; without one it is not accepted",
            "加上 `until: 年-月-日`；没有截止日期不予接受",
        ),
    ),
    "reason": (
        Coded("missing", "the exemption gives no reason", "豁免未写理由"),
        Phrase("add `reason:`, so that whoever audits it can follow", "加上 `reason:`，以便审计时查明缘由"),
    ),
    "approver": (
        Coded("missing", "nobody answers for the exemption", "豁免无人负责"),
        Phrase("add `approver:` with a name", "加上 `approver:` 和批准人姓名"),
    ),
    "timezone": (
        Coded("missing", "the time zone is missing", "缺少时区"),
        Phrase("add `timezone: Asia/Shanghai`", "加上 `timezone: Asia/Shanghai`"),
    ),
    "object": (
        Coded("missing", "the point has no object", "该点没有对象"),
        Phrase(
            "add `object: type:instance`, like `object: analog-input:3`",
            "加上 `object: 类型:实例号`，如 `object: analog-input:3`",
        ),
    ),
    "instance": (
        Coded("missing", "the device instance is missing", "缺少设备实例号"),
        Phrase("add `instance:`, as the controller's label says", "加上 `instance:`，见控制器的标签"),
    ),
    "at": (
        Coded("missing", "where it is, is missing", "未写明位置"),
        Phrase("add `at: device/…`", "加上 `at: 控制器/…`"),
    ),
}
_OF_EXEMPTIONS = ("reason", "approver")
"""Said so of an exemption only: a trial's commissioning has them too."""
_A_NUMBER = (
    Coded("not-a-number", "this must be a number", "此处应为数字"),
    Phrase("write digits, with a point before decimals", "写数字，小数点用英文句点"),
)
_PLAIN: dict[str, Said] = {
    "bool": (
        Coded("no-boolean", "this must be true or false", "此处应为 true 或 false"),
        Phrase("write true or false", "写 true（是）或 false（否）"),
    ),
    "int": (
        Coded("not-a-number", "this must be a whole number", "此处应为整数"),
        Phrase("write digits only", "只写数字"),
    ),
    "float": _A_NUMBER,
    "finite_number": _A_NUMBER,
    "string": (
        Coded("not-a-section", "this must be a text", "此处应为文字"),
        Phrase("write a word, or a text in quotes", "写一个词，或加引号的文字"),
    ),
    "tuple": (
        Coded("not-a-section", "this must be a list", "此处应为列表"),
        Phrase("write a list, like [one, two]", "写成列表，如 [one, two]"),
    ),
    **dict.fromkeys(
        ("dict", "model", "model_attributes"),
        (
            Coded("not-a-section", "this must be a section of keys", "此处应为一节若干个键"),
            Phrase("write `key: value` lines beneath it, without `-`", "在其下逐行写 `键: 值`，前面不加 `-`"),
        ),
    ),
}


def words(detail: ErrorDetails, parts: Path, text: str | None) -> Said:
    """Message and hint for one of pydantic's errors.

    `parts` is its location without `[key]`, `text` the value as it was written.
    """
    if text is not None:
        detail = {**detail, "input": text}
    kind = detail["type"]
    special = _SPECIAL.get(kind)
    if special is not None:
        return special(detail, parts)
    written = detail["input"]
    if kind == "value_error":
        error = detail.get("ctx", {})["error"]
        said = getattr(error, "said", None) or Coded("other", *same(error))
        return _quoted(written, said), getattr(error, "remedy", _COMMENTS)
    family = kind.rsplit("_", 1)[0] if kind.endswith(("_type", "_parsing")) else kind
    if family in _PLAIN:
        meant_, hint = _PLAIN[family]
        return _quoted(written, meant_), hint
    return _quoted(written, Coded("other", detail["msg"], "此处的值不可用")), _COMMENTS


def _quoted(written: Any, said: Coded) -> Coded:
    """A message behind the value that it is about."""
    if not isinstance(written, str | int | float):
        return said
    return Coded(said.code, f"`{written}`: {said.en}", f"`{written}`：{said.zh}")


def _missing(detail: ErrorDetails, parts: Path) -> Said:
    name = str(parts[-1])
    if len(parts) == 1 and name == "hours":
        return (
            Coded("missing", "no opening hours are given", "未写开放时间"),
            Phrase(
                "add a section hours: with a group, like `office: {workday: 09:00-17:30}`",
                "加上 hours: 一节和一个组，如 `office: {workday: 09:00-17:30}`",
            ),
        )
    if name == "until" and parts[0] != "exemptions":
        return (
            Coded("missing", "the end date is missing", "缺少截止日期"),
            Phrase("add `until: YYYY-MM-DD`", "加上 `until: 年-月-日`"),
        )
    if name in _MISSING and (parts[0] == "exemptions" or name not in _OF_EXEMPTIONS):
        return _MISSING[name]
    of = next((part for part in reversed(parts[:-1]) if isinstance(part, str)), "")
    means, add = _meaning(parts), Phrase(f"add `{name}:`", f"加上 `{name}:`")
    return (
        Coded(
            "missing",
            f"`{name}` is missing in `{of}`" if of else f"`{name}` is missing",
            f"`{of}` 缺少 `{name}`" if of else f"缺少 `{name}`",
        ),
        add.detailed(means) if means is not None else add,
    )


def _meaning(parts: Path) -> Phrase | None:
    """What the key at a path means."""
    owner = _section(parts[:-1])
    return meaning(owner, str(parts[-1])) if owner is not None else None


def _unknown_key(detail: ErrorDetails, parts: Path) -> Said:
    known = known_keys(parts[:-1])
    near = nearest(parts[-1], known)
    hint = likely.key(parts[-1], known) or (meant(near) if near else did_you_mean(parts[-1], known, limit=20))
    return Coded("unknown-key", f"unknown key `{parts[-1]}`", f"未知的键 `{parts[-1]}`"), hint


_KINDS: dict[Any, Phrase] = {
    Role: Phrase("role", "点位角色"),
    RuleId: Phrase("rule", "规则"),
    Mode: Phrase("mode", "模式"),
    ZoneKind: Phrase("kind of zone", "区域类型"),
    EquipmentKind: Phrase("kind of equipment", "设备类型"),
}


def _choice(detail: ErrorDetails, parts: Path) -> Said:
    if parts[-1:] == ("version",):
        return (
            Coded(
                "version",
                f"version {detail['input']} of the site file is not known",
                f"不认识站点文件的版本 {detail['input']}",
            ),
            Phrase(
                "this program reads version 1; `check --migrate` upgrades an older file",
                "本程序读取版本 1；旧文件可用 `check --migrate` 升级",
            ),
        )
    annotation = _annotation(parts, of_key=detail["loc"][-1] == "[key]")
    choices = [str(c) for c in _choices(annotation)]
    what = _KINDS.get(_strip(annotation), Phrase("choice", "可选值"))
    if not choices:
        expected = detail["ctx"].get("expected")
        return (
            Coded(
                "unknown-choice",
                f"`{detail['input']}` is not one of the choices",
                f"`{detail['input']}` 不在可选之列",
            ),
            Phrase(f"write {expected}", f"可写 {expected}".replace(" or ", " 或 ")),
        )
    return (
        Coded(
            "unknown-choice",
            f"`{detail['input']}` is no {what.en} known here",
            f"`{detail['input']}` 不是已知的{what.zh}",
        ),
        did_you_mean(detail["input"], choices, limit=30),
    )


_COMPARE = {
    "greater_than_equal": ("ge", Phrase("at least", "不小于")),
    "greater_than": ("gt", Phrase("more than", "大于")),
    "less_than_equal": ("le", Phrase("at most", "不大于")),
    "less_than": ("lt", Phrase("less than", "小于")),
}
_LOOSE: dict[tuple[str, str], Phrase] = {
    ("summer-setpoint", "minimum"): Phrase("cooling to below 26 °C in summer", "夏季制冷低于 26 °C"),
    ("winter-setpoint", "maximum"): Phrase("heating to above 20 °C in winter", "冬季制热高于 20 °C"),
    ("pre-close-off", "lead"): Phrase(
        "air conditioning in the last half hour before closing", "下班前半小时内开空调"
    ),
}
"""What the plan forbids, by the rule and key whose number would allow it."""


def _range(detail: ErrorDetails, parts: Path) -> Said:
    key, compared = _COMPARE[detail["type"]]
    limit = detail["ctx"][key]
    shown = _number(parts)(limit)
    loose = _LOOSE.get((str(parts[-2]) if len(parts) > 1 else "", str(parts[-1])))
    written = detail["input"]
    if loose and detail["type"] == ("less_than_equal" if parts[-1] == "maximum" else "greater_than_equal"):
        return (
            Coded(
                "looser",
                f"`{written}` is looser than the plan, which forbids {loose.en}",
                f"`{written}` 比方案宽松：方案不允许{loose.zh}",
            ),
            Phrase(
                "a stricter limit is allowed; zones that need a looser one are taken out of the rule by an exemption "
                "with reason, approver and until",
                "可以更严；确需放宽的区域，请用豁免（写明 reason、approver、until）",
            ),
        )
    said = Coded(
        "out-of-range",
        f"`{written}` is outside the allowed range: {compared.en} {shown}",
        f"`{written}` 超出允许范围：应{compared.zh} {shown}",
    )
    return said, _bounds(parts)


def _bounds(parts: Path) -> Phrase:
    info = _field(parts)
    low = high = None
    for item in info.metadata if info is not None else ():
        low = getattr(item, "ge", getattr(item, "gt", low))
        high = getattr(item, "le", getattr(item, "lt", high))
    told = _number(parts)
    if low is not None and high is not None:
        return Phrase(f"from {told(low)} to {told(high)}", f"从 {told(low)} 到 {told(high)}")
    if low is not None:
        return Phrase(f"from {told(low)}", f"从 {told(low)} 起")
    if high is not None:
        return Phrase(
            f"at most {told(high)}; leave it out for the default", f"不超过 {told(high)}；不写则用默认值"
        )
    return Phrase("leave it out for the default", "不写则用默认值")


def _number(parts: Path) -> Callable[[float], str]:
    """How the numbers of a key are written: a length of time with its unit."""
    info = _field(parts)
    lasts = any(
        isinstance(each, Before) and each.func is parse_duration for each in (info.metadata if info else ())
    )
    return (
        likely.short if lasts else lambda number: f"{number:g}" if isinstance(number, float) else str(number)
    )


def _pattern(detail: ErrorDetails, parts: Path) -> Said:
    written = detail["input"]
    if parts[-1:] == ("address",):
        return (
            Coded("no-address", f"`{written}` is no address", f"`{written}` 不是地址"),
            Phrase(
                "write host:port, like 192.168.1.20:47808; on BACnet/SC a VMAC, like 02:1a:2b:3c:4d:5e",
                "写成 主机:端口，如 192.168.1.20:47808；BACnet/SC 写 VMAC，如 02:1a:2b:3c:4d:5e",
            ),
        )
    if parts[-1:] == ("country",):
        said = Coded("unknown-choice", f"`{written}` is no country code", f"`{written}` 不是国家代码")
        country, dash, part = str(written).upper().partition("-")
        if dash and len(country) == 2 and part:
            return said, Phrase(
                f"write `country: {country}` and `subdivision: {part}`",
                f"请写 `country: {country}` 和 `subdivision: {part}`",
            )
        return said, Phrase("two capital letters, like CN", "两个大写字母，如 CN")
    return (
        Coded("no-identifier", f"`{written}` is not usable as an identifier", f"`{written}` 不能用作标识"),
        Phrase(
            "an identifier is small letters, digits, - and _, like f2-office-201; `name:` may be any text",
            "标识只用小写字母、数字、- 和 _，如 f2-office-201；中文名称写在 `name:`",
        ),
    )


def _empty(detail: ErrorDetails, parts: Path) -> Said:
    field = _field(parts)
    hint = Phrase("write at least one, or delete the key", "至少写一项，或删去此键")
    if field is not None and field.is_required():
        hint = Phrase("write at least one", "至少写一项")
    return Coded("missing", "this may not be empty", "此处不能为空"), hint


_SPECIAL: dict[str, Callable[[ErrorDetails, Path], Said]] = {
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
    if isinstance(annotation, type) and issubclass(annotation, Section):
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
    if isinstance(owner, type) and issubclass(owner, Section):
        for name, info in owner.model_fields.items():
            if parts[-1] in (name, info.alias):
                return info
    return None


def known_keys(parts: Path) -> list[str]:
    """The keys that the section at a path may have."""
    owner = _section(parts)
    return [info.alias or name for name, info in owner.model_fields.items()] if owner is not None else []


def _section(parts: Path) -> type[Section] | None:
    """The kind of section that stands at a path; None where none does."""
    owner = _strip(_annotation(parts))
    if typing.get_origin(owner) is tuple:
        owner = _strip(typing.get_args(owner)[0])
    return owner if isinstance(owner, type) and issubclass(owner, Section) else None


@cache
def all_keys() -> frozenset[str]:
    """Every key that a section of a site file may have."""
    todo: list[Any] = [SiteFile]
    seen: set[type[Section]] = set()
    keys: set[str] = set()
    while todo:
        annotation = _strip(todo.pop())
        if isinstance(annotation, type) and issubclass(annotation, Section):
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
