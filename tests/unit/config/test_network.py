"""Our end of the wire: what to bind, other subnets, devices behind routers; misuse is said where it is written."""

from __future__ import annotations

import datetime as dt

import pytest

from config.load import load_text
from config.schema import json_schema
from tests.unit.config.conftest import Broken

BACNET = "bacnet: {bind: 127.0.0.1}"


def test_without_bind_the_address_is_found_at_the_start(small: str, today: dt.date) -> None:
    """Nothing is guessed from the machine on which the file is checked."""
    loaded = load_text(small.replace(BACNET, ""), "site.yaml", today)
    assert loaded.problems == []
    assert loaded.site is not None
    assert loaded.site.bacnet.bind is None


@pytest.mark.parametrize("stack", ["bac0", "rusty"])
def test_every_interface_at_once_has_no_broadcast(broken: Broken, stack: str) -> None:
    """Neither stack can: the hint says to leave it out."""
    problem = broken((BACNET, f"bacnet: {{stack: {stack}, bind: §0.0.0.0}}"))
    assert "no broadcast address" in problem.message
    assert "leave it out" in problem.hint


@pytest.mark.parametrize("stack", ["bac0", "rusty"])
def test_a_foreign_device_and_a_bbmd_are_two_things(
    broken: Broken, small: str, today: dt.date, stack: str
) -> None:
    """Each by itself is sound on both stacks, with the time to live in seconds; both at once are not."""
    foreign, bbmd = "foreign: {bbmd: 10.0.0.1:47808, ttl: 5min}", "bbmd: {peers: [10.0.1.1:47808, 10.0.2.1]}"
    for one in (foreign, bbmd):
        text = small.replace(BACNET, f"bacnet: {{stack: {stack}, bind: 127.0.0.1, {one}}}")
        loaded = load_text(text, "site.yaml", today)
        assert loaded.problems == []
        assert loaded.site is not None
    problem = broken((BACNET, f"bacnet: {{stack: {stack}, bind: 127.0.0.1, {foreign}, §{bbmd}}}"))
    assert "at once" in problem.message


def test_a_registration_has_a_length(small: str, today: dt.date) -> None:
    """300 s unless the file says otherwise; 16 bits of seconds at most, and no less than ten."""
    text = small.replace(BACNET, "bacnet: {bind: 127.0.0.1, foreign: {bbmd: 10.0.0.1:47808}}")
    loaded = load_text(text, "site.yaml", today)
    assert loaded.site is not None
    assert loaded.site.bacnet.foreign is not None
    assert loaded.site.bacnet.foreign.ttl == 300.0


@pytest.mark.parametrize("ttl", ["5s", "2d"])
def test_a_registration_that_is_too_short_or_too_long(broken: Broken, ttl: str) -> None:
    """The range stands in the problem."""
    problem = broken((BACNET, f"bacnet: {{bind: 127.0.0.1, foreign: {{bbmd: 10.0.0.1:47808, ttl: §{ttl}}}}}"))
    assert "range" in problem.message or "65" in problem.hint or "10" in problem.hint


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("foreign: {bbmd: §bbmd.example.org}", "no IP address with a port"),
        ("foreign: {bbmd: §10.0.0.1:99999}", "cannot be a BBMD's address"),
        ("foreign: {bbmd: §127.0.0.1:47808}", "our own address"),
        ("bbmd: {peers: [10.0.1.1:47808, §10.0.1.1]}", "named twice"),
        ("bbmd: {peers: [10.0.1.1, §224.0.0.1]}", "cannot be a BBMD's address"),
    ],
)
def test_a_bbmd_that_cannot_be(broken: Broken, written: str, words: str) -> None:
    """A name, a port that is none, ourselves, one twice, a multicast group."""
    assert words in broken((BACNET, f"bacnet: {{bind: 127.0.0.1, {written}}}")).message


def test_a_foreign_device_on_loopback_needs_no_addresses(small: str, today: dt.date) -> None:
    """Its broadcasts go to the BBMD, which finds the devices."""
    text = small.replace(BACNET, "bacnet: {bind: 127.0.0.1, foreign: {bbmd: 127.0.0.9:47808}}")
    text = text.replace("{instance: 12, address: 127.0.0.12:47809}", "{instance: 12}")
    assert load_text(text, "site.yaml", today).problems == []


def test_a_device_behind_a_router_is_known_by_network_and_station(small: str, today: dt.date) -> None:
    """MS/TP station 12 of network 2001; a second device may have the same station elsewhere."""
    text = small.replace("127.0.0.12:47809", "2001:12").replace("127.0.0.11:47809", "2002:12")
    loaded = load_text(text, "site.yaml", today)
    assert loaded.problems == []
    assert loaded.site is not None
    assert loaded.site.devices["ddc-2"].address == "2001:12"


@pytest.mark.parametrize("address", ["70000:12", "2001:300", "0:1"])
def test_a_station_that_cannot_be(broken: Broken, address: str) -> None:
    """Networks go to 65534, stations to 255 (ASHRAE 135 §6.2)."""
    assert "no station behind a router" in broken(("127.0.0.12:47809", f"§{address}")).message


def test_editors_know_these_keys() -> None:
    """The schema has the sections, with their ranges."""
    definitions = json_schema()["$defs"]
    assert {"foreign", "bbmd", "bind"} <= definitions["Bacnet"]["properties"].keys()
    assert definitions["Foreign"]["required"] == ["bbmd"]
    assert definitions["Bbmd"]["required"] == ["peers"]


def test_a_name_of_a_page_on_loopback_suggests_a_proxy(small: str, today: dt.date) -> None:
    """Who else would reach it by a name: a warning, until the proxy is declared."""
    for extra, told in (("", 1), (", proxy: true", 0), (", bind: 192.0.2.7", 0)):
        loaded = load_text(small + f"\nhttp: {{names: [house.local]{extra}}}\n", "site.yaml", today)
        assert loaded.site is not None
        assert [p.path for p in loaded.problems] == ["http.names"] * told
