"""What the policy files declare, as assets."""

from __future__ import annotations

from collections.abc import Iterable

from governance.model.asset import Asset, AssetKind, Place
from governance.model.policy import EffectivePolicy

TRAIL_ASSET = Asset(id="trail", kind=AssetKind.TRAIL)


def declared_assets(policy: EffectivePolicy) -> tuple[Asset, ...]:
    """Return every dataset, log and model of the policy files, in the order of their ids."""
    assets = [*_datasets(policy), *_logs(policy), *_models(policy)]
    return tuple(sorted(assets, key=lambda asset: (asset.kind, asset.id)))


def _datasets(policy: EffectivePolicy) -> Iterable[Asset]:
    for dataset in policy.datasets.values():
        places = tuple(
            Place(
                name=name,
                uri=_location_uri(location.path or location.url or "", location.table),
                type=location.type,
                region=location.region,
                environment=location.environment,
            )
            for name, location in sorted(dataset.locations.items())
        )
        yield Asset(
            id=dataset.id,
            kind=AssetKind.DATASET,
            places=places,
            owner=_owner(dataset.owner),
            position=policy.position("Dataset", dataset.id),
        )


def _logs(policy: EffectivePolicy) -> Iterable[Asset]:
    for pipeline in policy.pipelines.values():
        for name, log in pipeline.logs.items():
            place = Place(
                name=name,
                uri=log.path,
                type=log.type,
                region=log.region,
                log_fields=tuple(sorted(log.fields.items())),
            )
            yield Asset(
                id=f"{pipeline.id}/{name}",
                kind=AssetKind.LOG,
                places=(place,),
                owner=_owner(pipeline.owner),
                position=policy.position("Pipeline", pipeline.id, f"logs.{name}"),
            )


def _models(policy: EffectivePolicy) -> Iterable[Asset]:
    for model in policy.models.values():
        yield Asset(
            id=model.id,
            kind=AssetKind.MODEL,
            owner=_owner(model.owner),
            position=policy.position("Model", model.id),
        )


def _location_uri(path: str, table: str | None) -> str:
    return f"{path}#{table}" if table else path


def _owner(owner: str | None) -> str | None:
    return None if owner in (None, "none") else owner
