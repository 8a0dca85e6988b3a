"""The road of one reading: which of our functions it passes from the datagram to the write, and to the page.

`scripts/road` runs the whole daemon in this process, as `run` does, with one room on a real wire. Its thermostat is turned from
26 to 22 °C; the change comes as a notification, the rule holds 26, we write it and read it back, and the page is asked.
Every function of ours that runs meanwhile is noted, in whatever thread, and is one of three:

- **passed**: the reading, or what has become of it, goes on from within it. It makes the next thing of it (`STATIONS`: an answer,
  a reading, a view, a demand, a decision, a wire value, an intent, a write), or it stands on the stack of one that does. This is the
  road, and what the aim is about. A station that no round came by is an error: the count would be of another road.
- **asked**: it was called on the way, and answered: what the season is, whether a rule that has nothing to say has, what the slot holds,
  who the device is. The reading went on from whoever asked. Counted as well (`asked`), for a change of one reading
  pays for it: those that call another of ours, as each of them is a place where somebody may get lost.
- **told** (`told`): who listens to the turn: recording, ledger, tally, events. Nothing goes on to the write from there.

What one round ran and another did not is none of the three: the daemon did it by its clock.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import inspect
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, Final, NamedTuple

import httpx

from config.load import load_text
from config.site import Site
from supervisor.clockwork.clock import SiteClock
from supervisor.daemon import logs
from supervisor.daemon.assemble import Run, supervise
from supervisor.daemon.stopping import Stop
from tests.contract import wire
from tests.contract.scripted import ScriptedDevice, Thing
from tests.networks import subnet
from tests.ports import free_everywhere, free_tcp

ROOT: Final = Path(__file__).parents[2]
OURS: Final = tuple(
    str(ROOT / package) + "/" for package in ("config", "schedules", "drivers", "simulator", "supervisor")
)
NOON: Final = "2026-07-15T12:00:00+08:00"
ROOM, KNOB, RUN = (0, 1), (2, 1), (5, 1)
ROUNDS: Final = 3
QUIET: Final = 1.5
"""Seconds without a datagram after which the device has been told, and asked, all."""
PATIENCE: Final = 60.0
_FOLDED: Final = ("<lambda>", "<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>")

SITE: Final = """\
version: 1
building: road
timezone: Asia/Shanghai
dry_run: false
writes_per_minute: 1000
hours: {{office: 00:00-23:59}}
season: {{method: dates, dates: {{spring: 03-20, summer: 06-01, autumn: 10-01, winter: 12-01}}}}
zones:
  room:
    hours: office
    equipment: {{fcu: controller/0}}
templates:
  fcu:
    kind: fcu
    points:
      start_stop: {{object: binary-value:1, writable: true}}
      cooling_setpoint: {{object: analog-value:1, writable: true}}
      temperature: analog-input:1
devices:
  controller: {{instance: 4711, address: {host}:{port}, poll: 1h}}
bacnet: {{stack: {stack}, bind: {ours}, port: {our_port}, cov_lifetime: 8h}}
http: {{port: {http}}}
"""


STATIONS: Final = (
    # a notification becomes an answer, and waits for the building
    "drivers.bacnet.octets:single < {stack}.{told}",
    "drivers.care.latest:Latest.put",
    "drivers.care.latest:Latest.stream",
    # an answer becomes a reading, and marks its zone
    "supervisor.field.vetted:VettedReader.changes",
    "drivers.values:decode < supervisor.core.known:Known.put",
    "supervisor.core.known:Known.put",
    "supervisor.core.decider:Decider.touch < supervisor.daemon.running:Running._deliver",
    # a view, a demand, a decision, which waits for the worker
    "supervisor.core.known:Known.point",
    "supervisor.core.rules.setpoints:_wants",
    "supervisor.core.rules.setpoints:_because",
    "supervisor.core.engine:_one_winner",
    "supervisor.gateway.commandable:Wish.submit",
    "supervisor.gateway.worker:Worker.enqueue",
    # the command as the wire has it, the intent, and the journal
    "drivers.values:encode < supervisor.gateway.writes:Writes.hold",
    "supervisor.gateway.commandable:Commandable._fitted",
    "supervisor.gateway.slot:Slot.taking",
    "supervisor.gateway.writes:intent_row",
    "supervisor.gateway.slot:Slot.intend",
    "supervisor.store.writer:Store._give < supervisor.gateway.writes:Writes.hold",
    "supervisor.store.audit:put_slot",
    "supervisor.store.audit:Chain.add",
    # the write
    "supervisor.gateway.slot:Slot.hand",
    "supervisor.field.vetted:_down",
    "drivers.bacnet.apdu:encode",
    "{stack}._put",
    "{send} < drivers.bacnet.stack:Stack.write",
    # the page: the room as it stands, its row, its figures
    "supervisor.telling.looking:_setpoint",
    "supervisor.telling.rows:_setpoint",
    "supervisor.telling.web.render:_render",
)
"""What makes the next thing of the reading, or hands it to the next task; with `<`, only where that stands on its stack."""
STACKS: Final = {
    "rusty": {
        "stack": "drivers.bacnet.rusty.driver:RustyDriver",
        "send": "drivers.bacnet.rusty.port:Port.send",
        "told": "_told_there",
    },
    "bac0": {
        "stack": "drivers.bacnet.bac0.driver:Bac0Driver",
        "send": "drivers.bacnet.bac0.link:Link._begin",
        "told": "_cov",
    },
}
LISTENERS: Final = "supervisor.daemon.running:Running._tell"


class Step(NamedTuple):
    """A function of ours, and the file it stands in."""

    file: str
    name: str

    def __str__(self) -> str:
        return f"{self.file.removesuffix('.py').replace('/', '.')}:{self.name}"


class Road:
    """Notes each function of ours that runs while `open`: which are passed, which called another one of ours, and which only
    ran because a turn was told."""

    def __init__(self, stations: Iterable[str] = ()) -> None:
        self._stations: dict[str, list[str]] = {}
        for station in stations:
            name, _, under = station.partition(" < ")
            self._stations.setdefault(name, []).append(under)
        self.steps: dict[Step, None] = {}
        self.passed: dict[Step, None] = {}
        self.callers: set[Step] = set()
        self.untold: set[Step] = set()
        """Those that ran otherwise than because a turn was told."""
        self.met: set[str] = set()
        self.open = False

    def __enter__(self) -> Road:
        threading.setprofile(self._ran)
        sys.setprofile(self._ran)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)

    @property
    def missed(self) -> list[str]:
        """Stations that nothing came by."""
        return sorted(self._stations.keys() - self.met)

    def clear(self) -> None:
        """Forget what was noted."""
        for noted in (self.steps, self.passed, self.callers, self.untold, self.met):
            noted.clear()

    def _ran(self, frame: FrameType, event: str, _: Any) -> None:
        if not self.open or event != "call" or not _is_ours(frame):
            return
        stack = _stack(frame)
        step = stack[0]
        self.steps.setdefault(step)
        if (caller := next((above for above in stack if above != step), None)) is not None:
            self.callers.add(caller)
        names = [str(each) for each in stack]
        if LISTENERS not in names:
            self.untold.add(step)
        for under in self._stations.get(names[0], ()):
            if not under or under in names:
                self.met.add(names[0])
                self.passed.update(dict.fromkeys(reversed(stack)))


def _stack(frame: FrameType | None) -> list[Step]:
    """Functions of ours on a stack, the innermost first."""
    found: list[Step] = []
    while frame is not None:
        if _is_ours(frame) and (not found or found[-1] != _step(frame)):
            found.append(_step(frame))
        frame = frame.f_back
    return found


def _is_ours(frame: FrameType) -> bool:
    """Python of our packages: no templates, no class bodies, no modules, no code that a decorator wrote."""
    code = frame.f_code
    ours = code.co_filename.startswith(OURS) and code.co_filename.endswith(".py")
    return ours and code.co_name != "<module>" and bool(code.co_flags & inspect.CO_NEWLOCALS)


def _step(frame: FrameType) -> Step:
    """The function that a frame is of; comprehensions and lambdas are of the function that they stand in."""
    name = frame.f_code.co_qualname
    while name.endswith(_FOLDED) and "." in name:
        name = name.rpartition(".")[0].removesuffix(".<locals>")
    return Step(str(Path(frame.f_code.co_filename).relative_to(ROOT)), name)


TO_WRITE, TO_READ_BACK, TO_PAGE = range(3)
STRETCHES: Final = (
    "from the datagram to the write",
    "from the write to its read-back",
    "from there to the page",
)


class Travelled(NamedTuple):
    """One round: every function that ran, in order, with its stretch; those that were passed, those that called another of
    ours, and those that ran otherwise than because a turn was told."""

    steps: dict[Step, int]
    callers: frozenset[Step]
    passed: frozenset[Step]
    untold: frozenset[Step]

    def on_the_road(self, far: int) -> list[Step]:
        """What the reading passes as far as the end of a stretch."""
        return [step for step, place in self.steps.items() if place <= far and step in self.passed]

    def asked(self, far: int) -> list[Step]:
        """Those that were called on the way, answered, and had to ask others of ours."""
        aside = self.callers & self.untold - self.passed
        return [step for step, place in self.steps.items() if place <= far and step in aside]

    def told(self, far: int) -> list[Step]:
        """Those that only listen, and call others of ours."""
        aside = self.callers - self.untold - self.passed
        return [step for step, place in self.steps.items() if place <= far and step in aside]


async def travel(stack: str, folder: Path, road: Road) -> list[Travelled]:
    """Run a daemon; send one reading through it and ask for the page, several times."""
    site, device, page = _building(stack)
    await device.start()
    stop = Stop()
    clock = SiteClock(datetime.fromisoformat(NOON).timestamp())
    daemon = asyncio.create_task(supervise(Run(site, clock, folder, stop=stop)))
    try:
        await _until(lambda: bool(device.subscribers) or daemon.done())
        await _quiet(device)
        # The first round asks who the controller is, and fills what is remembered: it does not count.
        rounds = [await _round(device, page, road) for _ in range(ROUNDS + 1)][1:]
        if missed := road.missed:
            raise SystemExit(f"nothing came by {', '.join(missed)}: STATIONS names another road")
        return rounds
    finally:
        road.open = False
        stop.signal()
        await daemon
        await device.stop()


class _Landed(list[bytes]):
    """Writes as they land, and how far the road was then: what runs from there on is their read-back, however late we look."""

    def __init__(self, road: Road) -> None:
        super().__init__()
        self.marks: list[int] = []
        self._road = road

    def append(self, value: bytes) -> None:
        """One has landed."""
        self.marks.append(len(self._road.steps))
        super().append(value)


async def _round(device: ScriptedDevice, page: str, road: Road) -> Travelled:
    """Turn the thermostat to 22 °C, see 26 written and on the page; turn it to 27, see the slot let go."""
    road.clear()
    device.writes = landed = _Landed(road)
    road.open = True
    _turned(device, 22.0)
    await _until(lambda: bool(landed))
    marks = landed.marks[:1]
    await _quiet(device)
    marks.append(len(road.steps))
    await asyncio.to_thread(lambda: httpx.get(page, timeout=30).raise_for_status())
    road.open = False
    assert landed == [wire.real(26.0)], "the rule holds 26 °C, once"
    steps = {step: sum(place >= mark for mark in marks) for place, step in enumerate(road.steps)}
    _turned(device, 27.0)
    await _until(lambda: len(landed) == 2)
    await _quiet(device)
    return Travelled(steps, frozenset(road.callers), frozenset(road.passed), frozenset(road.untold))


def common(rounds: list[Travelled]) -> Travelled:
    """What every round ran: what else the daemon does by its clock falls out."""
    last = rounds[-1]
    steps = {
        step: max(each.steps[step] for each in rounds)
        for step in last.steps
        if all(step in each.steps for each in rounds)
    }
    return Travelled(
        steps,
        frozenset.intersection(*(each.callers for each in rounds)),
        frozenset.intersection(*(each.passed for each in rounds)),
        frozenset.union(*(each.untold for each in rounds)),
    )


def _turned(device: ScriptedDevice, value: float) -> None:
    """Somebody turns the thermostat: its own slot, beneath ours."""
    device.things[KNOB].slots[15] = wire.real(value)
    device.change(KNOB, wire.real(value))


def _building(stack: str) -> tuple[Site, ScriptedDevice, str]:
    """One room, its controller, and where its page is."""
    ours, host = f"{subnet(9)}.1", f"{subnet(9)}.11"
    port, http = free_everywhere([host], ours), free_tcp()
    text = SITE.format(host=host, port=port, stack=stack, ours=ours, our_port=port + 1, http=http)
    loaded = load_text(text)
    assert loaded.site is not None, loaded.problems
    things = {
        ROOM: Thing(wire.real(25.0)),
        KNOB: Thing(b"", wire.real(26.0)),
        RUN: Thing(b"", wire.enumerated(1)),
    }
    return loaded.site, ScriptedDevice(4711, (host, port), things), f"http://127.0.0.1:{http}/"


async def _until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not happened():
            await asyncio.sleep(0.001)


async def _quiet(device: ScriptedDevice) -> None:
    """Until the device has not been asked anything for a while."""
    heard = -1
    while heard != len(device.log):
        heard = len(device.log)
        await asyncio.sleep(QUIET)


def passing_on(found: Travelled) -> list[Step]:
    """Those on the road whose body is one call."""
    return [step for step in found.on_the_road(TO_PAGE) if step.name in _one_call(step.file)]


@cache
def _one_call(file: str) -> frozenset[str]:
    found: set[str] = set()

    def walk(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                walk(child, f"{prefix}{child.name}.")
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                body = [
                    s
                    for s in child.body
                    if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
                ]
                if len(body) == 1 and isinstance(body[0], ast.Return | ast.Expr):
                    value = body[0].value
                    value = value.value if isinstance(value, ast.Await) else value
                    if isinstance(value, ast.Call):
                        found.add(prefix + child.name)
                walk(child, f"{prefix}{child.name}.<locals>.")

    walk(ast.parse((ROOT / file).read_text(encoding="utf-8")), "")
    return frozenset(found)


def told(found: Travelled) -> str:
    """The road as a page: each stretch with its functions, in the order in which they first ran."""
    lines = []
    for number, title in enumerate(STRETCHES):
        stretch = [step for step, place in found.steps.items() if place == number]
        on_it = [step for step in stretch if step in found.passed]
        lines += [f"{title}: {counted(on_it)}; {counted(stretch)} ran"]
        lines += [f"  {_mark(found, step)}{step}" for step in stretch] + [""]
    lines += [
        "? asked, and asks others; · asked, and asks nobody; < listens. These on the road merely pass on:"
    ]
    lines += [f"  {step}" for step in passing_on(found)]
    return "\n".join(lines)


def _mark(found: Travelled, step: Step) -> str:
    if step in found.passed:
        return ""
    return "< " if step not in found.untold else "? " if step in found.callers else "· "


def counted(steps: Iterable[Step]) -> str:
    """`115 functions in 36 files`."""
    found = list(steps)
    return f"{len(found)} functions in {len({step.file for step in found})} files"


def main() -> int:
    """Print the road; 1 where it is longer than the aim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack", choices=["bac0", "rusty"], default="rusty")
    parser.add_argument("--most-functions", type=int, default=70, help="from the datagram to the write")
    parser.add_argument("--most-files", type=int, default=22, help="in which these stand")
    options = parser.parse_args()
    logs.configure(quiet=True)
    stations = [station.format(**STACKS[options.stack]) for station in STATIONS]
    with tempfile.TemporaryDirectory() as folder, Road(stations) as road:
        found = common(asyncio.run(travel(options.stack, Path(folder), road)))
    print(told(found))
    to_write, to_page = found.on_the_road(TO_WRITE), found.on_the_road(TO_PAGE)
    files = len({step.file for step in to_write})
    too_long = len(to_write) > options.most_functions or files > options.most_files
    everything = [*to_write, *found.asked(TO_WRITE), *found.told(TO_WRITE)]
    print(
        f"\nto the write: {counted(to_write)}; asked on the way {counted(found.asked(TO_WRITE))}; "
        f"listening {counted(found.told(TO_WRITE))}; all of these {counted(everything)}"
        f"\nstack={options.stack} to_write={len(to_write)} files={files} to_page={len(to_page)} "
        f"page_files={len({step.file for step in to_page})} asked={len(found.asked(TO_WRITE))} "
        f"told={len(found.told(TO_WRITE))} ran={len(found.steps)} "
        f"aim={options.most_functions}/{options.most_files} {'NOT met' if too_long else 'met'}"
    )
    return int(too_long)


if __name__ == "__main__":
    sys.exit(main())
