"""``governance audit verify``: recompute the trail and say what that proves."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.audit_common import TrailOption, WorkspaceOption, find_root, find_trail, instant
from governance.cli.door import enter
from governance.cli.pins import Pinned, choose_pin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from governance.model.trail import Verification

BELOW_MINIMUM = 4


class Minimum(StrEnum):
    """The lowest level that ``verify`` calls a success."""

    INTACT = "intact"
    SIGNED = "signed"


def verify(
    trail: TrailOption = None,
    pin: Annotated[
        str | None, typer.Option(help="The public key that must have signed, or a file of it.")
    ] = None,
    min_level: Annotated[
        Minimum, typer.Option("--min-level", help="Below this level the exit code is 4.")
    ] = Minimum.SIGNED,
    until: Annotated[str | None, typer.Option(help="As the trail stood at this time.")] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every body and compare the search index too.")
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
    found = verify_trail(
        path,
        pinned=pinned.key,
        pin_source=pinned.source,
        scope=Scope(until=instant("--until", until, whole_day=True), deep=deep),
    )
    for name, text in _tell(path, pinned, found, enter().clock()):
        typer.echo(f"{name:<12} {text}")
    if record:
        _record(root, trail, found)
    if pinned.key is None or found.level.name.lower() not in _sufficient(min_level):
        raise typer.Exit(BELOW_MINIMUM)


def _sufficient(minimum: Minimum) -> frozenset[str]:
    from governance.model.trail import Assurance

    bound = Assurance[minimum.name]
    return frozenset(level.name.lower() for level in Assurance if level >= bound)


def _tell(
    path: Path | str, pinned: Pinned, found: Verification, now: datetime
) -> Iterator[tuple[str, str]]:
    from governance.formats.cleaning import clean, count
    from governance.trail.storage import told

    yield "trail", clean(told(path))
    yield "level", found.level.name
    if found.problem:
        yield "broken", clean(found.problem)
    yield "entries", f"{count(found.entries, 'entry', 'entries')} checked"
    if found.checkpoint_size is not None:
        age = f", {_age(now - found.checkpoint_time)}" if found.checkpoint_time else ""
        yield "checkpoint", f"covers {count(found.checkpoint_size, 'entry', 'entries')}{age}"
        yield "unsigned", f"{count(found.unsigned_tail, 'entry', 'entries')} after it"
    if pinned.key is not None:
        yield "key", clean(found.key_id or "")
        yield "pin", pinned.source or ""
    if pinned.remark:
        yield "note", pinned.remark
    yield "not proved", _limits(found)


def _limits(found: Verification) -> str:
    if found.problem:
        if not found.entries:
            return "anything: there is no entry to check"
        return "anything: compare with a copy and find out who changed it"
    if found.level.name == "INTACT":
        return "who wrote it: with no signature checked, the whole trail could have been rewritten"
    return (
        "that no newer entry was cut off with its checkpoint, that the holder of the key rewrote "
        "nothing, and that everything was logged (docs/trail.md)"
    )


def _age(age: timedelta) -> str:
    if age < timedelta(hours=1):
        return f"{max(int(age.total_seconds()) // 60, 0)} minutes old"
    hours = int(age.total_seconds()) // 3600
    return f"{hours} hours old" if hours < 48 else f"{hours // 24} days old"


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
