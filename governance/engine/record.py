"""A run to trail events: counts, positions and digests, never a value."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

from governance.model.facts import AssetFacts
from governance.model.outcome import Outcome, Status
from governance.model.policy import EffectivePolicy
from governance.model.run import Run
from governance.model.trail import Event

_FILES_LISTED = 200


def policy_loaded(policy: EffectivePolicy) -> Event:
    """Return the event that pins which policy files were in force."""
    files = [{"path": each.path, "sha256": each.sha256} for each in policy.files[:_FILES_LISTED]]
    more = len(policy.files) - len(files)
    schedules = {name: each.cron for name, each in sorted(policy.project.schedules.items())}
    return Event(
        "policy.loaded",
        {
            "digest": policy.digest,
            "files": files,
            "schedules": schedules,
            "timezone": policy.project.timezone,
            **({"more": more} if more else {}),
        },
    )


def datasets_examined(facts: AssetFacts) -> Iterator[Event]:
    """Yield one event per place that was read, or that could not be."""
    for place in facts.places:
        coverage = place.coverage
        yield Event(
            "dataset.examined",
            {
                "asset": facts.asset.id,
                "place": place.place,
                "uri": place.uri,
                "status": coverage.status.value,
                "reason": coverage.reason,
                "rows": coverage.rows,
                "bytes": coverage.bytes,
                "sampled": coverage.sampled,
                "content": place.content,
                "read_by": place.read_by,
            },
        )


def findings_recorded(outcomes: tuple[Outcome, ...]) -> Iterator[Event]:
    """Yield one event per finding, waived ones included, in the order of the outcomes."""
    for outcome in outcomes:
        if outcome.finding is None:
            continue
        finding = outcome.finding
        yield Event(
            "finding.recorded",
            {
                "id": finding.id,
                "control": outcome.control,
                "asset": outcome.asset,
                "place": outcome.place,
                "field": outcome.field,
                "severity": finding.severity.value,
                "kind": finding.kind.value,
                "state": finding.state.value,
                "confidence": round(finding.confidence * 1000),
                "title": finding.title,
                "owner": finding.owner,
            },
        )


def run_finished(run: Run, document: bytes) -> Event:
    """Return the event that closes a run and pins its document."""
    controls: dict[str, Counter[str]] = {}
    for outcome in run.outcomes:
        controls.setdefault(outcome.control, Counter())[outcome.status.value] += 1
    return Event(
        f"{run.command}.finished",
        {
            "exit_code": run.exit_code,
            "controls": {name: dict(sorted(count.items())) for name, count in controls.items()},
            "assets": len(run.assets),
            "findings": run.count_findings(),
            "document_sha256": hashlib.sha256(document).hexdigest(),
            "findings_root": findings_root(run.outcomes),
        },
    )


def findings_root(outcomes: tuple[Outcome, ...]) -> str:
    """Return the RFC 6962 Merkle root over the ids of all findings, in sorted order."""
    ids = sorted(
        f"{each.finding.id}:{each.status.value}"
        for each in outcomes
        if each.finding and each.status in (Status.FAIL, Status.WAIVED)
    )
    return _merkle_root([hashlib.sha256(b"\0" + each.encode()).digest() for each in ids]).hex()


def _merkle_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = _merkle_root(leaves[:split]), _merkle_root(leaves[split:])
    return hashlib.sha256(b"\1" + left + right).digest()
