"""`make discover-score FILES=…`: which roles are guessed right, wrong, or not at all, on lists that say what is right.

A list is CSV: object-name, description, object-type, unit-code as in an EDE file, and a column `role`, empty where an object has none.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.roles import WRITABLE_ROLES, Role
from supervisor.field.pointlist.columns import plain, role_of
from supervisor.field.survey.ede import read
from supervisor.field.survey.evidence import Seen
from supervisor.field.survey.guess import guess
from supervisor.field.survey.objects import Thing

LISTS = Path(__file__).parent / "lists"
NONE = "none"
_NOTHING = frozenset({"", "-", "none", "null", "no", "n/a", "abstain", "other", "unknown", "无", "其他", "/"})


@dataclass
class Score:
    """Objects by the role that they have."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    abstained: Counter[str] = field(default_factory=Counter)
    commandable: int = 0
    """Wrong guesses of a role that may be commanded, at the adopted confidence."""

    def add(self, thing: Thing) -> str | None:
        """Count one object; what was wrong, in words."""
        truth = truth_of(thing)
        found = guess(
            Seen(thing.name, thing.description, thing.unit, thing.object_type, thing.states, thing.context)
        )
        said = found.adopted.value if found.adopted is not None else NONE
        counter = self.right if said == truth else self.abstained if said == NONE else self.wrong
        counter[truth] += 1
        if said == truth:
            return None
        wrong = counter is self.wrong
        if wrong and Role(said) in WRITABLE_ROLES:
            self.commandable += 1
        return f"line {thing.line}: {thing.name} {thing.description} ({thing.object_type}): {truth}, guessed {said} ({found.confidence:g})"

    def table(self) -> list[str]:
        """Right, wrong and abstained by role, and of all."""
        roles = sorted({*self.right, *self.wrong, *self.abstained})
        rows = [(role, self.right[role], self.wrong[role], self.abstained[role]) for role in roles]
        rows.append(("all", self.right.total(), self.wrong.total(), self.abstained.total()))
        return [
            f"{role:20} right {right:4} ({100 * right / (right + wrong + left):5.1f} %)  wrong {wrong:4} ({100 * wrong / (right + wrong + left):4.1f} %)  "
            f"abstained {left:4}"
            for role, right, wrong, left in rows
            if right + wrong + left
        ]


def truth_of(thing: Thing) -> str:
    """The role that a list says; none where it says none, or what is no role of ours (a fan's speed)."""
    role = role_of(thing.role or "")
    return role.value if role is not None else NONE


def odd_labels(things: Iterable[Thing]) -> list[str]:
    """Labels that are no role, nor say that there is none: a person should see them, one may be misspelt."""
    found = {
        thing.role
        for thing in things
        if thing.role and truth_of(thing) == NONE and plain(thing.role) not in _NOTHING
    }
    return [f"label `{label}` is no role: counted as none" for label in sorted(found)]


def scored(things: Iterable[Thing]) -> tuple[Score, list[str]]:
    """The score of a list, and what was not right."""
    score = Score()
    return score, [said for thing in things if (said := score.add(thing)) is not None]


def main(arguments: Sequence[str]) -> int:
    """Print the score of each list and of all; 1 where a commandable role is wrong or a list cannot be read."""
    parser = argparse.ArgumentParser(description="how well roles are guessed")
    parser.add_argument("files", nargs="*", type=Path, default=sorted(LISTS.glob("*.csv")))
    parser.add_argument("--quiet", action="store_true", help="only the tables")
    given = parser.parse_args(arguments)
    total, bad = Score(), 0
    for path in given.files:
        try:
            found = read(path.read_bytes())
            score, notes = scored(found.things)
        except OSError as error:
            print(f"{path}: {error}")
            bad += 1
            continue
        if not found.things:
            print(f"{path}: {'; '.join(slip.said.en for slip in found.slips[:3])}")
            bad += 1
        print(f"{path.name}: {len(found.things)} objects, commandable wrong {score.commandable}")
        print("\n".join(f"  {line}" for line in [*score.table(), *([] if given.quiet else notes)]))
        for mine, its in (
            (total.right, score.right),
            (total.wrong, score.wrong),
            (total.abstained, score.abstained),
        ):
            mine.update(its)
        print("".join(f"  {line}\n" for line in odd_labels(found.things)), end="")
        total.commandable += score.commandable
    print(f"all lists: commandable wrong {total.commandable}")
    print("\n".join(f"  {line}" for line in total.table()))
    return 1 if bad or total.commandable else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
