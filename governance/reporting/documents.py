"""The run documents of a period: which one the review rests on, and which it leaves out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.errors import ReportError
from governance.model.trail import Entry
from governance.reporting.parts import EvidenceRow
from governance.reporting.period import Period
from governance.reporting.text import parse_instant

Document = Mapping[str, Any]
"""A run document ``governance/run/v1``, parsed."""


@dataclass(frozen=True)
class RunDocument:
    """One run document.

    Args:
        content: The parsed document. original: The bytes that are attached.
        verbatim: Whether those are the stored bytes; False when made anew from the content.
    """

    id: str
    command: str
    finished: datetime
    content: Document
    original: bytes
    verbatim: bool

    @property
    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.original).hexdigest()

    def rows(self, name: str) -> Sequence[Mapping[str, Any]]:
        """Return one of the document's lists; empty where it has none."""
        return self.content.get(name) or ()


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
        previous: The scan of the whole before it.
        narrower: Scans newer than the basis, of single targets.
        lost: Runs that finished after the basis but left no document.
    """

    documents: tuple[RunDocument, ...]
    runs: Mapping[str, TrailRun]
    basis: RunDocument | None
    previous: RunDocument | None
    narrower: tuple[RunDocument, ...]
    lost: tuple[TrailRun, ...]

    def is_whole(self, document: RunDocument) -> bool:
        """Return whether a run looked at everything, as far as the trail says."""
        run = self.runs.get(document.id)
        return run is None or not run.targets

    def whole_scans(self) -> tuple[RunDocument, ...]:
        """Return the scans of everything, newest first."""
        return tuple(d for d in self.documents if d.command == "scan" and self.is_whole(d))


def gather(
    documents: Iterable[bytes | Document],
    entries: Sequence[Entry],
    period: Period,
    as_of: datetime,
) -> Evidence:
    """Sort out the documents of a period that were there at ``as_of``.

    Raises:
        ReportError: If a document is not one, or its stored bytes differ from the trail.
    """
    runs = _trail_runs(entries)
    parsed = (_parse(document) for document in documents)
    known = sorted(
        (d for d in parsed if period.holds(d.finished) and d.finished <= as_of),
        key=lambda document: (document.finished, document.id),
        reverse=True,
    )
    for document in known:
        _check_digest(document, runs.get(document.id))
    unsorted = Evidence(tuple(known), runs, None, None, (), ())
    scans = [document for document in known if document.command == "scan"]
    whole = unsorted.whole_scans()
    basis = next(iter(whole), None) or next(iter(scans), None)
    narrower = tuple(d for d in scans if basis and d.finished > basis.finished)
    previous = whole[1] if len(whole) > 1 else None
    return Evidence(tuple(known), runs, basis, previous, narrower, _lost(known, runs, basis))


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


def _parse(document: bytes | Document) -> RunDocument:
    verbatim = isinstance(document, bytes)
    try:
        content = json.loads(document) if isinstance(document, bytes) else document
        run = content["run"]
        finished = parse_instant(run["finished"])
        if content["schema"] != "governance/run/v1" or finished is None:
            raise ValueError("schema or time")
        original = (
            document
            if isinstance(document, bytes)
            else json.dumps(document, indent=2, sort_keys=True).encode() + b"\n"
        )
        return RunDocument(
            str(run["id"]), str(run["command"]), finished, content, original, verbatim
        )
    except (KeyError, TypeError, ValueError) as cause:
        raise ReportError(
            where="facts",
            problem="a stored run document is not governance/run/v1",
            remedy="delete .governance/facts.db and scan again",
        ) from cause


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
