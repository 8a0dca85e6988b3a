"""The verbs, and the options that all of them know."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from config.phrase import Phrase
from supervisor import __version__
from supervisor.cli import (
    ask,
    calendar,
    calibrate,
    check,
    demo,
    discover,
    doctor,
    ledger,
    ledger_statistics,
    manual,
    plan,
    points,
    record,
    release,
    report,
    run,
    simulate,
    trial,
    upload,
    verify,
)
from supervisor.cli.common import complain
from supervisor.cli.streams import Unheard, heard, settle
from supervisor.cli.verbs import Verb, Verbs

app = typer.Typer(
    name="building-supervisor",
    cls=Verbs,
    help="A public building's energy conservation plan as code: enforced over BACnet, explained, measured. "
    "· 把公共建筑的节能方案变成程序：经 BACnet 执行，说明缘由，计量成效。",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo", cls=Verb)(demo.demo)
app.command("check", cls=Verb)(check.check)
app.command("run", cls=Verb)(run.run)
app.command("explain", cls=Verb)(ask.explain)
app.command("plan", cls=Verb)(plan.plan)
app.command("points", cls=Verb)(points.points)
app.command("simulate", cls=Verb)(simulate.simulate)
app.command("report", cls=Verb)(report.report)
app.command("calendar", cls=Verb)(calendar.calendar)
app.command("calibrate", cls=Verb)(calibrate.calibrate)
app.command("release", cls=Verb)(release.release)
app.command("overtime", cls=Verb)(ask.overtime)
app.command("manual", cls=Verb)(manual.manual)
app.command("reload", cls=Verb)(ask.reload)
app.command("discover", cls=Verb)(discover.discover)
app.command("record", cls=Verb)(record.record)
app.command("doctor", cls=Verb)(doctor.doctor)
ledger.app.command("verify", cls=Verb)(verify.verify)
ledger.app.command("upload", cls=Verb)(upload.upload)
ledger.app.command("statistics", cls=Verb)(ledger_statistics.statistics)
app.add_typer(ledger.app, name="ledger")
app.add_typer(trial.app, name="trial")
app.command("schema", cls=Verb)(check.schema)
app.command("token", cls=Verb)(check.token)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"building-supervisor {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and exit · 显示版本并退出"
        ),
    ] = False,
) -> None:
    """Options before the verb."""


def main() -> None:
    """Entry point. Exit 1 for a problem in the input, 2 for misuse."""
    settle()
    try:
        try:
            app()
        finally:
            heard()
    except KeyboardInterrupt:
        sys.exit(130)
    except Unheard as error:
        if not error.left:
            why = error.why
            complain(Phrase(f"the answer cannot be written: {why.en}", f"输出无法写入：{why.zh}"))
        sys.exit(1)
