"""A profile's file → a profile, or everything that is wrong with it, by line and with what to write instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.codes import Code, Coded
from config.phrase import Phrase
from config.problems import Problem, did_you_mean, dotted
from config.reading import FileRefused, read_at_most
from config.site import Site
from config.source import Source, read_source
from supervisor.ledger.upload import codes
from supervisor.ledger.upload.profile import ID, NAME, TAG, Collector, Profile, ProfileError, Upper

MOST: Final = 200_000
"""Octets of a profile."""
_KINDS: Final[Mapping[str, type[Collector] | type[Upper]]] = {"collector": Collector, "upper": Upper}
_SECRET: Final = (("login", "key"), ("cipher",))
_START: Final = Phrase(
    "start from one that ships: ledger upload --example 55aa",
    "可从自带模板开始：ledger upload --example 55aa",
)
_COMPARE: Final = {"ge": Phrase("at least", "不小于"), "le": Phrase("at most", "不大于"),
                   "gt": Phrase("more than", "大于"), "lt": Phrase("less than", "小于")}  # fmt: skip

_PATTERNS: Final[Mapping[str, Phrase]] = {
    TAG: Phrase("an element has letters, digits, - and _, and begins with a letter", "元素名由字母、数字、-、_ 组成，以字母开头"),
    ID: Phrase("letters and digits, 32 at most", "仅限字母和数字，最多 32 位"),
    NAME: Phrase("small letters, digits, - and _", "仅限小写字母、数字、-、_"),
}  # fmt: skip


class Loaded(NamedTuple):
    """`profile` is None where anything is wrong. `text`: the file. `codes`: by part of the ledger."""

    profile: Profile | None
    problems: list[Problem]
    text: str = ""
    codes: Mapping[str, str] = codes.DEFAULTS


def load(path: Path, site: Site | None = None) -> Loaded:
    """Read a profile. Never raises for what is in it; `site` knows which meters there are."""
    try:
        data = read_at_most(path, MOST)
    except FileRefused as error:
        return Loaded(
            None, [_whole(path, Phrase(f"cannot be read: {error}", f"无法读取：{error.said.zh}"), _START)]
        )
    source = read_source(data, str(path))
    source.problems[:] = [_ours(problem) for problem in source.problems]
    if source.tree is None or source.problems:
        return Loaded(None, source.problems, source.text)
    body = source.tree.plain()
    model = _KINDS.get(str(body.get("kind")))
    if model is None:
        node = source.tree.find(("kind",))[0]
        source.problems.append(_at(source, node.at, ("kind",), Phrase(
            f"`{body.get('kind')}` is no kind of centre" if "kind" in body else "the kind of centre is missing",
            f"`{body.get('kind')}` 不是中心类型" if "kind" in body else "缺少中心类型 kind",
        ), Phrase("write kind: collector, or kind: upper", "应写 kind: collector 或 kind: upper")))  # fmt: skip
        return Loaded(None, source.problems, source.text)
    try:
        profile = model.model_validate(body)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _report(source, detail, model)
        return Loaded(None, _in_order(source.problems), source.text)
    table = _codes(source, path, profile)
    _meters(source, profile, site)
    return Loaded(None if source.problems else profile, _in_order(source.problems), source.text, table)


def _codes(source: Source, path: Path, profile: Profile) -> Mapping[str, str]:
    if profile.codes is None:
        return codes.DEFAULTS
    try:
        return codes.replaced(path.parent / profile.codes)
    except codes.BadTable as error:
        source.problems.append(
            Problem(error.file, error.line, 1, "", Coded("profile", *error.what), error.hint)
        )
        return codes.DEFAULTS


def _meters(source: Source, profile: Profile, site: Site | None) -> None:
    """Meters that the site file has not, and two that would be one to the centre."""
    if not isinstance(profile, Collector) or site is None or source.tree is None:
        return
    taken: dict[tuple[str, str], str] = {}
    for name, place in profile.meters.items():
        node = source.tree.find(("meters", name))[0]
        at = node.key or node.at
        if name not in site.meters:
            hint = did_you_mean(name, site.meters)
            source.problems.append(_at(source, at, ("meters", name), Phrase(
                f"`{name}` is no meter of the site file", f"站点文件中无计量表 `{name}`"), hint))  # fmt: skip
        other = taken.setdefault((place.id, place.function), name)
        if other != name:
            source.problems.append(_at(source, at, ("meters", name), Phrase(
                f"`{name}` has the same id and function as `{other}`", f"`{name}` 与 `{other}` 的 id、function 相同"),
                Phrase("number them apart", "请分别编号")))  # fmt: skip


def _report(source: Source, detail: ErrorDetails, model: type[Collector] | type[Upper]) -> None:
    parts = tuple(p for p in detail["loc"] if p != "[key]")
    assert source.tree is not None
    node, path = source.tree.find(parts)
    on_key = detail["type"] in ("missing", "extra_forbidden") or detail["loc"][-1:] == ("[key]",)
    at = node.key if on_key and node.key is not None else node.at
    what, hint = _words(detail, parts, model)
    source.problems.append(
        _at(source, at, (*path, parts[-1]) if detail["type"] == "missing" else path, what, hint)
    )


def _words(
    detail: ErrorDetails, parts: tuple[Any, ...], model: type[Collector] | type[Upper]
) -> tuple[Coded, Phrase]:
    kind, last = detail["type"], str(parts[-1]) if parts else ""
    secret = any(parts[: len(s)] == s for s in _SECRET)
    written = (
        f"`{detail['input']}`: " if isinstance(detail["input"], str | int | float) and not secret else ""
    )
    context = detail.get("ctx", {})
    error = context.get("error")
    if isinstance(error, ProfileError):
        return Coded("profile", written + error.what.en, written + error.what.zh), error.hint
    if kind == "missing":
        return Coded("missing", f"`{last}` is missing", f"缺少 `{last}`"), Phrase(
            f"add `{last}:`", f"请补充 `{last}:`"
        )
    if kind == "extra_forbidden":
        known = _keys(model, parts[:-1])
        return Coded("unknown-key", f"unknown key `{last}`", f"未知的键 `{last}`"), did_you_mean(
            last, known, 30
        )
    if kind in ("literal_error", "enum"):
        choices = re.findall("'([^']*)'", str(context.get("expected", "")))
        hint = (
            did_you_mean(str(detail["input"]), choices, 30)
            if len(choices) > 4
            else Phrase(f"write {', '.join(choices)}", f"可选：{'、'.join(choices)}")
        )
        return Coded("unknown-choice", f"{written}not one of the choices", f"{written}不在可选值内"), hint
    if kind == "string_too_short":
        return Coded("missing", "nothing is written here", "此处不能为空"), Phrase("write what the centre says", "请填写中心提供的内容")  # fmt: skip
    for key, than in _COMPARE.items():
        if key in context:
            return Coded("out-of-range", f"{written}outside the allowed range", f"{written}超出允许范围"), Phrase(f"{than.en} {context[key]}", f"{than.zh} {context[key]}")  # fmt: skip
    if kind == "string_pattern_mismatch":
        return Coded(
            "profile", f"{written}these characters cannot be", f"{written}含不允许的字符"
        ), _PATTERNS[str(context.get("pattern"))]
    return Coded(
        "profile", f"{written}this cannot be: {kind.replace('_', ' ')}", f"{written}格式错误（{kind}）"
    ), _START


def _keys(model: Any, parts: tuple[Any, ...]) -> list[str]:
    """The keys that may stand at a place."""
    for part in parts:
        field = getattr(model, "model_fields", {}).get(str(part))
        inner = field.annotation if field is not None else model
        model = next((a for a in getattr(inner, "__args__", ()) if hasattr(a, "model_fields")), inner)
    return sorted(getattr(model, "model_fields", {}))


def _at(source: Source, at: Any, path: tuple[str | int, ...], what: Phrase, hint: Phrase) -> Problem:
    return Problem(
        source.file, at.line, at.column, dotted(path), Coded(_code(what), *what), hint, width=at.width
    )


def _code(what: Phrase) -> Code:
    return what.code if isinstance(what, Coded) else "profile"


def _whole(path: Path, what: Phrase, hint: Phrase) -> Problem:
    return Problem(str(path), 1, 1, "", Coded(_code(what), *what), hint)


def _ours(problem: Problem) -> Problem:
    """What is wrong with the YAML, where its hint speaks of site files."""
    if "site file" not in problem.hint + problem.message and "office.yaml" not in problem.hint:
        return problem
    said = Coded(
        problem.code,
        problem.said.en.replace("a site file", "a profile"),
        problem.said.zh.replace("站点文件", "上传配置"),
    )
    return replace(problem, said=said, remedy=_START)


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda p: (p.file, p.line, p.column))
