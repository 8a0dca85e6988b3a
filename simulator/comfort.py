"""Thermal comfort: predicted mean vote and percentage dissatisfied, ISO 7730:2005."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

MET = 1.2
"""met: sedentary activity, office. ISO 7730:2005, table B.1."""
CLO = {"summer": 0.5, "winter": 1.0}
"""clo by season: ISO 7730:2005, table C.1, daily wear: light summer clothing 0.5, with a jacket 1.0."""
CLO_MILD = 0.7
"""clo in spring and autumn: table C.1, panties, shirt, trousers, socks, shoes."""
AIR_SPEED = 0.1
"""m/s: still air in a closed room, the slowest of table D.1."""
_ROUNDS = 5
"""Newton's steps towards the clothing's temperature; 5 leave less than 0.0001 K between 5 and 45 °C."""


class Person(NamedTuple):
    """Who is asked: clothing in clo, activity in met, air speed about them in m/s."""

    clo: float = 0.7
    met: float = MET
    air_speed: float = AIR_SPEED


def pmv(air: Floats, radiant: Floats, relative_humidity: Floats, person: Person) -> Floats:
    """Predicted mean vote, −3 cold to +3 hot, of each room: ISO 7730:2005, equations (1) to (4).

    `air` and mean `radiant` temperature in °C, `relative_humidity` in %; arrays of one shape.
    """
    # Vapour pressure in Pa as in ISO 7730:2005, annex D.
    vapour = relative_humidity * 10.0 * np.exp(16.6536 - 4030.183 / (air + 235.0))
    insulation, activity = 0.155 * person.clo, 58.15 * person.met
    factor = 1.0 + 1.29 * insulation if insulation <= 0.078 else 1.05 + 0.645 * insulation
    forced = 12.1 * person.air_speed**0.5
    skin = 35.7 - 0.028 * activity
    radiant4 = (radiant + 273.0) ** 4
    clothing = np.minimum(air + 8.0, skin)
    for _ in range(_ROUNDS):
        convection = np.maximum(2.38 * np.abs(clothing - air) ** 0.25, forced)
        loss = 3.96e-8 * factor * ((clothing + 273.0) ** 4 - radiant4) + factor * convection * (
            clothing - air
        )
        # Natural convection goes with |t_cl - t_a| to the power of 1.25, forced with the difference itself.
        slope = 15.84e-8 * (clothing + 273.0) ** 3 + convection * np.where(convection > forced, 1.25, 1.0)
        clothing = clothing - (clothing - skin + insulation * loss) / (1.0 + insulation * factor * slope)
    convection = np.maximum(2.38 * np.abs(clothing - air) ** 0.25, forced)
    loss = 3.96e-8 * factor * ((clothing + 273.0) ** 4 - radiant4) + factor * convection * (clothing - air)
    sweat = 3.05e-3 * (5733.0 - 6.99 * activity - vapour) + max(0.0, 0.42 * (activity - 58.15))
    breath = 1.7e-5 * activity * (5867.0 - vapour) + 0.0014 * activity * (34.0 - air)
    vote: Floats = (0.303 * np.exp(-0.036 * activity) + 0.028) * (activity - sweat - breath - loss)
    return vote


def ppd(vote: Floats) -> Floats:
    """Predicted percentage dissatisfied of a vote, 5 to 100 %: ISO 7730:2005, equation (5)."""
    share: Floats = 100.0 - 95.0 * np.exp(-0.03353 * vote**4 - 0.2179 * vote**2)
    return share
