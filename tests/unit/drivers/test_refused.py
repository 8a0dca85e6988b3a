"""Whatever our own code says of a device has its Chinese: a manager in China reads why nothing is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import drivers
import supervisor
from drivers.refused import in_both

_RAISED = {
    "Retryable": 1,
    "Rejected": 1,
    "Misconfigured": 1,
    "Silent": 1,
    "Withheld": 1,
    "Elsewhere": 1,
    "Unreadable": 0,
}
"""Errors of a device, and where in their arguments the sentence stands."""


def _sentences(folder: Path) -> Iterator[tuple[str, str]]:
    """What the sources say of devices, and where; what is filled in is a figure."""
    for file in sorted(folder.rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            at = _RAISED.get(call.func.id)
            if at is None or len(call.args) <= at:
                continue
            said = call.args[at]
            if isinstance(said, ast.Constant):
                yield str(said.value), f"{file.name}:{call.lineno}"
            elif isinstance(said, ast.JoinedStr):
                parts = (str(p.value) if isinstance(p, ast.Constant) else "1" for p in said.values)
                yield "".join(parts), f"{file.name}:{call.lineno}"


def test_what_is_said_of_a_device_is_said_in_chinese_too() -> None:
    """Each sentence of the sources, and those that stand within another one."""
    said = [*_sentences(Path(drivers.__path__[0])), *_sentences(Path(supervisor.__path__[0]))]
    assert len(said) > 80
    for sentence, where in said:
        if sentence.strip("1"):  # else it is only handed on
            zh = in_both(sentence).zh
            assert "驱动报告" not in zh, f"{where}: {sentence}"
            assert re.search("[\u4e00-\u9fff]", zh), f"{where}: {sentence}"


def test_a_cause_within_a_sentence_is_told_too_and_a_name_stays() -> None:
    """The reason that follows a colon is no English in a Chinese line; a library's own words stay as they are."""
    assert in_both("unreadable answer: a priority array of 8 slots").zh == (
        "应答无法解读：优先级数组有 8 项，应为 16 项"
    )
    assert in_both("nothing is written while it is not recognised: no answer within 3 s").zh == (
        "未能确认其身份，暂不写入：3 秒内无应答"
    )
    meanwhile = "it may have been replaced or started anew while it was asked who it is"
    assert in_both(f"nothing is written while it is not recognised: {meanwhile}").zh == (
        "未能确认其身份，暂不写入：询问其身份期间，它可能已被更换或重新启动"
    )
    assert in_both("device 7021 answers at 10.0.0.5:47808, not device 6121").zh == (
        "在 10.0.0.5:47808 应答的是设备 7021，而非设备 6121"
    )
    assert in_both("unreadable answer: odd octets").zh == "应答无法解读：odd octets"
