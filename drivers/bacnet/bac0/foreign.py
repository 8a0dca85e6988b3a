"""A foreign device's registration through bacpypes3, which gives it up for good after a refusal or an outage."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final

import structlog

RETRY: Final = 5.0
"""Seconds between two registrations while none is accepted."""

_UNREGISTERED, _ASKED, _REGISTERED = -2, -1, 0
"""bacpypes3's `bbmdRegistrationStatus`; above 0 it is the BBMD's refusal (ASHRAE 135 §J.2.1)."""

_NOT_DISTRIBUTED = 0x60
"""A BBMD's result for a broadcast of somebody who is not registered (§J.2.1)."""

_log = structlog.get_logger(__name__)


async def keep_registered(layer: Any, ttl: int) -> None:
    """Register with the link layer's BBMD at half of `ttl` seconds, or every few seconds until it accepts.

    bacpypes3 0.0.110 by itself renews only when the time is over, forgets a registration that was not renewed
    30 s later without asking again, and takes a refusal for the last word. Runs until cancelled; then the
    BBMD is told that we leave.
    """
    told: int | None = None
    forgotten = _forgotten(layer)
    try:
        while True:
            forgotten.clear()
            _ask(layer)
            await asyncio.sleep(min(RETRY, ttl / 2))
            status = layer.bbmdRegistrationStatus
            if status != told:
                told = status
                _say(layer, status)
            if status == _REGISTERED:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, ttl / 2 - RETRY)):
                        await forgotten.wait()
                        _log.warning("the BBMD has forgotten our registration", bbmd=str(layer.bbmdAddress))
    finally:
        layer.unregister()


def _forgotten(layer: Any) -> asyncio.Event:
    """Set when the BBMD would not pass on a broadcast of ours: it was restarted, and knows us no more.

    bacpypes3 takes no notice, or while a registration is under way takes it for the answer to that.
    """
    forgotten, hear = asyncio.Event(), layer.confirmation

    async def confirmation(lpdu: Any) -> None:
        if getattr(lpdu, "bvlciResultCode", None) == _NOT_DISTRIBUTED:
            if lpdu.pduSource == layer.bbmdAddress:
                forgotten.set()
            return
        await hear(lpdu)

    layer.confirmation = confirmation
    return forgotten


def _ask(layer: Any) -> None:
    """Send one Register-Foreign-Device, as bacpypes3 itself does, whatever came of the one before."""
    layer._stop_tracking_registration()
    if layer.bbmdRegistrationStatus != _REGISTERED:
        layer.bbmdRegistrationStatus = _UNREGISTERED
        layer._registration_event.clear()
    layer._registration_handle = asyncio.get_running_loop().call_soon(layer._start_registration)


def _say(layer: Any, status: int) -> None:
    if status == _REGISTERED:
        _log.info("registered as a foreign device", bbmd=str(layer.bbmdAddress))
    elif status in (_UNREGISTERED, _ASKED):
        _log.warning("no answer from the BBMD", bbmd=str(layer.bbmdAddress))
    else:
        _log.warning("the BBMD refuses the registration", bbmd=str(layer.bbmdAddress), code=f"{status:#06x}")
