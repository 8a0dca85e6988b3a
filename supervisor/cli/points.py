"""`points`: the points of a site as a table, and a table taken back into the site file."""

from __future__ import annotations

import csv
import difflib
import io
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from config.phrase import Lang, Phrase, columns
from config.problems import render_all
from config.reading import FileRefused, read_at_most
from config.visible import in_a_cell, visible
from supervisor.cli.common import (
    SitePath,
    StateDir,
    fail,
    load_site,
    misused,
    plain_errors,
    state_dir_of,
    zone_named,
)
from supervisor.cli.language import spoken as to_speak
from supervisor.cli.streams import in_json

if TYPE_CHECKING:
    from config.file import Device, SiteFile, ZoneEntry
    from config.site import Site
    from supervisor.field.pointlist.table import Slip


class PointsFormat(StrEnum):
    """How the points are printed."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"


def points(
    site: SitePath,
    format_: Annotated[
        PointsFormat,
        typer.Option(
            "--format",
            help="text for people, csv for a spreadsheet, json for programs · text 供人看，csv 供表格软件，json 供程序",
        ),
    ] = PointsFormat.TEXT,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write the table into this file, as CSV that Excel opens with a double click · 把表写入此文件：CSV，Excel 双击即可打开",
        ),
    ] = None,
    import_: Annotated[
        Path | None,
        typer.Option(
            "--import",
            metavar="FILE.csv",
            help="Take a table into the site file, which is made where there is none: CSV as a spreadsheet saves it · 把表导入站点文件（没有则新建）：表格软件保存的 CSV",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="With --import: show what would change, and write nothing · 与 --import 同用：只显示改动，不写入",
        ),
    ] = False,
    zone: Annotated[
        str | None,
        typer.Option(
            "--zone", help="Only the points of this zone, by id or name · 只列该区域的点，按标识或名称"
        ),
    ] = None,
    state_dir: StateDir = None,
) -> None:
    """Every point: zone, role, device, object, unit, writable, limits, template; value, age and holder where a daemon runs. · 列出所有点：区域、角色、控制器、对象、单位、可写、限值、模板；守护进程运行时另有现值、时效与占用者

    The table of --format csv goes back in with --import: rows that are as they were change nothing, new ones go into
    templates where they are alike, comments stay. Bad rows are told by file and line, all at once, and nothing is written. · --format csv 的表可用 --import 导回：未改的行不变，新行相同的归入模板，保留注释；坏行一次列全，且不写入

    Example: building-supervisor points office.yaml
    Example: building-supervisor points office.yaml -o points.csv
    Example: building-supervisor points office.yaml --import points.csv --dry-run
    """  # fmt: skip
    spoken = to_speak()
    if import_ is not None:
        if output is not None or zone is not None or format_ is not PointsFormat.TEXT:
            misused(Phrase("--import goes with --dry-run alone", "--import 只能与 --dry-run 同用"))
        with plain_errors():
            _take(site, import_, spoken, dry_run=dry_run)
        return
    if dry_run:
        misused(Phrase("--dry-run goes with --import", "--dry-run 须与 --import 同用"))
    loaded = load_site(site)
    zone = zone_named(zone, loaded)
    with plain_errors():
        _print(loaded, format_, output, zone, spoken, state_dir)


# ------------------------------------------------------------------ printed


def _print(
    site: Site,
    format_: PointsFormat,
    output: Path | None,
    zone: str | None,
    lang: Lang,
    state_dir: Path | None,
) -> None:
    from supervisor.field.pointlist.columns import COLUMNS
    from supervisor.field.pointlist.rows import point_ids, rows_of

    ids = point_ids(site)
    live = _live(site, state_dir, lang)
    found = []
    for row in rows_of(site, _file(site.text, site.source)):
        if zone is None or zone in row.zones:
            cells = {c: row.cells().get(c, "") for c in COLUMNS}
            found.append(cells | live.get(ids[row.key], {}) if live else cells)
    if format_ is PointsFormat.JSON:
        typer.echo(in_json({"points": found}))
    elif format_ is PointsFormat.CSV or output is not None:
        names = list(found[0]) if found else list(COLUMNS)
        text = _csv(names, found)
        if output is None:
            typer.echo(text, nl=False)
        else:
            _save(output, text.encode("utf-8-sig"))
            said = Phrase(f"{output}: {len(found)} points", f"{output}：{len(found)} 个点")
            typer.echo(said.told(lang))
    else:
        typer.echo(_text(found, lang), nl=False)


def _csv(names: Sequence[str], rows: Iterable[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, names, lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows({column: in_a_cell(cell) for column, cell in row.items()} for row in rows)
    return out.getvalue()


_SHOWN = (
    "zone",
    "equipment",
    "role",
    "device",
    "object",
    "unit",
    "writable",
    "limits",
    "template",
    "value",
    "age",
    "holder",
)
_HEADINGS = {
    "limits": Phrase("limits", "限值"), "value": Phrase("value", "当前值"), "age": Phrase("age", "时长"),
    "holder": Phrase("holder", "占用者"),
}  # fmt: skip
_YES = {"yes": Phrase("yes", "是"), "no": Phrase("", "")}


def _text(rows: Sequence[dict[str, str]], lang: Lang) -> str:
    from supervisor.field.pointlist.columns import COLUMNS

    shown = [
        c
        for c in _SHOWN
        if (c in _HEADINGS and c == "limits") or c in COLUMNS or any(c in row for row in rows)
    ]
    table = [[(_HEADINGS.get(c) or COLUMNS[c]).told(lang) for c in shown]]
    for row in rows:
        low, high = row.get("low", ""), row.get("high", "")
        told = row | {
            "limits": f"{low}–{high}" if low or high else "",
            "writable": _YES[row["writable"]].told(lang),
        }
        table.append([_short(told.get(c, "")) if c == "object" else told.get(c, "") for c in shown])
    widths = [max(columns(line[n]) for line in table) for n in range(len(shown))]
    return "".join(
        "  ".join(
            cell + " " * (width - columns(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        + "\n"
        for line in table
    )


def _short(text: str) -> str:
    from config.objects import short

    kind, _, number = text.partition(":")
    return f"{short(kind)}{number}"


def _live(site: Site, state_dir: Path | None, lang: Lang) -> dict[str, dict[str, str]]:
    """Value, age and holder of each point by the running daemon; empty where none runs."""
    import asyncio

    from supervisor.daemon.socket import NoDaemon, ask

    folder = state_dir_of(site, state_dir)
    found: dict[str, dict[str, str]] = {}
    try:
        while True:
            answer = asyncio.run(ask(folder, {"do": "points", "from": len(found)}))
            if "error" in answer or not answer["points"]:
                return found
            for id_, told in answer["points"].items():
                zh = told.pop("holder_zh")
                found[id_] = told | ({"holder": zh} if lang == "zh" else {})
    except NoDaemon:
        return {}


# ------------------------------------------------------------------ taken back


def _file(text: str, source: str) -> SiteFile:
    from config.source import read_source
    from config.structure import build

    structure = build(read_source(text.encode(), source))
    assert structure is not None  # there is a site of it
    return structure.file


def _take(path: Path, table: Path, lang: Lang, *, dry_run: bool) -> None:
    from supervisor.field.pointlist.beginning import head
    from supervisor.field.pointlist.table import MAX_BYTES, NO_NAMES, Names, read
    from supervisor.field.pointlist.taking import take
    from supervisor.field.pointlist.text import Document
    from supervisor.sitefile.sitefile import load, load_text

    try:
        data = read_at_most(table, MAX_BYTES)
    except FileRefused as error:
        fail(Phrase(f"{table}: {error}", f"{table}：{error}"))
    new = not path.exists()
    names, text = NO_NAMES, ""
    if not new:
        loaded = load(path)
        if loaded.site is None:
            sys.stderr.write(render_all(loaded.problems, loaded.text) + "\n")
            raise typer.Exit(1)
        text = path.read_bytes().decode("utf-8")
        site, file = loaded.site, _file(text, str(path))
        names = Names(_called(file.zones), _called(file.devices))
    sheet = read(data, names)
    if new:
        text, file, site = head(path, sheet.rows)
    document = Document(text)
    taken = take(document.tree, file, site, sheet.rows)
    slips = sorted([*sheet.slips, *taken.slips])
    _tell(table, slips, lang)
    if bad := sum(not slip.warning for slip in slips):
        _refused(lang, bad)
    written = document.written()
    result = load_text(written, str(path))
    if result.site is None:
        errors = [p for p in result.problems if p.is_error]
        sys.stderr.write(render_all(errors, result.text) + "\n")
        _refused(lang, len(errors))
    _show(path, "" if new else document.text, written, taken.lines, lang, dry_run=dry_run)
    if taken.lines and not dry_run:
        _save(path, written.encode())
    if new:
        typer.echo(NEW.told(lang))
    found = result.site
    said = Phrase(
        f"{path}: ok. {len(found.zones)} zones, {len(found.points)} points, {len(found.devices)} devices",
        f"{path}：通过检查。{len(found.zones)} 个区域、{len(found.points)} 个点、{len(found.devices)} 台控制器",
    )
    typer.echo(said.told(lang))


NEW = Phrase(
    "a new file: look through its first lines (Asia/Shanghai, hours 09:00-17:30, dry run); floor areas are not in the table",
    "新文件：请核对开头几行（时区 Asia/Shanghai、开放时间 09:00-17:30、试运行）；面积等不在点表中",
)


def _called(things: Mapping[str, ZoneEntry] | Mapping[str, Device]) -> dict[str, str]:
    """Ids by name."""
    return {thing.name: id_ for id_, thing in things.items() if thing.name}


def _tell(table: Path, slips: Iterable[Slip], lang: Lang) -> None:
    for slip in slips:
        kind = (Phrase("warning", "警告") if slip.warning else Phrase("error", "错误")).told(lang)
        sys.stderr.write(f"{table}:{slip.line}: {kind}: {visible(slip.said.told(lang))}\n")


def _refused(lang: Lang, errors: int) -> NoReturn:
    said = Phrase(f"{errors} problems; nothing was written", f"{errors} 个问题；未写入任何内容")
    sys.stderr.write(said.told(lang) + "\n")
    raise typer.Exit(1)


def _show(path: Path, old: str, new: str, lines: Sequence[Phrase], lang: Lang, *, dry_run: bool) -> None:
    if dry_run:
        diff = difflib.unified_diff(
            old.splitlines(),
            new.replace("\r\n", "\n").lstrip("\ufeff").splitlines(),
            str(path),
            str(path),
            lineterm="",
            n=1,
        )
        for line in diff:
            typer.echo(line)
    for said in lines:
        typer.echo(said.told(lang))
    if not lines:
        typer.echo(Phrase("nothing differs", "没有差别").told(lang))
    elif dry_run:
        typer.echo(Phrase("nothing was written: --dry-run", "未写入：--dry-run").told(lang))


def _save(path: Path, data: bytes) -> None:
    """Whole or not at all, where the path leads, readable by whoever could read it. Raises OSError."""
    path = path.resolve()
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.chmod(mode)
    beside.replace(path)
