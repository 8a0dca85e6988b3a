"""The judges of a day on a bad line find what is planted: a late write, one nobody asked for, a dead subscription."""

from __future__ import annotations

import math

from simulator.bacnet.relay import bad_line
from tests.contract import wire
from tests.wire import day
from tests.wire.relay import Passed

FAN = ("ddc-1", "binary-output", 10)
NOON = 1_784_088_000.0


def _write(at: float, value: int | None, instance: int = 10, priority: int = 10) -> Passed:
    """A WriteProperty of a fan's Present_Value, as a relay hears it from the daemon."""
    content = b"\x00" if value is None else wire.enumerated(value)
    data = wire.context(0, wire.object_id(4, instance)) + wire.context(1, b"\x55")
    data += wire.opening(3) + content + wire.closing(3) + wire.context(4, bytes((priority,)))
    return Passed(at, "ddc-1", True, wire.datagram(b"\x00\x05\x01\x0f" + data), (0.1,), False)


def _told(at: float, instance: int) -> Passed:
    """An UnconfirmedCOVNotification of an input, as a relay hears it from the controller."""
    data = wire.context(0, b"\x01") + wire.context(1, wire.object_id(8, 2101))
    data += wire.context(2, wire.object_id(3, instance)) + wire.context(3, b"\x14")
    return Passed(
        at, "ddc-1", False, wire.datagram(bytes((0x10, wire.UNCONFIRMED_COV)) + data), (0.1,), False
    )


def _asked(wall: float, value: float | None, expires: float) -> day.Asked:
    return day.Asked(FAN, wall, value, 10, expires)


def test_a_write_is_read_out_of_the_relays_log() -> None:
    """Object, slot and value as they stood on the wire; repetitions count each."""
    log = [_write(NOON, 0), _told(NOON, 1), _write(NOON + 1, 0), _write(NOON + 2, None)]
    assert day.writes(log) == [
        day.Sent(NOON, FAN, 10, 0.0, 85),
        day.Sent(NOON + 1, FAN, 10, 0.0, 85),
        day.Sent(NOON + 2, FAN, 10, None, 85),
    ]


def test_a_planted_late_write_is_found() -> None:
    """The decision was good until noon; a repetition within the time that two calls take is fine, a later one is not."""
    asked = [_asked(NOON - 60, 0.0, NOON)]
    sent = day.writes(
        [_write(NOON - 59, 0), _write(NOON + 10, 0), _write(NOON + 11, 0), _write(NOON + 3600, 0)]
    )
    assert [write.at - NOON for write in day.expired(sent, asked)] == [11, 3600]


def test_a_renewed_decision_is_judged_by_its_renewal_and_letting_go_is_never_late() -> None:
    """The later intent counts once it is there; NULL may come when it comes."""
    asked = [
        _asked(NOON - 60, 0.0, NOON),
        _asked(NOON + 600, 0.0, NOON + 900),
        _asked(NOON + 950, None, NOON),
    ]
    sent = day.writes([_write(NOON + 700, 0), _write(NOON + 3600, None)])
    assert day.expired(sent, asked) == []
    assert day.unasked(sent, asked) == []


def test_a_write_that_nobody_asked_for_is_found() -> None:
    """Another object, another value, another slot, or before it was asked."""
    asked = [_asked(NOON, 0.0, math.inf)]
    sent = day.writes(
        [
            _write(NOON + 1, 0),
            _write(NOON + 1, 0, 20),
            _write(NOON + 1, 1),
            _write(NOON + 1, 0, 10, 8),
            _write(NOON - 1, 0),
        ]
    )
    assert day.unasked(sent, asked) == sent[1:]


def test_a_subscription_that_never_comes_back_is_found() -> None:
    """Two inputs reported before the cut, one of them after it, eight seconds later."""
    log = [_told(NOON - 5, 1), _told(NOON - 4, 2), _told(NOON + 48, 1)]
    found = day.cov(log, (NOON, NOON + 40), 15)
    assert found.expired
    assert found.back == {("ddc-1", "binary-input", 1): 8.0}
    assert found.seconds() == math.inf


def test_subscriptions_that_outlived_the_cut_prove_nothing() -> None:
    """A controller that still reports at the cut's end had not given the subscription up."""
    assert not day.cov([_told(NOON + 39, 1)], (NOON, NOON + 40), 15).expired


def test_the_line_counts_what_it_lost_doubled_and_let_overtake() -> None:
    """The same seed gives the same line: a fifth lost, a tenth doubled."""
    fate = bad_line(1, loss=0.2, delay=0.2, jitter=0.15, duplicates=0.1)
    again = bad_line(1, loss=0.2, delay=0.2, jitter=0.15, duplicates=0.1)
    log = [Passed(NOON + 0.01 * n, "d", True, b"", tuple(fate()), False) for n in range(5000)]
    assert [each.delays for each in log] == [tuple(again()) for _ in log]
    found = day.line(log)
    assert (found.carried, round(found.lost, -2), round(found.duplicated, -2)) == (5000, 1000, 400)
    assert found.late > 1000
