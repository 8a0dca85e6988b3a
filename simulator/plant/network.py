"""The resistor-capacitor network of a zone and its exact solution over a step.

ISO 13790:2008, Annex C, with one node more: the air keeps a heat capacity of its own, so that minutes can be
told apart. Equation numbers in comments are those of the Annex.

    theta_e --H_ve-- air(C_a) --H_is-- surface --H_ms-- mass(C_m) --H_em-- theta_e
                                         |
                                        H_w -- theta_e

The surface node has no capacity, so two states remain and d x / d t = A x + B u is solved by the matrix
exponential: exact for inputs that are constant over the step, for any step length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from config.phrase import Phrase, Said
from simulator.plant.building import Zone

Floats: TypeAlias = NDArray[np.float64]

_IDENTITY = np.eye(2)[:, :, None]
H_IS = 3.45
"""Air to surface, W/(m² K): ISO 13790:2008, 7.2.2.2."""
H_MS = 9.1
"""Surface to mass, W/(m² K): ISO 13790:2008, 12.2.2."""

INPUTS = ("air", "mass", "outdoor", "solar", "internal", "air_side")
"""Columns of a response: both states at the start, °C; outdoor temperature, °C; solar and internal gains, W;
heat given to the air node from ventilation's sources and from the terminal, W."""


@dataclass(frozen=True, eq=False)
class Network:
    """Conductances in W/K and capacities in J/K of all zones; arrays of shape (zones,)."""

    air_capacity: Floats
    mass_capacity: Floats
    h_is: Floats
    h_w: Floats
    h_ms: Floats
    h_em: Floats
    to_mass: Floats
    """Share of the radiant gains that the mass takes: A_m / A_t (C.2)."""
    to_surface: Floats
    """Share that the surface takes: 1 - A_m / A_t - H_w / (9.1 A_t) (C.3). The rest leaves by the windows."""


class NoRoom(Said, ValueError):
    """A zone whose parts make no room; `said` begins with its id."""


def network_of(zones: tuple[Zone, ...]) -> Network:
    """The network of each zone from its areas and U-values. Raises NoRoom for an impossible zone."""
    rows = [_row(zone) for zone in zones]
    columns = np.array(rows, dtype=np.float64).T.reshape(8, len(zones))
    return Network(*(np.ascontiguousarray(column) for column in columns))


def _row(zone: Zone) -> tuple[float, ...]:
    e = zone.envelope
    windows = sum(f.area * f.window_share for f in zone.facades)
    walls = sum(f.area for f in zone.facades) - windows
    surface = e.surface_ratio * zone.area
    mass_area = e.mass.area * zone.area
    h_w = windows * e.u_window
    below = zone.ground_area * e.u_ground * (e.ground_factor if e.ground is None else 1.0)
    h_opaque = walls * e.u_wall + zone.roof_area * e.u_roof + below
    h_ms = H_MS * mass_area
    if h_opaque >= h_ms:
        raise NoRoom(
            Phrase(
                f"{zone.id}: its walls conduct {h_opaque:.0f} W/K, more than its mass can pass on",
                f"{zone.id}：外墙传热 {h_opaque:.0f} W/K，超过其蓄热体所能传递",
            )
        )
    h_em = h_opaque * h_ms / (h_ms - h_opaque)  # 12.2.2: in series with H_ms they make H_op
    to_mass = mass_area / surface
    to_surface = max(0.0, 1.0 - to_mass - h_w / (H_MS * surface))
    return (
        e.inner_capacity * zone.area,
        e.mass.capacity * zone.area,
        H_IS * surface,
        h_w,
        h_ms,
        h_em,
        to_mass,
        to_surface,
    )


class Response(NamedTuple):
    """How a step answers: values as sums over `INPUTS`, arrays of shape (outputs, inputs, zones)."""

    end: Floats
    """Outputs air, mass, surface at the end of the step."""
    mean: Floats
    """Outputs air, mass, surface averaged over the step."""


class Fixed(NamedTuple):
    """What of d x / d t = A x + B u does not change with the air flow; the last axis is the zones'."""

    a: Floats
    """(2, 2, zones) A, 1/s, but for the first element."""
    a11: Floats
    """(zones,) that element times the air's capacity, without the ventilation, W/K."""
    b: Floats
    """(2, 4, zones)."""
    surface: Floats
    """(2, zones) the surface's share of the air's and of the mass's temperature."""
    direct: Floats
    """(6, zones) what the surface has of `INPUTS` directly."""


def fixed(network: Network) -> Fixed:
    """Worked out once for a building."""
    n = network
    total = n.h_is + n.h_w + n.h_ms
    zero, one = np.zeros_like(total), np.ones_like(total)
    a12 = n.h_is * n.h_ms / total / n.air_capacity
    a21 = n.h_ms * n.h_is / total / n.mass_capacity
    a22 = (n.h_ms * (n.h_ms / total - 1.0) - n.h_em) / n.mass_capacity
    # Inputs u = (outdoor, solar, internal, air side); half of the internal gains goes to the air (C.1).
    radiant = 0.5
    b_air = np.array(
        [
            n.h_is * n.h_w / total,
            n.h_is * n.to_surface / total,
            0.5 + radiant * n.h_is * n.to_surface / total,
            one,
        ]
    )
    to_mass = n.h_ms * n.to_surface / total + n.to_mass
    b_mass = np.array([n.h_ms * n.h_w / total + n.h_em, to_mass, radiant * to_mass, zero])
    b = np.array([b_air / n.air_capacity, b_mass / n.mass_capacity])  # (2, 4, zones)
    direct = np.array([zero, zero, n.h_w, n.to_surface, radiant * n.to_surface, zero]) / total
    return Fixed(
        np.array([[zero, a12], [a21, a22]]),
        n.h_is * (n.h_is / total - 1.0),
        b,
        np.array([n.h_is / total, n.h_ms / total]),
        direct,
    )


def response(network: Network, h_ve: Floats, dt: float) -> Response:
    """The exact step response of every zone for air-side conductances `h_ve`, W/K, and a step of `dt` s."""
    known = fixed(network)
    matrix = _matrix(known, network, h_ve)
    exponential, first, second = _functions(matrix, dt, (_exponential, _integral, _mean_integral))
    # The mean of x over the step = phi/dt x + psi B u.
    mean = np.concatenate([first / dt, np.einsum("ijn,jkn->ikn", second, known.b)], axis=1)
    return Response(_end(known, exponential, first), _with_surface(mean, known))


def end_weights(network: Network, known: Fixed, h_ve: Floats, dt: float) -> Floats:
    """`response(...).end` alone, its inputs before its outputs, at a third of the cost. `known` is what `fixed` says."""
    exponential, first = _functions(_matrix(known, network, h_ve), dt, (_exponential, _integral))
    weights = np.empty((len(INPUTS), 3, h_ve.size))
    weights[:2, :2] = exponential.transpose(1, 0, 2)
    # x(dt) = exp(A dt) x + phi B u, and the surface, as in `_end`.
    products = first[:, :, None] * known.b  # (outputs, states, inputs, zones)
    np.add(products[:, 0], products[:, 1], out=weights[2:, :2].transpose(1, 0, 2))
    surface = weights[:, 2]
    np.multiply(weights[:, 0], known.surface[0], out=surface)
    surface += weights[:, 1] * known.surface[1]
    surface += known.direct
    return weights


def _matrix(known: Fixed, network: Network, h_ve: Floats) -> Floats:
    a = known.a.copy()
    a[0, 0] = (known.a11 - h_ve) / network.air_capacity
    return a


def _end(known: Fixed, exponential: Floats, first: Floats) -> Floats:
    """x(dt) = exp(A dt) x + phi B u, and the surface."""
    nodes = np.concatenate([exponential, np.einsum("ijn,jkn->ikn", first, known.b)], axis=1)
    return _with_surface(nodes, known)


def _with_surface(nodes: Floats, known: Fixed) -> Floats:
    """Append the surface node's row: its balance is algebraic in the other two (C.6 to C.11)."""
    surface = nodes[0] * known.surface[0] + nodes[1] * known.surface[1] + known.direct
    return np.concatenate([nodes, surface[None]], axis=0)


def _functions(a: Floats, dt: float, functions: Sequence[Callable[[Floats, float], Floats]]) -> list[Floats]:
    """Functions of the eigenvalues, as of 2 x 2 matrices by Sylvester's formula.

    Both off-diagonals are positive, so the eigenvalues are real and distinct; none is above zero.
    """
    half_trace = (a[0, 0] + a[1, 1]) / 2.0
    root = np.sqrt(((a[0, 0] - a[1, 1]) / 2.0) ** 2 + a[0, 1] * a[1, 0])
    slow = np.minimum(half_trace + root, -1e-14)  # a building with no way out has an eigenvalue of 0
    fast = half_trace - root
    matrices = []
    for f in functions:
        f_slow, f_fast = f(slow, dt), f(fast, dt)
        slope = (f_slow - f_fast) / (slow - fast)
        matrices.append(slope * a + (f_slow - slope * slow) * _IDENTITY)
    return matrices


def _exponential(rate: Floats, dt: float) -> Floats:
    return np.exp(rate * dt)


def _integral(rate: Floats, dt: float) -> Floats:
    """Integral of exp(rate t) from 0 to dt."""
    return np.expm1(rate * dt) / rate


def _mean_integral(rate: Floats, dt: float) -> Floats:
    """Mean over the step of that integral; a series where the difference would cancel."""
    x = rate * dt
    series = dt * (0.5 + x / 6.0 + x**2 / 24.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = (np.expm1(x) / x - 1.0) / rate
    return np.where(np.abs(x) < 1e-4, series, exact)
