"""Versions of the site file: which may go into force by being saved, which by a person's word, and the way back."""

from __future__ import annotations

import time
from typing import Final

import structlog

from config.phrase import Phrase
from config.site import Site
from schedules.days import Calendars, calendars
from schedules.time import local_date
from supervisor.clockwork.clock import Clock
from supervisor.core.asking import Refused
from supervisor.daemon.accepted import CURE, Accepted, Version
from supervisor.daemon.widening import widening
from supervisor.sitefile.apart import apart
from supervisor.sitefile.sitefile import load_text

log = structlog.get_logger()
_UNDONE: Final = Phrase("this version was taken back", "该版本已被撤销")


class Versions:
    """Keeps what was accepted. Without a record, as in a demo, every sound file is."""

    def __init__(self, accepted: Accepted | None, clock: Clock, site: Site, days: Calendars) -> None:
        self._accepted, self._clock = accepted, clock
        self._now = (site, days)
        self._then: tuple[Site, Calendars] | None = None
        """The version before the one in force, with its calendars: their files may say something else by now."""

    @property
    def undo(self) -> bool:
        """There is a version to go back to."""
        return self._accepted is not None and self._accepted.before is not None

    def waits(self, site: Site, days: Calendars, in_force: Site) -> list[Phrase]:
        """Why a file must not go into force by being saved; empty where it may."""
        if self._accepted is None:
            return []
        undone = self._accepted.undone == (site.config_hash, days.digest)
        why = widening(in_force, site, local_date(self._clock.now(), in_force.tz))
        return [_UNDONE, *why] if undone else why

    def accept(self, site: Site, days: Calendars, by: str) -> None:
        """It goes into force now. Raises Refused for a person's word that cannot be kept; a saved file that writes no more
        goes into force all the same, and is compared again at the next start."""
        if self._accepted is not None:
            try:
                self._accepted.accept(Version(site.config_hash, days.digest, site.text, time.time(), by))
            except OSError as error:
                self._not_kept(error, by)
        self._then, self._now = self._now, (site, days)

    def earlier(self) -> tuple[Site, Calendars]:
        """The version to go back to. Raises Refused where there is none, or it is no longer sound."""
        before = self._accepted.before if self._accepted is not None else None
        if before is None:
            raise Refused("there is no earlier configuration to go back to", "没有可恢复的更早配置")
        if self._then is not None and (self._then[0].config_hash, self._then[1].digest) == before.key:
            return self._then
        site = apart(load_text, before.text, self._now[0].source).site
        if site is None:
            raise Refused(
                "the earlier configuration cannot be read any more: a file that it names has changed",
                "更早的配置已无法读取：其引用的文件有变",
            )
        return site, calendars(site)

    def go_back(self, site: Site, days: Calendars, by: str) -> None:
        """The earlier one goes into force; the one that it replaces waits as long as it stands on disk. Raises Refused."""
        assert self._accepted is not None
        try:
            self._accepted.go_back()
        except OSError as error:
            self._not_kept(error, by)
        self._then, self._now = None, (site, days)

    def not_taken(self, site: Site, days: Calendars) -> None:
        """What was accepted last cannot run: `site` is in force again, and the other waits as long as it stands on disk."""
        if self._accepted is not None:
            before = self._accepted.before
            try:
                if before is not None and before.key == (site.config_hash, days.digest):
                    self._accepted.go_back()
                else:
                    self._accepted.accept(Version(site.config_hash, days.digest, site.text, time.time()))
            except OSError as error:
                self._not_kept(error, "")
        self._then, self._now = None, (site, days)

    def _not_kept(self, error: OSError, by: str) -> None:
        log.error("what was accepted cannot be kept", reason=str(error), to_do=CURE)
        if by:
            raise Refused(
                f"this cannot be kept in the state folder, so it is not done: {error}",
                f"无法写入状态目录，未执行：{error}",
            )
