"""The resistor-capacitor network against solutions found another way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulator.plant.building import Envelope, MassClass, Zone
from simulator.plant.network import network_of, response

ROOM = Zone.facing("room", 40.0, "south")


def ode(zone: Zone, h_ve: float) -> tuple[np.ndarray, np.ndarray]:
    """A and B of the room's heat balance written down node by node, the surface node solved numerically.

    Inputs: outdoor temperature, solar, internal gains, heat to the air.
    """
    n = network_of((zone,))
    h_is, h_w, h_ms, h_em = (float(v[0]) for v in (n.h_is, n.h_w, n.h_ms, n.h_em))
    to_mass, to_surface = float(n.to_mass[0]), float(n.to_surface[0])

    def slope(air: float, mass: float, u: np.ndarray) -> np.ndarray:
        outdoor, solar, internal, heat = u
        radiant = solar + 0.5 * internal
        surface = np.linalg.solve(
            [[h_is + h_w + h_ms]], [h_is * air + h_w * outdoor + h_ms * mass + to_surface * radiant]
        )[0]
        to_air = h_is * (surface - air) - h_ve * air + 0.5 * internal + heat
        into_mass = h_ms * (surface - mass) + h_em * (outdoor - mass) + to_mass * radiant
        return np.array([to_air / float(n.air_capacity[0]), into_mass / float(n.mass_capacity[0])])

    none = np.zeros(4)
    a = np.column_stack([slope(1, 0, none), slope(0, 1, none)])
    b = np.column_stack([slope(0, 0, unit) for unit in np.eye(4)])
    return a, b


def analytic(a: np.ndarray, b: np.ndarray, start: np.ndarray, u: np.ndarray, time: float) -> np.ndarray:
    """x(t) = x_inf + sum of two exponentials, by the eigenvectors of A."""
    final = -np.linalg.solve(a, b @ u)
    rates, vectors = np.linalg.eig(a)
    weights = np.linalg.solve(vectors, start - final)
    found: np.ndarray = final + vectors @ (weights * np.exp(rates * time))
    return found


@pytest.mark.parametrize("mass", list(MassClass))
@pytest.mark.parametrize("dt", [1.0, 60.0, 300.0, 3600.0])
def test_a_room_that_loses_its_heating_cools_along_the_two_analytic_exponentials(
    mass: MassClass, dt: float
) -> None:
    """Ten hours after a step from 20 °C to -5 °C outside, for every mass class and step length."""
    zone = replace(ROOM, envelope=Envelope(mass=mass))
    h_ve, u = 25.0, np.array([-5.0, 300.0, 200.0, 25.0 * -5.0])
    a, b = ode(zone, h_ve)
    start = np.array([20.0, 20.0])
    weights = response(network_of((zone,)), np.array([h_ve]), dt).end[:, :, 0]
    state = start.copy()
    for step in range(1, round(36_000 / dt) + 1):
        state = (weights @ np.concatenate([state, u]))[:2]
        if step in (1, round(36_000 / dt)):
            assert state == pytest.approx(analytic(a, b, start, u, step * dt), abs=1e-8)


def test_the_mean_over_a_step_is_the_mean_of_many_small_ones() -> None:
    """The heat ledger needs mean temperatures; they are exact too."""
    network, h_ve = network_of((ROOM,)), np.array([30.0])
    u = np.array([5.0, 500.0, 300.0, 150.0])
    whole = response(network, h_ve, 3600.0).mean[:, :, 0] @ np.concatenate([[26.0, 22.0], u])
    small = response(network, h_ve, 1.0)
    state, total = np.array([26.0, 22.0]), np.zeros(3)
    for _ in range(3600):
        inputs = np.concatenate([state, u])
        total += small.mean[:, :, 0] @ inputs
        state = (small.end[:, :, 0] @ inputs)[:2]
    assert whole == pytest.approx(total / 3600.0, abs=1e-7)


def test_in_the_end_a_room_loses_through_walls_windows_and_air_what_it_gains() -> None:
    """Steady state against U·A by hand: internal gains over the sum of conductances, to ISO 13790's split."""
    zone = replace(ROOM, envelope=replace(ROOM.envelope, infiltration=0.0))
    network = network_of((zone,))
    h_ve, gain = np.array([40.0]), 1000.0
    far = response(network, h_ve, 3600.0)
    state = np.array([10.0, 10.0])
    u = np.array([0.0, 0.0, 0.0, gain])
    for _ in range(20_000):
        state = (far.end[:, :, 0] @ np.concatenate([state, u]))[:2]
    air, mass, surface = far.mean[:, :, 0] @ np.concatenate([state, u])
    lost = h_ve[0] * air + float(network.h_w[0]) * surface + float(network.h_em[0]) * mass
    assert lost == pytest.approx(gain, rel=1e-9)


def test_a_room_inside_the_building_with_no_air_change_keeps_its_heat() -> None:
    """No outside wall and no leak: temperature stands still, nothing blows up at an eigenvalue of zero."""
    core = Zone("core", 40.0)
    weights = response(network_of((core,)), np.array([0.0]), 60.0).end[:, :, 0]
    state = np.array([23.0, 23.0])
    for _ in range(1000):
        state = (weights @ np.concatenate([state, [0.0, 0.0, 0.0, 0.0]]))[:2]
    assert state == pytest.approx([23.0, 23.0], abs=1e-6)


def test_walls_that_conduct_more_than_the_mass_can_pass_on_are_refused() -> None:
    """ISO 13790 splits H_op into two in series; a glass-thin shed has no such split."""
    shed = replace(ROOM, roof_area=400.0, envelope=Envelope(u_roof=9.0, u_wall=9.0))
    with pytest.raises(ValueError, match="room: its walls conduct"):
        network_of((shed,))
