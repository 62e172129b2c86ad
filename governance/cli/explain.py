"""Tell the evidence about a field: one table for each place that has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from governance.errors import UsageError

if TYPE_CHECKING:
    from governance.detectors.explain import Explanation


def print_explanations(field: str, told: Sequence[tuple[str, Explanation]], *, color: bool) -> None:
    """Print every argument, the heaviest first.

    Raises:
        UsageError: If no place has the field.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    if not told:
        raise UsageError(
            where="--explain",
            problem=f"no place that was read has a field '{field[:80]}'",
            remedy="name a column as it is written, or 'message' for the lines of a log",
        )
    console = Console(no_color=not color, highlight=False, emoji=False)
    for uri, explanation in sorted(told, key=lambda each: each[0]):
        verdict = explanation.verdict
        console.print(f"[bold]{escape(uri)}[/bold], field '{escape(explanation.field)}'")
        if verdict is None:
            console.print("  verdict: nothing in particular")
        else:
            rival = f", before {verdict.runner_up}" if verdict.runner_up else ""
            console.print(f"  verdict: {verdict.entity}, confidence {verdict.confidence}{rival}")
        table = Table("weight", "speaks", "entity", "because", box=None)
        for each in explanation.arguments:
            side = "for" if each.speaks_for else "against"
            table.add_row(f"{each.weight / 1000:.2f}", side, each.entity, escape(each.words))
        console.print(table if explanation.arguments else "  no evidence of any kind")
