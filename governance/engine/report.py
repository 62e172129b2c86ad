"""The straight line of ``report``: verify the trail, read the period, review, render, record."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from governance import __version__
from governance.controls.manual import manual
from governance.controls.registry import CONTROLS
from governance.engine.ledger import Ledger, verify_trail
from governance.engine.workspace import Workspace
from governance.errors import ReportError, TrailError, UsageError
from governance.facts.store import FactStore
from governance.model.trail import Entry, Event
from governance.reporting.parts import Conclusion
from governance.reporting.render import render_html, render_pdf
from governance.reporting.review import Review, ReviewRequest, build_review, parse_period
from governance.trail.reading import read_entries
from governance.trail.storage import exists, told


@dataclass(frozen=True)
class ReportOrder:
    """Which report of which period, as of when, and where to.

    Args:
        as_of: The report's clock and the trail's head: later entries do not exist for it.
        target: A ``.pdf`` or ``.html`` file.
    """

    workspace: Workspace
    kind: str
    period: str
    as_of: datetime
    target: Path


@dataclass(frozen=True)
class Issued:
    """A written report; ``concludes`` is False where the evidence carries no conclusion."""

    path: Path
    statement: str
    concludes: bool
    sha256: str


def report(order: ReportOrder, ledger: Ledger) -> Issued:
    """Write the report and record its digest in the trail.

    Raises:
        ReportError: If the kind or the period is unknown, or there is no trail.
        TrailError: If the trail cannot be read or the report cannot be recorded.
    """
    workspace = order.workspace
    if not exists(ledger.path):
        raise ReportError(
            where=told(ledger.path),
            problem="there is no trail to report on",
            remedy="run 'governance scan' first",
        )
    period = parse_period(order.period, workspace.policy.project.timezone)
    verification = verify_trail(ledger.path, ledger.pin, until=order.as_of)
    if verification.problem:
        raise TrailError(
            where=told(ledger.path),
            problem=f"the trail does not verify: {verification.problem}",
            remedy="compare it with a copy; no report is issued over a broken trail",
        )
    entries = tuple(read_entries(ledger.path, since=period.start, until=order.as_of))
    entries = tuple(entry for entry in entries if entry.ts < period.end)
    review = build_review(
        ReviewRequest(
            period=period,
            as_of=order.as_of,
            project=workspace.policy.project.title or workspace.policy.project.id,
            entries=entries,
            documents=_documents(workspace, entries),
            verification=verification,
            tool_version=__version__,
            requirements={control.id: manual(control).summary for control in CONTROLS},
        )
    )
    rendered = _render(order, review)
    digest = hashlib.sha256(rendered).hexdigest()
    partial = _write_beside(order.target, rendered)
    try:
        _record(order, ledger, digest, entries)
    except TrailError:
        partial.unlink()
        raise
    partial.replace(order.target)
    statement = review.statement
    concludes = statement.conclusion is not Conclusion.CANNOT_CONCLUDE
    return Issued(order.target, statement.title, concludes, digest)


def _record(order: ReportOrder, ledger: Ledger, digest: str, entries: tuple[Entry, ...]) -> None:
    with ledger:
        ledger.append(
            [
                Event(
                    "report.issued",
                    {
                        "kind": order.kind,
                        "period": order.period,
                        "as_of": order.as_of.isoformat(),
                        "sha256": digest,
                        "runs": [entry.run for entry in entries if entry.type == "scan.finished"],
                    },
                )
            ]
        )
        ledger.seal()


def _documents(workspace: Workspace, entries: tuple[Entry, ...]) -> tuple[bytes, ...]:
    """Return the run documents of the period, newest first, that the trail vouches for.

    A document whose digest differs from the one in its run's closing entry is left out; the
    review tells which runs have none.
    """
    vouched = {
        entry.run: entry.payload["document_sha256"]
        for entry in entries
        if entry.type == "scan.finished"
    }
    if not vouched or not workspace.facts.exists():
        return ()
    with FactStore.open(workspace.facts) as store:
        records = tuple(store.documents(until=None))
    return tuple(
        record.document
        for record in records
        if vouched.get(record.id) == hashlib.sha256(record.document).hexdigest()
    )


def _render(order: ReportOrder, review: Review) -> bytes:
    if order.target.suffix == ".html":
        return render_html(order.kind, review).encode()
    if order.target.suffix == ".pdf":
        return render_pdf(order.kind, review)
    raise UsageError(
        where=str(order.target),
        problem="unknown kind of file",
        remedy="end its name in .pdf or .html",
    )


def _write_beside(path: Path, content: bytes) -> Path:
    """Write next to the target under another name, so that nobody reads what is not recorded."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")
        partial.write_bytes(content)
    except OSError as cause:
        raise ReportError(
            where=str(path),
            problem=f"cannot write the report: {cause.strerror}",
            remedy="name a file in a folder you may write to",
        ) from cause
    return partial
