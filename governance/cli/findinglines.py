"""Findings as lines of a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from governance.cli.printable import printable

if TYPE_CHECKING:
    from governance.engine.digest import OwnersDigest
    from governance.engine.listing import Listed

LISTED = 20


def row_of(row: Listed) -> dict[str, str | int | None]:
    """Return a finding as the columns of a list."""
    from governance.engine.listing import severity_of

    outcome, finding = row.outcome, row.finding
    return {
        "finding": finding.id,
        "severity": severity_of(finding),
        "state": finding.state.value,
        "age_days": row.age_days,
        "since": row.since.isoformat(),
        "owner": finding.owner,
        "control": outcome.control,
        "asset": outcome.asset,
        "place": outcome.place,
        "field": outcome.field,
        "subject": outcome.subject,
        "title": finding.title,
        "message": finding.message,
        "remedy": finding.remedy,
        "rule": finding.rule,
        "waiver": finding.waiver,
        "at": str(finding.location) if finding.location else None,
    }


def shown_lines(row: Listed) -> Iterator[str]:
    """Yield everything that is known of one finding."""
    finding = row.finding
    told = {**row_of(row), "since": f"{row.since:%Y-%m-%d %H:%M} UTC"}
    told["age_days"] = f"{row.age_days} days"
    told["confidence"] = f"{finding.confidence:.2f}"
    told["measured"], told["held to"] = row.outcome.measured, row.outcome.threshold
    told["references"] = ", ".join(finding.references) or None
    for name, value in told.items():
        if value is not None:
            yield printable(f"{name.replace('_days', ''):<11} {value}")


def digest_lines(digest: OwnersDigest, since: str) -> Iterator[str]:
    """Yield an owner's week, each list cut with its true length."""
    counts = ", ".join(f"{number:,} {word}" for word, number in digest.open_counts) or "none"
    yield printable(
        f"{digest.owner}: {digest.open:,} open ({counts}); in the last {since} "
        f"{len(digest.new):,} new, {len(digest.closed):,} closed; {len(digest.late):,} late"
    )
    yield from _listed("late", [_named(row) for row in digest.late])
    yield from _listed("new", [_named(row) for row in digest.new])
    closed = [f"{one.id} {one.severity} {one.control} on {one.asset}" for one in digest.closed]
    yield from _listed("closed", closed)
    ending = [f"{one.id} until {one.expires}" for one in digest.ending]
    yield from _listed("waiver", ending)


def _named(row: Listed) -> str:
    from governance.engine.listing import severity_of

    outcome = row.outcome
    where = " ".join(part for part in (outcome.asset, outcome.place, outcome.field) if part)
    return (
        f"{row.finding.id} {severity_of(row.finding)} {outcome.control} on {where}, "
        f"{row.age_days} d"
    )


def _listed(word: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines[:LISTED]:
        yield printable(f"  {word:<7} {line}")
    if len(lines) > LISTED:
        yield f"  {word:<7} first {LISTED} of {len(lines):,}"
