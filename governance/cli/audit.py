"""``governance audit``: read the trail, verify it, print what to pin."""

from __future__ import annotations

import json
from collections import deque
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from governance.cli.door import SIGNING_KEY, enter, parse_instant
from governance.cli.pins import Pinned, choose_pin, local_key, state_folder
from governance.errors import TrailError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from governance.model.trail import Entry, Verification

BELOW_MINIMUM = 4
_SUMMARY = 120

app = typer.Typer(no_args_is_help=True, help="Read and verify the audit trail.")

WorkspaceOption = Annotated[
    Path | None, typer.Option("--workspace", "-w", help="The folder of governance.yaml.")
]
TrailOption = Annotated[Path | None, typer.Option("--trail", help="Another trail file.")]


class Shape(StrEnum):
    """How the log is printed."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


class Minimum(StrEnum):
    """The lowest level that ``verify`` calls a success."""

    INTACT = "intact"
    SIGNED = "signed"


@app.command()
def log(
    since: Annotated[str | None, typer.Option(help="From this time or day on.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to this time, or the end of a day.")] = None,
    type: Annotated[
        list[str] | None, typer.Option("--type", help="As finding.recorded; repeatable.")
    ] = None,
    run: Annotated[str | None, typer.Option(help="Only this run's entries.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="The newest so many; 0 for all.")] = 50,
    output: Annotated[
        Shape, typer.Option("--output", "-o", help="text, json, jsonl.")
    ] = Shape.TEXT,
    trail: TrailOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print the entries, the newest last, as their hashed bytes tell them."""
    from governance.trail.reading import read_entries

    path = trail or state_folder(_root(workspace)) / "trail.db"
    first, last = _instant("--since", since), _instant("--until", until, whole_day=True)
    found = read_entries(path, since=first, until=last, types=frozenset(type) if type else None)
    chosen: Iterator[Entry] = (entry for entry in found if run is None or entry.run == run)
    kept = deque(chosen, maxlen=limit or None)
    if output is Shape.JSON:
        typer.echo(json.dumps([_plain(entry) for entry in kept], indent=2, sort_keys=True))
        return
    for entry in kept:
        is_text = output is Shape.TEXT
        typer.echo(_line(entry) if is_text else json.dumps(_plain(entry), sort_keys=True))
    if not kept:
        typer.echo("no entry matches.", err=True)


@app.command()
def verify(
    trail: TrailOption = None,
    pin: Annotated[
        str | None, typer.Option(help="The public key that must have signed, or a file of it.")
    ] = None,
    min_level: Annotated[
        Minimum, typer.Option("--min-level", help="Below this level the exit code is 4.")
    ] = Minimum.SIGNED,
    until: Annotated[str | None, typer.Option(help="As the trail stood at this time.")] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Write the result into the trail.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Recompute the trail from its bytes and say what that proves, and what it does not."""
    from governance.trail.verify import verify as verify_trail

    root = _root(workspace)
    path = trail or state_folder(root) / "trail.db"
    pinned = choose_pin(root, pin)
    found = verify_trail(
        path,
        pinned=pinned.key,
        pin_source=pinned.source,
        until=_instant("--until", until, whole_day=True),
    )
    for name, text in _tell(path, pinned, found, enter().clock()):
        typer.echo(f"{name:<12} {text}")
    if record:
        _record(root, path, found)
    if pinned.key is None or found.level.name.lower() not in _sufficient(min_level):
        raise typer.Exit(BELOW_MINIMUM)


@app.command()
def checkpoint(
    key: Annotated[
        bool, typer.Option("--key", help="Print the public key to pin in governance.yaml.")
    ] = False,
    trail: TrailOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print the newest signed checkpoint: keep a copy where nobody can change both."""
    from governance.formats.cleaning import clean
    from governance.trail.reading import read_newest_note, read_origin

    root = _root(workspace)
    path = trail or state_folder(root) / "trail.db"
    note = read_newest_note(path)
    if not key:
        if note is None:
            raise TrailError(str(path), "no checkpoint is stored", "run 'governance audit verify'")
        typer.echo("\n".join(clean(line) for line in note.split("\n")), nl=False)
        return
    local = local_key(root, None)
    origin = read_origin(path)
    if local.key is None or origin is None:
        raise TrailError(
            where=str(root),
            problem="there is no signing key here",
            remedy="run this where scans run, or set " + SIGNING_KEY,
        )
    typer.echo(local.key.named(origin).text)


def _root(workspace: Path | None) -> Path:
    from governance.policy.workspace import find_workspace

    start = workspace or Path.cwd()
    return find_workspace(start) or start


def _sufficient(minimum: Minimum) -> frozenset[str]:
    from governance.model.trail import Assurance

    bound = Assurance[minimum.name]
    return frozenset(level.name.lower() for level in Assurance if level >= bound)


def _tell(
    path: Path, pinned: Pinned, found: Verification, now: datetime
) -> Iterator[tuple[str, str]]:
    from governance.formats.cleaning import clean, count

    yield "trail", clean(str(path))
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


def _record(root: Path, path: Path, found: Verification) -> None:
    from governance.engine.workspace import open_workspace
    from governance.model.trail import Event

    if not found.holds:
        typer.echo("not recorded: the trail is broken and takes no more entries.", err=True)
        return
    payload = {"level": found.level.name, "entries": found.entries, "problem": None}
    with enter().ledger(open_workspace(root), path) as ledger:
        ledger.append([Event("trail.verified", payload)])
        ledger.seal()


def _instant(option: str, text: str | None, *, whole_day: bool = False) -> datetime | None:
    try:
        instant = parse_instant(text)
    except UsageError as error:
        raise UsageError(option, error.problem, error.remedy) from None
    if whole_day and instant is not None and text is not None and len(text.strip()) == 10:
        return instant + timedelta(days=1, microseconds=-1)
    return instant


def _plain(entry: Entry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "ts": entry.ts.isoformat().replace("+00:00", "Z"),
        "type": entry.type,
        "run": entry.run,
        "actor": entry.actor,
        "payload": entry.payload,
        "leaf": entry.leaf.hex(),
    }


def _line(entry: Entry) -> str:
    from governance.formats.cleaning import clean

    parts = [f"{key}={value}" for key, value in entry.payload.items() if not _is_nested(value)]
    summary = clean(" ".join(parts), _SUMMARY)
    actor = clean(entry.actor, 24)
    return f"{entry.seq:>6}  {entry.ts:%Y-%m-%d %H:%M:%S}  {entry.type:<18} {actor:<24} {summary}"


def _is_nested(value: object) -> bool:
    return isinstance(value, dict | list) or value is None
