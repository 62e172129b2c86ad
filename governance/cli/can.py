"""``governance can``: may somebody do something with a dataset, and which line says so?"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from governance.cli.door import enter, open_here
from governance.cli.fitting import fitted
from governance.cli.printable import printable
from governance.errors import UsageError

if TYPE_CHECKING:
    from governance.engine.can import Reply
    from governance.engine.canwords import Line

_ORDER = ("denies", "allows", "open", "not applying")


def can(
    principal: Annotated[str, typer.Argument(help="As user:ana@example.org, or an account.")],
    action: Annotated[str, typer.Argument(help="read, write, export, delete or train.")],
    asset: Annotated[str, typer.Argument(help="A dataset's id.")],
    purpose: Annotated[str | None, typer.Option("--purpose", "-p", help="What for.")] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", help="When; now unless said. In the project's zone."),
    ] = None,
    origin: Annotated[
        str | None, typer.Option("--from", help="The address or network it comes from.")
    ] = None,
    region: Annotated[str | None, typer.Option("--region", help="The region, as DE.")] = None,
    field: Annotated[str | None, typer.Option("--field", help="One column of it.")] = None,
    location: Annotated[str | None, typer.Option("--location", help="One location of it.")] = None,
    environment: Annotated[
        str | None, typer.Option("--environment", help="Its location in that environment.")
    ] = None,
    output: Annotated[str, typer.Option("--output", "-o", help="text or json.")] = "text",
    workspace: Annotated[
        Path | None, typer.Option("--workspace", "-w", help="The folder of governance.yaml.")
    ] = None,
) -> None:
    """Say whether an access is allowed, rule by rule; exit code 0 if it is, 1 if it is not."""
    if output not in ("text", "json"):
        raise UsageError("--output", f"unknown value '{output[:40]}'", "use one of: text, json")
    from governance.engine.can import Question, ask

    policy = open_here(workspace).policy
    when = _instant(at, policy.project.timezone)
    reply = ask(
        policy,
        Question(
            principal, action, asset, when, field, purpose, origin, region, location, environment
        ),
    )
    typer.echo(_as_json(reply) if output == "json" else fitted(_as_text(reply)))
    raise typer.Exit(0 if reply.is_allowed else 1)


def _instant(text: str | None, timezone: str) -> datetime:
    if text is None:
        return enter().clock()
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        remedy = "write it as 2026-11-23T10:00 or 2026-11-23T10:00:00Z"
        raise UsageError("--at", "not a time", remedy) from None
    if not 1970 <= instant.year < 9000:
        raise UsageError("--at", "outside the calendar of records", "write a year from 1970")
    return instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(timezone))


def _as_text(reply: Reply) -> str:
    asked = reply.question
    zone = reply.local.tzinfo
    lines = [
        f"{reply.decision.answer.name.lower()}: {reply.because}",
        f"  {asked.principal} {asked.action} {asked.asset}, {reply.local:%a %Y-%m-%d %H:%M} {zone}",
        f"  acting as {', '.join(reply.acts_as)}",
    ]
    ordered = sorted(reply.lines, key=lambda line: (_ORDER.index(line.effect), line.id))
    for each in ordered:
        where = f"  [{each.position}]" if each.position else ""
        lines.append(f"{each.effect:13}{each.kind} {each.id}: {each.why}{where}")
    if not reply.lines:
        lines.append("no rule and no grant concerns this dataset")
    return "\n".join(printable(line) for line in lines)


def _as_json(reply: Reply) -> str:
    asked = reply.question
    document = {
        "schema": "governance/can/v1",
        "allowed": reply.is_allowed,
        "answer": reply.decision.answer.name.lower(),
        "by": reply.decision.by,
        "because": reply.because,
        "asked": {
            "principal": asked.principal, "action": asked.action, "asset": asked.asset,
            "at": reply.local.isoformat(), "field": asked.field, "purpose": asked.purpose,
            "from": asked.origin, "region": asked.region, "location": asked.location,
            "environment": asked.environment,
        },
        "acts_as": list(reply.acts_as),
        "rules": [_line(each) for each in reply.lines],
    }  # fmt: skip
    return json.dumps(document, indent=2)


def _line(line: Line) -> dict[str, object]:
    at = line.position
    return {
        "kind": line.kind, "id": line.id, "effect": line.effect, "why": line.why,
        "location": {"file": at.file, "line": at.line, "column": at.column} if at else None,
    }  # fmt: skip
