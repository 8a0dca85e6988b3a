"""The stop as an operator sees it: how long it goes on, what is said meanwhile, what a second Ctrl-C does."""

from __future__ import annotations

import asyncio

import pytest

from config.phrase import Phrase
from supervisor.daemon.promises import PROMISE
from supervisor.daemon.stopping import Stop, tell_left
from supervisor.gateway import Left, Why
from supervisor.gateway.left import told
from tests.fakes import virtual_time, virtually

SLOW = Left("o1/ac/start_stop", "d1", "d1 binary-value:101 slot 10", Why.SILENT)


@virtual_time
async def test_the_limit_counts_from_the_signal_and_not_from_the_last_decision() -> None:
    """The service manager's minute begins with its signal: a start that had to be finished first is part of it."""
    stop = Stop(55.0)
    watching = asyncio.create_task(stop.watch())
    await asyncio.sleep(10)
    stop.signal()
    await asyncio.sleep(20)
    assert stop.patience().within == pytest.approx(35.0)
    assert stop.patience().promise == PROMISE
    watching.cancel()


@virtual_time
async def test_a_stop_that_comes_late_keeps_its_five_seconds() -> None:
    """However long the way to the stop was, those that answer are let go of."""
    stop = Stop(5.0)
    watching = asyncio.create_task(stop.watch())
    stop.signal()
    await asyncio.sleep(60)
    assert stop.patience().within == PROMISE
    watching.cancel()


@virtual_time
async def test_a_second_signal_means_enough() -> None:
    """The first one asks for the stop; whoever presses Ctrl-C again does not want to wait."""
    stop = Stop()
    stop.signal()
    assert (stop.asked.is_set(), stop.enough.is_set()) == (True, False)
    stop.signal()
    assert stop.enough.is_set()


def test_a_stop_that_goes_on_says_so_in_both_languages(capfd: pytest.CaptureFixture[str]) -> None:
    """After five seconds: how many, of which controller, why, for how long yet, and how to end it."""

    async def story() -> None:
        heard: list[Phrase] = []
        stop = Stop(55.0, heard.append)
        stop.signal()
        patience = stop.patience()
        await asyncio.sleep(PROMISE)
        patience.late([SLOW])
        (line,) = heard
        assert line.en.startswith(
            "not let go of yet: d1, 1 point: does not answer; the stop goes on for up to 50 s"
        )
        assert "a second Ctrl-C or SIGTERM ends it at once" in line.en
        assert "尚未释放：d1 1 个点：无应答；最多再等 50 秒" in line.zh

    virtually(story())
    assert "still letting go" in "".join(capfd.readouterr()), "the log has it too"


def test_what_is_left_of_hundreds_of_points_is_a_line_a_controller(capfd: pytest.CaptureFixture[str]) -> None:
    """Of a large building on a busy machine hundreds were left at a stop: as many lines said that they do not answer."""
    points = [
        SLOW._replace(point=f"{device}/p{n}", device=device, why=Why.REFUSED if n == 7 else Why.SILENT)
        for device in ("d1", "d2")
        for n in range(300)
    ]
    tell_left([*points, SLOW._replace(point="d3/only", device="d3")])
    lines = [line for line in "".join(capfd.readouterr()).splitlines() if "left" in line]
    assert len(lines) == 3
    assert "d1, 299 points: does not answer; d1, 1 point: refuses to let go" in lines[0]
    assert "d1/p9" in lines[0]
    assert "d1/p10" not in lines[0], "the database knows them all"
    assert "see to d3's power and network" in lines[2]
    printed = [line for line in told(points, "my.yaml") if line.startswith("left")]
    assert len(printed) == 4, (
        "a line for each controller and reason on standard error, which a service's log has, too"
    )
    assert printed[0] == ("left: d1/p0, d1/p1, d1/p2 and 296 more (d1): does not answer · 无应答")
    assert told(points, "my.yaml", "zh")[0] == "未释放：d1/p0、d1/p1、d1/p2 等 299 个点（d1）：无应答"
