"""Fires datagrams at the daemon as fast as its kernel queue empties, and judges what came of it."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from drivers.care.bind import can_bind
from tests.contract import wire
from tests.fuzz.target import NETWORK, Target
from tests.fuzz.watch import HANG, Pulse, Queue, megabytes, queue
from tests.waiting import last_answer

BATCH: Final = 32
"""Datagrams between two looks at the queue: 32 of the longest are a quarter of Linux's default receive buffer."""
FULL: Final = 32_768
"""Octets waiting in the kernel above which nothing more is sent."""
RATE: Final = 5_000.0
"""Datagrams a second at most unless told otherwise, so that polls, answers and notifications go on in between."""
PATIENCE: Final = 10.0
"""Seconds in which a queue that is full must move, else the daemon hangs."""
WARM: Final = 0.2
"""Share of the storm after which memory is first weighed."""
GROWTH: Final = 32.0
"""MB by which the daemon may have grown since then."""
SEEN: Final = 0.99
UNASKED: Final = 75.0
"""Seconds for which a controller may go unasked: one that talks nonsense is left alone for 60 s ± 20 %."""
FROM_DEVICES: Final = 0.3
"""Share that comes from the controllers' own addresses."""
TO_BROADCAST: Final = 0.05
"""Share that goes to the subnet's broadcast address, where the stack listens there."""
_STRANGERS: Final = 8


@dataclass
class Figures:
    """What a storm came to. `verdict` says what is wrong with it."""

    stack: str
    seed: int
    sent: int = 0
    seen: int = 0
    hangs: int = 0
    deaf: int = 0
    """1 where our own device answered a stranger's question before the storm, and no more after it."""
    writes_caused: int = 0
    rss_growth_mb: float = 0.0
    writes: int = 0
    """All that reached the controllers meanwhile, those that decisions asked for too."""
    slots_wrong: int = 0
    recovered_s: float = 0.0
    worst_answer_s: float = 0.0
    unasked_s: float = 0.0
    """The longest time for which a controller was not asked anything."""
    poisoned: int = 0
    """Of `sent`, false acknowledgements to requests that were open."""
    seconds: float = 0.0
    left: int = 0
    """Slots that were still ours after the daemon had been stopped."""
    exit_code: int = 0
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        rate = self.sent / self.seconds if self.seconds else 0.0
        return (
            f"stack={self.stack} seed={self.seed} sent={self.sent} seen={self.seen} hangs={self.hangs} "
            f"writes_caused={self.writes_caused} rss_growth_mb={self.rss_growth_mb:.1f} writes={self.writes} "
            f"deaf={self.deaf} slots_wrong={self.slots_wrong} left={self.left} exit={self.exit_code} poisoned={self.poisoned} "
            f"worst_answer_s={self.worst_answer_s:.2f} unasked_s={self.unasked_s:.1f} "
            f"recovered_s={self.recovered_s:.1f} seconds={self.seconds:.0f} per_s={rate:.0f}"
        )

    def verdict(self) -> list[str]:
        """What is off, in words; empty when nothing is."""
        found = {
            "fewer than 99 % were seen": self.seen < SEEN * self.sent,
            "the daemon hung": self.hangs > 0,
            "our device answers no more": self.deaf > 0,
            "writes that nobody decided": self.writes_caused > 0,
            f"memory grew by more than {GROWTH:g} MB": self.rss_growth_mb > GROWTH,
            "slots are not as decided": self.slots_wrong > 0,
            "slots were left behind": self.left > 0,
            "the daemon did not stop well": self.exit_code != 0,
            f"a controller was not asked for {UNASKED:g} s": self.unasked_s > UNASKED,
        }
        return [what for what, off in found.items() if off]


class Storm:
    """Fires `count` datagrams at a target, `rate` a second at most."""

    def __init__(self, target: Target, count: int, rate: float, told: Callable[[str], None]) -> None:
        self.target, self.count, self.rate, self._told = target, count, rate, told
        self.sent = 0
        self._host, self._port = target.address
        ports = [self._port, *[0] * (_STRANGERS - 1)]
        self._from = [_stranger(f"{NETWORK}.{200 + n}", port) for n, port in enumerate(ports)]
        self._devices = target.devices
        self._broadcast = not can_bind(f"{NETWORK}.255", self._port)

    def run(self) -> Figures:
        """Fire, wait until all is read, judge, stop the daemon."""
        target, daemon = self.target, self.target.daemon
        figures = Figures(target.site.bacnet.stack, 0)
        target.began = time.time()
        before, poisoned, answered = self._queue(), target.poison.put, self._answers()
        began, weighed = time.monotonic(), 0.0
        with Pulse(target.files.http) as pulse:
            for start in range(0, self.count, BATCH):
                if not weighed and start >= WARM * self.count:
                    weighed = megabytes(daemon.process.pid)
                for _ in range(min(BATCH, self.count - start)):
                    self._fire()
                figures.hangs += not self._drained(FULL)
                ahead = began + self.sent / self.rate - time.monotonic()
                time.sleep(max(0.0, ahead))  # the pace is the storm: a real wire, a real daemon
                if start % (BATCH * 1000) == 0 and start:
                    self._told(f"{self.sent} sent, {megabytes(daemon.process.pid):.0f} MB")
            figures.hangs += not self._drained(0)
            figures.seconds = time.monotonic() - began
            figures.unasked_s = target.silences()
            target.wires.tamper = None
            figures.rss_growth_mb = megabytes(daemon.process.pid) - weighed
            figures.recovered_s, wrong = target.recovers()
        figures.deaf = int(answered and not self._answers())
        figures.poisoned = target.poison.put - poisoned
        figures.sent = self.sent + figures.poisoned
        figures.seen = figures.sent - (self._queue().drops - before.drops)
        figures.hangs += pulse.hangs
        figures.worst_answer_s = pulse.worst
        figures.writes = len(target.writes())
        uncalled_for = target.uncalled_for()
        figures.writes_caused, figures.slots_wrong = len(uncalled_for), len(wrong)
        figures.notes = [*map(str, uncalled_for), *wrong]
        return figures

    def close(self) -> None:
        """Free the strangers' addresses."""
        for each in self._from:
            each.close()

    def _queue(self) -> Queue:
        return queue((self._host, self._port), (f"{NETWORK}.255", self._port))

    def _fire(self) -> None:
        dice, datagram = self.target.corpus.dice, self.target.corpus.next()
        host = self._host
        if self._broadcast and dice.random() < TO_BROADCAST:
            host = f"{NETWORK}.255"
        try:
            if dice.random() < FROM_DEVICES:
                self.target.wires.inject(dice.choice(self._devices), datagram, (host, self._port))
            else:
                dice.choice(self._from).sendto(datagram, (host, self._port))
        except BlockingIOError:
            return  # the kernel took no more: not sent
        self.sent += 1

    def _answers(self) -> bool:
        """Whether our device tells a stranger its name; rusty-bacnet's client has none to tell.

        Asked thrice, two seconds apart: bacpypes3 keeps what it could not decode for three seconds, and while
        `drivers.bacnet.bac0.link.MOST_SERVED` are open it takes nothing more.
        """
        asked = wire.context(0, wire.object_id(8, self.target.site.bacnet.instance)) + wire.context(
            1, b"\x4d"
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as front_end:
            front_end.bind((f"{NETWORK}.199", 0))
            front_end.settimeout(HANG)
            for invoke in (1, 2, 3):
                request = bytes((0x00, 0x05, invoke, wire.READ_PROPERTY)) + asked
                front_end.sendto(wire.datagram(request, reply=True), (self._host, self._port))
                with contextlib.suppress(TimeoutError):
                    frame = wire.parse(front_end.recv(1500))
                    return frame is not None and frame.type == wire.COMPLEX_ACK
        return False

    def _drained(self, most: int) -> bool:
        """Wait until no more than `most` octets are waiting. False where the queue does not move at all."""
        waiting = self._queue().waiting
        while waiting > most:
            now = last_answer(lambda: self._queue().waiting, waiting.__gt__, PATIENCE, 0.001)
            if now >= waiting:
                return False
            waiting = now
        return True


def _stranger(host: str, port: int) -> socket.socket:
    """A socket on an address that no controller has; one of them on the daemon's own port."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.bind((host, port))
    return made
