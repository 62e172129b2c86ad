"""Turn a period of the trail and its run documents into a review. Pure: no clock, no file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from governance.model.trail import Entry, Verification
from governance.reporting.conclusion import conclude
from governance.reporting.documents import (
    Document,
    Evidence,
    RunDocument,
    TrailRun,
    describe_evidence,
    gather,
)
from governance.reporting.findings import cap, count_open, view_findings
from governance.reporting.integrity import view_trail
from governance.reporting.inventory import (
    list_accesses,
    list_assets,
    list_controls,
    list_models,
    list_unexamined,
    list_waivers,
    view_coverage,
)
from governance.reporting.parts import (
    AccessRow,
    AssetRow,
    Capped,
    ControlRow,
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

MAX_ATTACHED = 24  # two years of monthly scans; more only makes the file heavy to send


@dataclass(frozen=True)
class ReviewRequest:
    """What a review is made from.

    Args:
        period: The stretch of time, see ``parse_period``.
        as_of: The instant that the report speaks at, aware; nothing later is used.
        project: The title of the organisation or project.
        entries: The trail; those outside the period are left out here.
        documents: Run documents, in any order: the stored bytes (attached as they are), or
            parsed (then attached re-serialised, and the report says so).
        verification: Of the trail, up to ``as_of``.
        tool_version: The version that makes the report.
        requirements: Control slug to one line on what it asks, where known.
    """

    period: Period
    as_of: datetime
    project: str
    entries: Iterable[Entry]
    documents: Iterable[bytes | Document]
    verification: Verification
    tool_version: str
    requirements: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Attached:
    """A file embedded in the PDF."""

    name: str
    description: str
    content: bytes


@dataclass(frozen=True)
class Review:
    """A period, aggregated. Sections without content are empty and say so when printed."""

    period: Period
    as_of: datetime
    project: str
    tool_version: str
    basis: RunRow | None
    statement: Statement
    kpis: tuple[Kpi, ...]
    runs: Capped[RunRow]
    notes: tuple[str, ...]
    coverage: CoverageView
    assets: Capped[AssetRow]
    findings: FindingsView
    controls: tuple[ControlRow, ...]
    accesses: Capped[AccessRow]
    models: tuple[ModelRow, ...]
    waivers: Capped[WaiverRow]
    trail: TrailView
    unexamined: Capped[UnexaminedRow]
    evidence: tuple[EvidenceRow, ...]
    attached: tuple[Attached, ...]


def build_review(request: ReviewRequest) -> Review:
    """Aggregate a period.

    Raises:
        ReportError: If a run document is unreadable or differs from the trail.
    """
    period, as_of = request.period, request.as_of
    entries = tuple(e for e in request.entries if period.holds(e.ts) and e.ts <= as_of)
    evidence = gather(request.documents, entries, period, as_of)
    basis = evidence.basis
    coverage = view_coverage(basis)
    findings = view_findings(evidence)
    controls = list_controls(basis, request.requirements)
    attached = _attach(evidence)
    runs = _list_runs(evidence)
    return Review(
        period=period,
        as_of=as_of.astimezone(UTC),
        project=request.project,
        tool_version=request.tool_version,
        basis=next((row for row in runs if basis and row.id == basis.id), None),
        statement=conclude(evidence, request.verification, coverage, findings, controls),
        kpis=_kpis(evidence),
        runs=cap(runs),
        notes=tuple(map(str, basis.rows("notes"))) if basis else (),
        coverage=coverage,
        assets=list_assets(basis),
        findings=findings,
        controls=controls,
        accesses=list_accesses(basis),
        models=list_models(basis),
        waivers=list_waivers(basis),
        trail=view_trail(request.verification, entries),
        unexamined=list_unexamined(basis),
        evidence=describe_evidence(evidence, {run: file.name for run, file in attached.items()}),
        attached=tuple(sorted(attached.values(), key=lambda file: file.name)),
    )


def _attach(evidence: Evidence) -> dict[str, Attached]:
    """The basis always, then the newest others."""
    first = [evidence.basis] if evidence.basis else []
    others = [document for document in evidence.documents if document is not evidence.basis]
    return {
        document.id: Attached(
            name=f"run-{document.finished:%Y%m%dT%H%M%SZ}-{_plain(document.id)}.json",
            description=f"run document of {document.finished:%Y-%m-%d} (governance/run/v1)",
            content=document.original,
        )
        for document in (first + others)[:MAX_ATTACHED]
    }


def _kpis(evidence: Evidence) -> tuple[Kpi, ...]:
    """Numbers of the basis run beside those of the scan of the whole before it."""
    if evidence.basis is None:
        return ()
    now = _measure(evidence.basis)
    before = _measure(evidence.previous) if evidence.previous else {}
    return tuple(
        Kpi(
            label,
            value,
            before.get(label),
            _RISING_IS_BAD.get(label),
            now.get(_PART_OF.get(label, "")),
        )
        for label, value in now.items()
    )


_RISING_IS_BAD = {
    "Assets governed": None,
    "Places read completely": False,
    "Checks passed": False,
    **dict.fromkeys(("Critical", "High", "Medium", "Low", "Gaps", "Waived", "Not evaluated"), True),
}
_PART_OF = {"Places read completely": "Places", "Checks passed": "Checks"}


def _measure(document: RunDocument) -> dict[str, int]:
    coverage = view_coverage(document)
    outcomes = [str(outcome["status"]) for outcome in document.rows("outcomes")]
    findings = {name.capitalize(): count for name, count in count_open(document)}
    gaps = findings.pop("Gap")
    return {
        "Assets governed": len({asset["id"] for asset in document.rows("assets")}),
        "Places": coverage.places,
        "Places read completely": coverage.complete,
        "Rows read": coverage.rows,
        "Checks": len(outcomes) - outcomes.count("not_applicable"),
        "Checks passed": outcomes.count("pass"),
        **findings,
        "Gaps": gaps,
        "Waived": outcomes.count("waived"),
        "Not evaluated": outcomes.count("not_evaluated"),
    }


def _list_runs(evidence: Evidence) -> list[RunRow]:
    """Every run that the documents or the trail know, newest first."""
    known = [_run_row(document, evidence) for document in evidence.documents]
    have = {row.id for row in known}
    rest = [_trail_row(run) for run in evidence.runs.values() if run.id not in have and run.started]
    last = datetime.min.replace(tzinfo=UTC)
    return sorted(known + rest, key=lambda row: (row.finished or last, row.id), reverse=True)


def _run_row(document: RunDocument, evidence: Evidence) -> RunRow:
    run = document.content["run"]
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
