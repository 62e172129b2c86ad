"""``governance policy diff``: what a branch changes in the policies, and who must approve it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.door import enter, parse_instant, recall
from governance.cli.fitting import fitted
from governance.cli.options import AsOfOption, FactsOption, WorkspaceOption
from governance.errors import NothingToDoError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from governance.engine.approvals import Approvals
    from governance.engine.differ import Comparison
    from governance.engine.measurements import Measurements
    from governance.engine.workspace import Workspace
    from governance.model.policy import EffectivePolicy
    from governance.policy.commits import Fork
    from governance.policy.corpus import Memory

FORMATS = ("json", "markdown", "text")
_NEVER, _WEAKENED = "never", "weakened"
_GITHUB = "github"


def diff(
    base: Annotated[str, typer.Option("--base", help="The branch to compare with: origin/main.")],
    workspace: WorkspaceOption = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output", "-o", help="FORMAT or FORMAT=PATH; repeatable. text, markdown, json."
        ),
    ] = None,
    fail_on: Annotated[
        str,
        typer.Option("--fail-on", help="weakened: exit 1 unless its owners approved; or never."),
    ] = _NEVER,
    unknown_passes: Annotated[
        bool,
        typer.Option("--unknown-passes", help="Let through what nobody can judge as it stands."),
    ] = False,
    approvals: Annotated[
        str | None,
        typer.Option("--approvals", help="A file of approvals, or github for the event's reviews."),
    ] = None,
    facts: FactsOption = None,
    trail: Annotated[
        str | None,
        typer.Option("--trail", help="Another audit trail: a file or postgresql://user@host/name."),
    ] = None,
    as_of: AsOfOption = None,
) -> None:
    """Say what this branch's policies change, and which protection each change weakens."""
    outlets = _outlets(output or ("text",))
    if fail_on not in (_WEAKENED, _NEVER):
        remedy = f"use one of: {_WEAKENED}, {_NEVER}"
        raise UsageError("--fail-on", f"unknown value '{fail_on}'", remedy)
    from governance.cli.changes import render
    from governance.engine.differ import DiffRequest, compare_with_base, judge, record

    visit = enter(parse_instant(as_of))
    memory = recall()
    opened = _open(workspace, memory)
    measure, named = _measuring(opened, facts), facts is not None
    request = DiffRequest(opened.root, opened.policy, base, visit.clock, measure, memory, named)
    found = compare_with_base(request)
    said = _approvals(approvals, opened.root, found) if approvals else None
    gate = judge(found, opened.root, said, strict=not unknown_passes)
    exit_code = int(fail_on == _WEAKENED and bool(gate.open(found)))
    if fail_on == _WEAKENED and visit.keeps_trail(opened, trail):
        record(visit.ledger(opened, trail), found, gate, exit_code=exit_code)
    for name, path in outlets:
        text = render(name, found, gate)
        _write(fitted(text) if name == "text" and path is None else text, path)
    raise typer.Exit(exit_code)


def _open(workspace: Path | None, memory: Memory) -> Workspace:
    """Load the workspace as it is checked out.

    Neither the detectors' patterns are compiled nor the controls named in waivers looked up: lint
    and scan do that, and this is the fastest of the gates.
    """
    from governance.engine.workspace import Workspace
    from governance.policy.workspace import find_workspace, load_workspace

    start = workspace or Path.cwd()
    root = find_workspace(start) if workspace is None else start
    if root is None or not (root / "governance.yaml").is_file():
        raise NothingToDoError(
            where=str(start),
            problem="no policy here: there is no governance.yaml, so nothing was compared",
            remedy="run it in a workspace, or name one with --workspace",
        )
    return Workspace(root, load_workspace(root, memory=memory), declared=True)


def _measuring(
    opened: Workspace, facts: str | None
) -> Callable[[EffectivePolicy, Fork], Measurements]:
    def measure(base: EffectivePolicy, fork: Fork) -> Measurements:
        from governance.engine.measurements import measurements

        return measurements(opened, facts, base, fork)

    return measure


def _approvals(written: str, root: Path, found: Comparison) -> Approvals:
    from governance.engine.approvals import read_approvals
    from governance.policy.committed import is_committed, work_since

    if written == _GITHUB:
        from governance.engine import merging

        return merging.read_approvals(work_since(root, found.fork), found.fork, os.environ)
    path = Path(written)
    if is_committed(root, path):
        problem = f"{path} is part of the commit that it would approve"
        raise UsageError("--approvals", problem, "let the review system write it outside of git")
    return read_approvals(path)


def _outlets(written: list[str] | tuple[str, ...]) -> list[tuple[str, Path | None]]:
    found: list[tuple[str, Path | None]] = []
    for each in written:
        name, _, path = each.partition("=")
        if name not in FORMATS:
            remedy = f"use one of: {', '.join(FORMATS)}"
            raise UsageError("--output", f"unknown value '{name}'", remedy)
        found.append((name, Path(path) if path and path != "-" else None))
    if sum(path is None for _, path in found) > 1:
        remedy = "give all but one a file: --output json=changes.json"
        raise UsageError("--output", "two formats cannot share standard output", remedy)
    return found


def _write(text: str, path: Path | None) -> None:
    if path is None:
        typer.echo(text, nl=False)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as cause:
        problem = f"cannot write the output: {cause.strerror}"
        raise UsageError(str(path), problem, "name a file in a folder you may write to") from cause
