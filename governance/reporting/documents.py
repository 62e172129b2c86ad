"""The run documents of a period: which one the review rests on, and which it leaves out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.errors import ReportError
from governance.model.trail import Entry
from governance.reporting.counting import Counting
from governance.reporting.originals import Content, Original
from governance.reporting.outcomes import Outcome
from governance.reporting.parts import EvidenceRow
from governance.reporting.period import Period
from governance.reporting.text import parse_instant

Document = Mapping[str, Any]
"""A run document ``governance/run/v1``, parsed."""


@dataclass(frozen=True)
class RunDocument:
    """One run document: its head parsed, its outcomes counted, its bytes as they were packed.

    Args:
        head: The parsed document without its outcomes. counting: What one pass over those gave.
        original: The bytes that are attached. content: What identifies them.
    """

    id: str
    command: str
    finished: datetime
    head: Document
    counting: Counting
    original: Original
    content: Content

    @property
    def verbatim(self) -> bool:
        """Whether the bytes are the stored ones; False when made anew from parsed content."""
        return self.original.verbatim

    @property
    def digest(self) -> str:
        return self.content.digest

    def rows(self, name: str) -> Sequence[Mapping[str, Any]]:
        """Return one of the document's lists but the outcomes; empty where it has none."""
        return self.head.get(name) or ()

    def each_outcome(self, take: Callable[[Outcome], None]) -> None:
        """Read the outcomes once more, one by one."""

        def take_each(_head: object, outcomes: Sequence[Outcome]) -> None:
            for outcome in outcomes:
                take(outcome)

        self.original.read(take_each)


@dataclass(frozen=True)
class TrailRun:
    """A run as the trail tells it; None where the trail does not say."""

    id: str
    started: datetime | None = None
    finished: datetime | None = None
    targets: tuple[str, ...] | None = None
    command: str | None = None
    digest: str | None = None
    aborted: bool = False


@dataclass(frozen=True)
class Evidence:
    """What the review may use: documents newest first, and the trail's own list of runs.

    Args:
        basis: The newest scan of the whole; of targets only where there is no other.
        previous: What the period is compared with: the newest scan of the whole before the period,
            or else the first one in it that is not the basis.
        earlier: The scans of the whole that came before the period, newest first.
        narrower: Scans newer than the basis, of single targets.
        lost: Runs that finished after the basis but left no document.
    """

    documents: tuple[RunDocument, ...]
    runs: Mapping[str, TrailRun]
    basis: RunDocument | None
    previous: RunDocument | None
    narrower: tuple[RunDocument, ...]
    lost: tuple[TrailRun, ...]
    earlier: tuple[RunDocument, ...] = ()

    def is_whole(self, document: RunDocument) -> bool:
        """Return whether a run looked at everything, as far as the trail says."""
        run = self.runs.get(document.id)
        return run is None or not run.targets

    def whole_scans(self) -> tuple[RunDocument, ...]:
        """Return the scans of everything, newest first."""
        return tuple(d for d in self.documents if d.command == "scan" and self.is_whole(d))


def gather(
    documents: Iterable[bytes | Document | Original],
    entries: Sequence[Entry],
    period: Period,
    as_of: datetime,
) -> Evidence:
    """Sort out the documents of a period, and of the one before it, that were there at ``as_of``.

    Args:
        entries: Those of both periods.

    Raises:
        ReportError: If a document is not one, or its stored bytes differ from the trail.
    """
    runs = _trail_runs(entries)
    before = period.previous()
    read = (_parse(document) for document in documents)
    every = sorted(
        (d for d in read if before.start <= d.finished < period.end and d.finished <= as_of),
        key=lambda document: (document.finished, document.id),
        reverse=True,
    )
    for document in every:
        _check_digest(document, runs.get(document.id))
    known = [document for document in every if period.holds(document.finished)]
    older = Evidence(tuple(every[len(known) :]), runs, None, None, (), ()).whole_scans()
    inside = {
        name: run
        for name, run in runs.items()
        if any(moment and period.holds(moment) for moment in (run.started, run.finished))
    }
    unsorted = Evidence(tuple(known), inside, None, None, (), ())
    scans = [document for document in known if document.command == "scan"]
    whole = unsorted.whole_scans()
    basis = next(iter(whole), None) or next(iter(scans), None)
    for document in every:
        if document is not basis:
            document.counting.let_go_of_rows()
    narrower = tuple(d for d in scans if basis and d.finished > basis.finished)
    first = whole[-1] if len(whole) > 1 else None
    previous = next(iter(older), None) or first
    lost = _lost(known, inside, basis)
    return Evidence(tuple(known), inside, basis, previous, narrower, lost, older)


def describe_evidence(evidence: Evidence, attached: Mapping[str, str]) -> tuple[EvidenceRow, ...]:
    """Return one row per document; ``attached`` is run id to file name."""
    rows = []
    for document in evidence.documents:
        run = evidence.runs.get(document.id)
        match = "not in the trail"
        if run is not None and run.digest is not None:
            same = _bare(run.digest) == _bare(document.digest)
            match = "matches the trail" if same else "re-serialised"
        rows.append(EvidenceRow(document.id, attached.get(document.id), document.digest, match))
    return tuple(rows)


def _parse(document: bytes | Document | Original) -> RunDocument:
    original = _original(document)
    counting = Counting()
    try:
        content = original.read(counting.take)
        run = content.head["run"]
        finished = parse_instant(run["finished"])
        if content.head["schema"] != "governance/run/v1" or finished is None:
            raise ValueError("schema or time")
        return RunDocument(
            id=str(run["id"]),
            command=str(run["command"]),
            finished=finished,
            head=content.head,
            counting=counting,
            original=original,
            content=content,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as cause:
        raise ReportError(
            where="facts",
            problem="a stored run document is not governance/run/v1",
            remedy="delete .governance/facts.db and scan again",
        ) from cause


def _original(document: bytes | Document | Original) -> Original:
    if isinstance(document, Original):
        return document
    if isinstance(document, bytes):
        return Original.pack(document)
    text = json.dumps(document, indent=2, sort_keys=True)
    return Original.pack(text.encode() + b"\n", verbatim=False)


def _check_digest(document: RunDocument, run: TrailRun | None) -> None:
    """Bytes that the trail does not know by this digest were changed after the run."""
    if not document.verbatim or run is None or run.digest is None:
        return
    if _bare(run.digest) != _bare(document.digest):
        raise ReportError(
            where=f"run {document.id}",
            problem="the stored document differs from the digest in the trail",
            remedy="run 'governance audit verify'; restore .governance/facts.db from a backup",
        )


def _trail_runs(entries: Sequence[Entry]) -> dict[str, TrailRun]:
    """Join what the entries say of each run."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if entry.run is None:
            continue
        run = found.setdefault(entry.run, {})
        payload = entry.payload
        if entry.type == "scan.started":
            run["started"] = entry.ts
            run["command"] = payload.get("command")
            run["targets"] = tuple(map(str, payload.get("targets") or ()))
        elif entry.type == "scan.finished":
            run["finished"] = entry.ts
            run["digest"] = payload.get("document_sha256")
        elif entry.type == "scan.aborted":
            run["aborted"] = True
    return {run: TrailRun(run, **said) for run, said in found.items() if said}


def _lost(
    known: Sequence[RunDocument], runs: Mapping[str, TrailRun], basis: RunDocument | None
) -> tuple[TrailRun, ...]:
    have = {document.id for document in known}
    since = basis.finished if basis else None
    return tuple(
        run
        for run in runs.values()
        if run.finished is not None
        and run.id not in have
        and run.command in (None, "scan")
        and (since is None or run.finished > since)
    )


def _bare(digest: str) -> str:
    return digest.removeprefix("sha256:").lower()
