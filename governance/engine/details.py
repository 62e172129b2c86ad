"""What an inventory shows of each asset, as text in reading order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from governance.model.asset import Asset, AssetKind
from governance.model.documents import Dataset, ModelRecord
from governance.model.facts import AccessUse
from governance.model.outcome import Outcome, Status
from governance.model.policy import EffectivePolicy
from governance.model.run import AccessSummary

Details = tuple[tuple[str, str], ...]


def describe(assets: Iterable[Asset], policy: EffectivePolicy) -> tuple[tuple[str, Details], ...]:
    """Return the details of each asset by id; what nobody declared is left out."""
    return tuple((asset.id, tuple(_details(asset, policy))) for asset in assets)


def summarise_accesses(
    accesses: Iterable[AccessUse], outcomes: Iterable[Outcome]
) -> tuple[AccessSummary, ...]:
    """Return the logged accesses per declared dataset, and how many of them were denied.

    An access counts as denied when a finding of an access control covers it, waived or not.
    """
    denied: dict[str, int] = {}
    for outcome in outcomes:
        if outcome.control in ("access-granted", "access-in-window") and outcome.status in (
            Status.FAIL,
            Status.WAIVED,
        ):
            denied[outcome.asset] = denied.get(outcome.asset, 0) + int(outcome.measured or 0)
    grouped: dict[str, list[AccessUse]] = {}
    for use in accesses:
        if use.declared:
            grouped.setdefault(use.dataset, []).append(use)
    return tuple(
        AccessSummary(
            dataset=dataset,
            events=sum(use.count for use in uses),
            denied=denied.get(dataset, 0),
            actors=len({use.actor for use in uses}),
            first=min(use.minute for use in uses),
            last=max(use.until for use in uses),
        )
        for dataset, uses in sorted(grouped.items())
    )


def _details(asset: Asset, policy: EffectivePolicy) -> Iterator[tuple[str, str]]:
    if asset.kind is AssetKind.DATASET and asset.id in policy.datasets:
        yield from _dataset_details(policy.datasets[asset.id])
    elif asset.kind is AssetKind.MODEL and asset.id in policy.models:
        yield from _model_details(policy.models[asset.id])
    elif asset.kind is AssetKind.LOG:
        pipeline = policy.pipelines.get(asset.id.rpartition("/")[0])
        if pipeline:
            yield "pipeline", pipeline.id
            yield "purpose", pipeline.purpose


def _dataset_details(dataset: Dataset) -> Iterator[tuple[str, str]]:
    retention = dataset.retention
    told = {
        "title": dataset.title,
        "steward": dataset.steward,
        "classification": dataset.classification,
        "subjects": ", ".join(dataset.subjects),
        "purposes": ", ".join(dataset.purposes or ()),
        "legal_basis": dataset.legal_basis,
        "retention": f"{retention.max_age}, then {retention.then}" if retention else None,
        "residency": ", ".join(dataset.residency or ()),
        "last_review": max((str(review.on) for review in dataset.reviews), default=None),
    }
    yield from ((key, str(value)) for key, value in told.items() if value)


def _model_details(model: ModelRecord) -> Iterator[tuple[str, str]]:
    tests = sorted(model.tests.values(), key=lambda test: (test.on, test.kind), reverse=True)
    told = {
        "title": model.title,
        "steward": model.steward,
        "risk_class": model.risk_class,
        "intended_use": model.intended_use,
        "out_of_scope": model.out_of_scope,
        "version": model.version,
        "training_data": ", ".join(f"{name} {at}" for name, at in sorted(model.training.items())),
        "trained_on": model.trained_on,
        "deployed_on": model.deployed_on,
        "tests": "; ".join(f"{test.on} {test.kind} {test.result}" for test in tests),
        "last_review": max((str(review.on) for review in model.reviews), default=None),
    }
    yield from ((key, str(value)) for key, value in told.items() if value)
