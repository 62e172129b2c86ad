"""What an earlier run measured of the same bytes with the same tool is not measured again.

A measurement is kept under a key of everything that it depends on: the content of the place, the
detectors and what they are told to look for, the fields that the policy singles out, this tool's
own code and the libraries that decide. Controls are evaluated anew in every run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from importlib.metadata import entry_points, version
from pathlib import Path

from blake3 import blake3
from pydantic import TypeAdapter, ValidationError

from governance.detectors.plugins import GROUP
from governance.engine.closer import singled_out
from governance.engine.growth import Growing, load
from governance.engine.lens import Examined, Lens, is_divisible, kind_of
from governance.engine.snapshot import dump_measured
from governance.facts.store import FactStore
from governance.model.asset import Asset, Place
from governance.model.coverage import CoverageStatus
from governance.model.facts import AccessUse, AssetFacts, ColumnFlow, LineageUse, PlaceFacts
from governance.sources.digest import Content, content_of, is_untouched
from governance.sources.extent import EVERYTHING

# The libraries whose version can change what a scan finds.
DECISIVE = (
    "fastavro", "duckdb", "openpyxl", "phonenumbers", "polars", "presidio-analyzer", "pyarrow",
    "python-stdnum", "regex", "spacy",
)  # fmt: skip
# Rooms whose code decides what is measured.
_MEASURING = ("anonymity", "detectors", "engine", "model", "sources")


@dataclass(frozen=True, slots=True)
class Kept:
    """What one place held, as it is stored."""

    run: str
    facts: PlaceFacts
    accesses: tuple[AccessUse, ...] = ()
    lineage: tuple[LineageUse, ...] = ()
    flows: tuple[ColumnFlow, ...] = ()


_ADAPTER = TypeAdapter(Kept)


@dataclass(frozen=True)
class _Known:
    key: str
    growing_key: str
    content: Content


@dataclass
class Reuse:
    """The places of a run of which an earlier one measured the same bytes.

    Args:
        fresh: The assets with the places that have to be read.
        used: Keys of the measurements that stand in for the others.
        growing: The places read of which the beginning may be known, by asset and place name.
    """

    fresh: tuple[Asset, ...]
    used: tuple[str, ...] = ()
    growing: Mapping[tuple[str, str], Growing] = field(default_factory=dict)
    _known: Mapping[tuple[str, str], _Known] = field(default_factory=dict)
    _kept: Mapping[str, Kept] = field(default_factory=dict)

    def complete(
        self, assets: Sequence[Asset], examined: Sequence[Examined]
    ) -> tuple[Examined, ...]:
        """Return what every asset held: what was read now, and what stands in for the rest."""
        return tuple(
            self._joined(asset, found) for asset, found in zip(assets, examined, strict=True)
        )

    def readings(self, examined: Sequence[Examined], run: str, root: Path) -> Mapping[str, bytes]:
        """Return the new measurements worth keeping, by key.

        Left out is what was skipped, what somebody wrote to while it was read, and uses that
        cannot be told apart by place.
        """
        found = {}
        for each in examined:
            asset = each.facts.asset
            uses_apart = len(asset.places) == 1 or not (each.accesses or each.lineage)
            for place, facts in zip(asset.places, each.facts.places, strict=False):
                known = self._known.get((asset.id, place.uri))
                if known is None or facts.read_by or not uses_apart:
                    continue
                read = facts.coverage.status is not CoverageStatus.SKIPPED
                if read and is_untouched(known.content, place, root):
                    kept = Kept(run, facts, lineage=each.lineage, flows=each.flows)
                    rest = _ADAPTER.dump_python(kept, mode="json")
                    found[known.key] = dump_measured(rest, each.accesses)
                    if place.name in each.kept:
                        found[known.growing_key] = each.kept[place.name]
        return found

    def _joined(self, asset: Asset, found: Examined) -> Examined:
        now = {facts.place: facts for facts in found.facts.places}
        accesses, lineage = list(found.accesses), list(found.lineage)
        flows = list(found.flows)
        places = []
        for place in asset.places:
            known = self._known.get((asset.id, place.uri))
            kept = self._kept.get(known.key) if known else None
            if kept is not None and place.name not in now:
                places.append(replace(kept.facts, place=place.name, read_by=kept.run))
                accesses += kept.accesses
                lineage += kept.lineage
                flows += kept.flows
            elif place.name in now:
                content = known.content.digest if known else None
                places.append(replace(now[place.name], content=content))
        facts = AssetFacts(replace(asset, kind=kind_of(asset)), tuple(places))
        return replace(
            found,
            facts=facts,
            accesses=tuple(accesses),
            lineage=tuple(lineage),
            flows=tuple(flows),
        )


def plan_reuse(assets: Sequence[Asset], lens: Lens, path: Path, *, run: str, full: bool) -> Reuse:
    """Return what has to be read of the assets and what need not.

    Args:
        run: This run's id.
        path: The facts that earlier runs left. full: Whether to read everything again.
    """
    known = {
        (asset.id, place.uri): _Known(
            _key(asset, place, content.digest, lens), _key(asset, place, "growing", lens), content
        )
        for asset in assets
        for place in asset.places
        if (content := content_of(place, lens.workspace.root, lens.key))
    }
    kept = {} if full else _load(path, [each.key for each in known.values()])
    stands_in = {where for where, each in known.items() if each.key in kept}
    fresh = tuple(_without(asset, stands_in) for asset in assets)
    growing = {
        (asset.id, place.name): Growing(run, each.content.files)
        for asset in fresh
        for place in asset.places
        if (each := known.get((asset.id, place.uri))) and _may_grow(place, lens)
    }
    return Reuse(
        fresh=fresh,
        used=(*sorted(kept), *(known[where].growing_key for where in sorted(stands_in))),
        growing=growing if full else _with_earlier(growing, fresh, known, path),
        _known=known,
        _kept=kept,
    )


def _may_grow(place: Place, lens: Lens) -> bool:
    return is_divisible(place) and lens.extent == EVERYTHING and lens.explain is None


def _with_earlier(
    growing: Mapping[tuple[str, str], Growing],
    assets: Sequence[Asset],
    known: Mapping[tuple[str, str], _Known],
    path: Path,
) -> Mapping[tuple[str, str], Growing]:
    """Add what earlier runs kept of places that still begin with it."""
    keys = {
        (asset.id, place.name): known[asset.id, place.uri].growing_key
        for asset in assets
        for place in asset.places
        if (asset.id, place.name) in growing
    }
    if not path.exists() or not keys:
        return growing
    with FactStore.open(path) as store:
        kept = store.readings(keys.values())
    found = {where: load(kept[key]) for where, key in keys.items() if key in kept}
    return {where: replace(each, earlier=found.get(where)) for where, each in growing.items()}


def _without(asset: Asset, stands_in: set[tuple[str, str]]) -> Asset:
    places = (place for place in asset.places if (asset.id, place.uri) not in stands_in)
    return replace(asset, places=tuple(places))


def _load(path: Path, keys: Sequence[str]) -> dict[str, Kept]:
    if not path.exists():
        return {}
    kept = {}
    with FactStore.open(path) as store:
        for key, body in store.readings(keys).items():
            try:
                kept[key] = _ADAPTER.validate_python(json.loads(body))
            except (ValidationError, json.JSONDecodeError):
                continue  # written by a version that is not this one: the place is read again
    return kept


def _key(asset: Asset, place: Place, content: str, lens: Lens) -> str:
    policy = lens.workspace.policy
    is_log = asset.id not in policy.datasets and asset.declared
    depends = {
        "content": content,
        "place": [asset.id, place.name, place.uri, place.type.value, place.log_fields],
        "countries": policy.project.countries,
        "nlp": policy.project.nlp.model_dump(mode="json"),
        "detectors": repr(sorted(policy.detectors.items())),
        "fields": singled_out(policy, asset, place),
        # NOTE: the uses of a log are counted under the names that the policy knows.
        "policy": policy.digest if is_log else None,
        "limits": [asdict(lens.limits), asdict(lens.extent)],
        "tool": _tool(),
    }
    return blake3(json.dumps(depends, sort_keys=True).encode(), key=_key_of(lens.key)).hexdigest()


def _key_of(secret: bytes) -> bytes:
    return blake3(secret, derive_key_context="governance 2026-11 key of a measurement").digest()


@lru_cache(maxsize=1)
def _tool() -> str:
    """Return a digest of the code that measures and the versions of what it relies on."""
    digest = blake3()
    root = Path(__file__).parent.parent
    for room in _MEASURING:
        for path in sorted((root / room).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    plugins = sorted(
        f"{point.name}={point.value}@{point.dist.version if point.dist else ''}"
        for point in entry_points(group=GROUP)
    )
    digest.update("\n".join([*(version(name) for name in DECISIVE), *plugins]).encode())
    return digest.hexdigest()
