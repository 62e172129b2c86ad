"""``governance facts``: what the last scans measured, for machines that never see the data."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

import typer

from governance.cli.door import SIGNING_KEY, keys_folder, open_here
from governance.cli.options import WorkspaceOption
from governance.cli.printable import printable
from governance.errors import UsageError

app = typer.Typer(
    no_args_is_help=True, help="What the last scans measured, for machines without the data."
)


@app.callback()
def _facts() -> None:
    """What the last scans measured, for machines without the data."""


@app.command()
def export(
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", help="A file, or postgresql://user@host/database. Default: print."
        ),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write what the last scans measured: one thing a line, made for merging.

    No cell is copied. Of a column that retention is measured by, the rows of each
    calendar day are counted: where a row has its day to itself, that is its date.
    Who may not know these days may not have the file (docs/gate.md says why).
    """
    from governance.engine.travel import export_facts, fill_database

    opened = open_here(workspace)
    if output is not None and output.startswith(("postgresql://", "postgres://")):
        count, told = fill_database(opened, output)
        typer.echo(f"{printable(told)}: {count} runs added", err=True)
        return
    if output is not None and "://" in output:
        remedy = "name a file, or an address that begins with postgresql://"
        raise UsageError("--output", "facts are not written to such an address", remedy)
    data, stored = export_facts(opened, keys_folder(opened.root), os.environ.get(SIGNING_KEY))
    if output in (None, "-"):
        sys.stdout.buffer.write(data)
        return
    _write(Path(str(output)), data)
    oldest = min(record.taken for record in stored.records)
    number = len(stored.records)
    assets = f"{number:,} asset{'' if number == 1 else 's'}"
    told = f"the facts of {assets}, the oldest of {oldest:%Y-%m-%d %H:%M} UTC"
    typer.echo(f"{printable(str(output))}: {told}", err=True)


def _write(path: Path, data: bytes) -> None:
    """Replace the file as a whole, so that no reader meets half of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
            written = Path(stream.name)
            try:
                stream.write(data)
                stream.flush()
                written.chmod(0o644)
                written.replace(path)
            except OSError:
                written.unlink(missing_ok=True)
                raise
    except OSError as cause:
        problem = f"cannot write the facts: {(cause.strerror or 'unknown reason').lower()}"
        raise UsageError(str(path), problem, "name a file in a folder you may write to") from cause
