"""``governance waiver``: dated exceptions, how they stand, and a new one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.fitting import fitted
from governance.cli.options import AsOfOption, WorkspaceOption
from governance.cli.printable import printable
from governance.cli.standing import Here, is_measured, stand
from governance.errors import InvalidPolicyError, UsageError

if TYPE_CHECKING:
    from governance.engine.waiving import Covered, Standing
    from governance.model.ladders import Duration
    from governance.model.run import Run
    from governance.policy.appending import Draft

DUE = 1
_DEFAULT_FILE = "policies/waivers.yaml"

app = typer.Typer(no_args_is_help=True, help="List, watch and write dated exceptions.")

OutputOption = Annotated[str, typer.Option("--output", "-o", help="text or json.")]


@app.command("list")
def list_waivers(
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    output: OutputOption = "text",
) -> None:
    """Show every waiver: active, unused, future or expired, and the days it has left."""
    here = stand(workspace, as_of)
    run = _evaluated(here)
    _print(_standings(here, run), output)
    if run is None and output == "text":
        typer.echo("whether they are used is not known: no scan has left facts here")


@app.command("due")
def list_due(
    within: Annotated[str, typer.Option("--within", help="As 30d, 6m or 1y.")] = "30d",
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    output: OutputOption = "text",
) -> None:
    """Show the waivers that have run out or soon will; exit code 1 when there is one."""
    from governance.engine.waiving import due

    here, length = stand(workspace, as_of), _length("--within", within)
    rows = _standings(here, _evaluated(here))
    found = due(rows, length, _today(here))
    _print(found, output, of=len(rows))
    raise typer.Exit(DUE if found else 0)


@app.command()
def add(
    reason: Annotated[str, typer.Option("--reason", help="Why the finding must wait.")],
    expires: Annotated[str, typer.Option("--expires", help="The last day, or a length: 30d.")],
    author: Annotated[str, typer.Option("--author", help="Who asks, as user:ana@example.org.")],
    approved_by: Annotated[
        list[str], typer.Option("--approved-by", help="Who approved it; repeatable.")
    ],
    finding: Annotated[
        str | None, typer.Argument(help="The id of a finding, or its beginning.")
    ] = None,
    control: Annotated[str | None, typer.Option(help="A control, without a finding.")] = None,
    rule: Annotated[str | None, typer.Option(help="A rule, as policy-id.rule-id.")] = None,
    asset: Annotated[str | None, typer.Option(help="The asset it is for.")] = None,
    field: Annotated[str | None, typer.Option(help="One field of it.")] = None,
    location: Annotated[str | None, typer.Option(help="One location of it.")] = None,
    compensating: Annotated[str | None, typer.Option(help="What protects until then.")] = None,
    ticket: Annotated[str | None, typer.Option(help="Where it is followed up.")] = None,
    id: Annotated[str | None, typer.Option("--id", help="Its id; else one is made.")] = None,
    file: Annotated[Path | None, typer.Option(help="The policy file to write into.")] = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Write a waiver into a policy file, behind what stands there; it must then load."""
    from governance.engine.waiving import Covered, check_approvers, new_id
    from governance.policy.appending import Draft

    here = stand(workspace, as_of)
    run = _evaluated(here)
    given = Covered(control, rule, asset or "", field, location)
    covered = _covered(here, run, finding, given)
    opened = _today(here)
    check_approvers(here.workspace.policy, approved_by, opened)
    draft = Draft(
        id=id or new_id(covered, here.workspace.policy.waivers),
        dataset=covered.dataset,
        field=covered.field,
        location=covered.location,
        control=covered.control,
        rule=covered.rule,
        reason=reason,
        compensating=compensating,
        author=author,
        approved_by=tuple(approved_by),
        opened=opened,
        expires=_last_day(here, run, covered, expires),
        ticket=ticket,
    )
    _write(here, run, draft, file or here.workspace.root / _DEFAULT_FILE)


def _evaluated(here: Here) -> Run | None:
    """Return what is found today; None where nothing was ever measured."""
    run = here.evaluate()
    return run if is_measured(run) else None


def _standings(here: Here, run: Run | None) -> tuple[Standing, ...]:
    from governance.engine.waiving import standings

    return standings(here.workspace.policy, run, _today(here))


def _today(here: Here) -> date:
    from governance.model.clock import local_day

    return local_day(here.visit.clock(), here.workspace.policy.project.timezone)


def _length(option: str, written: str) -> Duration:
    from governance.model.ladders import Duration

    try:
        return Duration.parse(written)
    except ValueError:
        raise UsageError(option, "not a length", "write it as 30d, 2w, 6m or 1y") from None


def _covered(here: Here, run: Run | None, finding: str | None, given: Covered) -> Covered:
    from governance.engine.waiving import covered_by_finding

    if finding is None:
        if bool(given.control) == bool(given.rule) or not given.dataset:
            remedy = "name a finding, or --asset with either --control or --rule"
            raise UsageError("waiver", "it is not said what the waiver covers", remedy)
        return given
    if any((given.control, given.rule, given.dataset, given.field, given.location)):
        problem = "a finding is named, and what it covers is said beside it"
        raise UsageError("waiver", problem, "name either a finding, or a control and an asset")
    if run is None:
        problem = "no scan has left facts here, so that no finding is known"
        raise UsageError(finding[:40], problem, "scan first, or name --control and --asset")
    return covered_by_finding(run, finding, here.workspace.policy)


def _last_day(here: Here, run: Run | None, covered: Covered, written: str) -> date:
    """Return the day that ``--expires`` names, if no limit forbids it."""
    from governance.engine.waiving import last_day, severities

    today, policy = _today(here), here.workspace.policy
    try:
        expires = date.fromisoformat(written)
    except ValueError:
        expires = _length("--expires", written).after(today)
    if expires < today:
        raise UsageError("--expires", f"{expires} is over", "name a day to come")
    bound = last_day(today, severities(covered, run, policy), policy)
    if bound is not None and expires > bound[0]:
        problem = f"{expires} is later than {bound[1]} allows"
        raise UsageError("--expires", problem, f"let it end by {bound[0]}")
    return expires


def _write(here: Here, run: Run | None, draft: Draft, file: Path) -> None:
    from governance.controls.registry import CONTROLS
    from governance.engine.waiving import count_covered
    from governance.model.trail import Event, Person
    from governance.policy.appending import append_waiver

    opened = here.workspace
    known = frozenset(control.id for control in CONTROLS)
    said = {"id": draft.id, "asset": draft.dataset, "expires": draft.expires.isoformat()}
    event = Event("waiver.requested", {**said, "author": Person(draft.author)})
    try:
        waiver = append_waiver(
            opened.root, file, draft, known=opened.policy, controls=known,
            record=lambda _: here.record(event),
        )  # fmt: skip
    except InvalidPolicyError:
        typer.echo("nothing was written: the file would not load", err=True)
        raise
    typer.echo(f"wrote the waiver {waiver.id} into {printable(str(file))}")
    if run is not None:
        number = count_covered(run, opened.policy, waiver, _today(here))
        noun = "finding that is" if number == 1 else "findings that are"
        typer.echo(f"it covers {number:,} {noun} open today")
    typer.echo(f"it counts until {waiver.expires}, that day included; commit it for approval")


def _print(rows: Sequence[Standing], output: str, *, of: int | None = None) -> None:
    if output == "json":
        from governance.formats.cleaning import inert_json

        typer.echo(inert_json(json.dumps([_plain(row) for row in rows], indent=2, sort_keys=True)))
        return
    if output != "text":
        raise UsageError("--output", f"unknown value '{output[:40]}'", "use one of: text, json")
    for row in rows:
        typer.echo(fitted(_line(row)))
    if of is not None:
        typer.echo(f"{len(rows):,} of {of:,} waivers due")
    elif not rows:
        typer.echo("no waivers")


def _line(row: Standing) -> str:
    waiver = row.waiver
    target = " ".join(part for part in _target(row) if part)
    left = f"{row.days_left} days left" if row.days_left >= 0 else f"{-row.days_left} days over"
    used = "" if row.matched is None else f", covers {row.matched:,}"
    told = (
        f"{row.state.value:8} {waiver.expires}  {left}{used}  {waiver.id}: "
        f"{waiver.control or waiver.rule} on {target}; {waiver.reason} "
        f"(approved by {', '.join(waiver.approved_by)}; {row.position})"
    )
    return printable(told)


def _target(row: Standing) -> tuple[str | None, ...]:
    target = row.waiver.target
    return target.dataset, target.location, target.field


def _plain(row: Standing) -> dict[str, object]:
    waiver = row.waiver
    return {
        "id": waiver.id,
        "state": row.state.value,
        "days_left": row.days_left,
        "matched": row.matched,
        "control": waiver.control,
        "rule": waiver.rule,
        "asset": waiver.target.dataset,
        "field": waiver.target.field,
        "location": waiver.target.location,
        "reason": waiver.reason,
        "author": waiver.author,
        "approved_by": list(waiver.approved_by),
        "opened": waiver.opened.isoformat(),
        "expires": waiver.expires.isoformat(),
        "at": str(row.position) if row.position else None,
    }
