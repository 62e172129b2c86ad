"""``governance policy export``: other formats out of policy files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.losses import LossesOption, losses_told
from governance.cli.options import WorkspaceOption
from governance.cli.printable import printable
from governance.errors import UsageError

if TYPE_CHECKING:
    from governance.engine.exchange import Exported, Ownership

app = typer.Typer(no_args_is_help=True, help="Make other formats out of policy files.")

NamesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[DATASET]...", help="Ids. Nothing: all.")
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there.")
]
EffectiveOption = Annotated[bool, typer.Option("--effective", help="Write what is inherited too.")]


@app.command()
def odcs(
    datasets: NamesArgument = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE|FOLDER/", help="A folder: one file for each."),
    ] = None,
    contract_id: Annotated[
        str | None, typer.Option("--id", help="The contract's id. Default: the project's.")
    ] = None,
    contract_version: Annotated[
        str, typer.Option("--contract-version", help="The contract's version.")
    ] = "0.1.0",
    status: Annotated[str, typer.Option("--status", help="The contract's status.")] = "draft",
    effective: EffectiveOption = False,
    losses: LossesOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write datasets as a data contract of the Open Data Contract Standard, v3.1.0."""
    from governance.engine.exchange import dataset_names, export_contract
    from governance.policy.exchange.odcs.write import Heading

    root = _root(workspace)
    names = datasets or []
    folder = output is not None and (output.is_dir() or str(output).endswith("/"))
    groups = [[name] for name in names or dataset_names(root)] if folder else [names]
    if folder and output is not None:
        targets: list[Path | None] = [output / f"{group[0]}.odcs.yaml" for group in groups]
    else:
        targets = [output]
    heading = Heading(contract_id, contract_version, status)
    done = [export_contract(root, group, heading, effective=effective) for group in groups]
    losses_told([remark for each in done for remark in each.remarks], losses)
    for each, target in zip(done, targets, strict=True):
        _give(each, target)


@app.command()
def fides(
    datasets: NamesArgument = None,
    output: OutputOption = None,
    effective: EffectiveOption = False,
    losses: LossesOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write datasets as Fides datasets, with their data categories."""
    from governance.engine.exchange import export_fides

    exported = export_fides(_root(workspace), datasets or [], effective=effective)
    losses_told(exported.remarks, losses)
    _give(exported, output)


@app.command()
def codeowners(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Bring this file up to date."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if the file is not up to date.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Write who must look at which policy and data file, for GitHub.

    Without --output the whole file is printed. Only what stands between the markers changes.
    """
    from governance.engine.exchange import export_owners
    from governance.policy.rewriting import write_text

    found = export_owners(_root(workspace), output)
    losses_told(found.remarks, None)
    for sentence in found.overridden:
        typer.echo(printable(sentence), err=True)
    if check:
        raise typer.Exit(_checked(found))
    if output is None:
        typer.echo(found.after, nl=False)
        return
    write_text(output, found.after)
    typer.echo(f"wrote {output}: {len(found.lines)} rules")


def _checked(found: Ownership) -> int:
    if found.before != found.after:
        problem = "is stale" if found.before else "is not there"
        path = printable(str(found.path))
        remedy = f"run 'governance policy export codeowners -o {path}'"
        typer.echo(f"{path}: {problem}. {remedy}.")
        return 1
    if found.overridden:
        return 1
    typer.echo(f"{printable(str(found.path))} is up to date: {len(found.lines)} rules")
    return 0


def _give(exported: Exported, target: Path | None) -> None:
    from governance.policy.rewriting import write_text

    if target is None:
        typer.echo(exported.text, nl=False)
        return
    write_text(target, exported.text)
    count = len(exported.datasets)
    typer.echo(f"wrote {target}: {count} dataset{'s' if count != 1 else ''}")


def _root(workspace: Path | None) -> Path:
    from governance.policy.workspace import find_workspace

    root = workspace if workspace is not None else find_workspace(Path.cwd())
    if root is None or not (root / "governance.yaml").is_file():
        raise UsageError(
            str(workspace or Path.cwd()),
            "there is no governance.yaml, so nothing can be exported",
            "run 'governance init' to start a workspace",
        )
    return root
