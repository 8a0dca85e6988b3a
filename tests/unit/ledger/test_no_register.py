"""A point that is mapped as a meter and tells power, or what was consumed in each interval."""

from __future__ import annotations

import math
import random

from supervisor.ledger.booking import Book, heard
from supervisor.ledger.books import restored, saved
from supervisor.ledger.causes import Cause
from supervisor.ledger.no_register import judged
from supervisor.ledger.register import Reading, Register

MINUTE = 60.0


def week(values: list[float], book: Book) -> tuple[Book, float, list[Cause]]:
    """What was booked of readings a minute apart, and what was found."""
    amount, found = 0.0, list[Cause]()
    for n, value in enumerate(values):
        step = heard(Register(MINUTE), book, Reading(n * MINUTE, value))
        book, amount = step.book, amount + sum(b.amount for b in step.booked)
        found += [f.cause for f in step.found]
    return book, amount, found


def test_power_is_no_energy() -> None:
    """20 kW that come and go under a point that says kWh: within some minutes it is told, and nothing is booked. A week of it
    had been booked as 10³⁷ kWh, of changed units and passed ends."""
    chance = random.Random(1)
    power = [20 + 15 * math.sin(n / 229) + chance.gauss(0, 2) for n in range(7 * 1440)]
    book, amount, found = week([round(max(0.5, each), 2) for each in power], Book())
    assert amount < 2 * max(power)
    assert found[-1] is Cause.NO_REGISTER
    assert restored(saved(book)).suspicion is Cause.NO_REGISTER


def test_a_register_between_zeros_is_one_and_so_is_one_that_was_exchanged() -> None:
    """A gateway that answers 0 every other minute, and three exchanges in a day: each has its own name, and the energy counts."""
    flapping = [0.0 if n % 2 else 1000.0 + n / 10 for n in range(1441)]
    _, amount, found = week(flapping, Book())
    assert Cause.NO_REGISTER not in found
    assert round(amount) == 144
    exchanged = [(5000.0 + 3000 * (n // 400)) % 7000 + n / 10 for n in range(1440)]
    assert Cause.NO_REGISTER not in week(exchanged, Book())[2]


def test_import_less_export_is_no_register() -> None:
    """Panels feed in by day and the register runs backwards, by a twentieth of a kWh a minute, far less than a hundredth of what it says: it
    is told on the first morning, and hardly more is booked than came in. A register that flickers in its last digit is one."""
    draw = [0.1 - (0.25 if 480 <= n % 1440 < 960 else 0.0) for n in range(4 * 1440)]
    figures = [10_000 + sum(draw[:n]) for n in range(0, len(draw), 15)]
    _, amount, found = week(figures, Book())
    assert Cause.NO_REGISTER in found
    assert amount <= 1.1 * sum(each for each in draw if each > 0)
    noon = week(figures[: 44 + 4], Book())[0]
    assert restored(saved(noon)) == noon
    assert noon.suspicion is Cause.NO_REGISTER
    chance = random.Random(2)
    still = [round(5000 + n // 300 + chance.gauss(0, 0.002), 3) for n in range(3000)]
    _, amount, found = week(still, Book())
    assert Cause.NO_REGISTER not in found
    assert abs(amount - 9) < 0.2  # each flicker had been an exchange, and booked: 11
    assert judged("main", still, range(len(still))) is None
