"""Starting with a site file that is not valid: let go of what we hold, say what is wrong, wait for a cure."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

import structlog

from config.file import Http
from config.loaded import Loaded
from config.phrase import Lang
from config.problems import Problem, render_all
from config.site import Site
from drivers.protocol import DriverError
from supervisor.daemon.assemble import let_go
from supervisor.daemon.helpers import Helpers
from supervisor.daemon.idle import FILE, HELD, Idle
from supervisor.daemon.opening import remembered
from supervisor.daemon.stopping import tell_left
from supervisor.sitefile.apart import apart, load_alone
from supervisor.sitefile.places import STORE, building_named
from supervisor.sitefile.saved import saves
from supervisor.sitefile.sitefile import load
from supervisor.store.gateways import address
from supervisor.store.problems import StoreProblem
from supervisor.store.queries import latest_config_at
from supervisor.store.writer import Store
from supervisor.telling.web import serve

log = structlog.get_logger()


RETRY: Final = 10.0
"""s of wall time between two tries to let go of what an earlier run left, while its database is away. A site choice."""


def last_good(state_dir: Path, source: Path, text: str = "") -> Site | None:
    """The configuration that ran here last, from the store; None where there is none, or its server is away."""
    with contextlib.suppress(StoreProblem):
        return _earlier(state_dir, source, text)
    return None


def _earlier(state_dir: Path, source: Path, text: str) -> Site | None:
    """The same. Raises StoreProblem while a database is away in which it may stand."""
    found: list[tuple[float, str]] = []
    for url in _databases(state_dir, text):
        try:
            store = Store(url)
        except StoreProblem as problem:
            log.warning("no earlier configuration", reason=problem.message)
            continue
        try:
            store.open()
            last = store.read_now(latest_config_at)
        except StoreProblem as problem:
            log.warning("no earlier configuration", reason=problem.message)
            if problem.away:
                raise
            continue
        finally:
            store.close()
        found += [last] if last is not None else []
    return apart(load_alone, max(found)[1], str(source)).site if found else None


def _databases(state_dir: Path, text: str) -> list[str]:
    """Where an earlier run may have kept its journal: as it noted, else beside, or where the spoilt file itself says."""
    if (noted := remembered(state_dir)) is not None:
        return [noted]
    found = []
    if (database := state_dir / STORE).exists():
        found.append(f"sqlite:///{database}")
    from config.source import read_source

    tree, building = read_source(text.encode("utf-8", errors="surrogatepass"), "").tree, building_named(text)
    said = tree.child("database") if tree is not None else None
    if said is not None and said.text is not None and building is not None:
        with contextlib.suppress(StoreProblem):  # no address: the problems of the file say so
            found.append(address(said.text, building))
    return found


def page_of(loaded: Loaded, earlier: Site | None) -> Http:
    """Where the page of a broken file is served: as the file itself says, where that part of it is sound.

    Else as the configuration that ran here last said, else where it is by default.
    """
    from pydantic import ValidationError

    from config.source import read_source

    tree = read_source(loaded.text.encode("utf-8", errors="surrogatepass"), "").tree
    fallback = earlier.http if earlier is not None else Http()
    if tree is not None and (proxy := tree.find(("http", "proxy"))[0]).text is not None:
        # Said, if only in a section that is wrong elsewhere: nobody is taken for local.
        fallback = fallback.model_copy(update={"proxy": fallback.proxy or proxy.text != "false"})
    if tree is None or any(p.is_error and p.path.split(".")[0] == "http" for p in loaded.problems):
        return fallback
    section = tree.child("http")
    try:
        return Http.model_validate(section.plain()) if section is not None else Http()
    except ValidationError:
        return fallback


async def release_earlier(state_dir: Path, source: Path, text: str = "") -> int | None:
    """Let go of every slot that an earlier run left, by its own configuration; how many were let go. None: its database is
    away, and it may go later."""
    try:
        site = await asyncio.to_thread(_earlier, state_dir, source, text)  # a dead line is waited for
        if site is None:
            return 0
        done = await let_go(site, state_dir)
    except (DriverError, StoreProblem, OSError) as error:
        log.error("an earlier run's slots could not be released", reason=str(error))
        return None if isinstance(error, StoreProblem) and error.away else 0
    log.info("released an earlier run's slots", released=len(done.released), owned=done.owned)
    tell_left(done.left)
    return len(done.released)


class Earlier:
    """What an earlier run left, and whether it was let go of."""

    def __init__(self, state_dir: Path | None, source: Path, text: str) -> None:
        self._where = (state_dir, source, text)
        self.held = False
        """Not yet: its database is away."""

    async def release(self) -> None:
        """Let go of it, if its database is there."""
        state_dir, source, text = self._where
        if state_dir is not None:
            self.held = await release_earlier(state_dir, source, text) is None

    async def keep_trying(self) -> None:
        """Let go of it as soon as its database is there."""
        while self.held:
            await asyncio.sleep(RETRY)
            await self.release()


async def wait_for_cure(
    path: Path,
    loaded: Loaded,
    http: Http,
    stop: asyncio.Event,
    earlier: Earlier | None = None,
    device: Callable[[], Awaitable[None]] | None = None,
) -> Site | None:
    """Serve a page that says what is wrong, and the `device` of our own, until the file is valid, or `stop` is set (then None);
    meanwhile let go of what an earlier run left, where its database was away."""
    problems = _Problems(loaded)
    earlier = earlier or Earlier(None, path, "")
    idle = Idle(http, lambda: HELD if earlier.held else FILE, problems.text)
    page = Helpers()  # its port may be somebody's just now
    page.start("http", lambda: serve(idle.app(), http.bind, http.port))
    if device is not None and not earlier.held:  # else its port is needed to let go
        page.start("bacnet device", device)
    changed = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, changed.set)
    watching = asyncio.create_task(saves(path, changed))
    trying = asyncio.create_task(earlier.keep_trying())
    try:
        while not stop.is_set():
            waits = {asyncio.create_task(changed.wait()), asyncio.create_task(stop.wait())}
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
            changed.clear()
            problems.loaded = await asyncio.to_thread(apart, load, path)
            if problems.loaded.site is not None and not stop.is_set():
                return problems.loaded.site
        return None
    finally:
        watching.cancel()
        trying.cancel()
        await asyncio.gather(page.stop(), watching, trying, return_exceptions=True)


class _Problems:
    """What is wrong with the newest version of a file."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded

    def text(self, lang: Lang) -> str:
        """As `check` shows them, with line and hint."""
        return render_all(self._errors(), self.loaded.text, lang)

    def _errors(self) -> Sequence[Problem]:
        return [p for p in self.loaded.problems if p.is_error]
