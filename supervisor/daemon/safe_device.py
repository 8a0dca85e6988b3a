"""The device of our own while nothing runs: it is there, and says that nothing is supervised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NoReturn

import structlog

from config.phrase import Phrase
from config.site import Site
from drivers.protocol import Line, Misconfigured
from supervisor import __version__

log = structlog.get_logger()


def safe_device(site: Site | None, line: Callable[[Site], Line]) -> Callable[[], Any] | None:
    """What serves it by a configuration; None where there is none, or it has no such device."""
    return partial(_serve, site, line) if site is not None and site.bacnet_device is not None else None


async def _serve(site: Site, line: Callable[[Site], Line]) -> None:
    """Until cancelled, on a wire of its own, which is closed before this ends; imported only where there is such a device.
    Raises Misconfigured, Clash."""
    from drivers.bacnet.serving.device import Hosting
    from supervisor.telling.bacnet_device.face import Face

    reader = line(site).reader
    if not isinstance(reader, Hosting):
        raise Misconfigured("bacnet_device", "no wire of this site speaks BACnet")
    face = Face(lambda: site, site.language or "en", __version__, None, _nobody, lambda: False, _tell)
    await reader.start()
    try:
        await face.serve(reader)
    finally:
        await reader.stop()


async def _nobody(request: Mapping[str, Any]) -> NoReturn:
    raise AssertionError(f"nobody runs who could be asked: {request}")


def _tell(kind: str, said: Phrase) -> None:
    log.warning("the device of our own", kind=kind, said=said.en, zh=said.zh)
