"""Whom facts can be taken from when the file that carries them lies in the change itself.

Whoever may edit the file may edit what was measured. A key that the base pins settles it: only
what it signed counts, and the newer of two. Where no key is pinned, the base's facts count as
well: a change may add to what was found, and take nothing away.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from governance.engine.travel import parse_facts
from governance.model.measured import AssetRecord, Stored
from governance.model.policy import EffectivePolicy
from governance.policy.commits import Fork, file_at


def facts_of_base(root: Path, fork: Fork, stored: Stored, policy: EffectivePolicy) -> Stored | None:
    """Return the facts that the base holds in the same file; None where it holds none.

    Raises:
        FactsError: If they are not what was exported.
    """
    if stored.is_trusted:
        return None
    gate = policy.project.gate.facts
    named = [stored.path, str(root / gate) if gate else None]
    for path in filter(None, named):
        data = file_at(root, fork.commit, Path(path))
        if data is not None and hashlib.sha256(data).hexdigest() == stored.sha256:
            return stored
        if data is not None:
            return parse_facts(data, f"{stored.source} at {fork}", policy)
    return None


def newest_vouched(stored: Stored, before: Stored | None, policy: EffectivePolicy) -> Stored:
    """Return, where a key is pinned, the newest of what it signed on either side."""
    if before is None or policy.project.trail is None:
        return stored
    newest: dict[tuple[str, str], AssetRecord] = {}
    for record in (*before.records, *stored.records):
        known = newest.get(record.key)
        if known is None or (record.vouched, record.taken) >= (known.vouched, known.taken):
            newest[record.key] = record
    return replace(stored, records=tuple(record for _, record in sorted(newest.items())))


def doubts(stored: Stored, before: Stored) -> tuple[str, ...]:
    """Return what must be said of facts that the change edits and that nobody vouches for."""
    now = {record.key: record for record in stored.records}
    edited = [each.key for each in before.records if _differs(now.get(each.key), each)]
    if not edited:
        return ()
    named = ", ".join(name for _, name in edited[:5])
    return (
        f"the change edits the facts of {len(edited)} assets ({named}) and no pinned key signed "
        "them: what the base's facts show counts as well (trail.public_key pins a key)",
    )


def _differs(now: AssetRecord | None, was: AssetRecord) -> bool:
    return now is None or (now != was and not now.vouched)
