"""``governance audit verify``: recompute the trail and say what that proves."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.audit_common import TrailOption, WorkspaceOption, find_root, find_trail, instant
from governance.cli.audit_telling import tell
from governance.cli.door import enter
from governance.cli.pins import choose_pin, load_project
from governance.errors import UsageError

if TYPE_CHECKING:
    from governance.model.trail import Verification
    from governance.trail.outside import Outside

BELOW_MINIMUM = 4
_MAX_BYTES = 65_536


class Minimum(StrEnum):
    """The lowest level that ``verify`` calls a success."""

    INTACT = "intact"
    SIGNED = "signed"
    ANCHORED = "anchored"
    WITNESSED = "witnessed"


def verify(
    trail: TrailOption = None,
    pin: Annotated[
        str | None, typer.Option(help="The public key that must have signed, or a file of it.")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", help="A checkpoint that was kept elsewhere; repeatable."),
    ] = None,
    min_level: Annotated[
        Minimum | None,
        typer.Option("--min-level", help="Below this level the exit code is 4; else the policy's."),
    ] = None,
    until: Annotated[str | None, typer.Option(help="As the trail stood at this time.")] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every body and compare the search index too.")
    ] = False,
    incremental: Annotated[
        bool, typer.Option("--incremental", help="Read only what follows the kept checkpoint.")
    ] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Write the result into the trail.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Recompute the trail from its bytes and say what that proves, and what it does not."""
    from governance.trail.verify import Scope
    from governance.trail.verify import verify as verify_trail

    root = find_root(workspace)
    path = find_trail(root, trail)
    pinned = choose_pin(root, pin)
    outside, wanted = _outside(root, checkpoint or (), is_foreign=pin is not None)
    scope = Scope(instant("--until", until, whole_day=True), deep, incremental)
    found = verify_trail(
        path, pinned=pinned.key, pin_source=pinned.source, scope=scope, outside=outside
    )
    for name, text in tell(path, pinned, found, enter().clock()):
        typer.echo(f"{name:<12} {text}")
    if record:
        _record(root, trail, found)
    minimum = min_level or wanted or Minimum.SIGNED
    if pinned.key is None or found.level.name.lower() not in _sufficient(minimum):
        typer.echo(f"below the minimum: {minimum.value}", err=True)
        raise typer.Exit(BELOW_MINIMUM)


def _outside(
    root: Path, files: list[Path] | tuple[()], *, is_foreign: bool
) -> tuple[Outside, Minimum | None]:
    """Return what is known elsewhere, and the level that the policy asks for.

    Of a trail that is verified under another key than the policy's, the policy knows nothing.
    """
    from dataclasses import replace

    from governance.engine.outposts import outside_of
    from governance.trail.outside import NOTHING, Pinned

    project = None if is_foreign else load_project(root)
    pin = project.trail if project else None
    known = outside_of(root, pin) if project else NOTHING
    kept = tuple(Pinned(_read(file), "file", str(file)) for file in files)
    wanted = Minimum(pin.minimum) if pin and pin.minimum else None
    return replace(known, pins=(*known.pins, *kept)), wanted


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(_MAX_BYTES).decode("utf-8", "replace")
    except OSError as cause:
        raise UsageError(
            where="--checkpoint",
            problem=f"cannot be read: {(cause.strerror or 'unknown').lower()}",
            remedy="name a file that 'governance audit checkpoint' wrote",
        ) from cause


def _sufficient(minimum: Minimum) -> frozenset[str]:
    from governance.model.trail import Assurance

    bound = Assurance[minimum.name]
    return frozenset(level.name.lower() for level in Assurance if level >= bound)


def _record(root: Path, trail: str | None, found: Verification) -> None:
    from governance.engine.workspace import open_workspace
    from governance.model.trail import Event

    if not found.holds:
        typer.echo("not recorded: the trail is broken and takes no more entries.", err=True)
        return
    payload = {"level": found.level.name, "entries": found.entries, "problem": None}
    with enter().ledger(open_workspace(root), trail) as ledger:
        ledger.append([Event("trail.verified", payload)])
        ledger.seal()
