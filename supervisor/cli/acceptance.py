"""`doctor --accept`: a replaced or moved device is taken for ours, at a person's word."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from config.phrase import Phrase
from config.site import Site
from drivers.protocol import DriverError, Sighting
from supervisor.cli.common import fail, refused
from supervisor.daemon.socket import NoDaemon, ask
from supervisor.field.register import Register


async def asked(folder: Path, what: str) -> dict[str, Any] | None:
    """What a daemon that runs says of itself: its socket alone may be what a killed one left behind."""
    try:
        answer = await ask(folder, {"do": what}, timeout=10.0)
    except NoDaemon:
        return None
    return None if "error" in answer else answer


async def accept_device(site: Site, folder: Path, device: str, by: str) -> Phrase:
    """Take a replaced or moved device for ours: through the running daemon, else in its database. What was done.

    Raises NoDaemon, StoreProblem, OSError; exits 1 for a device that is not there or not in quarantine.
    """
    from supervisor.daemon.assemble import open_store
    from supervisor.field.kept import register_of

    if device not in site.devices:
        every = ", ".join(site.devices)
        fail(
            Phrase(f"no device is called {device}", f"没有名为 {device} 的控制器"),
            Phrase(f"one of {every}", f"可选：{every}"),
        )
    if await asked(folder, "status") is not None:
        answer = await ask(folder, {"do": "accept", "device": device, "name": by})
        if "error" in answer:
            fail(refused(answer))
        return Phrase(f"{device} accepted; it is written again", f"已确认 {device}，恢复写入")
    store = open_store(site, folder)
    try:
        register = register_of(store)
        seen = await _sought(site, folder, register, device)
        if (
            seen is not None
            and site.devices[device].address is not None
            and register.accept(site.devices[device])
        ):
            return Phrase(
                f"{device} accepted at {seen.there}: the daemon reads and writes it there from its next start on",
                f"已确认 {device} 位于 {seen.there}：守护进程下次启动后在该处读写",
            )
        register.forget(site.devices[device])
    finally:
        store.close()
    return Phrase(
        f"{device} accepted: the daemon takes whatever it finds there at its next start for the device that it is",
        f"已确认 {device}：守护进程下次启动时，以该处实际的设备为准",
    )


async def _sought(site: Site, folder: Path, register: Register, device: str) -> Sighting | None:
    """Where a device is said to be that is not at home, looked for on the wire; None: it is, or it is not looked for."""
    from supervisor.daemon.assemble import make_line
    from supervisor.field.vetted import vetted

    line = make_line(site, state_dir=folder)
    try:
        reader = vetted(site, line, register).reader
        await line.reader.start()
        for _ in range(2):  # once to miss it, once to look for it
            with contextlib.suppress(DriverError):
                await reader.identify(device)
                return None
        return register.sightings.get(device)
    except DriverError:
        return None  # the port cannot be had
    finally:
        await line.reader.stop()
