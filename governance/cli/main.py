"""The command line: one sub-command per job, one boundary for every error."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from governance import __version__
from governance.cli import (
    audit,
    baseline,
    can,
    check,
    demo,
    facts,
    finding,
    init,
    policy,
    record,
    report,
    review,
    scan,
    schedule,
    waiver,
)
from governance.cli.printable import printable
from governance.engine.collecting import collect_seldom
from governance.errors import GovernanceError, InvalidPolicyError, UsageError

INTERRUPTED = 130
# Libraries that reserve address space for what they may need one day find little of it on a
# machine that limits it; they are as fast without. The processes that read inherit this.
FRUGAL = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
}

app = typer.Typer(
    name="governance",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Audit the governance of datasets and models, and prove it from the data.",
)
app.command("init")(init.init)
app.command("demo")(demo.demo)
app.command("scan")(scan.scan)
app.command("check")(check.check)
app.command("can")(can.can)
app.command("report")(report.report)
app.add_typer(policy.app, name="policy")
app.add_typer(audit.app, name="audit")
app.add_typer(baseline.app, name="baseline")
app.add_typer(waiver.app, name="waiver")
app.add_typer(facts.app, name="facts")
app.add_typer(record.app, name="record")
app.add_typer(review.app, name="review")
app.add_typer(schedule.app, name="schedule")
app.add_typer(finding.app, name="finding")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"governance {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Audit the governance of datasets and models, and prove it from the data."""


def main() -> None:
    """Run the command line and exit; every error a person can mend is one line."""
    collect_seldom()
    for name, value in FRUGAL.items():
        os.environ.setdefault(name, value)
    try:
        app()
    except InvalidPolicyError as errors:
        policy.print_policy_errors(errors.errors)
        sys.exit(errors.exit_code)
    except GovernanceError as error:
        typer.echo(f"error: {printable(str(error))}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("interrupted: the run was recorded as aborted.", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away (`governance … | head`); nobody is left to tell.
        sys.stderr.close()
        sys.exit(1)
    except OSError as cause:
        typer.echo(f"error: output: cannot be written: {cause.strerror}. free some room.", err=True)
        # NOTE: what is left in the buffer would fail once more while Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(UsageError.exit_code)
