"""What the trail tells beside the scans: policy changes, approvals, records made by people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.model.trail import Entry
from governance.reporting.findings import cap
from governance.reporting.parts import Capped
from governance.reporting.period import Period

_FILES = 6  # named in one row; the trail has them all


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A scan that saw other policy files than the one before it.

    Args:
        files: What changed, as ``added``, ``changed`` or ``removed`` and the path.
    """

    at: datetime
    seq: int
    digest: str
    before: str | None
    files: Capped[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Weakening:
    """A change that needed somebody's approval.

    Args:
        sentence: The change in words, but for persons; None where the trail does not hold it.
        what: The kind of which document. direction: Where it leads.
        id: The one under which ``policy diff`` tells the whole, and approvals name it.
    """

    sentence: str | None
    what: str
    direction: str
    id: str


@dataclass(frozen=True, slots=True)
class GateRow:
    """A decision of the policy gate over a change that weakens something.

    Args:
        weakenings: Changes that needed somebody's approval.
        base: The commit that the change was compared with.
    """

    at: datetime
    seq: int
    verdict: str
    commit: str | None
    pull_request: str | None
    weakenings: Capped[Weakening]
    approved_by: tuple[str, ...]
    base: str | None = None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """Something a person recorded: an incident, a drill, a training, a law looked at.

    Args:
        kind: As the trail says it. declared: Always: a person said so, nothing measured it.
        facts: Name to text, in the order of the record.
    """

    kind: str
    id: str
    at: datetime
    on: str
    by: tuple[str, ...]
    actor: str
    seq: int
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ChangesView:
    """Policy changes, gate decisions, changed lists of known findings, requested waivers."""

    policies: Capped[PolicyChange]
    versions: int
    gates: Capped[GateRow]
    others: Capped[RecordRow]


_OTHERS = ("baseline.changed", "waiver.requested")


def view_changes(entries: Sequence[Entry], period: Period) -> ChangesView:
    """Return the changes of a period.

    Args:
        entries: In order; those before the period tell what was in force when it began.
    """
    policies: list[PolicyChange] = []
    gates: list[GateRow] = []
    others: list[RecordRow] = []
    before: tuple[str, Mapping[str, str]] | None = None
    versions: set[str] = set()
    for entry in entries:
        inside = period.holds(entry.ts)
        if entry.type == "policy.loaded":
            digest, files = str(entry.payload.get("digest")), _files(entry.payload)
            if inside:
                versions.add(digest)
            if inside and before is not None and before[0] != digest:
                policies.append(_policy_change(entry, digest, before, files))
            before = (digest, files)
        elif inside and entry.type == "gate.decided":
            gate = _gate(entry)
            if gate.weakenings.total:
                gates.append(gate)
        elif inside and entry.type in _OTHERS:
            others.append(_record(entry, entry.type))
    return ChangesView(cap(policies), len(versions), cap(gates), cap(others))


def list_records(entries: Iterable[Entry], kinds: Sequence[str]) -> Capped[RecordRow]:
    """Return what people recorded of some kinds, oldest first; of one id the newest stands."""
    newest: dict[tuple[str, str], RecordRow] = {}
    for entry in entries:
        kind = str(entry.payload.get("kind") or entry.type.partition(".")[0])
        is_record = entry.type.startswith(("record.", "incident.", "drill."))
        if is_record and kind in kinds:
            row = _record(entry, kind)
            newest[row.kind, row.id] = row
    return cap(sorted(newest.values(), key=lambda row: row.seq))


def _policy_change(
    entry: Entry, digest: str, before: tuple[str, Mapping[str, str]], files: Mapping[str, str]
) -> PolicyChange:
    old = before[1]
    changed = [("added", path) for path in sorted(files.keys() - old.keys())]
    changed += [("removed", path) for path in sorted(old.keys() - files.keys())]
    changed += [
        ("changed", path) for path in sorted(files.keys() & old.keys()) if files[path] != old[path]
    ]
    told = Capped(tuple(changed[:_FILES]), len(changed))
    return PolicyChange(entry.ts, entry.seq, digest, before[0], told)


def _files(payload: Mapping[str, Any]) -> dict[str, str]:
    rows = payload.get("files") or ()
    return {str(row["path"]): str(row["sha256"]) for row in rows if isinstance(row, Mapping)}


def _gate(entry: Entry) -> GateRow:
    told = entry.payload
    changes = [change for change in told.get("changes") or () if isinstance(change, Mapping)]
    weakenings = [
        Weakening(
            sentence=_text(change, "sentence") or None,
            what=f"{_text(change, 'document')}: {_text(change, 'kind')}",
            direction=_text(change, "direction"),
            id=_text(change, "id"),
        )
        for change in changes
    ]
    people = {str(who) for change in changes for who in change.get("approved_by") or ()}
    return GateRow(
        at=entry.ts,
        seq=entry.seq,
        verdict=str(told.get("verdict")),
        commit=_commit(told.get("head")),
        base=_commit(told.get("base")),
        pull_request=told.get("pull_request"),
        weakenings=Capped(tuple(weakenings[:_FILES]), len(changes) + int(told.get("more") or 0)),
        approved_by=tuple(sorted(people)),
    )


def _text(change: Mapping[str, Any], name: str) -> str:
    return str(change.get(name) or "")


def _commit(side: object) -> str | None:
    commit = side.get("commit") if isinstance(side, Mapping) else None
    return str(commit) if commit else None


def _record(entry: Entry, kind: str) -> RecordRow:
    told = entry.payload
    facts = told.get("facts")
    pairs = facts if isinstance(facts, Mapping) else told
    by = told.get("by")
    return RecordRow(
        kind=kind,
        id=str(told.get("id") or entry.seq),
        at=entry.ts,
        on=str(told.get("on") or f"{entry.ts:%Y-%m-%d}"),
        by=tuple(map(str, by)) if isinstance(by, list | tuple) else (),
        actor=entry.actor,
        seq=entry.seq,
        facts=tuple(
            (str(name), str(text))
            for name, text in pairs.items()
            if name not in ("id", "kind", "on", "by") and not isinstance(text, list | Mapping)
        ),
    )
