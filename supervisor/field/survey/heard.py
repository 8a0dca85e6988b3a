"""A name and a description, heard: which subjects their words are about."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from supervisor.field.survey.words import CHINESE, LATIN

_HAN: Final = re.compile(r"[\u4e00-\u9fff/]+")
_PIECES: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_JOINED: Final = (
    (re.compile(r"(?i)co[\s_-]?2|co₂"), " Coxx "), (re.compile(r"(?i)pm\s?2\.?5"), " Pmxx "),
    (re.compile(r"(?i)\bh[/-]?o[/-]?a\b|\bh[/-]a\b|\bl/r\b|hand[\s/_-]*off[\s/_-]*auto|lcl/rem"), " Hoa "),
    (re.compile(r"(?i)\bs/s\b|on[\s/_-]*off|start[\s/_-]*stop"), " Onoff "),
    (re.compile(r"(?i)(control|ctrl)[\s_-]*mode|控制模式"), " Controlmode "), (re.compile(r"(?i)e[\s_-]stop"), " Estop "),
    (re.compile(r"(?i)heat[\s_-]*pump"), " Heatpump "), (re.compile(r"(?i)air[\s_-]*direction"), " Airdirection "),
    (re.compile(r"(?i)summer[\s/_-]*winter"), " Summerwinter "),
    (re.compile(r"(?i)fan[\s_-]*coil"), " Fancoil "), (re.compile(r"(?i)exh(aust)?[\s_-]*fan"), " Exhaustfan "),
    (re.compile(r"(?i)return[\s_-]*(air)?[\s_-]*fan"), " Returnfan "),
    (re.compile(r"(?i)(chilled|hot|condenser|supply|return)[\s_-]*water"), " Chilledwater "),
    (re.compile(r"(?i)(light|lux)[\s_-]*level"), " Lightlevel "), (re.compile(r"(?i)data[\s_-]*cent(er|re)"), " Datacenter "),
    (re.compile(r"(?i)fresh[\s_-]*air"), " Freshair "), (re.compile(r"(?i)life[\s_-]*safety"), " Lifesafety "),
    (re.compile(r"(?i)un[\s_-]*occ"), " Unocc"), (re.compile(r"(?i)indoor[\s_-]*unit"), " Indoorunit "),
    (re.compile(r"(?i)air[\s_-]*flow"), " Airflow "), (re.compile(r"(?i)carbon[\s_-]*dioxide"), " Coxx "),
    (re.compile(r"(?i)temp[\s_-]*adjust"), " Tempadjust "), (re.compile(r"(?i)air[\s_-]*handl\w*"), " Airhandler "),
    (re.compile(r"(?i)\bctl[\s._-]*(sp|stpt|setpt|setpoint)\b"), " Ctlstpt "), (re.compile(r"(?i)set[\s_-]*p(oin)?t"), " Setpoint "),
)  # fmt: skip
_WHOLE: Final = {"coxx": "co2", "pmxx": "pm25"}
_LONG: Final = 3
"""Letters from which on a Latin word can hardly be another one."""


class Heard(NamedTuple):
    """The subjects of a text; `sure`: those that a whole word names, rather than an abbreviation of two letters."""

    about: frozenset[str]
    sure: frozenset[str]
    last: str
    """The last Latin piece, by which some vendors tell a command (`-C`) from a status (`-S`)."""


@lru_cache(maxsize=65_536)
def hear(text: str) -> Heard:
    """What a text is about."""
    about: set[str] = set()
    sure: set[str] = set()
    spelt = unicodedata.normalize("NFKC", text)
    for pattern, said in _JOINED:
        spelt = pattern.sub(said, spelt)
    for run in _HAN.findall(spelt):
        for word in _han(run):
            about |= CHINESE[word]
            sure |= CHINESE[word]
    last = ""
    for piece in _PIECES.findall(spelt):
        last = _WHOLE.get(piece.lower(), piece.lower())
        for word in (last,) if last in LATIN else _parts(last):
            about |= LATIN[word]
            if len(word) >= _LONG:
                sure |= LATIN[word]
    return Heard(frozenset(about), frozenset(sure), last)


def _han(run: str) -> list[str]:
    """Known words of a run of characters, the longest first at each place."""
    found, at = [], 0
    while at < len(run):
        word = next(
            (w for n in range(min(8, len(run) - at), 0, -1) if (w := run[at : at + n]) in CHINESE), ""
        )
        if word:
            found.append(word)
        at += len(word) or 1
    return found


@lru_cache(maxsize=65_536)
def _parts(piece: str) -> tuple[str, ...]:
    """A piece without gaps as the fewest known words that make it up (`ROOMTEMP`, `FJPGQT`); empty where none do."""
    best: list[tuple[str, ...] | None] = [()] + [None] * len(piece)
    for end in range(2, len(piece) + 1):
        for begin in range(max(0, end - 14), end - 1):
            before = best[begin]
            now = best[end]
            if before is None or piece[begin:end] not in LATIN:
                continue
            if now is None or len(before) + 1 < len(now):
                best[end] = (*before, piece[begin:end])
    return best[-1] or ()
