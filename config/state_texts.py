"""What a device calls the states of an object, held against what the site file says that they mean. Pure.

Where both clearly speak and say different things, neither is believed: whoever copied a template is wrong as often as
whoever left a controller's texts as they came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from config.phrase import Phrase
from config.points import Point, Raw
from config.roles import ROLES, Mode, Role, Shape
from config.state_words import SENSE_OF_FLAG, SENSES, judged, sense

BINARY: Final = frozenset({"binary-input", "binary-output", "binary-value"})
MULTI_STATE: Final = frozenset({"multi-state-input", "multi-state-output", "multi-state-value"})
"""Object types that call their states by texts (ASHRAE 135 §12.6 to 12.8, 12.18 to 12.20)."""
_FEWEST: Final = 2
"""States that an object has at least for their number to say anything: one that says 1 was never set up."""
_PLACES_SAID: Final = 3
"""States that one sentence names; more are counted."""


class StateTexts(NamedTuple):
    """What a device says of an object's states; of a binary object 0 is Inactive_Text, 1 Active_Text.

    `number` is Number_Of_States, None where it is not told. A state without a text is left out.
    """

    texts: tuple[tuple[int, str], ...] = ()
    number: int | None = None


def named(point: Point) -> bool:
    """Whether what a point's device calls its states can be held against the site file."""
    typed = point.object_type in BINARY or (point.object_type in MULTI_STATE and point.states)
    return bool(typed) and point.state_texts and judged(point.role)


def asked_states(point: Point) -> tuple[int, ...]:
    """The states whose texts matter."""
    return (0, 1) if point.object_type in BINARY else tuple(sorted(point.states))


def contradiction(point: Point, said: StateTexts) -> Phrase | None:
    """Where the device clearly means other states than the site file says, and what to do; None: nowhere that one can see."""
    if not named(point):
        return None
    ours, texts = _by_the_file(point), dict(said.texts)
    theirs = {state: found for state in ours if (found := sense(point.role, texts.get(state, "")))}
    binary = point.object_type in BINARY
    if binary and len(theirs) > 1 and len(set(theirs.values())) == 1:
        return None  # both are called alike: texts that nobody has filled in
    if binary and ROLES[point.role].shape is Shape.MODE:
        # "Off" of a changeover's switch is not off: it is the other one of two
        theirs = {state: found for state, found in theirs.items() if found != Mode.OFF}
    wrong = [state for state, found in theirs.items() if found != ours[state]]
    wrong += [state for state in _crossed(point, texts) if state not in wrong]
    if wrong:
        return _told(point, ours, texts, wrong)
    return _too_many(point, ours, theirs, said.number)


def taken_for_alarm(point: Point, raw: Raw) -> bool:
    """Whether what a contradicted fire alarm says is an alarm by the site file: that is believed, an all-clear is not."""
    state = int(raw) if isinstance(raw, int | float) else None
    return point.role is Role.FIRE_ALARM and state is not None and _by_the_file(point).get(state) == "fire"


def _by_the_file(point: Point) -> dict[int, str]:
    """What each state means by the site file."""
    if ROLES[point.role].shape is Shape.MODE:
        return {state: str(mode) for state, mode in point.states.items()}
    no_yes = SENSE_OF_FLAG[point.role]
    if point.states:
        on = {state: mode is not Mode.OFF for state, mode in point.states.items()}
    else:
        on = {0: False, 1: True}
    return {state: no_yes[each is not point.invert] for state, each in on.items()}


def _crossed(point: Point, texts: Mapping[int, str]) -> Iterator[int]:
    """States by which a switch with modes cools where the file says that it heats, or heats where it cools."""
    if point.role is not Role.START_STOP:
        return
    for state, mode in point.states.items():
        if mode in (Mode.COOL, Mode.HEAT) and _mode(texts, state) in {Mode.COOL, Mode.HEAT} - {mode}:
            yield state


def _mode(texts: Mapping[int, str], state: int) -> str | None:
    return sense(Role.MODE, texts.get(state, ""))


def _told(point: Point, ours: Mapping[int, str], texts: Mapping[int, str], wrong: list[int]) -> Phrase:
    pairs = [_pair(point, ours[state], texts[state], state) for state in sorted(wrong)[:_PLACES_SAID]]
    more = len(wrong) - len(pairs)
    return Phrase(
        "; ".join(pair.en for pair in pairs) + (f"; and {more} more" if more else "") + _REMEDY[bool(point.states)].en,
        "；".join(pair.zh for pair in pairs) + (f"；另有 {more} 处" if more else "") + _REMEDY[bool(point.states)].zh,
    )  # fmt: skip


def _pair(point: Point, ours: str, text: str, state: int) -> Phrase:
    """One state: what the file says, and what the device."""
    mode = point.states.get(state)
    file = SENSES[mode] if mode in (Mode.COOL, Mode.HEAT) and ours == "on" else SENSES[ours]
    theirs = SENSES[sense(point.role, text) or _mode({state: text}, state) or ours]
    glossed = Phrase(
        "" if text.strip().casefold() == theirs.en else f" ({theirs.en})",
        "" if text.strip() == theirs.zh else f"（{theirs.zh}）",
    )
    return Phrase(
        f"the site file says {state} = {file.en}, the device's own text for {state} is “{text.strip()}”{glossed.en}",
        f"配置文件写 {state} = {file.zh}，而设备对 {state} 的文字为“{text.strip()}”{glossed.zh}",
    )


_REMEDY: Final = {
    True: Phrase(
        ": correct `states:` in the site file, or say `state_texts: false` where the device's texts are wrong",
        "：请改正配置中的 states；若是设备的文字有误，请写 state_texts: false",
    ),
    False: Phrase(
        ": try it out, and correct `invert:` in the site file, or say `state_texts: false` where the device's texts are wrong",
        "：请现场核实并改正配置中的 invert；若是设备的文字有误，请写 state_texts: false",
    ),
}


def _too_many(
    point: Point, ours: Mapping[int, str], theirs: Mapping[int, str], count: int | None
) -> Phrase | None:
    """Fewer states than the file has were made for another controller: unless the texts confirm all that are there."""
    if point.object_type not in MULTI_STATE or count is None or count < _FEWEST or max(ours) <= count:
        return None
    if all(state in theirs for state in ours if state <= count) and min(ours) <= count:
        return None
    said = Phrase(
        f"the site file has a state {max(ours)}, the device has {count} (its Number_Of_States)",
        f"配置文件写有状态 {max(ours)}，而设备只有 {count} 个（其 Number_Of_States）",
    )
    return Phrase(said.en + _REMEDY[True].en, said.zh + _REMEDY[True].zh)
