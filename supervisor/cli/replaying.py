"""`simulate --replay`: what a daemon recorded, decided again."""

from __future__ import annotations

from pathlib import Path

import typer

from config.phrase import Phrase
from config.site import Site
from supervisor.cli.check import Format
from supervisor.cli.common import fail, plain_errors
from supervisor.cli.streams import in_json

_ITS_PLACE = Phrase(
    "it is supervisor.sqlite3 in the daemon's --state-dir", "它是守护进程 --state-dir 中的 supervisor.sqlite3"
)


def replayed(store: str, site: Site, format_: Format) -> None:
    """Decide again what a daemon recorded; exit 1 at any difference."""
    from supervisor.records.replay import Unplayable
    from supervisor.records.replay import replay as decide_again

    if "://" not in store and not Path(store).is_file():
        fail(Phrase(f"{store}: there is no such database", f"{store}：没有这个数据库"), _ITS_PLACE)
    if "://" not in store and Path(store).stat().st_size == 0:
        # Opened, it would become a database: whoever asks what is in a file does not want it filled.
        fail(Phrase(f"{store} is empty", f"{store} 是空的"), _ITS_PLACE)
    with plain_errors():
        try:
            answer = decide_again(store, site)
        except Unplayable as error:
            fail(error.said)
    if format_ is Format.JSON:
        typer.echo(in_json(answer._asdict(), None))
    else:
        typer.echo(f"decisions={answer.decisions} matched={answer.matched}")
    if answer.difference is not None:
        fail(Phrase(f"first difference: {answer.difference}", f"第一处不同：{answer.difference}"))
