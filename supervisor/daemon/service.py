"""What is said to the service manager: that it is up, that its decision loop turns, that it stops (sd_notify(3))."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import structlog

from config.phrase import Phrase

if TYPE_CHECKING:
    from supervisor.daemon.daemon import Daemon

log = structlog.get_logger()

SUPERVISES: Final = Phrase("supervises its building; its page says more", "正在监管，详见页面")
WAITS_FOR_FILE: Final = Phrase(
    "the site file is not valid: it waits for it to be mended; its page and `check` say what is wrong",
    "站点文件有误：等待改正；问题见页面或 `check`",
)
LOOK_EVERY: Final = 0.1
"""s of wall time between two looks whether the first decisions have been made."""
PARTS: Final = 4
"""How often in the watchdog's time is looked whether the loop has turned: sd_watchdog_enabled(3) asks for twice at the least."""

Beat = Callable[[], object]


class Service:
    """The service manager that has started this process; where none has, nothing is said to anybody.

    `address`: path of its datagram socket, with `@` first for an abstract one. `within`: s without a sign of life after
    which it starts the process again; None where it does not watch.
    """

    def __init__(self, address: str | None = None, within: float | None = None) -> None:
        self._address = address
        self.within = within if address is not None else None
        self._beat: Beat | None = None
        self._turned: object = None
        self._up = self._stops = False

    @property
    def there(self) -> bool:
        """Whether anybody hears."""
        return self._address is not None

    def up(self, status: Phrase) -> None:
        """It does what it was started for, or serves a page that says what it waits for: `systemctl status` shows which."""
        told = f"{status.en} · {status.zh}".replace("\n", " ")
        self._say(*(() if self._up else ("READY=1",)), f"STATUS={told}")
        self._up = True

    def stopping(self) -> None:
        """A stop was asked for; it ends by itself, however long the decision loop has been at rest. Said once."""
        self._beat = None
        if not self._stops:
            self._say("STOPPING=1")
        self._stops = True

    def follow(self, beat: Beat | None) -> None:
        """From now on a sign of life is given only where `beat` has changed since the last; None: as long as the process is not
        stuck as a whole, for one that only waits or stops."""
        self._beat, self._turned = beat, None

    async def watch(self) -> None:
        """Give signs of life until cancelled; ends at once where nobody watches."""
        if self.within is None:
            return
        while True:
            self.live()
            await asyncio.sleep(self.within / PARTS)

    def live(self) -> None:
        """A sign of life, if there is one to give."""
        now = self._beat() if self._beat is not None else None
        if self._beat is None or now != self._turned:
            self._turned = now
            self._say("WATCHDOG=1")

    def _say(self, *lines: str) -> None:
        """One datagram. A manager that cannot be reached is its own trouble: the building is supervised all the same."""
        if self._address is None:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to:
                to.setblocking(False)
                to.sendto("\n".join(lines).encode(), address)
        except OSError as error:
            log.warning("the service manager does not hear", reason=str(error), said=lines[0])


async def follow(service: Service, daemon: Daemon, stop: asyncio.Event) -> None:
    """Tell the service manager how it goes with a daemon, until the stop has begun."""
    if not service.there:
        return
    stopped = asyncio.create_task(stop.wait())
    told: Phrase | None = None
    try:
        while told is not SUPERVISES and not stopped.done():
            now = SUPERVISES if daemon.running.ready else daemon.clock_doubt
            if now is not None and now != told:
                service.follow(lambda: daemon.running.beat)
                service.up(now)
                told = now
            await asyncio.wait({stopped}, timeout=LOOK_EVERY)
        await stopped
        service.stopping()
    finally:
        stopped.cancel()


def service_of(environ: Mapping[str, str] = os.environ) -> Service:
    """The service manager by what it has put into the environment; its watchdog only where that is meant for this process."""
    address = environ.get("NOTIFY_SOCKET") or None
    if address is not None and address[0] not in "/@":
        log.warning("the service manager's socket is of a kind that is not spoken here", address=address)
        return Service()
    meant = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    microseconds = environ.get("WATCHDOG_USEC", "")
    watched = meant and microseconds.isascii() and microseconds.isdigit() and int(microseconds) > 0
    return Service(address, int(microseconds) / 1e6 if watched else None)
