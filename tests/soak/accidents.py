"""A day's script: what people do and what goes wrong, drawn from the seed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from config.roles import Role
from drivers.protocol import Address
from schedules.time import DAY
from tests.fakes import Faults
from tests.soak.world import OUTDOORS, UNSETTLED, World

ROOMS = ("o1", "o2", "o3", "meeting", "hall")
"""Those that have a thermometer and are no server room."""
CLIMATE = {
    Role.TEMPERATURE: ((16.3, 26.9), (27.1, 27.9), (28.1, 33.0), (16.1, 16.9), (12.0, 15.9)),
    Role.HUMIDITY: ((30.0, 64.0), (65.5, 69.5), (70.5, 90.0)),
    Role.CO2: ((450.0, 1290.0), (1310.0, 1490.0), (1510.0, 2500.0)),
    Role.OUTDOOR_TEMPERATURE: ((11.1, 26.9), (27.1, 27.9), (28.1, 38.0), (10.1, 10.9), (-9.0, 9.9)),
}
"""Ranges of what may be shown: first the usual one, then those within and beyond each margin of a limit."""
LIES = (float("nan"), -273.0, -273.0, 1e9, float("inf"))


class Happening(NamedTuple):
    """Something at a second of the day."""

    at: float
    do: Callable[[], None]


def script(world: World, overtime: Callable[[str, float], None]) -> list[Happening]:
    """One day, in order of time."""
    day: list[Happening] = []
    for zone in world.site.zones:
        day += _people(world, zone)
        day += _knobs(world, zone)
        day += _climate(world, zone)
    day += _climate(world, OUTDOORS)
    day += _network(world)
    day += _liars(world)
    day += _building(world, overtime)
    day += _computer(world)
    day += _subscriptions(world)
    day += _moments(world)
    day += _strangers(world)
    day += _weather(world)
    return sorted(day, key=lambda h: h.at)


def _people(world: World, zone: str) -> list[Happening]:
    """People come, step out, go; windows open and shut."""
    rng, day = world.rng, []
    present = False
    for _ in range(rng.randint(2, 8)):
        present = not present
        day.append(Happening(rng.uniform(7.5, 19.0) * 3600, lambda v=present: _occupy(world, zone, v)))  # type: ignore[misc] # bound now
    day.append(Happening(rng.uniform(19.0, 23.0) * 3600, lambda: _occupy(world, zone, False)))
    if rng.random() < 0.4:
        opened = rng.uniform(8.0, 17.0) * 3600
        shut = opened + rng.uniform(20.0, 3 * 3600.0)
        day.append(Happening(opened, lambda: _window(world, zone, True)))
        day.append(Happening(shut, lambda: _window(world, zone, False)))
    return day


def _occupy(world: World, zone: str, value: bool) -> None:
    truth = world.zones[zone]
    if truth.occupied != value:
        truth.occupied, truth.occupied_since, truth.signs = value, world.loop(), 0
        world.sense(zone, Role.OCCUPANCY, int(value))


def _window(world: World, zone: str, value: bool) -> None:
    truth = world.zones[zone]
    if truth.window != value:
        truth.window, truth.window_since, truth.signs = value, world.loop(), truth.signs + 1
        world.sense(zone, Role.WINDOW, int(value))


def _knobs(world: World, zone: str) -> list[Happening]:
    """The thermostat at slot 13; another master at slot 8."""
    rng, day = world.rng, []
    knob = world.point(zone, Role.COOLING_SETPOINT)
    if knob is not None and rng.random() < 0.5:
        value = rng.choice((18.0, 22.0, 25.9, 26.0, 27.5))
        day.append(Happening(rng.uniform(7, 20) * 3600, lambda: _turn(world, zone, 13, value)))
        day.append(Happening(rng.uniform(20, 23) * 3600, lambda: _turn(world, zone, 13, None)))
    if knob is not None and rng.random() < 0.05:
        held = rng.uniform(9, 15) * 3600
        day.append(Happening(held, lambda: _hold(world, zone, 1)))
        day.append(Happening(held + rng.uniform(600, 7200), lambda: _hold(world, zone, None)))
    return day


def _turn(world: World, zone: str, slot: int, value: float | None) -> None:
    point = world.point(zone, Role.COOLING_SETPOINT)
    assert point is not None
    before = world.thing(point).present
    world.thing(point).write(value, slot)
    world.zones[zone].turned = world.loop() + UNSETTLED
    world.zones[zone].signs += 1
    if world.thing(point).present != before:
        world.driver.notify(Address(point.device, point.object_type, point.instance), lost=False)


def _hold(world: World, zone: str, value: int | None) -> None:
    point = world.point(zone, Role.START_STOP)
    assert point is not None
    world.thing(point).write(value, 8)
    world.foreign[zone] = float("inf") if value is not None else world.loop() + 2400.0
    world.driver.notify(Address(point.device, point.object_type, point.instance), lost=False)


def _network(world: World) -> list[Happening]:
    """Bad lines, silence, restarts, sensors that lie."""
    rng, day = world.rng, []
    for device in world.site.devices:
        if rng.random() < 0.25:
            begin, length = rng.uniform(0, 0.9) * DAY, rng.uniform(60, 5400)
            day.append(Happening(begin, lambda d=device, s=length: _bad_line(world, d, s)))  # type: ignore[misc] # bound now
            day.append(Happening(begin + length, lambda d=device: _good_line(world, d)))  # type: ignore[misc] # bound now
        if rng.random() < 0.1:
            begin, length = rng.uniform(0, 0.9) * DAY, rng.uniform(10, 5400)
            day.append(Happening(begin, lambda d=device, s=length: _silent(world, d, s, True)))  # type: ignore[misc] # bound now
            day.append(Happening(begin + length, lambda d=device: _silent(world, d, 0.0, False)))  # type: ignore[misc] # bound now
        if rng.random() < 0.1:
            day.append(Happening(rng.uniform(0, 1) * DAY, lambda d=device: _restart(world, d)))  # type: ignore[misc] # bound now
    return day


def _computer(world: World) -> list[Happening]:
    """The page falls over; somebody has its port for a while; the disk is full."""
    rng = world.whims
    day = []
    if rng.random() < 0.06:
        day.append(Happening(rng.uniform(0, 0.9) * DAY, partial(world.fill, rng.uniform(300.0, 3600.0))))
    return day + _page(world)


def _page(world: World) -> list[Happening]:
    rng = world.whims
    if rng.random() >= 0.2:
        return []
    at, length = rng.uniform(0, 0.9) * DAY, rng.choice((0.0, rng.uniform(5.0, 3600.0)))
    fall = Happening(at, partial(world.page.fall, taken=length > 0.0))
    return [fall, Happening(at + length, world.page.free)] if length else [fall]


def _subscriptions(world: World) -> list[Happening]:
    """A controller acknowledges subscriptions and sends nothing, for some hours."""
    rng, day = world.whims, []
    for device in world.site.devices:
        if rng.random() < 0.04:
            at = rng.uniform(0, 0.8) * DAY
            day.append(Happening(at, partial(world.driver.mum.add, device)))
            day.append(
                Happening(at + rng.uniform(1800, 4 * 3600.0), partial(world.driver.mum.discard, device))
            )
    return day


def _strangers(world: World) -> list[Happening]:
    """A controller is replaced by another one, and some hours later by the first again."""
    rng, day = world.whims, []
    for device in world.site.devices:
        if rng.random() < 0.03:
            begin = rng.uniform(0, 0.7) * DAY
            day.append(Happening(begin, partial(world.swap, device, rng.uniform(600.0, 3 * 3600.0))))
    return day


def _weather(world: World) -> list[Happening]:
    """The sun is on the outdoor sensor for some minutes, while it is mild: units are let run, and held off again."""
    rng, day = world.whims, []
    if world.mild():
        for _ in range(2):
            at = rng.uniform(9.5, 16.0) * 3600
            hot, cool = rng.uniform(28.5, 31.0), rng.uniform(15.0, 26.0)
            day.append(Happening(at, partial(world.measure, OUTDOORS, Role.OUTDOOR_TEMPERATURE, hot)))
            after = at + rng.uniform(60.0, 540.0)
            day.append(Happening(after, partial(world.measure, OUTDOORS, Role.OUTDOOR_TEMPERATURE, cool)))
    return day


def _moments(world: World) -> list[Happening]:
    """A room is hot for a few minutes: long enough to be let run, and not to be switched to and fro."""
    rng, day = world.whims, []
    for zone in ROOMS:
        if world.mild() and rng.random() < 0.25:
            at = rng.uniform(9.5, 16.0) * 3600
            day.append(Happening(at, partial(world.measure, zone, Role.TEMPERATURE, rng.uniform(28.5, 30.0))))
            cool = partial(world.measure, zone, Role.TEMPERATURE, rng.uniform(20.0, 26.0))
            day.append(Happening(at + rng.uniform(300.0, 900.0), cool))
    return day


def _climate(world: World, zone: str) -> list[Happening]:
    """Rooms warm up and cool down, are stuffy and aired; and there is weather. Usual by night."""
    rng, day = world.rng, []
    for role in world.senses[zone].roles:
        usual, *others = CLIMATE[role]
        for _ in range(rng.randint(0, 5)):
            value = rng.uniform(*(usual if rng.random() < 0.5 else rng.choice(others)))
            day.append(Happening(rng.uniform(7, 18) * 3600, partial(world.measure, zone, role, value)))
        at = rng.uniform(20, 23) * 3600
        day.append(Happening(at, partial(world.measure, zone, role, rng.uniform(*usual))))
    return day


def _liars(world: World) -> list[Happening]:
    """A sensor shows what no room can be, for half an hour or until it shows something else."""
    rng, day = world.rng, []
    for likely, zones in ((0.6, ROOMS), (0.2, (OUTDOORS,))):
        if rng.random() < likely:
            zone, lie = rng.choice(zones), rng.choice(LIES)
            role = rng.choice(world.senses[zone].roles)
            begin, truth = rng.uniform(0, 0.9) * DAY, rng.uniform(*CLIMATE[role][0])
            day.append(Happening(begin, partial(world.measure, zone, role, lie, lie=True)))
            day.append(Happening(begin + 1800.0, partial(world.measure, zone, role, truth)))
    return day


def _bad_line(world: World, device: str, seconds: float) -> None:
    world.driver.devices[device].faults = Faults(
        lose_request=0.15, lose_answer=0.1, late=0.05, duplicate=0.1, delay=(0.05, 1.2)
    )
    world.trouble(device, seconds)


def _good_line(world: World, device: str) -> None:
    world.driver.devices[device].faults = Faults()


def _silent(world: World, device: str, seconds: float, silent: bool) -> None:
    world.driver.devices[device].silent = silent
    if silent:
        world.silent_since.setdefault(device, world.loop())
    else:
        world.silent_since.pop(device, None)
    world.trouble(device, seconds)


def _restart(world: World, device: str) -> None:
    world.driver.devices[device].restart()
    world.driver.forget(device, announced=world.whims.random() < 0.8)
    world.trouble(device, 0.0)


def _building(world: World, overtime: Callable[[str, float], None]) -> list[Happening]:
    """Fire drills, a clock that is set, somebody who stays late."""
    rng, day = world.rng, []
    if rng.random() < 0.3:
        begin, length = rng.uniform(0, 0.7) * DAY, rng.uniform(30, 7200)
        day.append(Happening(begin, lambda: _fire(world, True)))
        day.append(Happening(begin + length, lambda: _fire(world, False)))
    if rng.random() < 0.1:
        step = rng.choice((-3600.0, 3600.0))
        day.append(Happening(rng.uniform(0, 1) * DAY, lambda: _set_clock(world, step)))
    if rng.random() < 0.3:
        zone = rng.choice(("o1", "o2", "o3", "meeting"))
        day.append(Happening(16.9 * 3600, lambda: overtime(zone, rng.uniform(600.0, 3 * 3600.0))))
    return day


def _fire(world: World, active: bool) -> None:
    point = world.site.building_points[Role.FIRE_ALARM]
    world.thing(point).default = int(active)
    address = Address(point.device, point.object_type, point.instance)
    if not world.driver.notify(address, lost=False) or point.device in world.driver.strangers:
        world.excuse_all(2000.0)
    if active:
        world.fire_since = world.loop()
    else:
        world.fire_since, world.fire_clear = None, world.loop()
    world.excuse_all(300.0)


def _set_clock(world: World, step: float) -> None:
    world.clock.step += step
    world.upset()
    if step < 0:
        # what began before by the old clock lies ahead by the new one: it is waited for once more
        world.excuse_all(UNSETTLED - step)


async def live(world: World, overtime: Callable[[str, float], None]) -> None:
    """Play one day's script, in loop time."""
    begin = world.loop()
    for happening in script(world, overtime):
        await asyncio.sleep(max(0.0, begin + happening.at - world.loop()))
        happening.do()
    await asyncio.sleep(max(0.0, begin + DAY - world.loop()))
