"""The report beside an import or an export: what did not simply arrive."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.printable import printable

if TYPE_CHECKING:
    from governance.policy.exchange.remarks import Remark

LossesOption = Annotated[
    Path | None,
    typer.Option("--losses", metavar="FILE", help="Write the report as JSON, every line listed."),
]


def losses_told(remarks: Sequence[Remark], path: Path | None) -> bool:
    """Print the report to standard error, write it where asked, and tell if a key was lost."""
    from governance.policy.exchange.remarks import Fate, as_json, as_text
    from governance.policy.rewriting import write_text

    for line in as_text(remarks):
        typer.echo(printable(line), err=True)
    counts = Counter(remark.fate for remark in remarks)
    told = ", ".join(f"{counts[fate]} {fate.value}" for fate in Fate if counts[fate])
    typer.echo(f"keys that did not simply arrive: {told or 'none'}", err=True)
    if path is not None:
        write_text(path, json.dumps(as_json(remarks), indent=2, ensure_ascii=False) + "\n")
    return counts[Fate.LOST] > 0
