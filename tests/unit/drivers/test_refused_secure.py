"""Whatever is said of a hub of BACnet/SC is said in Chinese, too."""

from __future__ import annotations

import re

import pytest

from drivers.bacnet.rusty import refused
from drivers.refused import in_both

SAID = {
    *refused._ALERTS.values(),
    *refused._CAUSES.values(),
    *(meaning for rows in (refused._OF_THE_HUB, refused._NETWORK, refused._FILES) for _, meaning in rows),
    refused.dialling(OSError("something new")),
    refused.dialling(OSError("NAK during connect: function=0x6 error_class=3 error_code=0 details=")),
    refused.dialling(OSError("NAK during connect: function=0x6 error_class=7 error_code=151 details=")),
    refused.dialling(OSError("received fatal alert: DecodeError")),
}


@pytest.mark.parametrize("said", sorted(SAID))
def test_a_reason_is_told_in_the_readers_language(said: str) -> None:
    """Its Chinese is Chinese, and no quotation of the driver."""
    zh = in_both(said).zh
    assert re.search("[\u4e00-\u9fff]", zh)
    assert "驱动报告" not in zh
