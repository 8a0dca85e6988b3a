"""The addresses of the page: both families on `::`, and one line where an address cannot be had."""

from __future__ import annotations

import socket

import pytest

from supervisor.telling.web.server import listen


@pytest.mark.parametrize("caller", ["127.0.0.1", "::1"])
def test_all_addresses_are_those_of_both_families(caller: str) -> None:
    """`bind: "::"` is reached by IPv4 and by IPv6."""
    with listen("::", 0) as page:
        socket.create_connection((caller, page.getsockname()[1]), timeout=30).close()


@pytest.mark.parametrize("other", ["127.0.0.1", "0.0.0.0", "::1", "::"])  # for a moment, in a test
def test_a_port_taken_on_one_family_is_said_with_its_place(other: str) -> None:
    """Another program has it on IPv4 alone, or on IPv6 alone."""
    family = socket.AF_INET6 if ":" in other else socket.AF_INET
    with socket.create_server((other, 0), family=family) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=rf"already in use: .* IPv4 or IPv6 \(\[::\]:{port}\)"):
            listen("::", port)


def test_an_address_of_another_machine_is_named() -> None:
    """A slip, or a file copied from the gateway box next door."""
    with pytest.raises(OSError, match=r"no network card of this machine has it \(192\.0\.2\.7:8026\)"):
        listen("192.0.2.7", 8026)
