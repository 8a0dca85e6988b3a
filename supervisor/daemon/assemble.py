"""Puts a daemon together from a site file and runs it: concrete driver, store, HTTP, signals, reloads."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from config.file import Http
from config.own_device import OWN_PORT
from config.phrase import Phrase
from config.problems import Problem
from config.secure import SecureConnect, behind_hub
from config.site import Site
from drivers.care.ports import Foreign, Subnets
from drivers.protocol import Line, Misconfigured, SurveyReader, Target
from schedules.days import calendar_files, calendars
from supervisor import __version__
from supervisor.clockwork.clock import PacedClock, SiteClock
from supervisor.clockwork.litter import in_doses, set_aside
from supervisor.daemon.beginning import Beginning, begin
from supervisor.daemon.chores import Chores
from supervisor.daemon.daemon import Daemon, Options
from supervisor.daemon.lost import Aloud, Lost, open_anew, release_without_journal, url_of
from supervisor.daemon.opening import opened
from supervisor.daemon.reload import Load, on_save
from supervisor.daemon.safe_device import safe_device
from supervisor.daemon.service import Service, follow
from supervisor.daemon.stopping import Stop
from supervisor.daemon.trial import Trials
from supervisor.daemon.trust import Trust
from supervisor.field.kept import register_of
from supervisor.field.vetted import vetted
from supervisor.gateway import Offline, Released, release_offline
from supervisor.gateway.offline import OFFLINE
from supervisor.sitefile.apart import apart
from supervisor.sitefile.places import private
from supervisor.sitefile.sitefile import load
from supervisor.store.damage import must_take
from supervisor.store.months import FOLDER
from supervisor.store.problems import StoreProblem
from supervisor.store.writer import Store
from supervisor.telling.reports.files import FOLDER as REPORTS
from supervisor.telling.snapshot import Event
from supervisor.telling.web import Access, History, build_app, prepare, serve

if TYPE_CHECKING:
    from supervisor.telling.bacnet_device.face import Face
    from supervisor.telling.mqtt.asked import Current

log = structlog.get_logger()
YIELD = 0.001
"""s after which a thread at work (the store's rows, a query) lets the loop have its turn: between a
thermostat and our write lie some ten turns, and Python's own 5 ms would be added to each."""
FOLLOWS = 0.25
"""s of wall time between two looks whether the line that carries our device is still the one in force."""
TAKEN_UP = 30.0
"""s after a reload in which the old configuration is surely gone."""
Watcher = Callable[[Daemon], Awaitable[None]]
"""Something that runs beside a daemon, such as a console; cancelled at the stop."""


def make_line(site: Site, patience: float = 0.0, state_dir: Path | None = None) -> Line:
    """The wires that the site file names, loaded only now: none is cheap to import. Several stand behind one.

    `patience`: seconds that an answer is waited for at least, whatever the site file says. `state_dir` keeps who we are on
    BACnet/SC.
    """
    devices, secure = list(site.devices.values()), site.bacnet.sc
    brokers = {d.id: (d.instance, d.mqtt) for d in devices if d.mqtt is not None}
    hidden = {d.id for d in devices if d.id not in brokers and behind_hub(secure, d.address)}
    wires: dict[str, Line] = {}
    if brokers:
        from drivers.mqtt.driver import MqttDriver

        mqtt = MqttDriver(brokers)
        wires |= dict.fromkeys(brokers, Line(mqtt, mqtt))
    if secure is not None and hidden:
        wires |= dict.fromkeys(hidden, _behind_hub(site, secure, hidden, patience, state_dir))
    if others := {d.id for d in devices} - set(wires):
        wires |= dict.fromkeys(others, _bacnet(site, others, patience))
    # A device of our own is on BACnet/IP, also where no other is.
    alone = not others and (site.bacnet_device is not None or not wires)
    besides = [_bacnet(site, set(), patience)] if alone else []
    lines = {id(line): line for line in (*wires.values(), *besides)}
    if len(lines) == 1:
        return next(iter(lines.values()))
    from drivers.mux import Mux

    mux = Mux(wires, besides)
    return Line(mux, mux)


def _targets(site: Site, devices: Collection[str], patience: float) -> list[Target]:
    return [
        Target(d.id, d.instance, d.address, d.max_in_flight, max(d.timeout, patience))
        for d in site.devices.values()
        if d.id in devices
    ]


def _behind_hub(
    site: Site, sc: SecureConnect, devices: Collection[str], patience: float, state_dir: Path | None
) -> Line:
    """The one stack that speaks BACnet/SC, for the devices behind its hub."""
    from drivers.bacnet.rusty.driver import RustyDriver
    from drivers.bacnet.rusty.hub import Secure

    secure = Secure(sc.hub, sc.failover, sc.ca, sc.certificate, sc.key, state_dir)
    targets, pace = _targets(site, devices, patience), _pace(site, devices)
    rusty = RustyDriver(None, 0, targets, site.bacnet.instance, pace=pace, secure=secure)
    return Line(rusty, rusty)


def _pace(site: Site, devices: Collection[str]) -> dict[str, float]:
    """Caps on requests a second."""
    return {d: cap for d in devices if (cap := site.devices[d].requests_per_second) is not None}


def _bacnet(site: Site, devices: Collection[str], patience: float) -> Line:
    """The BACnet stack that the site file chose, for its devices on BACnet/IP."""
    targets, pace = _targets(site, devices, patience), _pace(site, devices)
    bacnet = site.bacnet
    foreign = Foreign(bacnet.foreign.bbmd, int(bacnet.foreign.ttl)) if bacnet.foreign is not None else None
    subnets = Subnets(foreign, bacnet.bbmd.peers if bacnet.bbmd is not None else ())
    if bacnet.stack == "rusty":
        from drivers.bacnet.rusty.driver import RustyDriver

        own = site.bacnet_device
        served = (own.port or OWN_PORT) if own is not None else None
        rusty = RustyDriver(
            bacnet.bind, bacnet.port, targets, bacnet.instance, pace=pace, subnets=subnets, served=served
        )
        return Line(rusty, rusty)
    from drivers.bacnet.bac0.driver import Bac0Driver

    bac0 = Bac0Driver(bacnet.bind, bacnet.port, targets, bacnet.instance, pace=pace, subnets=subnets)
    return Line(bac0, bac0)


def make_host(site: Site) -> Line:
    """A BACnet/IP wire for a device of our own, where nothing is read or written."""
    secure = site.bacnet.sc
    return _bacnet(
        site,
        {d.id for d in site.devices.values() if d.mqtt is None and not behind_hub(secure, d.address)},
        0.0,
    )


def make_surveyor(bind: str, port: int, instance: int, bbmd: str | None) -> SurveyReader:
    """A reader of a network of which nothing is known yet; nobody is given its other end."""
    from drivers.bacnet.bac0.driver import Bac0Driver

    return Bac0Driver(
        bind, port, [], instance, subnets=Subnets(Foreign(bbmd, 60) if bbmd is not None else None)
    )


def open_store(site: Site, state_dir: Path) -> Store:
    """The site's database, SQLite in the state folder by default. Raises StoreProblem, OSError."""
    private(state_dir)
    store = Store(url_of(site, state_dir), folder=state_dir / FOLDER)
    store.open()
    try:
        must_take(store)
    except StoreProblem:
        store.close()
        raise
    return store


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of the daemon is given. `path` is watched for changes; `watchers` run beside it.

    `new_store` begins a new store where the old one cannot be relied on, and keeps that.
    """

    site: Site
    clock: PacedClock
    state_dir: Path
    path: Path | None = None
    dry_run: bool | None = None
    http: bool = True
    on_event: Callable[[Event], None] = lambda event: None
    watchers: tuple[Watcher, ...] = ()
    stop: Stop = field(default_factory=Stop)
    new_store: bool = False
    trust_clock: bool = False
    """Go by the computer's clock whatever the store says."""
    accept: str | None = None
    """Who accepts the file on disk, whatever it writes that the last accepted one did not."""
    saved: bool = False
    """The file was saved into its place while we waited for a sound one: nobody started us with it."""
    service: Service = field(default_factory=Service)
    """The service manager, where one has started us."""


async def supervise(run: Run) -> Released:
    """Supervise a building until SIGTERM or SIGINT; every slot is let go before it returns, or named.

    A database server that is away is waited for. Raises FileChanged (nothing has begun yet), DriverError, StoreProblem and OSError for what else stands in the
    way of a start.
    """
    sys.setswitchinterval(YIELD)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, run.stop.signal)
    make = partial(open_anew, aloud=run.stop.say) if run.new_store else open_store
    store = await opened(
        run.site,
        run.state_dir,
        partial(make, run.site, run.state_dir),
        run.stop,
        http=run.http,
        path=run.path,
        waits=run.service.up,
        device=safe_device(run.site, make_host),
    )
    if store is None:
        return Released((), (), ())
    try:
        real = isinstance(run.clock, SiteClock) and run.clock.real
        trust = Trust() if real and not run.trust_clock else None
        begun = _begun(run, store)
        trials = Trials(store, run.clock, dry=bool(run.dry_run))
        load_arm = _loader(run.path)
        options = Options(
            run.state_dir, run.dry_run, run.on_event, trials.loading(load_arm) if load_arm is not None else None, trust,
            begun.accepted if begun is not None else None,
        )  # fmt: skip
        site, days = (begun.site, begun.days) if begun is not None else (run.site, calendars(run.site))
        site = trials.first(site)
        run = replace(run, site=site)
        lines = partial(make_line, state_dir=run.state_dir)
        daemon = Daemon(site, days, lines, run.clock, store, options)
        daemon.trials = trials
        set_aside()
        await daemon.open_door()
        collecting = asyncio.create_task(in_doses(daemon.ready), name="collector")
        try:
            waits = begun is not None and begun.waits
            async with _beside(run, daemon, store, Chores(daemon, store, run.state_dir), trials, waits=waits):
                return await daemon.run(run.stop)
        finally:
            collecting.cancel()
            await daemon.close_door()
    finally:
        store.close()


def _begun(run: Run, store: Store) -> Beginning | None:
    """What a start runs; None for a building whose file nobody can save. Raises OSError."""
    if run.path is None:
        return None
    return begin(run.site, run.state_dir, store, run.clock.now(), by=run.accept, saved=run.saved)


def _settle(daemon: Daemon) -> float:
    return daemon.accepted.settle


def _loader(path: Path | None) -> Load | None:
    if path is None:
        return None

    def read() -> tuple[Site | None, list[Problem]]:
        loaded = apart(load, path)
        return loaded.site, loaded.problems

    return read


@asynccontextmanager
async def _beside(
    run: Run, daemon: Daemon, store: Store, chores: Chores, trials: Trials, *, waits: bool
) -> AsyncIterator[None]:
    """HTTP, reloads, chores and the watchers, for as long as the daemon runs."""
    helpers = daemon.helpers
    helpers.start("housekeeping", chores.run)
    helpers.start("ledger", daemon.keeping.run)
    helpers.start("certificates", daemon.secured.run)
    helpers.start("meters", chores.metering.run)
    helpers.start("own address", daemon.moorings.run)
    helpers.start("trial", partial(trials.run, daemon))
    if run.http:
        helpers.start("http", partial(_http, run.site.http, daemon, store, run.state_dir))
    if run.site.publish is not None:
        askable = _askable(daemon) if run.site.publish.requests is not None else None
        helpers.start("mqtt", partial(_publish, run.site, daemon, askable))
        if askable is not None:
            helpers.start("mqtt requests", partial(_take, run.site, daemon, askable))
    if run.site.bacnet_device is not None:
        helpers.start("bacnet device", partial(_device, daemon, _face(run.site, daemon)))
    if run.path is not None:
        folders = partial(_folders, run.path, daemon)
        settle = partial(_settle, daemon)
        saves = partial(on_save, run.path, partial(_reload, daemon), folders, settle, at_once=waits)
        helpers.start("reload", saves)
    for number, watcher in enumerate(run.watchers, 1):
        helpers.start(f"console {number}", partial(watcher, daemon))
    managed = asyncio.create_task(follow(run.service, daemon, run.stop.asked))
    try:
        yield
    finally:
        managed.cancel()
        await helpers.stop()


def _access(bind: str, daemon: Daemon) -> Access:
    """Who may read, by the newest site file that was accepted, at the address that was bound at the start."""
    http = daemon.accepted.http
    return Access(bind, http.names, http.tokens, http.proxy)


async def _http(http: Http, daemon: Daemon, store: Store, state_dir: Path) -> None:
    """The page, the metrics and the API, until cancelled. Raises OSError where the address cannot be had."""
    access = partial(_access, http.bind, daemon)
    app = build_app(
        daemon.look,
        daemon.metrics.exposition,
        daemon.alive,
        daemon.ready,
        access=access,
        helpers=lambda: daemon.helpers.problems,
        barred=lambda: {device: why.en for device, why in daemon.register.barred.items()},
        ask=daemon.answer,
        waits=lambda: daemon.reloads.waits,
        lacking=daemon.lacking,
        brief=partial(daemon.look, changes=False),
        recent=daemon.recent,
        refused=daemon.turned_away,
        history=History(lambda: daemon.site, store.read, state_dir / REPORTS),
    )
    preparing = asyncio.create_task(prepare(daemon.ready))
    try:
        await serve(app, http.bind, http.port)
    finally:
        preparing.cancel()


def _askable(daemon: Daemon) -> Current:
    """What may be asked by MQTT; imported only where the site file takes requests."""
    from supervisor.telling.mqtt.asked import Current

    return Current(lambda: daemon.site)


async def _publish(site: Site, daemon: Daemon, askable: Current | None) -> None:
    """The building's state at a broker, until cancelled; imported only where the site file asks for it."""
    from supervisor.telling.mqtt.publisher import publish

    assert site.publish is not None  # whoever starts this has looked
    look, trouble = partial(daemon.look, changes=False), partial(daemon.helpers.trouble, "mqtt")
    lang = site.language or "en"
    if askable is None:
        await publish(site.publish, site.building, look, lang, trouble=trouble)
    else:
        await publish(site.publish, site.building, look, lang, lambda: askable().sets, trouble)


async def _take(site: Site, daemon: Daemon, askable: Current) -> None:
    """Requests from a broker, until cancelled."""
    from supervisor.telling.mqtt.requests import take

    assert site.publish is not None  # whoever starts this has looked
    trouble = partial(daemon.helpers.trouble, "mqtt requests")
    await take(
        site.publish, askable, daemon.clock.now, daemon.answer, daemon.asked, daemon.mqtt_requests, trouble
    )


def _face(site: Site, daemon: Daemon) -> Face:
    """What the device of our own is made of: it outlives the helper that serves it. Imported only where the site file has one."""
    from supervisor.telling.bacnet_device.face import Face

    def tell(kind: str, said: Phrase) -> None:
        daemon.tell("bacnet_device", kind, said.en, said.zh)

    look = partial(daemon.look, changes=False)
    return Face(
        lambda: daemon.site, site.language or "en", __version__, look, daemon.answer, daemon.alive, tell, daemon.front_end
    )  # fmt: skip


async def _device(daemon: Daemon, face: Face) -> None:
    """Serve the device of our own on the wire of the version that runs, from line to line, until cancelled. Raises Misconfigured."""
    from drivers.bacnet.serving.device import Hosting

    while True:
        line = daemon.running.line
        host = line.reader
        if not isinstance(host, Hosting):
            raise Misconfigured("bacnet_device", "no wire of this site speaks BACnet")
        if not host.up:
            await asyncio.sleep(FOLLOWS)
            continue
        serving = asyncio.create_task(face.serve(host), name="bacnet device at work")
        try:
            while daemon.running.line is line and host.up:
                await asyncio.wait({serving}, timeout=FOLLOWS)
                if serving.done():
                    return serving.result()
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


async def _reload(daemon: Daemon) -> None:
    """Read the site file again; what stays of it for good is set aside once the old one is surely gone."""
    await daemon.reload()
    asyncio.get_running_loop().call_later(TAKEN_UP, set_aside)


def _folders(path: Path, daemon: Daemon) -> frozenset[Path]:
    """Where the newest site file that was accepted has its files."""
    return frozenset({path.parent, *(file.parent for file in calendar_files(daemon.accepted))})


async def let_go(site: Site, state_dir: Path, aloud: Aloud = lambda said: None) -> Offline:
    """Release every slot that a daemon which is gone left behind. Raises DriverError, StoreProblem.

    `aloud` hears, while controllers are waited for, which and for how long.
    """
    store = open_store(site, state_dir)
    line = make_line(site, state_dir=state_dir)
    try:
        await line.reader.start()
        try:
            patience = Stop(OFFLINE.within, say=aloud).patience()
            return await release_offline(site, store, vetted(site, line, register_of(store)).writer, patience)
        finally:
            await line.reader.stop()
    finally:
        store.close()


async def let_go_unjournalled(site: Site, state_dir: Path, by: str, *, yes: bool, aloud: Aloud) -> Lost:
    """List what our priority holds on the site's points, whatever the journal says; with `yes` let go of it.

    Raises DriverError, StoreProblem, OSError.
    """
    return await release_without_journal(
        site, state_dir, make_line(site, state_dir=state_dir), by, yes=yes, aloud=aloud
    )
