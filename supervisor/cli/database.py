"""The building's database, as the verbs open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from config.site import Site
from supervisor.cli.common import plain_errors, state_dir_of
from supervisor.cli.language import spoken

if TYPE_CHECKING:
    from supervisor.store.writer import Store

T = TypeVar("T")


@contextmanager
def opened(site: Site, state_dir: Path | None) -> Iterator[Store]:
    """The building's database, as it is; made where there is none."""
    from supervisor.daemon.assemble import open_store
    from supervisor.daemon.logs import configure

    configure(quiet=True, lang=spoken, person=True)
    with plain_errors():
        store = open_store(site, state_dir_of(site, state_dir))
        try:
            yield store
        finally:
            store.close()


def read(site: Site, state_dir: Path | None, query: Callable[[Any], T]) -> T:
    """What a query finds in the building's database."""
    with opened(site, state_dir) as store:
        return store.read_now(query)
