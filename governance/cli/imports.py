"""``governance policy import``: policy files out of other formats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.losses import LossesOption, losses_told
from governance.cli.options import WorkspaceOption
from governance.errors import NothingToDoError, UsageError

if TYPE_CHECKING:
    from governance.policy.exchange.importing import Imported

app = typer.Typer(no_args_is_help=True, help="Make policy files out of other formats.")

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The file to read.")]
TargetOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="The policy file to write; else print it."),
]
PrefixOption = Annotated[
    str | None, typer.Option("--prefix", help="What the ids start with, as sales.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]
FailOption = Annotated[
    bool, typer.Option("--fail-on-loss", help="Exit 1 if a key could not be carried.")
]


@app.command()
def odcs(
    file: FileArgument,
    output: TargetOption = None,
    prefix: PrefixOption = None,
    losses: LossesOption = None,
    fail_on_loss: FailOption = False,
    force: ForceOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Read a data contract of the Open Data Contract Standard, version 3."""
    _import("odcs", file, output, prefix, losses, fail_on_loss, force, workspace)


@app.command()
def dbt(
    file: FileArgument,
    output: TargetOption = None,
    prefix: PrefixOption = None,
    losses: LossesOption = None,
    fail_on_loss: FailOption = False,
    force: ForceOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Read a properties file of dbt (schema.yml): models, seeds, snapshots, sources."""
    _import("dbt", file, output, prefix, losses, fail_on_loss, force, workspace)


@app.command()
def fides(
    file: FileArgument,
    output: TargetOption = None,
    prefix: PrefixOption = None,
    losses: LossesOption = None,
    fail_on_loss: FailOption = False,
    force: ForceOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Read datasets of Fides."""
    _import("fides", file, output, prefix, losses, fail_on_loss, force, workspace)


@app.command()
def codeowners(
    file: FileArgument,
    output: TargetOption = None,
    losses: LossesOption = None,
    fail_on_loss: FailOption = False,
    force: ForceOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Read who owns which data files from a CODEOWNERS file of GitHub."""
    _import("codeowners", file, output, None, losses, fail_on_loss, force, workspace)


def _import(
    kind: str,
    file: Path,
    output: Path | None,
    prefix: str | None,
    losses: Path | None,
    fail_on_loss: bool,
    force: bool,
    workspace: Path | None,
) -> None:
    from governance.engine.exchange import import_policies

    if output is not None and output.exists() and not force:
        problem = "there is a file already, perhaps with changes made by hand"
        raise UsageError(str(output), problem, "name another one, or replace it with --force")
    imported = import_policies(kind, file, output, workspace=workspace, prefix=prefix)
    is_lossy = losses_told(imported.remarks, losses)
    if not imported.datasets:
        raise NothingToDoError(str(file), "it describes no dataset", "name another file")
    _give(imported, output, workspace)
    raise typer.Exit(int(fail_on_loss and is_lossy))


def _give(imported: Imported, output: Path | None, workspace: Path | None) -> None:
    count = len(imported.datasets)
    told = f"{count} dataset{'s' if count != 1 else ''}"
    if output is None:
        typer.echo(imported.text, nl=False)
        typer.echo(told, err=True)
        return
    from governance.engine.exchange import is_included
    from governance.policy.rewriting import write_text
    from governance.policy.workspace import find_workspace

    write_text(output, imported.text)
    typer.echo(f"wrote {output}: {told}")
    root = workspace or find_workspace(output.absolute().parent)
    if root is not None and not is_included(root, output):
        typer.echo(f"note: no pattern under 'include' of {root}/governance.yaml names it", err=True)
