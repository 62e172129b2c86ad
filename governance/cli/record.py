"""``governance record``: drills, trainings, laws, incidents and other records, in the trail."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from governance.cli.fitting import fitted
from governance.cli.options import AsOfOption, WorkspaceOption
from governance.cli.printable import printable
from governance.cli.standing import stand
from governance.errors import UsageError

if TYPE_CHECKING:
    from governance.model.records import Record, RecordKind

app = typer.Typer(
    no_args_is_help=True, help="Keep drills, trainings, laws and incidents in the trail."
)

KindArgument = Annotated[
    str,
    typer.Argument(help="regulation, drill, training, recertification, review or incident."),
]


@app.command()
def add(
    kind: KindArgument,
    by: Annotated[list[str], typer.Option("--by", help="Who answers for it; repeatable.")],
    on: Annotated[str | None, typer.Option("--on", help="The day; today if not said.")] = None,
    fact: Annotated[
        list[str] | None, typer.Option("--fact", "-f", help="NAME=TEXT; repeatable.")
    ] = None,
    id: Annotated[str | None, typer.Option("--id", help="Its id; else one is made.")] = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Write a record into the trail; one with the same kind and id is replaced by it."""
    from governance.engine.recording import RecordDraft, record_event
    from governance.model.clock import local_day

    here = stand(workspace, as_of)
    today = local_day(here.visit.clock(), here.workspace.policy.project.timezone)
    draft = RecordDraft(_kind(kind), id, _day(on) or today, tuple(by), dict(_facts(fact or ())))
    refer = here.visit.privacy_at(here.workspace.root).reference
    event = record_event(draft, here.workspace, today, refer)
    with here.visit.ledger(here.workspace) as ledger:
        ledger.append([event])
        ledger.seal()
    typer.echo(f"recorded the {draft.kind.value} {event.payload['id']} of {draft.on}")


@app.command()
def withdraw(
    kind: KindArgument,
    id: Annotated[str, typer.Argument(help="Its id, as 'record list' shows it.")],
    by: Annotated[list[str], typer.Option("--by", help="Who answers for it; repeatable.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it does not stand.")],
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Take a record back: it counts for nothing any more, and the trail keeps both."""
    from governance.engine.recording import list_records, withdrawal
    from governance.model.clock import local_day

    here, asked = stand(workspace, as_of), _kind(kind)
    ledger = here.visit.ledger(here.workspace)
    known = {each.id: each for each in list_records(ledger.path, asked, ledger.privacy)}
    if id not in known:
        remedy = f"known: {', '.join([*known][-5:]) or 'none'}"
        raise UsageError("record", f"no {asked.value} '{id[:80]}' stands", remedy)
    today = local_day(here.visit.clock(), here.workspace.policy.project.timezone)
    event = withdrawal(known[id], tuple(by), reason, here.workspace, today)
    with ledger:
        ledger.append([event])
        ledger.seal()
    typer.echo(printable(f"withdrew the {asked.value} {id}"))


@app.command("list")
def list_all(
    kind: Annotated[str | None, typer.Argument(help="Only this kind.")] = None,
    workspace: WorkspaceOption = None,
    output: Annotated[str, typer.Option("--output", "-o", help="text or json.")] = "text",
) -> None:
    """Show the records that stand, oldest first."""
    from governance.engine.recording import list_records
    from governance.formats.cleaning import inert_json

    if output not in ("text", "json"):
        raise UsageError("--output", f"unknown value '{output[:40]}'", "use one of: text, json")
    here = stand(workspace, None)
    ledger = here.visit.ledger(here.workspace)
    found = list_records(ledger.path, _kind(kind) if kind else None, ledger.privacy)
    if output == "json":
        plain = [_plain(record) for record in found]
        typer.echo(inert_json(json.dumps(plain, indent=2, sort_keys=True)))
        return
    for record in found:
        typer.echo(fitted(printable(_line(record))))
    if not found:
        typer.echo("no records")


@app.command()
def kinds() -> None:
    """Show which facts each kind of record takes."""
    from governance.model.records import SHAPES

    for kind, specs in SHAPES.items():
        typer.echo(kind.value)
        for spec in specs:
            needed = "needed" if spec.required else "      "
            typer.echo(f"  {spec.name:<10} {spec.kind.value:<9} {needed}  {spec.meaning}")


def _kind(text: str) -> RecordKind:
    from governance.model.records import RecordKind

    known = [each.value for each in RecordKind]
    if text not in known:
        problem = f"there is no kind of record '{text[:40]}'"
        raise UsageError("record", problem, f"use one of: {', '.join(known)}")
    return RecordKind(text)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError("--on", "not a day", "write it as 2026-11-23") from None


def _facts(written: Sequence[str]) -> Iterator[tuple[str, str]]:
    seen = set()
    for each in written:
        name, mark, text = each.partition("=")
        name = name.strip()
        if not mark:
            raise UsageError("--fact", "it has no '='", "write it as title=text")
        if name in seen:
            raise UsageError("--fact", f"'{name[:40]}' is given twice", "give each once")
        seen.add(name)
        yield name, text


def _line(record: Record) -> str:
    facts = " ".join(f"{name}={text}" for name, text in record.facts.items())
    return f"{record.on}  {record.kind.value:<15} {record.id}  by {', '.join(record.by)}  {facts}"


def _plain(record: Record) -> dict[str, Any]:
    return {
        "kind": record.kind.value,
        "id": record.id,
        "on": record.on.isoformat(),
        "by": list(record.by),
        "facts": dict(record.facts),
        "recorded": record.at.isoformat(),
        "entry": record.seq,
    }
