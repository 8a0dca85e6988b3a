"""Which address to work from follows from where the controllers are, or is said by name."""

from __future__ import annotations

import pytest

from drivers.care.bind import choose, local
from drivers.protocol import Misconfigured
from drivers.refused import in_both


def test_what_the_site_file_says_is_taken() -> None:
    """No guess is made about it."""
    assert choose("192.168.7.5/22", ["10.0.0.9:47808"], "bac0") == "192.168.7.5/22"


def test_the_address_that_faces_the_controllers_is_found() -> None:
    """Three controllers at one network, one without an address, one behind a router: the first ones tell."""
    places = ["127.0.0.11:47809", None, "127.0.0.12", "2001:12", "127.0.0.13:47809"]
    assert choose(None, places, "bac0") == "127.0.0.1/8"


@pytest.mark.parametrize("places", [[], [None], ["2001:12"], ["127.0.0.999:47808"]])
def test_where_nothing_tells_the_integrator_reads_what_there_is_to_choose_from(
    places: list[str | None],
) -> None:
    """No device has an address: this machine's own are listed, loopback last, with their masks."""
    with pytest.raises(Misconfigured, match="no device has an address that tells which") as said:
        choose(None, places, "bac0")
    assert "127.0.0.1/8 (lo)" in said.value.message
    assert "bind" in said.value.message


def test_controllers_on_two_networks_need_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two interfaces lead to them: which is reached from where is said, and nothing is chosen."""
    routes = {"10.1.0.9:47808": "10.1.0.5", "10.2.0.9:47808": "10.2.0.5"}
    monkeypatch.setattr("drivers.care.bind._towards", lambda address: routes.get(address))
    with pytest.raises(Misconfigured, match=r"10\.1\.0\.9:47808 is reached from 10\.1\.0\.5; 10\.2\.0\.9"):
        choose(None, list(routes), "rusty")


def test_this_machines_addresses_are_known_with_their_masks() -> None:
    """Loopback is there, and comes last."""
    name, interface = local()[-1]
    assert (name, str(interface)) == ("lo", "127.0.0.1/8")


def test_a_cable_that_is_out_at_the_start_is_not_called_a_missing_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The controllers have addresses, and there is no way to any of them: whoever reads it looks at the network first."""
    monkeypatch.setattr("drivers.care.bind._towards", lambda address: None)
    with pytest.raises(Misconfigured, match="no way to any of them just now: is the network up") as said:
        choose(None, ["10.9.0.2:47808", None], "bac0")
    assert "请检查网络" in in_both(said.value.message).zh
