"""Which version of the site file a start runs: what was accepted, or the file on disk where that writes no more."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import structlog

from config.site import Site
from schedules.days import Calendars, calendars
from schedules.time import Instant, local_date
from supervisor.daemon.accepted import Accepted, Version
from supervisor.daemon.widening import widening, written
from supervisor.sitefile.apart import apart, load_alone
from supervisor.sitefile.sitefile import load_text
from supervisor.store.queries import latest_config
from supervisor.store.writer import Store

log = structlog.get_logger()


class Beginning(NamedTuple):
    """What runs, and whether the file on disk waits meanwhile."""

    site: Site
    days: Calendars
    accepted: Accepted
    waits: bool


def begin(site: Site, folder: Path, store: Store, now: Instant, *, by: str | None, saved: bool) -> Beginning:
    """The version to run. `by`: who accepts the file on disk, whatever it writes; `saved`: it came by a save, nobody
    started it as it is. Raises OSError.
    """
    accepted = Accepted(folder)
    days = calendars(site)
    running = None if by is not None else _instead(site, days, accepted, store, now, saved=saved)
    if running is None:
        _note(accepted, site, days, by or "")
        return Beginning(site, days, accepted, waits=False)
    log.warning(
        "the file on disk waits: it writes more than what was accepted",
        to_do=f"building-supervisor reload {site.source} --yes --by NAME",
    )
    return Beginning(running, calendars(running), accepted, waits=True)


def _instead(
    site: Site, days: Calendars, accepted: Accepted, store: Store, now: Instant, *, saved: bool
) -> Site | None:
    """What runs in the place of the file on disk; None where that may run."""
    text = accepted.last.text if accepted.last is not None else store.read_now(latest_config)
    if text is None and accepted.readable:
        return dry(site) if saved and written(site) else None  # the first start here is a person's word
    before = apart(load_alone, text, site.source).site if text is not None else None
    undone = accepted.undone == (site.config_hash, days.digest)
    if before is None:
        return dry(site) if written(site) else None
    if not undone and not widening(before, site, local_date(now, site.tz)):
        return None
    if before.config_hash == site.config_hash:
        return None  # its calendars were taken back, and only the files know calendars
    whole = apart(load_text, before.text, site.source).site
    return whole if whole is not None else dry(site)


def _note(accepted: Accepted, site: Site, days: Calendars, by: str) -> None:
    version = Version(site.config_hash, days.digest, site.text, time.time(), by)
    if accepted.last is None or accepted.last.key != version.key:
        accepted.accept(version)


def dry(site: Site) -> Site:
    """The same file in a dry run: what stands there while nobody knows what was accepted."""
    from config.source import read_source

    tree = read_source(site.text.encode(), site.source).tree
    assert tree is not None
    node = tree.child("dry_run")
    assert node is not None  # it says false: without it the file is in a dry run
    lines = site.text.split("\n")
    line, column = lines[node.at.line - 1], node.at.column - 1
    lines[node.at.line - 1] = line[:column] + "true" + line[column + node.at.width :]
    found = apart(load_text, "\n".join(lines), site.source).site
    assert found is not None
    return found
