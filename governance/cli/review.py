"""``governance review``: open a review, sign it, see what it lacks, make reports again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.cli.door import enter, open_here
from governance.cli.options import WorkspaceOption
from governance.cli.printable import printable
from governance.errors import NothingToDoError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from governance.engine.reissuing import MadeAgain
    from governance.model.recurring import Signing
    from governance.model.signoff import ReviewCase

PASSPHRASE = "GOVERNANCE_PKCS12_PASSPHRASE"  # noqa: S105 (the name of a variable)
UNSIGNED, DIFFERENT, NOT_EVALUATED = 1, 1, 3

app = typer.Typer(no_args_is_help=True, help="Reviews that get signed, and reports that hold.")


@app.command()
def start(
    period: Annotated[str, typer.Option("--period", help="2026, 2026-Q3 or 2026-01..2026-06.")],
    kind: Annotated[str, typer.Option("--kind", help="Which report is reviewed.")] = "annual",
    again: Annotated[
        bool, typer.Option("--again", help="Supersede a review that is open or signed.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Open a review over what the trail holds now; the signatures are given for that."""
    from governance.engine.reviewing import lacking, start_review
    from governance.reporting.period import parse_period

    opened = open_here(workspace)
    case = start_review(opened, enter().ledger(opened), kind=kind, period=period, again=again)
    typer.echo(printable(f"opened the review {case.id} over {case.size:,} entries of the trail"))
    typer.echo(printable(f"root {case.root}"))
    visit, last = enter(), parse_period(period, opened.policy.project.timezone)
    if visit.clock() < last.end:
        typer.echo(f"note: the period lasts until {last.last_day}: what follows is no part of it")
    for line in lacking(case, opened.policy.project.signing):
        typer.echo(printable(f"needs {line}"))


@app.command()
def sign(
    who: Annotated[str, typer.Option("--as", help="Who signs, as user:ana@example.org.")],
    statement: Annotated[str, typer.Option("--statement", help="What is stated.")],
    review: Annotated[str | None, typer.Argument(help="Its id; the newest if not said.")] = None,
    role: Annotated[str, typer.Option("--role", help="author, adviser or approver.")] = "",
    advice: Annotated[
        str, typer.Option("--advice", help="An adviser agrees or objects.")
    ] = "agrees",
    overrules: Annotated[
        str | None, typer.Option("--overrules", help="Why objections do not stand.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Sign a review; the author first, then the advisers, then the approver, another person."""
    from governance.engine.reviewing import lacking, read_reviews
    from governance.engine.signing import SignOrder, sign_review
    from governance.model.signoff import Advice, Role

    opened, visit = open_here(workspace), enter()
    ledger = visit.ledger(opened)
    case = _named(read_reviews(ledger), review)
    chosen = _word("--role", role, [each.value for each in Role]) if role else _next_role(case)
    opinion = _word("--advice", advice, [each.value for each in Advice])
    order = SignOrder(case.id, Role(chosen), who, statement, Advice(opinion), overrules)
    case = sign_review(order, opened, ledger, visit.clock())
    typer.echo(printable(f"{who} signed {case.id} as {chosen}"))
    for line in lacking(case, opened.policy.project.signing):
        typer.echo(printable(f"needs {line}"))
    if case.is_signed:
        issuing = f"governance report {case.kind} --period {case.period} -o FILE"
        typer.echo(printable(f"{case.id} is signed; '{issuing}' issues it"))


@app.command()
def status(
    review: Annotated[str | None, typer.Argument(help="Only this one.")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Show each review and what it lacks; exit code 1 while the newest is not signed."""
    from governance.engine.reviewing import later_scans, read_reviews
    from governance.model.signoff import successor_of

    opened = open_here(workspace)
    ledger = enter().ledger(opened)
    cases = read_reviews(ledger)
    known = ledger.privacy.reader() if ledger.privacy is not None else None
    shown = (_named(cases, review),) if review else cases
    if not shown:
        raise NothingToDoError(
            where=str(opened.root),
            problem="no review was opened",
            remedy="open one: 'governance review start --period 2026'",
        )
    for case in shown:
        opener = known.name(case.opened_by) if known is not None else case.opened_by
        newer = successor_of(case, cases)
        if newer is not None:
            typer.echo(printable(f"{case.id}: superseded by {newer.id}"))
            continue
        for line in _lines(case, opener, opened.policy.project.signing):
            typer.echo(printable(line))
        if not case.is_signed and (scans := later_scans(ledger, case)):
            typer.echo(f"  note: {scans:,} later scans of everything are no part of it")
    raise typer.Exit(0 if shown[-1].is_signed else UNSIGNED)


@app.command()
def reproduce(
    every: Annotated[
        bool, typer.Option("--all", help="Those too that came out the same before.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Make issued reports again, compare the bytes, and record the result."""
    from governance.engine.reissuing import reproduce as make_again

    opened = open_here(workspace)
    found = make_again(opened, enter().ledger(opened), every=every)
    for one in found:
        typer.echo(printable(_outcome(one)))
    if not found:
        typer.echo("no issued report is left to be made again")
    raise typer.Exit(_exit_code(found))


@app.command()
def seal(
    report: Annotated[Path, typer.Argument(help="An issued report, as PDF.")],
    pkcs12: Annotated[Path, typer.Option("--pkcs12", help="A key with its certificate.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The signed PDF to write.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Put a PAdES signature on an issued report; GOVERNANCE_PKCS12_PASSPHRASE opens the key."""
    from governance.engine.sealing import Certificate, seal_report

    opened = open_here(workspace)
    certificate = Certificate(pkcs12, os.environ.get(PASSPHRASE))
    digest = seal_report(report, output, certificate, enter().ledger(opened))
    typer.echo(printable(f"{output}: sealed. sha256 {digest}"))


def _outcome(one: MadeAgain) -> str:
    name = f"{one.kind} {one.period} {one.sha256[:16]}"
    if one.same is None:
        return f"{name}: not compared, {one.reason}"
    return f"{name}: {'the same bytes' if one.same else 'OTHER BYTES'}"


def _exit_code(found: tuple[MadeAgain, ...]) -> int:
    if any(one.same is None for one in found):
        return NOT_EVALUATED
    return DIFFERENT if any(one.same is False for one in found) else 0


def _named(cases: tuple[ReviewCase, ...], written: str | None) -> ReviewCase:
    from governance.engine.reviewing import find_review

    if written is None and cases:
        return cases[-1]
    return find_review(cases, written or "")


def _next_role(case: ReviewCase) -> str:
    from governance.model.signoff import Role

    return Role.APPROVER.value if case.of_role(Role.AUTHOR) else Role.AUTHOR.value


def _word(option: str, written: str, known: list[str]) -> str:
    if written not in known:
        problem = f"unknown value '{written[:40]}'"
        raise UsageError(option, problem, f"use one of: {', '.join(known)}")
    return written


def _lines(case: ReviewCase, opener: str, signing: Signing) -> Iterator[str]:
    from governance.engine.reviewing import lacking

    state = "signed" if case.is_signed else "open"
    opened = f"opened {case.opened_at:%Y-%m-%d} by {opener}"
    yield f"{case.id}: {state}; {case.kind} {case.period}, {opened}"
    yield f"  over {case.size:,} entries, root {case.root[:16]}…, {len(case.assets):,} assets"
    for one in case.signatures:
        said = "" if one.advice.value == "agrees" else ", objects"
        yield f"  {one.at:%Y-%m-%d %H:%M} UTC {one.role.value} {one.who}{said}: {one.statement}"
        if one.overrules:
            yield f"    overrules: {one.overrules}"
    if case.one_account:
        yield "  note: author and approver signed from one account, which alone says who they are"
    for one in case.other_policies:
        yield f"  note: {one.role.value} {one.who} signed under policy files of another digest"
    for line in lacking(case, signing):
        yield f"  needs {line}"
