"""``governance audit log``: the entries, as their hashed bytes tell them."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from governance.cli.audit_common import TrailOption, WorkspaceOption, find_root, find_trail, instant
from governance.cli.door import enter
from governance.cli.fitting import fitted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from governance.model.trail import Entry

_VALUE = 200
"""Characters of one value: a digest is shorter, and what is longer is no id."""


class Shape(StrEnum):
    """How the log is printed."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


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
    """Print the entries, the newest last, as their hashed bytes tell them.

    Names and details that are kept apart are shown where they still are.
    """
    from governance.trail.reading import read_entries

    root = find_root(workspace)
    path = find_trail(root, trail)
    first, last = instant("--since", since), instant("--until", until, whole_day=True)
    found = read_entries(path, since=first, until=last, types=frozenset(type) if type else None)
    chosen: Iterator[Entry] = (entry for entry in found if run is None or entry.run == run)
    kept = deque(chosen, maxlen=limit or None)
    known = enter().privacy_at(root).reader()
    shown = [
        replace(each, actor=known.name(each.actor), payload=known.show(each.payload))
        for each in kept
    ]
    if output is Shape.JSON:
        typer.echo(json.dumps([_plain(entry) for entry in shown], indent=2, sort_keys=True))
        return
    for entry in shown:
        is_text = output is Shape.TEXT
        typer.echo(fitted(_line(entry)) if is_text else json.dumps(_plain(entry), sort_keys=True))
    if not kept:
        typer.echo("no entry matches.", err=True)


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

    plain = [(key, value) for key, value in entry.payload.items() if not _is_nested(value)]
    summary = " ".join(f"{clean(key)}={clean(str(value), _VALUE)}" for key, value in plain)
    actor = clean(entry.actor, _VALUE)
    return f"{entry.seq:>6}  {entry.ts:%Y-%m-%d %H:%M:%S}  {entry.type:<18} {actor:<24} {summary}"


def _is_nested(value: object) -> bool:
    return isinstance(value, dict | list) or value is None
