"""What a report rests on: entries of the trail, run documents that it vouches for, their proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from governance.engine.ledger import Ledger
from governance.engine.workspace import Workspace
from governance.facts.store import FactStore
from governance.model.signoff import ReviewCase
from governance.model.trail import Entry
from governance.reporting.embedding import Attached
from governance.reporting.originals import Original
from governance.reporting.review import Period, Review
from governance.trail.body import format_time
from governance.trail.proving import open_tree
from governance.trail.reading import read_entries

_BULK = frozenset({"dataset.examined", "finding.recorded"})
"""Entries that repeat what the run document says, one by one: counted, not read."""


def period_entries(
    ledger: Ledger, period: Period, until: datetime, signing: ReviewCase | None
) -> tuple[tuple[Entry, ...], Counter[str]]:
    """Return the entries of the period and of the one before it, and how many were only counted.

    The counts are of the period alone.

    Args:
        signing: A review that is signed: the evidence is what the trail held when it was opened.
    """
    bulk: Counter[str] = Counter()
    # NOTE: stamps compare as text: each has the same length and zone.
    start, end, last = map(format_time, (period.start, period.end, until))

    def is_evidence(seq: int) -> bool:
        return signing is None or seq < signing.seq

    def count(seq: int, kind: str, stamp: str) -> None:
        if start <= stamp < end and stamp <= last and is_evidence(seq):
            bulk[kind] += 1

    since = period.previous().start
    found = read_entries(ledger.path, since=since, until=until, but=_BULK, left_out=count)
    kept = tuple(e for e in found if e.ts < period.end and is_evidence(e.seq))
    return kept, bulk


def run_documents(workspace: Workspace, entries: tuple[Entry, ...]) -> Iterator[Original]:
    """Yield the run documents that the trail vouches for, packed, newest first.

    A document whose digest differs from the one in its run's closing entry is left out; the
    review tells which runs have none. The digest is computed anew where the document is read.
    """
    vouched = {
        entry.run: entry.payload["document_sha256"]
        for entry in entries
        if entry.type == "scan.finished"
    }
    if not vouched or not workspace.facts.exists():
        return
    with FactStore.open(workspace.facts) as store:
        for run, sha256, packed in store.packed_documents(frozenset(filter(None, vouched))):
            if vouched.get(run) == sha256:
                yield Original(packed)


def with_proof(review: Review, entries: tuple[Entry, ...], ledger: Ledger) -> Review:
    """Attach the proof that the digest of the reviewed run document is in the trail."""
    basis = review.basis
    if basis is None or review.trail.checkpoint_size is None:
        return review
    closing = [e.seq for e in entries if e.run == basis.id and e.type == "scan.finished"]
    if not closing or closing[-1] >= review.trail.checkpoint_size:
        return review
    with open_tree(ledger.path) as tree:
        proof = tree.inclusion(closing[-1], first=True).encode()
    names = {row.run: row.name for row in review.evidence}
    file = Attached.of(
        f"{(names.get(basis.id) or 'run').removesuffix('.json')}.tlog-proof",
        "proof that the digest of the run document is in the audit trail (C2SP tlog-proof)",
        proof.encode(),
        "text/plain",
    )
    return replace(review, attached=(*review.attached, file))
