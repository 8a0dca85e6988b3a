"""The building's database, as the verbs open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from config.phrase import Phrase
from config.site import Site
from supervisor.cli.common import fail, plain_errors, say_aloud, state_dir_of
from supervisor.cli.language import spoken

if TYPE_CHECKING:
    from supervisor.store.writer import Store

T = TypeVar("T")


@contextmanager
def opened(site: Site, state_dir: Path | None, *, new: bool = False, renamed: bool = False) -> Iterator[Store]:  # fmt: skip
    """The building's database, as it is. `new`: also in a folder that is not there yet; whoever only reads has mistyped it.

    One of another building is read with a note, since a building may be renamed, and written only if it was (`renamed`).
    """
    if not new and site.database is None and state_dir is not None and not state_dir.is_dir():
        fail(
            Phrase(f"{state_dir}: there is no such state folder, and so nothing to read", f"{state_dir}：没有这个状态目录，无数据可读"),
            Phrase("give the --state-dir that `run` and `ledger import` were given", "请用 --state-dir 指定 run 或 ledger import 所用的目录"),
        )  # fmt: skip
    from supervisor.daemon.assemble import open_store
    from supervisor.daemon.logs import configure

    configure(quiet=True, lang=spoken, person=True)
    with plain_errors():
        folder = state_dir_of(site, state_dir)
        store = open_store(site, folder)
        try:
            belongs(store, site, folder, new=new, renamed=renamed)
            yield store
        finally:
            store.close()


def belongs(store: Store, site: Site, folder: Path, *, new: bool = False, renamed: bool = False) -> None:  # fmt: skip
    """Say whose store it is where it is not the site file's; whoever writes the first line of one makes it theirs."""
    from supervisor.store.queries import BUILDING, buildings

    whose = store.read_now(buildings)
    if whose and site.building not in whose and not renamed:
        other = ", ".join(sorted(whose))
        said = Phrase(
            f"{folder}: this store is that of `{other}`, and the site file is of `{site.building}`",
            f"{folder}：这是楼宇 `{other}` 的数据库，而站点文件属于 `{site.building}`",
        )
        if new:
            fail(said, Phrase(
                "give the --state-dir of this building; where it was renamed, say so once with `ledger import … --renamed`, or let `run` take the store over",
                "请用 --state-dir 指定本楼宇的目录；如系更名，请用 `ledger import … --renamed` 说明一次，或先用 `run` 接管",
            ))  # fmt: skip
        say_aloud(Phrase(
            f"note: {said.en}: the figures are of `{other}`, unless it was renamed",
            f"注意：{said.zh}：除非该楼宇更了名，否则以下是 `{other}` 的数据",
        ))  # fmt: skip
    elif new and site.building not in whose:
        store.put_kv(BUILDING, site.building)


def read(site: Site, state_dir: Path | None, query: Callable[[Any], T]) -> T:
    """What a query finds in the building's database."""
    with opened(site, state_dir) as store:
        return store.read_now(query)
