"""Options that several commands share, and how they are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from governance.engine.triage import FailOn

WorkspaceOption = Annotated[
    Path | None, typer.Option("--workspace", "-w", help="The folder of governance.yaml.")
]
OutputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        help="FORMAT or FORMAT=PATH; repeatable. text, json, sarif, junit, gitlab, github, "
        "github-summary, markdown, csv.",
    ),
]
IncludeWaivedOption = Annotated[
    bool,
    typer.Option("--include-waived", help="List waived findings in SARIF, as suppressed results."),
]
FactsOption = Annotated[
    str | None,
    typer.Option(
        "--facts",
        help="Answer from these: a file of 'governance facts export', https:// or postgresql://.",
        envvar="GOVERNANCE_FACTS",
        show_envvar=True,
    ),
]
FailOnOption = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-on",
        help="low, medium, high, critical, gap, new or never; repeatable. Default: high.",
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing on success.")]
NoColorOption = Annotated[bool, typer.Option("--no-color", help="Plain text.")]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="The run's clock, as 2026-11-23T10:00:00Z.")
]


def parse_fail_on(written: Sequence[str]) -> tuple[FailOn, ...]:
    """Read the ``--fail-on`` options.

    Raises:
        UsageError: If one is unknown.
    """
    from governance.engine.triage import FailOn
    from governance.errors import UsageError

    if not written:
        return (FailOn.HIGH,)
    known = [each.value for each in FailOn]
    for each in written:
        if each not in known:
            raise UsageError(
                where="--fail-on",
                problem=f"unknown threshold '{each}'",
                remedy=f"use one of: {', '.join(known)}",
            )
    return tuple(FailOn(each) for each in written)
