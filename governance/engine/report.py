"""The straight line of ``report``: verify the trail, read the period, review, render, record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from governance import __version__
from governance.controls.manual import manual
from governance.controls.registry import CONTROLS
from governance.engine.dossier import measured_accuracy, tell
from governance.engine.grounds import period_entries, run_documents, with_proof
from governance.engine.issued import Said, first_said
from governance.engine.ledger import Ledger, verify_trail
from governance.engine.proofs import write_proof
from governance.engine.reviewing import read_reviews
from governance.engine.workspace import Workspace
from governance.engine.writing import write_beside
from governance.errors import ReportError, TrailError, UsageError
from governance.model.signoff import TYPES as SIGNING
from governance.model.signoff import ReviewCase, newest_review
from governance.model.trail import Event
from governance.model.world import Control
from governance.policy.lawbooks import lawbooks
from governance.reporting.controls import ControlText
from governance.reporting.kinds import load_kind
from governance.reporting.laws import Lawbook
from governance.reporting.parts import Conclusion
from governance.reporting.render import Layout, print_pdf, render_html
from governance.reporting.review import (
    Period,
    Review,
    ReviewRequest,
    build_review,
    parse_period,
)
from governance.reporting.sink import Sink
from governance.reporting.subject import Told
from governance.trail.reading import pruned_upto, read_entries
from governance.trail.storage import exists, told
from governance.trail.verify import Scope

DRAFT, ISSUED = "draft", "issued"


@dataclass(frozen=True)
class ReportOrder:
    """Which report of which period, as of when, how, and where to.

    Args:
        as_of: The report's clock and the trail's head: later entries do not exist for it.
        target: A ``.pdf`` or ``.html`` file.
        about: The dataset, model or owner that the report is about, where it is about one.
    """

    workspace: Workspace
    kind: str
    period: str
    as_of: datetime
    target: Path
    layout: Layout = field(default_factory=Layout)
    about: str | None = None


@dataclass(frozen=True)
class Issued:
    """A written report.

    Args:
        statement: The statement of result; ``written`` for a sheet that makes none.
        concludes: False where the evidence carries no conclusion.
        state: ``draft`` until its review is signed, ``issued`` from then on.
    """

    path: Path
    statement: str
    concludes: bool
    sha256: str
    state: str = DRAFT


def report(order: ReportOrder, ledger: Ledger) -> Issued:
    """Write the report and record its digest in the trail.

    Raises:
        UsageError: If the kind, the period or what it is about is unknown.
        ReportError: If there is no trail, or the report cannot be made or written.
        TrailError: If the trail cannot be read or the report cannot be recorded.
    """
    check_target(order)
    signing = signing_of(ledger, order)
    review, said = review_of(order, ledger, signing)
    beside, digest = write_beside(order.target, partial(render, order, review))
    try:
        _record(ledger, _issue(order, digest, review, signing, said))
        if signing is not None:
            write_proof(order.target, ledger, digest)
    except TrailError:
        beside.unlink()
        raise
    beside.replace(order.target)
    concludes = review.statement.conclusion is not Conclusion.CANNOT_CONCLUDE
    judges = any(each.id == "statement" for each in load_kind(order.kind).sections)
    told = review.statement.title if judges or not concludes else "written"
    return Issued(order.target, told, concludes, digest, _state(signing))


def signing_of(ledger: Ledger, order: ReportOrder) -> ReviewCase | None:
    """Return the review of this report if it is signed as of the report's instant."""
    case = newest_review(read_reviews(ledger, order.as_of), order.kind, order.period)
    return case if case is not None and case.is_signed and order.about is None else None


def check_target(order: ReportOrder) -> None:
    """Refuse what cannot be made, before anything is read.

    Raises:
        UsageError: If the file's name, the kind, its cut or what it is about does not fit.
    """
    if order.target.suffix not in (".html", ".pdf"):
        raise UsageError(
            where=str(order.target),
            problem="unknown kind of file",
            remedy="end its name in .pdf or .html",
        )
    kind = load_kind(order.kind)
    kind.cut(order.layout.cut)
    if order.about is not None and kind.about is None:
        raise UsageError(f"report {kind.id}", "it is about the whole", "leave --about out")
    if order.about is None and kind.needs:
        problem = f"it is about one {kind.about}, and none is named"
        raise UsageError(f"report {kind.id}", problem, f"name it: --about {kind.about}")


def review_of(
    order: ReportOrder, ledger: Ledger, signing: ReviewCase | None
) -> tuple[Review, Said]:
    """Verify the trail, read the period, and aggregate it; also what was said of the trail.

    Args:
        signing: The review of it, if that is signed: only what it rests on is read.
    """
    workspace = order.workspace
    if not exists(ledger.path):
        problem = "there is no trail to report on"
        raise ReportError(told(ledger.path), problem, "run 'governance scan' first")
    period = _period(order)
    verification = verify_trail(
        ledger.path, ledger.pin, scope=Scope(until=order.as_of), outside=ledger.outside
    )
    if verification.problem:
        raise TrailError(
            where=told(ledger.path),
            problem=f"the trail does not verify: {verification.problem}",
            remedy="compare it with a copy; no report is issued over a broken trail",
        )
    gone = pruned_upto(ledger.path) if verification.pruned else None
    if gone is not None and gone >= period.start:
        raise ReportError(
            where=order.period,
            problem=f"what the trail held up to {gone:%Y-%m-%d} was pruned: no period is whole",
            remedy="choose a period that begins later, or keep reports before you prune",
        )
    entries, bulk = period_entries(ledger, period, order.as_of, signing)
    kind = load_kind(order.kind)
    project = workspace.policy.project.title or workspace.policy.project.id
    said = first_said(ledger, signing) or Said(verification.level.name, verification.pin, project)
    review = build_review(
        ReviewRequest(
            period=period,
            as_of=order.as_of,
            project=said.project,
            entries=entries,
            counted=bulk,
            documents=run_documents(workspace, entries),
            verification=said.of(verification),
            tool_version=__version__,
            texts={control.id: _text(control) for control in CONTROLS},
            accuracy=measured_accuracy(),
            laws=tuple(_lawbooks()),
            kind=order.kind,
            signing=tuple(read_entries(ledger.path, until=order.as_of, types=SIGNING)),
            about=(kind.about, order.about) if kind.about else None,
            told=tell(workspace, order.as_of) if kind.about else Told(),
        )
    )
    return with_proof(review, entries, ledger), said


def _period(order: ReportOrder) -> Period:
    period = parse_period(order.period, order.workspace.policy.project.timezone)
    if period.start > order.as_of:
        problem = f"{period.label} had not begun on {order.as_of:%Y-%m-%d}"
        raise UsageError("--period", problem, "name a period that has begun")
    return period


def _text(control: Control) -> ControlText:
    page = manual(control)
    texts = (page.summary, page.fails_when, page.source)
    return ControlText(*(text.replace("``", "") for text in texts))


def _lawbooks() -> Iterator[Lawbook]:
    for path, sha256, said in lawbooks():
        yield Lawbook(
            path=path,
            sha256=sha256,
            source=said.source,
            checked_on=said.checked_on,
            checked_how=said.checked_how,
            controls=said.controls,
            articles=said.articles,
        )


def _state(signing: ReviewCase | None) -> str:
    return DRAFT if signing is None else ISSUED


def _issue(
    order: ReportOrder, digest: str, review: Review, signing: ReviewCase | None, said: Said
) -> Event:
    return Event(
        "report.issued",
        {
            "kind": order.kind,
            "period": order.period,
            "as_of": order.as_of.isoformat(),
            "sha256": digest,
            "runs": [row.run for row in review.evidence],
            "cut": order.layout.cut,
            "paper": order.layout.paper,
            "language": order.layout.language,
            "about": order.about,
            "format": order.target.suffix,
            "tool": __version__,
            "state": _state(signing),
            "review": signing.id if signing else None,
            "said": said.plain(),
        },
    )


def _record(ledger: Ledger, issue: Event) -> None:
    with ledger:
        ledger.append([issue])
        ledger.seal()


def render(order: ReportOrder, review: Review, output: Sink) -> None:
    """Write the bytes of the file, the same for the same review and versions."""
    if order.target.suffix == ".html":
        output.write(render_html(order.kind, review, order.layout).encode())
    else:
        print_pdf(order.kind, review, order.layout, output)
