"""The command line: one sub-command per job, one boundary for every error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Annotated

import typer

from governance import __version__
from governance.cli.policyerrors import print_policy_errors
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

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "init": "governance.cli.init",
        "demo": "governance.cli.demo",
        "scan": "governance.cli.scan",
        "check": "governance.cli.check",
        "can": "governance.cli.can",
        "report": "governance.cli.report",
        "policy": "governance.cli.policy",
        "audit": "governance.cli.audit",
        "baseline": "governance.cli.baseline",
        "waiver": "governance.cli.waiver",
        "facts": "governance.cli.facts",
        "record": "governance.cli.record",
        "review": "governance.cli.review",
        "schedule": "governance.cli.schedule",
        "finding": "governance.cli.finding",
    }
)
"""The commands in the order of the help, each with its module: a function of the command's name,
or an ``app`` with commands of its own."""


def assemble(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """Return the command line with these commands; only their modules are imported."""
    built = typer.Typer(
        name="governance",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help=_options.__doc__,
    )
    built.callback()(_options)
    for name in names:
        module = import_module(COMMANDS[name])
        if hasattr(module, "app"):
            built.add_typer(module.app, name=name)
        else:
            built.command(name)(getattr(module, name))
    return built


def asked(words: list[str]) -> Iterable[str]:
    """Return what must be there for these words: one command, or all to help or to correct."""
    return words[:1] if words and words[0] in COMMANDS else COMMANDS


def __getattr__(name: str) -> typer.Typer:
    """Return ``app``, the whole command line, for whoever runs it within a process."""
    if name == "app":
        return assemble()
    raise AttributeError(name)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"governance {__version__}")
        raise typer.Exit


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
        assemble(asked(sys.argv[1:]))()
    except InvalidPolicyError as errors:
        print_policy_errors(errors.errors)
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
