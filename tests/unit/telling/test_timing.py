"""How long a write takes after the reading that asked for it: what is waited on purpose is not part of it."""

from __future__ import annotations

from typing import Any

import pytest

from supervisor.core.turn import NOTHING_ASKED, NOTHING_HEARD, Heard, Step, Turn
from supervisor.gateway import events as gw
from supervisor.telling.metrics.timing import Timing
from tests.unit.gateway.gateway_world import make_site, wants

POINT = "o1/ac/start_stop"


class Seen:
    """The histogram's end."""

    def __init__(self) -> None:
        self.reactions: list[float] = []

    def observe_reaction(self, seconds: float) -> None:
        """One more."""
        self.reactions.append(seconds)


@pytest.mark.parametrize(("waited", "told"), [(0.0, 45.3), (45.0, 0.3), (60.0, 0.0)])
def test_a_start_that_waits_for_its_turn_is_no_slow_reaction(waited: float, told: float) -> None:
    """Forty fan coils start after lunch, five seconds apart: the last is late because demand is charged."""
    seen: Any = Seen()
    timing = Timing(make_site(), seen)
    step = Step(wants(POINT, True), ("o1",), ())
    timing(Turn(0.0, Heard(arrived={"o1": 100.0}), step))
    wrote = gw.Wrote(POINT, "d1", "base", True, "ok", 0.0, 100.1, 145.3, waited=waited)
    timing(Turn(0.0, NOTHING_HEARD, NOTHING_ASKED, (wrote,)))
    assert seen.reactions == [pytest.approx(told)]
