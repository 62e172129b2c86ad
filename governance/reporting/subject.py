"""One asset, owner or run in the middle of a report: everything the scan said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from governance.errors import UsageError
from governance.reporting.counting import MAX_ROWS, Least
from governance.reporting.documents import RunDocument
from governance.reporting.findings import cap
from governance.reporting.inventory import list_accesses, list_assets, list_waivers
from governance.reporting.outcomes import Outcome
from governance.reporting.parts import AccessRow, AssetRow, Capped, FindingRow, WaiverRow
from governance.reporting.rowmaking import finding_row, order_of, severity_of

_NAMED = 8  # choices in an error


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One column or key. ``entity`` is what it is, ``contains`` what occurs in it."""

    asset: str
    place: str
    name: str
    type: str
    rows: int
    entity: str | None
    contains: tuple[str, ...]
    protection: str | None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One outcome on the subject. ``grade`` is of its evidence, A measured to D claimed."""

    control: str
    asset: str
    part: str
    status: str
    reason: str
    grade: str | None


@dataclass(frozen=True, slots=True)
class UseRow:
    """Logged uses by one actor of one dataset for one purpose.

    Args:
        actor: A principal of the policy, or ``unknown:`` with a keyed fingerprint.
        first, last: ISO 8601. networks: Named ranges or ``elsewhere``; no address is kept.
    """

    dataset: str
    actor: str
    action: str
    purpose: str | None
    count: int
    first: str
    last: str
    networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PermitRow:
    """Somebody who may use a dataset, by which rule or grant, until when."""

    dataset: str
    who: str
    actions: tuple[str, ...]
    purpose: str | None
    by: str
    until: str | None
    confirmed: str | None


@dataclass(frozen=True, slots=True)
class FlowRow:
    """Data that a job carried from one dataset to another; the counts are of logged runs."""

    job: str
    source: str
    target: str
    count: int
    last: str


@dataclass(frozen=True)
class Told:
    """What the workspace knows of a subject beyond the run document.

    Args:
        record: Name and text of the policy file, in reading order, by asset.
        organisation: Who answers for the processing, by role.
        policy_digest: Of the policy files that ``permits`` and ``record`` were read from.
        evidence: Whether the logs were kept with the run (else uses and flows are unknown).
    """

    record: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    uses: Sequence[UseRow] = ()
    permits: Sequence[PermitRow] = ()
    flows: Sequence[FlowRow] = ()
    organisation: tuple[tuple[str, str], ...] = ()
    policy_digest: str | None = None
    evidence: bool = False


@dataclass(frozen=True)
class SubjectView:
    """The subject of a report. Without ``id`` it is everything of its kind.

    Args:
        kind: ``dataset``, ``model`` or ``owner``. downstream: Datasets that its data reached.
    """

    kind: str
    id: str | None
    assets: Capped[AssetRow]
    fields: Capped[FieldRow]
    checks: Capped[CheckRow]
    findings: Capped[FindingRow]
    waivers: Capped[WaiverRow]
    accesses: Capped[AccessRow]
    uses: Capped[UseRow]
    permits: Capped[PermitRow]
    flows: Capped[FlowRow]
    downstream: tuple[str, ...]
    record: Mapping[str, tuple[tuple[str, str], ...]]
    organisation: Mapping[str, str]
    policy_digest: str | None
    evidence: bool

    def told(self, asset: str) -> tuple[tuple[str, str], ...]:
        """Return what the policy files say of an asset, in reading order."""
        return self.record.get(asset, ())

    def uses_of(self, asset: str) -> tuple[UseRow, ...]:
        return tuple(row for row in self.uses.rows if row.dataset == asset)

    def permits_of(self, asset: str) -> tuple[PermitRow, ...]:
        return tuple(row for row in self.permits.rows if row.dataset == asset)


def view_subject(
    document: RunDocument | None, kind: str, id: str | None, told: Told
) -> SubjectView:
    """Gather what the run under review says of a subject.

    Raises:
        UsageError: If the run knows no such asset or owner.
    """
    every = list_assets(document).rows if document else ()
    assets = _chosen(every, kind, id)
    if id is not None and document is not None and not assets:
        raise _unknown(kind, id, every)
    names = {row.id for row in assets}
    checks, findings = _outcomes(document, names)
    flows = [row for row in told.flows if row.source in names or row.target in names]
    return SubjectView(
        kind=kind,
        id=id,
        assets=cap(assets),
        fields=cap(_fields(document, names)),
        checks=checks,
        findings=findings,
        waivers=_of(list_waivers(document), lambda row: row.target.split(" ")[0] in names),
        accesses=_of(list_accesses(document), lambda row: row.dataset in names),
        uses=cap([row for row in told.uses if row.dataset in names]),
        permits=cap([row for row in told.permits if row.dataset in names]),
        flows=cap(flows),
        downstream=_downstream(told.flows, names),
        record=told.record,
        organisation=dict(told.organisation),
        policy_digest=told.policy_digest,
        evidence=told.evidence,
    )


def _chosen(rows: Sequence[AssetRow], kind: str, id: str | None) -> list[AssetRow]:
    if kind == "owner":
        fitting = [row for row in rows if row.kind in ("dataset", "model")]
        return [row for row in fitting if id is None or (row.owner or "nobody") == id]
    return [row for row in rows if row.kind == kind and id in (None, row.id)]


def _unknown(kind: str, id: str, rows: Sequence[AssetRow]) -> UsageError:
    if kind == "owner":
        known = sorted({row.owner or "nobody" for row in rows})
    else:
        known = sorted(row.id for row in rows if row.kind == kind)
    named = ", ".join(known[:_NAMED]) + (f" and {len(known) - _NAMED} more"
                                         if len(known) > _NAMED else "")  # fmt: skip
    return UsageError(
        where=f"report --about {id[:60]}",
        problem=f"the scan under review knows no such {kind}",
        remedy=f"use one of: {named or 'none is on record, so run a scan first'}",
    )


def _outcomes(
    document: RunDocument | None, names: set[str]
) -> tuple[Capped[CheckRow], Capped[FindingRow]]:
    checks: Least[CheckRow] = Least(MAX_ROWS)
    findings: Least[FindingRow] = Least(MAX_ROWS)

    def take(outcome: Outcome) -> None:
        if outcome.asset not in names or outcome.status == "not_applicable":
            return
        part = outcome.field or outcome.subject or outcome.place or ""
        key = (outcome.asset, outcome.control, part, outcome.status)
        if checks.wants(key):
            checks.add(key, _check(outcome, part))
        finding = outcome.finding
        if finding is not None:
            order = order_of(severity_of(finding), outcome, finding)
            if findings.wants(order):
                findings.add(order, finding_row(outcome, finding))

    if document and names:
        document.each_outcome(take)
    return checks.capped(), findings.capped()


def _check(outcome: Outcome, part: str) -> CheckRow:
    return CheckRow(
        control=outcome.control,
        asset=outcome.asset,
        part=part,
        status=outcome.status,
        reason=str(outcome.reason),
        grade=outcome.grade,
    )


def _fields(document: RunDocument | None, names: set[str]) -> list[FieldRow]:
    rows = []
    for asset in document.rows("assets") if document else ():
        if str(asset["id"]) not in names:
            continue
        for each in asset.get("fields") or ():
            entity = each.get("entity")
            contains = {str(part["entity"]) for part in each.get("contains") or ()}
            rows.append(
                FieldRow(
                    asset=str(asset["id"]),
                    place=str(asset.get("place") or ""),
                    name=str(each["name"]),
                    type=str(each.get("type")),
                    rows=int(each.get("rows") or 0),
                    entity=str(entity["name"]) if entity else None,
                    contains=tuple(sorted(contains)),
                    protection=_protection(each.get("protection")),
                )
            )
    return sorted(rows, key=lambda row: (row.asset, row.place))


def _protection(shown: Mapping[str, Any] | None) -> str | None:
    if not shown:
        return None
    kinds = [name for name in ("hashed", "masked", "redacted") if shown.get(name)]
    return ", ".join(kinds) or None


def _downstream(flows: Sequence[FlowRow], names: set[str]) -> tuple[str, ...]:
    """Datasets that the subject's data reached over any number of jobs."""
    reached, edge = set(names), set(names)
    while edge:
        edge = {row.target for row in flows if row.source in edge} - reached
        reached |= edge
    return tuple(sorted(reached - names))


def _of(rows: Capped[Any], keep: Any) -> Capped[Any]:  # noqa: ANN401 (any kind of row)
    kept = [row for row in rows.rows if keep(row)]
    return Capped(tuple(kept), len(kept))
