"""Letting go of everything: on shutdown, and without a daemon."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from drivers.protocol import DriverError, Retryable
from supervisor.core.decisions import Because
from supervisor.gateway.commandable import Commandable, handed_back
from supervisor.gateway.context import Context
from supervisor.gateway.writes import Writes

AT_ONCE = 8
"""Points of one device let go at a time: half of what a device is asked in normal operation."""
_SPREAD = 0.5
"""The share of the deadline over which starts are spread; the rest is for retries."""
LOOK_AGAIN = 0.5
_SHUTDOWN = Because("the supervisor stops: handed back", "监管程序停止：交还")


class Released(NamedTuple):
    """Points let go, points that still hold a slot of ours, and those kept by `on_exit: hold`."""

    released: tuple[str, ...]
    failed: tuple[str, ...]
    held: tuple[str, ...]


async def release(
    context: Context, writes: Writes, points: Iterable[Commandable], deadline: float, *, hold: bool
) -> Released:
    """Let go of every slot that the journal says is ours, devices side by side, within `deadline` seconds."""
    ours = [c for c in points if c.owned is not None or c.uncertain or c.open]
    held = [c for c in ours if hold and c.equipment is not None and c.equipment.on_exit == "hold"]
    todo = [c for c in ours if c not in held]
    starting = [c for c in todo if writes.would_start(c)]
    spacing = min(context.site.stagger, deadline * _SPREAD / len(starting)) if starting else 0.0
    gates = {c.key.device: asyncio.Semaphore(AT_ONCE) for c in todo}
    until = context.wall() + deadline

    async def one(c: Commandable, after: float) -> bool:
        if after > 0:
            await context.sleep(after)
        async with gates[c.key.device]:
            return await _until_done(context, writes, c, until)

    delays = {id(c): i * spacing for i, c in enumerate(starting)}
    tasks = [asyncio.create_task(one(c, delays.get(id(c), 0.0))) for c in todo]
    try:
        if tasks:
            finished = asyncio.Event()
            everything = asyncio.gather(*tasks, return_exceptions=True)
            everything.add_done_callback(lambda _: finished.set())
            await context.wait(finished, deadline)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    done = [t.done() and not t.cancelled() and t.exception() is None and t.result() for t in tasks]
    return Released(
        tuple(c.name for c, ok in zip(todo, done, strict=True) if ok),
        tuple(c.name for c, ok in zip(todo, done, strict=True) if not ok),
        tuple(c.name for c in held),
    )


async def _until_done(context: Context, writes: Writes, c: Commandable, until: float) -> bool:
    """Let go of one point, again and again while its device is silent."""
    pause, overtaken = 0.1, c.uncertain
    while context.wall() < until:
        try:
            if await writes.let_go(c, handed_back(c, _SHUTDOWN), forced=True):
                if not overtaken:
                    return True
                # A write was under way when we were told to stop: it may land after our NULL. Look again.
                overtaken = False
                await context.sleep(LOOK_AGAIN)
                await writes.reads.refresh(c)
                await writes.reads.sort_out(c)
                continue
        except Retryable:
            pass
        except DriverError as error:
            context.trouble(c.name, f"not released: {error.message}", f"未能释放：{error.message}")
            return False
        await context.sleep(pause)
        pause = min(1.0, pause * 2)
    return False
