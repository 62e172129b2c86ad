"""``governance init`` starts a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from governance.errors import UsageError


def init(
    directory: Annotated[Path, typer.Argument(help="The folder to start in.")] = Path(),
    ci: Annotated[
        str | None,
        typer.Option("--ci", help="github or gitlab: write the file that runs the gate there."),
    ] = None,
) -> None:
    """Write a starter workspace: a project, a team, and what to write next.

    With --ci a workspace that is there already stays as it is, and only gets the gate.
    """
    from governance.engine.starter import SERVICES, start_gate, start_workspace

    if ci is not None and ci not in SERVICES:
        remedy = f"use one of: {', '.join(SERVICES)}"
        raise UsageError("--ci", f"unknown build service '{ci}'", remedy)
    is_new = ci is None or not (directory / "governance.yaml").exists()
    # NOTE: the gate first: where its file is there already, nothing shall be half begun.
    gate = start_gate(directory, ci) if ci is not None else ()
    written = (*gate, *(start_workspace(directory) if is_new else ()))
    for path in written:
        typer.echo(f"wrote {path}")
    if is_new:
        typer.echo(
            "next: put your names into the team, point 'watch' at your data, 'governance scan'"
        )
    if ci is not None:
        typer.echo(
            f"next: tell {ci} in the variable GOVERNANCE_PACKAGE what to install, commit the facts "
            "of a scan ('governance facts export -o facts.jsonl', 'gate: {facts: facts.jsonl}')"
        )
