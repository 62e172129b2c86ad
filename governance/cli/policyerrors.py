"""What a person sees of errors in policy files: each with its line, and where in it."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from governance.cli.printable import printable
from governance.errors import PolicyError
from governance.formats.cleaning import inert_line


def print_policy_errors(errors: Sequence[PolicyError], *, err: bool = True) -> None:
    """Print each error with its line and a caret below the column, then their number.

    Args:
        err: Whether to print to standard error.
    """
    for error in errors:
        typer.echo(printable(str(error)), err=err)
        if error.line is not None:
            typer.echo(_excerpt(error), err=err)
    count = len(errors)
    typer.echo(f"{count} error{'s' if count != 1 else ''} in the policy files", err=err)


def _excerpt(error: PolicyError) -> str:
    """Return the offending line, cut around its column, and the caret."""
    line, column = error.line or "", int(error.where.rpartition(":")[2])
    start = max(0, column - 61)
    shown = printable(line.replace("\t", " "))[start : start + 100]
    # NOTE: the cut may leave a command of a build service at the start of what is shown.
    return f"{inert_line(f'    {shown}')}\n    {' ' * (column - 1 - start)}^"
