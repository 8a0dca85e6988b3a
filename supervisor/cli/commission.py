"""`doctor --commission`: walks an integrator through the writable points, one by one."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import typer

from config.phrase import Phrase
from config.points import Point
from config.site import Equipment, Site
from supervisor.cli.common import fail, no_zone, plain_errors


def commission(site: Site, folder: Path, by: str, *, only: str | None, yes: bool) -> None:
    """Test write, observed status, release for each point; a signed record in the state folder. Exit 1 on a failure, or where
    there is nothing to try."""
    if only is not None and only not in site.zones:
        fail(*no_zone(only, site))
    from supervisor.field.commissioning import trials

    if not any(only is None or point.zone == only for _, point in trials(site)):
        where = Phrase(f" in {only}", f"{only} ") if only is not None else Phrase("", "站点")
        fail(
            Phrase(f"no point is writable{where.en}", f"{where.zh}没有可写的点"),
            Phrase("say writable: true of those that may be tried", "请给可测试的点写上 writable: true"),
        )
    with plain_errors():
        made = asyncio.run(_walk(site, folder, by.strip(), only=only, yes=yes))
    path = folder / f"commissioning-{time.strftime('%Y%m%d-%H%M%S')}.json"
    path.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    typer.echo(f"passed={made['passed']} failed={made['failed']}  record: {path}")
    raise typer.Exit(1 if made["failed"] else 0)


async def _walk(site: Site, folder: Path, by: str, *, only: str | None, yes: bool) -> dict[str, object]:
    from supervisor.clockwork.clock import SiteClock
    from supervisor.daemon.assemble import make_line, open_store
    from supervisor.field.commissioning import Commissioner, Trial, record, trials
    from supervisor.field.kept import register_of
    from supervisor.field.measures import Measures
    from supervisor.field.vetted import vetted
    from supervisor.gateway import Gateway

    clock, store, line = SiteClock(), open_store(site, folder), make_line(site, state_dir=folder)
    done: list[Trial] = []
    try:
        await line.reader.start()
        measures = Measures(site)
        known = vetted(site, line, register_of(store), measures)
        gateway = Gateway(site, known.writer, store, clock, dry_run=False, fits=measures.of)
        await gateway.adopt()
        walker = Commissioner(site, known.reader, gateway, clock.now)
        try:
            for equipment, point in trials(site):
                if only is not None and point.zone != only:
                    continue
                if not yes and not await asyncio.to_thread(_agree, equipment, point):
                    continue
                trial = await walker.attempt(equipment, point)
                done.append(trial)
                typer.echo(
                    f"{'✓' if trial.passed else '✗'} {trial.point}: {trial.before} → {trial.wrote}, saw {trial.observed}; released  {trial.said}".rstrip()
                )
        finally:
            await gateway.release_all()
            await line.reader.stop()
    finally:
        store.close()
    return record(site, done, by, clock.now())


def _agree(equipment: Equipment, point: Point) -> bool:
    return typer.confirm(
        f"{equipment.name}: try {point.id} ({point.device} {point.object_type}:{point.instance})?"
    )
