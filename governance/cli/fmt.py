"""``governance policy fmt``: one layout, the same meaning."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.door import open_here
from governance.cli.printable import printable
from governance.errors import NothingToDoError

if TYPE_CHECKING:
    from collections.abc import Iterator


def fmt(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Files and folders. Nothing: this workspace."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if a file would change.")
    ] = False,
) -> None:
    """Bring policy files into the one layout; comments and meaning stay."""
    from governance.policy.rewriting import format_files, policy_paths, write_text

    found = format_files(policy_paths(paths) if paths else _workspace_files())
    if not found:
        named = ", ".join(str(path) for path in paths or ())
        raise NothingToDoError(named, "no YAML file here", "name a policy file")
    changed = [each for each in found if each.changed]
    for each in changed:
        if not check:
            write_text(each.path, each.text)
        typer.echo(f"{'would format' if check else 'formatted'} {_shown(each.path)}")
    kept = len(found) - len(changed)
    verb = "to be formatted" if check else "formatted"
    typer.echo(f"{len(changed)} of {len(found)} files {verb}, {kept} in the one layout already")
    raise typer.Exit(int(check and bool(changed)))


def _shown(path: Path) -> str:
    here = Path.cwd()
    return printable(str(path.relative_to(here) if path.is_relative_to(here) else path))


def _workspace_files() -> Iterator[Path]:
    opened = open_here(None)
    for file in opened.policy.files:
        if not file.path.startswith("pack:"):
            yield opened.root / file.path
