"""The building's database, as the verbs open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from config.phrase import Phrase
from config.site import Site
from supervisor.cli.common import fail, plain_errors, state_dir_of
from supervisor.cli.language import spoken

if TYPE_CHECKING:
    from supervisor.store.writer import Store

T = TypeVar("T")


@contextmanager
def opened(site: Site, state_dir: Path | None, *, new: bool = False) -> Iterator[Store]:
    """The building's database, as it is. `new`: also in a folder that is not there yet; whoever only reads has mistyped it."""
    if not new and site.database is None and state_dir is not None and not state_dir.is_dir():
        fail(
            Phrase(f"{state_dir}: there is no such state folder, and so nothing to read", f"{state_dir}：没有这个状态目录，无数据可读"),
            Phrase("give the --state-dir that `run` and `ledger import` were given", "请用 --state-dir 指定 run 或 ledger import 所用的目录"),
        )  # fmt: skip
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
