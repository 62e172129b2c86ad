"""``governance finding``: what is open today, one finding, and a week of each owner."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import datetime, time
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from governance.cli.findinglines import digest_lines, row_of, shown_lines
from governance.cli.fitting import fitted
from governance.cli.options import AsOfOption, WorkspaceOption
from governance.cli.standing import Here, is_measured, stand
from governance.errors import NothingToDoError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from governance.engine.digest import OwnersDigest
    from governance.engine.listing import Days, Listed
    from governance.model.ladders import Duration
    from governance.model.run import Run

app = typer.Typer(no_args_is_help=True, help="Triage: list, show and sum up open findings.")

FormatOption = Annotated[
    str, typer.Option("--format", "--output", "-o", help="text, json, markdown or csv.")
]
Words = list[str] | None
ON_A_TERMINAL = 100
"""Findings that are shown there unless asked otherwise: more scroll away unread."""
_Word = TypeVar("_Word", bound=StrEnum)


@app.command("list")
def list_findings(
    owner: Annotated[Words, typer.Option(help="As team:sales, or none; repeatable.")] = None,
    severity: Annotated[Words, typer.Option(help="This one alone, or gap; repeatable.")] = None,
    at_least: Annotated[str | None, typer.Option(help="This severity and worse.")] = None,
    control: Annotated[Words, typer.Option(help="Its id or a glob; repeatable.")] = None,
    asset: Annotated[Words, typer.Option(help="Its id or a glob; repeatable.")] = None,
    state: Annotated[
        Words, typer.Option(help="new, existing, waived, baselined; repeatable.")
    ] = None,
    older_than: Annotated[str | None, typer.Option(help="Known longer, as 30d.")] = None,
    newer_than: Annotated[str | None, typer.Option(help="Known for at most, as 7d.")] = None,
    sort: Annotated[
        str, typer.Option(help="By severity, age, owner, control or asset.")
    ] = "severity",
    limit: Annotated[
        int | None,
        typer.Option(min=0, help="The first so many; 0 for all. On a terminal 100, else all."),
    ] = None,
    format: FormatOption = "text",
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
) -> None:
    """List the findings of today, worst first, as today's policy files judge the last scan."""
    from governance.engine.listing import Order, Wanted, arrange, check_wanted, choose
    from governance.formats.findinglist import LISTS
    from governance.model.ladders import Severity
    from governance.model.outcome import FindingState

    if format not in LISTS:
        raise UsageError("--format", f"unknown value '{format[:40]}'", _like(format, [*LISTS]))
    order = _word("--sort", sort, Order)
    wanted = Wanted(
        owners=tuple(owner or ()),
        severities=tuple(_severity("--severity", each) for each in severity or ()),
        at_least=_word("--at-least", at_least, Severity) if at_least else None,
        controls=tuple(control or ()),
        assets=tuple(asset or ()),
        states=tuple(_word("--state", each, FindingState) for each in state or ()),
        older_than=_length("--older-than", older_than),
        newer_than=_length("--newer-than", newer_than),
    )
    here = stand(workspace, as_of)
    run, rows, days = today_of(here)
    check_wanted(wanted, run, here.workspace.policy)
    chosen = arrange(choose(rows, wanted, days), order)
    shown = chosen[: _limit(limit, format)]
    is_text, written = format == "text", LISTS[format]([row_of(each) for each in shown])
    lines = [written] if written else []
    for line in (*lines, *(_told(shown, chosen, rows, run) if is_text else ())):
        typer.echo(fitted(line) if is_text else line)


@app.command()
def show(
    finding: Annotated[str, typer.Argument(help="The finding's id, or its beginning.")],
    format: Annotated[str, typer.Option("--format", "--output", "-o", help="text, json.")] = "text",
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Show one finding: what was measured, what to do, whose it is, and since when it is known."""
    from governance.engine.listing import find
    from governance.formats.findinglist import as_json

    if format not in ("text", "json"):
        raise UsageError("--format", f"unknown value '{format[:40]}'", "use one of: text, json")
    _, rows, _ = today_of(stand(workspace, as_of))
    found = find(rows, finding)
    if format == "json":
        typer.echo(as_json([row_of(found)]))
        return
    for line in shown_lines(found):
        typer.echo(fitted(line))


@app.command()
def digest(
    since: Annotated[str, typer.Option("--since", help="How far back, as 7d.")] = "7d",
    owner: Annotated[Words, typer.Option(help="Only this one; repeatable.")] = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Sum up a week for each owner: open, new, closed and late findings, and ending waivers."""
    length = _length("--since", since)
    assert length is not None  # noqa: S101 (only an option that is not given has none)
    here = stand(workspace, as_of)
    found = digests_of(here, length, tuple(owner or ()))
    for each in found:
        for line in digest_lines(each, since):
            typer.echo(line)
    if not found:
        typer.echo("nobody has an open, closed or late finding, or a waiver that ends")


def digests_of(here: Here, length: Duration, owners: Sequence[str]) -> tuple[OwnersDigest, ...]:
    """Return the week of each owner, or of those that are named.

    Raises:
        UsageError: If nobody is called so.
    """
    from governance.engine.digest import closed_since, digests
    from governance.engine.listing import Wanted, check_wanted
    from governance.trail.reading import read_entries

    run, rows, days = today_of(here)
    check_wanted(Wanted(owners=tuple(owners)), run, here.workspace.policy)
    closed = {}
    if here.visit.keeps_trail(here.workspace):
        types = frozenset({"scan.started", "finding.recorded", "scan.finished"})
        entries = read_entries(here.visit.ledger(here.workspace).path, types=types)
        first = datetime.combine(length.before(days.today), time(), days.now.tzinfo)
        closed = closed_since(entries, first, frozenset(row.finding.id for row in rows))
    every = digests(rows, closed, here.workspace.policy, days, length)
    return tuple(each for each in every if not owners or each.owner in owners)


def today_of(here: Here) -> tuple[Run, tuple[Listed, ...], Days]:
    """Return what is found today.

    Raises:
        NothingToDoError: If no scan has left facts: an empty list would read as good news.
    """
    from governance.engine.listing import Days, findings_of

    run = here.evaluate()
    if not is_measured(run):
        raise NothingToDoError(
            where=str(here.workspace.root),
            problem="no scan has left facts here, so no finding is known",
            remedy="run 'governance scan' first",
        )
    days = Days(here.visit.clock(), here.workspace.policy.project.timezone)
    return run, findings_of(run, since_of(here), days), days


def since_of(here: Here) -> dict[str, datetime]:
    """Return when each finding was first known: by the facts, and better by the trail."""
    from governance.engine.ageing import AGEING, open_since
    from governance.facts.store import FactStore
    from governance.trail.reading import read_entries

    known: dict[str, datetime] = {}
    if here.workspace.facts.exists():
        with FactStore.open(here.workspace.facts) as store:
            known = dict(store.known_findings())
    if here.visit.keeps_trail(here.workspace):
        known |= open_since(read_entries(here.visit.ledger(here.workspace).path, types=AGEING))
    return known


def _limit(asked: int | None, format: str) -> int | None:
    """Return how many findings are shown; None for all, as whoever reads a pipe expects."""
    if asked is None:
        return ON_A_TERMINAL if format == "text" and sys.stdout.isatty() else None
    return asked or None


def _told(
    shown: Sequence[Listed], chosen: Sequence[Listed], rows: Sequence[Listed], run: Run
) -> Iterator[str]:
    """Yield how many there are, and of what kind where not all are shown."""
    from governance.model.outcome import Status

    if len(shown) < len(chosen):
        counts = Counter(row.outcome.control for row in chosen)
        told = ", ".join(f"{name} {count:,}" for name, count in counts.most_common())
        cut = f"the first {len(shown):,} of {len(chosen):,}; --limit 0 shows all"
        yield f"{cut}. by control: {told}"
    open_questions = sum(each.status is Status.NOT_EVALUATED for each in run.outcomes)
    more = f"; {open_questions:,} outcomes are not evaluated" if open_questions else ""
    yield f"{len(chosen):,} of {len(rows):,} findings{more}"


def _length(option: str, written: str | None) -> Duration | None:
    from governance.model.ladders import Duration

    if written is None:
        return None
    try:
        return Duration.parse(written)
    except ValueError:
        raise UsageError(option, "not a length", "write it as 30d, 2w, 6m or 1y") from None


def _word(option: str, written: str, words: type[_Word]) -> _Word:
    known = [each.value for each in words]
    if written not in known:
        raise UsageError(option, f"unknown value '{written[:40]}'", _like(written, known))
    return words(written)


def _like(written: str, known: Sequence[str]) -> str:
    """Return the remedy for a word that is none: the nearest one, and all that there are."""
    close = get_close_matches(written.lower(), known, 1)
    listed = f"use one of: {', '.join(known)}"
    return f"did you mean '{close[0]}'? {listed}" if close else listed


def _severity(option: str, written: str) -> str:
    from governance.model.ladders import Severity

    known = [*(each.value for each in Severity), "gap"]
    if written not in known:
        raise UsageError(option, f"unknown value '{written[:40]}'", _like(written, known))
    return written
