"""The verbs, and the options that all of them know."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from supervisor import __version__
from supervisor.cli import (
    ask,
    calibrate,
    check,
    demo,
    doctor,
    ledger,
    ledger_statistics,
    manual,
    plan,
    points,
    report,
    run,
    simulate,
    trial,
    upload,
    verify,
)
from supervisor.cli.streams import Unheard, heard, settle

app = typer.Typer(
    name="building-supervisor",
    help="A public building's energy conservation plan as code: enforced over BACnet, explained, measured.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("check")(check.check)
app.command("run")(run.run)
app.command("explain")(ask.explain)
app.command("plan")(plan.plan)
app.command("points")(points.points)
app.command("simulate")(simulate.simulate)
app.command("report")(report.report)
app.command("calibrate")(calibrate.calibrate)
app.command("release")(ask.release)
app.command("overtime")(ask.overtime)
app.command("manual")(manual.manual)
app.command("reload")(ask.reload)
app.command("doctor")(doctor.doctor)
ledger.app.command("verify")(verify.verify)
ledger.app.command("upload")(upload.upload)
ledger.app.command("statistics")(ledger_statistics.statistics)
app.add_typer(ledger.app, name="ledger")
app.add_typer(trial.app, name="trial")
app.command("schema")(check.schema)
app.command("token")(check.token)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"building-supervisor {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
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
            sys.stderr.write(f"error: the answer cannot be written: {error}\n  提示：输出无法写入：{error}\n")
        sys.exit(1)
