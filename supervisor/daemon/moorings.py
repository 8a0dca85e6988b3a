"""Whether the address that the controllers are reached from is still this machine's: told, and followed where the site file names none.

A lease that ends with another address, or somebody who changes the network, leaves our port bound to an address that nobody has: no
controller would be heard for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from config.phrase import Phrase
from drivers.care.bind import Adrift, Moored

LOOK_EVERY: Final = 5.0
"""s of wall time between two looks. An address that is gone at two of them in a row has gone: a network that is set up anew may
take it away and put it back. A site choice."""

Tell = Callable[[str, str, str, str], None]


class Moorings:
    """Of one daemon: `reader` is what reads its wire now, `rewire` opens that anew, `tell` tells people."""

    def __init__(
        self, reader: Callable[[], object], rewire: Callable[[], Awaitable[None]], tell: Tell
    ) -> None:
        self._reader, self._rewire, self._tell = reader, rewire, tell
        self._before: Adrift | None = None
        self._told: str | None = None
        """The address of which it was told that it has gone."""

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            await self.look()

    async def look(self) -> None:
        """Once: tell of an address that has gone, or is back; work from the new one."""
        reader = self._reader()
        found = reader.adrift() if isinstance(reader, Moored) else None
        before, self._before = self._before, found
        if found is None:
            if self._told is not None and before is None:
                self._say("recovered", _back(self._told))
                self._told = None
            return
        if before is None or before.was != found.was:
            return
        if found.now is not None:
            self._say("alert", _followed(found.was, found.now))
            self._told = self._before = None
            await self._rewire()
        elif self._told != found.was:
            self._told = found.was
            self._say("alert", _gone(found.was))

    def _say(self, kind: str, said: Phrase) -> None:
        self._tell("gateway", kind, said.en, said.zh)


def _gone(was: str) -> Phrase:
    return Phrase(
        f"our address {was} is no longer this machine's: no controller is reached. Give it back to the machine, or change "
        "`bacnet: bind`; where that is left out, the address that the controllers are routed to is taken as soon as there is one",
        f"本机已不再拥有地址 {was}：无法到达任何控制器。请恢复该地址，或修改 bacnet: bind；若未写 bind，一旦出现通往控制器的地址即自动改用",
    )


def _followed(was: str, now: str) -> Phrase:
    return Phrase(
        f"our address {was} is no longer this machine's: the controllers are reached from {now} from now on",
        f"本机已不再拥有地址 {was}：今后改用 {now} 访问控制器",
    )


def _back(was: str) -> Phrase:
    return Phrase(f"our address {was} is this machine's again", f"本机重新拥有地址 {was}")
