"""What `ledger add` and `ledger import` keep, and take out again: readings and fills, all of a file or none."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import typer

from config.phrase import Phrase
from config.site import Site
from supervisor.cli.accounting import refuse
from supervisor.cli.common import aloud, complain, fail, plain_errors, state_dir_of
from supervisor.cli.database import opened
from supervisor.cli.language import either, told

if TYPE_CHECKING:
    from supervisor.ledger.late import Row
    from supervisor.ledger.sheets import Table

_NOT_IMPORTED: Final = Phrase("nothing was imported", "未导入任何数据")
_NOT_UNDONE: Final = Phrase("nothing was taken out", "未撤销任何数据")


class Where(NamedTuple):
    """The state folder that is written, if not the building's own, whether the building was renamed since, and whether readings go out
    instead of in."""

    state_dir: Path | None
    renamed: bool = False
    undo: bool = False


def from_file(site: Site, where: Where, file: Path, meter: str | None, decimal: str | None) -> None:
    """Keep what a file says, or take out what it brought in, or say what is wrong with which line; exit 1 then."""
    import hashlib

    from supervisor.ledger.late import Found, Wrong, lines_of, octets, rows_of
    from supervisor.ledger.naming import named
    from supervisor.ledger.sheets import table
    from supervisor.ledger.vehicles import is_fills

    with plain_errors():
        data = octets(file)
        if isinstance(data, Wrong):
            refuse(file, [data], _NOT_UNDONE if where.undo else _NOT_IMPORTED)
        digest = hashlib.sha256(data).hexdigest()  # by which it is known again
        if where.undo:
            _undo(site, where, digest, meter)
            return
        lines, problem = lines_of(data)
        del data  # of 200 MB, maybe
    fills = table(lines, decimal, lambda text: named(text, site) in site.meters)
    if problem is None and is_fills(fills, site, meter):
        keep_fills(site, where, file, fills, meter, digest)
        return
    found = Found([], [problem]) if problem is not None else rows_of(lines, site, meter, time.time(), decimal)
    if found.wrong:
        refuse(file, found.wrong, _NOT_IMPORTED)
    for note in found.notes:
        typer.echo(either(note))
    keep(site, where, found.rows, digest)


def _undo(site: Site, where: Where, digest: str, meter: str | None) -> None:
    """Take out what a file brought in, and say what became of it by meter; exit 1 where it cannot be taken out."""
    import asyncio

    from supervisor.ledger.undone import refused, undo
    from supervisor.store.brought import Fate

    with opened(site, where.state_dir, new=True, renamed=where.renamed) as store:
        if (why := store.read_now(lambda c: refused(c, site, digest, meter))) is not None:
            fail(why)
        done = asyncio.run(store.change(lambda c: undo(c, site, digest, meter)))
    for name, fates in done.items():
        gone, back, stay = (fates[fate] for fate in (Fate.GONE, Fate.BACK, Fate.STAYS))
        parts = [Phrase(f"readings={gone} taken out", f"撤销读数 {gone} 条")]
        if back:
            parts.append(Phrase(f"{back} as before the file", f"恢复原值 {back} 条"))
        if stay:
            parts.append(
                Phrase(
                    f"{stay} left, which came by another way too or were corrected since",
                    f"保留 {stay} 条（另有来源，或后来更正过）",
                )
            )
        said = Phrase(", ".join(p.en for p in parts), "，".join(p.zh for p in parts))
        typer.echo(f"{name}: {either(said)}")
    _reckon_anew(site, where.state_dir)


def _reckon_anew(site: Site, state_dir: Path | None) -> None:
    """A running daemon's savings and targets stand on what was imported; without one, the next to start reckons."""
    import asyncio
    from contextlib import suppress

    from supervisor.daemon.socket import NoDaemon, ask

    with suppress(NoDaemon, OSError, TimeoutError):
        asyncio.run(ask(state_dir_of(site, state_dir), {"do": "reckon"}, timeout=5.0))


def from_mqtt(
    site: Site,
    where: Where,
    url: str,
    seconds: float,
    count: int | None,
    meter: str | None,
) -> None:
    """Keep what a broker says within so many seconds, or the first messages, or say which of them are wrong; exit 1 then."""
    from supervisor.cli.listen import broker, listen
    from supervisor.ledger.messages import rows_of

    messages = listen(broker(url), seconds, count)
    rows, bad = rows_of(messages, site, meter)
    for each in bad[:20]:
        what = f"{each.topic}: `{each.payload}`"
        complain(Phrase(f"{what}: {each.what.en}", f"{what}：{each.what.zh}"))
    if len(bad) > 20:
        more = len(bad) - 20
        aloud(told(Phrase(f"… and {more} more messages", f"… 另有 {more} 条消息")))
    if bad:
        fail(_NOT_IMPORTED)
    if not rows:
        fail(
            Phrase(
                f"no message came within {seconds:g} s: is the topic right?",
                f"{seconds:g} 秒内未收到消息：主题是否正确？",
            )
        )
    keep(site, where, rows)


def keep_fills(
    site: Site, where: Where, file: Path | None, table: Table, meter: str | None, digest: str | None = None
) -> None:
    """Keep the fills of a table, or say what is wrong with all of them."""
    import asyncio

    from supervisor.ledger import vehicles

    fills, wrong = vehicles.fills_of(table, site, meter, time.time())
    names = {fill.meter for fill in fills}
    with opened(site, where.state_dir, new=True, renamed=where.renamed) as store:
        had = store.read_now(lambda connection: vehicles.known(connection, names))
        wrong += vehicles.implausible(site, fills, had)
        if wrong and file is not None:
            refuse(file, sorted(wrong, key=lambda each: each.line), _NOT_IMPORTED)
        if wrong:
            fail(wrong[0].what)
        booked = asyncio.run(store.change(lambda connection: vehicles.keep(connection, site, fills, digest)))
    for name, amount in booked.items():
        count, litres = sum(fill.meter == name for fill in fills), amount / site.meters[name].scale
        said = Phrase(f"fills={count} litres={litres:.2f}", f"加油 {count} 次，计 {litres:.2f} L")
        typer.echo(f"{name}: {either(said)}")
    _reckon_anew(site, where.state_dir)


def keep(site: Site, where: Where, rows: Sequence[Row], digest: str | None = None) -> None:
    """Keep readings, and say what they came to by meter."""
    import asyncio

    from config.subitems import carrier
    from supervisor.ledger.doubts import told as imported
    from supervisor.ledger.late import in_another_unit, kept
    from supervisor.ledger.statistics import CARRIERS, in_units

    with opened(site, where.state_dir, new=True, renamed=where.renamed) as store:
        if (why := store.read_now(lambda c: in_another_unit(c, site, rows))) is not None:
            fail(why)
        booked = asyncio.run(store.change(lambda connection: kept(connection, site, rows, digest)))
    counts = Counter(row.meter for row in rows)
    for meter, its in booked.items():
        kind, count = carrier(site.meters[meter].subitem), counts[meter]
        amounted = f"{in_units(kind, its.amount):.2f} {CARRIERS[kind][0]}"
        said = Phrase(f"readings={count} booked={amounted}", f"读数 {count} 条，计入 {amounted}")
        typer.echo(f"{meter}: {either(said)}")
        for each in imported(its, site.tz):
            typer.echo(f"{meter}: {either(each)}")
    _reckon_anew(site, where.state_dir)
