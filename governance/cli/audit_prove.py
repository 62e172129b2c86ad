"""``governance audit prove``: a file that shows an entry, or a report, to be in the trail."""

from __future__ import annotations

import hashlib
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.audit_common import TrailOption, WorkspaceOption, find_root, find_trail
from governance.cli.printable import printable
from governance.errors import TrailError, UsageError

if TYPE_CHECKING:
    from governance.trail.storage import Where

_SUFFIX = ".tlog-proof"
_CHUNK = 1 << 20


def prove(
    what: Annotated[
        str, typer.Argument(metavar="ENTRY|REPORT", help="An entry's number, or a report's file.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to; else beside the report.")
    ] = None,
    trail: TrailOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write a proof that holds offline: the entry, its path to the root, and the signed root."""
    from governance.trail.note import parse_checkpoint
    from governance.trail.proving import open_tree

    path = find_trail(find_root(workspace), trail)
    is_number = what.isascii() and what.isdecimal()
    index = int(what) if is_number else _entry_of(path, Path(what))
    with open_tree(path) as prover:
        signed = parse_checkpoint(prover.newest_note()).size
        if is_number and index >= signed:
            problem = f"no signed checkpoint covers entry {what[:20]}"
            raise UsageError("ENTRY", problem, f"name one below {signed}")
        proof = prover.inclusion(index)
    named = f"entry-{index}{_SUFFIX}" if is_number else f"{what}{_SUFFIX}"
    target = output or Path(named)
    try:
        target.write_text(proof.encode(), encoding="utf-8")
    except OSError as cause:
        problem = f"cannot be written: {(cause.strerror or 'unknown').lower()}"
        raise UsageError(str(target), problem, "name a file with --output") from cause
    size = parse_checkpoint(proof.note).size
    shown = printable(str(target))
    typer.echo(f"{shown}: entry {index} of {size} that are signed")
    typer.echo(
        f"check it without us: python verify_trail.py {printable(shlex.quote(str(target)))} --key "
        "KEY (the program: 'governance audit export'; KEY: 'governance audit checkpoint --key')"
    )


def _entry_of(trail: Where, report: Path) -> int:
    """Return the number of the entry that recorded a report, by its digest."""
    from governance.trail.reading import read_entries

    try:
        digest = hashlib.sha256()
        with report.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError as cause:
        problem = f"neither the number of an entry nor a file: {(cause.strerror or '').lower()}"
        raise UsageError(str(report), problem, "name 42, or the file of a report") from cause
    found = None
    told = {"report.issued": "sha256", "report.sealed": "sealed_sha256"}
    for entry in read_entries(trail, types=frozenset(told)):
        if digest.hexdigest() == entry.payload.get(told[entry.type]):
            found = entry.seq
    if found is None:
        raise TrailError(
            where=str(report),
            problem="no entry of the trail recorded a report of these bytes",
            remedy="name the file exactly as 'governance report' wrote it",
        )
    return found
