"""The log of writes reads datagrams as ASHRAE 135 has them, and loses none that it cannot read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.bacnet.apdu import UNREADABLE, Write, writes_in

HEADER = "01040005"
"""NPDU expecting a reply; an unsegmented confirmed request, up to 1476 octets."""

STAIRS_OFF = "0f0c0100000719553e91003f490a"
"""WriteProperty: binary-output 7, present-value, Enumerated 0, priority 10 (clause 21)."""


def datagram(apdu: str, npdu: str = "0104", bvlc: str = "810a") -> bytes:
    """A BACnet/IP datagram of a confirmed request with invoke id 1."""
    body = bytes.fromhex(npdu + "000501" + apdu)
    return bytes.fromhex(bvlc) + (len(body) + 4).to_bytes(2, "big") + body


STAIRS = Write("binary-output", 7, 85, 10, 0)


@pytest.mark.parametrize(
    ("what", "octets"),
    [
        ("unicast", datagram(STAIRS_OFF)),
        ("broadcast", datagram(STAIRS_OFF, bvlc="810b")),
        ("through a router", datagram(STAIRS_OFF, npdu="010c0007012a")),
        ("to a routed device", datagram(STAIRS_OFF, npdu="01240007012aff")),
        ("both", datagram(STAIRS_OFF, npdu="012c0007012a00080103ff")),
        (
            "forwarded by a BBMD",
            bytes.fromhex("8104001e7f000001bac0") + datagram(STAIRS_OFF)[4:],
        ),
    ],
)
def test_a_write_is_seen_whichever_way_it_comes(what: str, octets: bytes) -> None:
    """Unicast, broadcast, routed or forwarded: the write to the stairs is the same write."""
    assert writes_in(octets) == [STAIRS], what


@pytest.mark.parametrize(
    ("tagged", "value"),
    [
        ("00", None),
        ("11", True),
        ("2103", 3),
        ("31fe", -2),
        ("4441d00000", 26.0),
        ("5508403a000000000000", 26.0),
        ("750700e58aaae58a9b", "努力"),
        ("9101", 1),
    ],
)
def test_values_are_logged_in_their_own_type(tagged: str, value: object) -> None:
    """NULL, Boolean, Unsigned, Signed, Real, Double, text and Enumerated."""
    (write,) = writes_in(datagram(f"0f0c0100000719553e{tagged}3f490a"))
    assert write == Write("binary-output", 7, 85, 10, value)  # type: ignore[arg-type]  # one of each type
    assert type(write.value) is type(value)


def test_every_element_of_a_multiple_write_is_logged() -> None:
    """Two objects, three properties, an array index and a missing priority."""
    fan = "0c014000011e09552e91002f390a1f"
    setpoint = "0c008000011e09552e4441d000002f390d0957190a2e002f1f"
    assert writes_in(datagram("10" + fan + setpoint)) == [
        Write("binary-value", 1, 85, 10, 0),
        Write("analog-value", 1, 85, 13, 26.0),
        Write("analog-value", 1, 87, None, None),
    ]


def test_a_constructed_value_is_logged_in_hexadecimal() -> None:
    """A schedule or a list is no plain value, but its octets are there."""
    (write,) = writes_in(datagram("0f0c01000007197b3e0e21010f3f"))
    assert write == Write("binary-output", 7, 123, None, "0e21010f")


@pytest.mark.parametrize("cut", range(1, len(bytes.fromhex(STAIRS_OFF)) - 2))
def test_a_write_cut_short_leaves_a_trace(cut: int) -> None:
    """Wherever a write request ends too early, the log says that something could not be read."""
    whole = datagram(STAIRS_OFF)
    found = writes_in(whole[: -cut - 2])
    assert [write.object_type for write in found] == [UNREADABLE]


def test_a_segment_leaves_a_trace() -> None:
    """No device here takes segments, but one that carries a write is still remarked."""
    segment = bytes.fromhex("810a001a01040c05010001100c014000011e09552e91002f")
    assert [write.object_type for write in writes_in(segment)] == [UNREADABLE]


@pytest.mark.parametrize(
    "octets",
    [
        datagram("0c0c010000071955"),
        bytes.fromhex("810a000801001008"),
        bytes.fromhex("810a000a01042001010f"),
        bytes.fromhex("810a0009018000000a"),
        b"",
    ],
    ids=["read", "who-is", "simple ack", "network message", "nothing"],
)
def test_what_is_no_write_is_not_logged(octets: bytes) -> None:
    """Reads, discovery, acknowledgements of writes and network messages leave the log alone."""
    assert writes_in(octets) == []


@given(st.binary(max_size=200), st.booleans())
def test_no_octets_stop_the_log(octets: bytes, as_write: bool) -> None:
    """Whatever arrives, reading it ends, and what claims to be a write leaves a trace."""
    if as_write:
        assert writes_in(datagram("0f" + octets.hex()))
    else:
        writes_in(octets)
