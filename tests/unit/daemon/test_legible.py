"""What a person writes of himself is kept in the audit and shown everywhere: it has to be text."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from supervisor.core.asking import Refused
from supervisor.daemon.requests import Requests

GARBLED = "张三".encode("gbk").decode("utf-8", "surrogateescape")
"""A name as a terminal in GBK hands it to a program whose LANG says UTF-8."""


@pytest.mark.parametrize(
    "do", ["overtime", "release", "manual", "manual-end", "accept", "reload", "release-end"]
)
@pytest.mark.parametrize(
    ("name", "why"),
    [
        (GARBLED, "姓名不是 UTF-8 文本：终端实际编码与 LANG 不一致"),
        ("\ud83d", "姓名不是 UTF-8 文本：终端实际编码与 LANG 不一致"),
        ("李工\x1b[2J\x1b[1;1H", "姓名含有不可显示的字符"),
        ("gong\u202eil", "姓名含有不可显示的字符"),
        ("nul\0", "姓名含有不可显示的字符"),
        ("李" * 201, "姓名过长：最多 200 个字符"),
    ],
)
async def test_a_name_that_is_no_text_is_refused_before_anything_is_done(
    do: str, name: str, why: str
) -> None:
    """The audit could not keep it, and it could forge a line of the log; nothing was looked at yet."""
    asked: Any = SimpleNamespace(running=None)
    with pytest.raises(Refused) as refused:
        await Requests(asked).answer({"do": do, "zone": "room", "until": "20:00", "name": name})
    assert refused.value.phrase.zh == why
    assert refused.value.phrase.en != why


async def test_a_reason_and_a_room_are_looked_at_as_well() -> None:
    """Whatever is written: a reason goes into the audit, a room's name into the answer."""
    asked: Any = SimpleNamespace(running=None)
    for key, why in (("why", "原因不是 UTF-8 文本"), ("zone", "区域不是 UTF-8 文本")):
        with pytest.raises(Refused) as refused:
            await Requests(asked).answer({"do": "manual", key: GARBLED})
        assert refused.value.phrase.zh.startswith(why)
