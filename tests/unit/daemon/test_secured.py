"""What the daemon tells of certificates and of the hub: on the page, once in the log of events, again as the end comes nearer."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from drivers.protocol import Uplink
from supervisor.daemon.secured import PATIENT, Secured
from supervisor.sitefile.certificates import DAY
from supervisor.sitefile.sitefile import load_text
from supervisor.telling.needs import needs
from tests.certificates import Authority
from tests.tools.fake_building import fake_building
from tests.unit.cli.test_certificates import SITE


class Reader:
    """A reader behind a hub."""

    def __init__(self) -> None:
        self.uplink: Uplink | None = Uplink("primary", "")


class Daemon:
    """As much of one as is looked at."""

    def __init__(self, folder: Path, last: float) -> None:
        authority = Authority(folder)
        files = authority.issue("us", last=last)
        text = SITE.replace("CA\n", f"{authority.file}\n").replace("CERTIFICATE", files.certificate)
        loaded = load_text(text.replace("KEY", files.key), str(folder / "site.yaml"))
        self.reader, self.said, self.now = Reader(), list[tuple[str, ...]](), time.time()
        running: Any = SimpleNamespace(site=loaded.site, line=SimpleNamespace(reader=self.reader))
        self.authority = authority
        self.secured = Secured(lambda: running, lambda *said: self.said.append(said), lambda: self.now)

    def needs(self) -> list[tuple[str, str]]:
        """What the page says of connections."""
        snapshot = fake_building(
            hub=self.secured.hub,
            certificates=self.secured.certificates,
            certificate_troubles=self.secured.troubles,
        )
        return [
            (need.tone, need.cause.zh)
            for need in needs(snapshot)
            if need.key.startswith(("hub", "certificate"))
        ]


async def test_a_certificate_with_29_days_left_needs_somebody(tmp_path: Path) -> None:
    """It is told once, and again as its end comes nearer; once it is renewed, the line is gone."""
    daemon = Daemon(tmp_path, last=60)
    await daemon.secured.look()
    assert {c.file for c in daemon.secured.certificates} == {"ca", "certificate"}
    assert daemon.needs() == []
    daemon.now += 30.5 * DAY
    for _ in range(3):
        await daemon.secured.look()
    assert [tone for tone, _ in daemon.needs()] == ["warn"]
    assert "剩余 29 天" in daemon.needs()[0][1]
    assert len(daemon.said) == 1
    assert "29 days left" in daemon.said[0][2]
    daemon.now += 20 * DAY
    await daemon.secured.look()
    assert len(daemon.said) == 2
    daemon.authority.issue("us", last=300)
    await daemon.secured.look()
    assert daemon.needs() == []
    daemon.now += 300 * DAY
    await daemon.secured.look()
    assert [tone for tone, _ in daemon.needs()] == ["bad", "warn"], "expired; the authority's ends soon"


async def test_the_hubs_own_certificate_counts_too(tmp_path: Path) -> None:
    """It is known by what the hub has shown."""
    daemon = Daemon(tmp_path, last=60)
    daemon.reader.uplink = Uplink("primary", "", daemon.now + 5 * DAY + 60)
    await daemon.secured.look()
    assert daemon.needs()[0][1].startswith("集线器证书将于 ")
    assert [c.ends for c in daemon.secured.certificates if c.file == "hub"] == [daemon.now + 5 * DAY + 60]


async def test_a_hub_that_is_away_is_news_after_half_a_minute(tmp_path: Path) -> None:
    """One that restarts is none; the page says at once why it is not reached, and on which hub we are."""
    daemon = Daemon(tmp_path, last=60)
    daemon.secured.follow(0.0)
    daemon.reader.uplink = Uplink(
        None, "the hub refuses our certificate: it does not know the authority that issued it"
    )
    daemon.secured.follow(1.0)
    assert daemon.needs() == [("bad", "集线器拒绝本端证书：不认可其签发机构")]
    assert daemon.said == []
    daemon.secured.follow(1.0 + PATIENT)
    daemon.secured.follow(2.0 + PATIENT)
    assert [said[1] for said in daemon.said] == ["alert"]
    daemon.reader.uplink = Uplink("failover", "")
    daemon.secured.follow(3.0 + PATIENT)
    assert [said[1] for said in daemon.said] == ["alert", "recovered"]
    assert daemon.needs() == [("warn", "未能连接 BACnet/SC 主集线器")]
    daemon.reader.uplink = None
    assert daemon.secured.hub is None
