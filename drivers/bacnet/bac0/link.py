"""BAC0 started on a port, and single requests through its bacpypes3 application with nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import math
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from bacpypes3.apdu import (
    AbortPDU,
    ComplexAckPDU,
    ConfirmedRequestPDU,
    Error,
    ErrorPDU,
    RejectPDU,
    SimpleAckPDU,
)
from bacpypes3.comm import ServiceAccessPoint
from bacpypes3.errors import CommuncationError, ServicesError

from config.values import DEFAULT_PORT
from drivers.bacnet.apdu import ERROR, READ, READ_MANY, WRITE, WRITE_MANY, Refusal, Request
from drivers.bacnet.bac0.foreign import keep_registered
from drivers.bacnet.bac0.invokes import Invokes
from drivers.bacnet.bac0.quiet import defaults, give_up, load
from drivers.bacnet.batches import OUR_MAX_APDU
from drivers.bacnet.octets import OPENING, Tag, Unreadable, Wire
from drivers.bacnet.peer import IAm, Ignored, Place
from drivers.care import ports
from drivers.care.bind import Adrift, adrift, choose
from drivers.care.ports import Subnets
from drivers.protocol import Misconfigured

SSM_PATIENCE: Final = 3_600_000
"""Milliseconds that bacpypes3 itself would wait: never, our own deadline ends each request before that."""

MOST_SERVED: Final = 64
"""Requests of others under way at once; bacpypes3 keeps one that it cannot decode for three seconds."""

READY_WITHIN: Final = 10.0
"""Seconds that opening the socket may take, on a machine that is busy with its own start too. A taken port is found before."""


class Notification(NamedTuple):
    """A change of value: who asked for it, which device and object it is of, its properties."""

    process: int
    device: int
    item: Wire
    values: dict[int, list[Tag]]


_taken: list[object] = []
"""BAC0 keeps its state in its classes: one of them a process."""


class Link:
    """BAC0 bound to `bind` (an address, with `/bits` where the mask is not 24) and `port`.

    `on_i_am` and `on_cov(source, notification)` are called for what
    arrives; the latter says whether we asked for it.
    """

    def __init__(
        self,
        bind: str | None,
        port: int,
        device_instance: int,
        on_i_am: Callable[[IAm[Any]], None],
        on_cov: Callable[[Any, Notification], bool],
        subnets: Subnets,
    ) -> None:
        self._bind, self._port = bind, port
        self._instance = device_instance
        self._on_i_am = on_i_am
        self._on_cov = on_cov
        self._subnets = subnets
        self._registration: asyncio.Task[None] | None = None
        self._sending: dict[int, asyncio.Task[Any]] = {}
        self._invokes = Invokes(time.monotonic)
        self._heard_of: dict[int, float] = {}
        """When anything last came from a network behind a router, on the loop's clock."""
        self._lite: Any = None
        self.app: Any = None
        self.where = ""
        """Our own address, `host:port`, once the port is open."""
        self.served: Callable[[Any], bool] | None = None
        """Takes requests of others before bacpypes3 does, where a device is served here; says whether it took one."""

    async def open(self, devices: Sequence[str | None] = ()) -> None:
        """Bind the port. Raises Misconfigured when it is taken, not ours, or BAC0 runs already.

        `devices` are their addresses, from which ours follows where it is not said.
        """
        if _taken:
            raise Misconfigured("bac0", "BAC0 runs once in a process, and it does already")
        interface = ports.interface(choose(self._bind, devices, "bac0"), "bac0")
        _not_ourselves(interface, self._port, devices)
        ports.probe(str(interface.ip), self._port, "bac0")
        lite = load()
        logging.getLogger("bacpypes3").setLevel(logging.CRITICAL)
        _taken.append(self)
        try:
            self._lite = lite(
                ip=f"{interface.with_prefixlen}:{self._port}",
                deviceId=self._instance,
                localObjName=f"building-supervisor-{self._instance}",
                modelName="building-supervisor",
                ping=False,
                json_file=defaults(),
                bbmdAddress=foreign.bbmd if (foreign := self._subnets.foreign) else None,
                bbmdTTL=foreign.ttl if foreign else 0,
                # bacpypes3 hands on to its own subnet what its peers forward only where it names itself
                bdtable=[f"{interface.ip}:{self._port}", *peers] if (peers := self._subnets.peers) else None,
            )
            self.app = self._lite.this_application.app
            await self._ready()
            self.where = f"{interface.ip}:{self._port}"
            self._tune()
            if foreign is not None:
                layer = next(iter(self.app.link_layers.values()))
                self._registration = asyncio.create_task(keep_registered(layer, foreign.ttl))
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Free the port. Harmless when it is not open."""
        if self in _taken:
            _taken.remove(self)
        if self._registration is not None:
            self._registration.cancel()
            await asyncio.gather(self._registration, return_exceptions=True)
        if self._lite is not None:
            lite, self._lite = self._lite, None
            await lite.disconnect()

    async def request(
        self,
        request: Request,
        address: Any,
        spacing: float,
        tries: int,
        again: Callable[[], float] = lambda: 0.0,
        instead: Request | None = None,
    ) -> bytes:
        """The data of the device's acknowledgement; sent `tries` times, `spacing` seconds apart, each time
        but the first when `again` says (seconds from now).

        Waits for ever: the caller brings the deadline. Raises Refusal for an Error, Reject or Abort, and
        Unreadable for an acknowledgement of another service. A write is sent again under the invoke id that it has,
        so that a slow controller does it once; other copies have their own, and an answer to any of them counts.
        `instead` takes the place of the last copy: Ignored where only that one is answered.
        Whatever the end, no copy stays in flight.
        """
        sent: list[tuple[Any, asyncio.Future[Any]]] = []
        other: list[tuple[Any, asyncio.Future[Any]]] = []
        try:
            for attempt in range(tries):
                last = attempt == tries - 1
                if attempt and (pause := again()) > 0 and (done := await _answers(sent, pause)):
                    return _result(done, request.service)
                if attempt and last and instead is not None:
                    other.append(self._begin(instead, address))
                elif not (attempt and request.service in _ONCE and await self._repeat(sent[-1][0])):
                    sent.append(self._begin(request, address))
                await _answers([*sent, *other], None if last else spacing)
                if done := {future for _, future in sent if future.done() and not _unsent(future)}:
                    return _result(done, request.service)
                if other:
                    raise Ignored
        finally:
            for apdu, future in (*sent, *other):
                self._forget(apdu, future)
        raise AssertionError("the last wait has no time-out")

    def _begin(self, request: Request, address: Any) -> tuple[Any, asyncio.Future[Any]]:
        """Send a request for the first time, under a new invoke id."""
        apdu = ConfirmedRequestPDU(request.service, destination=address)
        apdu.put_data(request.data)
        apdu.apduInvokeID = self._invokes.next(address)
        return apdu, self.app.request(apdu)

    async def _repeat(self, apdu: Any) -> bool:
        """Send a request again as it was, invoke id and all. False where it never went out, for want of a router."""
        for machine in list(self.app.asap.clientTransactions):
            if machine.invokeID == apdu.apduInvokeID and machine.pdu_address == apdu.pduDestination:
                with contextlib.suppress(CommuncationError):
                    await machine.request(machine.get_segment(0))
                return True
        return False

    async def who_is(self, station: Any, instance: int | None, wait: float) -> IAm[Any] | None:
        """The first I-Am after a Who-Is: from `station`, or broadcast and of `instance`. None: nobody's."""
        found: list[Any] = await self.app.who_is(instance, instance, station, wait)
        return _said(found[0]) if found else None

    async def who_is_there(self, at: Any, limits: tuple[int, int] | None, wait: float) -> list[IAm[Any]]:
        """Every I-Am after a Who-Is to a station, a network, or all of them (None)."""
        low, high = limits if limits is not None else (None, None)
        return [_said(each) for each in await self.app.who_is(low, high, at, wait)]

    def adrift(self, devices: Sequence[str | None]) -> Adrift | None:
        """Whether our own address has gone."""
        return adrift(self.where.partition(":")[0], self._bind, devices, self._port) if self.up else None

    def doubt(self, station: Any, seconds: float) -> None:
        """A device was silent: where nothing at all came from its network for so long, who leads there is asked
        anew. bacpypes3 remembers a router for ever, also one that was replaced."""
        network = station.addrNet if station is not None else None
        if (
            network is None
            or asyncio.get_running_loop().time() - self._heard_of.get(network, -math.inf) < seconds
        ):
            return
        cache = self.app.nsap.router_info_cache
        for key in [key for key in cache.path_info if key[1] == network]:
            router, _ = cache.path_info.pop(key)
            cache.router_dnets.get((key[0], router), set()).discard(network)

    @property
    def up(self) -> bool:
        """Whether the port is open."""
        return self._lite is not None and bool(self.where)

    @property
    def in_flight(self) -> int:
        """Requests that bacpypes3 still keeps track of."""
        waiting = sum(len(requests) for requests in self.app._requests.values())
        return max(waiting, len(self.app.asap.clientTransactions))

    def _forget(self, apdu: Any, future: asyncio.Future[Any]) -> None:
        """End the state machine that would go on sending after its caller is gone."""
        answered = future.done() and not future.cancelled()
        if answered:
            future.exception()
        else:
            future.cancel()
        self._invokes.ended(apdu.pduDestination, apdu.apduInvokeID, answered=answered)
        self.app._request_done(apdu, future)
        sending = self._sending.pop(id(apdu), None)
        if sending is not None:
            sending.cancel()
        for machine in list(self.app.asap.clientTransactions):
            if machine.invokeID == apdu.apduInvokeID and machine.pdu_address == apdu.pduDestination:
                machine.set_state(_ABORTED)

    async def _ready(self) -> None:
        """Wait for the sockets, which bacpypes3 opens in tasks of their own and retries silently."""
        servers = [layer.server for layer in self.app.link_layers.values()]
        tasks = [task for server in servers for task in server._transport_tasks]
        try:
            # not by a `gather`, which would cancel them with us
            _, waiting = await asyncio.wait(tasks, timeout=READY_WITHIN)
            if waiting:
                raise Misconfigured("bac0", f"cannot open {self._bind}:{self._port}")
        except BaseException:
            for task in tasks:
                give_up(task)
            raise
        for server in servers:
            await server._local_transport_ready.wait()
            # bacpypes3 binds with SO_REUSEPORT, so that a second program would share the port unnoticed
            server.local_transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_REUSEPORT, 0
            )

    def _tune(self) -> None:
        """No retries behind our back, no segments, nothing to write to; our own ears for I-Am and COV."""
        device = self.app.device_object
        device.numberOfApduRetries = 0
        device.apduTimeout = SSM_PATIENCE
        device.maxApduLengthAccepted = OUR_MAX_APDU
        device.segmentationSupported = "no-segmentation"
        for service in ("WriteProperty", "WritePropertyMultiple", "SubscribeCOV"):
            setattr(self.app, f"do_{service}Request", None)
        asap = self.app.asap
        self._send, asap.sap_indication = asap.sap_indication, self._cancellable
        self._take, asap.confirmation = asap.confirmation, self._bounded
        self._give, asap.sap_response = asap.sap_response, self._undecoded
        self._heard_i_am = self.app.do_IAmRequest
        self.app.do_IAmRequest = self._i_am
        self.app.do_UnconfirmedCOVNotificationRequest = self._unconfirmed_cov
        self.app.do_ConfirmedCOVNotificationRequest = self._confirmed_cov

    async def _cancellable(self, apdu: Any) -> None:
        """Remember who sends: while it looks for a router its caller may give up, and it must not send then."""
        task = asyncio.current_task()
        if task is not None:
            self._sending[id(apdu)] = task
        try:
            await self._send(apdu)
        finally:
            self._sending.pop(id(apdu), None)

    async def _bounded(self, pdu: Any) -> None:
        """Drop others' confirmed requests while too many are open: each is kept until it is answered."""
        if (network := pdu.pduSource.addrNet) is not None:
            self._heard_of[network] = asyncio.get_running_loop().time()
        if self.served is not None and self.served(pdu):
            return
        confirmed = bool(pdu.pduData) and pdu.pduData[0] >> 4 == 0
        if not confirmed:
            await self._take(pdu)
        elif len(self.app.asap.serverTransactions) < MOST_SERVED:
            try:
                await self._take(pdu)
            except (
                Exception
            ):  # whatever it was, it goes on up: here only what was left behind is cleared away
                self._unlearn(pdu.pduSource)
                raise

    def _unlearn(self, source: Any) -> None:
        """Drop what bacpypes3 made for a request whose header it could not read, and would keep for ever.

        Sixty-four of them, and we would be deaf to every confirmed request.
        """
        for machine in list(self.app.asap.serverTransactions):
            if machine.state == _IDLE and machine.pdu_address == source:
                machine.set_state(_ABORTED)

    async def _undecoded(self, apdu: Any) -> None:
        """Hand answers up as octets: bacpypes3 is slow to decode them, and drops what it cannot."""
        if isinstance(apdu, (ComplexAckPDU, ErrorPDU)):
            await ServiceAccessPoint.sap_response(self.app.asap, apdu)
        else:
            await self._give(apdu)

    async def _i_am(self, apdu: Any) -> None:
        await self._heard_i_am(apdu)
        self._on_i_am(_said(apdu))

    async def _unconfirmed_cov(self, apdu: Any) -> None:
        self._on_cov(apdu.pduSource, _notification(apdu))

    async def _confirmed_cov(self, apdu: Any) -> None:
        if not self._on_cov(apdu.pduSource, _notification(apdu)):
            raise ServicesError(errorCode="unknownSubscription")
        await self.app.response(SimpleAckPDU(context=apdu))


_WITH_DATA: Final = frozenset({READ, READ_MANY})
"""Services that are acknowledged with data."""

_ONCE: Final = frozenset({WRITE, WRITE_MANY})
"""Services that change something."""

_IDLE: Final = 0
"""`bacpypes3.appservice.IDLE`: before a request's header was read."""

_ABORTED: Final = 7
"""`bacpypes3.appservice.ABORTED`: stops the timer and drops the transaction."""


def _not_ourselves(ours: ipaddress.IPv4Interface, port: int, devices: Sequence[str | None]) -> None:
    """bacpypes3 hands to itself what goes to its own address, and on loopback to any on its own port: the devices
    would never be asked. Raises Misconfigured."""
    for device in devices:
        host, _, at = (device or "").partition(":")
        try:
            address = ipaddress.IPv4Address(host)
        except ValueError:
            continue  # none, or one of another kind: it is looked for by its instance
        same = address == ours.ip or (address.is_loopback and ours.ip.is_loopback)
        if same and int(at or DEFAULT_PORT) == port:
            raise Misconfigured(
                "bac0",
                f"a device at {device} has our own UDP port, {port}, on this machine: with `stack: bac0` give "
                "`bacnet: port` another number, or say `stack: rusty`",
            )


async def _answers(
    sent: Sequence[tuple[Any, asyncio.Future[Any]]], seconds: float | None
) -> set[asyncio.Future[Any]]:
    """What came within so many seconds (None: however long it takes) to any copy of a request.

    A copy that bacpypes3 knew no router for was never sent, and answers nothing.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                waiting = [future for _, future in sent if not _unsent(future)]
                if not waiting:
                    await asyncio.Event().wait()
                done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                if done := {future for future in done if not _unsent(future)}:
                    return done
    return set()


def _unsent(copy: asyncio.Future[Any]) -> bool:
    """An Error that bacpypes3 made itself, as for an unknown route; a device's come as octets, in an ErrorPDU."""
    return copy.done() and not copy.cancelled() and isinstance(copy.exception(), Error)


def _result(done: set[asyncio.Future[Any]], service: int) -> bytes:
    """The data of an acknowledgement if there is one among the answers, else the refusal."""
    errors = [error for future in done if (error := future.exception()) is not None]
    if len(errors) == len(done):
        raise _refusal(errors[0]) from None
    ack = next(future for future in done if future.exception() is None).result()
    if int(ack.apduService) != service or isinstance(ack, SimpleAckPDU) == (service in _WITH_DATA):
        raise Unreadable("it is about another service")
    return bytes(ack.pduData)


def _refusal(pdu: Any) -> Exception:
    """An Error, Reject or Abort, which bacpypes3 raises as a BaseException."""
    if isinstance(pdu, ErrorPDU):
        return Refusal(ERROR, 0, bytes(pdu.pduData))
    if isinstance(pdu, (RejectPDU, AbortPDU)):
        return Refusal(int(pdu.apduType), int(pdu.apduAbortRejectReason), b"")
    return Unreadable(f"it is {type(pdu).__name__}")


def _said(apdu: Any) -> IAm[Any]:
    """An I-Am out of bacpypes3's hands."""
    return IAm(int(apdu.iAmDeviceIdentifier[1]), Place(apdu.pduSource, int(apdu.maxAPDULengthAccepted)))


def _notification(apdu: Any) -> Notification:
    """A COV notification out of bacpypes3's hands."""
    kind, instance = apdu.monitoredObjectIdentifier
    return Notification(
        int(apdu.subscriberProcessIdentifier),
        int(apdu.initiatingDeviceIdentifier[1]),
        (int(kind), int(instance)),
        {int(item.propertyIdentifier): _content(item.value) for item in apdu.listOfValues or ()},
    )


def _content(value: Any) -> list[Tag]:
    """The tags inside a bacpypes3 `Any`, without the context tags around them; its classes are numbered as ours."""
    found = [
        Tag(int(tag.tag_class), int(tag.tag_number), bytes(tag.tag_data) or _boolean(tag))
        for tag in value.tagList.tagList
    ]
    return found[1:-1] if found and found[0].kind == OPENING else found


def _boolean(tag: Any) -> bytes:
    """A Boolean has its value where others have their length (§20.2.3)."""
    return bytes((int(tag.tag_lvt),)) if (tag.tag_class, tag.tag_number) == (0, 1) else b""
