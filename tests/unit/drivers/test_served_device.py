"""A served device without a wire: who is told of changes, for how long, and what a datagram says of its sender."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from drivers.bacnet.bac0.serving import asked
from drivers.bacnet.rusty.serving import Back, received
from drivers.bacnet.serving.catalogue import About
from drivers.bacnet.serving.device import Device, Hear
from drivers.bacnet.serving.items import Fault, Item, Kind, Peer
from drivers.bacnet.serving.subscriptions import MOST, Subscriptions
from tests.fakes import virtual_time

MODE = (19, 1)
WHO = ("10.0.0.9", 47808)
FRONT = Peer(0, bytes((10, 0, 0, 9, 0xBA, 0xC0)), None)


def item() -> Item:
    """A multi-state value."""
    return Item(Kind.MULTI_STATE_VALUE, 1, "Mode", "", 1, ("a", "b", "c"))


class Carrier:
    """Keeps what is said; confirmed requests wait until they are let through."""

    besides: frozenset[int] = frozenset()
    where = "10.0.0.1:47808"

    def __init__(self) -> None:
        self.said: list[bytes] = []
        self.asked: list[bytes] = []
        self.through = asyncio.Event()
        self.hear: Hear = lambda peer, apdu: None

    async def open(self, hear: Hear) -> None:
        """Nothing to bind."""
        self.hear = hear

    async def close(self) -> None:
        """Nothing to free."""

    def say(self, to: Peer | None, apdu: bytes) -> None:
        """Kept."""
        self.said.append(apdu)

    async def ask(self, to: Peer, service: int, data: bytes) -> bool:
        """Kept, and held up."""
        self.asked.append(data)
        await self.through.wait()
        return False


async def served() -> tuple[Device, Carrier, Item]:
    """A device that answers."""
    carrier, mode = Carrier(), item()
    about = About(7, "us", "", 555, "v", "m", "1")
    device = Device(about, [mode], carrier, lambda: datetime(2026, 7, 15, 12, 0, tzinfo=UTC))
    await device.open()
    device.appear()
    carrier.said.clear()
    return device, carrier, mode


def subscribe(lifetime: int, *, confirmed: bool = False) -> bytes:
    """SubscribeCOV of the mode, as an APDU."""
    data = b"\x09\x07\x1c" + (19 << 22 | 1).to_bytes(4, "big") + bytes((0x29, confirmed))
    return b"\x00\x05\x01\x05" + data + b"\x3a" + lifetime.to_bytes(2, "big")


@virtual_time
async def test_a_subscription_ends_unless_it_is_renewed() -> None:
    """Told at once, and of each change while it lasts; a renewal counts from then on, and tells the value again."""
    device, carrier, mode = await served()
    carrier.hear(FRONT, subscribe(300))
    assert [apdu[:2] for apdu in carrier.said] == [b"\x20\x01", b"\x10\x02"], "the acknowledgement goes first"
    await asyncio.sleep(299)
    device.put(mode, 2)
    device.put(mode, 2)
    assert len(carrier.said) == 3, "a value that is the same is no change"
    carrier.hear(FRONT, subscribe(300))
    await asyncio.sleep(299)
    device.put(mode, 3)
    assert len(carrier.said) == 6
    await asyncio.sleep(2)
    device.put(mode, 1)
    assert len(carrier.said) == 6
    assert len(device.subscriptions) == 0
    assert device.subscriptions.listed() == b""


@virtual_time
async def test_a_client_that_acknowledges_nothing_has_one_notification_under_way() -> None:
    """However often the value changes; the next one has what holds by then."""
    device, carrier, mode = await served()
    carrier.hear(FRONT, subscribe(0, confirmed=True))
    await asyncio.sleep(0)
    for _ in range(50):
        for value in (2, 3, 1, 2):
            device.put(mode, value)
            await asyncio.sleep(0)
    assert len(carrier.asked) == 1
    carrier.through.set()
    await asyncio.sleep(0.1)
    assert len(carrier.asked) == 2
    assert b"\x2e\x21\x02\x2f" in carrier.asked[1]
    await device.close()


@virtual_time
async def test_until_it_appears_it_says_nothing() -> None:
    """While it is asked whether another has its number; and after it was closed."""
    device, carrier, _ = await served()
    await device.close()
    carrier.hear(FRONT, b"\x10\x08")
    assert carrier.said == []


def test_there_is_room_for_so_many() -> None:
    """One more is refused for want of space, a renewal is not; what is over makes room."""
    now = [0.0]
    all_ = Subscriptions(lambda: now[0])
    for process in range(MOST):
        all_.add(FRONT, process, MODE, 60, confirmed=False)
    all_.add(FRONT, 0, MODE, 60, confirmed=True)
    with pytest.raises(Fault) as refused:
        all_.add(FRONT, MOST, MODE, 60, confirmed=False)
    assert (refused.value.error_class, refused.value.code) == (3, 19)
    now[0] = 61.0
    all_.add(FRONT, MOST, MODE, 60, confirmed=False)
    assert len(all_) == 1


APDU = b"\x10\x08"


def datagram(function: int, body: bytes) -> bytes:
    """A BACnet/IP datagram."""
    return bytes((0x81, function)) + (len(body) + 4).to_bytes(2, "big") + body


@pytest.mark.parametrize(
    ("data", "back"),
    [
        (datagram(0x0A, b"\1\0" + APDU), Back(WHO, 0, b"")),
        (datagram(0x0B, b"\1\x20\xff\xff\0\xff" + APDU), Back(WHO, 0, b"")),
        (datagram(0x04, b"\x0a\0\0\7\xba\xc1\1\0" + APDU), Back(("10.0.0.7", 47809), 0, b"")),
        (datagram(0x0A, b"\1\x08\0\x14\1\7" + APDU), Back(WHO, 20, b"\7")),
        (datagram(0x0B, b"\1\x28\xff\xff\0\0\x14\1\7\xfe" + APDU), Back(WHO, 20, b"\7")),
        (datagram(0x0A, b"\1\x20\0\5\0\xff" + APDU), None),
        (datagram(0x0A, b"\1\x80\0"), None),
        (datagram(0x0A, b"\2\0" + APDU), None),
        (datagram(0x09, b"\0" * 8), None),
        (datagram(0x04, b"\x0a\0\0\7"), None),
    ],
    ids=["unicast", "broadcast", "forwarded", "routed", "routed broadcast", "for others", "network", "version", "bvlc", "cut"],
)  # fmt: skip
def test_where_an_answer_goes(data: bytes, back: Back | None) -> None:
    """Back to who asked: straight, to whom a BBMD forwarded for, or through the router it came by."""
    found = received(data, WHO)
    assert found == (None if back is None else (back, APDU))


@pytest.mark.parametrize("cut", range(1, 14))
def test_a_datagram_that_is_cut_off_does_no_harm(cut: int) -> None:
    """Wherever it ends, with or without a length that fits."""
    whole = datagram(0x0B, b"\1\x28\xff\xff\0\0\x14\1\7\xfe" + APDU)
    assert received(whole[:cut], WHO) is None
    received(datagram(0x0B, whole[4 : 4 + cut]), WHO)
    received(datagram(0x04, whole[4 : 4 + cut]), WHO)


@pytest.mark.parametrize(
    ("apdu", "ours"),
    [
        (b"\x00\x05\x01\x0c", True), (b"\x0c\x05\x01\x00\x04\x0c", True), (b"\x10\x08", True), (b"\x10\x07\x2c", True),
        (b"\x00\x05\x01\x01", False), (b"\x10\x00", False), (b"\x10\x02", False), (b"\x20\x01\x0c", False), (b"\x30\x01\x0c", False),
        (b"\x50\x01\x0c", False), (b"\x00", False), (b"", False),
    ],
)  # fmt: skip
def test_what_the_client_waits_for_stays_the_clients(apdu: bytes, ours: bool) -> None:
    """On a port that both share: answers, I-Am and notifications are the client's, requests the device's."""
    assert asked(apdu) is ours
