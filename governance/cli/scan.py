"""``governance scan`` reads the data and the logs."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.door import enter, parse_instant, recall
from governance.cli.explain import print_explanations
from governance.cli.options import (
    AsOfOption,
    FailOnOption,
    IncludeWaivedOption,
    NoColorOption,
    OutputOption,
    QuietOption,
    WorkspaceOption,
    parse_fail_on,
)
from governance.cli.output import Setting, parse_outlets, progress_bar, wants_color, write_run

if TYPE_CHECKING:
    from governance.detectors.explain import Explanation
    from governance.engine.workspace import Workspace
    from governance.sources.extent import Extent

TrailOption = Annotated[
    str | None,
    typer.Option(
        "--trail", help="Another audit trail: a file, or postgresql://user@host/database."
    ),
]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", "-j", min=1, help="Processes. Default: one per core.")
]
FullOption = Annotated[
    bool, typer.Option("--full", help="Read again what has not changed since the last scan.")
]
SampleOption = Annotated[
    str | None, typer.Option("--sample", help="Examine this share of each place's rows, as 5%.")
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Which rows a sample takes.")]
MaxBytesOption = Annotated[
    str | None, typer.Option("--max-bytes", help="Leave each place after this much, as 500MB.")
]
ExplainOption = Annotated[
    str | None, typer.Option("--explain", help="Tell all evidence for and against this field.")
]


def scan(
    targets: Annotated[
        list[str] | None,
        typer.Argument(help="Asset ids, files, folders or globs. Nothing: every declared asset."),
    ] = None,
    workspace: WorkspaceOption = None,
    output: OutputOption = None,
    fail_on: FailOnOption = None,
    trail: TrailOption = None,
    as_of: AsOfOption = None,
    jobs: JobsOption = None,
    full: FullOption = False,
    sample: SampleOption = None,
    seed: SeedOption = 0,
    max_bytes: MaxBytesOption = None,
    explain: ExplainOption = None,
    include_waived: IncludeWaivedOption = False,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Read the data and the logs, evaluate every control, and record the result."""
    outlets = parse_outlets(output or ())
    visit = enter(parse_instant(as_of))
    opened = open_for(targets or (), workspace)
    told: list[tuple[str, Explanation]] = []

    from governance.engine.scan import ScanRequest
    from governance.engine.scan import scan as run_scan

    request = ScanRequest(
        workspace=opened,
        targets=tuple(targets or ()),
        here=Path.cwd(),
        run=visit.run,
        clock=visit.clock,
        secret=visit.secret(opened),
        ledger=visit.ledger(opened, trail) if opened.declared or trail else None,
        fail_on=parse_fail_on(fail_on or ()),
        workers=jobs or os.cpu_count() or 1,
        clock_given=as_of is not None,
        full=full,
        extent=parse_extent(sample, seed, max_bytes),
        explain=explain,
        tell=lambda uri, found: told.append((uri, found)),
    )
    with progress_bar(quiet=quiet) as progress:
        run = run_scan(request, progress)
    setting = Setting(opened.root, quiet, wants_color(no_color), include_waived)
    if explain is not None:
        print_explanations(explain, told, color=setting.color)
    raise typer.Exit(write_run(run, outlets, setting) if explain is None else run.exit_code)


def open_for(targets: list[str] | tuple[()], workspace: Path | None) -> Workspace:
    """Open the workspace of a scan; a named target outside any workspace is scanned ad hoc.

    Raises:
        UsageError: If a target is plainly nothing: that is said before anything heavy is loaded.
    """
    from governance.engine.targets import refuse_unknown
    from governance.engine.workspace import open_ad_hoc, open_workspace
    from governance.policy.workspace import find_workspace

    here = Path.cwd()
    if workspace is None and targets and find_workspace(here) is None:
        opened = open_ad_hoc(here)
    else:
        opened = open_workspace(workspace or here, explicit=workspace is not None, memory=recall())
    refuse_unknown(opened, targets, here)
    return opened


def parse_extent(sample: str | None, seed: int, max_bytes: str | None) -> Extent:
    """Return how much of each place is examined."""
    from governance.sources.extent import Extent

    return Extent(parse_size(max_bytes), parse_share(sample), seed)


def parse_share(written: str | None) -> int | None:
    """Read ``--sample``: a percentage as rows of every thousand; None for all of them.

    Raises:
        UsageError: If it is no share between 0.1 % and 99.9 %.
    """
    from governance.errors import UsageError

    if written is None:
        return None
    match = re.fullmatch(r"(\d{1,2}(?:\.\d)?)\s*%", written.strip())
    permille = round(float(match[1]) * 10) if match else 0
    if not permille:
        raise UsageError(
            where="--sample",
            problem="not a share of the rows",
            remedy="write a percentage from 0.1% to 99.9%, as --sample 5%",
        )
    return permille


def parse_size(written: str | None) -> int | None:
    """Read ``--max-bytes``: a number of bytes, or one with kB, MB or GB; None for no limit.

    Raises:
        UsageError: If it is no size.
    """
    from governance.errors import UsageError

    if written is None:
        return None
    match = re.fullmatch(r"([1-9]\d{0,14})\s*([kmg]?)b?", written.strip(), re.IGNORECASE)
    if not match:
        raise UsageError(
            where="--max-bytes",
            problem="not a size",
            remedy="write bytes, or a number with kB, MB or GB, as --max-bytes 500MB",
        )
    factor = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}[match[2].lower()]
    return int(match[1]) * factor
