"""The page docs/reference/slot.md, drawn from the table that the slot goes by. Run by `scripts/docs`."""

from __future__ import annotations

import sys

from supervisor.gateway.transitions import SETTLED, TRANSITIONS, UNCERTAIN, Happening, State

_HEAD = """# The slot

One priority of one object (ASHRAE 135-2020 §19.2), or the present value of an object that has no priority array, as
the gateway knows it. Written by `make docs` from `supervisor/gateway/transitions.py`, which is what decides: what has
no arrow here cannot happen, and raises.

What is ours is said by the journal and by the controller's acknowledgement, not by what a value looks like. The first
value read after an acknowledged write is what the controller made of it (whole degrees, a grid, its own range): it is
ours, told once with its figure, judged by the rule's limit and not by equality, and not written again. Only a slot that was
read empty counts as let go. No arrow for writing leads out of `FOREIGN`: what another put into our slot stays.
"""


def diagram() -> str:
    """The table as a mermaid state diagram; happenings that lead the same way share an arrow."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> EMPTY"]
    for state, row in TRANSITIONS.items():
        arrows: dict[State, list[str]] = {}
        for happening, follows in row.items():
            if follows is not state:
                arrows.setdefault(follows, []).append(_words(happening))
        lines += [
            f"    {state.name} --> {follows.name}: {', '.join(names)}" for follows, names in arrows.items()
        ]
    return "\n".join([*lines, "```"])


def page() -> str:
    """The whole page."""
    states = [f"| `{s.name}` | {s.value} | {_ours(s)} |" for s in State]
    happenings = [
        f"| {_words(h)} | {h.value} | {', '.join(f'`{s.name}`' for s in State if h in TRANSITIONS[s])} |"
        for h in Happening
    ]
    return "\n".join(
        [
            _HEAD,
            diagram(),
            "",
            "## States",
            "",
            "| State | The slot | Ours |",
            "|---|---|---|",
            *states,
            "",
            "## What happens to it",
            "",
            "| | | In which states |",
            "|---|---|---|",
            *happenings,
            "",
        ]
    )


def _words(happening: Happening) -> str:
    return happening.name.lower().replace("_", " ")


def _ours(state: State) -> str:
    if state in SETTLED:
        return "yes, and read"
    if state in UNCERTAIN:
        return "yes, until it is read otherwise"
    return "by the journal" if state is State.INTENDED else "no"


if __name__ == "__main__":
    sys.stdout.write(page())
