"""``governance policy test``: hold the policy files against their tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.door import open_here
from governance.errors import UsageError

if TYPE_CHECKING:
    from governance.engine.policytest import TestRequest
    from governance.engine.workspace import Workspace

_FORMATS = ("text", "json", "junit")


def test(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Files or folders of tests. Nothing: all."),
    ] = None,
    workspace: Annotated[
        Path | None, typer.Option("--workspace", "-w", help="The folder of governance.yaml.")
    ] = None,
    pack: Annotated[
        str | None, typer.Option("--pack", help="Run the tests that a built-in pack ships.")
    ] = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Name the rules that no test shows on both sides.")
    ] = False,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Loosen every rule and name what no test notices.")
    ] = False,
    without_rows: Annotated[
        bool,
        typer.Option("--without-rows", help="Leave out data cases with rows, which take seconds."),
    ] = False,
    mutants: Annotated[
        int, typer.Option("--mutants", min=1, help="At most so many loosenings are tried.")
    ] = 1_000,
    seed: Annotated[int, typer.Option("--seed", help="Chooses them where there are more.")] = 0,
    output: Annotated[str, typer.Option("--output", "-o", help="text, json or junit.")] = "text",
) -> None:
    """Run the policy tests: exit code 0 when all hold, 1 when not, 3 when there is none."""
    if output not in _FORMATS:
        listed = ", ".join(_FORMATS)
        raise UsageError("--output", f"unknown value '{output}'", f"use one of: {listed}")
    if pack is not None and (workspace or paths):
        raise UsageError("--pack", "a pack brings its own tests", "leave out paths and --workspace")
    if without_rows and (coverage or mutate):
        remedy = "leave out --without-rows"
        raise UsageError("--without-rows", "coverage and mutants need every case", remedy)
    from governance.engine.policytest import open_pack, run_tests
    from governance.formats.testrun import TEST_FORMATS

    opened = open_pack(pack) if pack is not None else open_here(workspace)
    asked = _request(opened, pack, paths or [], coverage=coverage, mutate=mutate)
    run = run_tests(replace(asked, most=mutants, seed=seed, with_rows=not without_rows))
    typer.echo(TEST_FORMATS[output](run), nl=False)
    raise typer.Exit(run.exit_code)


def _request(
    opened: Workspace, pack: str | None, paths: list[Path], *, coverage: bool, mutate: bool
) -> TestRequest:
    from governance.engine.policytest import TestRequest

    within = tuple(_inside(path, opened.root) for path in paths)
    return TestRequest(opened, pack, within, coverage=coverage, mutate=mutate)


def _inside(path: Path, root: Path) -> str:
    """Return a path as policy files are shown: relative to the workspace."""
    if not path.exists():
        raise UsageError(str(path), "no file has this path", "name a file or folder of tests")
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        problem, remedy = "lies outside the workspace", "name it with --workspace"
        raise UsageError(str(path), problem, remedy) from None
