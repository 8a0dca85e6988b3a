"""`doctor`: what stands between this machine and a healthy daemon."""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config.secrets import masked
from config.site import Site
from supervisor.cli.acceptance import accept_device, asked
from supervisor.cli.commission import commission
from supervisor.cli.common import SitePath, StateDir, load_site, plain_errors, state_dir_of
from supervisor.cli.findings import FALLS_BACK, MARKS, Finding, accepting, folded, mismatch
from supervisor.cli.on_the_wire import on_the_wire
from supervisor.cli.retained import retained
from supervisor.daemon.logs import configure
from supervisor.field.traffic import BAC0_VALUES, outgrown, overloaded, values_a_second
from supervisor.sitefile.places import open_to_others

if TYPE_CHECKING:
    from supervisor.store.writer import Store

OLDEST_PLAUSIBLE = 1_735_689_600.0
"""2025-01-01: a gateway box without a battery wakes up in 1970."""


def doctor(
    site: SitePath,
    walk: Annotated[
        bool, typer.Option("--commission", help="Write, watch and release each writable point, one by one.")
    ] = False,
    by: Annotated[str, typer.Option("--by", help="Who signs the commissioning record.")] = "",
    only: Annotated[str | None, typer.Option("--only", help="With --commission: one zone.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Try every point without asking.")] = False,
    accept: Annotated[
        str | None,
        typer.Option(
            "--accept",
            metavar="DEVICE",
            help="Take a replaced device out of quarantine, or a moved one for ours where it is now.",
        ),
    ] = None,
    state_dir: StateDir = None,
) -> None:
    """Ports, clock, permissions, database, reachability, and fallbacks that mean "on".

    Example: building-supervisor doctor office.yaml
    Example: building-supervisor doctor office.yaml --commission --by 李工
    Example: building-supervisor doctor office.yaml --accept ddc-2 --by 李工
    """
    configure(quiet=True)
    loaded = load_site(site)
    folder = state_dir_of(loaded, state_dir)
    if walk:
        commission(loaded, folder, by, only=only, yes=yes)
    if accept is not None:
        with plain_errors():
            typer.echo(asyncio.run(accept_device(loaded, folder, accept, by)))
        raise typer.Exit(0)
    with plain_errors():
        found = asyncio.run(_examine(loaded, folder))
    for finding in folded(found):
        typer.echo(f"{MARKS[finding.level]} {finding.what}: {finding.said}")
    bad = sum(finding.level == "bad" for finding in found)
    typer.echo(f"{bad} problem{'' if bad == 1 else 's'}")
    raise typer.Exit(1 if bad else 0)


async def _examine(site: Site, folder: Path) -> list[Finding]:
    """Everything, through the daemon where one runs: it has the ports, and knows its devices."""
    health = await asked(folder, "health")
    store, found = await _store(site, folder)
    try:
        when = Finding(
            "ok" if time.time() > OLDEST_PLAUSIBLE else "bad", "clock", time.strftime("%Y-%m-%d %H:%M:%S %Z")
        )
        if health is not None:
            return [when, *found, *retained(site, folder), *_load(site), *_told(site, health)]
        here = [when, *found, *retained(site, folder), _port(site), *_load(site)]
        return [*here, *await on_the_wire(site, store)]
    finally:
        store.close()


async def _store(site: Site, folder: Path) -> tuple[Store, list[Finding]]:
    """The site's store, else one in memory, and what is wrong."""
    from supervisor.daemon.assemble import open_store
    from supervisor.daemon.lost import IN_MEMORY
    from supervisor.sitefile.places import NoStateDir
    from supervisor.store.problems import StoreProblem
    from supervisor.store.writer import Store

    try:
        store = open_store(site, folder)
        try:
            await store.probe()
        except StoreProblem:
            store.close()
            raise
    except StoreProblem as problem:
        found = [Finding("bad", "database", f"{problem.said.en}  {problem.said.zh}"), _folder(folder)]
    except NoStateDir as error:
        found = [Finding("bad", "state folder", str(error))]
    except OSError as error:
        found = [Finding("bad", "database", str(error)), _folder(folder)]
    else:
        where = masked(site.database or str(folder / "supervisor.sqlite3"))
        return store, [Finding("ok", "database", where), _folder(folder)]
    store = Store(IN_MEMORY, inline=True)
    store.open()
    return store, found


def _folder(folder: Path) -> Finding:
    if open_to_others(folder):
        return Finding("note", "state folder", f"{folder} is open to others: chmod 700 {folder}")
    return Finding("ok", "state folder", str(folder))


def _port(site: Site) -> Finding:
    from supervisor.telling.web.server import listen

    what = f"HTTP port {site.http.bind}:{site.http.port}"
    try:
        listen(site.http.bind, site.http.port).close()
    except OSError as error:
        level = "note" if error.errno == errno.EADDRINUSE else "bad"
        return Finding(level, what, error.strerror or str(error))
    return Finding("ok", what, "free")


def _load(site: Site) -> Iterator[Finding]:
    """Whether the stack and the slow trunks carry what the site file asks of them."""
    asked = values_a_second(site)
    what = f"stack {site.bacnet.stack}"
    if outgrown(site) is not None:
        hint = (
            f"{asked:.0f} values a second, more than the {BAC0_VALUES:.0f} it is good for: say `stack: rusty`"
        )
        yield Finding("note", what, hint)
    else:
        yield Finding("ok", what, f"{asked:.1f} values a second")
    for trunk in overloaded(site):
        said = (
            f"its polls need {trunk.asked:.1f} requests a second, its cap is {trunk.cap:g}: poll less often"
        )
        yield Finding("note", trunk.name, said)


def _told(site: Site, health: Mapping[str, Any]) -> list[Finding]:
    """The wire as the running daemon sees it."""
    found = [Finding("ok", "daemon", f"runs and holds {health['owned']} slots: it is asked for the rest")]
    found += [
        Finding("note", "daemon", problem) for problem in health["problems"]
    ]  # the building is supervised
    strange = health["quarantined"]
    for device, problem in health["devices"].items():
        if device in strange:
            continue
        found.append(Finding("bad" if problem else "ok", f"device {device}", problem or "answers"))
    found += [Finding("bad", f"device {d}", accepting(d, why)) for d, why in strange.items()]
    if (broken := health["store"]) is not None:
        found.append(Finding("bad", "database", f"{broken['en']}  {broken['zh']}"))
    doubtful = health["doubtful"]
    found += [
        Finding("bad", f"point {point}", f"{why['en']}  {why['zh']}") for point, why in doubtful.items()
    ]
    found += [
        Finding("bad", f"point {point}", "has no reading that can be used")
        for point in health["unknown"]
        if point not in doubtful
    ]
    found += [mismatch(point, why) for point, why in health["units"].items()]
    found += [Finding("bad", f"device {device}", why) for device, why in health["elsewhere"].items()]
    found += [
        Finding("note", f"device {device}", text)
        for device, texts in health["habits"].items()
        for text in texts
    ]
    return found + [Finding("note", f"point {point}", FALLS_BACK) for point in health["falls_back_on"]]
