"""Turn a period of the trail and its run documents into a review. Pure: no clock, no file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from governance.model.trail import Entry, Verification
from governance.reporting.actions import ActionsView, decide, view_actions
from governance.reporting.changes import ChangesView, RecordRow, list_records, view_changes
from governance.reporting.conclusion import conclude
from governance.reporting.controls import ControlRow, ControlText, list_controls
from governance.reporting.documents import (
    Document,
    Evidence,
    RunDocument,
    TrailRun,
    describe_evidence,
    gather,
)
from governance.reporting.embedding import Attached
from governance.reporting.figures import list_kpis
from governance.reporting.findings import cap, count_open, view_findings
from governance.reporting.history import HistoryView, view_history
from governance.reporting.integrity import view_trail
from governance.reporting.inventory import (
    list_accesses,
    list_assets,
    list_models,
    list_unexamined,
    list_waivers,
    view_coverage,
)
from governance.reporting.laws import Lawbook, LawsView, view_laws
from governance.reporting.method import Accuracy, MethodView, view_method
from governance.reporting.originals import Original
from governance.reporting.parts import (
    AccessRow,
    AssetRow,
    Capped,
    CoverageView,
    EvidenceRow,
    FindingsView,
    Kpi,
    ModelRow,
    RunRow,
    Statement,
    TrailView,
    UnexaminedRow,
    WaiverRow,
)
from governance.reporting.period import Period as Period
from governance.reporting.period import parse_period as parse_period
from governance.reporting.protected import ProtectionView, view_protection
from governance.reporting.signoff import SignoffView, view_signoff
from governance.reporting.subject import SubjectView, Told, view_subject

MAX_ATTACHED = 24  # two years of monthly scans; more only makes the file heavy to send


@dataclass(frozen=True)
class ReviewRequest:
    """What a review is made from.

    Args:
        period: The stretch of time, see ``parse_period``.
        as_of: The instant that the report speaks at, aware; nothing later is used.
        project: The title of the organisation or project.
        entries: The trail, oldest first; those of this period and of the one before it are used.
        documents: Run documents, in any order: packed or stored bytes (attached as they are),
            or parsed (then attached re-serialised, and the report says so).
        verification: Of the trail, up to ``as_of``.
        tool_version: The version that makes the report.
        texts: Control slug to what its manual page says, where known.
        accuracy: Measured figures of detectors that the tool ships with.
        laws: What the packs that the tool ships with say of the law.
        kind: The kind of report, which a signature names.
        about: What the report is about: its sort (``dataset``, ``model`` or ``owner``) and id.
        counted: Entries of the period that are left out of ``entries``, by type.
        told: What the workspace knows of that. proofs: Files that prove entries of the trail.
        signing: Entries of reviews, which may come after the period; else those within it.
    """

    period: Period
    as_of: datetime
    project: str
    entries: Iterable[Entry]
    documents: Iterable[bytes | Document | Original]
    verification: Verification
    tool_version: str
    texts: Mapping[str, ControlText] = field(default_factory=dict)
    accuracy: Sequence[Accuracy] = ()
    laws: Sequence[Lawbook] = ()
    kind: str = "annual"
    about: tuple[str, str | None] | None = None
    counted: Mapping[str, int] = field(default_factory=dict)
    told: Told = field(default_factory=Told)
    proofs: Sequence[Attached] = ()
    signing: Sequence[Entry] = ()


@dataclass(frozen=True)
class Review:
    """A period, aggregated. Sections without content are empty and say so when printed."""

    period: Period
    as_of: datetime
    project: str
    tool_version: str
    basis: RunRow | None
    statement: Statement
    compared: RunRow | None
    kpis: tuple[Kpi, ...]
    runs: Capped[RunRow]
    notes: tuple[str, ...]
    method: MethodView
    coverage: CoverageView
    assets: Capped[AssetRow]
    findings: FindingsView
    history: HistoryView
    controls: tuple[ControlRow, ...]
    laws: LawsView
    accesses: Capped[AccessRow]
    protection: ProtectionView
    models: tuple[ModelRow, ...]
    waivers: Capped[WaiverRow]
    changes: ChangesView
    incidents: Capped[RecordRow]
    drills: Capped[RecordRow]
    records: Capped[RecordRow]
    trail: TrailView
    actions: ActionsView
    signoff: SignoffView
    unexamined: Capped[UnexaminedRow]
    subject: SubjectView | None
    evidence: tuple[EvidenceRow, ...]
    attached: tuple[Attached, ...]


def build_review(request: ReviewRequest) -> Review:
    """Aggregate a period.

    Raises:
        ReportError: If a run document is unreadable or differs from the trail.
        UsageError: If the report is about something that the run under review does not know.
    """
    period, as_of = request.period, request.as_of
    every, entries = _entries(request)
    evidence = gather(request.documents, every, period, as_of)
    basis = evidence.basis
    coverage = view_coverage(basis)
    findings = view_findings(evidence)
    controls = list_controls(basis, request.texts)
    history = view_history(evidence)
    waivers = list_waivers(basis)
    trail = view_trail(request.verification, entries, request.counted)
    files = _attach(evidence)
    actions = replace(
        view_actions(findings, history, controls, as_of),
        decisions=decide(findings, coverage, trail, waivers.rows, controls),
    )
    return Review(
        period=period,
        as_of=as_of.astimezone(UTC),
        project=request.project,
        tool_version=request.tool_version,
        basis=_run_row(basis, evidence) if basis else None,
        statement=conclude(evidence, request.verification, coverage, findings, controls),
        compared=_run_row(evidence.previous, evidence) if evidence.previous else None,
        kpis=list_kpis(evidence),
        runs=cap(_list_runs(evidence)),
        notes=tuple(map(str, basis.rows("notes"))) if basis else (),
        method=view_method(entries, basis, request.accuracy),
        coverage=coverage,
        assets=list_assets(basis),
        findings=findings,
        history=history,
        controls=controls,
        laws=view_laws(every, basis.id if basis else None, request.laws),
        accesses=list_accesses(basis),
        protection=view_protection(basis, controls),
        models=list_models(basis),
        waivers=waivers,
        changes=view_changes(every, period),
        incidents=list_records(entries, ("incident",)),
        drills=list_records(entries, ("drill",)),
        records=list_records(entries, _OTHER_RECORDS),
        trail=trail,
        actions=actions,
        signoff=view_signoff(request.signing or entries, request.kind, period.label),
        unexamined=list_unexamined(basis),
        subject=view_subject(basis, *request.about, request.told) if request.about else None,
        evidence=describe_evidence(evidence, {run: file.name for run, file in files.items()}),
        attached=tuple(sorted((*files.values(), *request.proofs), key=_name)),
    )


def _entries(request: ReviewRequest) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Those of the period and of the one before it, up to the report's instant; the period's."""
    since, end = request.period.previous().start, request.period.end
    every = tuple(e for e in request.entries if since <= e.ts < end and e.ts <= request.as_of)
    return every, tuple(entry for entry in every if request.period.holds(entry.ts))


def _name(file: Attached) -> str:
    return file.name


_OTHER_RECORDS = ("regulation", "training", "recertification", "review")


def _attach(evidence: Evidence) -> dict[str, Attached]:
    """The basis always, then the newest others."""
    first = [evidence.basis] if evidence.basis else []
    others = [document for document in evidence.documents if document is not evidence.basis]
    return {
        document.id: Attached(
            name=f"run-{document.finished:%Y%m%dT%H%M%SZ}-{_plain(document.id)}.json",
            description=f"run document of {document.finished:%Y-%m-%d} (governance/run/v1)",
            packed=document.original.packed,
            size=document.content.size,
        )
        for document in (first + others)[:MAX_ATTACHED]
    }


def _list_runs(evidence: Evidence) -> list[RunRow]:
    """Every run that the documents or the trail know, newest first."""
    known = [_run_row(document, evidence) for document in evidence.documents]
    have = {row.id for row in known}
    rest = [_trail_row(run) for run in evidence.runs.values() if run.id not in have and run.started]
    last = datetime.min.replace(tzinfo=UTC)
    return sorted(known + rest, key=lambda row: (row.finished or last, row.id), reverse=True)


def _run_row(document: RunDocument, evidence: Evidence) -> RunRow:
    run = document.head["run"]
    trail = evidence.runs.get(document.id)
    return RunRow(
        id=document.id,
        command=document.command,
        finished=document.finished.astimezone(UTC),
        scope=_scope(trail.targets if trail else None),
        tool=str((run.get("tool") or {}).get("version", "")),
        policy_digest=str(run.get("policy_digest", "")),
        exit_code=run.get("exit_code"),
        findings=count_open(document),
        role=_role(document, evidence),
    )


def _trail_row(run: TrailRun) -> RunRow:
    role = "result missing" if run.finished else "aborted" if run.aborted else "not finished"
    return RunRow(
        id=run.id,
        command=str(run.command or ""),
        finished=run.finished,
        scope=_scope(run.targets),
        tool="",
        policy_digest="",
        exit_code=None,
        findings=(),
        role=role,
    )


def _role(document: RunDocument, evidence: Evidence) -> str:
    if document is evidence.basis:
        return "reviewed"
    if document is evidence.previous:
        return "compared"
    return "trend" if document in evidence.whole_scans() else "listed"


def _scope(targets: Sequence[str] | None) -> str:
    if targets is None:
        return "not recorded"
    return ", ".join(targets) if targets else "everything"


def _plain(id: str) -> str:
    """A run id as part of a file name: nothing but letters, digits and hyphens."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in id)[:40]
