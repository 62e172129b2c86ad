"""Worlds for control tests, built from plain data: a case is a map, as in tests/cases/controls.

A case starts from one declared dataset that is in order, ``sales.orders``, and says what is
different: ``dataset`` keys are laid over it, ``documents`` are added, ``facts`` replace what
was measured of the asset under test.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from governance.model.asset import Asset, AssetKind, Place, PlaceType
from governance.model.chronicle import Chronicle, IssuedReport, ScheduleFacts, SignedReview
from governance.model.coverage import Coverage, CoverageStatus
from governance.model.documents import (
    Dataset,
    Grant,
    ModelRecord,
    Pipeline,
    Policy,
    Project,
    Team,
    Waiver,
)
from governance.model.facts import (
    AccessUse,
    AssetFacts,
    ColumnEnd,
    ColumnFlow,
    EntityFacts,
    FieldFacts,
    LineageUse,
    PlaceFacts,
    ProtectionFacts,
    TrailFacts,
    Verdict,
)
from governance.model.ladders import Severity
from governance.model.parts import CategorySpec
from governance.model.policy import EffectivePolicy
from governance.model.records import Record, RecordKind
from governance.model.taxonomy import TaxonomyIndex
from governance.model.world import OpenFinding, World

NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)
LOG = "etl.orders/access"
_KINDS = {
    "Dataset": Dataset,
    "Grant": Grant,
    "Model": ModelRecord,
    "Pipeline": Pipeline,
    "Policy": Policy,
    "Team": Team,
    "Waiver": Waiver,
}
TAXONOMY = TaxonomyIndex(
    categories={
        "user": CategorySpec(description="about a person", personal=True),
        "user.health": CategorySpec(description="health", special=True),
        "system": CategorySpec(description="about machines", personal=False),
    },
    entities={
        "EMAIL_ADDRESS": "user.contact.email",
        "PHONE_NUMBER": "user.contact.phone_number",
        "PERSON": "user.name",
        "DATE_OF_BIRTH": "user.demographic.date_of_birth",
        "MEDICAL_LICENSE": "user.health",
        "SECRET": "user.authorization",
        "URL": "system.operations",
    },
    purposes={"billing": "invoices", "analytics.product": "statistics", "marketing.ads": "ads"},
    regions={"EU": ("DE", "IE")},
)
BASE: dict[str, dict[str, Any]] = {
    "team:sales": {
        "kind": "Team",
        "id": "sales",
        "lead": "user:ana@example.org",
        "members": {
            "user:ana@example.org": {"since": "2020-01-01", "roles": ["analyst"]},
            "user:bo@example.org": {"since": "2020-01-01", "until": "2026-03-31"},
        },
        "contacts": {"email": "sales@example.org"},
    },
    "team:platform": {
        "kind": "Team",
        "id": "platform",
        "lead": "user:cy@example.org",
        "members": {
            "user:cy@example.org": {"since": "2020-01-01"},
            "service:etl": {"since": "2020-01-01", "roles": ["pipeline"]},
        },
    },
    "dataset": {
        "kind": "Dataset",
        "id": "sales.orders",
        "owner": "team:sales",
        "steward": "team:platform",
        "classification": "confidential",
        "subjects": ["customer"],
        "purposes": ["billing"],
        "legal_basis": "contract",
        "collected": {"from": "web checkout", "since": "2020-01-01"},
        "locations": {"shop": {"path": "orders.csv", "region": "DE", "environment": "export"}},
        "residency": ["EU"],
        "fields": {
            "order_id": {"category": "system.operations"},
            "email": {"category": "user.contact.email"},
        },
        "reviews": [{"on": "2026-05-01", "by": ["user:ana@example.org", "user:cy@example.org"]}],
    },
    "pipeline": {
        "kind": "Pipeline",
        "id": "etl.orders",
        "owner": "team:platform",
        "purpose": "billing",
        "logs": {"access": {"type": "access", "path": "access.jsonl"}},
    },
}
CLEAN = {"shop": {"fields": {"order_id": {}, "email": {"verdict": "EMAIL_ADDRESS"}}}}


def build(case: dict[str, Any]) -> tuple[Asset, World]:
    """Return the asset under test and the world around it."""
    policy = _policy(case)
    asset = _asset(case, policy)
    facts: dict[str, AssetFacts] = {}
    told = case.get("facts", CLEAN if asset.id == "sales.orders" else None)
    if told is not None:
        facts[asset.id] = AssetFacts(asset, tuple(_place(*item) for item in told.items()))
    told_logs = {"accesses", "lineage", "flows"} & case.keys()
    logs = {**{LOG: {}}, **case.get("logs", {})} if told_logs else {}
    for name, coverage in case.get("logs", logs).items():
        if name != asset.id:
            facts[name] = _log_facts(name, coverage)
    world = World(
        policy=policy,
        now=NOW,
        facts=facts,
        trail=TrailFacts(**case.get("trail", {"entries": 3, "level": "INTACT"})),
        accesses=tuple(_access(**use) for use in case.get("accesses", ())),
        access_logs=(LOG,) if "accesses" in case else (),
        lineage=tuple(_lineage(**use) for use in case.get("lineage", ())),
        lineage_logs=(LOG,) if {"lineage", "flows"} & case.keys() else (),
        flows=tuple(_flow(**flow) for flow in case.get("flows", ())),
        has_workspace=case.get("has_workspace", True),
        chronicle=_chronicle(**case.get("chronicle", {})),
        open_findings=_open(case),
    )
    return asset, world


def _policy(case: dict[str, Any]) -> EffectivePolicy:
    base = {**BASE, "dataset": {**BASE["dataset"], **case.get("dataset", {})}}
    documents: dict[str, dict[str, Any]] = {kind: {} for kind in _KINDS}
    for told in [*base.values(), *case.get("documents", ())]:
        document = _KINDS[told["kind"]].model_validate({"apiVersion": "governance/v1", **told})
        documents[told["kind"]][document.id] = document
    project = {"kind": "Project", "id": "acme", **case.get("project", {})}
    return EffectivePolicy(
        project=Project.model_validate({"apiVersion": "governance/v1", **project}),
        taxonomy=TAXONOMY,
        teams=documents["Team"],
        datasets=documents["Dataset"],
        pipelines=documents["Pipeline"],
        models=documents["Model"],
        policies=documents["Policy"],
        grants=documents["Grant"],
        waivers=documents["Waiver"],
        detectors={},
        origins={},
        files=(),
        digest="sha256:00",
        references=case.get("references", {}),
    )


def _asset(case: dict[str, Any], policy: EffectivePolicy) -> Asset:
    told = {"id": "sales.orders", "kind": "dataset", **case.get("asset", {})}
    kind = AssetKind(told["kind"])
    record = policy.datasets.get(told["id"]) or policy.models.get(told["id"])
    pipeline = policy.pipelines.get(told["id"].partition("/")[0])
    dataset = policy.datasets.get(told["id"])
    places = tuple(
        Place(name, spec.path or "", spec.type, spec.region, spec.environment)
        for name, spec in (dataset.locations.items() if dataset else ())
    )
    if kind is AssetKind.LOG and pipeline:
        spec = pipeline.logs[told["id"].partition("/")[2]]
        places = (Place("access", spec.path, spec.type, log_fields=(("who", "user"),)),)
    return Asset(
        id=told["id"],
        kind=kind,
        places=places or (Place("here", told["id"], PlaceType.AUTO),),
        owner=(record or pipeline).owner if record or pipeline else None,
        declared=told.get("declared", True),
    )


def _place(name: str, told: dict[str, Any]) -> PlaceFacts:
    fields = tuple(_field(*item) for item in told.get("fields", {}).items())
    return PlaceFacts(name, f"{name}.csv", _coverage(told), fields)


def _coverage(told: dict[str, Any]) -> Coverage:
    status = CoverageStatus(told.get("status", "complete"))
    reason = None if status is CoverageStatus.COMPLETE else told.get("reason", "cut short")
    return Coverage(status, reason, told.get("rows", 100), 1000)


def _field(name: str, told: dict[str, Any]) -> FieldFacts:
    verdict = told.get("verdict")
    protection = told.get("protection")
    return FieldFacts(
        name=name,
        type="string",
        rows=told.get("rows", 100),
        nulls=told.get("nulls", 0),
        distinct=told.get("distinct", 90),
        verdict=Verdict(verdict, 0.95, ("shape",), told.get("runner_up")) if verdict else None,
        contains=tuple(_entity(**entity) for entity in told.get("contains", ())),
        free_text=told.get("free_text", False),
        days=tuple((_day(day), rows) for day, rows in told.get("days", ())),
        undated=told.get("undated", 0),
        protection=_protection(**protection) if protection else None,
    )


def _entity(
    entity: str,
    rows: int = 3,
    *,
    sure: bool = True,
    share: float = 0.03,
    detail: str | None = None,
    lines: tuple[int, ...] = (2, 5, 9),
) -> EntityFacts:
    first = tuple(lines)[:rows]
    return EntityFacts(entity, rows, rows, share, None, first, "a***", "v1:0", sure, detail)


def _protection(
    redacted: int = 0,
    masked: int = 0,
    hashed: int = 0,
    other: int = 0,
    bits: int | None = 256,
    unfit: dict[str, int] | None = None,
    coded: int = 0,
) -> ProtectionFacts:
    distinct = redacted + masked + hashed + other
    return ProtectionFacts(
        distinct,
        redacted,
        masked,
        hashed,
        bits if hashed else None,
        other,
        tuple(sorted((unfit or {}).items())),
        coded,
    )


def _log_facts(name: str, told: dict[str, Any]) -> AssetFacts:
    return AssetFacts(Asset(name, AssetKind.LOG), (PlaceFacts("log", name, _coverage(told)),))


def _access(
    who: str = "user:ana@example.org",
    action: str = "read",
    at: str = "2026-06-10T10:00:00+00:00",
    **told: Any,
) -> AccessUse:
    return AccessUse(
        log=LOG,
        actor=who,
        action=action,
        dataset=told.get("dataset", "sales.orders"),
        declared=told.get("declared", True),
        purpose=told.get("purpose", "billing"),
        network=told.get("network", "10.1.2.3"),
        region=told.get("region"),
        minute=_instant(at),
        count=told.get("count", 1),
        lines=tuple(told.get("lines", (7,))),
    )


def _lineage(job: str = "airflow/etl.orders", **told: Any) -> LineageUse:
    return LineageUse(
        log=LOG,
        job=job,
        pipeline=told.get("pipeline"),
        dataset=told.get("dataset", "sales.orders"),
        declared=told.get("declared", True),
        role=told.get("role", "input"),
        count=told.get("count", 1),
        first=NOW,
        last=NOW,
        lines=(3,),
        purpose=told.get("purpose"),
    )


def _flow(source: str, target: str = "sales.orders.email", **told: Any) -> ColumnFlow:
    return ColumnFlow(
        log=LOG,
        job=told.get("job", "airflow/etl.orders"),
        pipeline=told.get("pipeline"),
        source=_end(source),
        target=_end(target),
        direct=told.get("direct", True),
        masking=told.get("masking"),
        count=told.get("count", 1),
        first=NOW,
        last=NOW,
        lines=(3,),
    )


def _end(text: str) -> ColumnEnd:
    """Return the end that ``sales.orders@shop.email`` names; ``?`` in front: undeclared."""
    name, _, column = text.removeprefix("?").rpartition(".")
    dataset, _, place = name.partition("@")
    return ColumnEnd(dataset, not text.startswith("?"), place or None, column)


def _day(text: str | date) -> date:
    return text if isinstance(text, date) else date.fromisoformat(text)


def _instant(text: str | datetime) -> datetime:
    instant = text if isinstance(text, datetime) else datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _chronicle(**told: Any) -> Chronicle:
    return Chronicle(
        enabled=told.get("enabled", True),
        problem=told.get("problem"),
        records=tuple(_record(seq, **each) for seq, each in enumerate(told.get("records", ()))),
        reviews=tuple(
            SignedReview(
                each["id"], "2026", _day(each["on"]), tuple(each["by"]), frozenset(each["assets"])
            )
            for each in told.get("reviews", ())
        ),
        schedules=tuple(
            ScheduleFacts(
                each["name"],
                "0 2 * * *",
                NOW,
                each["due"],
                tuple(map(_instant, each.get("missed", ()))),
            )
            for each in told.get("schedules", ())
        ),
        reports=tuple(
            IssuedReport(each["sha256"], "annual", "2025", _day(each["on"]), each.get("same"))
            for each in told.get("reports", ())
        ),
    )


def _record(seq: int, kind: str, on: str | date, **told: Any) -> Record:
    facts = {name: str(value) for name, value in told.get("facts", {}).items()}
    by = tuple(told.get("by", ("user:cy@example.org",)))
    return Record(RecordKind(kind), told.get("id", f"r{seq}"), _day(on), by, facts, NOW, seq)


def _open(case: dict[str, Any]) -> dict[str, tuple[OpenFinding, ...]] | None:
    if "open" not in case:
        return None
    return {
        asset: tuple(
            OpenFinding(f"f{number}", Severity(each["severity"]), _instant(each["since"]))
            for number, each in enumerate(found)
        )
        for asset, found in case["open"].items()
    }
