"""`ledger verify`: that nobody changed the audit, and whether it still contains a head that was noted earlier."""

from __future__ import annotations

from typing import Annotated

import typer

from config.phrase import Phrase
from supervisor.cli.common import (
    SitePath,
    StateDir,
    fail,
    load_site,
    misused,
    plain_errors,
    say,
    state_dir_of,
)

_TO_DO = Phrase(
    "change nothing in the database; compare that row with the nightly copies (folder backups), and tell whoever answers for the record",
    "请勿改动数据库；将该行与每夜备份（backups 目录）比对，并报告记录负责人",
)


def verify(
    site: SitePath,
    head: Annotated[
        str | None,
        typer.Option(
            "--head",
            help="A head noted earlier: hex digits, or the number of building_audit_head · 先前记下的链头：十六进制，或 building_audit_head 的数值",
        ),
    ] = None,
    length: Annotated[
        int | None,
        typer.Option(
            "--length",
            min=1,
            help="How many rows there were then: building_audit_rows · 当时的行数（building_audit_rows）",
        ),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            help="The gateway's public key, as noted; else the one of the state folder. May be repeated · 抄录的网关公钥；默认取自状态目录；可多次",
        ),
    ] = None,
    state_dir: StateDir = None,
) -> None:
    """Walk the audit's chain from its first row, or its last checkpoint, to its head · 校验审计链

    Prints how many rows there are, the head, and the key that signs checkpoints. Note them elsewhere, or let Prometheus do
    so: with --head and --length it says whether the store still contains what it contained then · 打印行数、链头和
    签署检查点的公钥；请另处抄录或由 Prometheus 留存，日后用 --head 与 --length 核对

    Exit 1 where a row was altered, removed, swapped, the end cut off, or a checkpoint is forged
    · 有改动、删除、调换、截断或伪造检查点时返回 1

    Example: building-supervisor ledger verify office.yaml --head 88c2f1a09b3d --length 1204
    """
    from supervisor.cli.database import belongs
    from supervisor.daemon.lost import url_of
    from supervisor.store.damage import file_of
    from supervisor.store.noted import sought, verdict
    from supervisor.store.problems import make_url
    from supervisor.store.proving import walked
    from supervisor.store.signing import signer_of
    from supervisor.store.writer import Store

    if length is not None and head is None:
        misused(
            Phrase("--length without --head", "--length 须与 --head 同用"),
            Phrase(
                "both were noted together: --head 88c2f1a09b3d --length 1204",
                "两者一起抄录：--head 88c2f1a09b3d --length 1204",
            ),
        )
    try:
        looked_for = sought(head) if head is not None else ()
    except ValueError as error:
        misused(
            Phrase(
                f"--head: {error}", f"--head：{head} 既非 12–64 位十六进制，也非 building_audit_head 的数值"
            ),
            Phrase(
                "as `ledger verify` or Prometheus printed it: 88c2f1a09b3d",
                "照 `ledger verify` 或 Prometheus 所示填写：88c2f1a09b3d",
            ),
        )
    loaded = load_site(site)
    with plain_errors():
        folder = state_dir_of(loaded, state_dir)
        signer = signer_of(folder)
        own = [signer.public] if signer is not None else []
        url = url_of(loaded, folder)
        file = file_of(make_url(url))
        if file is not None and not file.exists():
            fail(
                Phrase(f"there is no store yet: {file}", f"尚无数据库：{file}"),
                Phrase("is --state-dir the daemon's?", "--state-dir 是否为守护进程所用？"),
            )
        store = Store(url)
        store.open()
        try:
            belongs(store, loaded, folder)
            walk = store.read_now(lambda connection: walked(connection, key or own, looked_for))
        finally:
            store.close()
    typer.echo(f"rows={walk.rows} head={walk.head.short} metric={walk.head.number} retired={walk.retired}")
    if own:
        typer.echo(f"key={own[0]}")
    if walk.broken is not None:
        fail(walk.broken.what, _TO_DO)
    if head is not None:
        good, said = verdict(walk, length)
        if not good:
            fail(said)
        say(said)
