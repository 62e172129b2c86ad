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

from governance.cli.printable import printable
from governance.errors import UsageError

if TYPE_CHECKING:
    from governance.engine.pool import Progress
    from governance.formats.contract import RuleText, View
    from governance.model.run import Run

_OPTION = "--output"
_SUMMARY = "github-summary"
_SUMMARY_FILE = "GITHUB_STEP_SUMMARY"
_SUMMARY_BYTES = 1_000_000
_LEAST_ROOM = 8_000


@dataclass(frozen=True)
class Outlet:
    """One ``--output FORMAT[=PATH]``; ``appends`` leaves what the file holds."""

    format: str
    path: Path | None
    appends: bool = False


def parse_outlets(written: Sequence[str]) -> tuple[Outlet, ...]:
    """Read the ``--output`` options; none means a table on standard output.

    Raises:
        UsageError: If a format is unknown, or two of them want one file or standard output.
    """
    outlets = tuple(_outlet(each) for each in written or ("text",))
    if sum(outlet.path is None for outlet in outlets) > 1:
        raise UsageError(
            where=_OPTION,
            problem="two formats cannot share standard output",
            remedy="give all but one a file: --output json=run.json",
        )
    targets = [_target(outlet.path) for outlet in outlets if outlet.path]
    for target in targets:
        if targets.count(target) > 1 and Path(target) != Path(os.devnull):
            problem = f"two formats cannot share the file {printable(target)}"
            raise UsageError(_OPTION, problem, "give each a file of its own")
    return outlets


def _outlet(written: str) -> Outlet:
    from governance.formats.registry import check_format

    name, equals, path = written.partition("=")
    check_format(name)
    if equals and not path:
        remedy = f"name a file: --output {name}=FILE, or leave the '=' out"
        raise UsageError(_OPTION, f"no file is named behind '{name}='", remedy)
    if name != _SUMMARY:
        return Outlet(name, Path(path) if path and path != "-" else None)
    path = path or os.environ.get(_SUMMARY_FILE, "")
    if not path:
        remedy = f"run it in a step of GitHub Actions, or name a file: --output {name}=FILE"
        raise UsageError(_OPTION, f"{_SUMMARY_FILE} is not set", remedy)
    return Outlet(name, Path(path), appends=True) if path != "-" else Outlet(name, None)


def _target(path: Path) -> str:
    """Return what tells files apart, whatever links lead to them."""
    return os.path.realpath(path)


@dataclass(frozen=True)
class Setting:
    """How a run is told.

    Args:
        root: The workspace. quiet: Whether a run that ends with exit code 0 prints nothing.
        include_waived: Whether SARIF lists waived findings, as suppressed results.
    """

    root: Path
    quiet: bool = False
    color: bool = False
    include_waived: bool = False


def write_run(run: Run, outlets: Sequence[Outlet], setting: Setting) -> int:
    """Write the run in every format asked for and return the exit code: the run's.

    A format that cannot be written is told on standard error, after all the others, and makes an
    exit code of 0 or 1 a 2: what was concluded did not reach whom it was meant for.
    """
    from governance.formats.verdict import verdict

    is_silent = setting.quiet and run.exit_code == 0
    if not is_silent and all(outlet.path for outlet in outlets):
        typer.echo(verdict(run), err=True)
    code = run.exit_code
    for outlet in sorted(outlets, key=lambda each: each.path is None):
        if outlet.path is None and is_silent:
            continue
        try:
            _write(run, outlet, _view(outlet, setting))
        except BrokenPipeError:
            _let_go_of_output()
        except (OSError, ValueError) as cause:
            where = printable(str(outlet.path or "output"))
            why = cause.strerror if isinstance(cause, OSError) else str(cause)
            remedy = "name a file in a folder you may write to, and free some room"
            error = UsageError(where, f"cannot be written as {outlet.format}: {why}", remedy)
            typer.echo(f"error: {error}", err=True)
            code = max(code, error.exit_code)
            if outlet.path is None:
                _let_go_of_output()
    return code


def _write(run: Run, outlet: Outlet, view: View) -> None:
    from governance.formats.registry import render

    text = render(outlet.format, run, view)
    if outlet.path is None:
        typer.echo(text, nl=False)
        return
    outlet.path.parent.mkdir(parents=True, exist_ok=True)
    with outlet.path.open("a" if outlet.appends else "w", encoding="utf-8", newline="") as file:
        file.write(f"{chr(10) if outlet.appends and file.tell() else ''}{text}")


def _view(outlet: Outlet, setting: Setting) -> View:
    from governance.formats.contract import View

    return View(
        width=100 if outlet.path else _width(),
        color=setting.color and outlet.path is None,
        prefix=_prefix(setting.root),
        rules=_rules() if outlet.format == "sarif" else {},
        include_waived=setting.include_waived,
        room=_room(outlet.path) if outlet.path and outlet.appends else None,
    )


def _prefix(root: Path) -> str:
    """Return the workspace as seen from the root of its repository, if it is in one."""
    root = root.resolve()
    top = next((each for each in (root, *root.parents) if (each / ".git").exists()), root)
    return "" if top == root else root.relative_to(top).as_posix()


def _rules() -> dict[str, RuleText]:
    from governance.controls.manual import manual
    from governance.controls.registry import CONTROLS
    from governance.formats.contract import RuleText

    pages = (manual(control) for control in CONTROLS)
    return {
        page.id: RuleText(page.summary, page.why, page.fails_when, page.fix, page.source)
        for page in pages
    }


def _room(path: Path) -> int:
    """Return how much a summary may still take.

    Raises:
        ValueError: If that is too little to say anything.
    """
    used = path.stat().st_size if path.is_file() else 0
    room = _SUMMARY_BYTES - used
    if room < _LEAST_ROOM:
        raise ValueError(f"the summary holds {used:,} bytes already, and GitHub shows 1 MiB")
    return room


def _let_go_of_output() -> None:
    # NOTE: what is left in the buffer would fail once more while Python ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
        task = bar.add_task("scan", total=None)

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
