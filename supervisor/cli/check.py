"""`check` and `schema`: is a site file right, and what may stand in it."""

from __future__ import annotations

import os
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from config.codes import Coded
from config.migrate import migrate as upgraded
from config.phrase import Phrase, filled
from config.problems import NO_REMEDY, Problem, Severity, as_json, dotted, ok, render_all
from config.reading import FileRefused, read_at_most
from config.site import Site
from supervisor.cli.common import SitePath, aloud, plain_errors, say, terminal_width
from supervisor.cli.language import of_site, spoken, told
from supervisor.cli.streams import in_json
from supervisor.sitefile.sitefile import load

_MEND: Final = Phrase("until it is mended `ledger` reckons nothing", "改正之前 ledger 不作统计")


class Format(StrEnum):
    """How an answer is printed."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[
    Format, typer.Option("--format", help="text for people, json for programs · text 供人看，json 供程序用")
]


def check(
    site: SitePath,
    format_: FormatOption = Format.TEXT,
    migrate: Annotated[
        bool,
        typer.Option(
            "--migrate",
            help="First bring an older file to this version; it is kept as SITE.yaml.old · 先把旧文件升级到本版本；原文件保存为 SITE.yaml.old",
        ),
    ] = False,
) -> None:
    """Every problem of a site file at once: where, what, and how to mend it. · 一次列出站点文件的所有问题：在哪里、是什么、怎么改

    Example: building-supervisor check office.yaml
    """
    if migrate:
        with plain_errors():
            _migrate(site)
    loaded = load(site)
    of_site(loaded.language)
    if loaded.site is not None:
        found_beside = [*_of_certificates(loaded.site, loaded.text), *_of_tables(loaded.site)]
        loaded = loaded._replace(problems=[*loaded.problems, *found_beside])
    good = ok(loaded.problems)
    if format_ is Format.JSON:
        typer.echo(in_json(as_json(loaded.problems, spoken())))
    elif loaded.problems:
        ours = [p for p in loaded.problems if p.file == loaded.problems[0].file]
        beside = [p for p in loaded.problems if p not in ours]
        width = terminal_width(sys.stderr)
        both = (render_all(ours, loaded.text, spoken(), width), render_all(beside, "", spoken(), width))
        sys.stderr.write("\n\n".join(filter(None, both)) + "\n")
    if good and loaded.site is not None and format_ is Format.TEXT:
        found = loaded.site
        name, zones, points, devices = (
            found.name or found.building, len(found.zones), len(found.points), len(found.devices)
        )  # fmt: skip
        dry = Phrase(", dry run", "，试运行") if found.dry_run else NO_REMEDY
        said = told(
            Phrase(
                f"{site}: ok. {name}: {zones} zones, {points} points, {devices} devices{dry.en}",
                f"{site}：正确。{name}：{zones} 个区域，{points} 个点，{devices} 台控制器{dry.zh}",
            )
        )
        width = terminal_width(sys.stdout)
        typer.echo(said if width is None else filled(said, width, hang=2))
    raise typer.Exit(0 if good else 1)


def _of_certificates(site: Site, text: str) -> list[Problem]:
    """What is wrong with the certificates that the file names, at the lines that name them. Files that are not here are doubted
    only: they may be on the gateway alone."""
    from config.source import read_source
    from supervisor.sitefile.certificates import named, vetted

    tree, found = None, []
    for files in named(site):
        tree = tree or read_source(text.encode(), site.source).tree
        assert tree is not None  # there is no site without one
        for fault in vetted(files, time.time()).faults:
            node, real = tree.find((*files.where, fault.key))
            severity = Severity.ERROR if fault.level == "bad" else Severity.WARNING
            found.append(
                Problem(
                    site.source, node.at.line, node.at.column, dotted(real), Coded("certificate", *fault.what), fault.step, severity,
                    node.at.width,
                )
            )  # fmt: skip
    return sorted(found, key=lambda p: (p.line, p.column))


def _of_tables(site: Site) -> list[Problem]:
    """Every bad row of the files that the statistics take coefficients and costs from."""
    found: list[Problem] = []
    for key in ("coefficients", "costs"):
        named = getattr(site.statistics, key)
        if named is None or not Path(named).is_file():
            continue  # that it is not there is said already
        from supervisor.ledger.terms import wrong_with  # for those alone who name one

        found += [
            Problem(
named, max(1, each.line), 1, f"statistics.{key}", Coded("table", *each.what), _MEND)
            for each in wrong_with(key, Path(named))
        ]  # fmt: skip
    return found


def _migrate(site: Path) -> None:
    """Rewrite a file of an earlier version, and say on standard error what was changed. Raises OSError."""
    if not site.is_file():
        return  # the check says so
    from config.source import MAX_BYTES

    try:
        data = read_at_most(site, MAX_BYTES)
        text, changes = upgraded(data.decode("utf-8"))
    except (FileRefused, UnicodeDecodeError):
        return  # the check says so
    if not changes:
        aloud(told(Phrase(f"{site}: nothing to migrate", f"{site}：无须升级")))
        return
    kept = site.with_name(f"{site.name}.old")
    mode = site.stat().st_mode & 0o777  # it may hold a password: no copy is read by more people
    _write(kept, data, mode)
    replaced = site.with_name(f"{site.name}.new")
    _write(replaced, text.encode("utf-8"), mode)
    replaced.replace(site)
    done = ", ".join(changes)
    aloud(told(Phrase(f"{site}: {done}; as it was: {kept}", f"{site}：{done}；原文件保存为 {kept}")))


def _write(path: Path, data: bytes, mode: int) -> None:
    """A file that at no moment more may read than `mode` says."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
    path.chmod(mode)


def schema() -> None:
    """The JSON schema of the site file, for editors. · 站点文件的 JSON Schema，供编辑器使用

    Example: building-supervisor schema > site.schema.json
    """
    from config.schema import json_schema

    typer.echo(in_json(json_schema()))


def token() -> None:
    """A new token for reading from another machine, and the hash that goes into http.tokens. · 生成供其他机器读取的令牌，以及写入 http.tokens 的哈希

    Example: building-supervisor token
    """
    from supervisor.telling.web.access import new_token

    secret, hashed = new_token()
    say(Phrase(f"token (keep it secret): {secret}", f"令牌（请保密）：{secret}"))
    say(Phrase(f"http.tokens entry:      {hashed}", f"写入 http.tokens：{hashed}"))
