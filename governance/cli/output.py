"""Where a run's formats go: standard output, or files beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from governance.errors import UsageError

if TYPE_CHECKING:
    from governance.engine.pool import Progress
    from governance.model.run import Run


@dataclass(frozen=True)
class Outlet:
    """One ``--output FORMAT[=PATH]``."""

    format: str
    path: Path | None


def parse_outlets(written: Sequence[str]) -> tuple[Outlet, ...]:
    """Read the ``--output`` options; none means a table on standard output.

    Raises:
        UsageError: If a format is unknown, or two of them want standard output.
    """
    from governance.formats.registry import check_format

    outlets = []
    for each in written or ("text",):
        name, _, path = each.partition("=")
        check_format(name)
        outlets.append(Outlet(name, Path(path) if path and path != "-" else None))
    if sum(outlet.path is None for outlet in outlets) > 1:
        raise UsageError(
            where="--output",
            problem="two formats cannot share standard output",
            remedy="give all but one a file: --output json=run.json",
        )
    return tuple(outlets)


def write_run(run: Run, outlets: Sequence[Outlet], *, quiet: bool, color: bool) -> None:
    """Write the run in every format asked for.

    Raises:
        UsageError: If a file cannot be written.
    """
    from governance.formats.registry import render
    from governance.formats.verdict import verdict

    if not quiet and all(outlet.path for outlet in outlets):
        typer.echo(verdict(run), err=True)
    for outlet in outlets:
        if outlet.path is None:
            if not quiet:
                typer.echo(render(outlet.format, run, width=_width(), color=color), nl=False)
            continue
        try:
            outlet.path.parent.mkdir(parents=True, exist_ok=True)
            outlet.path.write_text(render(outlet.format, run), encoding="utf-8")
        except OSError as cause:
            raise UsageError(
                where=str(outlet.path),
                problem=f"cannot write the output: {cause.strerror}",
                remedy="name a file in a folder you may write to",
            ) from cause


def wants_color(no_color: bool) -> bool:
    """Return whether standard output is a terminal that may be coloured."""
    return sys.stdout.isatty() and not no_color and not os.environ.get("NO_COLOR")


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Progress]:
    """Show what is being read, on a terminal's standard error alone."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total, asset: None  # noqa: ARG005 (nobody watches)
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = ("[progress.description]{task.description}",)
    with Bar(
        *(TextColumn(column) for column in columns),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("scan")

        def show(done: int, total: int, asset: str) -> None:
            bar.update(task, completed=done, total=total, description=escape(asset[:40]))

        yield show


def _width() -> int:
    if not sys.stdout.isatty():
        return 100
    try:
        return max(80, min(os.get_terminal_size().columns, 160))
    except OSError:
        return 100
