"""A head of the audit that somebody noted earlier, from Prometheus or on paper: whether the store still contains it."""

from __future__ import annotations

from typing import Final

from config.phrase import Phrase
from supervisor.store.audit import BITS
from supervisor.store.proving import Walk

SHORTEST: Final = BITS // 4
"""Hex digits of a head that can be looked for: as many as the metric shows."""


def sought(text: str) -> tuple[str, ...]:
    """The beginnings of a hash that a noted head may stand for: hex digits, or the number that the metric shows.

    Raises ValueError where it is neither.
    """
    found = []
    given = text.strip().lower()
    if SHORTEST <= len(given) <= 64 and set(given) <= set("0123456789abcdef"):
        found.append(given)
    try:
        number = float(given)  # as Prometheus writes it: 1.4073748835532e+14 as well
    except ValueError:
        number = -1.0
    if number.is_integer() and 0 < number < 2**BITS:
        found.append(f"{int(number):0{SHORTEST}x}")
    if not found:
        raise ValueError(f"{text}: neither {SHORTEST} to 64 hex digits nor the number of building_audit_head")
    return tuple(found)


def verdict(walk: Walk, length: int | None) -> tuple[bool, Phrase]:
    """Whether a walk that looked for a noted head speaks for the store, and what to say.

    `length` is how many rows there were when it was noted, None where nobody wrote that down.
    """
    if walk.found is not None and length in (None, walk.found):
        return True, Phrase(
            f"the noted head is row {walk.found} of {walk.rows}: nothing before it was changed",
            f"所记链头为第 {walk.found} 行（共 {walk.rows} 行）：此前内容未被改动",
        )
    if walk.found is not None:
        return False, Phrase(
            f"the noted head is row {walk.found}, not row {length}: rows were taken out or put in",
            f"所记链头为第 {walk.found} 行，而非第 {length} 行：有行被删除或插入",
        )
    if length is None:
        return _unfound(walk)
    if length > walk.rows:
        return False, Phrase(
            f"the noted head was row {length}, the audit has {walk.rows}: {length - walk.rows} rows are cut off",
            f"所记链头为第 {length} 行，现仅 {walk.rows} 行：末尾缺少 {length - walk.rows} 行",
        )
    if length <= walk.retired:
        return True, Phrase(
            f"row {length} has been kept long enough: a signed checkpoint stands for all rows up to {walk.retired}",
            f"第 {length} 行已过保存期：至第 {walk.retired} 行由签名检查点代表",
        )
    return False, Phrase(
        f"row {length} is another now than the noted head: the audit was written anew",
        f"第 {length} 行与所记链头不同：审计记录被重写",
    )


def _unfound(walk: Walk) -> tuple[bool, Phrase]:
    said = Phrase(
        "no row has the noted head: cut off, or written anew", "没有任何一行与所记链头相符：被截断或重写"
    )
    if not walk.retired:
        return False, said
    return False, Phrase(
        f"{said.en}; or it lies before row {walk.retired}, up to which a checkpoint stands (say its --length)",
        f"{said.zh}；或早于检查点所代表的第 {walk.retired} 行（请用 --length 注明行数）",
    )
