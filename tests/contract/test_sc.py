"""BACnet/SC: the same driver behind a hub, on real TLS, and what becomes of it when hubs and certificates fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from drivers.bacnet.rusty import hub
from drivers.bacnet.rusty.driver import RustyDriver
from drivers.bacnet.rusty.node import FILE
from drivers.protocol import Address, Answer, DriverError, Misconfigured, Silent, Write
from tests.certificates import CLIENT, SERVER, Authority
from tests.contract.secure import VMAC, Hub, Network

PATIENCE = 120.0
"""s that a loaded machine may take for what takes two or three."""
ROOM = Address("controller", "analog-input", 1)
SETPOINT = Address("controller", "analog-value", 1)


@pytest.fixture(autouse=True)
def hasty(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of all pauses, but where the real ones are measured."""
    if request.node.get_closest_marker("thorough") is None:
        for name in ("REDIAL", "LONGEST", "LOOK"):
            monkeypatch.setattr(hub, name, getattr(hub, name) / 10)


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    """A hub, and a controller behind it."""
    made = Network(tmp_path)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def started() -> AsyncIterator[Callable[[RustyDriver], asyncio.Future[None]]]:
    """Starts drivers, and stops them at the end."""
    running: list[RustyDriver] = []

    async def start(driver: RustyDriver) -> None:
        await driver.start()
        running.append(driver)

    yield start  # type: ignore[misc] # an async function is what is awaited
    for driver in running:
        await driver.stop()


async def until(found: Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not found():
            await asyncio.sleep(0.05)


async def reads(driver: RustyDriver, address: Address = ROOM) -> float | int | bool | str | None:
    """What an object reads as, as soon as its device answers."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                answer = (await driver.read([address]))[0]
            except DriverError:
                await asyncio.sleep(0.1)
                continue
            if answer.error is None:
                return answer.value


async def told(driver: RustyDriver, value: float) -> None:
    """Wait until a change of the room to `value` is told."""

    async def hear() -> None:
        async for answer in driver.changes():
            if answer == Answer(ROOM, value, False, None):
                return

    async with asyncio.timeout(PATIENCE):
        await hear()


@pytest.mark.parametrize("address", [None, VMAC])
async def test_a_controller_behind_a_hub_is_read_heard_and_written(
    network: Network, started: Callable[..., object], address: str | None
) -> None:
    """Found by Who-Is or at its VMAC; who it is, many values, changes, slots, names and traits go as they do on BACnet/IP."""
    driver = network.driver(address=address)
    await started(driver)  # type: ignore[misc]
    who = await driver.identify("controller")
    assert (who.instance, who.name, who.address) == (4711, "secure", VMAC)
    assert driver.uplink is not None and driver.uplink.hub == "primary"
    setpoints = [Address("controller", "analog-value", n) for n in range(1, 13)]
    answers = await driver.read([ROOM, *setpoints])
    assert [a.error for a in answers] == [None] * 13
    assert answers[0].value == 21.5
    assert await driver.subscribe([ROOM], 60) == [ROOM]
    await network.device.change(22.5)
    await told(driver, 22.5)
    await driver.write(SETPOINT, 26.0, 10)
    assert (await driver.read_array(SETPOINT)).at(10) == 26.0
    assert await driver.write_many([Write(a, 25.0, 10) for a in setpoints]) == [None] * 12
    await driver.write(SETPOINT, None, 10)
    assert (await driver.read_array(SETPOINT)).at(10) is None
    assert (await driver.names([ROOM]))[0].value == "room"
    assert (await driver.traits([ROOM]))[0].error is None


async def test_who_we_are_is_the_same_after_a_restart(
    network: Network, started: Callable[..., object], tmp_path: Path
) -> None:
    """VMAC and UUID are kept, for their owner alone; a second program of the building is turned away, not let in as us."""
    state = tmp_path / "state"
    state.mkdir()
    driver = network.driver(state=state)
    await driver.start()
    kept = json.loads((state / FILE).read_text())
    assert (state / FILE).stat().st_mode & 0o077 == 0
    with pytest.raises(Misconfigured, match="another program"):
        await network.driver(state=state).start()
    await driver.stop()
    second = network.driver(state=state)
    await started(second)  # type: ignore[misc]
    assert await reads(second) == 21.5
    assert json.loads((state / FILE).read_text()) == kept


async def test_a_vmac_that_another_node_has_is_replaced_and_kept(
    network: Network, started: Callable[..., object], tmp_path: Path
) -> None:
    """The hub refuses the second of two; we take another one, which is ours from then on."""
    state = tmp_path / "state"
    state.mkdir()
    taken = {"vmac": VMAC, "uuid": "6d1f2a3b-1111-4222-8333-444455556666"}
    (state / FILE).write_text(json.dumps(taken))
    driver = network.driver(state=state)
    await started(driver)  # type: ignore[misc]
    assert await reads(driver) == 21.5
    kept = json.loads((state / FILE).read_text())
    assert kept["uuid"] == taken["uuid"]
    assert kept["vmac"] != VMAC
    assert int(kept["vmac"][:2], 16) & 0x0F == 0x02


async def test_changes_are_told_again_after_the_hub_was_away(
    network: Network, started: Callable[..., object]
) -> None:
    """While it is away, calls end in time and say that it is the hub; then everything comes back by itself."""
    driver = network.driver(timeout=1.0)
    await started(driver)  # type: ignore[misc]
    assert await driver.subscribe([ROOM], 60) == [ROOM]
    await network.hub.stop()
    await until(lambda: driver.uplink is not None and driver.uplink.hub is None)
    with pytest.raises(Silent, match="hub"):
        await driver.read([ROOM])
    await network.hub.start()
    await network.device.again()
    await until(lambda: driver.uplink is not None and driver.uplink.hub == "primary")
    assert await reads(driver) == 21.5
    await network.device.change(23.5)
    await told(driver, 23.5)


@pytest.mark.thorough
async def test_twenty_restarts_of_the_hub(
    network: Network, started: Callable[..., object], record_property: Callable[[str, object], None]
) -> None:
    """Each time the changes are told again within half a minute of the hub's return; nothing is left behind."""
    driver = network.driver(timeout=3.0)
    await started(driver)  # type: ignore[misc]
    assert await driver.subscribe([ROOM], 300) == [ROOM]
    took: list[float] = []
    clock = asyncio.get_running_loop().time
    stream = driver.changes()
    for number in range(1, 21):
        await network.hub.stop()
        await asyncio.sleep(0.5 * (number % 4))  # down for a moment, or long enough to be dialled in vain
        await network.hub.start()
        up = clock()
        await network.device.again()
        await network.device.change(20.0 + number / 10)
        async with asyncio.timeout(PATIENCE):
            while (await anext(stream)).value != pytest.approx(20.0 + number / 10):
                pass
        took.append(clock() - up)
    worst = max(took)
    record_property("seconds", took)
    print(f"20 restarts: changes told after {sorted(took)[10]:.1f} s (median), {worst:.1f} s (worst)")
    assert worst <= 30.0
    await until(lambda: driver.in_flight == 0)


class Cable:
    """A TCP relay to the hub that can be cut without a word, as when the hub's power fails."""

    def __init__(self, port: int) -> None:
        self._to, self._open = port, list[asyncio.StreamWriter]()
        self.cut = False
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Relay; the URI of this end."""
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        return f"wss://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Relay no longer."""
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._open += [writer, back]
        await asyncio.gather(self._one_way(reader, back), self._one_way(there, writer))

    async def _one_way(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        cut = self.cut
        while data := await reader.read(4096):
            if not cut and self.cut:
                continue  # of those that were open when it was cut nothing gets through any more
            writer.write(data)


@pytest.mark.thorough
async def test_a_hub_that_goes_without_a_word_is_noticed(
    network: Network, started: Callable[..., object]
) -> None:
    """Its power was cut: no connection is closed, heartbeats stay without an answer; a new connection is made."""
    cable = Cable(int(network.hub.uri.rsplit(":", 1)[1]))
    driver = network.driver(hub=await cable.start(), timeout=3.0)
    try:
        await started(driver)  # type: ignore[misc]
        assert await driver.subscribe([ROOM], 300) == [ROOM]
        cable.cut = True
        await until(lambda: driver.uplink is not None and driver.uplink.hub is None)
        assert driver.uplink is not None
        assert driver.uplink.problem == "the hub stopped answering"
        await until(lambda: driver.uplink is not None and driver.uplink.hub == "primary")
        assert await reads(driver) == 21.5
        await network.device.change(23.5)
        await told(driver, 23.5)
    finally:
        await cable.stop()


async def test_a_start_without_a_hub_is_no_failure(network: Network, started: Callable[..., object]) -> None:
    """After a power cut the gateway may be up before the hub is: it says so, and begins when the hub is there."""
    await network.stop()
    driver = network.driver(timeout=1.0)
    await started(driver)  # type: ignore[misc]
    assert driver.uplink is not None
    assert driver.uplink.problem == "nobody listens at the hub's address"
    await network.start()
    assert await reads(driver) == 21.5


async def test_the_failover_hub_takes_over_and_the_primary_takes_back(
    network: Network, started: Callable[..., object]
) -> None:
    """The controller is reached through whichever is there; the primary is gone back to as soon as it answers."""
    second = Hub(network.authority.issue("second"), network.authority.file)
    await second.start()
    try:
        driver = network.driver(failover=second.uri, timeout=2.0)
        await started(driver)  # type: ignore[misc]
        assert await reads(driver) == 21.5
        primary = network.hub.uri
        await network.hub.stop()
        network.device.hub = second.uri
        await network.device.again()
        await until(lambda: driver.uplink is not None and driver.uplink.hub == "failover")
        assert await reads(driver) == 21.5
        await network.hub.start()
        assert network.hub.uri == primary
        await until(lambda: driver.uplink is not None and driver.uplink.hub == "primary")
        network.device.hub = primary
        await network.device.again()
        assert await reads(driver) == 21.5
    finally:
        await second.stop()


async def test_whatever_else_listens_there_is_no_hub(
    network: Network, started: Callable[..., object]
) -> None:
    """A port that speaks something else, and one that says nothing: told apart, and dialled again."""

    async def chatter(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-other\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(chatter, "127.0.0.1", 0)
    uri = f"wss://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    driver = network.driver(hub=uri, timeout=1.0)
    await started(driver)  # type: ignore[misc]
    assert driver.uplink is not None
    assert driver.uplink.problem == "at the hub's address is something else than a BACnet/SC hub"
    server.close()


OURS_REFUSED = [
    ("expired", {"last": -1.0}, "it expired"),
    ("early", {"first": 1.0}, "does not hold yet"),
    ("server", {"usage": (SERVER,)}, "client authentication"),
]
HUBS_REFUSED = [
    ("expired", {"last": -1.0}, "the hub's certificate expired"),
    ("early", {"first": 1.0}, "does not hold yet"),
    ("client", {"usage": (CLIENT,)}, "server authentication"),
]


@pytest.mark.parametrize(("name", "how", "said"), OURS_REFUSED, ids=[row[0] for row in OURS_REFUSED])
async def test_a_hub_that_refuses_our_certificate_says_why(
    network: Network, started: Callable[..., object], name: str, how: dict[str, object], said: str
) -> None:
    """Expired, not yet valid, for another purpose: the reason stands where people look; once it is replaced, all is well."""
    bad = network.authority.issue(name, **how)  # type: ignore[arg-type]
    driver = network.driver(files=bad, timeout=0.3)
    await started(driver)  # type: ignore[misc]
    assert driver.uplink is not None
    assert "the hub refuses our certificate" in driver.uplink.problem
    assert said in driver.uplink.problem
    with pytest.raises(Silent, match="refuses our certificate"):
        await driver.identify("controller")
    network.authority.issue(name)
    assert await reads(driver) == 21.5


@pytest.mark.parametrize(("name", "how", "said"), HUBS_REFUSED, ids=[row[0] for row in HUBS_REFUSED])
async def test_a_hubs_certificate_that_we_refuse_is_told(
    tmp_path: Path, started: Callable[..., object], name: str, how: dict[str, object], said: str
) -> None:
    """The same, of the hub's."""
    network = Network(tmp_path)
    network.hub.files = network.authority.issue(name, **how)  # type: ignore[arg-type]
    await network.hub.start()
    driver = network.driver(timeout=1.0)
    await started(driver)  # type: ignore[misc]
    assert driver.uplink is not None
    assert said in driver.uplink.problem
    await network.hub.stop()


async def test_authorities_that_do_not_know_each_other(
    network: Network, started: Callable[..., object], tmp_path: Path
) -> None:
    """Our certificate from another authority is the hub's to refuse, the hub's is ours."""
    other = Authority(tmp_path, "other")
    for driver, said in (
        (network.driver(files=other.issue("foreign")), "it does not know the authority that issued it"),
        (
            network.driver(authority=other.file),
            "the hub's certificate was not issued by the authority of `ca`",
        ),
    ):
        await started(driver)  # type: ignore[misc]
        assert driver.uplink is not None
        assert said in driver.uplink.problem
