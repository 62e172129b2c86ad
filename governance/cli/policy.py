"""``governance policy``: check policy files, print their schema, explain what holds."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli import diff, exports, fmt, imports, policytest
from governance.cli.door import open_here
from governance.cli.policyerrors import print_policy_errors
from governance.cli.printable import printable
from governance.errors import InvalidPolicyError

if TYPE_CHECKING:
    from governance.model.policy import EffectivePolicy
    from governance.policy.explain import Explanation

WorkspaceOption = Annotated[
    Path | None, typer.Option("--workspace", "-w", help="The folder of governance.yaml.")
]

app = typer.Typer(no_args_is_help=True, help="Check, describe, test and explain policy files.")
app.command("test")(policytest.test)
app.command("diff")(diff.diff)
app.command("fmt")(fmt.fmt)
app.add_typer(imports.app, name="import")
app.add_typer(exports.app, name="export")


@app.command()
def lint(workspace: WorkspaceOption = None) -> None:
    """Check every policy file and print every error with its line."""
    try:
        policy = _load(workspace)
    except InvalidPolicyError as invalid:
        print_policy_errors(invalid.errors, err=False)
        raise typer.Exit(invalid.exit_code) from None
    typer.echo(_summary(policy))


@app.command()
def schema(
    kind: Annotated[
        str | None, typer.Argument(help="A kind, as Dataset, or 'run'. Nothing: all kinds.")
    ] = None,
) -> None:
    """Print the JSON Schema of policy files, or of the run document."""
    if kind == "run":
        from governance.formats.schema import run_schema

        found = run_schema()
    else:
        from governance.policy.schema import policy_schema

        found = policy_schema(kind)
    typer.echo(json.dumps(found, indent=2, sort_keys=True))


@app.command()
def explain(
    target: Annotated[str, typer.Argument(metavar="ASSET[.FIELD]", help="As sales.orders.email.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Show what holds for an asset or a field, and which line says so."""
    policy = _load(workspace)
    from governance.policy.explain import explain as explain_policy

    _print_table(target, explain_policy(policy, target))


def _load(workspace: Path | None) -> EffectivePolicy:
    return open_here(workspace).policy


def _summary(policy: EffectivePolicy) -> str:
    own = [file for file in policy.files if not file.path.startswith("pack:")]
    kinds = Counter(
        kind
        for (kind, _), origins in policy.origins.items()
        if not origins[""].position.file.startswith("pack:")
    )
    listed = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    rules = policy.rules()
    packed = [ref for ref in rules if _is_packed(policy, ref.policy.id)]
    parts = [f"{_counted(len(own), 'file')} without error: {listed}"]
    parts.append(_counted(len(rules) - len(packed), "rule") + " of your own")
    if packs := policy.project.packs:
        noun = "pack" if len(packs) == 1 else "packs"
        given = (
            _counted(len(packed), "rule"),
            _counted(len(policy.detectors), "detector"),
            f"{len(policy.taxonomy.categories)} categories of data",
        )
        parts.append(f"with the {noun} {', '.join(packs)}: {', '.join(given)}")
    return f"{'; '.join(parts)}. {policy.digest}"


def _is_packed(policy: EffectivePolicy, name: str) -> bool:
    position = policy.position("Policy", name)
    return position is not None and position.file.startswith("pack:")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}"


def _print_table(target: str, lines: Sequence[Explanation]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(printable(target)), title_justify="left", show_edge=False, pad_edge=False
    )
    for name in ("key", "value", "where", "via"):
        table.add_column(name, overflow="fold")
    for line in lines:
        where = str(line.position) if line.position else ""
        table.add_row(*(Text(printable(cell)) for cell in (line.key, line.value, where, line.via)))
    # NOTE: on a pipe or a file there is no width to ask for; a table needs this much.
    width = None if sys.stdout.isatty() else 120
    Console(highlight=False, width=width).print(table)
